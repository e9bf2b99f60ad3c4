import { afterEach, describe, expect, test } from "vitest";
import { createEngine, type Engine } from "./engine.ts";
import { endsCall, type RunEvent, type Segment, type StreamItem } from "./events.ts";
import type { Json, JsonObject } from "./flow/definition.ts";
import type { ModelRequest, Models } from "./models/model.ts";
import { createModels } from "./models/registry.ts";
import type { ToolPause } from "./run-end.ts";
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

interface Scene {
  readonly engine: Engine;
  readonly request: RunRequest;
  readonly projectId: string;
}

interface SceneOptions {
  readonly store?: Store;
  readonly models?: Models;
  readonly now?: () => number;
}

async function open(
  definition: JsonObject,
  { store = openMemoryStore(), models = echo, now = Date.now }: SceneOptions = {},
): Promise<Scene> {
  const engine = createEngine({ store, models, now, sleep: () => Promise.resolve() });
  engines.push(engine);
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await engine.catalog.saveDraft(projectId, "flow", definition);
  await engine.start();
  return {
    engine,
    projectId,
    request: { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" },
  };
}

/** Models that see each request before the echo answers it. */
function watched(onRequest: (request: ModelRequest) => Promise<void> | void): Models {
  return {
    unavailable: (model) => echo.unavailable(model),
    unreadable: (model, mimeType) => echo.unreadable(model, mimeType),
    costUsd: (response) => echo.costUsd(response),
    async generate(request) {
      await onRequest(request);
      return echo.generate(request);
    },
  };
}

function logOf(engine: Engine, runId: string): Promise<readonly RunEvent[]> {
  return engine.store.eventsAfter(runId, 0, 1_000);
}

async function collect(items: AsyncIterable<StreamItem>): Promise<readonly StreamItem[]> {
  const collected: StreamItem[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const askingSteps: readonly JsonObject[] = [
  { id: "ask", type: "llm", model: "noukai/echo", prompt: "{{message}}", tools: true },
  { id: "last", type: "llm", model: "noukai/echo", prompt: "After: {{text}}" },
];
const asking: JsonObject = { steps: [{ id: "keep", type: "passthrough" }, ...askingSteps] };
const tools = [
  { name: "search", parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"] } },
];

async function pauseOf({
  engine,
  request,
}: Scene): Promise<{ readonly runId: string; readonly pause: ToolPause; readonly after: number }> {
  const call = await engine.submit({ ...request, tools });
  const pause = await engine.outcome(call, never);
  if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error(`It is ${pause.status}.`);
  const log = await logOf(engine, call.runId);
  return { runId: call.runId, pause, after: log.at(-1)?.seq ?? 0 };
}

function answers(pause: ToolPause, content = "found"): readonly Json[] {
  return [...pause.toolCallMessages, ...pause.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content }))];
}

describe("tool calls", () => {
  test("a run pauses where its model asks for tools, held by nobody, and goes on with the answers", async () => {
    const scene = await open(asking);
    const { runId, pause } = await pauseOf(scene);
    expect(pause).toMatchObject({
      stepId: "ask",
      stepIndex: 1,
      iterationsUsed: 1,
      accumulatedOutputs: { keep: { message: "hello" } },
    });
    expect(pause.toolCalls).toEqual([{ id: expect.any(String), name: "search", arguments: expect.any(String) }]);
    expect(await scene.engine.run(runId)).toMatchObject({ status: "paused", owner: null });
    expect(scene.engine.stats().runsInWork).toBe(0);

    const call = await scene.engine.resume({ projectId: scene.projectId, runId, toolCallMessages: answers(pause) });
    expect(await scene.engine.outcome(call, never)).toMatchObject({
      status: "completed",
      result: { text: expect.stringContaining("found") },
    });
    const log = await logOf(scene.engine, runId);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    expect(log.filter(({ type }) => type === "step_completed")).toHaveLength(3);
  });

  test("another process goes on with a pause that the first one left", async () => {
    const store = openMemoryStore();
    const first = await open(asking, { store });
    const { runId, pause } = await pauseOf(first);
    await first.engine.drain(0);
    const second = await open(asking, { store });
    const call = await second.engine.resume({ projectId: second.projectId, runId, toolCallMessages: answers(pause) });
    expect(await second.engine.outcome(call, never)).toMatchObject({ status: "completed" });
  });

  test("of two different answers one wins; an equal one gets the winner's outcome", async () => {
    const scene = await open(asking);
    const { engine, projectId } = scene;
    const { runId, pause } = await pauseOf(scene);
    const resume = (content: string) => engine.resume({ projectId, runId, toolCallMessages: answers(pause, content) });
    const results = await Promise.allSettled([resume("one"), resume("two")]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "ALREADY_RESUMED" } });
    const winner = results[0].status === "fulfilled" ? "one" : "two";
    const repeat = await resume(winner);
    expect(repeat.repeated).toBe(true);
    expect(await engine.outcome(repeat, never)).toMatchObject({
      status: "completed",
      result: { text: expect.stringContaining(winner) },
    });
    expect((await logOf(engine, runId)).filter(({ type }) => type === "step_resumed")).toHaveLength(1);
  });

  test("two steps whose models use the same call ids are told apart", async () => {
    const ask = { type: "llm", model: "noukai/echo", prompt: "{{initial.message}}", tools: true };
    const scene = await open({
      steps: [
        { id: "one", ...ask },
        { id: "two", ...ask },
      ],
    });
    const { engine, projectId } = scene;
    const { runId, pause } = await pauseOf(scene);
    const first = { projectId, runId, pausedAtStep: "one", toolCallMessages: answers(pause) };
    const second = await engine.outcome(await engine.resume(first), never);
    if (second.status !== "paused" || second.reason !== "toolCalls") throw new Error(`It is ${second.status}.`);
    expect(second.toolCalls).toEqual(pause.toolCalls);
    expect(await engine.outcome(await engine.resume(first), never)).toEqual(second);
    const last = { projectId, runId, pausedAtStep: "two", toolCallMessages: answers(second) };
    expect(await engine.outcome(await engine.resume(last), never)).toMatchObject({ status: "completed" });
  });

  test("answers that do not fit are refused, and the run can still be resumed", async () => {
    const scene = await open(asking);
    const { engine, projectId } = scene;
    const { runId, pause } = await pauseOf(scene);
    const refused = (change: object) =>
      engine.resume({ projectId, runId, toolCallMessages: answers(pause), ...change });
    await expect(refused({ toolCallMessages: pause.toolCallMessages })).rejects.toMatchObject({
      code: "TOOL_RESULTS_MISMATCH",
    });
    await expect(refused({ pausedAtStep: "keep" })).rejects.toMatchObject({ code: "PAUSED_STEP_INVALID" });
    await expect(refused({ projectId: "another" })).rejects.toMatchObject({ code: "EXECUTION_ID_INVALID" });
    expect(await engine.outcome(await refused({}), never)).toMatchObject({ status: "completed" });
  });

  test("each round is paid for once, and a pause is no part of any duration", async () => {
    let at = 1_000_000;
    const scene = await open(asking, { now: () => at });
    const { runId, pause } = await pauseOf(scene);
    at += 3_600_000;
    const call = await scene.engine.resume({ projectId: scene.projectId, runId, toolCallMessages: answers(pause) });
    const end = await scene.engine.outcome(call, never);
    const run = await scene.engine.run(runId);
    if (run === undefined || end.status !== "completed") throw new Error("It did not complete.");
    const trace = await scene.engine.trace(run);
    expect(end.summary.durationMs).toBe(0);
    expect(trace).toMatchObject({ durationMs: 0, totalTokens: end.summary.tokens, totalCostUsd: end.summary.costUsd });
    expect(trace.attempts.find(({ stepId }) => stepId === "ask")).toMatchObject({ durationMs: 0, attempt: 1 });
    const paused = (await logOf(scene.engine, runId)).find(({ type }) => type === "step_paused_for_tool_calls");
    const asked = trace.attempts.find(({ stepId }) => stepId === "ask")?.tokens?.total ?? 0;
    expect(asked).toBeGreaterThan(
      paused?.type === "step_paused_for_tool_calls" ? (paused.tokens?.total ?? 0) : Infinity,
    );
  });

  test("the text of an attempt goes on behind its tool calls: what was written before them is counted, and told to who joins", async () => {
    const models: Models = {
      ...watched(() => undefined),
      async generate(request) {
        const isFirst = !request.messages.some(({ role }) => role === "tool");
        if (isFirst) request.onDelta?.("Let me look. ");
        const answer = await echo.generate(request);
        return isFirst ? { ...answer, text: "Let me look. " } : answer;
      },
    };
    const { engine, projectId, request } = await open({ steps: askingSteps.slice(0, 1) }, { models });
    const { runId, pause } = await pauseOf({ engine, projectId, request });
    const reading = collect(engine.events(runId, { after: 0, signal: never }));
    await engine.resume({ projectId, runId, toolCallMessages: answers(pause) });
    const pieces = (await reading).filter((item) => item.type === "step_output");
    expect(pieces[0]).toMatchObject({ attempt: 1, offset: 0, delta: "Let me look. " });
    let text = "";
    for (const { offset, delta } of pieces) {
      expect(offset).toBeLessThanOrEqual(text.length);
      text = text.slice(0, offset) + delta;
    }
    const ended = (await logOf(engine, runId)).find(({ type }) => type === "step_completed");
    expect(ended).toMatchObject({ output: { text: text.replace("Let me look. ", "") } });
  });

  test("a model that never stops asking ends the run after 25 rounds", async () => {
    const insisting: Models = {
      ...watched(() => undefined),
      generate: ({ idempotencyKey, model }) =>
        Promise.resolve({
          text: "",
          toolCalls: [{ id: idempotencyKey, name: "search", arguments: "{}" }],
          usage: { prompt: 1, completion: 1, total: 2 },
          modelUsed: model,
          model,
        }),
    };
    const scene = await open(asking, { models: insisting });
    const { engine, projectId, request } = scene;
    let call = await engine.submit({ ...request, tools });
    let rounds = 0;
    for (;;) {
      const standing = await engine.outcome(call, never);
      if (standing.status !== "paused" || standing.reason !== "toolCalls") {
        expect(standing).toMatchObject({ status: "failed", error: { code: "TOOL_ITERATION_LIMIT" } });
        break;
      }
      rounds += 1;
      call = await engine.resume({ projectId, runId: call.runId, toolCallMessages: answers(standing) });
    }
    expect(rounds).toBe(25);
    const run = await engine.run(call.runId);
    expect(run && (await engine.trace(run)).totalTokens.total).toBe(26 * 2);
  });

  test("a pause that nobody answers fails its run, and a late answer is told so", async () => {
    let at = 1_000;
    const store = openMemoryStore({ now: () => at });
    const scene = await open(asking, { store, now: () => at });
    const { runId, pause } = await pauseOf(scene);
    await scene.engine.drain(0);
    at += 31 * 24 * 60 * 60 * 1000;
    const later = await open(asking, { store, now: () => at });
    await expect.poll(async () => (await store.run(runId))?.status).toBe("failed");
    const late = later.engine.resume({ projectId: later.projectId, runId, toolCallMessages: answers(pause) });
    await expect(late).rejects.toMatchObject({ code: "PAUSE_EXPIRED" });
  });

  test.for([
    ["no step may ask", { steps: [{ id: "a", type: "llm", model: "noukai/echo", prompt: "x" }] }, "TOOLS_NOT_ENABLED"],
  ] as const)("tools are refused when %s", async ([, definition, code]) => {
    const { engine, request } = await open(definition);
    await expect(engine.submit({ ...request, tools })).rejects.toMatchObject({ code });
  });
});

const steps: JsonObject = {
  steps: [
    { id: "a", type: "llm", model: "noukai/echo", prompt: "A {{message}}" },
    { id: "b", type: "llm", model: "noukai/echo", prompt: "B {{text}}" },
    { id: "c", type: "llm", model: "noukai/echo", prompt: "C {{text}} {{steps.a.text}}" },
  ],
};
const one: Segment = { runRemaining: false };

/** The events of one call: those behind its cursor, up to the first that ends a call. */
async function eventsOf(
  engine: Engine,
  call: { readonly runId: string; readonly after: number },
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const item of engine.events(call.runId, { after: call.after, signal: never })) {
    if (item.type === "step_output") continue;
    events.push(item);
    if (endsCall(item)) break;
  }
  return events;
}

describe("the step protocol", () => {
  test("each call runs one step, and the last one ends the run", async () => {
    const { engine, request, projectId } = await open(steps);
    const first = await engine.submit({ ...request, trigger: "step", segment: one });
    const types = [(await eventsOf(engine, first)).map(({ type }) => type)];
    for (const stepIndex of [1, 2]) {
      const call = await engine.nextSegment({ projectId, runId: first.runId, stepIndex, segment: one });
      types.push((await eventsOf(engine, call)).map(({ type }) => type));
    }
    const step = ["step_started", "step_input", "step_completed"];
    expect(types).toEqual([
      ["run_started", ...step, "step_paused"],
      [...step, "step_paused"],
      [...step, "flow_completed"],
    ]);
    expect(await engine.run(first.runId)).toMatchObject({ status: "completed" });
  });

  test("an equal call replays its segment, and no step runs twice", async () => {
    const asked: string[] = [];
    const { engine, request, projectId } = await open(steps, {
      models: watched(({ idempotencyKey }) => void asked.push(idempotencyKey)),
    });
    const { runId } = await engine.submit({ ...request, segment: one });
    await engine.outcome({ runId, after: 0, repeated: true }, never);
    const calls = await Promise.all(
      [1, 2, 3].map(() => engine.nextSegment({ projectId, runId, stepIndex: 1, segment: one })),
    );
    const [first, ...others] = await Promise.all(calls.map((call) => eventsOf(engine, call)));
    for (const other of others) expect(other).toEqual(first);
    expect(asked.map((key) => key.split(":")[1])).toEqual(["a", "b"]);
  });

  test("a call that asks a begun step for something else is stale, and one that is not next is refused", async () => {
    const { engine, request, projectId } = await open(steps);
    const call = await engine.submit({ ...request, segment: one });
    await engine.outcome(call, never);
    const next = (stepIndex: number, segment: Segment = one) =>
      engine.nextSegment({ projectId, runId: call.runId, stepIndex, segment });
    await engine.outcome(await next(1), never);
    await expect(next(1, { runRemaining: false, inputOverrides: { a: { text: "other" } } })).rejects.toMatchObject({
      code: "STALE_CURSOR",
    });
    await expect(next(7)).rejects.toMatchObject({ code: "INVALID_STEP_INDEX" });
    await expect(next(2, { runRemaining: false, inputOverrides: { c: {} } })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  });

  test("inputOverrides replace what later steps see, and the log keeps what was", async () => {
    const { engine, request, projectId } = await open(steps);
    const { runId } = await engine.submit({ ...request, segment: one });
    await engine.outcome({ runId, after: 0, repeated: true }, never);
    const segment = { runRemaining: true, inputOverrides: { a: { text: "mended" } } };
    const call = await engine.nextSegment({ projectId, runId, stepIndex: 1, segment });
    expect(await engine.outcome(call, never)).toMatchObject({
      status: "completed",
      result: { text: "C B mended mended" },
    });
    expect((await logOf(engine, runId)).find(({ type }) => type === "step_completed")).toMatchObject({
      output: { text: "A hello" },
    });
  });

  test("runRemaining runs through; overrides of a later call hold from there on", async () => {
    const { engine, request, projectId } = await open(steps);
    const { runId } = await engine.submit({ ...request, segment: one });
    await engine.outcome({ runId, after: 0, repeated: true }, never);
    const segment = { runRemaining: true, blockOverrides: { c: { prompt: "Only {{text}}" } } };
    const call = await engine.nextSegment({ projectId, runId, stepIndex: 1, segment });
    const types = (await eventsOf(engine, call)).map(({ type }) => type);
    expect(types).not.toContain("step_paused");
    expect(await engine.outcome(call, never)).toMatchObject({ result: { text: "Only B A hello" } });
  });

  test("a step that asks for tools pauses in its segment, and its answers finish that segment", async () => {
    const { engine, request, projectId } = await open({ steps: askingSteps });
    const first = await engine.submit({ ...request, segment: one, tools });
    const pause = await engine.outcome(first, never);
    if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error(`It is ${pause.status}.`);
    const call = await engine.resume({ projectId, runId: first.runId, toolCallMessages: answers(pause) });
    expect((await eventsOf(engine, call)).map(({ type }) => type)).toEqual([
      "step_resumed",
      "step_completed",
      "step_paused",
    ]);
  });

  test("a pause that is asked for again and again is refused in the end", async () => {
    const { engine, request, projectId } = await open({ steps: askingSteps });
    const { runId } = await engine.submit({ ...request, segment: one, tools });
    await engine.outcome({ runId, after: 0, repeated: true }, never);
    const repeat = () => engine.nextSegment({ projectId, runId, stepIndex: 0, segment: one });
    for (let count = 1; count <= 25; count += 1) await repeat();
    await expect(repeat()).rejects.toMatchObject({ code: "TOOL_ITERATION_LIMIT" });
  });
});

test("a segment that could only fail is refused, and the run waits on", async () => {
  const { engine, request, projectId } = await open(steps);
  const call = await engine.submit({ ...request, segment: one });
  await engine.outcome(call, never);
  const next = (segment: Segment) => engine.nextSegment({ projectId, runId: call.runId, stepIndex: 1, segment });
  const unreachable = next({ runRemaining: false, blockOverrides: { b: { model: "nowhere/model" } } });
  await expect(unreachable).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  const noObject = next({ runRemaining: false, inputOverrides: { a: "text" } });
  await expect(noObject).rejects.toMatchObject({ code: "INVALID_REQUEST", issues: [{ path: "inputOverrides.a" }] });
  expect(await engine.outcome(await next(one), never)).toMatchObject({ reason: "step", nextStepIndex: 2 });
});

test("whoever asks again and again for a pause that is over is told so", async () => {
  const { engine, request, projectId } = await open({ steps: askingSteps });
  const cancelled = await engine.submit({ ...request, segment: one, tools });
  await engine.outcome(cancelled, never);
  await engine.cancel({ projectId, runId: cancelled.runId });
  const repeat = (runId: string) => engine.nextSegment({ projectId, runId, stepIndex: 0, segment: one });
  await expect(repeat(cancelled.runId)).rejects.toMatchObject({ code: "CANCELLED" });

  const answered = await engine.submit({ ...request, segment: one, tools });
  const pause = await engine.outcome(answered, never);
  if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error(`It is ${pause.status}.`);
  await engine.outcome(
    await engine.resume({ projectId, runId: answered.runId, toolCallMessages: answers(pause) }),
    never,
  );
  for (let count = 1; count <= 25; count += 1) await repeat(answered.runId);
  await expect(repeat(answered.runId)).rejects.toMatchObject({ code: "TOOL_ITERATION_LIMIT" });
});

test("a reader that was there during a pause gets the partial output of what follows", async () => {
  const { engine, request, projectId } = await open(steps);
  const { runId } = await engine.submit({ ...request, segment: one });
  await engine.outcome({ runId, after: 0, repeated: true }, never);
  const texts: string[] = [];
  const reading = (async () => {
    for await (const item of engine.events(runId, { after: 0, signal: never })) {
      if (item.type === "step_output" && item.stepId === "b") texts.push(item.delta);
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  await engine.outcome(await engine.nextSegment({ projectId, runId, stepIndex: 1, segment: one }), never);
  await engine.outcome(await engine.nextSegment({ projectId, runId, stepIndex: 2, segment: one }), never);
  await reading;
  expect(texts.join("")).toBe("B A hello");
});

test("the time that a run waits for its worker is not its duration", async () => {
  let at = 1_000_000;
  const store = openMemoryStore({ now: () => at });
  const { engine, request } = await open(steps, { store, now: () => at });
  const call = await engine.submit({ ...request, isQueued: true, startAfter: at + 30 });
  at += 5_000;
  const end = await engine.outcome(call, never);
  const run = await engine.run(call.runId);
  expect(end).toMatchObject({ summary: { durationMs: 0 } });
  expect(run && (await engine.trace(run)).durationMs).toBe(0);
});

describe("cancel", () => {
  test("reaches the model call, ends the run, and counts what the call had used", async () => {
    const aborted = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow: Models = {
      ...watched(() => undefined),
      generate: ({ signal, onDelta }) =>
        new Promise((_, reject) => {
          onDelta?.("a dozen chars");
          begun.resolve();
          signal.addEventListener("abort", () => {
            aborted.resolve();
            reject(signal.reason);
          });
        }),
    };
    const { engine, request, projectId } = await open(steps, { models: slow });
    const call = await engine.submit(request);
    const outcome = engine.outcome(call, never);
    await begun.promise;
    expect(await engine.cancel({ projectId, runId: call.runId })).toMatchObject({ status: "cancelled" });
    await aborted.promise;
    expect(await outcome).toMatchObject({ status: "failed", stepId: "a", error: { code: "CANCELLED" } });
    const run = await engine.run(call.runId);
    const trace = run && (await engine.trace(run));
    expect(trace?.totalTokens).toMatchObject({ prompt: 2, completion: 4 });
    expect(await engine.cancel({ projectId, runId: call.runId })).toMatchObject({ status: "cancelled" });
  });

  test("ends a paused run and one that waits for its time, and a late answer is told so", async () => {
    const scene = await open(asking);
    const { engine, projectId, request } = scene;
    const { runId, pause } = await pauseOf(scene);
    expect(await engine.cancel({ projectId, runId })).toMatchObject({ status: "cancelled" });
    await expect(engine.resume({ projectId, runId, toolCallMessages: answers(pause) })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    const later = await engine.submit({ ...request, isQueued: true, startAfter: Date.now() + 60_000 });
    expect(await engine.cancel({ projectId, runId: later.runId })).toMatchObject({ status: "cancelled" });
    expect((await logOf(engine, later.runId)).at(-1)).toMatchObject({
      type: "step_error",
      stepId: "keep",
      error: { code: "CANCELLED" },
    });
  });

  test("knows no run of another project", async () => {
    const { engine, request } = await open(steps);
    const { runId } = await engine.submit(request);
    expect(await engine.cancel({ projectId: "another", runId })).toBeUndefined();
  });
});

test("attachments that no step could read are refused", async () => {
  const { engine, request } = await open({ steps: [{ id: "keep", type: "passthrough" }] });
  const attachments = [{ url: "https://files.invalid/cat.png", mimeType: "image/png" }];
  await expect(engine.submit({ ...request, attachments })).rejects.toMatchObject({ code: "MODEL_MIME_INCOMPATIBLE" });
});

test("earlier turns and attachments go to the first llm step, and to no other", async () => {
  const asked: ModelRequest[] = [];
  const { engine, request } = await open(steps, { models: watched((model) => void asked.push(model)) });
  const attachments = [{ url: "https://files.invalid/cat.png", mimeType: "image/png" }];
  const history = [{ role: "assistant", content: "Welcome." }] as const;
  const call = await engine.submit({ ...request, history, attachments });
  await engine.outcome(call, never);
  expect(asked.map(({ messages }) => messages)).toEqual([
    [...history, { role: "user", content: "A hello", attachments }],
    [{ role: "user", content: "B A hello" }],
    [{ role: "user", content: expect.stringContaining("C B A hello") }],
  ]);
});

describe("jobs", () => {
  test("a queued run is worked off, and one with a start time not before it", async () => {
    let at = 1_000_000;
    const store = openMemoryStore({ now: () => at });
    const { engine, request } = await open(steps, { store, now: () => at });
    const early = await engine.submit({ ...request, isQueued: true });
    const late = await engine.submit({ ...request, isQueued: true, startAfter: at + 30 });
    expect(await engine.outcome(early, never)).toMatchObject({ status: "completed" });
    expect(await engine.run(late.runId)).toMatchObject({ status: "pending" });
    at += 30;
    expect(await engine.outcome(late, never)).toMatchObject({ status: "completed" });
  });
});
