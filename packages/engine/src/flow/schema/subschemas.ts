import type { Json, JsonObject } from "../definition.ts";
import type { Path } from "../fault.ts";
import { isList, isObject, ownMember } from "../json.ts";

type Holding = "one" | "list" | "map";

/** The keywords of draft 2020-12 that hold schemas; `definitions` is the older name of `$defs`. */
const holders: ReadonlyMap<string, Holding> = new Map<string, Holding>([
  ["properties", "map"],
  ["patternProperties", "map"],
  ["additionalProperties", "one"],
  ["unevaluatedProperties", "one"],
  ["propertyNames", "one"],
  ["dependentSchemas", "map"],
  ["items", "one"],
  ["prefixItems", "list"],
  ["unevaluatedItems", "one"],
  ["contains", "one"],
  ["allOf", "list"],
  ["anyOf", "list"],
  ["oneOf", "list"],
  ["not", "one"],
  ["if", "one"],
  ["then", "one"],
  ["else", "one"],
  ["$defs", "map"],
  ["definitions", "map"],
]);

/** Keywords whose schema is applied once per item or member of the value, not once. */
const repeating: ReadonlySet<string> = new Set([
  "patternProperties",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "items",
  "unevaluatedItems",
  "contains",
]);

export const schemaKeywords: ReadonlySet<string> = new Set([
  ...holders.keys(),
  ..."$schema $id $ref $comment title description default deprecated readOnly writeOnly examples format".split(" "),
  ..."type enum const nullable multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern".split(
    " ",
  ),
  ..."maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired".split(
    " ",
  ),
  ..."contentEncoding contentMediaType contentSchema".split(" "),
]);

interface Subschema {
  readonly schema: Json;
  /** From the schema around it, such as `["properties", "name"]`. */
  readonly path: Path;
}

/** The schemas directly inside `schema`. Members that have the wrong shape hold none. */
function subschemas(schema: JsonObject): readonly Subschema[] {
  return Object.entries(schema).flatMap(([keyword, value]): readonly Subschema[] => {
    const holding = holders.get(keyword);
    if (holding === "one") return [{ schema: value, path: [keyword] }];
    if (holding === "list" && isList(value))
      return value.map((inner, index) => ({ schema: inner, path: [keyword, index] }));
    if (holding === "map" && isObject(value)) {
      return Object.entries(value).map(([name, inner]) => ({ schema: inner, path: [keyword, name] }));
    }
    return [];
  });
}

/** A copy of `schema` in which every schema directly inside it is what `replace` makes of it. */
export function mapSubschemas(schema: JsonObject, replace: (inner: Json, isRepeated: boolean) => Json): JsonObject {
  const mapped = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    const holding = holders.get(keyword);
    const replaceOne = (inner: Json): Json => replace(inner, repeating.has(keyword));
    if (holding === "one") return [keyword, replaceOne(value)];
    if (holding === "list" && isList(value)) return [keyword, value.map(replaceOne)];
    if (holding === "map" && isObject(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaceOne(inner)]))];
    }
    return [keyword, value];
  });
  return Object.fromEntries(mapped);
}

/** Calls `visit` for `schema` and every schema in it that is an object. */
export function walkSchema(schema: Json, visit: (schema: JsonObject, path: Path) => void, path: Path = []): void {
  if (!isObject(schema)) return;
  visit(schema, path);
  for (const inner of subschemas(schema)) walkSchema(inner.schema, visit, [...path, ...inner.path]);
}

/** What a local `$ref` such as `#/$defs/item` points at; undefined when it points nowhere or out of the document. */
export function resolveLocalRef(ref: string, root: JsonObject): Json | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let current: Json | undefined = root;
  for (const escaped of ref.slice(2).split("/")) {
    const name = unescapePointer(escaped);
    if (isList(current)) current = /^\d+$/u.test(name) ? current[Number(name)] : undefined;
    else current = isObject(current) ? ownMember(current, name) : undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

function unescapePointer(text: string): string {
  const name = text.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(name);
  } catch {
    // A stray percent sign stands for itself.
    return name;
  }
}
