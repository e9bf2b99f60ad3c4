import { afterEach, expect, test } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "./engine.ts";
import { RetryableError, StoreUnavailableError } from "./errors.ts";
import type { RunEvent } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { ProjectLimits } from "./flow/project.ts";
import type { ModelRequest, Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import type { RunRequest } from "./submission.ts";

const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) {
    await engine.drain(0);
    await engine.store.close();
  }
});

const never = new AbortController().signal;
const echo = createModels();

/** The echo, at half a dollar for each call that it answers. */
function dearModels(before: (request: ModelRequest) => Promise<void> | void = () => undefined): Models {
  return {
    unavailable: (model) => echo.unavailable(model),
    unreadable: (model, mimeType) => echo.unreadable(model, mimeType),
    costUsd: () => "0.5",
    async generate(request) {
      await before(request);
      return echo.generate(request);
    },
  };
}

interface Bench {
  readonly engine: Engine;
  readonly projectId: string;
  readonly request: RunRequest;
  readonly run: () => Promise<{ readonly runId: string; readonly code: string | undefined }>;
  readonly balance: () => Promise<string | null>;
}

async function open(
  definition: JsonObject,
  { balanceUsd = null, ...options }: Partial<EngineOptions> & { readonly balanceUsd?: string | null } = {},
): Promise<Bench> {
  const engine = createEngine({
    store: openMemoryStore(),
    models: dearModels(),
    sleep: () => Promise.resolve(),
    ...options,
  });
  engines.push(engine);
  const { id: projectId } = await engine.store.ensureProject("acme", "demo");
  if (balanceUsd !== null) await engine.credits.set(projectId, balanceUsd);
  await engine.catalog.saveDraft(projectId, "flow", definition);
  const request = { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" } as const;
  return {
    engine,
    projectId,
    request,
    run: async () => {
      const accepted = await engine.submit(request);
      const end = await engine.outcome(accepted, never);
      return { runId: accepted.runId, code: end.status === "failed" ? end.error.code : undefined };
    },
    balance: async () => (await engine.credits.account(projectId)).balanceUsd,
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

const llm = (id: string, changes: JsonObject = {}): JsonObject => ({
  id,
  type: "llm",
  model: "noukai/echo",
  prompt: `${id} says hello`,
  ...changes,
});
const threeSteps: JsonObject = { steps: [llm("a"), llm("b"), llm("c")] };

async function logOf({ store }: Engine, runId: string): Promise<readonly RunEvent[]> {
  return store.eventsAfter(runId, 0, 1_000);
}

async function totalOf(engine: Engine, runId: string): Promise<string | null> {
  const run = await engine.run(runId);
  if (run === undefined) throw new Error("The run is gone.");
  return (await engine.trace(run)).totalCostUsd;
}

test.each([
  ["0.000001", undefined],
  ["0", "INSUFFICIENT_CREDITS"],
  ["-0.000001", "INSUFFICIENT_CREDITS"],
])("a project with %s left begins a run or is refused before there is one", async (balanceUsd, code) => {
  const { engine, request, projectId } = await open({ steps: [{ id: "keep", type: "passthrough" }] }, { balanceUsd });
  const submitted = engine.submit(request);
  await (code === undefined ? submitted : expect(submitted).rejects.toMatchObject({ code }));
  expect(await engine.store.runs({ projectId, limit: 9 })).toHaveLength(code === undefined ? 1 : 0);
});

test("a run is charged what its trace says, and a project without a balance counts what it spends", async () => {
  const metered = await open(threeSteps, { balanceUsd: "10" });
  const { runId, code } = await metered.run();
  expect(code).toBeUndefined();
  expect([await metered.balance(), await totalOf(metered.engine, runId)]).toEqual(["8.5", "1.5"]);
  const free = await open(threeSteps);
  await free.run();
  expect(await free.engine.credits.account(free.projectId)).toEqual({ balanceUsd: null, spentUsd: "1.5" });
});

test("a run ends when the credits do, at the step that would have spent more, and is billed for the others", async () => {
  const { engine, run, balance } = await open(threeSteps, { balanceUsd: "0.75" });
  const { runId, code } = await run();
  expect([code, await balance()]).toEqual(["CREDITS_EXHAUSTED", "-0.25"]);
  const log = await logOf(engine, runId);
  expect(log.at(-1)).toMatchObject({ type: "step_error", stepId: "c", error: { code: "CREDITS_EXHAUSTED" } });
  expect(await engine.run(runId)).toMatchObject({ status: "failed" });
  expect(await totalOf(engine, runId)).toBe("1");
  await expect(run()).rejects.toMatchObject({ code: "INSUFFICIENT_CREDITS" });
});

test("every attempt is charged, those that failed too", async () => {
  const models = dearModels(({ attempt }) => {
    const cost = { tokens: { prompt: 1, completion: 0, total: 1 }, costUsd: "0.125" };
    if (attempt < 3) throw new RetryableError("MODEL_PROVIDER_ERROR", "busy", { cost });
  });
  const { engine, run, balance } = await open({ steps: [llm("a")] }, { balanceUsd: "10", models });
  const { runId } = await run();
  expect([await balance(), await totalOf(engine, runId)]).toEqual(["9.25", "0.75"]);
});

test("no policy of a step's goes on without credits: neither a retry, nor a fallback, nor a loop that skips", async () => {
  const models = dearModels(() => {
    const cost = { tokens: { prompt: 1, completion: 0, total: 1 }, costUsd: "1" };
    throw new RetryableError("MODEL_PROVIDER_ERROR", "busy", { cost });
  });
  const tried = await open({ steps: [llm("a", { fallback: ["noukai/echo"] })] }, { balanceUsd: "1", models });
  expect([(await tried.run()).code, await tried.balance()]).toEqual(["CREDITS_EXHAUSTED", "0"]);
  const steps = [{ id: "each", type: "loop", over: "items", onError: "skip", steps: [llm("inner")] }];
  const input = { type: "object", properties: { items: { type: "array", default: [1, 2, 3, 4, 5] } } };
  const looped = await open({ input, steps }, { balanceUsd: "1" });
  const { engine, request, balance } = looped;
  const accepted = await engine.submit({ ...request, parameters: {}, message: "" });
  expect(await engine.outcome(accepted, never)).toMatchObject({ error: { code: "CREDITS_EXHAUSTED" } });
  expect([await balance(), await totalOf(engine, accepted.runId)]).toEqual(["0", "1"]);
});

test("a balance falls below zero by no more than the steps in flight cost", async () => {
  const branches = Object.fromEntries(["p", "q", "r", "s"].map((id) => [id, [llm(`${id}1`), llm(`${id}2`)]]));
  const { engine, run, balance } = await open(
    { steps: [{ id: "fan", type: "parallel", branches }] },
    { balanceUsd: "0.5" },
  );
  const { runId, code } = await run();
  expect(code).toBe("CREDITS_EXHAUSTED");
  expect(Number(await balance())).toBeGreaterThanOrEqual(0.5 - 4 * 0.5);
  expect(Number(await balance())).toBe(0.5 - Number(await totalOf(engine, runId)));
});

test("a round that pauses for tools is charged at once, and its attempt's end charges the rest", async () => {
  const tools = [{ name: "search", parameters: { type: "object", properties: {} } }];
  const { engine, request, projectId, balance } = await open(
    { steps: [llm("ask", { tools: true })] },
    { balanceUsd: "0.5" },
  );
  const accepted = await engine.submit({ ...request, tools });
  const pause = await engine.outcome(accepted, never);
  if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error("It did not ask.");
  expect(await balance()).toBe("0");
  const answers = pause.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "found" }));
  const toolCallMessages = [...pause.toolCallMessages, ...answers];
  const resume = () => engine.resume({ projectId, runId: accepted.runId, toolCallMessages });
  await expect(resume()).rejects.toMatchObject({ code: "INSUFFICIENT_CREDITS" });
  expect(await engine.run(accepted.runId)).toMatchObject({ status: "paused" });
  await engine.credits.add(projectId, { key: "more", amountUsd: "5" });
  expect(await engine.outcome(await resume(), never)).toMatchObject({ status: "completed" });
  expect([await balance(), await totalOf(engine, accepted.runId)]).toEqual(["4.5", "1"]);
});

test("a call that was accepted before is answered again when the credits are gone", async () => {
  const { engine, request } = await open({ steps: [llm("a")] }, { balanceUsd: "0.5" });
  const call = { ...request, idempotency: { key: "k", requestHash: "h" } };
  const first = await engine.submit(call);
  await engine.outcome(first, never);
  expect(await engine.submit(call)).toMatchObject({ runId: first.runId, repeated: true });
});

test("a balance that is set here counts at once, one that another process set within a second", async () => {
  let now = 1_000_000;
  const store = openMemoryStore();
  const { engine, request, projectId } = await open({ steps: [llm("a")] }, { store, now: () => now });
  await engine.submit(request);
  await store.setCredits(projectId, "0");
  now += 1_000;
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "INSUFFICIENT_CREDITS" });
  await engine.credits.set(projectId, null);
  await engine.submit(request);
  await engine.credits.set(projectId, "0");
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "INSUFFICIENT_CREDITS" });
});

test("a balance that cannot be read refuses new runs as a fault of ours, and gives a run under way back", async () => {
  const store = openMemoryStore();
  let isGone = false;
  const credits: Store["credits"] = (id) =>
    isGone ? Promise.reject(new StoreUnavailableError("gone")) : store.credits(id);
  const models = dearModels(() => void (isGone = true));
  const { engine, request, projectId } = await open(threeSteps, {
    store: { ...store, credits },
    models,
    balanceUsd: "9",
  });
  const { runId } = await engine.submit(request);
  const pending = async () => (await store.run(runId))?.status;
  await expect.poll(pending).toBe("pending");
  expect((await logOf(engine, runId)).filter(({ type }) => type === "step_completed")).toHaveLength(1);
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "BILLING_UNAVAILABLE" });
  expect(await store.credits(projectId)).toMatchObject({ balanceUsd: "8.5" });
});

/** The code with which a run of two calls ends, 3 prompt tokens and more each. */
async function endUnder(projectLimits: ProjectLimits): Promise<string | undefined> {
  const { run } = await open({ steps: [llm("a"), llm("b")] }, { projectLimits });
  return (await run()).code;
}

test("a run calls no model once it has used its tokens", async () => {
  const { engine, run } = await open({ steps: [llm("a")] });
  const record = await engine.run((await run()).runId);
  if (record === undefined) throw new Error("The run is gone.");
  const { total } = (await engine.trace(record)).totalTokens;
  expect(await endUnder({ tokensPerRun: total - 1 })).toBe("TOKEN_LIMIT_REACHED");
  expect(await endUnder({ tokensPerRun: total })).toBe("TOKEN_LIMIT_REACHED");
  expect(await endUnder({ tokensPerRun: total + 1 })).toBeUndefined();
});

test.each([
  ["0.49", "COST_LIMIT_REACHED"],
  ["0.5", "COST_LIMIT_REACHED"],
  [0.51, undefined],
])("a run that may cost %s USD ends with %s", async (usdPerRun, code) => {
  expect(await endUnder({ usdPerRun })).toBe(code);
});

test("a project's own limits come before those of all projects", async () => {
  const { engine, run, projectId } = await open(threeSteps, { projectLimits: { usdPerRun: "1", tokensPerRun: 1 } });
  await engine.store.saveSettings(projectId, { limits: { tokensPerRun: 1_000_000 } });
  expect((await run()).code).toBe("COST_LIMIT_REACHED");
});

test("a run that paused goes on only where there is room for it, and stays as it is until then", async () => {
  const models = dearModels(async ({ messages, signal }) => {
    if (messages.some(({ content }) => content.startsWith("slow"))) await untilAborted(signal);
  });
  const tools = [{ name: "search", parameters: { type: "object", properties: {} } }];
  const { engine, request, projectId } = await open(
    { steps: [llm("ask", { tools: true, prompt: "{{message}}" })] },
    { models, projectLimits: { concurrentRuns: 1 } },
  );
  const accepted = await engine.submit({ ...request, tools });
  const pause = await engine.outcome(accepted, never);
  if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error("It did not ask.");
  const slow = await engine.submit({ ...request, message: "slow" });
  const answers = pause.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "found" }));
  const toolCallMessages = [...pause.toolCallMessages, ...answers];
  const resume = () => engine.resume({ projectId, runId: accepted.runId, toolCallMessages });
  await expect(resume()).rejects.toMatchObject({ code: "RATE_LIMITED" });
  expect(await engine.run(accepted.runId)).toMatchObject({ status: "paused" });
  await engine.cancel({ projectId, runId: slow.runId });
  expect(await engine.outcome(await resume(), never)).toMatchObject({ status: "completed" });
});

test("a project has as many runs in work as it may, and one more as soon as one has ended", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const models = dearModels(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const { engine, request, projectId } = await open(
    { steps: [llm("a")] },
    { models, projectLimits: { concurrentRuns: 2 } },
  );
  const first = await engine.submit(request);
  const calls = await Promise.allSettled([1, 2, 3].map(() => engine.submit(request)));
  expect(calls.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
  await expect(engine.submit(request)).rejects.toMatchObject({ code: "RATE_LIMITED" });
  await engine.submit({ ...request, isQueued: true });
  expect(await engine.store.runs({ projectId, limit: 9 })).toHaveLength(3);
  await expect.poll(() => gates.length).toBe(2);
  for (const gate of gates) gate.resolve();
  await engine.outcome(first, never);
  await engine.submit(request);
});

test("jobs wait for room in their project, and each begins when one before it has ended", async () => {
  let inWork = 0;
  let most = 0;
  const models = dearModels(async () => {
    most = Math.max(most, (inWork += 1));
    await new Promise((resolve) => setImmediate(resolve));
    inWork -= 1;
  });
  const { engine, request } = await open({ steps: [llm("a")] }, { models, projectLimits: { concurrentRuns: 2 } });
  await engine.start();
  const jobs = await Promise.all(Array.from({ length: 12 }, () => engine.submit({ ...request, isQueued: true })));
  const ends = await Promise.all(jobs.map((job) => engine.outcome(job, never)));
  expect(ends.every(({ status }) => status === "completed")).toBe(true);
  expect(most).toBe(2);
});
