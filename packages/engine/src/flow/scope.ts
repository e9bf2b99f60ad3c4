import { parsePath, parseTemplate, toReference, type Name, type Reference } from "../template.ts";
import { parseCondition } from "./condition.ts";
import type { Json, JsonObject } from "./definition.ts";
import { formatPath, type Path, type Report } from "./fault.ts";
import { isList, isObject, ownMember } from "./json.ts";
import {
  closedObject,
  describeOutline,
  either,
  itemsOf,
  memberNames,
  memberOf,
  outlineOf,
  scalar,
  unknown,
  type Outline,
} from "./outline.ts";
import { didYouMean } from "./suggest.ts";
import { idOf, nodesOf } from "./tree.ts";

/**
 * Reports every template and every `over` that names what cannot exist at its place. Works on a definition that may be faulty: a member
 * that cannot be read is skipped, and what it would have told is taken as unknown, so that one fault is not reported twice.
 */
export function checkScopes(definition: JsonObject, report: Report): void {
  const initial = inputOutline(ownMember(definition, "input"));
  const paths = new Map<string, Path>();
  for (const { node, path } of nodesOf(definition)) {
    const id = idOf(node);
    if (id !== undefined && !paths.has(id)) paths.set(id, path);
  }
  const steps = ownMember(definition, "steps");
  const place: Place = { input: initial, initial, steps: new Map(), item: undefined };
  sequenceOutput(isList(steps) ? steps : [], { place, path: ["steps"], context: { paths, report } });
}

/** What templates may read at one place of the tree. */
interface Place {
  readonly input: Outline;
  readonly initial: Outline;
  /** Earlier steps that are visible here. */
  readonly steps: ReadonlyMap<string, Outline>;
  /** The innermost loop's item; undefined outside loops. */
  readonly item: Outline | undefined;
}

interface Context {
  /** Every step of the tree, to explain why one is not visible. */
  readonly paths: ReadonlyMap<string, Path>;
  readonly report: Report;
}

/** Where the check stands. */
interface Position {
  readonly place: Place;
  readonly path: Path;
  readonly context: Context;
}

function inputOutline(schema: Json | undefined): Outline {
  if (schema === undefined) return closedObject({ message: scalar });
  return isObject(schema) ? outlineOf(schema) : unknown;
}

/** Checks a sequence and gives the outline of its last step's output. */
function sequenceOutput(nodes: readonly Json[], { place, path, context }: Position): Outline {
  // One map for the whole sequence: what is inside a node reads it, or copies it, before the next step is added.
  const steps = new Map(place.steps);
  let input = place.input;
  for (const [index, node] of nodes.entries()) {
    if (!isObject(node)) {
      input = unknown;
      continue;
    }
    input = nodeOutput(node, { place: { ...place, input, steps }, path: [...path, index], context });
    const id = idOf(node);
    if (id !== undefined) steps.set(id, input);
  }
  return input;
}

/** Checks one node, with what is inside it, and gives the outline of its output. */
function nodeOutput(node: JsonObject, at: Position): Outline {
  switch (ownMember(node, "type")) {
    case "llm":
      checkTemplates(node["system"], below(at, "system"));
      checkTemplates(node["prompt"], below(at, "prompt"));
      return isObject(node["output"]) ? outlineOf(node["output"]) : closedObject({ text: scalar });
    case "passthrough":
      return at.place.input;
    case "loop":
      return loopOutput(node, at);
    case "parallel":
      return parallelOutput(node, at);
    case "branch":
      return branchOutput(node, at);
    case "flow":
      checkTemplates(node["input"], below(at, "input"));
      return unknown;
    default:
      // What code returns is known when it runs; a kind that does not exist is reported elsewhere.
      return unknown;
  }
}

function below(at: Position, ...segments: Path): Position {
  return { ...at, path: [...at.path, ...segments] };
}

function loopOutput(node: JsonObject, at: Position): Outline {
  const item = typeof node["over"] === "string" ? overItems(node["over"], below(at, "over")) : unknown;
  const place: Place = { ...at.place, input: closedObject({ item, index: scalar }), item };
  return closedObject({ items: { kind: "list", items: innerOutput(node["steps"], { ...below(at, "steps"), place }) } });
}

function innerOutput(steps: Json | undefined, at: Position): Outline {
  return isList(steps) ? sequenceOutput(steps, at) : unknown;
}

function parallelOutput(node: JsonObject, at: Position): Outline {
  if (!isObject(node["branches"])) return unknown;
  const outputs = Object.entries(node["branches"]).map(
    ([name, steps]) => [name, innerOutput(steps, below(at, "branches", name))] as const,
  );
  return { kind: "object", members: new Map(outputs), isOpen: false };
}

/** One of the paths; the input itself when none is taken and there is no `else`. */
function branchOutput(node: JsonObject, at: Position): Outline {
  const cases = (isList(node["when"]) ? node["when"] : []).map((entry, index) =>
    caseOutput(isObject(entry) ? entry : {}, below(at, "when", index)),
  );
  const otherwise = node["else"] === undefined ? at.place.input : innerOutput(node["else"], below(at, "else"));
  return either([...cases, otherwise]);
}

function caseOutput({ if: source, steps }: JsonObject, at: Position): Outline {
  const condition = typeof source === "string" ? parseCondition(source) : "";
  // What cannot be read is reported elsewhere.
  const references = typeof condition === "string" ? [] : condition.references;
  for (const { names, source: shown } of references) checkReference(toReference(names, shown), below(at, "if"), shown);
  return innerOutput(steps, below(at, "steps"));
}

/** Checks the path of a loop's list and gives what its items are. */
function overItems(over: string, { place, path, context }: Position): Outline {
  const names = parsePath(over);
  if (typeof names === "string") return unknown;
  const found = follow(place.input, names, 0);
  if (found.outline === undefined) {
    const here = namesBelow(found.last, names.slice(0, found.count));
    context.report({
      path,
      message: `\`${over}\` names nothing that can exist in this step's input.${hint(over, here)}`,
    });
    return unknown;
  }
  const items = itemsOf(found.outline);
  if (items !== undefined) return items;
  context.report({
    path,
    message: `\`${over}\` names ${describeOutline(found.outline)}; a loop needs a list. Name a list of this step's input.`,
  });
  return unknown;
}

/** Checks the templates in a string, or in the strings of a value. */
function checkTemplates(value: Json | undefined, at: Position): void {
  if (typeof value === "string") {
    for (const part of parseTemplate(value, "").template.parts) {
      if (typeof part !== "string") checkReference(part, at, `{{${part.source}}}`);
    }
    return;
  }
  if (isList(value)) for (const [index, inner] of value.entries()) checkTemplates(inner, below(at, index));
  else if (isObject(value)) for (const [name, inner] of Object.entries(value)) checkTemplates(inner, below(at, name));
}

/** `shown` is the reference as its author wrote it. */
function checkReference(reference: Reference, at: Position, shown: string): void {
  const { place, path, context } = at;
  const { names, source } = reference;
  if (reference.root === "steps" && names.length === 1) return;
  const stepId = reference.root === "steps" ? names[1]?.text : undefined;
  if (stepId !== undefined && !place.steps.has(stepId)) {
    const why = explainInvisible(stepId, at);
    return context.report({ path, message: `\`${shown}\` names no step that has run before this one.${why}` });
  }
  const start = startOf(reference, place);
  const found = follow(start.outline, names, start.count);
  if (found.outline !== undefined) return;
  const here = found.count === 0 ? namesAt(place) : namesBelow(found.last, names.slice(0, found.count));
  context.report({ path, message: `\`${shown}\` names nothing that can exist here.${hint(source, here)}` });
}

/** Where a reference begins, and how many of its names that takes. */
function startOf({ root, names }: Reference, place: Place): { readonly outline: Outline; readonly count: number } {
  const stepId = names[1]?.text;
  if (root === "initial") return { outline: place.initial, count: 1 };
  if (root === "steps" && stepId !== undefined) return { outline: place.steps.get(stepId) ?? unknown, count: 2 };
  if (root === "item" && place.item !== undefined) return { outline: place.item, count: 1 };
  if (root === "index" && place.item !== undefined) return { outline: scalar, count: 1 };
  return { outline: place.input, count: 0 };
}

interface Found {
  /** Undefined when the path leads nowhere. */
  readonly outline: Outline | undefined;
  /** The last value that can exist, and how many names lead to it. */
  readonly last: Outline;
  readonly count: number;
}

function follow(start: Outline, names: readonly Name[], from: number): Found {
  let last = start;
  for (let count = from; count < names.length; count += 1) {
    const name = names[count];
    const next = name && memberOf(last, name);
    if (next === undefined) return { outline: undefined, last, count };
    last = next;
  }
  return { outline: last, last, count: names.length };
}

/** Why a step cannot be named here, or which ones can when there is none of that id. */
function explainInvisible(stepId: string, { place, path, context }: Position): string {
  const other = context.paths.get(stepId);
  if (other === undefined) {
    const ids = [...place.steps.keys()].map((id) => `steps.${id}`);
    return ids.length === 0 ? "" : hint(`steps.${stepId}`, ids);
  }
  const where = `\`${stepId}\` is ${formatPath(other)}`;
  const isAround = other.every((segment, depth) => segment === path[depth]);
  if (isAround) return ` ${where}, this step itself or around it: its output does not exist yet.`;
  if (comesBefore(other, path)) return ` ${where}, inside a container: use the container's output instead.`;
  return ` ${where}, which runs later or beside this one: move it before this step.`;
}

/** Is the first place, where the two part, earlier in the same sequence? Branches run side by side. */
function comesBefore(other: Path, path: Path): boolean {
  const depth = other.findIndex((segment, index) => segment !== path[index]);
  const [a, b] = [other[depth], path[depth]];
  return typeof a === "number" && typeof b === "number" && a < b && path[depth - 1] !== "when";
}

/** Everything that can be named at a place: the input's fields first, then the roots with theirs. */
function namesAt(place: Place): readonly string[] {
  const withFields = (root: string, outline: Outline): readonly string[] => {
    const fields = memberNames(outline);
    return fields.length === 0 ? [root] : fields.map((name) => `${root}.${name}`);
  };
  return [
    ...memberNames(place.input),
    ...(place.item === undefined ? [] : [...withFields("item", place.item), "index"]),
    ...withFields("initial", place.initial),
    ...[...place.steps].flatMap(([id, outline]) => withFields(`steps.${id}`, outline)),
  ];
}

function namesBelow(outline: Outline, before: readonly Name[]): readonly string[] {
  const prefix = before.map((name) => `${name.text}.`).join("");
  return memberNames(outline).map((name) => prefix + name);
}

const maxNamesShown = 20;
/** Comparing takes time in proportion to the names. */
const maxNamesCompared = 500;

function hint(written: string, names: readonly string[]): string {
  const unique = [...new Set(names)].slice(0, maxNamesCompared);
  if (unique.length === 0) return " Nothing lies below that value.";
  const shown = unique.slice(0, maxNamesShown).map((name) => `\`${name}\``);
  return `${didYouMean(written, unique)} Possible: ${shown.join(", ")}${unique.length > maxNamesShown ? ", …" : ""}.`;
}
