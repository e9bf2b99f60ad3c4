import { TerminalError } from "./errors.ts";
import type { Json, JsonObject } from "./flow/definition.ts";
import { describeKind, isList, isObject, ownMember } from "./flow/json.ts";

/**
 * Logic-less text with `{{path}}` in it, as `contract.md` §9 has it.
 *
 * A path is names and list indices: `report.lines.0.text` or `report.lines[0].text`. It begins in the step's input unless its first name is
 * `initial` (the flow's input), `steps` (then a step's id) or, inside a loop, `item` or `index`. Only own members of objects and elements
 * of lists are reached; there is no `length`, no call, no filter, no condition. Text is inserted as it is, anything else as JSON. What was
 * inserted is never read as a template again.
 *
 * A literal `{{` is written `\{{`, and a backslash right before a value `\\{{path}}`; other backslashes are text. `{{{` is refused, since it
 * looks like Mustache's raw form and nothing is escaped here anyway; braces around a value are `{ {{path}} }`.
 */
export interface Template {
  readonly parts: readonly (string | Reference)[];
  /** Of which step and member, for messages; such as "step `check`, prompt". */
  readonly place: string;
}

/** One `{{path}}`. */
export interface Reference {
  readonly root: "input" | "initial" | "steps" | "item" | "index";
  /** The whole path, its root's name included. */
  readonly names: readonly Name[];
  /** As written, without the braces. */
  readonly source: string;
}

/** One name of a path; `index` is its value as an index into a list, -1 when it is none. */
export interface Name {
  readonly text: string;
  readonly index: number;
}

/** What a step's templates may read. */
export interface TemplateScope {
  readonly input: Json;
  readonly initial: JsonObject;
  /** Outputs of the earlier steps that are visible to this one, by id. */
  readonly steps: { readonly [stepId: string]: Json };
  /** The innermost loop's pass; absent outside loops. */
  readonly loop?: { readonly item: Json; readonly index: number };
}

/** A JSON value whose strings are templates. */
export type CompiledValue =
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "list"; readonly items: readonly CompiledValue[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, CompiledValue])[] };

/** Reads a template and tells everything that is wrong with it; `template` then holds what could be read. */
export function parseTemplate(
  text: string,
  place: string,
): { readonly template: Template; readonly faults: readonly string[] } {
  const parts: (string | Reference)[] = [];
  const faults: string[] = [];
  let literal = "";
  let offset = 0;
  while (faults.length < maxFaults) {
    const open = text.indexOf("{{", offset);
    if (open === -1) break;
    const backslashes = countBackslashesBefore(text, open, offset);
    literal += text.slice(offset, open - Math.ceil(backslashes / 2));
    if (backslashes % 2 === 1) {
      literal += "{{";
      offset = open + 2;
      continue;
    }
    const tag = readTag(text, open);
    offset = tag.end;
    if ("fault" in tag) {
      faults.push(tag.fault);
      continue;
    }
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(tag.reference);
  }
  literal += text.slice(offset);
  if (literal !== "" || parts.length === 0) parts.push(literal);
  return { template: { parts, place }, faults };
}

/** Past this, the rest of a template is not looked at. */
const maxFaults = 20;

/** The same for a text that was checked before; throws `TerminalError` (`INVALID_TREE`) when it is faulty after all. */
export function compileTemplate(text: string, place: string): Template {
  const { template, faults } = parseTemplate(text, place);
  const [fault] = faults;
  if (fault !== undefined) throw new TerminalError("INVALID_TREE", `${place}: ${fault}`);
  return template;
}

/** Fills the template in. Throws `TerminalError` (`STEP_FAILED`) that names step, template and path when a value is missing; never the values. */
export function render(template: Template, scope: TemplateScope): string {
  let text = "";
  for (const part of template.parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = lookUp(part, template, scope);
    text += typeof value === "string" ? value : toJson(value, template);
    if (text.length > maxRenderedLength) {
      throw new TerminalError(
        "STEP_FAILED",
        `${template.place}: the text grows beyond ${maxRenderedLength} characters. Insert less.`,
      );
    }
  }
  return text;
}

/** Bound of a filled-in template, in UTF-16 units, so that a few short templates cannot fill the memory. */
export const maxRenderedLength = 8_000_000;

function toJson(value: Json, { place }: Template): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new TerminalError("STEP_FAILED", `${place}: a value is nested too deeply to be written as JSON.`, { cause });
  }
}

/** Compiles every string of `value`; throws as `compileTemplate` does. */
export function compileValue(value: Json, place: string): CompiledValue {
  if (typeof value === "string") return { kind: "template", template: compileTemplate(value, place) };
  if (value === null || typeof value !== "object") return { kind: "literal", value };
  if (isList(value))
    return { kind: "list", items: value.map((item, index) => compileValue(item, `${place}[${index}]`)) };
  return {
    kind: "object",
    members: Object.entries(value).map(([name, member]) => [name, compileValue(member, `${place}.${name}`)]),
  };
}

/** Fills every template in. A string that is one `{{path}}` alone becomes the value itself, so that lists and numbers stay what they are. */
export function renderValue(value: CompiledValue, scope: TemplateScope): Json {
  switch (value.kind) {
    case "literal":
      return value.value;
    case "template": {
      const [only, ...others] = value.template.parts;
      if (only !== undefined && typeof only !== "string" && others.length === 0)
        return lookUp(only, value.template, scope);
      return render(value.template, scope);
    }
    case "list":
      return value.items.map((item) => renderValue(item, scope));
    case "object":
      return Object.fromEntries(value.members.map(([name, member]) => [name, renderValue(member, scope)]));
  }
}

/** Reads a path such as `report.lines[0]`, without braces; a string says what is wrong with it. */
export function parsePath(source: string): readonly Name[] | string {
  const names: Name[] = [];
  for (const part of source.split(".")) {
    const [name, ...indices] = part.split("[");
    if (name === undefined || !/^[^\s\]{}()|#/!>&^=<*+"'`,;\\]+$/u.test(name)) return noPath;
    if (!indices.every((index) => /^\d+\]$/u.test(index))) return noPath;
    names.push(toName(name), ...indices.map((index) => toName(index.slice(0, -1))));
  }
  return names;
}

const noPath = "a path is names between dots, such as `report.lines[0].text`; templates have no logic";

type Tag = { readonly end: number } & ({ readonly reference: Reference } | { readonly fault: string });

/** Bound of a `{{path}}`, so that finding its end takes no longer for a long text. */
const maxTagLength = 500;

function readTag(text: string, open: number): Tag {
  const [line = ""] = text.slice(open, open + maxTagLength).split("\n", 1);
  const close = line.indexOf("}}", 2);
  if (close === -1) {
    const fix = "End it with `}}` on the same line, or write `\\{{` for a literal `{{`.";
    return { end: open + 2, fault: `\`${shorten(line)}\` is not closed. ${fix}` };
  }
  const end = open + close + 2;
  const shown = `\`${shorten(line.slice(0, close + 2))}\``;
  const reference = readReference(line.slice(2, close).trim());
  return typeof reference === "string" ? { end, fault: `${shown} ${reference}` } : { end, reference };
}

/** What stands between the braces; a string says what is wrong with it. */
function readReference(source: string): Reference | string {
  if (source.startsWith("{")) {
    return "opens with three braces. Write `{{path}}` for the value, or `{ {{path}} }` for the value in braces.";
  }
  if (source === "") return "is empty. Name a value, or write `\\{{` for a literal `{{`.";
  const names = parsePath(source);
  if (typeof names === "string") return `cannot be read: ${names}. A literal \`{{\` is written \`\\{{\`.`;
  if (names[0]?.text === "steps" && names.length === 1) {
    return "lacks a step's id: `{{steps.<id>}}` or `{{steps.<id>.field}}`.";
  }
  return referenceOf(names, source);
}

/** The same for names that were read elsewhere. */
export function toReference(names: readonly string[], source: string): Reference {
  return referenceOf(names.map(toName), source);
}

function referenceOf(names: readonly Name[], source: string): Reference {
  return { root: roots.find((root) => root === names[0]?.text) ?? "input", names, source };
}

const roots = ["initial", "steps", "item", "index"] as const;

function toName(text: string): Name {
  const isIndex = /^(?:0|[1-9]\d{0,8})$/u.test(text);
  return { text, index: isIndex ? Number(text) : -1 };
}

function countBackslashesBefore(text: string, offset: number, start: number): number {
  let count = 0;
  while (offset - count > start && text[offset - count - 1] === "\\") count += 1;
  return count;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function lookUp(reference: Reference, template: Template, { input, initial, steps, loop }: TemplateScope): Json {
  if (reference.root === "initial") return descend(initial, 1, reference, template);
  if (reference.root === "steps") return descend(steps, 1, reference, template);
  if (reference.root === "item" && loop !== undefined) return descend(loop.item, 1, reference, template);
  if (reference.root === "index" && loop !== undefined) return descend(loop.index, 1, reference, template);
  return descend(input, 0, reference, template);
}

/** Follows the reference's names from the `from`-th on, beginning in `value`. */
function descend(value: Json, from: number, reference: Reference, template: Template): Json {
  let current = value;
  for (let at = from; at < reference.names.length; at += 1) {
    const name = reference.names[at];
    const member = name === undefined ? undefined : elementOf(current, name);
    if (member === undefined) throw missing(reference, at, template, current);
    current = member;
  }
  return current;
}

/** What a path leads to from `value`; undefined when there is nothing. */
export function valueAt(value: Json, names: readonly Name[]): Json | undefined {
  let current: Json | undefined = value;
  for (const name of names) current = current === undefined ? undefined : elementOf(current, name);
  return current;
}

function elementOf(value: Json, name: Name): Json | undefined {
  if (isList(value)) return name.index === -1 ? undefined : value[name.index];
  return isObject(value) ? ownMember(value, name.text) : undefined;
}

function missing({ names, source }: Reference, at: number, { place }: Template, owner: Json): TerminalError {
  const path = names
    .slice(0, at)
    .map((name) => name.text)
    .join(".");
  const parent = path === "" ? "the step's input" : `\`${path}\``;
  const name = names[at]?.text;
  const reason =
    isObject(owner) || isList(owner)
      ? `${parent} has no \`${name}\` in this run`
      : `${parent} is ${describeKind(owner)} in this run`;
  const fix = "Make it `required` where it comes from, or give it a `default` there.";
  return new TerminalError("STEP_FAILED", `${place}: \`{{${source}}}\` has no value, because ${reason}. ${fix}`);
}
