import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidDefinitionError } from "./errors.ts";
import type { Json, JsonObject, JsonSchema } from "./flow/definition.ts";
import { checkSchema, compileSchema } from "./schema.ts";

function messages(schema: JsonSchema, value: Json): readonly string[] {
  return compileSchema(schema)
    .validate(value)
    .map(({ message }) => message);
}

function faults(schema: JsonSchema): readonly string[] {
  return checkSchema(schema).map(({ path, message }) => `${path.join("/")}: ${message}`);
}

describe("a value that does not fit", () => {
  const schema = {
    type: "object",
    properties: {
      difficulty: { type: "string", enum: ["easy", "hard"] },
      lines: { type: "array", items: { type: "object", properties: { text: { type: "string" } }, required: ["text"] } },
      count: { type: ["integer", "null"], minimum: 1 },
      kind: { const: "note" },
      choice: { anyOf: [{ type: "string" }, { type: "boolean" }] },
    },
    required: ["difficulty"],
    additionalProperties: false,
  };

  test.each<[Json, readonly string[]]>([
    [{ difficulty: "easy" }, []],
    [{ difficulty: 3 }, ["difficulty: expected string, got number", 'difficulty: expected one of "easy", "hard"']],
    [{}, ["difficulty: is required"]],
    [[], ["expected object, got array"]],
    [{ difficulty: "easy", lines: [{ text: "a" }, {}] }, ["lines[1].text: is required"]],
    [{ difficulty: "easy", count: "1" }, ["count: expected integer or null, got string"]],
    [{ difficulty: "easy", count: 0 }, ["count: must be >= 1"]],
    [{ difficulty: "easy", kind: "x" }, ['kind: expected "note"']],
    [{ difficulty: "easy", other: 1 }, ["other: is not a declared name"]],
    [{ difficulty: "easy", choice: 1 }, ["choice: fits none of the forms that the schema allows"]],
    [{ count: null, lines: null }, ["difficulty: is required", "lines: expected array, got null"]],
  ])("%j: %j", (value, expected) => {
    expect(messages(schema, value)).toEqual(expected);
  });

  test("is told with paths that the schema's own messages lack", () => {
    expect(compileSchema(schema).validate({ difficulty: "easy", lines: [1] })).toEqual([
      { path: "lines[0]", message: "lines[0]: expected object, got number" },
    ]);
  });

  test("never has its content in the messages", () => {
    expect(
      JSON.stringify(messages(schema, { difficulty: "s3cret", kind: "s3cret", choice: ["s3cret"] })),
    ).not.toContain("s3cret");
  });

  test("has at most twenty issues", () => {
    expect(
      messages(
        { type: "array", items: { type: "string" } },
        Array.from({ length: 1_000 }, () => 1),
      ),
    ).toHaveLength(20);
  });
});

describe("a schema", () => {
  test("is compiled once for the same text", () => {
    const schema = { type: "object", title: "the same" };
    expect(compileSchema(schema)).toBe(compileSchema(structuredClone(schema)));
  });

  test("has its own members checked, not inherited ones", () => {
    expect(messages({ type: "object", required: ["constructor"] }, {})).toEqual(["constructor: is required"]);
  });

  test("may refer to itself and to its own definitions", () => {
    const tree = {
      type: "object",
      properties: { name: { $ref: "#/$defs/name" }, inner: { $ref: "#" } },
      $defs: { name: { type: "string" } },
    };
    expect(messages(tree, { name: "a", inner: { inner: { name: 1 } } })).toEqual([
      "inner.inner.name: expected string, got number",
    ]);
  });

  test("tells items that are there twice whatever the order of their members", () => {
    const schema = { type: "array", uniqueItems: true };
    expect(
      messages(schema, [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toEqual(["must not have the same item twice"]);
    expect(messages(schema, [1, "1", [1], { 1: 1 }, null])).toEqual([]);
  });

  test("keeps two patterns apart", () => {
    const schema = {
      type: "object",
      properties: { a: { pattern: "^a$" }, b: { pattern: "^b$" } },
      patternProperties: { "^x-": { type: "number" } },
    };
    expect(messages(schema, { a: "a", b: "b", "x-1": 1 })).toEqual([]);
    expect(messages(schema, { a: "b", b: "a", "x-1": "" })).toEqual([
      'a: must match pattern "^a$"',
      'b: must match pattern "^b$"',
      "x-1: expected number, got string",
    ]);
  });

  test("may have formats and unknown annotations, which are not checked", () => {
    const schema = { type: "string", format: "email", "x-editor": { rows: 3 } };
    expect(faults(schema)).toEqual([]);
    expect(messages(schema, "no address")).toEqual([]);
  });

  test.each<[JsonObject, string]>([
    [{ type: "sting" }, 'type: expected one of "array", "boolean", "integer"'],
    [{ type: "object", required: "a" }, "required: expected array, got string"],
    [{ properties: { a: { minimum: "1" } } }, "properties/a/minimum: expected number, got string"],
    [{ requird: ["a"] }, "requird: `requird` is no keyword of JSON Schema. Did you mean `required`?"],
    [
      { properties: { name: {} }, required: ["nmae"] },
      "required/0: `nmae` is required and not declared. Did you mean `name`?",
    ],
    [{ $ref: "https://example.com/schema" }, "$ref: the reference leaves this document; nothing is fetched."],
    [{ $ref: "#/$defs/itm", $defs: { item: {} } }, "$ref: the reference points at no schema in this document."],
    [{ $ref: "#/default", default: { type: "string" } }, "$ref: the reference points at no schema in this document."],
    [{ $schema: "http://json-schema.org/draft-07/schema#" }, "$schema: only draft 2020-12 is known."],
    [{ $async: true }, "$async: `$async` is not supported."],
    [{ $defs: { a: { $id: "x" } } }, "$defs/a/$id: `$id` is not supported."],
    [{ $dynamicRef: "#a" }, "$dynamicRef: `$dynamicRef` is not supported."],
    [{ pattern: "(?=a)" }, "pattern: the pattern cannot be used: "],
    [{ pattern: "(a)\\1" }, "pattern: the pattern cannot be used: "],
    [{ pattern: "(" }, "pattern: the pattern cannot be used: "],
    [{ pattern: "((abcdefgh){30}){33}" }, "pattern: the pattern cannot be used: it repeats too much"],
    [
      {
        properties: Object.fromEntries(
          Array.from({ length: 30 }, (_, index) => [`p${index}`, { pattern: `a{900}${index}` }]),
        ),
      },
      "properties/p22/pattern: the schema's patterns are too large together; the limit is 20000 instructions.",
    ],
    [{ patternProperties: { "(?<!a)": {} } }, "patternProperties/(?<!a): the pattern cannot be used: "],
  ])("%j is refused: %s", (schema, expected) => {
    expect(faults(schema).join("\n")).toContain(expected);
    expect(() => compileSchema(schema)).toThrow(InvalidDefinitionError);
  });

  test("tells all its faults at once", () => {
    expect(
      faults({ type: "sting", properties: { a: { minimum: "x", patern: "a" }, b: { $ref: "other" } } }),
    ).toHaveLength(4);
  });
});

describe("a hostile schema", () => {
  const nested = (levels: number): JsonObject => (levels === 0 ? {} : { not: nested(levels - 1) });

  test("is refused at one level and one character past the caps", () => {
    expect(faults(nested(63))).toEqual([]);
    expect(faults(nested(64)).join()).toContain("more than 64 levels deep");
    const overhead = JSON.stringify({ title: "" }).length;
    expect(faults({ title: "x".repeat(32_768 - overhead) })).toEqual([]);
    expect(faults({ title: "x".repeat(32_769 - overhead) }).join()).toContain("longer than 32768 characters");
  });

  test.each(["^(a+)+$", "^(a|aa)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "matches %s in time that grows with the text only",
    (pattern) => {
      expect(messages({ type: "string", pattern }, `${"a".repeat(50_000)}!`)).toHaveLength(1);
      expect(
        messages(
          { type: "object", patternProperties: { [pattern]: { type: "number" } } },
          { [`${"a".repeat(50_000)}!`]: "" },
        ),
      ).toEqual([]);
    },
  );

  const doubling = (levels: number): JsonObject => ({
    $ref: "#/$defs/0",
    $defs: Object.fromEntries(
      Array.from({ length: levels }, (_, level) => {
        const next = { $ref: `#/$defs/${level + 1}` };
        return [String(level), level === levels - 1 ? { type: "string" } : { allOf: [next, next] }];
      }),
    ),
  });

  test("that doubles its work at every level is given up", () => {
    expect(messages(doubling(10), "text")).toEqual([]);
    expect(messages(doubling(60), "text").join()).toContain("too large, or nested too deeply, to be checked");
  });

  test("that refers to itself without end is given up", () => {
    expect(messages({ allOf: [{ $ref: "#" }] }, "text").join()).toContain("to be checked");
  });

  test("cannot raise its own budget", () => {
    const cheap = { "noukai:charge": -1e12 };
    const next = (level: number): JsonObject => ({
      ...cheap,
      allOf: [{ $ref: `#/$defs/${level}` }, { $ref: `#/$defs/${level}` }],
    });
    const defs = Array.from({ length: 60 }, (_, level) => [
      String(level),
      level === 0 ? { ...cheap, type: "string" } : next(level - 1),
    ]);
    expect(messages({ ...next(59), $defs: Object.fromEntries(defs) }, "text").join()).toContain("to be checked");
  });

  test("that multiplies a long list by many alternatives is given up", () => {
    const schema = { type: "array", items: { anyOf: Array.from({ length: 1_500 }, (_, value) => ({ const: value })) } };
    const list = (length: number): Json => Array.from({ length }, () => 1_499);
    expect(messages(schema, list(100))).toEqual([]);
    expect(messages(schema, list(300_000)).join()).toContain("to be checked");
  });

  test("finds a repeated item among a hundred thousand", () => {
    const schema = { type: "array", uniqueItems: true };
    const items = Array.from({ length: 100_000 }, (_, index) => [index]);
    expect(messages(schema, items)).toEqual([]);
    expect(messages(schema, [...items, [7]])).toHaveLength(1);
  });

  test("meets a value too deep to be walked without failing itself", () => {
    let deep: Json = {};
    for (let level = 0; level < 200_000; level += 1) deep = { inner: deep };
    const { validate, applyDefaults } = compileSchema({
      type: "object",
      properties: { inner: { $ref: "#" }, a: { default: 1 } },
    });
    expect(validate(deep)).toHaveLength(1);
    expect(() => applyDefaults(deep)).not.toThrow();
  });
});

describe("defaults", () => {
  const schema = {
    type: "object",
    properties: {
      level: { type: "string", default: "easy" },
      options: { type: "object", properties: { deep: { type: "boolean", default: true } } },
      lines: { type: "array", items: { $ref: "#/$defs/line" } },
    },
    $defs: { line: { type: "object", properties: { mark: { default: null }, inner: { $ref: "#/$defs/line" } } } },
  };
  const { applyDefaults } = compileSchema(schema);

  test("fill what is absent, at every level, and nothing else", () => {
    expect(applyDefaults({ options: {}, lines: [{}, { mark: 1 }, { mark: 2, inner: {} }] })).toEqual({
      level: "easy",
      options: { deep: true },
      lines: [{ mark: null }, { mark: 1 }, { mark: 2, inner: { mark: null } }],
    });
  });

  test("leave null, and containers that are absent, alone", () => {
    expect(applyDefaults({ level: null })).toEqual({ level: null });
  });

  test("do not touch what they are given", () => {
    const given = Object.freeze({ options: Object.freeze({}), lines: Object.freeze([Object.freeze({})]) });
    expect(applyDefaults(given)).not.toBe(given);
    expect(given).toEqual({ options: {}, lines: [{}] });
  });

  test("give the value itself when nothing is absent", () => {
    const given = { level: "hard", options: { deep: false }, lines: [{ mark: 0 }] };
    expect(applyDefaults(given)).toBe(given);
  });
});

test("never throws, whatever value it checks", () => {
  const { validate, applyDefaults } = compileSchema({
    type: "object",
    properties: {
      a: { anyOf: [{ type: "string" }, { $ref: "#" }] },
      b: { type: "array", uniqueItems: true, items: { type: "number" } },
    },
    additionalProperties: { type: "integer", default: 1 },
  });
  fc.assert(
    fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (value) => {
      // reason: fast-check's JsonValue is mutable, ours is not
      for (const { path, message } of validate(applyDefaults(value))) expect(message.startsWith(path)).toBe(true);
    }),
  );
});
