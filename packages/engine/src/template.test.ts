import fc from "fast-check";
import { expect, test } from "vitest";
import { TerminalError } from "./errors.ts";
import type { Json, JsonObject } from "./flow/definition.ts";
import {
  compileTemplate,
  compileValue,
  maxRenderedLength,
  parsePath,
  parseTemplate,
  render,
  renderValue,
  type TemplateScope,
} from "./template.ts";

const place = "step `check`, prompt";

function fill(text: string, scope: Partial<TemplateScope> = {}): string {
  return render(compileTemplate(text, place), { input: {}, initial: {}, steps: {}, ...scope });
}

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TerminalError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "nothing was thrown";
}

test("reads the step's input, the flow's input and earlier outputs", () => {
  const scope = { input: { text: "in" }, initial: { message: "first" }, steps: { check: { text: "out" } } };
  expect(fill("{{text}} {{ initial.message }} {{steps.check.text}}", scope)).toBe("in first out");
});

test("reads item and index inside a loop, and fields of that name outside", () => {
  expect(
    fill("{{item.name}} {{index}}", { loop: { item: { name: "a" }, index: 3 }, input: { item: "no", index: "no" } }),
  ).toBe("a 3");
  expect(fill("{{item}} {{index}}", { input: { item: "x", index: "y" } })).toBe("x y");
});

test.each(["lines.1.text", "lines[1].text"])("reaches into lists by %s", (path) => {
  expect(fill(`{{${path}}}`, { input: { lines: [{ text: "a" }, { text: "b" }] } })).toBe("b");
});

test("writes what is not a string as JSON", () => {
  const input = { list: ["a", 1], object: { b: null }, number: 1.5, flag: false, nothing: null };
  expect(fill("{{list}} {{object}} {{number}} {{flag}} {{nothing}} {{initial}}", { input })).toBe(
    '["a",1] {"b":null} 1.5 false null {}',
  );
});

test.each([
  [String.raw`\{{name}}`, "{{name}}"],
  [String.raw`\\{{name}}`, String.raw`\Ann`],
  [String.raw`\\\{{name}}`, String.raw`\{{name}}`],
  [String.raw`a\b {{name}}`, String.raw`a\b Ann`],
  ["{ {{name}} }", "{ Ann }"],
  ['{"a":{"b":1}} {{name}}', '{"a":{"b":1}} Ann'],
  ["{{name}}}}", "Ann}}"],
  ["no value", "no value"],
  ["", ""],
])("fills %j as %j", (text, filled) => {
  expect(fill(text, { input: { name: "Ann" } })).toBe(filled);
});

test("never reads an inserted value as a template", () => {
  expect(fill("{{a}}{{b}}", { input: { a: "{{secret}}", b: "\\{{", secret: "no" } })).toBe("{{secret}}\\{{");
});

test.each(["toString", "constructor.name", "__proto__", "list.length", "text.length", "list.map", "hasOwnProperty"])(
  "does not reach %s, which is no member of the value's own",
  (path) => {
    expect(messageOf(() => fill(`{{${path}}}`, { input: { list: [1], text: "abc" } }))).toMatch(/^STEP_FAILED: /u);
  },
);

test("names step, template and path of a missing value, and never a value", () => {
  const scope = { input: { report: { secret: "s3cret" } } };
  expect(messageOf(() => fill("{{report.author}}", scope))).toBe(
    "STEP_FAILED: step `check`, prompt: `{{report.author}}` has no value, because `report` has no `author` in this run. Make it `required` where it comes from, or give it a `default` there.",
  );
  expect(messageOf(() => fill("{{report.secret.deeper}}", scope))).toContain(
    "because `report.secret` is a string in this run",
  );
  expect(messageOf(() => fill("{{steps.gone.text}}", scope))).toContain("because `steps` has no `gone` in this run");
});

test.each([
  ["{{name", "is not closed"],
  ["{{name\n}}", "is not closed"],
  ["{{}}", "is empty"],
  ["{{ }}", "is empty"],
  ["{{{name}}}", "opens with three braces"],
  ["{{#if name}}", "templates have no logic"],
  ["{{name | upper}}", "templates have no logic"],
  ["{{name()}}", "templates have no logic"],
  ["{{a..b}}", "templates have no logic"],
  ["{{.a}}", "templates have no logic"],
  ["{{a.}}", "templates have no logic"],
  ["{{a[b]}}", "templates have no logic"],
  ["{{steps}}", "lacks a step's id"],
])("refuses %j: %s", (text, reason) => {
  const { faults } = parseTemplate(text, place);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(reason);
  expect(messageOf(() => compileTemplate(text, place))).toMatch(/^INVALID_TREE: step `check`, prompt: /u);
});

test("tells every fault of a template and still reads the rest", () => {
  const { template, faults } = parseTemplate("{{#a}} {{b}} {{c", place);
  expect(faults).toHaveLength(2);
  expect(template.parts.filter((part) => typeof part !== "string").map(({ source }) => source)).toEqual(["b"]);
});

test("reads a hostile text in time that grows with it", () => {
  expect(parseTemplate("{{".repeat(500_000), place).faults).toHaveLength(20);
  expect(parseTemplate("{{a".repeat(300_000) + "}}", place).faults).toHaveLength(20);
  expect(parseTemplate("\\".repeat(1_000_000) + "{{a}}", place).faults).toEqual([]);
  expect(parseTemplate("{{a}}".repeat(200_000), place).template.parts).toHaveLength(200_000);
});

test("refuses a text that grows beyond its bound", () => {
  const input = { long: "x".repeat(maxRenderedLength / 2 + 1) };
  expect(fill("{{long}}", { input })).toHaveLength(input.long.length);
  expect(messageOf(() => fill("{{long}}{{long}}", { input }))).toContain(
    "STEP_FAILED: step `check`, prompt: the text grows beyond",
  );
});

test("refuses a value that is nested too deeply to be written", () => {
  let deep: Json = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(messageOf(() => fill("{{deep}}", { input: { deep } }))).toContain("nested too deeply");
});

test("keeps the type of a value whose template stands alone", () => {
  const input = { list: [1, 2], text: "a" };
  const compiled = compileValue({ items: "{{list}}", note: "{{text}}: {{list}}", fixed: [true, "{{text}}"] }, place);
  expect(renderValue(compiled, { input, initial: {}, steps: {} })).toEqual({
    items: [1, 2],
    note: "a: [1,2]",
    fixed: [true, "a"],
  });
});

test("reads paths of names and indices", () => {
  expect(parsePath("a.b[0][1].c")).toEqual([
    { text: "a", index: -1 },
    { text: "b", index: -1 },
    { text: "0", index: 0 },
    { text: "1", index: 1 },
    { text: "c", index: -1 },
  ]);
});

const names = fc.constantFrom("a", "b", "initial", "steps", "item", "index", "0", "__proto__", "constructor", "length");
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>; // reason: fast-check's JsonValue is mutable, ours is not
const objects = fc.dictionary(names, json) as fc.Arbitrary<JsonObject>; // reason: as above

test("throws nothing but TerminalError, whatever text and values it is given", () => {
  const texts = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom("{{", "}}", "\\", "."),
      names,
      fc.array(names).map((path) => `{{${path.join(".")}}}`),
    ),
  );
  fc.assert(
    fc.property(texts, objects, objects, objects, (parts, input, initial, steps) => {
      const text = parts.join("");
      const { template } = parseTemplate(text, place);
      for (const work of [() => compileTemplate(text, place), () => render(template, { input, initial, steps })]) {
        expect(messageOf(work)).toMatch(/^nothing was thrown|^STEP_FAILED|^INVALID_TREE/u);
      }
    }),
    { numRuns: 500 },
  );
});

test("fills a text without braces in as it is", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("{{")),
      (text) => {
        expect(fill(text)).toBe(text);
      },
    ),
  );
});

test("finds every value that a path of its own leads to", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/u), { minLength: 1, maxLength: 5 }), json, (path, value) => {
      const initial = path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value) as JsonObject; // reason: at least one name wraps it
      expect(fill(`{{initial.${path.join(".")}}}`, { initial })).toBe(
        typeof value === "string" ? value : JSON.stringify(value),
      );
    }),
  );
});
