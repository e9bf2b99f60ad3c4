import { expect, test } from "vitest";
import { createEngine } from "../src/engine.ts";
import { RetryableError, TerminalError } from "../src/errors.ts";
import type { StreamItem } from "../src/events.ts";
import type { Models } from "../src/models/model.ts";
import { openMemoryStore } from "../src/store/sqlite-store.ts";
import { latestAttempts } from "../src/trace.ts";
import { echo, engines, fan, fold, keep, llm, look, modelsThat, never, open, rows, runToEnd, told } from "./bench.ts";

test("a parallel node gives every branch its input, and has one member per branch", async () => {
  const bench = await open([fan, llm("both", "{{tone.text}} & {{length.text}}")]);
  const { end, log } = await runToEnd(bench);
  expect(end).toMatchObject({ result: { text: "Tone of hello & Length of hello" } });
  expect(log.find(({ type }) => type === "step_completed")).toMatchObject({
    stepId: "fan",
    stepIndex: 0,
    output: { tone: { text: "Tone of hello" }, length: { text: "Length of hello" } },
  });
  expect(told(log).filter((line) => line.startsWith("step_") || line.startsWith("flow_"))).toEqual([
    "step_started fan",
    "step_input fan",
    "step_completed fan",
    "step_started both",
    "step_input both",
    "step_completed both",
    "flow_completed",
  ]);
});

test("the openings of all branches are one entry, as are a completion and the opening behind it", async () => {
  const branches = Object.fromEntries(["a", "b", "c"].map((name) => [name, [keep(`${name}1`), keep(`${name}2`)]]));
  const bench = await open([{ id: "fan", type: "parallel", branches }]);
  await runToEnd(bench);
  // Created, first steps begun, second ones begun, all of them done with the node and the run.
  expect(bench.engine.stats().journalEntries).toBeLessThanOrEqual(5);
});

test("two branches that write at once are each folded whole, by a reader from the start and by one that joins late", async () => {
  const wrote = { tone: Promise.withResolvers<void>(), length: Promise.withResolvers<void>() };
  const joined = Promise.withResolvers<void>();
  const models: Models = {
    ...modelsThat(() => undefined),
    async generate(request) {
      const path = request.idempotencyKey.split(":")[1] === "tone" ? "tone" : "length";
      request.onDelta?.(`${path} `);
      wrote[path].resolve();
      await Promise.all([wrote.tone.promise, wrote.length.promise]);
      request.onDelta?.("goes on ");
      await joined.promise;
      request.onDelta?.("to its end");
      return echo.generate({ ...request, onDelta: () => undefined });
    },
  };
  const { engine, request } = await open([fan], { models });
  const { runId } = await engine.submit(request);
  const read = async (onItem: (item: StreamItem) => void): Promise<readonly StreamItem[]> => {
    const items: StreamItem[] = [];
    for await (const item of engine.events(runId, { after: 0, signal: never })) {
      items.push(item);
      onItem(item);
    }
    return items;
  };
  const early = read(() => undefined);
  await Promise.all([wrote.tone.promise, wrote.length.promise]);
  const late = read((item) => {
    if (item.type === "step_output") joined.resolve();
  });
  const whole = { "fan tone 1": "tone goes on to its end", "fan length 1": "length goes on to its end" };
  expect(fold(await early)).toEqual(whole);
  expect(fold(await late)).toEqual(whole);
});

test("a branch's completion is durable while another branch is still at work, and is not made again", async () => {
  const store = openMemoryStore();
  const asked: string[] = [];
  const stuck = Promise.withResolvers<void>();
  const models = (isFirst: boolean): Models =>
    modelsThat((path, { signal }) => {
      asked.push(path);
      if (!isFirst || path !== "length") return;
      stuck.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
  const { engine, request } = await open([fan], { store, models: models(true) });
  const { runId } = await engine.submit(request);
  await stuck.promise;
  for await (const event of engine.events(runId, { after: 0, signal: never }))
    if (event.type === "step_progress" && event.stepId === "kept" && event.phase === "completed") break;
  await engine.drain(0);
  const next = createEngine({ store, models: models(false) });
  engines.push(next);
  await next.start();
  expect(await next.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({ status: "completed" });
  expect(asked).toEqual(["tone", "length", "length"]);
  const { trace } = await look(next, runId);
  expect(rows(trace)).toEqual([
    "- fan 1 completed",
    "fan tone 1 completed",
    "fan length 1 failed",
    "fan kept 1 completed",
    "fan length 2 completed",
  ]);
});

test("a process that drains lets steps in flight end, and the next one goes on behind them", async () => {
  const store = openMemoryStore();
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const models = modelsThat(async (path) => {
    asked.push(path);
    begun.resolve();
    await gate.promise;
  });
  const long = { id: "fan", type: "parallel", branches: { a: [llm("a1", "1"), llm("a2", "2")], b: [keep("b1")] } };
  const { engine, request } = await open([long], { store, models });
  const { runId } = await engine.submit(request);
  await begun.promise;
  const drained = engine.drain(10_000);
  gate.resolve();
  await drained;
  expect(asked).toEqual(["a1"]);
  const next = createEngine({ store, models });
  engines.push(next);
  await next.start();
  await next.outcome({ runId, after: 0, repeated: false }, never);
  expect(asked).toEqual(["a1", "a2"]);
  const { trace } = await look(next, runId);
  expect(trace.attempts.every(({ status, attempt }) => status === "completed" && attempt === 1)).toBe(true);
});

test("a branch that fails stops the others, and ends the run with its own error", async () => {
  const begun = Promise.withResolvers<void>();
  const models = modelsThat(async (path, { signal }) => {
    if (path === "tone") {
      await begun.promise;
      throw new TerminalError("MODEL_PROVIDER_ERROR", "tone: refused");
    }
    begun.resolve();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { end, log, trace } = await runToEnd(await open([fan], { models }));
  const error = { code: "MODEL_PROVIDER_ERROR", message: "tone: refused" };
  expect(end).toEqual({ status: "failed", stepId: "fan", error });
  expect(told(log).slice(-3)).toEqual(["failed tone", "failed length", "step_error fan"]);
  expect(rows(trace)).toEqual(["- fan 1 failed", "fan tone 1 failed", "fan length 1 failed"]);
  expect(latestAttempts(trace).at(-1)?.error).toMatchObject({ code: "CANCELLED" });
  // What the stopped call had used by then is paid for.
  expect(trace.attempts.at(-1)?.tokens?.prompt).toBeGreaterThan(0);
});

test("a container's row has no tokens and no cost; its completion has the sums over all attempts inside, and so has the run", async () => {
  let failures = 0;
  const models = modelsThat((path) => {
    failures += 1;
    if (path === "tone" && failures === 1)
      throw new RetryableError("MODEL_PROVIDER_ERROR", "busy", {
        cost: { tokens: { prompt: 1, completion: 0, total: 1 }, costUsd: "0.1" },
      });
  });
  const { end, log, trace } = await runToEnd(await open([fan], { models }));
  const completed = log.find((event) => event.type === "step_completed");
  expect(completed).toMatchObject({ inside: { costUsd: "0.102" } });
  expect(completed).not.toHaveProperty("tokens");
  expect(trace.attempts[0]).toMatchObject({ stepId: "fan", kind: "parallel", tokens: null, costUsd: null });
  expect(trace.totalCostUsd).toBe("0.102");
  expect(end).toMatchObject({ summary: { costUsd: "0.102", tokens: trace.totalTokens } });
  expect(rows(trace)).toEqual([
    "- fan 1 completed",
    "fan tone 1 failed",
    "fan length 1 completed",
    "fan tone 2 completed",
    "fan kept 1 completed",
  ]);
});

test("a run that is cancelled inside a container tells of each step that was stopped", async () => {
  const begun = Promise.withResolvers<void>();
  let calls = 0;
  const models = modelsThat((_, { signal }) => {
    calls += 1;
    if (calls === 2) begun.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { engine, request } = await open([fan], { models });
  const { runId } = await engine.submit(request);
  await begun.promise;
  await engine.cancel({ projectId: request.projectId, runId });
  const { log, trace } = await look(engine, runId);
  expect(told(log).slice(-3)).toEqual(["failed tone", "failed length", "step_error fan"]);
  expect(log.at(-1)).toMatchObject({ error: { code: "CANCELLED" } });
  expect(trace.attempts.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
});
