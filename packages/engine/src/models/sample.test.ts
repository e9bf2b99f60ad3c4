import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonSchema } from "../flow/definition.ts";
import { sampleObject, SampleError } from "./sample.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false });

const words = "the quick brown fox jumps over the lazy dog";

/** What ajv finds wrong with the object made up for `schema`. */
function faultsOf(schema: JsonSchema, text = words): unknown {
  const validate = ajv.compile(schema);
  return validate(sampleObject(schema, text)) ? [] : validate.errors;
}

/** The schema of an object with one member `value`. */
function holding(schema: JsonSchema): JsonSchema {
  return { type: "object", properties: { value: schema }, required: ["value"] };
}

/** The value that fits `schema`, which may be of any type. */
function sampleOf(schema: JsonSchema, text = words): Json | undefined {
  expect(faultsOf(holding(schema), text)).toEqual([]);
  return sampleObject(holding(schema), text)["value"];
}

/** Two keywords that bound a size from below and above, either of which may be missing. */
function limits(low: string, high: string): fc.Arbitrary<JsonSchema> {
  const size = fc.option(fc.nat(5), { nil: undefined });
  return fc.tuple(size, size).map(([least, more]) => ({
    ...(least !== undefined && { [low]: least }),
    ...(more !== undefined && { [high]: (least ?? 0) + more }),
  }));
}

const propertyName = fc.constantFrom("title", "items", "score", "a/b~c", "ünï", "constructor", "message");
const json: fc.Arbitrary<Json> = fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text));

/** Schemas that something fits, by the way they are made. */
const { schema: anySchema, object: anyObjectSchema } = fc.letrec<{ schema: JsonSchema; object: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom<JsonSchema>(
      {},
      { type: "boolean" },
      { type: "null" },
      { type: ["null", "integer"] },
      { minLength: 3 },
    ),
    limits("minLength", "maxLength").map((bounds) => ({ ...bounds, type: "string" })),
    fc
      .tuple(limits("minimum", "maximum"), fc.boolean())
      .map(([bounds, isWhole]) => ({ ...bounds, type: isWhole ? "integer" : "number" })),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom(1, 2, 3, 5, 0.5, 0.25), fc.boolean())
      .map(([low, multipleOf, isAbove]) => ({
        multipleOf,
        ...(isAbove ? { exclusiveMinimum: low } : { exclusiveMaximum: low }),
      })),
    fc
      .double({ min: -1e6, max: 1e6, noNaN: true })
      .map((low) => ({ exclusiveMinimum: low, exclusiveMaximum: low + 1 })),
    json.map((value) => ({ const: value })),
    fc.tuple(json, json).map((values) => ({ enum: values })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((branches) => ({ anyOf: branches })),
    fc
      .tuple(tie("schema"), limits("minItems", "maxItems"))
      .map(([items, bounds]) => ({ ...bounds, type: "array", items })),
    fc
      .array(tie("schema"), { minLength: 1, maxLength: 3 })
      .map((prefixItems) => ({ type: "array", prefixItems, items: false })),
    tie("object"),
  ),
  object: fc
    .record({
      properties: fc.dictionary(propertyName, tie("schema"), { maxKeys: 4 }),
      others: fc.uniqueArray(propertyName, { maxLength: 2 }),
      isClosed: fc.boolean(),
      minProperties: fc.nat(6),
    })
    .map(({ properties, others, isClosed, minProperties }) => ({
      type: "object",
      properties,
      required: [...Object.keys(properties).slice(0, 2), ...(isClosed ? [] : others)].filter(
        (name, at, all) => all.indexOf(name) === at,
      ),
      ...(isClosed ? { additionalProperties: false } : { minProperties }),
    })),
}));

describe("an object made up for a schema", () => {
  it("fits any schema, whatever the text", () => {
    fc.assert(
      fc.property(anyObjectSchema, fc.string(), (schema, text) => {
        expect(faultsOf(schema, text)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the same for the same schema and text", () => {
    fc.assert(
      fc.property(anyObjectSchema, fc.string(), (schema, text) => {
        expect(JSON.stringify(sampleObject(schema, text))).toBe(
          JSON.stringify(sampleObject(structuredClone(schema), text)),
        );
      }),
    );
  });

  it("fits each part of an allOf at once", () => {
    fc.assert(
      fc.property(anySchema, limits("minLength", "maxLength"), (schema, bounds) => {
        expect(faultsOf(holding({ allOf: [schema, schema, {}] }))).toEqual([]);
        expect(faultsOf(holding({ allOf: [{ type: ["string", "null"], ...bounds }, { type: "string" }] }))).toEqual([]);
      }),
    );
  });

  it("deals out the words of the text, a phrase at a time", () => {
    const text = "one two three four five six seven eight nine ten";
    const strings = { type: "object", properties: { first: { type: "string" }, second: { type: "string" } } };
    expect(sampleObject(strings, text)).toEqual({
      first: "one two three four five six seven eight",
      second: "nine ten",
    });
  });

  it("prefers what the author wrote: const, then enum, then examples", () => {
    expect(sampleOf({ const: "fixed", examples: ["other"] })).toBe("fixed");
    expect(sampleOf({ type: "string", enum: ["first", "second"] })).toBe("first");
    expect(sampleOf({ type: "string", pattern: "^[A-Z]{3}$", examples: ["ABC"] })).toBe("ABC");
    expect(sampleOf({ type: "string", pattern: "^[A-Z]{3}$", default: "XYZ" })).toBe("XYZ");
    expect(sampleOf({ type: "integer", minimum: 7, examples: ["seven"] })).toBe(7);
  });

  it("counts a string's length in characters", () => {
    expect(sampleOf({ type: "string", minLength: 3, maxLength: 3 }, "🦊🦊🦊🦊")).toBe("🦊🦊🦊");
    expect(sampleOf({ type: "string", minLength: 20, maxLength: 20 }, "ab")).toHaveLength(20);
    expect(sampleOf({ type: "string", maxLength: 0 })).toBe("");
  });

  it.each([
    { type: "string" },
    { type: "string", maxLength: 2 },
    { type: "integer", minimum: 4, maximum: 7 },
    { enum: [1, 2, 3, 4] },
    { type: "string", format: "email" },
    { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  ])("makes the items of $type $format different where they must be unique", (items) => {
    expect(sampleOf({ type: "array", items, uniqueItems: true, minItems: 4 }, "again")).toHaveLength(4);
  });

  it("leaves out an item that could only be a repetition, where it may", () => {
    expect(sampleOf({ type: "array", items: { const: 1 }, uniqueItems: true })).toEqual([1]);
  });

  it("puts what an array must contain into it", () => {
    const items = sampleOf({ type: "array", items: { type: "integer" }, contains: { minimum: 100 }, minContains: 3 });
    expect(items).toEqual([100, 100, 100]);
  });

  it("follows references, also into itself, and comes to an end", () => {
    const tree = {
      type: "object",
      properties: {
        name: { type: "string" },
        children: { type: "array", items: { $ref: "#" } },
        "a/b": { $ref: "#/$defs/leaf~1x" },
      },
      required: ["children", "a/b"],
      $defs: { "leaf/x": { type: "integer", minimum: 7 } },
    };
    expect(faultsOf(tree)).toEqual([]);
    expect(sampleObject(tree, words)).toMatchObject({ "a/b": 7 });
  });

  it("takes the next branch when nothing fits the first one", () => {
    expect(sampleOf({ oneOf: [{ type: "integer", minimum: 2, maximum: 1 }, false, { type: "boolean" }] })).toBe(true);
  });

  it("adds the properties that others need", () => {
    const properties = { card: { type: "string" } };
    const schema = { type: "object", properties, dependentRequired: { card: ["owner"], owner: ["born"] } };
    expect(faultsOf(schema)).toEqual([]);
    expect(Object.keys(sampleObject(schema, words))).toEqual(["card", "owner", "born"]);
  });

  it.each([
    [{ type: "string", pattern: "^a+$" }, '"pattern"'],
    [{ type: "integer", minimum: 2, maximum: 1 }, "bounds"],
    [{ allOf: [{ type: "string" }, { type: "integer" }] }, "nothing fits"],
    [{ enum: ["a"], type: "integer" }, "type"],
    [{ $ref: "https://example.com/schema" }, "no JSON pointer"],
    [{ $ref: "#/$defs/missing" }, "no JSON pointer"],
    [{ $ref: "#anchor" }, "no JSON pointer"],
    [{ $ref: "#/%zz" }, "no JSON pointer"],
    [{ allOf: [{ $ref: "#/properties/value" }] }, "without end"],
    [{ type: "string", minLength: 1e9 }, "too large"],
    [{ type: "array", minItems: 1e9, items: { type: "null" } }, "too large"],
    [{ type: "array", uniqueItems: true, minItems: 3, items: { type: "boolean" } }, "unique"],
    [{ type: "string", format: "date", maxLength: 3 }, "format"],
  ])("says where and why nothing can be made up for %j", (value, why) => {
    const make = () => sampleObject(holding(value), "text");
    expect(make).toThrow(SampleError);
    expect(make).toThrow(why);
    expect(make).toThrow("/value");
  });

  it("has properties of any name", () => {
    const required = ["__proto__", "constructor", "toString"];
    const sample = sampleObject({ type: "object", required, additionalProperties: { type: "integer" } }, "text");
    expect(JSON.stringify(sample)).toBe('{"__proto__":1,"constructor":1,"toString":1}');
  });

  it("is nothing for a schema that allows no object", () => {
    expect(() => sampleObject({ const: 5 }, "text")).toThrow(SampleError);
  });
});
