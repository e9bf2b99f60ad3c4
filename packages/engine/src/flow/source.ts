import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { Json } from "./definition.ts";
import { formatPath, type Fault, type Path, type Report } from "./fault.ts";
import { findJsonFault } from "./json-fault.ts";

/** Bound of a file or a stored definition, in UTF-16 units. */
export const maxSourceLength = 1_000_000;
/** Bound of the levels of objects and lists: 32 levels of steps take up to four each, a schema 64 more. */
export const maxDepth = 200;
/** Bound of the values in a document once its aliases are put in. */
export const maxValues = 200_000;

/** A place in a text, from 1; `column` counts UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export type Source =
  | {
      readonly ok: true;
      readonly value: Json;
      /** What is wrong although there is a value: names that are there twice, and values that JSON lacks. */
      readonly faults: readonly Fault[];
      /** Where the fault's path is in the text; the nearest thing around it when it is missing there. */
      readonly locate: (fault: Fault) => TextPlace;
    }
  | { readonly ok: false; readonly faults: readonly (Fault & TextPlace)[] };

/**
 * Reads YAML 1.2 (its core schema, no tags but the core's, no merge keys) or JSON as a JSON value, and remembers where everything was.
 * Aliases are put in, within bounds.
 */
export function readSource(text: string, format: "yaml" | "json"): Source {
  if (text.length > maxSourceLength) {
    return refuse(
      { line: 1, column: 1 },
      `the text is ${text.length} characters long; the limit is ${maxSourceLength}.`,
    );
  }
  // A byte order mark is no part of the text; the JSON parser would stumble over it.
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const jsonFault = format === "json" ? findJsonSyntaxFault(bare) : undefined;
  return jsonFault === undefined
    ? readYaml(bare)
    : refuse(jsonFault, "from here on the text is no JSON. Mend the syntax.");
}

function refuse(place: TextPlace, message: string): Source {
  return { ok: false, faults: [{ path: [], ...place, message }] };
}

function findJsonSyntaxFault(text: string): TextPlace | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return findJsonFault(text);
  }
}

/** Every JSON text is YAML too, so one reader serves both. */
function readYaml(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Left to `toValue`: the library compares every key with every other.
    uniqueKeys: false,
    resolveKnownTags: false,
    // At `silent` the library overlooks a second document.
    logLevel: "error",
  });
  const placeAt = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntaxFaults = findSyntaxFaults(document);
  if (syntaxFaults.length > 0) {
    return {
      ok: false,
      faults: syntaxFaults.map(({ offset, message }) => ({ path: [], ...placeAt(offset), message })),
    };
  }
  return readDocument(document, placeAt);
}

interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** The first ones: after a slip, the library misreads much of what follows. */
const maxSyntaxFaults = 20;

function findSyntaxFaults(document: Document.Parsed): readonly SyntaxFault[] {
  const faults = [...document.errors, ...document.warnings].map(toSyntaxFault);
  if (document.directives.yaml.version !== "1.2")
    faults.push({ offset: 0, message: "only YAML 1.2 is read. Remove the `%YAML` line." });
  return [...new Map(faults.map((fault) => [`${fault.offset} ${fault.message}`, fault])).values()].slice(
    0,
    maxSyntaxFaults,
  );
}

const syntaxFixes: { readonly [Code in YAMLError["code"]]?: string } = {
  BAD_ALIAS: "Name an anchor.",
  BAD_INDENT: "Indent it like its neighbours.",
  BLOCK_AS_IMPLICIT_KEY: "Put a text with `: ` in it in quotes, or indent what follows.",
  MISSING_CHAR: "Close what was opened, or put the text in quotes.",
  MULTIPLE_DOCS: "One file holds one document; remove the `---` between them.",
  NON_STRING_KEY: "Names are texts.",
  TAB_AS_INDENT: "Indent with spaces.",
  TAG_RESOLVE_FAILED: "Remove the tag; write the value as it is.",
  UNEXPECTED_TOKEN: "Put the text in quotes.",
};

function toSyntaxFault({ code, message, pos }: YAMLError): SyntaxFault {
  const [offset] = pos;
  if (code === "RESOURCE_EXHAUSTION") return { offset, message: tooDeep };
  const reason = message.split("\n", 1)[0]?.replace(/\.$/u, "") ?? code;
  return {
    offset,
    message: `the text is no YAML here: ${reason}.${code in syntaxFixes ? ` ${syntaxFixes[code]}` : ""}`,
  };
}

const tooDeep = `is nested more than ${maxDepth} levels deep. Flatten it.`;

/** A document that cannot be read to its end. */
class Unreadable extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

function readDocument(document: Document.Parsed, placeAt: (offset: number) => TextPlace): Source {
  const faults: Fault[] = [];
  const reading: Reading = {
    anchors: new Map(),
    targets: new Map(),
    open: new Set(),
    values: 0,
    report: (fault) => void faults.push(fault),
  };
  const locate = (fault: Fault): TextPlace => placeAt(offsetOf(fault, document.contents, reading.targets));
  try {
    const value = toValue(document.contents, [], reading);
    return { ok: true, value, faults, locate };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const fault = { path: error.path, message: error.message };
    return { ok: false, faults: [{ ...fault, ...locate(fault) }] };
  }
}

/** What one reading of a document gathers on its way. */
interface Reading {
  readonly anchors: Map<string, Node>;
  /** What each alias stands for. */
  readonly targets: Map<Alias, Node>;
  /** Nodes around the one that is being read. */
  readonly open: Set<Node>;
  values: number;
  readonly report: Report;
}

function toValue(node: Node | null, path: Path, reading: Reading): Json {
  reading.values += 1;
  if (reading.values > maxValues)
    throw new Unreadable(
      [],
      `the document holds more than ${maxValues} values once its aliases are put in. Make it smaller.`,
    );
  if (path.length > maxDepth) throw new Unreadable(path, tooDeep);
  if (isAlias(node)) return toAliased(node, path, reading);
  if (node === null) return null;
  if (node.anchor !== undefined && node.anchor !== "") reading.anchors.set(node.anchor, node);
  if (isScalar(node)) return toScalar(node.value, path, reading);
  reading.open.add(node);
  const value = isMap(node) ? toObject(node, path, reading) : toList(node, path, reading);
  reading.open.delete(node);
  return value;
}

function toAliased(alias: Alias, path: Path, reading: Reading): Json {
  const target = reading.anchors.get(alias.source);
  if (target === undefined)
    throw new Unreadable(path, `no anchor \`&${alias.source}\` stands before this alias. Add it, or write the value.`);
  if (reading.open.has(target))
    throw new Unreadable(path, `the alias \`*${alias.source}\` holds itself. Write the value.`);
  reading.targets.set(alias, target);
  return toValue(target, path, reading);
}

function toScalar(value: unknown, path: Path, { report }: Reading): Json {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const shown = typeof value === "number" ? String(value) : `a ${typeof value}`;
  report({ path, message: `${shown} is no value of JSON. Write a finite number, or put it in quotes.` });
  return null;
}

function toList(node: Node, path: Path, reading: Reading): Json {
  return isSeq<Node>(node) ? node.items.map((item, index) => toValue(item, [...path, index], reading)) : null;
}

function toObject(map: YAMLMap, path: Path, reading: Reading): Json {
  const members = new Map<string, Json>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const here = [...path, name];
    if (name === "__proto__")
      reading.report({ path: here, at: "name", message: "`__proto__` cannot be a name here. Choose another one." });
    else if (members.has(name))
      reading.report({
        path: here,
        at: "name",
        message: `\`${name}\` is there twice in ${formatPath(path) || "the document"}. Remove one of the two.`,
      });
    else members.set(name, toValue(value as Node | null, here, reading)); // reason: the library's parser makes nodes, its type allows anything
  }
  return Object.fromEntries(members);
}

function offsetOf({ path, at }: Fault, root: Node | null, targets: ReadonlyMap<Alias, Node>): number {
  let node = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [depth, segment] of path.entries()) {
    const holder = isAlias(node) ? targets.get(node) : node;
    const isLast = depth === path.length - 1;
    if (isMap<Node, Node | null>(holder)) {
      // The last one of that name is the one that is too many.
      const pair = holder.items.findLast(({ key }) => isScalar(key) && key.value === segment);
      if (pair === undefined) return offset;
      node = isLast && at === "name" ? pair.key : (pair.value ?? pair.key);
    } else if (isSeq<Node>(holder)) {
      const item = holder.items[Number(segment)];
      if (item === undefined) return offset;
      node = item;
    } else {
      return offset;
    }
    offset = node.range?.[0] ?? offset;
  }
  return offset;
}
