import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../flow/definition.ts";
import { seesFlowInput, toFlowInput } from "./flow-input.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

const list = Array.from({ length: 2_000 }, (_, index) => index);
const { signal } = new AbortController();
let sandbox: Sandbox;

beforeAll(async () => {
  // One process: what an earlier call was given is still there.
  sandbox = await startSandbox({ size: 1 });
});
afterAll(() => sandbox.close());

function run(code: string, initial: JsonObject, runId = "run"): Promise<JsonObject> {
  return sandbox.run({ runId, stepId: "s", code, bindings: { initial, input: {} }, signal, timeoutMs: 5_000 });
}

test("knows the size of its JSON, in whatever parts it is sent", () => {
  for (const initial of [{}, { a: 1 }, { list, "ü\n": "ä".repeat(5_000), a: null }]) {
    expect(toFlowInput(initial).bytes).toBe(Buffer.byteLength(JSON.stringify(initial)));
  }
});

test.each([
  ["return { a: initial.a }", true],
  ["return { a: \\u0069nitial.a }", true],
  ["return eval('init' + 'ial')", true],
  ["return { n: item * 2 }", false],
])("code that cannot name it is spared it: %s", (code, sees) => {
  expect(seesFlowInput(code)).toBe(sees);
});

test("a long member is there like any other", async () => {
  const initial = { a: 1, list, text: "line\nbreak ".repeat(1_000), "two words": list, z: 2 };
  const code = `
    const { list: taken, ...rest } = initial;
    return { copy: JSON.parse(JSON.stringify(initial)), keys: Object.keys(rest), same: taken === initial.list, last: initial.list.at(-1) };`;
  expect(await run(code, initial)).toEqual({
    copy: initial,
    keys: ["a", "text", "two words", "z"],
    same: true,
    last: 1_999,
  });
});

test("a long member can be written, shadowed and frozen", async () => {
  const code = `
    const heir = Object.create(initial);
    heir.list = "its own";
    const before = initial.list.length;
    initial.list = 1;
    const frozen = Object.freeze({ ...initial });
    return { heir: heir.list, before, after: initial.list, keys: Object.keys(initial), frozen: frozen.other.length };`;
  expect(await run(code, { list, other: list })).toEqual({
    heir: "its own",
    before: 2_000,
    after: 1,
    keys: ["list", "other"],
    frozen: 2_000,
  });
});

test("a member called `__proto__` is a member, short or long", async () => {
  const code =
    "return { own: Object.keys(initial), length: initial['__proto__'].length, plain: typeof initial.toString }";
  for (const value of ["short", "x".repeat(5_000)]) {
    const initial = JSON.parse(`{"__proto__":${JSON.stringify(value)}}`) as JsonObject; // as: written above
    expect(await run(code, initial)).toEqual({ own: ["__proto__"], length: value.length, plain: "function" });
  }
});

test("each call sees the input of its own run, whatever the process was sent before, and as no earlier call left it", async () => {
  const [first, second] = [
    { list, name: "first" },
    { list: [...list, "more"], name: "second" },
  ];
  const code =
    "const { name, list: { length } } = initial; initial.name = 'spoilt'; initial.list.length = 0; return { name, length }";
  const calls = [first, first, second, first].map(async (initial) => {
    const seen = await run(code, initial, initial.name);
    expect(await run("return { none: true }", initial, initial.name)).toEqual({ none: true });
    return seen;
  });
  expect(await Promise.all(calls)).toEqual([
    { name: "first", length: 2_000 },
    { name: "first", length: 2_000 },
    { name: "second", length: 2_001 },
    { name: "first", length: 2_000 },
  ]);
});

test("a process that takes another's place is sent it anew", async () => {
  const initial = { list };
  const code = "return { length: initial.list.length }";
  expect(await run(code, initial)).toEqual({ length: 2_000 });
  await expect(
    sandbox.run({
      runId: "run",
      stepId: "s",
      code: "for (;;);",
      bindings: { initial, input: {} },
      signal,
      timeoutMs: 50,
    }),
  ).rejects.toMatchObject({ code: "STEP_TIMEOUT" });
  expect(await run(code, initial)).toEqual({ length: 2_000 });
});
