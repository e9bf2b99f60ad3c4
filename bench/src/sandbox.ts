/**
 * `node bench/src/sandbox.ts`: what a code step costs, and what others feel of one that misbehaves. Prints a table.
 * The sandbox is that of the server, with its defaults; a call goes through its pipe and a fresh runtime, and comes back as an object.
 * Loops are run by an engine with the embedded store on disk, each pass logged and synced like any other step.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createEngine } from "../../packages/engine/src/engine.ts";
import type { JsonObject } from "../../packages/engine/src/flow/definition.ts";
import { createModels } from "../../packages/engine/src/models/registry.ts";
import { startSandbox } from "../../packages/engine/src/sandbox/sandbox.ts";
import { openSqliteStore } from "../../packages/engine/src/store/sqlite-store.ts";

const { signal } = new AbortController();
const initial = { message: "How many items are there?" };
const goodCode = "return { count: items.length, text: initial.message.trim() }";
const goodInput = { items: [1, 2, 3] };

const startedAt = performance.now();
const sandbox = await startSandbox();
const firstStartMs = performance.now() - startedAt;

function call(runId: string, code = goodCode, timeoutMs = 5000): Promise<unknown> {
  return sandbox.run({ runId, stepId: "bench", code, bindings: { initial, input: goodInput }, signal, timeoutMs });
}

interface Timing {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Makes `count` calls, `concurrency` at a time. */
async function time(count: number, concurrency: number, runIdOf: (index: number) => string): Promise<Timing> {
  const times: number[] = [];
  let next = 0;
  const begin = performance.now();
  const client = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const at = performance.now();
      await call(runIdOf(index));
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return { perSecond: (count / (performance.now() - begin)) * 1000, ...quantiles(times) };
}

function quantiles(times: number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

const misdeeds: Readonly<Record<string, string>> = {
  nothing: "",
  "an endless loop": "for (;;);",
  "a search that asks nobody": "Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)",
  "a regular expression": "return { a: /^(a+)+$/.test('a'.repeat(50) + 'b') }",
  "a sort, over and over":
    "const a = Array.from({ length: 5e4 }, (_, i) => String((i * 7919) % 1e6)); for (;;) a.sort().reverse()",
  "a memory bomb": "const a = []; for (;;) a.push(new Array(1000).fill(1))",
  "an output of 100 MB": "return { a: new Array(100).fill('x'.repeat(2 ** 20)) }",
};

/** Another run's call every 5 ms, while two runs do `code` again and again, with a clock of one second. */
async function timeBeside(code: string): Promise<Timing & { readonly loopP99Ms: number }> {
  const over = new AbortController();
  const misbehave = async (runId: string): Promise<void> => {
    while (!over.signal.aborted) await call(runId, code, 1000).catch(() => {});
  };
  const others = code === "" ? [] : ["bad 1", "bad 2"].map(misbehave);
  await sleep(code === "" ? 0 : 1500);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const times: number[] = [];
  const begin = performance.now();
  for (let index = 0; index < 600; index += 1) {
    const at = performance.now();
    await call(`good ${index}`);
    times.push(performance.now() - at);
    await sleep(5);
  }
  delay.disable();
  over.abort();
  const perSecond = (times.length / (performance.now() - begin)) * 1000;
  await Promise.all(others);
  return { perSecond, ...quantiles(times), loopP99Ms: delay.percentile(99) / 1e6 };
}

const loopItems = 10_000;
const steps: Readonly<Record<string, JsonObject>> = {
  passthrough: { type: "passthrough" },
  code: { type: "code", code: "return { double: item * 2 }" },
  "code that reads the flow's input": { type: "code", code: "return { text: initial.message + item }" },
};

/** Runs of one flow, a loop with one step in it, on a store of its own. */
async function timeLoops(concurrencies: readonly number[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "noukai-bench-"));
  const raw = await openSqliteStore({ dataDir });
  let commits = 0;
  const append: typeof raw.append = (entries) => {
    commits += 1;
    return raw.append(entries);
  };
  const store = { ...raw, append };
  const engine = createEngine({ store, models: createModels(), sandbox });
  await engine.start();
  const { id: projectId } = await store.ensureProject("bench", "loops");
  const parameters = { message: "Item ", list: Array.from({ length: loopItems }, (_, index) => index) };
  for (const [name, step] of Object.entries(steps)) {
    for (const concurrency of concurrencies) {
      const loop = { id: "each", type: "loop", over: "list", concurrency, steps: [{ id: "step", ...step }] };
      const input = { type: "object", properties: { message: { type: "string" }, list: { type: "array" } } };
      await engine.catalog.saveDraft(projectId, "loop", { input, steps: [loop] });
      commits = 0;
      const begin = performance.now();
      const request = { projectId, flow: "loop", version: "draft", trigger: "execute", parameters } as const;
      const { status } = await engine.outcome(await engine.submit(request), signal);
      const seconds = (performance.now() - begin) / 1000;
      const row = `${name}, concurrency ${concurrency}`.padEnd(48);
      console.log(`${row}${seconds.toFixed(1).padStart(6)} s   ${commits} commits   ${status}`);
    }
  }
  await engine.drain(0);
  await store.close();
  rmSync(dataDir, { recursive: true });
}

async function timeStart(): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const at = performance.now();
    const other = await startSandbox({ size: 1 });
    times.push(performance.now() - at);
    await other.close();
  }
  return quantiles(times).p50Ms;
}

/** Undefined where there is no /proc. */
function residentMegabytes(id: number): string {
  try {
    return `${Math.round(Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]) / 1024)} MB`;
  } catch {
    return "unknown";
  }
}

function show(name: string, { perSecond, p50Ms, p99Ms }: Timing, more = ""): void {
  const rate = `${Math.round(perSecond)}/s`.padStart(8);
  console.log(`${name.padEnd(48)}${rate}   p50 ${p50Ms.toFixed(2)} ms   p99 ${p99Ms.toFixed(2)} ms${more}`);
}

console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}, Node ${process.version}`);
console.log(sandbox.isolation.summary);
console.log(
  `start of the first process ${firstStartMs.toFixed(0)} ms, of a further one ${(await timeStart()).toFixed(0)} ms (median)`,
);
await time(2000, 2, () => "warm-up");
show("one run, one call after the other", await time(5000, 1, () => "one"));
show("a new run for each call", await time(2000, 1, (index) => `new ${index}`));
show("a new run for each call, 32 at once", await time(2000, 32, (index) => `many ${index}`));
const loop = await time(10_000, 4, () => "loop");
show("a loop over 10 000 items, concurrency 4", loop, `   ${(10_000 / loop.perSecond).toFixed(1)} s in all`);
const wide = await time(10_000, 32, () => "wide");
show("a loop over 10 000 items, concurrency 32", wide, `   ${(10_000 / wide.perSecond).toFixed(1)} s in all`);
const four = await time(10_000, 32, (index) => `loop ${index % 4}`);
show("four loops at once, 10 000 items in all", four, `   ${(10_000 / four.perSecond).toFixed(1)} s in all`);
console.log(`processes: ${sandbox.processIds.map(residentMegabytes).join(", ")} resident`);
console.log(`\na loop of ${loopItems} items through the engine, durable:`);
await timeLoops([1, 16]);
console.log("\nanother run's call every 5 ms, while two runs keep doing this:");
for (const [name, code] of Object.entries(misdeeds)) {
  const timing = await timeBeside(code);
  show(name, timing, `   event loop p99 ${timing.loopP99Ms.toFixed(2)} ms`);
}
await sandbox.close();
