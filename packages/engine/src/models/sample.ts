import type { Json, JsonObject, JsonSchema } from "../flow/definition.ts";
import {
  asObject,
  hasType,
  isObject,
  listOf,
  merge,
  numberCandidates,
  numberOf,
  ownMember,
  typesOf,
} from "./sample-schema.ts";

/** The schema asks for a value that cannot be made up; the message names the place and says what would help. */
export class SampleError extends Error {
  override readonly name = "SampleError";
}

/**
 * An object that fits `schema` (JSON Schema 2020-12), its strings dealt out from the words of `text`. The same schema and text
 * give the same object. `const` and `enum` come first, then `examples`; optional properties are filled in down to a depth of six.
 * Not considered: `not`, `if`, `propertyNames`, `patternProperties`, and whether a second branch of a `oneOf` fits too.
 * Throws `SampleError` for a schema that no object fits, for a `pattern` without `examples` or `default`, and past 10 000 values.
 */
export function sampleObject(schema: JsonSchema, text: string): JsonObject {
  const place = { path: "", depth: 0, salt: 0 };
  const sample = new Sampler(schema, text).sample({ allOf: [{ type: "object" }, schema] }, place);
  if (!isObject(sample)) throw impossible(place, "it allows no object");
  return sample;
}

interface Place {
  /** JSON pointer of the value being made. */
  readonly path: string;
  readonly depth: number;
  /** 0, or how many values were already taken at this place: another salt gives another value, where one exists. */
  readonly salt: number;
}

const optionalDepth = 6;
const maxDepth = 64;
const maxValues = 10_000;
const maxString = 100_000;
const wordsPerString = 8;

class Sampler {
  readonly #root: JsonSchema;
  readonly #words: readonly string[];
  #wordsDealt = 0;
  #valuesLeft = maxValues;

  constructor(root: JsonSchema, text: string) {
    this.#root = root;
    this.#words = text.match(/\S+/g) ?? ["echo"];
  }

  sample(schema: Json, place: Place): Json {
    let fault: SampleError | undefined;
    for (const flat of this.#alternatives(schema, place)) {
      try {
        return this.#fromFlat(flat, place);
      } catch (error) {
        if (!(error instanceof SampleError)) throw error;
        fault ??= error;
      }
    }
    throw fault ?? impossible(place, "nothing fits its schema");
  }

  /** The schemas without references and combinations, any of which may be satisfied instead of `schema`, in the author's order. */
  *#alternatives(schema: Json, place: Place): Generator<JsonSchema> {
    this.#spend(place);
    if (schema === false) return;
    const { $ref, allOf, anyOf, oneOf, ...base } = asObject(schema);
    const all = [...(typeof $ref === "string" ? [this.#resolve($ref, place)] : []), ...listOf(allOf)];
    const choices = [anyOf, oneOf].filter((choice) => Array.isArray(choice));
    yield* this.#combine(base, [...all.map((part) => [part]), ...choices], { ...place, depth: place.depth + 1 });
  }

  /** `base` merged with one alternative of each group. */
  *#combine(base: JsonSchema, groups: readonly (readonly Json[])[], place: Place): Generator<JsonSchema> {
    const [group, ...rest] = groups;
    if (group === undefined) yield base;
    for (const member of group ?? []) {
      for (const flat of this.#alternatives(member, place)) {
        const merged = merge(base, flat);
        if (merged !== undefined) yield* this.#combine(merged, rest, place);
      }
    }
  }

  #fromFlat(schema: JsonSchema, place: Place): Json {
    const given = this.#givenValue(schema, place);
    if (given !== undefined) return given;
    const [type = "string"] = typesOf(schema);
    switch (type) {
      case "object":
        return this.#object(schema, place);
      case "array":
        return this.#array(schema, place);
      case "string":
        return this.#string(schema, place);
      case "number":
      case "integer":
        return this.#number({ ...schema, type }, place);
      case "boolean":
        return place.salt % 2 === 0;
      default:
        return null;
    }
  }

  /** What the author wrote down himself. */
  #givenValue(schema: JsonSchema, place: Place): Json | undefined {
    if (schema["const"] !== undefined) return schema["const"];
    const { enum: choices, examples } = schema;
    const types = typesOf(schema);
    const isFitting = (value: Json): boolean => !("type" in schema) || types.some((type) => hasType(value, type));
    const fitting = listOf(choices ?? examples).filter(isFitting);
    if (fitting.length === 0 && choices !== undefined) throw impossible(place, "none of its values has its type");
    return fitting[place.salt % fitting.length];
  }

  #object(schema: JsonSchema, place: Place): JsonObject {
    const properties = isObject(schema["properties"]) ? schema["properties"] : {};
    const required = new Set(listOf(schema["required"]).filter((name) => typeof name === "string"));
    const maxProperties = numberOf(schema["maxProperties"]) ?? Infinity;
    const entries = new Map<string, Json>();
    let optionalLeft = place.depth > optionalDepth ? 0 : maxProperties - required.size;
    for (const [name, propertySchema] of Object.entries(properties)) {
      const isRequired = required.has(name);
      if (!isRequired && optionalLeft <= 0) continue;
      const value = this.#part(propertySchema, deeper(place, name), isRequired);
      if (value === undefined) continue;
      entries.set(name, value);
      if (!isRequired) optionalLeft -= 1;
    }
    const others = schema["additionalProperties"] ?? true;
    const add = (name: string): void => {
      if (!entries.has(name))
        entries.set(name, this.sample(ownMember(properties, name) ?? others, deeper(place, name)));
    };
    for (const name of required) add(name);
    // Sees the entries that it adds itself: a property that another one needs may need a third.
    for (const name of entries.keys())
      listOf(ownMember(asObject(schema["dependentRequired"]), name))
        .map(String)
        .forEach(add);
    const minProperties = numberOf(schema["minProperties"]) ?? 0;
    for (let n = 1; entries.size < minProperties; n += 1) add(`field${n}`);
    // Not an object literal: a property may be called "__proto__".
    return Object.fromEntries(entries);
  }

  /** `undefined` for a part that may be left out and that nothing fits. */
  #part(schema: Json, place: Place, isRequired: boolean): Json | undefined {
    try {
      return this.sample(schema, place);
    } catch (error) {
      if (isRequired || !(error instanceof SampleError)) throw error;
      return undefined;
    }
  }

  #array(schema: JsonSchema, place: Place): readonly Json[] {
    const prefix = listOf(schema["prefixItems"]);
    const rest = schema["items"] ?? true;
    const contains = schema["contains"];
    const minContains = contains === undefined ? 0 : (numberOf(schema["minContains"]) ?? 1);
    const minItems = Math.max(numberOf(schema["minItems"]) ?? 0, minContains);
    const wanted = rest === false ? prefix.length : Math.max(prefix.length, usualItems(place.depth));
    const count = Math.max(minItems, Math.min(wanted, numberOf(schema["maxItems"]) ?? Infinity));
    const items: Json[] = [];
    const seen = schema["uniqueItems"] === true ? new Set<string>() : undefined;
    for (let index = 0; index < count; index += 1) {
      const own = prefix[index] ?? rest;
      const itemSchema = contains !== undefined && index < minContains ? { allOf: [own, contains] } : own;
      const item = this.#item(itemSchema, deeper(place, String(index)), { seen, isRequired: index < minItems });
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  /** `undefined` for an item that may be left out and that nothing fits, or nothing new where items are unique. */
  #item(schema: Json, place: Place, { seen, isRequired }: ItemOptions): Json | undefined {
    const salts = seen === undefined ? 1 : seen.size + 2;
    for (let salt = 0; salt < salts; salt += 1) {
      const item = this.#part(schema, { ...place, salt }, isRequired);
      if (item === undefined) return undefined;
      const key = JSON.stringify(item);
      if (seen?.has(key) === true) continue;
      seen?.add(key);
      return item;
    }
    if (isRequired) throw impossible(place, "its items cannot be made unique");
    return undefined;
  }

  #string(schema: JsonSchema, place: Place): string {
    const minLength = numberOf(schema["minLength"]) ?? 0;
    const maxLength = numberOf(schema["maxLength"]) ?? Infinity;
    const format = schema["format"];
    const formatted = typeof format === "string" ? formats.get(format)?.(place.salt) : undefined;
    if (schema["pattern"] !== undefined) {
      if (typeof schema["default"] === "string") return schema["default"];
      throw impossible(place, 'it has a "pattern"; give it "examples" or a "default"');
    }
    const text = formatted ?? this.#deal(minLength, maxLength, place);
    const { length } = Array.from(text);
    if (length < minLength || length > maxLength) throw impossible(place, "its format has no value of its length");
    return text;
  }

  /** The next words of the text, cut or repeated to the wanted length. Lengths count characters, as JSON Schema does. */
  #deal(minLength: number, maxLength: number, place: Place): string {
    if (minLength > maxString) throw tooLarge(place);
    const start = this.#wordsDealt % this.#words.length;
    const words = this.#words.slice(start, start + wordsPerString);
    this.#wordsDealt += words.length;
    const suffix = place.salt === 0 ? "" : ` ${place.salt}`;
    let phrase = words.join(" ");
    while (Array.from(phrase).length + suffix.length < minLength) phrase += ` ${phrase}`;
    if (suffix.length > maxLength) return String(place.salt).slice(0, maxLength);
    return (
      Array.from(phrase)
        .slice(0, maxLength - suffix.length)
        .join("") + suffix
    );
  }

  #number(schema: JsonSchema, place: Place): number {
    let saltLeft = place.salt;
    for (const value of numberCandidates(schema)) {
      if (saltLeft === 0) return value;
      saltLeft -= 1;
    }
    throw impossible(place, "no number is within its bounds");
  }

  #resolve(ref: string, place: Place): Json {
    const keys = pointerKeys(ref);
    let target: Json | undefined = keys === undefined ? undefined : this.#root;
    for (const key of keys ?? []) {
      target = Array.isArray(target) ? target[Number(key)] : ownMember(asObject(target), key);
    }
    if (target === undefined) throw impossible(place, `"$ref": "${ref}" is no JSON pointer to a part of the schema`);
    return target;
  }

  #spend(place: Place): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw tooLarge(place);
    if (place.depth > maxDepth) throw impossible(place, "it nests without end");
  }
}

interface ItemOptions {
  /** What an item must differ from, as JSON; `undefined` where items may repeat. */
  readonly seen: Set<string> | undefined;
  readonly isRequired: boolean;
}

/** Fewer further down, so that a schema that contains itself thrice does not become a forest. */
function usualItems(depth: number): number {
  if (depth > optionalDepth) return 0;
  return depth < 3 ? 2 : 1;
}

/** The keys of a JSON pointer in a fragment, such as `#/$defs/a`; `undefined` for anything else. */
function pointerKeys(ref: string): readonly string[] | undefined {
  if (ref === "#") return [];
  if (!ref.startsWith("#/")) return undefined;
  try {
    const keys = decodeURIComponent(ref.slice(2)).split("/");
    return keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    return undefined;
  }
}

function deeper(place: Place, key: string): Place {
  return { path: `${place.path}/${key}`, depth: place.depth + 1, salt: place.salt };
}

function impossible(place: Place, why: string): SampleError {
  return new SampleError(`at "${place.path}" of the schema's values: ${why}`);
}

function tooLarge(place: Place): SampleError {
  return impossible(place, "the value would be too large");
}

const twoDigits = (n: number): string => String(n).padStart(2, "0");

/** By format, the value for a salt. Addresses are of the ranges kept for documentation. */
const formats: ReadonlyMap<string, (salt: number) => string> = new Map(
  Object.entries({
    "date-time": (salt: number) => `2026-01-01T00:00:${twoDigits(salt % 60)}Z`,
    date: (salt: number) => `2026-01-${twoDigits((salt % 28) + 1)}`,
    time: (salt: number) => `00:00:${twoDigits(salt % 60)}Z`,
    duration: (salt: number) => `P${salt + 1}D`,
    email: (salt: number) => `echo${salt}@example.com`,
    hostname: (salt: number) => `host${salt}.example.com`,
    ipv4: (salt: number) => `192.0.2.${(salt % 254) + 1}`,
    ipv6: (salt: number) => `2001:db8::${(salt + 1).toString(16)}`,
    uri: (salt: number) => `https://example.com/${salt}`,
    "uri-reference": (salt: number) => `/${salt}`,
    uuid: (salt: number) => `00000000-0000-4000-8000-${salt.toString(16).padStart(12, "0")}`,
  }),
);
