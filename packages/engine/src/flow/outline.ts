import type { Json, JsonObject } from "./definition.ts";
import { isList, isObject, ownMember } from "./json.ts";
import { resolveLocalRef } from "./schema/subschemas.ts";

/** What is known about a value before any run: enough to tell whether a name can exist in it. */
export type Outline =
  | { readonly kind: "unknown" }
  /** Text, a number, a boolean or null: nothing lies below. */
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly items: Outline }
  /** `isOpen`: other members may exist too. */
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Outline>; readonly isOpen: boolean }
  | { readonly kind: "either"; readonly options: readonly Outline[] };

export const unknown: Outline = { kind: "unknown" };
export const scalar: Outline = { kind: "scalar" };

export function closedObject(members: { readonly [name: string]: Outline }): Outline {
  return { kind: "object", members: new Map(Object.entries(members)), isOpen: false };
}

export function either(options: readonly Outline[]): Outline {
  const [only, ...others] = options;
  return only !== undefined && others.length === 0 ? only : { kind: "either", options };
}

/** What a path's next name leads to; undefined when it cannot exist. */
export function memberOf(
  outline: Outline,
  name: { readonly text: string; readonly index: number },
): Outline | undefined {
  switch (outline.kind) {
    case "unknown":
      return unknown;
    case "scalar":
      return undefined;
    case "list":
      return name.index === -1 ? undefined : outline.items;
    case "object":
      return outline.members.get(name.text) ?? (outline.isOpen ? unknown : undefined);
    case "either": {
      const found = outline.options.map((option) => memberOf(option, name)).filter((option) => option !== undefined);
      return found.length === 0 ? undefined : either(found);
    }
  }
}

/** The members that are known by name. */
export function memberNames(outline: Outline): readonly string[] {
  switch (outline.kind) {
    case "object":
      return [...outline.members.keys()];
    case "either":
      return [...new Set(outline.options.flatMap(memberNames))];
    case "list":
      return ["0"];
    case "unknown":
    case "scalar":
      return [];
  }
}

/** What an item of the list is; undefined when the value cannot be a list. */
export function itemsOf(outline: Outline): Outline | undefined {
  switch (outline.kind) {
    case "unknown":
      return unknown;
    case "list":
      return outline.items;
    case "either": {
      const found = outline.options.map(itemsOf).filter((items) => items !== undefined);
      return found.length === 0 ? undefined : either(found);
    }
    case "object":
    case "scalar":
      return undefined;
  }
}

/** In words, for messages. */
export function describeOutline(outline: Outline): string {
  switch (outline.kind) {
    case "scalar":
      return "a single value";
    case "list":
      return "a list";
    case "object":
      return "an object";
    case "either":
      return [...new Set(outline.options.map(describeOutline))].join(" or ");
    case "unknown":
      return "any value";
  }
}

/** What a JSON Schema tells. Properties that it does not name may exist only when `additionalProperties` or `patternProperties` says so. */
export function outlineOf(schema: JsonObject): Outline {
  return outlineWithin(schema, { root: schema, begun: new Map() });
}

interface Document {
  readonly root: JsonObject;
  /** Outlines by schema; unknown for those that are being worked out, so that recursion ends. */
  readonly begun: Map<JsonObject, Outline>;
}

function outlineWithin(schema: Json | undefined, document: Document): Outline {
  if (!isObject(schema)) return unknown;
  const known = document.begun.get(schema);
  if (known !== undefined) return known;
  document.begun.set(schema, unknown);
  const outline = combine(schema, document);
  document.begun.set(schema, outline);
  return outline;
}

/** The schema's own keywords and what it takes from others: a `$ref`, each of `allOf` and the conditional ones add, `anyOf` and `oneOf` offer. */
function combine(schema: JsonObject, document: Document): Outline {
  const { $ref, allOf, anyOf, oneOf, then, else: otherwise, dependentSchemas } = schema;
  const added = [
    typeof $ref === "string" ? resolveLocalRef($ref, document.root) : undefined,
    ...(isList(allOf) ? allOf : []),
    then,
    otherwise,
    ...(isObject(dependentSchemas) ? Object.values(dependentSchemas) : []),
  ];
  const offered = [anyOf, oneOf].filter(isList);
  const parts = [
    ownOutline(schema, document),
    ...added.map((inner) => outlineWithin(inner, document)),
    ...offered.map((options) => either(options.map((inner) => outlineWithin(inner, document)))),
  ].filter((part) => !isUnknown(part));
  return parts.length === 0 ? unknown : parts.reduce(merge);
}

function isUnknown(outline: Outline): boolean {
  return outline.kind === "unknown" || (outline.kind === "either" && outline.options.every(isUnknown));
}

function ownOutline(schema: JsonObject, document: Document): Outline {
  const types = [ownMember(schema, "type") ?? impliedType(schema)].flat();
  return either(
    types.map((type) => {
      if (type === "object") return objectOutline(schema, document);
      if (type === "array") return listOutline(schema, document);
      return type === undefined ? unknown : scalar;
    }),
  );
}

/** A schema without `type` that speaks of members or items means a value that has them. */
function impliedType(schema: JsonObject): "object" | "array" | undefined {
  if (ownMember(schema, "properties") !== undefined) return "object";
  return ownMember(schema, "items") === undefined ? undefined : "array";
}

/** `type: object` and nothing else. */
const anyObject: Outline = { kind: "object", members: new Map(), isOpen: true };

function objectOutline(schema: JsonObject, document: Document): Outline {
  const { properties, additionalProperties, patternProperties } = schema;
  if (properties === undefined && additionalProperties === undefined && patternProperties === undefined)
    return anyObject;
  const members = Object.entries(isObject(properties) ? properties : {}).map(
    ([name, inner]) => [name, outlineWithin(inner, document)] as const,
  );
  const isOpen = (additionalProperties ?? false) !== false || patternProperties !== undefined;
  return { kind: "object", members: new Map(members), isOpen };
}

function listOutline({ items, prefixItems }: JsonObject, document: Document): Outline {
  const kinds = [...(isList(prefixItems) ? prefixItems : []), ...(items === undefined ? [] : [items])];
  return {
    kind: "list",
    items: kinds.length === 0 ? unknown : either(kinds.map((inner) => outlineWithin(inner, document))),
  };
}

/** Both hold at once. Two objects have the members of both; otherwise what either one allows may exist. */
function merge(a: Outline, b: Outline): Outline {
  if (a === anyObject) return b;
  if (a.kind === "object" && b.kind === "object") {
    return b === anyObject
      ? a
      : { kind: "object", members: new Map([...a.members, ...b.members]), isOpen: a.isOpen || b.isOpen };
  }
  return either([a, b]);
}
