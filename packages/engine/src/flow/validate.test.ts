import { describe, expect, test } from "vitest";
import { parseFlowObject } from "./parse.ts";
import { maxFaults, maxSchemasLength, maxTreeLevels } from "./validate.ts";

/** `path: message` of each fault. */
function faults(definition: unknown): readonly string[] {
  const result = parseFlowObject(definition);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`);
}

const llm = { id: "check", type: "llm", model: "openai/gpt-5-mini", prompt: "Check" };
const keep = { id: "keep", type: "passthrough" };

describe("the definition itself", () => {
  test.each<[unknown, string]>([
    [{}, "steps: is missing. Add it."],
    [{ steps: [] }, "steps: has no steps."],
    [{ steps: {} }, "steps: expected a list of steps, got an object."],
    [{ steps: [keep], name: "" }, "name: is empty."],
    [{ steps: [keep], name: 3 }, "name: expected a string, got a number. Put it in quotes."],
    [{ steps: [keep], name: "x".repeat(201) }, "name: is 201 characters long; the limit is 200."],
    [
      { steps: [keep], description: null },
      "description: expected a string, got null. Give it a value, or remove the member.",
    ],
    [{ steps: [keep], description: "x".repeat(2001) }, "description: is 2001 characters long"],
    [
      { steps: [keep], capture: "metadata" },
      "capture: expected one of `full`, `redacted`, `metadata_only`, `off`, got `metadata`.",
    ],
    [{ steps: [keep], capture: false }, "capture: expected one of `full`"],
    [{ steps: [keep], $schema: 1 }, "$schema: expected a string"],
    [{ step: [keep] }, "step: is not known here. Did you mean `steps`?"],
    [{ steps: ["check"] }, "steps[0]: expected a step with `id` and `type`, got a string."],
  ])("%j is refused: %s", (definition, expected) => {
    expect(faults(definition).join("\n")).toContain(expected);
  });

  test("may name the address of its schema", () => {
    expect(
      faults({ $schema: "https://example.com/flow.json", name: "a", description: "", capture: "off", steps: [keep] }),
    ).toEqual([]);
  });
});

describe("the input", () => {
  const withInput = (input: unknown): unknown => ({ input, steps: [keep] });

  test.each<[unknown, string]>([
    [true, "input: expected a JSON Schema, got a boolean."],
    [{ properties: {} }, "input.type: the schema must be that of an object. Write `type: object`."],
    [{ type: "string" }, "input.type: the schema must be that of an object."],
    [{ type: "objct" }, "input.type: the schema must be that of an object."],
    [{ type: "object", properties: { a: { type: "strng" } } }, "input.properties.a.type: expected one of"],
    [
      { type: "object", properties: { a: { pattern: "(?!x)" } } },
      "input.properties.a.pattern: the pattern cannot be used",
    ],
    [
      { type: "object", properties: { attachments: {} } },
      "input.properties.attachments: an input cannot be called `attachments`",
    ],
    [
      { type: "object", properties: { "1": {} } },
      'input.properties["1"]: an input\'s name cannot be a whole number. Write `input1`',
    ],
    [{ type: "object", properties: { "": {} } }, 'input.properties[""]: an input\'s name cannot be empty.'],
    [
      { type: "object", properties: { n: { type: "integer", default: "3" } } },
      "input.properties.n.default: the default does not fit: n: expected integer, got string.",
    ],
    [
      { type: "object", properties: { o: { type: "object", default: {}, required: ["x"] } } },
      "input.properties.o.default: the default does not fit: o.x: is required.",
    ],
  ])("%j is refused: %s", (input, expected) => {
    expect(faults(withInput(input)).join("\n")).toContain(expected);
  });

  test("has a wrong type reported once", () => {
    expect(faults(withInput({ type: "objct" }))).toHaveLength(1);
  });

  test("may have required properties beside defaults that fit", () => {
    expect(
      faults(
        withInput({
          type: "object",
          properties: { a: { type: "string" }, b: { type: "integer", default: 1 } },
          required: ["a"],
        }),
      ),
    ).toEqual([]);
  });
});

describe("a step", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ id: undefined }, "steps[0].id: is missing"],
    [{ id: "1st" }, "steps[0].id: `1st` is no id."],
    [{ id: "a b" }, "steps[0].id: `a b` is no id."],
    [{ id: "x".repeat(65) }, "is no id. Use at most 64"],
    [{ id: 5 }, "steps[0].id: expected a string, got a number."],
    [{ name: "" }, "steps[0].name: is empty."],
    [{ description: [] }, "steps[0].description: expected a string, got a list."],
    [{ model: "gpt-5" }, "steps[0].model: `gpt-5` is no model. Write `provider/model`"],
    [{ model: "/gpt-5" }, "is no model"],
    [{ model: "openai/" }, "is no model"],
    [{ model: "openai/gpt 5" }, "is no model"],
    [{ prompt: "" }, "steps[0].prompt: is empty. Write something."],
    [{ prompt: 5 }, "steps[0].prompt: expected a string, got a number."],
    [{ prompt: "{{#each x}}" }, "steps[0].prompt: `{{#each x}}` cannot be read"],
    [{ system: "{{" }, "steps[0].system: `{{` is not closed"],
    [{ temperature: -0.1 }, "steps[0].temperature: expected a number from 0 to 2, got -0.1."],
    [{ temperature: 2.1 }, "expected a number from 0 to 2, got 2.1."],
    [{ maxOutputTokens: 0 }, "steps[0].maxOutputTokens: expected a whole number from 1"],
    [{ maxOutputTokens: 1.5 }, "got 1.5."],
    [{ tools: "yes" }, "steps[0].tools: expected true or false, got a string."],
    [{ output: { type: "array" } }, "steps[0].output.type: the schema must be that of an object."],
    [{ output: "object" }, "steps[0].output: expected a JSON Schema, got a string."],
    [{ timeoutMs: 0 }, "steps[0].timeoutMs: expected a whole number from 1 to 86400000, got 0."],
    [{ timeoutMs: 86_400_001 }, "steps[0].timeoutMs"],
    [{ retry: 3 }, "steps[0].retry: expected an object with `maxAttempts`, `initialMs`, `factor`, got a number."],
    [{ retry: { attempts: 3 } }, "steps[0].retry.attempts: is not known here."],
    [{ retry: { maxAttempts: 0 } }, "steps[0].retry.maxAttempts: expected a whole number from 1 to 20, got 0."],
    [{ retry: { maxAttempts: 21 } }, "steps[0].retry.maxAttempts"],
    [{ retry: { initialMs: -1 } }, "steps[0].retry.initialMs: expected a whole number from 0 to 3600000, got -1."],
    [{ retry: { factor: 0.5 } }, "steps[0].retry.factor: expected a number from 1 to 10, got 0.5."],
    [{ fallback: "a/b" }, "steps[0].fallback: expected a list of models, got a string."],
    [{ fallback: ["a/b", "c"] }, "steps[0].fallback[1]: `c` is no model."],
    [{ fallback: Array.from({ length: 11 }, () => "a/b") }, "steps[0].fallback: has 11 models; the limit is 10."],
    [{ language: "javascript" }, "steps[0].language: is not known here."],
    [{ type: "lllm" }, "steps[0].type: `lllm` is no kind of step. Did you mean `llm`?"],
    [{ type: 3 }, "steps[0].type: expected one of `llm`"],
    [{ type: "constructor" }, "steps[0].type: `constructor` is no kind of step."],
    [{ type: "code", code: "" }, "steps[0].code: is empty."],
    [
      { type: "code", code: "return {}", language: "python" },
      "steps[0].language: expected one of `javascript`, got `python`.",
    ],
    [{ type: "code", code: "x".repeat(262_145) }, "steps[0].code: is 262145 characters long"],
    [{ type: "loop", steps: [keep] }, "steps[0].over: is missing. Add it."],
    [{ type: "loop", over: "a b", steps: [keep] }, "steps[0].over: `a b` cannot be read"],
    [{ type: "loop", over: "", steps: [keep] }, "steps[0].over: is empty."],
    [{ type: "loop", over: "x", steps: [] }, "steps[0].steps: has no steps."],
    [
      { type: "loop", over: "x", steps: [keep], concurrency: 257 },
      "steps[0].concurrency: expected a whole number from 1 to 256, got 257.",
    ],
    [
      { type: "loop", over: "x", steps: [keep], onError: "stop" },
      "steps[0].onError: expected one of `fail`, `skip`, `null`, got `stop`.",
    ],
    [{ type: "parallel", branches: {} }, "steps[0].branches: has no branches."],
    [{ type: "parallel", branches: [] }, "steps[0].branches: expected an object of branches, got a list."],
    [{ type: "parallel", branches: { "a b": [keep] } }, 'steps[0].branches["a b"]: `a b` is no id.'],
    [{ type: "parallel", branches: { a: [] } }, "steps[0].branches.a: has no steps."],
    [
      {
        type: "parallel",
        branches: Object.fromEntries(
          Array.from({ length: 257 }, (_, index) => [`b${index}`, [{ ...keep, id: `k${index}` }]]),
        ),
      },
      "steps[0].branches: has 257 branches; the limit is 256.",
    ],
    [{ type: "branch", when: [] }, "steps[0].when: has no cases."],
    [{ type: "branch", when: [{ steps: [keep] }] }, "steps[0].when[0].if: is missing."],
    [{ type: "branch", when: [{ if: "", steps: [keep] }] }, "steps[0].when[0].if: is empty."],
    [
      { type: "branch", when: [{ if: true, steps: [keep] }] },
      "steps[0].when[0].if: expected a string, got a boolean. Put it in quotes.",
    ],
    [
      { type: "branch", when: [{ if: "x", step: [keep] }] },
      "steps[0].when[0].step: is not known here. Did you mean `steps`?",
    ],
    [{ type: "branch", when: [{ if: "x", steps: [keep] }], else: [] }, "steps[0].else: has no steps."],
    [{ type: "flow" }, "steps[0].flow: is missing."],
    [{ type: "flow", flow: "Grade 3" }, "steps[0].flow: `Grade 3` is no slug."],
    [{ type: "flow", flow: "grade-3-" }, "is no slug"],
    [{ type: "flow", flow: "a" }, "is no slug"],
    [
      { type: "flow", flow: "grade-3", version: 0 },
      "steps[0].version: expected `production`, `draft` or a version's number from 1.",
    ],
    [{ type: "flow", flow: "grade-3", version: "latest" }, "steps[0].version"],
    [
      { type: "flow", flow: "grade-3", input: "{{text}}" },
      "steps[0].input: expected an object of inputs, got a string.",
    ],
    [{ type: "flow", flow: "grade-3", input: { a: [{ b: "{{" }] } }, "steps[0].input.a[0].b: `{{` is not closed"],
  ])("%j is refused: %s", (step, expected) => {
    const { id, ...members } = { ...(step["type"] === undefined ? llm : { id: "a" }), ...step };
    const definition = { steps: [id === undefined ? members : { id, ...members }] };
    expect(faults(definition).join("\n")).toContain(expected);
  });

  test.each(["type", "id", "model", "prompt"])("of kind llm needs %s", (name) => {
    const { [name]: _, ...rest } = llm as Record<string, unknown>; // reason: any of its members may be left out here
    expect(faults({ steps: [rest] })).toHaveLength(1);
  });

  test("may have every member that its kind has, at its bounds", () => {
    expect(
      faults({
        steps: [
          {
            ...llm,
            name: "x".repeat(200),
            description: "",
            system: "s",
            temperature: 2,
            maxOutputTokens: 1,
            tools: true,
            output: { type: "object", properties: { list: { type: "array" } } },
            timeoutMs: 86_400_000,
            retry: { maxAttempts: 20, initialMs: 0, factor: 1 },
            fallback: [],
          },
          { id: "each", type: "loop", over: "list", concurrency: 256, onError: null, steps: [{ ...keep, id: "in1" }] },
          { id: "fan", type: "parallel", branches: { a: [{ ...keep, id: "in2" }], _b: [{ ...keep, id: "in3" }] } },
          {
            id: "route",
            type: "branch",
            when: [{ if: "true", steps: [{ ...keep, id: "in4" }] }],
            else: [{ ...keep, id: "in5" }],
          },
          { id: "tidy", type: "code", language: "javascript", code: "return {}", timeoutMs: 1, retry: {} },
          {
            id: "sub",
            type: "flow",
            flow: "grade-3",
            version: 2,
            input: { n: 1, text: "{{text}}" },
          },
          keep,
        ],
      }),
    ).toEqual([]);
  });
});

describe("the tree", () => {
  test("has an id that is taken twice named with both places, also across containers", () => {
    const definition = {
      steps: [llm, { id: "fan", type: "parallel", branches: { a: [keep, { ...keep }], b: [{ ...llm }] } }],
    };
    expect(faults(definition)).toEqual([
      "steps[1].branches.a[1].id: the id `keep` is taken by steps[1].branches.a[0]. Ids are unique in the whole tree; rename one of the two.",
      "steps[1].branches.b[0].id: the id `check` is taken by steps[0]. Ids are unique in the whole tree; rename one of the two.",
    ]);
  });

  const nest = (levels: number): Record<string, unknown> =>
    levels === 1 ? keep : { id: `l${levels}`, type: "parallel", branches: { a: [nest(levels - 1)] } };

  test("may be as deep as the limit, and no deeper", () => {
    expect(faults({ steps: [nest(maxTreeLevels)] })).toEqual([]);
    expect(faults({ steps: [nest(maxTreeLevels + 1)] }).join()).toContain(
      `lies ${maxTreeLevels + 1} levels deep; the limit is ${maxTreeLevels}`,
    );
  });

  test("may have as many steps as the limit, and no more", () => {
    const many = (count: number): unknown => ({
      steps: [
        {
          id: "fan",
          type: "parallel",
          branches: { a: Array.from({ length: count }, (_, index) => ({ id: `k${index}`, type: "passthrough" })) },
        },
      ],
    });
    expect(faults(many(9_999))).toEqual([]);
    expect(faults(many(10_000)).join()).toContain("the flow has 10001 steps in all; the limit is 10000");
  });

  test("may have schemas up to a limit together", () => {
    const withSchemas = (length: number): unknown => ({
      steps: Array.from({ length: 5 }, (_, index) => {
        const output = { type: "object", title: `${index}` };
        return { ...llm, id: `s${index}`, output: { ...output, title: output.title.padEnd(length - 28, "x") } };
      }),
    });
    expect(JSON.stringify({ type: "object", title: "" })).toHaveLength(28);
    expect(faults(withSchemas(Math.floor(maxSchemasLength / 5)))).toEqual([]);
    expect(faults(withSchemas(Math.floor(maxSchemasLength / 5) + 1))).toEqual([expect.stringContaining("together")]);
  });

  test("has all its faults reported at once, up to a limit", () => {
    const broken = (count: number): unknown => ({
      steps: Array.from({ length: count }, (_, index) => ({ id: `k${index}`, type: "none" })),
    });
    expect(faults(broken(maxFaults))).toHaveLength(maxFaults);
    expect(faults(broken(5_000))).toHaveLength(maxFaults + 1);
    expect(faults(broken(5_000)).at(-1)).toContain("the others are left out");
  });
});

test("faults of every kind are reported together", () => {
  const definition = {
    capture: "all",
    input: { type: "object", properties: { message: { type: "text" } } },
    steps: [
      { ...llm, prompt: "{{messag}}", temperature: 9 },
      { ...llm, modl: "x" },
      { id: "each", type: "loop", over: "txt", steps: [{ id: "in", type: "llm", model: "x", prompt: "{{itm}}" }] },
    ],
  };
  expect(
    faults(definition)
      .map((fault) => fault.split(": ", 1)[0])
      .toSorted(),
  ).toEqual([
    "capture",
    "input.properties.message.type",
    "steps[0].prompt",
    "steps[0].temperature",
    "steps[1].id",
    "steps[1].modl",
    "steps[2].over",
    "steps[2].steps[0].model",
    "steps[2].steps[0].prompt",
  ]);
});
