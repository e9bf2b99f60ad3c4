import { setTimeout as delay } from "node:timers/promises";
import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "./engine.ts";
import { HandedOverError, StoreUnavailableError } from "./errors.ts";
import type { JsonObject } from "./flow/definition.ts";
import { createModels } from "./models/registry.ts";
import { openPostgresStore } from "./store/postgres/postgres-store.ts";
import type { Store } from "./store/store.ts";
import type { RunRequest } from "./submission.ts";

const never = new AbortController().signal;

const quick: JsonObject = { steps: [{ id: "say", type: "llm", model: "noukai/echo", prompt: "{{message}}" }] };
const endless: JsonObject = {
  steps: [{ id: "wait", type: "llm", model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }],
};

describePostgres("engines of several processes on one PostgreSQL", (postgres) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    return () => database.drop();
  });

  /** An engine on a store of its own, as in a process of its own; `alter` puts faults into the store. */
  async function open(
    options: Partial<EngineOptions> = {},
    alter: (store: Store) => Store = (store) => store,
  ): Promise<Engine> {
    const store = alter(await openPostgresStore({ url: database.url }));
    const engine = createEngine({ store, models: createModels(), ...options });
    onTestFinished(async () => {
      await engine.drain(0);
      await store.close();
    });
    return engine;
  }

  async function requestOf(engine: Engine, definition: JsonObject): Promise<RunRequest> {
    const { id: projectId } = await engine.store.ensureProject("acme", "demo");
    await engine.catalog.saveDraft(projectId, "flow", definition);
    return { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" };
  }

  /** The first answers to calls of the method are lost behind their work. */
  function losing(method: "claim" | "append", count: number): (store: Store) => Store {
    let left = count;
    return (store) => ({
      ...store,
      [method]: async (...args: never[]) => {
        const work = store[method] as (...args: never[]) => Promise<readonly unknown[]>; // one of two, with its own arguments
        const result = await work(...args);
        if (left === 0 || result.length === 0) return result;
        left -= 1;
        throw new StoreUnavailableError("The answer was lost.");
      },
    });
  }

  test("a run whose claim was answered to nobody is taken up by the process that holds it", async () => {
    const api = await open({ role: "api" });
    const request = await requestOf(api, quick);
    await api.start();
    const call = await api.submit(request);
    const worker = await open({ role: "worker" }, losing("claim", 1));
    await worker.start();
    expect(await api.outcome(call, AbortSignal.timeout(20_000))).toMatchObject({ status: "completed" });
    expect(await api.run(call.runId)).toMatchObject({ losses: 0, epoch: 1 });
  }, 30_000);

  test("a run whose creation was answered to nobody, in the end, is taken up too", async () => {
    const engine = await open({ journal: { retryForMs: 0 } }, losing("append", 1));
    const request = await requestOf(engine, quick);
    await engine.start();
    await expect(engine.submit(request)).rejects.toThrow(StoreUnavailableError);
    const [run] = await engine.store.runs({ projectId: request.projectId, limit: 1 });
    const call = { runId: run?.id ?? "", after: 0, repeated: true };
    expect(await engine.outcome(call, AbortSignal.timeout(20_000))).toMatchObject({ status: "completed" });
    expect(await engine.run(call.runId)).toMatchObject({ losses: 0, epoch: 1 });
  }, 30_000);

  test("an answer to a claim that comes when its run was taken up, and is over, begins nothing a second time", async () => {
    const api = await open({ role: "api" });
    const request = await requestOf(api, quick);
    await api.start();
    const [isOver, hasAnswered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = (store: Store): Store => ({
      ...store,
      claim: async (...args) => {
        const runs = await store.claim(...args);
        if (runs.length === 0) return runs;
        await isOver.promise;
        setImmediate(() => hasAnswered.resolve());
        return runs;
      },
    });
    const faults: unknown[] = [];
    const worker = await open({ role: "worker", onFault: ({ error }) => faults.push(error) }, late);
    await worker.start();
    const call = await api.submit(request);
    expect(await api.outcome(call, AbortSignal.timeout(20_000))).toMatchObject({ status: "completed" });
    const written = worker.stats().journalEntries;
    isOver.resolve();
    await hasAnswered.promise;
    await worker.drain(20_000);
    expect([worker.stats().journalEntries, faults]).toEqual([written, []]);
    expect(await api.run(call.runId)).toMatchObject({ status: "completed", losses: 0, epoch: 1 });
  }, 30_000);

  test("a wish to cancel a run of a process that stands still is stored and told once, however long it waits", async () => {
    const still = await open();
    const request = await requestOf(still, endless);
    let asked = 0;
    const counting = (store: Store): Store => {
      const { nodes } = store;
      if (nodes === undefined) throw new Error("PostgreSQL is for many processes.");
      const requestCancel = (runId: string): Promise<void> => {
        asked += 1;
        return nodes.requestCancel(runId);
      };
      return { ...store, nodes: { ...nodes, requestCancel } };
    };
    const api = await open({ role: "api" }, counting);
    // It never started: it holds what it is asked for, and looks for no wish.
    const { runId } = await still.submit(request);
    expect(await api.cancel({ projectId: request.projectId, runId })).toMatchObject({ status: "running" });
    expect(asked).toBe(1);
    expect(await still.store.runsToCancel(10)).toEqual([{ projectId: request.projectId, runId }]);
  }, 30_000);

  test("a worker whose runs were given to others leaves them at once, whatever its steps are at", async () => {
    const first = await open();
    const request = await requestOf(first, endless);
    await first.start();
    const { runId } = await first.submit(request);
    expect(first.stats().runsInWork).toBe(1);
    await execute(
      database.url,
      "UPDATE run_states SET holder = NULL, owner = NULL, status = 'paused', paused_at = 1, losses = losses + 1",
    );
    await expect.poll(() => first.stats().runsInWork, { timeout: 10_000 }).toBe(0);
    expect(await first.run(runId)).toMatchObject({ status: "paused", lastSeq: 3 });
  }, 30_000);

  test("a call that an api node leaves to a worker is no lost attempt; one that its worker stops in is", async () => {
    const steps = [{ id: "ask", type: "llm", model: "noukai/echo?delayMs=300", prompt: "{{message}}", tools: true }];
    const api = await open({ role: "api" });
    const tools = [{ name: "weather", parameters: { type: "object" } }];
    const request = { ...(await requestOf(api, { steps })), tools };
    const first = await open({ role: "worker" });
    await Promise.all([api.start(), first.start()]);
    const call = await api.submit(request);
    const paused = await api.outcome(call, never);
    if (paused.status !== "paused" || paused.reason !== "toolCalls") throw new Error("The run did not ask.");
    const answers = paused.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "rain" }));
    const { projectId } = request;
    const toolCallMessages = [...paused.toolCallMessages, ...answers];
    const resumed = await api.resume({ projectId, runId: call.runId, toolCallMessages, pausedAtStep: "ask" });
    await expect.poll(() => first.stats().runsInWork).toBe(1);
    await first.drain(0);
    const second = await open({ role: "worker" });
    await second.start();
    expect(await api.outcome(resumed, never)).toMatchObject({ status: "completed" });
    const log = await api.store.eventsAfter(call.runId, 0, 100);
    expect(log.map((event) => [event.type, "attempt" in event ? event.attempt : 0])).toEqual([
      ["run_started", 0],
      ["step_started", 0],
      ["step_input", 0],
      ["step_paused_for_tool_calls", 1],
      ["step_resumed", 0],
      ["step_retrying", 2],
      ["step_completed", 2],
      ["flow_completed", 0],
    ]);
  }, 30_000);

  test("one engine keeps house for all, and the next one when it is gone", async () => {
    const engines = [await open(), await open({ role: "api" }), await open({ role: "worker" })];
    for (const { store } of engines) await store.recover();
    const isFirst = (): readonly (boolean | undefined)[] => engines.map(({ store }) => store.nodes?.isFirst());
    expect(isFirst()).toEqual([true, false, false]);
    await engines[0]?.store.close();
    await expect
      .poll(async () => {
        for (const { store } of engines.slice(1)) await store.recover();
        return isFirst().slice(1);
      })
      .toEqual([true, false]);
  });

  test("a caller hears from an api node that stops what its run comes to elsewhere, if that is in time", async () => {
    const [api, worker] = [await open({ role: "api" }), await open({ role: "worker" })];
    const steps = [{ id: "say", type: "llm", model: "noukai/echo?delayMs=500", prompt: "{{message}}" }];
    const request = await requestOf(api, { steps });
    await Promise.all([api.start(), worker.start()]);
    const call = await api.submit(request);
    const outcome = api.outcome(call, never);
    await api.drain(20_000);
    expect(await outcome).toMatchObject({ status: "completed", result: { text: "hello" } });
    await expect(api.submit(request)).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  }, 30_000);

  test("a call that is being accepted while an api node begins to stop is answered too", async () => {
    const [isStopping, isCreating] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = (store: Store): Store => ({
      ...store,
      append: async (entries) => {
        isCreating.resolve();
        await isStopping.promise;
        return store.append(entries);
      },
    });
    const [api, worker] = [await open({ role: "api" }, slow), await open({ role: "worker" })];
    const request = await requestOf(api, quick);
    await Promise.all([api.start(), worker.start()]);
    const outcome = api.submit(request).then((call) => api.outcome(call, never));
    await isCreating.promise;
    const drained = api.drain(20_000);
    isStopping.resolve();
    expect(await outcome).toMatchObject({ status: "completed" });
    await drained;
  }, 30_000);

  test("a caller of an api node that stops in vain is told to ask another one", async () => {
    const api = await open({ role: "api" });
    const request = await requestOf(api, endless);
    await api.start();
    const outcome = api.outcome(await api.submit(request), never);
    outcome.catch(() => undefined);
    await delay(0);
    await api.drain(50);
    await expect(outcome).rejects.toThrow(HandedOverError);
  });
});

describePostgres("engines whose PostgreSQL is started again", (postgres) => {
  test("take each other for alive: no run counts a loss, and each goes on where it was", async () => {
    const server = await postgres.startServer();
    const url = server.url("postgres");
    const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore({ url })));
    const engines = stores.map((store) => createEngine({ store, models: createModels() }));
    onTestFinished(async () => {
      for (const engine of engines) await engine.drain(0);
      for (const store of stores) await store.close();
      await server.dispose();
    });
    const { id: projectId } = (await stores[0]?.ensureProject("acme", "demo")) ?? { id: "" };
    await engines[0]?.catalog.saveDraft(projectId, "flow", endless);
    for (const engine of engines) await engine.start();
    const request = { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" } as const;
    const calls = await Promise.all(engines.map((engine) => engine.submit(request)));
    await server.stop();
    await server.start();
    const pauses = (): readonly number[] => stores.map(({ nodes }) => nodes?.nextLookMs() ?? 0);
    await expect.poll(() => Math.min(...pauses()), { timeout: 15_000 }).toBeGreaterThan(1_000);
    await expect.poll(() => Math.max(...pauses()), { timeout: 15_000 }).toBeLessThan(1_000);
    for (const { runId } of calls) {
      expect(await engines[0]?.run(runId)).toMatchObject({ status: "running", losses: 0, epoch: 1 });
    }
    expect(engines.map((engine) => engine.stats().runsInWork)).toEqual([1, 1, 1]);
  }, 60_000);
});
