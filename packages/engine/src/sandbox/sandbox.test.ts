import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HandedOverError, TerminalError } from "../errors.ts";
import type { JsonObject } from "../flow/definition.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
const { signal } = new AbortController();

beforeAll(async () => {
  sandbox = await startSandbox({ limits: { inputBytes: 100_000, outputBytes: 10_000 } });
});
afterAll(() => sandbox.close());

interface Extra {
  readonly input?: JsonObject;
  readonly initial?: JsonObject;
  readonly runId?: string;
}

function run(code: string, { input = {}, initial = {}, runId = "run" }: Extra = {}): Promise<JsonObject> {
  return sandbox.run({ runId, stepId: "tidy", code, bindings: { initial, input }, signal, timeoutMs: 5000 });
}

async function faultOf(code: string, extra?: Extra): Promise<string> {
  const error: unknown = await run(code, extra).then(
    () => expect.fail("The code gave a result."),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TerminalError);
  expect(error).toMatchObject({ code: "CODE_ERROR" });
  return (error as TerminalError).message; // as: seen above
}

describe("what the code sees", () => {
  it("is the flow's input, the step's input, and that one's members", async () => {
    const code = "return { count: input.items.length, same: items === input.items, text: initial.message.trim() }";
    const result = await run(code, { initial: { message: " hi " }, input: { items: [1, 2] } });
    expect(result).toEqual({ count: 2, same: true, text: "hi" });
  });

  it("may be declared anew by the code", async () => {
    expect(await run("const items = input.items ?? []; return { items };", { input: { items: [1] } })).toEqual({
      items: [1],
    });
  });

  it("leaves out members whose names are no variables, reserved, or taken by built-in things", async () => {
    const input = {
      größe: 1,
      "a-b": 2,
      class: 3,
      JSON: 4,
      eval: 5,
      undefined: 6,
      initial: 7,
      __proto__x: 8,
      "1": 9,
      "x){}": 10,
    };
    const code =
      "return { größe, json: typeof JSON, none: undefined === void 0, initial, proto: __proto__x, all: input }";
    const result = await run(code, { input, initial: { a: 1 } });
    expect(result).toEqual({ größe: 1, json: "object", none: true, initial: { a: 1 }, proto: 8, all: input });
  });

  it("keeps texts as they are, lone surrogates, NUL and all", async () => {
    const text = '\u0000 \ud800 \u2028 😀 " \\';
    expect(await run("return { text, length: text.length }", { input: { text } })).toEqual({
      text,
      length: text.length,
    });
  });

  it("is strict", async () => {
    expect(await run("return { none: this === undefined }")).toEqual({ none: true });
    expect(await faultOf("total = 1; return {}")).toBe(
      `Step "tidy": line 1, column 1: ReferenceError: 'total' is not defined`,
    );
  });

  it("has dates and mathematics, but neither clock nor dice", async () => {
    const dates =
      "return { day: new Date(2020, 1, 29, 12).toISOString(), parsed: Date.parse('2020-01-01'), is: new Date(0) instanceof Date }";
    expect(await run(dates)).toEqual({ day: "2020-02-29T12:00:00.000Z", parsed: 1_577_836_800_000, is: true });
    for (const code of [
      "Date.now()",
      "new Date()",
      "Date()",
      "new new Date(0).constructor()",
      "new (class extends Date {})()",
    ])
      expect(await faultOf(`return { x: ${code} }`)).toContain("The current time is not there in a code step");
    expect(await faultOf("return { x: Math.random() }")).toContain("Math.random is not there in a code step");
  });

  it("is new on each call, whatever an earlier one of the same run did", async () => {
    await run(
      "globalThis.kept = 1; Object.prototype.kept = 1; Array.prototype.push = () => 7; JSON.parse = null; return {}",
    );
    const code = "return { kept: typeof kept, member: typeof ({}).kept, push: [].push(1), parse: typeof JSON.parse }";
    expect(await run(code)).toEqual({ kept: "undefined", member: "undefined", push: 1, parse: "function" });
    expect("kept" in {}).toBe(false);
  });
});

describe("what the code returns", () => {
  it.each([
    ["return", "returned nothing. Does every path end with `return { … }`?"],
    ["return null", "returned null."],
    ["return [1]", "returned a list. Give it a name: `return { items: … }`."],
    ["return 'x'", "returned a string."],
    ["return 5", "returned a number."],
    ["return true", "returned a boolean."],
    ["return () => ({})", "returned a function."],
    ["return new Map([['a', 1]])", "returned a Map. Try `Object.fromEntries`."],
    ["return new Date(0)", "returned a Date."],
    ["return new Error('x')", "returned an error."],
    [
      "return (async () => ({}))()",
      "returned a promise. There is nothing to wait for here: write the code without `async`.",
    ],
    ["return { toJSON: () => [1] }", "returned an object whose `toJSON` gives something else."],
    ["return { toJSON: () => undefined }", "returned an object whose `toJSON` gives something else."],
  ])("is refused unless it is an object: %s", async (code, reason) => {
    expect(await faultOf(code)).toBe(`Step "tidy": the code must return a JSON object, and ${reason}`);
  });

  it("is JSON: what that cannot hold becomes what JSON makes of it", async () => {
    const code = "return { date: new Date(0), none: undefined, nan: NaN, run() {}, own: { toJSON: () => 5 } }";
    expect(await run(code)).toEqual({ date: "1970-01-01T00:00:00.000Z", nan: null, own: 5 });
  });

  it("may be as long as the limit, and no longer", async () => {
    const frame = '{"a":""}'.length;
    const longest = `return { a: "x".repeat(${10_000 - frame}) }`;
    expect(JSON.stringify(await run(longest))).toHaveLength(10_000);
    expect(await faultOf(`return { a: "x".repeat(${10_001 - frame}) }`)).toContain(
      "the code returned more than 10000 bytes of JSON",
    );
    expect(await faultOf(`return { a: "ä".repeat(${5001 - frame / 2}) }`)).toContain(
      "the code returned more than 10000 bytes of JSON",
    );
  });

  it("is no deeper than those who pass it on can go", async () => {
    const nest = (levels: number): string => `let o = {}; for (let i = 1; i < ${levels}; i += 1) o = { o }; return o`;
    expect(await run(nest(200))).toHaveProperty("o.o.o");
    expect(await faultOf(nest(201))).toContain("an object of more than 200 levels. Flatten it.");
  });

  it("has no member that could be taken for a prototype", async () => {
    expect(await faultOf(`return { a: [JSON.parse('{"__proto__": { "b": 1 }}')] }`)).toContain(
      "a member named `__proto__`",
    );
  });
});

it("refuses an input that is too long, before any process sees it", async () => {
  expect(await faultOf("return {}", { input: { a: "x".repeat(100_000) } })).toBe(
    'Step "tidy": its input and the flow\'s are 100010 bytes of JSON together; code takes at most 100000 bytes.',
  );
});

describe("what the code throws", () => {
  it.each([
    ["\n  throw new TypeError('no good')", "line 2, column 22: TypeError: no good"],
    ["return { a: items.b.c }", "line 1, column 13: ReferenceError: 'items' is not defined"],
    ["throw { a: 1 }", "threw [object Object]"],
    ["throw null", "threw null"],
    ["throw 'plain'", "threw plain"],
    ["throw { toString() { throw 1 } }", "threw a value that cannot be shown"],
    ["throw new Proxy({}, { getPrototypeOf() { throw 1 } })", "threw [object Object]"],
    [
      "class Odd extends Error { get message() { throw 1 } } throw new Odd()",
      "line 1, column 53: Error: a value that cannot be shown",
    ],
  ])("is told with its place: %s", async (code, message) => {
    expect(await faultOf(code)).toBe(`Step "tidy": ${message}`);
  });

  it("is told in bounds, without a stack or a path", async () => {
    const message = await faultOf(
      "const e = new Error('m'.repeat(1e6)); e.name = 'n'.repeat(1e6); e.stack = 's'.repeat(1e6); throw e",
    );
    expect(message.length).toBeLessThan(2100);
    expect(await faultOf("function f() { throw new Error('x') } f()")).not.toMatch(/\n|\/|at f/u);
  });

  it("counts columns from the code's own first line, whatever the input holds", async () => {
    expect(await faultOf("return x", { input: { größe: 1, b: 2 } })).toContain("line 1, column 8:");
  });
});

describe("a check of the syntax", () => {
  it.each([
    ["return { a: 1 }", undefined],
    ["// a remark at the end", undefined],
    [
      "let a = ;",
      { line: 1, column: 9, message: "line 1, column 9: SyntaxError: unexpected token in expression: ';'" },
    ],
    ["let a\n  let b c", { line: 2, column: 9, message: "line 2, column 9: SyntaxError: expecting ';'" }],
    ["if (a) {\n b()", { line: 2, column: 5, message: expect.stringContaining("the code ends too early") as string }],
    [
      "return `a",
      { line: 1, column: expect.any(Number) as number, message: expect.stringContaining("SyntaxError") as string },
    ],
    ["await x", { line: 1, column: 7, message: "line 1, column 7: SyntaxError: expecting ';'" }],
    ["with (a) {}", { line: 1, column: 1, message: expect.stringContaining("SyntaxError") as string }],
    [
      "import fs from 'fs'",
      { line: 1, column: expect.any(Number) as number, message: expect.stringContaining("SyntaxError") as string },
    ],
  ])("finds the first fault: %s", async (code, fault) => {
    expect(await sandbox.check(code)).toEqual(fault);
  });

  it("runs nothing, not even what closes the function around it", async () => {
    expect(
      await sandbox.check("}), (() => { for (;;); })(), (function () { class A { static { for (;;); } }"),
    ).toBeUndefined();
  });

  it.each(["(", "[", "`${", "x => (", "(a, ", "{", "async ("])("gets through %s thousands of times", async (piece) => {
    expect(await sandbox.check(piece.repeat(40_000))).toMatchObject({ line: 1 });
  });
});

it("says what shuts the processes in", () => {
  const { isolation } = sandbox;
  expect(isolation).toMatchObject({ arePermissionsShut: true, isEnvironmentEmpty: true });
  expect(isolation.summary).toContain("no files, no child processes, an empty environment");
});

it("refuses calls once it is closed", async () => {
  const other = await startSandbox({ size: 1 });
  const call = {
    runId: "run",
    stepId: "tidy",
    code: "for (;;);",
    bindings: { initial: {}, input: {} },
    signal,
    timeoutMs: 5000,
  };
  const underWay = other.run(call);
  const waiting = other.run(call);
  const closed = other.close();
  await expect(underWay).rejects.toBeInstanceOf(HandedOverError);
  await expect(waiting).rejects.toBeInstanceOf(HandedOverError);
  await closed;
  await expect(other.check("1")).rejects.toBeInstanceOf(HandedOverError);
});
