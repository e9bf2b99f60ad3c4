import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EngineError } from "../errors.ts";
import type { JsonObject } from "../flow/definition.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

/**
 * Public escapes of other sandboxes, and what could be one of this. Each is the body of a code step that puts what it got hold of into `found`:
 * a `process`, a `require`, the output of a command. In a sandbox that holds, it throws or finds nothing.
 */
const proof = "typeof process === 'undefined' ? undefined : process.version";
const viaFunction = (holder: string): string => `return { found: ${holder}.constructor("return ${proof}")() }`;

const escapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "node:vm": {
    "the constructor of the global object's constructor": viaFunction("this?.constructor ?? globalThis.constructor"),
    "the constructor of an object that the host made": viaFunction("input.constructor"),
    "the constructor of a function that the host made": viaFunction("initial.toString"),
    "the constructor of a host error": `try { JSON.parse("{") } catch (e) { ${viaFunction("e.constructor")} }`,
    "the generator function's constructor": `const F = (function* () {}).constructor; return { found: F("yield ${proof}")().next().value }`,
    "the async function's constructor": `const F = (async () => {}).constructor; let found; F("return ${proof}")().then((v) => { found = v }); return { found }`,
    "the async generator's constructor": `const F = (async function* () {}).constructor; let found; F("yield ${proof}")().next().then((v) => { found = v.value }); return { found }`,
    "the caller of the caller":
      "let found; (function f() { found = f.caller?.caller?.arguments?.[0] })(); return { found }",
    "arguments.callee.caller": "let found; (function () { found = arguments.callee.caller })(); return { found }",
    "indirect eval": `return { found: (0, eval)("${proof}") }`,
    "stack overflow in the host's frames": `const f = () => f(); try { f() } catch (e) { ${viaFunction("e.constructor")} }`,
    "a proxy that is handed out": `return new Proxy({}, { get(t, k, r) { return k === "found" ? Function("return ${proof}")() : undefined }, ownKeys: () => ["found"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: undefined }) })`,
    "a thrown proxy": `throw new Proxy({}, { get(t, k, receiver) { throw receiver.constructor.constructor("return process")() } })`,
  },
  vm2: {
    "CVE-2019-10761, a host RangeError": `const f = (n) => { try { f(n + 1) } catch (e) { ${viaFunction("e.constructor")} } }; return f(0) ?? {}`,
    "CVE-2021-23449, the promise of import()":
      "const p = import('./missing.js'); return { found: p.toString.constructor('return this')().process }",
    "CVE-2021-23555, Error.prepareStackTrace": `
      let found; Error.prepareStackTrace = (e, frames) => { found = frames?.map?.((f) => f.getThis?.()?.process).find(Boolean) };
      void new Error().stack; return { found }`,
    "CVE-2022-36067, an Error of one's own": `
      let found; globalThis.Error = { prepareStackTrace: (_, frames) => { found = frames?.map?.((f) => f.getThis?.()?.process).find(Boolean) } };
      try { null.x } catch (e) { void e.stack } return { found }`,
    "CVE-2023-29017, prepareStackTrace in a rejection": `
      let found; Error.prepareStackTrace = (e, frames) => { found = frames?.constructor.constructor("return ${proof}")() };
      (async () => { await WebAssembly.compileStreaming?.() })(); void new Error().stack; return { found }`,
    "CVE-2023-29199, an exception that cleans nothing": `
      const aVM2_INTERNAL_TMPNAME = {}; function stack() { new Error().stack; stack() }
      try { stack() } catch (a$tmpname) { ${viaFunction("a$tmpname.constructor")} }`,
    "CVE-2023-30547, getPrototypeOf that overflows": `
      const err = {}; const handler = { getPrototypeOf() { (function stack() { new Error().stack; stack() })() } };
      try { throw new Proxy(err, handler) } catch ({ constructor: c }) { return { found: c.constructor("return ${proof}")() } }`,
    "CVE-2023-32313, the inspect method":
      "let found; const o = { [Symbol.for('nodejs.util.inspect.custom')]: (d, i, inspect) => { found = inspect.constructor('return process')() } }; void `${Object(o)}`; return { found }",
    "CVE-2023-32314, a proxy as an error's name": `
      let found; const err = new Error(); err.name = { toString: new Proxy(() => "", { apply(t, self, args) { found = args.constructor.constructor("return ${proof}")() } }) };
      try { void err.stack; void String(err) } catch {} return { found }`,
    "CVE-2023-37466, Symbol.species of a promise": `
      let found; const p = (async () => {})(); p.constructor = { [Symbol.species]: class { constructor(go) { go((x) => x, (e) => { found = e?.constructor?.constructor("return process")() }) } } };
      p.then(); return { found }`,
    "CVE-2023-37903, a custom inspect in a WebAssembly error":
      "const o = { [Symbol.for('nodejs.util.inspect.custom')]: () => process.mainModule.require('child_process') }; WebAssembly.compileStreaming(o).catch(() => {}); return { found: 1 }",
    "CVE-2026-22709, a symbol as an error's name in an async function": `
      let found; const e = new Error(); e.name = Symbol(); const f = async () => e.stack; f().catch((c) => { found = c.constructor.constructor("return process")() });
      try { void e.stack; String(e) } catch (c) { found = c.constructor.constructor("return ${proof}")() } return { found }`,
    "Promise.prototype.then, overwritten":
      "let found; Promise.prototype.then = function (a, b) { found = a?.constructor?.('return typeof process === \"undefined\" ? undefined : 1')(); }; (async () => { await 0 })(); return { found }",
    "Array.prototype methods, overwritten": `let found; for (const k of ["map", "push", "slice", "concat"]) Array.prototype[k] = function () { found = this.constructor.constructor("return ${proof}")() }; return { found }`,
    "Symbol.species of an array":
      "let found; class A extends Array { static get [Symbol.species]() { return function (n) { found = typeof process === 'undefined' ? undefined : process; return [] } } } new A(1, 2).map((x) => x); return { found }",
    "Buffer and its pool": "return { found: Buffer.from('x').constructor.constructor('return process')() }",
    "WeakMap.prototype, overwritten": `let found; WeakMap.prototype.get = WeakMap.prototype.set = function (...a) { found = a[0]?.constructor?.constructor("return ${proof}")() }; return { found }`,
    "Object.getOwnPropertyDescriptors of everything":
      "return { found: Reflect.ownKeys(globalThis).find((k) => ['process', 'require', 'module', 'global'].includes(String(k))) }",
  },
  n8n: {
    "CVE-2025-68613, this.process in an expression":
      "return { found: (function () { return this.process.mainModule.require('child_process').execSync('id').toString() })() }",
    "CVE-2026-1470, `with` around a function":
      "return { found: new Function(\"with (function () {}) { return constructor('return process.version')() }\")() }",
    "CVE-2026-25049, a constructor by destructuring": `const { constructor } = () => {}; return { found: constructor("return ${proof}")() }`,
    "require in a code node": "return { found: require('child_process').execSync('id').toString() }",
    "process.binding": "return { found: process.binding('spawn_sync') }",
    "the environment": "return { found: process.env.PATH ?? $env.PATH }",
    "the helpers of its code node": "return { found: this.helpers ?? $helpers }",
  },
  Flowise: {
    "CVE-2025-59528, a setting that is code": `return { found: Function("return " + "({ a: ${proof} })")().a }`,
    "child_process in a custom function": "const { exec } = require('child_process'); return { found: typeof exec }",
    "the module loader behind global": "return { found: global.process.mainModule.constructor._load('child_process') }",
    "the network from a custom tool": "return { found: fetch('http://169.254.169.254/latest/meta-data/') }",
    "node-fetch and axios": "return { found: (globalThis.axios ?? require('axios')).get('http://127.0.0.1') }",
    "the flow's own secrets": "return { found: $flow ?? $vars ?? $secrets }",
  },
  Langflow: {
    "CVE-2025-3248, work done while a definition is looked at": `return { found: ((a = ${proof}) => a)() }`,
    "a class that runs when it is made": `let found; class A { static { found = ${proof} } } return { found }`,
    "a decorator's expression": `const call = (f) => f(); return { found: call(() => ${proof}) }`,
  },
  QuickJS: {
    "its modules std and os":
      "let found; import('std').then((m) => { found = m }, () => {}); import('os').then((m) => { found = m }, () => {}); return { found: found ?? globalThis.std ?? globalThis.os }",
    "a module of ours":
      "let found; import('./sandbox').then((m) => { found = m }, () => {}); import('file:///etc/passwd').then((m) => { found = m }, () => {}); return { found }",
    "names of its own program":
      "return { found: ['scriptArgs', 'print', 'console', 'bjson', 'Worker', 'performance', 'navigator', 'loadScript', 'gc', '__loadScript'].find((k) => k in globalThis) }",
    "timers, messages and the network":
      "return { found: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'MessageChannel'].find((k) => k in globalThis) }",
    "other machines":
      "return { found: ['WebAssembly', 'Atomics', 'Deno', 'Bun', 'process', 'require', 'module', 'exports', 'Buffer', 'window', 'self', 'global'].find((k) => k in globalThis) }",
    "a function that is not its own":
      "return { found: Reflect.ownKeys(globalThis).find((k) => typeof globalThis[k] === 'function' && k !== 'Date' && !Function.prototype.toString.call(globalThis[k]).includes('[native code]')) }",
    "the clock behind Date":
      "const dates = [Date, new Date(0).constructor, Object.getPrototypeOf(new Date(0)).constructor, Date.prototype.constructor]; let found; for (const D of dates) for (const f of [() => D.now(), () => new D(), () => D(), () => Reflect.construct(Object, [], D).getTime()]) { try { found ??= f() } catch {} } return { found }",
    "jobs that run after the return": "const out = {}; Promise.resolve().then(() => { out.found = 1 }); return out",
    "a finalizer":
      "let found; new FinalizationRegistry((v) => { found = v }).register({}, 1); for (let i = 0; i < 1e4; i += 1) ({ a: [i] }); return { found: found === 1 ? undefined : found }",
    "a shared buffer grown past its end":
      "let found; try { const b = new SharedArrayBuffer(8, { maxByteLength: 64 }); b.grow?.(1e12); found = b.byteLength > 64 } catch {} return { found: found || undefined }",
    "an array buffer shrunk under its view":
      "const b = new ArrayBuffer(64, { maxByteLength: 64 }); const v = new Uint32Array(b); let found; try { b.resize(0); found = v[8] } catch {} return { found }",
    "a sort that changes its list":
      "const a = Array.from({ length: 1000 }, (_, i) => i); a.sort((x, y) => { a.length = 0; return x - y }); return { found: a.find((x) => typeof x !== 'number') }",
    "a regular expression whose lastIndex is an object":
      "const r = /a/g; r.lastIndex = { valueOf() { r.compile('b'.repeat(1000)); return 1e9 } }; return { found: r.exec('aaaa') ?? undefined }",
  },
  "what surrounds the code": {
    "closing the function around it": `}), globalThis.taken = ${proof}, ((initial, input) => function () { return { found: globalThis.taken }`,
    "closing the function around it, to throw there":
      "}), (() => { throw { name: 'x'.repeat(2 ** 24), found: 1 } })(), (function () {",
    "JSON and Reflect, overwritten":
      "JSON.stringify = () => '{\"found\":1}'; JSON.parse = () => ({ found: 1 }); Reflect.apply = () => ({ found: 1 }); return {}",
    "every method of Object.prototype, overwritten":
      "for (const k of Reflect.ownKeys(Object.prototype)) { try { Object.prototype[k] = () => ({ found: 1 }) } catch {} } return {}",
    "a setter on the prototype":
      "Object.defineProperty(Object.prototype, 'json', { set(v) { this.found = v } }); Object.defineProperty(Array.prototype, '2', { set(v) { this.found = v } }); return {}",
    "a stack that names places of the host": "return { found: new Error().stack.includes('/') || undefined }",
    "an error told with methods that were overwritten":
      "JSON.stringify = () => ({ length: 1, toString: () => '{\"found\":1}' }); String.prototype.slice = () => 'x'.repeat(2 ** 24); throw new Error('x')",
    "an error told at length": "String.prototype.slice = () => 'x'.repeat(2 ** 24); throw new Error('x')",
    "an error told as no JSON": "JSON.stringify = () => '{found'; throw new Error('x')",
    "an error that pretends to be the answer": "throw { toString: () => '{\"found\":1}' }",
    "a text that pretends to be the answer": "return '{\"found\":1}'",
    "a toStringTag": "return { get [Symbol.toStringTag]() { return '{\"found\":1}' } }",
  },
};

let sandbox: Sandbox;
const { signal } = new AbortController();
const before = Object.getOwnPropertyNames(Object.prototype).length;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

function run(code: string, input: JsonObject = {}): Promise<JsonObject> {
  return sandbox.run({ runId: "run", stepId: "try", code, bindings: { initial: {}, input }, signal, timeoutMs: 5000 });
}

describe.each(Object.entries(escapes))("an escape of %s", (_, codes) => {
  it.each(Object.entries(codes))("finds nothing: %s", async (_name, code) => {
    const result = await run(code).catch((error: unknown) => {
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({ code: "CODE_ERROR" });
      // What it says is the code's own doing: it knows no path and no frame of ours.
      expect(String(error)).not.toMatch(/node:|file:\/\/\/(?!etc)|\.ts|node_modules/u);
      return {};
    });
    expect(result).not.toHaveProperty("found");
    expect(await run("return { clean: Reflect.ownKeys(Object.prototype).length === 12 && [].push(1) === 1 }")).toEqual({
      clean: true,
    });
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });
});

describe("a result", () => {
  it("brings no prototype, getter or method with it", async () => {
    const code =
      "class A { constructor() { this.own = 1 } get inherited() { return 2 } } const a = new A(); Object.defineProperty(a, 'read', { enumerable: true, get: () => 3 }); return { a, then(f) { f({}) } }";
    const result = await run(code);
    expect(result).toEqual({ a: { own: 1, read: 3 } });
    expect(Object.getPrototypeOf(result["a"])).toBe(Object.prototype);
  });

  it("may have `constructor` and `prototype` as members, which are data", async () => {
    const code = `return JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}')`;
    expect(await run(code)).toEqual({ constructor: { prototype: { polluted: 1 } } });
    expect("polluted" in {}).toBe(false);
  });

  it("may have a name as long as the limit allows", async () => {
    expect(Object.keys(await run("return { ['k'.repeat(1e6)]: 1 }"))[0]).toHaveLength(1_000_000);
    await expect(run("return { ['k'.repeat(2e6)]: 1 }")).rejects.toMatchObject({ code: "CODE_ERROR" });
  });
});

describe("an input", () => {
  it("with a member `__proto__` changes no prototype", async () => {
    const input = JSON.parse('{"__proto__": {"polluted": 1}, "toJSON": "x", "constructor": 1}') as JsonObject; // as: an object, as one sees
    const code =
      "return { polluted: typeof ({}).polluted, own: Object.hasOwn(input, '__proto__'), constructor: input.constructor }";
    expect(await run(code, input)).toEqual({ polluted: "undefined", own: true, constructor: 1 });
  });

  it("is a text to the code, whatever it holds", async () => {
    const text = "'); globalThis.taken = 1; ('";
    expect(await run("return { text: input.text, taken: typeof taken }", { text })).toEqual({
      text,
      taken: "undefined",
    });
  });
});
