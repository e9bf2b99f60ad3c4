import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "./definition.ts";
import { parseFlow, parseFlowObject, type ParsedFlow, type RefusedFlow } from "./parse.ts";
import { maxSourceLength, maxValues, readSource } from "./source.ts";

function places(result: ParsedFlow | RefusedFlow): readonly string[] {
  if (result.ok) return [];
  return result.issues.map(({ path, line, column }) => `${line}:${column} ${path}`);
}

function yaml(text: string): ParsedFlow | RefusedFlow {
  return parseFlow(text, { format: "yaml" });
}

function reasons(result: ParsedFlow | RefusedFlow): string {
  return result.ok ? "" : result.issues.map(({ message }) => message).join("\n");
}

const threeFaults = `name: Grade 3 spelling
steps:
  - id: check
    type: llm
    modle: openai/gpt-5-mini
    prompt: "Check: {{mesage}}"
    temperature: hot
`;

describe("a YAML file with three faults and a missing member", () => {
  test("has each of them reported with its path, line and column", () => {
    expect(places(yaml(threeFaults))).toEqual([
      "3:5 steps[0].model",
      "5:5 steps[0].modle",
      "6:13 steps[0].prompt",
      "7:18 steps[0].temperature",
    ]);
  });

  test("has the same places with the line ends of Windows and a byte order mark", () => {
    expect(places(yaml(`\uFEFF${threeFaults.replaceAll("\n", "\r\n")}`))).toEqual(places(yaml(threeFaults)));
  });

  test("has a fix for each", () => {
    const result = yaml(threeFaults);
    expect(reasons(result)).toContain("Did you mean `model`?");
    expect(reasons(result)).toContain("Did you mean `message`?");
    expect(reasons(result)).toContain("expected a number from 0 to 2, got a string");
  });
});

test("places faults in JSON text too", () => {
  const text =
    '{\n\t"steps": [\n\t\t{ "id": "a", "type": "llm", "model": "a/b", "prompt": 5 },\n\t\t{ "id": "a", "type": "passthrough" }\n\t]\n}';
  expect(places(parseFlow(text, { format: "json" }))).toEqual(["3:57 steps[0].prompt", "4:11 steps[1].id"]);
});

test.each([
  ['{"steps": [}', "1:12 "],
  ['{"steps":\n [1,]}', "2:5 "],
  ["{'steps': []}", "1:2 "],
  ["steps: []", "1:1 "],
])("says where %j stops being JSON", (text, place) => {
  expect(places(parseFlow(text, { format: "json" }))).toEqual([place]);
});

describe("YAML that is more than data", () => {
  const step = "steps: [{ id: a, type: passthrough }]\n";

  test.each([
    ["a name that is there twice", `name: a\nname: b\n${step}`, "2:1 name", "`name` is there twice in the document"],
    ["a tag of its own", `name: !secret a\n${step}`, "1:7 ", "Remove the tag"],
    ["a tag that makes bytes", `name: !!binary aGk=\n${step}`, "1:7 ", "Remove the tag"],
    ["YAML 1.1", `%YAML 1.1\n---\n${step}`, "1:1 ", "only YAML 1.2"],
    ["two documents", `${step}---\n${step}`, "2:1 ", "One file holds one document"],
    ["an alias without an anchor", `name: *gone\n${step}`, "1:7 name", "no anchor `&gone` stands before this alias"],
    [
      "an alias of itself",
      `input: &a { type: object, properties: { b: *a } }\n${step}`,
      "1:44 input.properties.b",
      "holds itself",
    ],
    ["a name that is a list", `? [a]\n: b\n${step}`, "1:3 ", "Names are texts"],
    ["a number that is none", `name: .nan\n${step}`, "1:7 name", "is no value of JSON"],
    ["__proto__", `__proto__: { steps: [] }\n${step}`, "1:1 __proto__", "cannot be a name"],
    ["an indent by tabs", `steps:\n\t- id: a`, "2:1 ", "Indent with spaces"],
    ["a quote that never ends", `name: "a\n${step}`, "3:1 ", "Close what was opened"],
  ])("is refused: %s", (_what, text, place, reason) => {
    const result = yaml(text);
    expect(places(result)).toContain(place);
    expect(reasons(result)).toContain(reason);
  });

  test("may use an anchor for what is said twice", () => {
    const result = yaml(
      "steps:\n  - { id: a, type: llm, model: x/y, prompt: p, retry: &r { maxAttempts: 2 } }\n  - { id: b, type: llm, model: x/y, prompt: q, retry: *r }\n",
    );
    expect(result.ok && result.definition.steps[1]).toEqual({
      id: "b",
      type: "llm",
      model: "x/y",
      prompt: "q",
      retry: { maxAttempts: 2 },
    });
  });

  test("has faults in an alias shown where the anchor is", () => {
    const text =
      "steps:\n  - { id: a, type: llm, model: x/y, prompt: p, retry: &r { maxAttempts: 99 } }\n  - { id: b, type: llm, model: x/y, prompt: q, retry: *r }\n";
    expect(places(yaml(text))).toEqual(["2:73 steps[0].retry.maxAttempts", "2:73 steps[1].retry.maxAttempts"]);
  });

  test("reads words that YAML 1.1 took for something else as text", () => {
    const result = yaml("name: no\ndescription: 2001-01-01\nsteps: [{ id: on, type: passthrough }]");
    expect(result.ok && [result.definition.name, result.definition.description]).toEqual(["no", "2001-01-01"]);
  });
});

describe("a hostile text", () => {
  test("that unfolds aliases of aliases is refused", () => {
    const bomb = Array.from(
      { length: 30 },
      (_, level) =>
        `a${level}: &a${level} [${
          level === 0
            ? "x"
            : Array(9)
                .fill(`*a${level - 1}`)
                .join(", ")
        }]`,
    );
    expect(reasons(yaml(bomb.join("\n")))).toContain(`more than ${maxValues} values`);
  });

  test.each([
    ["lists", "[".repeat(100_000)],
    ["closed lists", "[".repeat(50_000) + "]".repeat(50_000)],
    ["objects", "{a: ".repeat(50_000)],
    ["block lists", "- ".repeat(100_000)],
    ["lists one level beyond the limit", "[".repeat(202) + "]".repeat(202)],
  ])("of %s in each other is refused", (_what, text) => {
    const result = yaml(text);
    expect(result.ok).toBe(false);
    expect(reasons(result)).toContain("nested more than 200 levels deep");
    expect(parseFlow(text, { format: "json" }).ok).toBe(false);
  });

  test("longer than the limit is refused before it is read", () => {
    expect(reasons(yaml(`#${"x".repeat(maxSourceLength)}`))).toContain(`the limit is ${maxSourceLength}`);
  });

  test("with sixty thousand names is read in time that grows with it", () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join("\n");
    expect(places(yaml(text)).length).toBeLessThanOrEqual(201);
  });

  test("with many syntax faults has the first ones reported", () => {
    expect(places(yaml("a: b: c\n".repeat(5_000))).length).toBeLessThanOrEqual(20);
  });
});

test.each(["", "# nothing\n", "null", "[]", "text", "3"])(
  "refuses %j, which is no definition, at its beginning",
  (text) => {
    const result = yaml(text);
    expect(places(result)).toHaveLength(1);
    expect(reasons(result)).toContain("a definition is an object with `steps`");
  },
);

test("names what is stored by the SHA-256 of its text", () => {
  const result = yaml("steps: [{ type: passthrough, id: a }]\nname: n\n");
  expect(result.ok && result.stored).toEqual({
    text: '{"steps":[{"type":"passthrough","id":"a"}],"name":"n"}',
    hash: createHash("sha256").update('{"steps":[{"type":"passthrough","id":"a"}],"name":"n"}').digest("hex"),
  });
});

test("keeps the order of the declared inputs", () => {
  const names = ["zebra", "apple", "mango", "_b", "a10", "a9"];
  const input = { type: "object", properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) };
  const text = JSON.stringify({ input, steps: [{ id: "a", type: "passthrough" }] });
  for (const result of [yaml(text), parseFlow(text, { format: "json" }), parseFlowObject(JSON.parse(text))]) {
    expect(result.ok && Object.keys(JSON.parse(result.stored.text).input.properties)).toEqual(names);
  }
});

describe("a definition that comes as a value", () => {
  test("has its faults reported by path", () => {
    const result = parseFlowObject({ steps: [{ id: "a", type: "nothing" }], extra: 1 });
    expect(result.ok || result.issues.map(({ path }) => path)).toEqual(["steps[0].type", "extra"]);
    expect(result.ok || result.issues.every((issue) => issue.line === undefined)).toBe(true);
  });

  test("is copied", () => {
    const value = { steps: [{ id: "a", type: "passthrough" }] };
    const result = parseFlowObject(value);
    value.steps.push({ id: "b", type: "passthrough" });
    expect(result.ok && result.definition.steps).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["undefined", { steps: undefined }],
    ["a function", { steps: () => [] }],
    ["a date", { steps: [new Date(0)] }],
    ["a number that JSON lacks", { steps: [{ id: "a", type: "llm", temperature: Number.NaN }] }],
    ["__proto__", JSON.parse('{"__proto__": {"steps": []}}')],
  ])("is refused with %s in it", (_what, value) => {
    const result = parseFlowObject(value);
    expect(result.ok).toBe(false);
    expect(reasons(result)).toMatch(/is no value of JSON|cannot be a name/u);
  });

  test("is refused when it holds itself", () => {
    const value: { steps: unknown[] } = { steps: [] };
    value.steps.push(value);
    expect(reasons(parseFlowObject(value))).toContain("nested more than 200 levels deep");
  });
});

/** A text of literals and of a value that exists everywhere in these flows. */
const anyTemplate = fc
  .array(
    fc.oneof(
      fc.constant("{{initial.message}}"),
      fc.string().map((text) => text.replaceAll(/[{}\\]/gu, "")),
    ),
  )
  .map((parts) => `x${parts.join("")}`);

const anyRetry = fc.record(
  { maxAttempts: fc.integer({ min: 1, max: 20 }), factor: fc.double({ min: 1, max: 10, noNaN: true }) },
  { requiredKeys: [] },
);

type Sequence = readonly Record<string, unknown>[];

/** Sequences of every kind of node, ids left out. A loop stands behind a code step, whose output may hold any list. */
const { sequence: anySequence } = fc.letrec<{ sequence: Sequence; inner: Sequence; nodes: Sequence }>((tie) => ({
  sequence: fc.array(tie("nodes"), { minLength: 1, maxLength: 3 }).map((groups) => groups.flat()),
  inner: fc.oneof({ maxDepth: 3 }, fc.constant([{ type: "passthrough" }]), tie("sequence")),
  nodes: fc.oneof(
    { maxDepth: 3 },
    fc
      .record({
        type: fc.constant("llm"),
        model: fc.constant("a/b:c"),
        prompt: anyTemplate,
        system: anyTemplate,
        retry: anyRetry,
      })
      .map((node) => [node]),
    fc.constant([{ type: "passthrough", name: "Keep", description: "" }]),
    fc.constant([{ type: "flow", flow: "other", version: 3, input: { text: "{{initial.message}}", list: [1, null] } }]),
    tie("inner").map((steps) => [
      { type: "code", code: "return {};" },
      { type: "loop", over: "a.b[0]", concurrency: 2, onError: null, steps },
    ]),
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,8}$/u), tie("inner"), { minKeys: 1, maxKeys: 3 })
      .map((branches) => [{ type: "parallel", branches }]),
    fc
      .array(fc.record({ if: fc.constant("true"), steps: tie("inner") }), { minLength: 1, maxLength: 2 })
      .map((when) => [{ type: "branch", when }]),
    tie("inner").map((steps) => [{ type: "branch", when: [{ if: "size(initial) > 1", steps }], else: steps }]),
  ),
}));

/** The same with an id of its own in each node. */
function withIds(value: unknown, nextId: () => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => withIds(inner, nextId));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    name === "input" || name === "retry" ? inner : withIds(inner, nextId),
  ]);
  return Object.fromEntries("type" in value ? [["id", nextId()], ...entries] : entries);
}

const anyDefinition = anySequence.map((steps) => {
  let count = 0;
  return { name: "Any", steps: withIds(steps, () => `step-${(count += 1)}`) };
});

test("a valid tree of any shape is accepted and comes back as it was", () => {
  fc.assert(
    fc.property(anyDefinition, (definition) => {
      const text = JSON.stringify(definition);
      const fromText = parseFlow(text, { format: "json" });
      expect(reasons(fromText)).toBe("");
      expect(fromText).toEqual(parseFlowObject(definition));
      expect(fromText.ok && fromText.stored.text).toBe(text);
    }),
    { numRuns: 200 },
  );
});

const anyJson = (fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }) as fc.Arbitrary<Json>) // reason: fast-check's JsonValue is mutable, ours is not
  .filter((value) => !JSON.stringify(value).includes("__proto__"));

test("every JSON text is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(anyJson, fc.constantFrom(0, 1, "\t"), (value, space) => {
      const source = readSource(JSON.stringify(value, undefined, space), "json");
      expect(source.ok && JSON.stringify(source.value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 500 },
  );
});

test("any value is accepted or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.anything(), fc.string(), (value, text) => {
      expect(parseFlowObject(value).ok).toBe(false);
      expect(parseFlowObject({ steps: [value] }).ok).toBe(false);
      expect(yaml(text).ok).toBe(false);
    }),
  );
});

test("one member that is put out of order makes a valid tree a refused one", () => {
  fc.assert(
    fc.property(anyDefinition, fc.constantFrom(null, 1, "", [], {}), (definition, broken) => {
      expect(parseFlowObject({ ...definition, steps: broken }).ok).toBe(false);
    }),
  );
});
