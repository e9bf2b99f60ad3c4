import { describe, expect, test } from "vitest";
import type { JsonObject } from "./definition.ts";
import { parseFlowObject } from "./parse.ts";

function faults(definition: JsonObject): readonly string[] {
  const result = parseFlowObject(definition);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`);
}

let count = 0;
/** An llm step whose prompt names `path`. */
function ask(path: string, members: JsonObject = {}): JsonObject {
  count += 1;
  return { id: `ask${count}`, type: "llm", model: "a/b", prompt: `{{${path}}}`, ...members };
}

const input = {
  type: "object",
  properties: {
    message: { type: "string" },
    lines: { type: "array", items: { type: "object", properties: { text: { type: "string" } } } },
    open: { type: "object" },
    closed: { type: "object", properties: { a: {} }, additionalProperties: false },
    more: { type: "object", properties: { a: {} }, additionalProperties: { type: "string" } },
    some: { type: "object", properties: { a: {} }, patternProperties: { "^x": {} } },
    any: {},
    both: { allOf: [{ properties: { a: {} } }, { $ref: "#/$defs/b" }] },
    either: {
      anyOf: [
        { type: "object", properties: { a: { type: "string" } } },
        { type: "array", items: { type: "string" } },
        { type: "null" },
      ],
    },
    typed: { type: "object", $ref: "#/$defs/b" },
    tree: { $ref: "#/$defs/tree" },
    when: { type: "object", properties: { a: {} }, if: {}, else: { properties: { b: {} } } },
  },
  $defs: {
    b: { type: "object", properties: { b: {} } },
    tree: { type: "object", properties: { name: { type: "string" }, inner: { $ref: "#/$defs/tree" } } },
  },
};

describe("what the input's schema tells", () => {
  test.each([
    "message",
    "lines",
    "lines.0.text",
    "lines[3].text",
    "open.x.y",
    "closed.a.x",
    "more.x",
    "some.xyz",
    "any.a.b",
    "both.a",
    "both.b",
    "typed.b",
    "either.a",
    "either.0",
    "tree.inner.name",
    "when.b",
    "initial",
    "initial.message",
    "initial.lines.0.text",
  ])("lets %s pass", (path) => {
    expect(faults({ input, steps: [ask(path)] })).toEqual([]);
  });

  test.each([
    "mesage",
    "message.length",
    "message.0",
    "lines.text",
    "lines.length",
    "lines.0.txt",
    "closed.b",
    "both.c",
    "typed.c",
    "either.b",
    "tree.nme",
    "when.c",
    "initial.mesage",
    "initial.closed.b",
    "item",
    "index",
    "toString",
    "constructor",
    "__proto__.x",
  ])("refuses %s", (path) => {
    expect(faults({ input, steps: [ask(path)] })).toHaveLength(1);
  });

  test("gives the names that can exist, the likely one first", () => {
    const declared = { type: "object", properties: { message: {}, difficulty: {} } };
    expect(faults({ input: declared, steps: [ask("dificulty", { id: "check" })] })).toEqual([
      "steps[0].prompt: `{{dificulty}}` names nothing that can exist here. Did you mean `difficulty`? Possible: `message`, `difficulty`, `initial.message`, `initial.difficulty`.",
    ]);
    expect(faults({ input, steps: [ask("lines.0.txt", { id: "check" })] })).toEqual([
      "steps[0].prompt: `{{lines.0.txt}}` names nothing that can exist here. Did you mean `lines.0.text`? Possible: `lines.0.text`.",
    ]);
  });

  test("is one optional message when there is none", () => {
    expect(faults({ steps: [ask("message"), ask("initial.message")] })).toEqual([]);
    expect(faults({ steps: [ask("text")] })).toHaveLength(1);
  });
});

describe("a step's output", () => {
  const output = { type: "object", properties: { mistakes: { type: "array", items: { type: "string" } } } };
  const check = ask("message", { id: "check", output });
  const code = { id: "tidy", type: "code", code: "return {}" };
  const parallel = { id: "fan", type: "parallel", branches: { tone: [ask("message", { id: "in" })], size: [code] } };
  const ifOnly = { id: "route", type: "branch", when: [{ if: "true", steps: [ask("message")] }] };
  const branch = { ...ifOnly, else: [check] };
  const loop = { id: "each", type: "loop", over: "mistakes", steps: [ask("item")] };

  test.each<[string, readonly JsonObject[], string]>([
    ["llm without output", [ask("message", { id: "a" })], "text"],
    ["llm with output", [check], "mistakes.0"],
    ["passthrough", [check, { id: "keep", type: "passthrough" }], "mistakes"],
    ["code", [code], "whatever.there.is"],
    ["flow", [{ id: "sub", type: "flow", flow: "other" }], "whatever"],
    ["parallel", [parallel], "tone.text"],
    ["parallel with code", [parallel], "size.any.thing"],
    ["branch, the one path", [branch], "text"],
    ["branch, the other path", [branch], "mistakes"],
    ["branch without else, its input", [ifOnly], "message"],
    ["loop", [check, loop], "items.0.text"],
    ["an earlier step", [check, loop], "steps.check.mistakes"],
    ["a whole earlier step", [check, loop], "steps.check"],
  ])("of %s can be named", (_kind, before, path) => {
    expect(faults({ steps: [...before, ask(path)] })).toEqual([]);
  });

  test.each<[string, readonly JsonObject[], string]>([
    ["llm without output", [ask("message", { id: "a" })], "message"],
    ["llm with output", [check], "text"],
    ["parallel", [parallel], "text"],
    ["parallel's branch", [parallel], "tone.mistakes"],
    ["branch", [branch], "message"],
    ["loop", [check, loop], "mistakes"],
    ["loop's items", [check, loop], "items.text"],
  ])("of %s has nothing else", (_kind, before, path) => {
    expect(faults({ steps: [...before, ask(path)] })).toHaveLength(1);
  });
});

describe("steps by id", () => {
  const first = ask("message", { id: "first" });
  const fan = (inner: JsonObject, beside: JsonObject): JsonObject => ({
    id: "fan",
    type: "parallel",
    branches: { a: [inner], b: [beside] },
  });

  test("are seen from inside later containers", () => {
    expect(faults({ steps: [first, fan(ask("steps.first.text"), ask("steps.first.text"))] })).toEqual([]);
  });

  test.each<[string, readonly JsonObject[], string]>([
    [
      "that come later",
      [ask("steps.last.text"), ask("text", { id: "last" })],
      "`last` is steps[1], which runs later or beside this one: move it before this step.",
    ],
    [
      "that are the step itself",
      [ask("steps.self.text", { id: "self" })],
      "`self` is steps[0], this step itself or around it",
    ],
    ["that are around it", [fan(ask("steps.fan.a"), first)], "`fan` is steps[0], this step itself or around it"],
    [
      "inside a container",
      [fan(first, ask("message")), ask("steps.first.text")],
      "`first` is steps[0].branches.a[0], inside a container: use the container's output instead.",
    ],
    ["in a branch beside", [fan(first, ask("steps.first.text"))], "which runs later or beside this one"],
    [
      "in an earlier case",
      [
        {
          id: "route",
          type: "branch",
          when: [
            { if: "true", steps: [first] },
            { if: "true", steps: [ask("steps.first.text")] },
          ],
        },
      ],
      "which runs later or beside this one",
    ],
    [
      "that do not exist",
      [first, ask("steps.frist.text")],
      "names no step that has run before this one. Did you mean `steps.first`?",
    ],
  ])("are not seen %s", (_where, steps, reason) => {
    const found = faults({ steps });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });

  test("cannot be named by the first step", () => {
    expect(faults({ steps: [ask("steps.other.text", { id: "first" })] })).toEqual([
      "steps[0].prompt: `{{steps.other.text}}` names no step that has run before this one.",
    ]);
  });

  test("have their fields checked", () => {
    expect(faults({ steps: [first, ask("steps.first.txt")] }).join()).toContain("Did you mean `steps.first.text`?");
  });
});

describe("a loop", () => {
  const lists = {
    type: "object",
    properties: {
      lines: input.properties.lines,
      text: { type: "string" },
      any: {},
      object: { type: "object", properties: { list: { type: "array" } } },
    },
  };
  const loop = (over: string, ...steps: readonly JsonObject[]): JsonObject => ({
    input: lists,
    steps: [{ id: "each", type: "loop", over, steps }],
  });

  test("gives its steps item and index, also behind the first one", () => {
    expect(faults(loop("lines", ask("item.text"), ask("index"), ask("item.text"), ask("text")))).toEqual([]);
    expect(faults(loop("lines", ask("item.txt"), ask("index.x")))).toHaveLength(2);
  });

  test("does not give its own input to its steps", () => {
    expect(faults(loop("lines", ask("text")))).toHaveLength(1);
    expect(faults(loop("lines", ask("initial.text")))).toEqual([]);
  });

  test("inside another one has the inner item", () => {
    expect(
      faults(
        loop("object.list", { id: "inner", type: "loop", over: "item.words", steps: [ask("item.x"), ask("index")] }),
      ),
    ).toEqual([]);
  });

  test.each(["lines", "any", "any.thing", "object.list", "object.list[0]"])("goes over %s", (over) => {
    expect(faults(loop(over, ask("index")))).toEqual([]);
  });

  test.each([
    ["text", "`text` names a single value; a loop needs a list."],
    ["object", "`object` names an object; a loop needs a list."],
    ["line", "`line` names nothing that can exist in this step's input. Did you mean `lines`?"],
    ["initial.lines", "names nothing that can exist in this step's input"],
  ])("does not go over %s", (over, reason) => {
    expect(faults(loop(over, ask("index"))).join()).toContain(reason);
  });
});

test("templates are checked in system and in a sub-flow's input too", () => {
  const steps = [
    ask("message", { system: "{{mesage}}" }),
    { id: "sub", type: "flow", flow: "other", input: { a: ["{{txt}}", { b: "{{text}}" }] } },
  ];
  expect(faults({ steps }).map((fault) => fault.split(": ", 1)[0])).toEqual(["steps[0].system", "steps[1].input.a[0]"]);
});

test("a step that is faulty itself brings no faults into the steps behind it", () => {
  const broken = [
    { id: "a", type: "nothing" },
    ask("anything"),
    { id: "each", type: "loop", over: 5, steps: [ask("item.x")] },
  ];
  expect(faults({ steps: broken }).map((fault) => fault.split(": ", 1)[0])).toEqual(["steps[0].type", "steps[2].over"]);
});
