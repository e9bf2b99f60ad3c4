import { afterEach, expect, test } from "vitest";
import { createEngine, type Engine } from "./engine.ts";
import type { JsonObject } from "./flow/definition.ts";
import { Durations, Measures } from "./measures.ts";
import { createModels } from "./models/registry.ts";
import { createSqliteDatabase, openFile } from "./store/sqlite-database.ts";
import { createSqliteStore, hostHere, openMemoryStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import type { AcceptedCall } from "./submission.ts";

const never = new AbortController().signal;
const open: { readonly engine: Engine; readonly store: Store }[] = [];

afterEach(async () => {
  for (const { engine, store } of open.splice(0)) {
    await engine.drain(0);
    await store.close();
  }
});

/** An engine with the flow `flow`, and what calls it. */
async function world(definition: JsonObject) {
  const store = openMemoryStore();
  const engine = createEngine({ store, models: createModels(), sleep: () => Promise.resolve() });
  open.push({ engine, store });
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await engine.catalog.saveDraft(projectId, "flow", definition);
  const request = { projectId, flow: "flow", version: "draft", message: "hello" } as const;
  const submit = (isQueued = false): Promise<AcceptedCall> =>
    engine.submit({ ...request, trigger: isQueued ? "job" : "execute", isQueued });
  const run = async (): Promise<string> => (await engine.outcome(await submit(), never)).status;
  return { engine, store, projectId, submit, run, measures: engine.stats().measures };
}

const countOf = ({ counts }: Durations): number => counts.reduce((sum, count) => sum + count, 0);

test("durations are counted in the first bucket that holds them", () => {
  const durations = new Durations([0.1, 1]);
  for (const seconds of [0, 0.1, 0.2, 1, 7]) durations.add(seconds);
  expect(durations.counts).toEqual([2, 2, 1]);
  expect(durations.sumSeconds).toBeCloseTo(8.3);
});

test("counts runs, steps, further attempts and what models used", async () => {
  const { run, measures } = await world({
    steps: [
      { id: "flaky", type: "llm", model: "noukai/echo?failAttempts=1", prompt: "{{message}}" },
      { id: "keep", type: "passthrough" },
    ],
  });
  expect(await run()).toBe("completed");
  expect(measures.runsCreated).toBe(1);
  expect(measures.runsEnded).toEqual({ completed: 1, failed: 0, cancelled: 0 });
  const completed = Array.from(measures.steps, ([kind, { completed }]) => [kind, countOf(completed)] as const);
  expect(new Map(completed)).toEqual(
    new Map([
      ["llm", 1],
      ["passthrough", 1],
    ]),
  );
  expect(measures.retries.get("llm")).toEqual(new Map([["MODEL_PROVIDER_ERROR", 1]]));
  const { promptTokens = 0, completionTokens = 0, costUsd } = measures.providers.get("noukai") ?? {};
  expect([promptTokens > 0, completionTokens > 0, costUsd]).toEqual([true, true, 0]);
  // A transaction for the run with its first step, for the further attempt, and for each completion.
  expect(countOf(measures.commits)).toBe(4);
});

test("counts steps inside containers, and a step that fails with how long it took", async () => {
  const { run, measures } = await world({
    steps: [
      {
        id: "both",
        type: "parallel",
        branches: {
          one: [{ id: "inner", type: "passthrough" }],
          two: [{ id: "other", type: "passthrough" }],
        },
      },
      { id: "bad", type: "llm", model: "noukai/echo?failAttempts=9&terminal=1&delayMs=30", prompt: "x" },
    ],
  });
  expect(await run()).toBe("failed");
  expect(measures.runsEnded).toEqual({ completed: 0, failed: 1, cancelled: 0 });
  expect(countOf(measures.steps.get("passthrough")?.completed ?? new Durations([]))).toBe(2);
  expect(countOf(measures.steps.get("parallel")?.completed ?? new Durations([]))).toBe(1);
  const failed = measures.steps.get("llm")?.failed;
  expect([failed && countOf(failed), (failed?.sumSeconds ?? 0) >= 0.03]).toEqual([1, true]);
});

test("knows how long a job waited for a worker, and nothing of a run that began at once", async () => {
  const { engine, submit, run, measures } = await world({ steps: [{ id: "keep", type: "passthrough" }] });
  await run();
  expect(countOf(measures.waits)).toBe(0);
  const job = await submit(true);
  await engine.start();
  await engine.outcome(job, never);
  expect(countOf(measures.waits)).toBe(1);
});

test("counts a run that is cancelled while nobody holds it", async () => {
  const { engine, projectId, submit, measures } = await world({ steps: [{ id: "keep", type: "passthrough" }] });
  const { runId } = await submit(true);
  await engine.cancel({ projectId, runId });
  expect(measures.runsEnded).toEqual({ completed: 0, failed: 0, cancelled: 1 });
});

test("counts the runs of a process that is gone, and no second wait of theirs", async () => {
  const file = openFile(":memory:");
  const lost = createSqliteStore(hostHere(createSqliteDatabase(file)));
  const gone = createEngine({ store: lost, models: createModels() });
  const { id: projectId } = await lost.ensureProject("acme", "demo");
  const wait = { id: "wait", type: "llm", model: "noukai/echo?delayMs=600000", prompt: "x" };
  await gone.catalog.saveDraft(projectId, "flow", { steps: [wait] });
  await gone.submit({ projectId, flow: "flow", version: "draft", message: "a", trigger: "execute" });
  // As the next process finds it.
  const next = createSqliteStore(hostHere(createSqliteDatabase(file)));
  const engine = createEngine({ store: next, models: createModels(), sleep: () => Promise.resolve() });
  open.push({ engine, store: next });
  await engine.start();
  expect(engine.stats().measures.runsRecovered).toBe(1);
  await expect.poll(() => engine.stats().runsInWork).toBe(1);
  expect(countOf(engine.stats().measures.waits)).toBe(0);
  await gone.drain(0);
});

test("no provider is named that the operator does not know", () => {
  const measures = new Measures();
  const usage = { prompt: 3, completion: 2, total: 5 };
  const called = (modelUsed: string, isKnown: boolean): void =>
    measures.called({ text: "", toolCalls: [], usage, modelUsed }, "0.5", () => isKnown);
  called("openai/gpt-5-mini", true);
  for (const modelUsed of ["mine/a", "yours/b", "no slash"]) called(modelUsed, false);
  expect(new Map(measures.providers)).toEqual(
    new Map([
      ["openai", { promptTokens: 3, completionTokens: 2, costUsd: 0.5 }],
      ["other", { promptTokens: 9, completionTokens: 6, costUsd: 1.5 }],
    ]),
  );
});
