import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../flow/definition.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

/** Code that wants more than it is given: time, memory, stack, room for its answer. Each ends by its own call's error, and delays no other call. */

vi.setConfig({ testTimeout: 60_000 });

let sandbox: Sandbox;
const { signal } = new AbortController();

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

function run(code: string, runId: string, timeoutMs = 60_000): Promise<JsonObject> {
  return sandbox.run({ runId, stepId: "try", code, bindings: { initial: {}, input: {} }, signal, timeoutMs });
}

const endless: Readonly<Record<string, string>> = {
  "a loop": "for (;;);",
  "a loop that catches everything": "for (;;) { try { for (;;) null.x } catch {} }",
  "a loop in a finally": "try { return {} } finally { for (;;); }",
  "a generator": "function* g() { for (;;) yield 1 } for (const x of g()); return {}",
  "a getter of the result": "return { get a() { for (;;); } }",
  "a toJSON": "return { toJSON() { for (;;); } }",
  "a thrown value's toString": "throw { toString() { for (;;); } }",
  "a thrown proxy's traps": "throw new Proxy({}, { getPrototypeOf() { for (;;); }, get() { for (;;); } })",
  "a toStringTag": "return { get [Symbol.toStringTag]() { for (;;); } }",
  "a regular expression": "return { a: /^(a+)+$/.test('a'.repeat(50) + 'b') }",
  "a regular expression with a way back": "return { a: /^(?=(a+)+$)\\1*/.test('a'.repeat(60) + 'b') }",
  "a search in a list that is none": "return { a: Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) }",
  "a join of a list that is none": "return { a: Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1) }",
  "a sort whose comparison never ends": "[1, 2].sort(() => { for (;;); }); return {}",
  "a replacement that calls itself": "const f = () => { for (;;) 'a'.replace(/a/, f2) }; const f2 = () => 'a'; f()",
  arithmetic: "let x = 3n; for (;;) x = (x * x) % (1n << 200000n)",
};

const greedy: Readonly<Record<string, string>> = {
  "lists of lists": "const a = []; for (;;) a.push(new Array(1000).fill(1))",
  "one long list": "const a = []; for (;;) a.push(1, 2, 3, 4)",
  "a list's length": "const a = []; a.length = 2 ** 32 - 1; return { a: a.fill(0).length }",
  "a sparse list, spread": "return { a: [...new Array(2 ** 31)].length }",
  "Array.from of a length": "return { a: Array.from({ length: 2 ** 40 }).length }",
  "a list's join": "return { a: new Array(2 ** 25).join('abcdefgh').length }",
  "a text that doubles": "let s = 'ab'; for (;;) s += s",
  "a text, repeated": "return { a: 'x'.repeat(2 ** 30 - 25).length }",
  "a text, padded": "const a = []; for (;;) a.push('x'.padEnd(2 ** 24) + a.length)",
  "a replacement that grows": "let s = 'aa'; for (;;) s = s.replace(/a/g, 'aaaaaaaaaaaaaaaa')",
  "an array buffer": "const a = []; for (;;) a.push(new ArrayBuffer(2 ** 24))",
  "a large typed array": "return { a: new Float64Array(2 ** 30).length }",
  "a map": "const m = new Map(); for (let i = 0; ; i += 1) m.set(i, { i })",
  names: "const o = {}; for (let i = 0; ; i += 1) o['name' + i] = i",
  symbols: "const a = []; for (let i = 0; ; i += 1) a.push(Symbol('s' + i))",
  closures:
    "let f = () => 0; for (;;) { const g = f; const big = new Array(100).fill(g); f = () => big.length + g.length }",
  "a large number": "let x = 7n; for (;;) x = x ** 7n",
  "a shift": "return { a: String(1n << (1n << 40n)) }",
  promises: "const p = []; for (;;) p.push(new Promise(() => {}))",
  jobs: "for (;;) Promise.resolve().then(() => {})",
  "a regular expression": "return { a: new RegExp('y'.repeat(2 ** 25)).test('a') }",
  "a proxy's endless keys":
    "return new Proxy({}, { ownKeys: () => new Array(2 ** 24).fill(0).map((_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ value: 'v'.repeat(1000), enumerable: true, configurable: true }) })",
  "an output of 100 MB in one text": "return { a: 'x'.repeat(100 * 1024 * 1024) }",
  "an output of 100 MB in a list": "return { a: new Array(100).fill('x'.repeat(1024 * 1024)) }",
  "an output that is longer in UTF-8 than in characters": "return { a: '😀'.repeat(300 * 1024) }",
  "an output with a toJSON that grows": "const o = { toJSON() { return { a: 'x'.repeat(2 ** 20), o } } }; return { o }",
  "an output that holds itself": "const o = {}; o.o = o; return o",
  "an error's text": "throw new Error('x'.repeat(2 ** 25))",
  "an error's stack": "const e = new Error('x'); e.stack = 'y'.repeat(2 ** 25); throw e",
  "catching the end of memory":
    "const a = []; for (;;) { try { for (;;) a.push(new Array(1000).fill(1)) } catch { if (a.length > 1e9) break; a.length = 0; throw new Error('full') } }",
};

const deep: Readonly<Record<string, string>> = {
  "a function": "const f = () => 1 + f(); return { a: f() }",
  "two functions": "const f = () => g(); const g = () => f(); f()",
  "a getter": "const o = { get a() { return this.a } }; return o",
  "a toString": "const o = { toString() { return `${o}` } }; return { a: `${o}` }",
  "a proxy of a proxy": "let p = {}; for (let i = 0; i < 1e5; i += 1) p = new Proxy(p, {}); return { a: p.x }",
  "a chain of prototypes":
    "let p = {}; for (let i = 0; i < 1e5; i += 1) p = Object.create(p); const f = () => f.call(p); return { a: f() }",
  "bound functions": "let f = () => 1; for (let i = 0; i < 1e5; i += 1) f = f.bind(null); return { a: f() }",
  "a JSON text": "return { a: JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)) }",
  "an object": "let o = {}; for (let i = 0; i < 1e5; i += 1) o = { o }; return o",
  "a regular expression": "return { a: new RegExp('('.repeat(1e4) + ')'.repeat(1e4)).test('') }",
  "lists, flattened": "let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return { a: a.flat(Infinity) }",
  "lists as a text": "let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return { a: String(a) }",
  "brackets in eval": "return { a: eval('('.repeat(1e5)) }",
  arguments: "const f = (...a) => f(...a, ...a, 1); f(1)",
  "a sort within a sort": "const f = () => [2, 1].sort(f); f()",
  "an iterator that closes itself":
    "const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return: () => { const [x] = it; return {} } }) }; const [x] = it; return {}",
};

describe("endless", () => {
  it.each(Object.entries(endless))("%s ends when its time is up", async (name, code) => {
    await expect(run(code, name, 150)).rejects.toMatchObject({ name: "TerminalError", code: "STEP_TIMEOUT" });
  });
});

describe("greedy", () => {
  it.each(Object.entries(greedy))("%s ends at a limit", async (name, code) => {
    await expect(run(code, name)).rejects.toMatchObject({ name: "TerminalError", code: "CODE_ERROR" });
  });
});

describe("deep", () => {
  it.each(Object.entries(deep))("%s ends with the stack", async (name, code) => {
    const outcome = await run(code, name).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ name: "TerminalError", code: "CODE_ERROR" });
  });
});

it("a list sorted over and over ends when its time is up", async () => {
  const code =
    "const a = Array.from({ length: 5e4 }, (_, i) => String((i * 7919) % 1000003)); for (;;) a.sort().reverse()";
  await expect(run(code, "sort", 300)).rejects.toMatchObject({ code: "STEP_TIMEOUT" });
});

it("serves others while calls of one run hang, and after", async () => {
  const hanging = Array.from({ length: 20 }, () => run("for (;;);", "hangs", 1500).catch((error: unknown) => error));
  let hasEnded = false;
  void Promise.all(hanging).then(() => (hasEnded = true));
  for (let index = 0; index < 50; index += 1) expect(await run("return { a: 1 }", `run ${index}`)).toEqual({ a: 1 });
  expect(hasEnded).toBe(false);
  await sandbox.check("return {}");
});
