import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "./engine.ts";
import { HandedOverError, StoreUnavailableError } from "./errors.ts";
import { isTerminal, type RunEvent, type StreamItem } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { ModelRequest, ModelResponse, Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import { openMemoryStore, openSqliteStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import type { RunRequest } from "./submission.ts";

const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) {
    await engine.drain(0);
    await engine.store.close();
  }
});

const echo = createModels();

/** Models that call `before` ahead of every answer of the echo. */
function modelsThat(before: (request: ModelRequest) => Promise<void> | void): Models {
  return {
    unavailable: (model) => echo.unavailable(model),
    unreadable: (model, mimeType) => echo.unreadable(model, mimeType),
    costUsd: (response: ModelResponse) => echo.costUsd(response),
    async generate(request) {
      await before(request);
      return echo.generate(request);
    },
  };
}

interface Bench {
  readonly engine: Engine;
  readonly request: RunRequest;
}

async function open(
  definition: JsonObject,
  options: Partial<EngineOptions> & { readonly store?: Store } = {},
): Promise<Bench> {
  const store = options.store ?? openMemoryStore();
  const engine = createEngine({ store, models: echo, sleep: () => Promise.resolve(), ...options });
  engines.push(engine);
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await engine.catalog.saveDraft(projectId, "flow", definition);
  return { engine, request: { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" } };
}

const never = new AbortController().signal;

const firstStep: JsonObject = { id: "first", type: "llm", model: "noukai/echo", prompt: "One {{message}}" };
const twoSteps: JsonObject = {
  steps: [
    firstStep,
    {
      id: "second",
      type: "llm",
      model: "noukai/echo",
      prompt: "Two {{text}} / {{initial.message}} / {{steps.first.text}}",
    },
  ],
};

async function logOf(engine: Engine, runId: string): Promise<readonly RunEvent[]> {
  return engine.store.eventsAfter(runId, 0, 1_000);
}

async function collect(items: AsyncIterable<StreamItem>): Promise<readonly StreamItem[]> {
  const collected: StreamItem[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test("a run goes from its input through its steps to its result, and its log tells it all", async () => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  const { runId, stepCount } = await engine.submit(request);
  const end = await engine.outcome({ runId, after: 0, repeated: false }, never);
  expect(end).toMatchObject({ status: "completed", result: { text: "Two One hello / hello / One hello" } });
  expect(stepCount).toBe(2);
  const log = await logOf(engine, runId);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(log.map(({ type }) => type)).toEqual([
    "run_started",
    "step_started",
    "step_input",
    "step_completed",
    "step_started",
    "step_input",
    "step_completed",
    "flow_completed",
  ]);
});

test("a run of n steps costs n + 1 journal entries", async () => {
  const { engine, request } = await open({ steps: ["a", "b", "c"].map((id) => ({ id, type: "passthrough" })) });
  await engine.start();
  const { runId } = await engine.submit(request);
  await engine.outcome({ runId, after: 0, repeated: false }, never);
  expect(engine.stats()).toMatchObject({ journalCommits: 4, journalEntries: 4, runsInWork: 0 });
});

test("a reader that joins at any place sees each event once, and folds the same text", async () => {
  const gate = Promise.withResolvers<void>();
  const { engine, request } = await open(twoSteps, {
    models: modelsThat(({ messages }) => (messages[0]?.content.startsWith("Two") ? gate.promise : undefined)),
  });
  await engine.start();
  const { runId } = await engine.submit(request);
  const early = collect(engine.events(runId, { after: 0, signal: never }));
  const later = collect(engine.events(runId, { after: 3, signal: never }));
  gate.resolve();
  const whole = await early;
  const log = await logOf(engine, runId);
  const isLogged = (item: StreamItem): item is RunEvent => item.type !== "step_output";
  expect(whole.filter(isLogged)).toEqual(log);
  expect((await later).filter(isLogged)).toEqual(log.slice(3));
  const text = whole.reduce(
    (folded, item) =>
      item.type === "step_output" && item.stepId === "second" ? folded.slice(0, item.offset) + item.delta : folded,
    "",
  );
  expect(text).toBe("Two One hello / hello / One hello");
});

test("a reader of a step in flight is given its text so far at offset 0", async () => {
  const gate = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const models: Models = {
    ...modelsThat(() => undefined),
    async generate(request) {
      request.onDelta?.("so ");
      request.onDelta?.("far");
      written.resolve();
      await gate.promise;
      return echo.generate({ ...request, onDelta: () => undefined });
    },
  };
  const { engine, request } = await open({ steps: [firstStep] }, { models });
  await engine.start();
  const { runId } = await engine.submit(request);
  await written.promise;
  const seen: StreamItem[] = [];
  for await (const item of engine.events(runId, { after: 0, signal: never })) {
    seen.push(item);
    if (item.type === "step_output") gate.resolve();
  }
  expect(seen.find(({ type }) => type === "step_output")).toMatchObject({
    stepId: "first",
    offset: 0,
    delta: "so far",
    loopPath: [],
  });
  expect(seen.at(-1)).toMatchObject({ type: "flow_completed" });
});

test("a failed attempt is retried, visible in the log, and paid for in the sums", async () => {
  const { engine, request } = await open({
    steps: [{ id: "a", type: "llm", model: "noukai/echo?failAttempts=2", prompt: "{{message}}" }],
  });
  await engine.start();
  const { runId } = await engine.submit(request);
  await engine.outcome({ runId, after: 0, repeated: false }, never);
  const run = await engine.run(runId);
  if (run === undefined) throw new Error("no run");
  const trace = await engine.trace(run);
  expect(trace.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, "failed"],
    [2, "failed"],
    [3, "completed"],
  ]);
});

test("a step that fails for good ends the run with its code", async () => {
  const { engine, request } = await open({
    steps: [{ id: "a", type: "llm", model: "noukai/echo?failAttempts=9&terminal=1", prompt: "{{message}}" }],
  });
  await engine.start();
  const { runId } = await engine.submit(request);
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({
    status: "failed",
    stepId: "a",
    error: { code: "MODEL_PROVIDER_ERROR" },
  });
  const log = await logOf(engine, runId);
  expect(log.filter(isTerminal)).toHaveLength(1);
  expect(await engine.run(runId)).toMatchObject({ status: "failed", owner: null });
});

test("the same call with the same idempotency key is the same run; another call with it is refused", async () => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  const keyed = { ...request, idempotency: { key: "k", requestHash: "h" } };
  const [first, second] = await Promise.all([engine.submit(keyed), engine.submit(keyed)]);
  expect(second).toEqual({ ...first, repeated: true });
  expect(await engine.outcome(second, never)).toEqual(await engine.outcome(first, never));
  await expect(engine.submit({ ...keyed, idempotency: { key: "k", requestHash: "other" } })).rejects.toMatchObject({
    code: "IDEMPOTENCY_KEY_REUSED",
  });
});

test("the same call is the same run also when its flow would refuse it by now", async () => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  const keyed = { ...request, idempotency: { key: "k", requestHash: "h" } };
  const first = await engine.submit(keyed);
  const input = {
    type: "object",
    properties: { other: { type: "string" }, more: { type: "string" } },
    required: ["more"],
  };
  await engine.catalog.saveDraft(request.projectId, "flow", { input, steps: [{ id: "keep", type: "passthrough" }] });
  expect(await engine.submit(keyed)).toEqual({ ...first, repeated: true });
  const other = { ...keyed, idempotency: { key: "k", requestHash: "other" } };
  await expect(engine.submit(other)).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  await expect(engine.submit({ ...keyed, idempotency: { key: "new", requestHash: "h" } })).rejects.toMatchObject({
    code: "INVALID_REQUEST",
  });
});

test("a worker that drains lets the step in flight end, starts no further one, and another worker goes on", async () => {
  const started: string[] = [];
  const gate = Promise.withResolvers<void>();
  const models = modelsThat(async ({ idempotencyKey }) => {
    started.push(idempotencyKey.split(":")[1] ?? "");
    if (started.length === 1) await gate.promise;
  });
  const store = openMemoryStore();
  const { engine, request } = await open(twoSteps, { store, models });
  await engine.start();
  const { runId } = await engine.submit(request);
  const watched = collect(engine.events(runId, { after: 0, signal: never }));
  const outcome = engine.outcome({ runId, after: 0, repeated: false }, never);
  const failures = [
    expect(watched).rejects.toBeInstanceOf(HandedOverError),
    expect(outcome).rejects.toBeInstanceOf(HandedOverError),
  ];
  const drained = engine.drain(10_000);
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  gate.resolve();
  await drained;
  await Promise.all(failures);
  expect(started).toEqual(["first"]);
  expect(await store.run(runId)).toMatchObject({ status: "pending", owner: null, losses: 0 });

  const next = createEngine({ store, models });
  engines.push(next);
  await next.start();
  expect(await next.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({ status: "completed" });
  expect(started).toEqual(["first", "second"]);
});

test("a worker without room left drains in its time all the same", async () => {
  const begun = Promise.withResolvers<void>();
  const models = modelsThat(({ signal }) => {
    begun.resolve();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  const { engine, request } = await open(twoSteps, { models, maxRuns: 1 });
  await engine.start();
  await engine.submit(request);
  const waiting = await engine.submit(request);
  await begun.promise;
  // The run that waits has woken the hand-out, which found no room.
  await new Promise((resolve) => setImmediate(resolve));
  await engine.drain(10);
  expect(await engine.run(waiting.runId)).toMatchObject({ status: "pending" });
});

test("a step that does not end in time is handed over, and made anew under the next attempt number", async () => {
  const keys: string[] = [];
  const models = modelsThat(async ({ idempotencyKey, signal }) => {
    keys.push(idempotencyKey.split(":").slice(1).join(":"));
    if (keys.length > 1) return;
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  const store = openMemoryStore();
  const { engine, request } = await open(twoSteps, { store, models });
  await engine.start();
  const { runId } = await engine.submit(request);
  await engine.drain(0);
  const next = createEngine({ store, models });
  engines.push(next);
  await next.start();
  expect(await next.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({ status: "completed" });
  expect(keys).toEqual(["first:1", "first:2", "second:1"]);
  const retry = (await logOf(next, runId)).find(({ type }) => type === "step_retrying");
  expect(retry).toMatchObject({ attempt: 2, tries: 1, error: { code: "WORKER_LOST" } });
});

test("a run that lost its worker five times fails as WORKER_LOST", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "noukai-engine-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  let runId = "";
  // A store that is closed under its worker is what the next process finds of one that died.
  for (let loss = 1; loss <= 5; loss += 1) {
    const store = await openSqliteStore({ dataDir });
    if (loss === 1) {
      const { engine, request } = await open(twoSteps, {
        store,
        models: modelsThat(() => new Promise(() => undefined)),
      });
      engines.pop();
      ({ runId } = await engine.submit(request));
    } else {
      expect(await store.recover()).toBe(1);
      expect(await store.claim(`doomed-${loss}`, 1)).toMatchObject([{ id: runId, losses: loss - 1 }]);
    }
    await store.close();
  }
  const next = createEngine({ store: await openSqliteStore({ dataDir }), models: echo });
  engines.push(next);
  expect(await next.start()).toEqual({ recovered: 1 });
  expect(await next.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({
    status: "failed",
    stepId: "first",
    error: { code: "WORKER_LOST" },
  });
});

test("more runs than there is room for wait in the store and are worked off in order", async () => {
  let inWork = 0;
  let most = 0;
  const models = modelsThat(async () => {
    most = Math.max(most, (inWork += 1));
    await new Promise((resolve) => setImmediate(resolve));
    inWork -= 1;
  });
  const { engine, request } = await open({ steps: [firstStep] }, { models, maxRuns: 2 });
  await engine.start();
  const runs = await Promise.all(Array.from({ length: 20 }, () => engine.submit(request)));
  const ends = await Promise.all(runs.map((run) => engine.outcome(run, never)));
  expect(ends.every(({ status }) => status === "completed")).toBe(true);
  expect(most).toBeLessThanOrEqual(2);
});

test("a run keeps the definition that it started with", async () => {
  const gate = Promise.withResolvers<void>();
  const { engine, request } = await open(twoSteps, { models: modelsThat(() => gate.promise) });
  await engine.start();
  const { runId } = await engine.submit(request);
  await engine.catalog.saveDraft(request.projectId, "flow", { steps: [{ id: "other", type: "passthrough" }] });
  gate.resolve();
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({
    result: { text: "Two One hello / hello / One hello" },
  });
});

test.for([
  [{ flow: "nothing" }, "FLOW_NOT_FOUND"],
  [{ version: 7 }, "VERSION_NOT_FOUND"],
  [{ parameters: { message: "other" } }, "INVALID_REQUEST"],
  [{ blockOverrides: { nobody: {} } }, "INVALID_REQUEST"],
  [{ blockOverrides: { first: { model: "nowhere/model" } } }, "INVALID_REQUEST"],
] as const)("refuses %o as %s before a run exists", async ([change, code]) => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  await expect(engine.submit({ ...request, ...change })).rejects.toMatchObject({ code });
  expect(engine.stats().journalCommits).toBe(0);
});

test("a stored flow whose model cannot be called here is the flow's fault, not the caller's", async () => {
  const { engine, request } = await open({ steps: [{ ...firstStep, model: "nowhere/model" }] });
  await engine.start();
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "INVALID_TREE" });
});

test("an output that the log cannot take fails its run, and nobody waits for ever", async () => {
  const memory = openMemoryStore();
  const refusing: Store = {
    ...memory,
    append: async (entries) => {
      const isTooLarge = entries.some(({ events }) => events.some((event) => event.type === "step_completed"));
      return isTooLarge ? entries.map(() => ({ outcome: "refused", reason: "too large" })) : memory.append(entries);
    },
  };
  const { engine, request } = await open(twoSteps, { store: refusing });
  await engine.start();
  const { runId } = await engine.submit(request);
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({
    status: "failed",
    error: { code: "INTERNAL_ERROR" },
  });
  const log = await logOf(engine, runId);
  expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test("whoever waits for a run hears of a lost store, and the run goes on when the store is back", async () => {
  const memory = openMemoryStore();
  const lost = { isNow: false };
  const asked: string[] = [];
  const guard =
    <Args extends readonly unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (lost.isNow) throw new StoreUnavailableError("gone");
      return work(...args);
    };
  const store: Store = {
    ...memory,
    append: guard(memory.append),
    eventsAfter: guard(memory.eventsAfter),
    run: guard(memory.run),
  };
  const { engine, request } = await open(twoSteps, {
    store,
    models: modelsThat(({ idempotencyKey }) => {
      lost.isNow = asked.push(idempotencyKey.split(":").slice(1).join(":")) === 1;
    }),
    journal: { retryForMs: 0 },
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
  });
  await engine.start();
  const { runId } = await engine.submit(request);
  await expect(engine.outcome({ runId, after: 0, repeated: false }, never)).rejects.toBeInstanceOf(
    StoreUnavailableError,
  );
  lost.isNow = false;
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({ status: "completed" });
  expect(asked).toEqual(["first:1", "first:2", "second:1"]);
});

test("calls that come in while the worker drains are refused or finished, never left", async () => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  const calls = Array.from({ length: 20 }, async () => {
    const { runId } = await engine.submit(request);
    return engine.outcome({ runId, after: 0, repeated: false }, never);
  });
  await new Promise((resolve) => setImmediate(resolve));
  await engine.drain(0);
  await engine.store.close();
  engines.pop();
  for (const call of await Promise.allSettled(calls)) {
    if (call.status === "rejected") expect(call.reason).toMatchObject({ code: "SHUTTING_DOWN" });
    else expect(call.value).toMatchObject({ status: "completed" });
  }
});

test("overrides hold for one run only", async () => {
  const { engine, request } = await open(twoSteps);
  await engine.start();
  const { runId } = await engine.submit({ ...request, blockOverrides: { second: { prompt: "Only {{text}}" } } });
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({
    result: { text: "Only One hello" },
  });
  const plain = await engine.submit(request);
  expect(await engine.outcome(plain, never)).toMatchObject({
    result: { text: "Two One hello / hello / One hello" },
  });
});

test("whoever stops waiting is told at once, and the run goes on", async () => {
  const gate = Promise.withResolvers<void>();
  const { engine, request } = await open(twoSteps, { models: modelsThat(() => gate.promise) });
  await engine.start();
  const { runId } = await engine.submit(request);
  const leaving = new AbortController();
  const waiting = [
    engine.outcome({ runId, after: 0, repeated: false }, leaving.signal),
    collect(engine.events(runId, { after: 0, signal: leaving.signal })),
  ];
  const told = waiting.map((promise) => expect(promise).rejects.toThrow("gone"));
  setImmediate(() => leaving.abort(new Error("gone")));
  await Promise.all(told);
  gate.resolve();
  expect(await engine.outcome({ runId, after: 0, repeated: false }, never)).toMatchObject({ status: "completed" });
});
