import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../src/engine.ts";
import { TerminalError } from "../src/errors.ts";
import { defaultRunLimits } from "../src/limits.ts";
import { createSqliteDatabase, openFile } from "../src/store/sqlite-database.ts";
import { createSqliteStore, hostHere } from "../src/store/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import { each, engines, keep, llm, modelsThat, never, numbers, open, rows, runToEnd, told } from "./bench.ts";

test("a loop runs its steps once per item, and gives their outputs in the list's order", async () => {
  const bench = await open(
    [
      each([llm("say", "{{index}}: {{item}} of {{initial.message}} / {{steps.before.list}}")], { concurrency: 3 }),
      llm("after", "{{items}}"),
    ].toSpliced(0, 0, keep("before")),
  );
  const { end, log, trace } = await runToEnd(bench, { list: ["a", { b: 1 }, null], message: "hi" });
  const list = '["a",{"b":1},null]';
  const items = [`0: a of hi / ${list}`, `1: {"b":1} of hi / ${list}`, `2: null of hi / ${list}`].map((text) => ({
    text,
  }));
  expect(end).toMatchObject({ result: { text: JSON.stringify(items) } });
  expect(log.find(({ type }) => type === "loop_completed")).toMatchObject({
    stepId: "each",
    loopPath: [],
    itemCount: 3,
    failedCount: 0,
  });
  expect(rows(trace)).toEqual([
    "- before 1 completed",
    "- each 1 completed",
    "each say[0] 1 completed",
    "each say[1] 1 completed",
    "each say[2] 1 completed",
    "- after 1 completed",
  ]);
});

test("loops within loops tell the pass of each", async () => {
  const inner = { id: "inner", type: "loop", over: "item", steps: [llm("say", "{{item}}{{index}}")] };
  const { end, log } = await runToEnd(await open([each([inner])]), { list: [["a", "b"], []] });
  expect(end).toMatchObject({ result: { items: [{ items: [{ text: "a0" }, { text: "b1" }] }, { items: [] }] } });
  expect(told(log)).toEqual([
    "run_started",
    "step_started each",
    "step_input each",
    "started inner[0]",
    "started say[0.0]",
    "completed say[0.0]",
    "started say[0.1]",
    "completed say[0.1]",
    "loop_completed inner[0]",
    "completed inner[0]",
    "started inner[1]",
    "loop_completed inner[1]",
    "completed inner[1]",
    "loop_completed each",
    "step_completed each",
    "flow_completed",
  ]);
});

test("no more passes than `concurrency` are in work at a time", async () => {
  let inWork = 0;
  let most = 0;
  const models = modelsThat(async () => {
    inWork += 1;
    most = Math.max(most, inWork);
    await new Promise((resolve) => setImmediate(resolve));
    inWork -= 1;
  });
  await runToEnd(await open([each([llm("say", "{{item}}")], { concurrency: 4 })], { models }), { list: numbers(20) });
  expect(most).toBe(4);
});

const refuseOdd = modelsThat((path) => {
  if (Number(path.split(".")[1]) % 2 === 1) throw new TerminalError("MODEL_PROVIDER_ERROR", `${path}: refused`);
});

test.each([
  ["skip", [{ text: "0" }, { text: "2" }]],
  ["null", [{ text: "0" }, null, { text: "2" }]],
  [null, [{ text: "0" }, null, { text: "2" }]],
])("under `onError: %s` a pass that fails ends alone", async (onError, items) => {
  const bench = await open([each([llm("say", "{{item}}"), keep("next")], { onError })], { models: refuseOdd });
  const { end, log, trace } = await runToEnd(bench, { list: numbers(3) });
  const texts = items.map((item) => item);
  expect(end).toMatchObject({ status: "completed", result: { items: texts } });
  expect(log.find(({ type }) => type === "loop_completed")).toMatchObject({ itemCount: 3, failedCount: 1 });
  expect(rows(trace).filter((row) => row.includes("[1]"))).toEqual(["each say[1] 1 failed"]);
});

test("under `onError: fail` the first pass that fails stops the others and ends the run", async () => {
  const bench = await open([each([llm("say", "{{item}}")], { concurrency: 2 })], { models: refuseOdd });
  const { end, trace } = await runToEnd(bench, { list: numbers(100) });
  expect(end).toMatchObject({ status: "failed", stepId: "each", error: { message: "say.1: refused" } });
  expect(trace.attempts.length).toBeLessThan(8);
});

test("a step in a pass is retried, falls back and runs out of time like any other, and says in which pass", async () => {
  const models = modelsThat((path, { model, signal }) => {
    if (path === "say.0" && model === "noukai/echo") throw new TerminalError("MODEL_PROVIDER_ERROR", "gone");
    if (path !== "say.1") return;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const say = llm("say", "{{item}}", { fallback: ["noukai/echo?deltaMs=0"], timeoutMs: 20, retry: { maxAttempts: 1 } });
  const bench = await open([each([say], { onError: "null", concurrency: 3 })], { models });
  const { end, log, trace } = await runToEnd(bench, { list: numbers(3) });
  expect(end).toMatchObject({ status: "completed", result: { items: [{}, null, { text: "2" }] } });
  const retrying = log.filter((event) => event.type === "step_retrying");
  expect(
    retrying.map(({ loopPath, attempt, modelIndex, error }) => [loopPath, attempt, modelIndex, error.code]),
  ).toEqual([
    [[0], 2, 1, "MODEL_PROVIDER_ERROR"],
    [[1], 2, 1, "STEP_TIMEOUT"],
  ]);
  expect(rows(trace).filter((row) => row.startsWith("each"))).toEqual([
    "each say[0] 1 failed",
    "each say[1] 1 failed",
    "each say[2] 1 completed",
    "each say[0] 2 completed",
    "each say[1] 2 failed",
  ]);
});

test.each([
  [{ list: "abc" }, 'Step "each", over: `list` is a string in this run; a loop needs a list.'],
  [{}, 'Step "each", over: `list` is not there in this run; a loop needs a list.'],
  [{ list: numbers(6) }, 'Step "each", over: `list` has 6 items; the limit is 5.'],
])("a loop over %j is a fault that names step and field", async (parameters, message) => {
  const bench = await open([each([keep("k")])], { limits: { ...defaultRunLimits, loopItems: 5, stepsPerRun: 100 } });
  const { end } = await runToEnd(bench, parameters);
  expect(end).toMatchObject({ status: "failed", error: { code: "STEP_FAILED" } });
  expect(end.status === "failed" && end.error.message).toContain(message);
});

test.each([
  [5, "completed"],
  [6, "failed"],
])("with a limit of 10 steps a run of %i × 2 is %s, whatever its loops forgive", async (count, status) => {
  const loop = each([keep("a"), keep("b")], { onError: "skip", concurrency: 2 });
  const bench = await open([loop], { limits: { ...defaultRunLimits, loopItems: 100, stepsPerRun: 10 } });
  const { end } = await runToEnd(bench, { list: numbers(count) });
  expect(end.status).toBe(status);
  if (end.status === "failed") expect(end.error.message).toContain("begun 10 steps");
});

/** A store as a process sees it that can be cut off from it: no call is answered any more, as if the process were gone. */
function cuttable(store: Store): { readonly store: Store; readonly cut: () => void } {
  let isCut = false;
  const cut = Object.entries(store).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      const answer: unknown = isCut ? undefined : await (method as (...args: unknown[]) => unknown)(...args); // as: a method of the port
      return isCut ? new Promise(() => undefined) : answer;
    },
  ]);
  return { store: Object.fromEntries(cut) as Store, cut: () => void (isCut = true) }; // as: every method is there
}

test("after a crash in the middle of a loop of 1 000 items only the unfinished ones run", async () => {
  const dir = mkdtempSync(join(tmpdir(), "noukai-containers-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const openFileStore = (): Store => createSqliteStore(hostHere(createSqliteDatabase(openFile(join(dir, "runs.db")))));
  const before = openFileStore();
  const asked = new Map<string, number>();
  const half = Promise.withResolvers<void>();
  const count = (path: string): void => void asked.set(path, (asked.get(path) ?? 0) + 1);
  const first = modelsThat((path) => {
    count(path);
    if (asked.size <= 500) return;
    half.resolve();
    return new Promise(() => undefined);
  });
  const steps = [each([llm("say", "{{item}}")], { concurrency: 16 })];
  const { store, cut } = cuttable(before);
  const { engine, request } = await open(steps, { store, models: first });
  const { runId } = await engine.submit({ ...request, parameters: { list: numbers(1_000) } });
  await half.promise;
  cut();
  engines.splice(0);
  const askedByFirst = asked.size;
  await before.close();
  const after = openFileStore();
  const log = await after.eventsAfter(runId, 0, 100_000);
  const completed = log.filter((event) => event.type === "step_progress" && event.phase === "completed").length;
  const next = createEngine({ store: after, models: modelsThat(count) });
  engines.push(next);
  await next.start();
  const end = await next.outcome({ runId, after: 0, repeated: true }, never);
  expect(end).toMatchObject({
    status: "completed",
    result: { items: numbers(1_000).map((n) => ({ text: String(n) })) },
  });
  expect(completed).toBeGreaterThanOrEqual(450);
  const again = [...asked.values()].filter((times) => times > 1).length;
  // Those asked by the first process whose completions were not in the log yet.
  expect(again).toBe(askedByFirst - completed);
});
