import type { Json, JsonObject, JsonSchema } from "../flow/definition.ts";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Never what every object inherits, such as `constructor`. */
export function ownMember(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

const keywordsByType = {
  object: ["properties", "required", "additionalProperties", "minProperties", "maxProperties", "dependentRequired"],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
} as const;

/** The types that a schema allows, `null` last; what its keywords speak of when it names none. */
export function typesOf(schema: JsonSchema): readonly string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  const named = listOf(type).filter((name) => typeof name === "string");
  if (named.length > 0) return named.toSorted((a, b) => Number(a === "null") - Number(b === "null"));
  const spokenOf = Object.entries(keywordsByType).find(([, keywords]) => keywords.some((keyword) => keyword in schema));
  return [spokenOf?.[0] ?? "string"];
}

export function hasType(value: Json, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** The schema of what fits both; `undefined` when their types or values exclude each other. Neither has references or combinations. */
export function merge(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  if (a["const"] !== undefined && b["const"] !== undefined && !isSame(a["const"], b["const"])) return undefined;
  const merged: Record<string, Json> = { ...a, ...b };
  for (const [keyword, left] of Object.entries(a)) {
    const right = ownMember(b, keyword);
    if (right === undefined) continue;
    const both = mergers.get(keyword)?.(left, right);
    if (both !== undefined) merged[keyword] = both;
  }
  const isContradiction = ["type", "enum"].some(
    (keyword) => Array.isArray(merged[keyword]) && listOf(merged[keyword]).length === 0,
  );
  return isContradiction ? undefined : constWithinEnum(merged);
}

/** A `const` beside an `enum` must be one of its values. */
function constWithinEnum(schema: JsonSchema): JsonSchema | undefined {
  const { const: value, enum: values } = schema;
  if (value === undefined || !Array.isArray(values)) return schema;
  return values.some((other) => isSame(other, value)) ? schema : undefined;
}

const larger = (a: Json, b: Json): Json => Math.max(Number(a), Number(b));
const smaller = (a: Json, b: Json): Json => Math.min(Number(a), Number(b));
const bothFit = (a: Json, b: Json): Json => ({ allOf: [a, b] });

/** How one keyword of two schemas becomes one; a keyword that is missing here, such as a description, is the second's. */
const mergers: ReadonlyMap<string, (a: Json, b: Json) => Json> = new Map(
  Object.entries<(a: Json, b: Json) => Json>({
    type: (a, b) => commonTypes(typeof a === "string" ? [a] : listOf(a), typeof b === "string" ? [b] : listOf(b)),
    enum: (a, b) => commonValues(listOf(a), listOf(b)),
    minimum: larger,
    exclusiveMinimum: larger,
    minLength: larger,
    minItems: larger,
    minProperties: larger,
    minContains: larger,
    maximum: smaller,
    exclusiveMaximum: smaller,
    maxLength: smaller,
    maxItems: smaller,
    maxProperties: smaller,
    multipleOf: (a, b) => commonMultiple(Number(a), Number(b)),
    uniqueItems: (a, b) => a === true || b === true,
    required: (a, b) => [...new Set([...listOf(a), ...listOf(b)])],
    items: bothFit,
    contains: bothFit,
    additionalProperties: bothFit,
    properties: (a, b) => mergeProperties(asObject(a), asObject(b)),
  }),
);

function commonValues(a: readonly Json[], b: readonly Json[]): readonly Json[] {
  const texts = new Set(b.map((value) => JSON.stringify(value)));
  return a.filter((value) => texts.has(JSON.stringify(value)));
}

function commonTypes(a: readonly Json[], b: readonly Json[]): readonly Json[] {
  return [...new Set([...a.filter((type) => isAmong(b, type)), ...b.filter((type) => isAmong(a, type))])];
}

function isAmong(types: readonly Json[], type: Json): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

function commonMultiple(a: number, b: number): number {
  if (a % b === 0) return a;
  return b % a === 0 ? b : a * b;
}

function mergeProperties(a: JsonObject, b: JsonObject): JsonObject {
  const shared = Object.entries(a).filter(([name]) => Object.hasOwn(b, name));
  return {
    ...a,
    ...b,
    ...Object.fromEntries(shared.map(([name, schema]) => [name, bothFit(schema, b[name] ?? true)])),
  };
}

function isSame(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const maxCandidates = 1_000;

/** Different numbers that fit, the plainest first: 1, then from the lower bound up, or from the upper one down. Not all of them. */
export function* numberCandidates(schema: JsonSchema): Generator<number> {
  const seen = new Set<number>();
  for (const candidate of numbersFromBounds(schema)) {
    // Adding 0 turns -0 into 0, which is what JSON makes of it.
    const value = candidate + 0;
    if (seen.has(value) || !isWithin(value, schema)) continue;
    seen.add(value);
    yield value;
  }
}

function* numbersFromBounds(schema: JsonSchema): Generator<number> {
  const low = Math.max(numberOf(schema["minimum"]) ?? -Infinity, numberOf(schema["exclusiveMinimum"]) ?? -Infinity);
  const high = Math.min(numberOf(schema["maximum"]) ?? Infinity, numberOf(schema["exclusiveMaximum"]) ?? Infinity);
  const step = numberOf(schema["multipleOf"]) ?? (schema["type"] === "integer" ? 1 : undefined);
  const direction = Number.isFinite(low) || !Number.isFinite(high) ? 1 : -1;
  const start = [low, high].find(Number.isFinite) ?? 0;
  yield 1;
  if (step !== undefined) {
    const first = direction === 1 ? Math.ceil(start / step) : Math.floor(start / step);
    for (let n = 0; n < maxCandidates; n += 1) yield (first + direction * n) * step;
  } else if (Number.isFinite(low) && Number.isFinite(high)) {
    yield low;
    yield high;
    for (let n = 1; n < maxCandidates; n += 1) yield low + ((high - low) * n) / maxCandidates;
  } else {
    for (let n = 0; n < maxCandidates; n += 1) yield start + direction * n;
  }
}

function isWithin(value: number, schema: JsonSchema): boolean {
  const multipleOf = numberOf(schema["multipleOf"]);
  return (
    (schema["type"] !== "integer" || Number.isInteger(value)) &&
    value >= (numberOf(schema["minimum"]) ?? -Infinity) &&
    value <= (numberOf(schema["maximum"]) ?? Infinity) &&
    value > (numberOf(schema["exclusiveMinimum"]) ?? -Infinity) &&
    value < (numberOf(schema["exclusiveMaximum"]) ?? Infinity) &&
    (multipleOf === undefined || Number.isInteger(value / multipleOf))
  );
}
