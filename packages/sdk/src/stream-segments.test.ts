import { getEventListeners } from "node:events";
import { setTimeout as realTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { clientOf, EXECUTION_ID, encodeFrame, RECORDED } from "../test/recorded-run.ts";
import {
  ASKING,
  PausingServer,
  type PausingServerOptions,
  STEPWISE,
  STEPWISE_ASKING,
  TOOLS,
} from "../test/recorded-run-pauses.ts";
import {
  AbortError,
  AlreadyResumedError,
  type ConnectionState,
  type EventsOptions,
  type StepPaused,
  type StreamEvent,
  type ToolCallsRequired,
  ToolCallLimitError,
  ValueError,
} from "./index.ts";

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const OUTPUT = { text: "☀ in Lyon" };

function flowOf(options: PausingServerOptions) {
  const server = new PausingServer(options);
  const noukai = clientOf(server.fetch);
  return { server, noukai, flow: noukai.flow("grade-3") };
}

const toolHandler = vi.fn<NonNullable<EventsOptions["toolHandler"]>>((calls) =>
  calls.map(({ id }) => ({ toolCallId: id, output: { sky: "☀" } })),
);

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** `1 run_started`, or `step_output` for what is not logged. */
function names(events: readonly StreamEvent[]): string[] {
  return events.map(({ seq, type }) => (seq === undefined ? type : `${seq} ${type}`));
}

const ASKED = [
  "1 run_started",
  "2 step_started",
  "3 tool_calls_required",
  "4 step_resumed",
  "5 tool_calls_required",
  "6 step_resumed",
  "step_output",
  "7 step_completed",
  "8 flow_completed",
];

function results(event: ToolCallsRequired) {
  return { toolResults: event.toolCalls.map(({ id }) => ({ toolCallId: id, output: "sunny" })) };
}

/** Reads up to the first request for tools, and leaves the stream there. */
async function firstPause(events: AsyncIterable<StreamEvent>): Promise<ToolCallsRequired> {
  for await (const event of events) if (event.type === "tool_calls_required") return event;
  throw new Error("The run asked for no tools.");
}

describe("tool calls in a stream", () => {
  test("are told, answered by the handler, and followed by what comes of it", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const events = flow.events({
      message: "hi",
      parameters: { place: "Lyon" },
      sessionId: SESSION,
      tools: TOOLS,
      toolHandler,
    });
    expect(names(await collect(events))).toEqual(ASKED);
    expect(server.paths).toEqual(Array.from({ length: 3 }, () => "POST seq/acme/spelling/grade-3/v0/step"));
    const [first, second, third] = server.posts;
    expect(first?.body).toEqual({ message: "hi", parameters: { place: "Lyon" }, tools: TOOLS, runRemaining: true });
    const result = { role: "tool", tool_call_id: "call_1", content: '{"sky":"☀"}' };
    expect(second?.body).toEqual({
      executionId: EXECUTION_ID,
      stepIndex: 0,
      iterationsUsed: 1,
      accumulatedOutputs: {},
      toolCallMessages: [expect.objectContaining({ role: "assistant" }), result],
      tools: TOOLS,
      runRemaining: true,
    });
    expect(third?.body).toMatchObject({ iterationsUsed: 2 });
  });

  test("are answered under a key of their own, in the run's session", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    await collect(flow.events({ sessionId: SESSION, idempotencyKey: "mine", toolHandler }));
    const keys = server.posts.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys[0]).toBe("mine");
    expect(new Set(keys).size).toBe(3);
    expect(server.posts.map(({ headers }) => headers.get("x-session-id"))).toEqual([SESSION, null, null]);
  });

  test("are the reader's where nothing here answers them: the loop goes on behind the answer", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const seen: StreamEvent[] = [];
    for await (const event of flow.events({ tools: TOOLS })) {
      seen.push(event);
      if (event.type === "tool_calls_required") expect(await event.resume(results(event))).toBeUndefined();
    }
    expect(names(seen)).toEqual(ASKED);
    expect(server.posts).toHaveLength(3);
  });

  test("may be answered without waiting for the answer to arrive", async () => {
    const { flow } = flowOf({ frames: ASKING });
    const seen: StreamEvent[] = [];
    for await (const event of flow.events({ tools: TOOLS })) {
      seen.push(event);
      if (event.type === "tool_calls_required") void event.resume(results(event));
    }
    expect(names(seen)).toEqual(ASKED);
  });

  test("that nobody answers end the stream, and leave the run waiting", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const states: ConnectionState[] = [];
    const events = flow.events({ tools: TOOLS, onConnection: (state) => states.push(state) });
    expect(names(await collect(events)).at(-1)).toBe("3 tool_calls_required");
    expect(states).toEqual([{ status: "live" }, { status: "closed", reason: "paused" }]);
    expect(events.connection).toEqual(states.at(-1));
    expect(server.requests).toHaveLength(1);
  });

  test.each(["is left", "has ended unanswered"])(
    "can be answered after the loop %s: the rest is a stream of its own",
    async (how) => {
      const { server, flow } = flowOf({ frames: ASKING });
      let pause: ToolCallsRequired | undefined;
      for await (const event of flow.events({ tools: TOOLS })) {
        if (event.type !== "tool_calls_required") continue;
        pause = event;
        if (how === "is left") break;
      }
      const rest = await pause?.resume(results(pause));
      expect(server.posts).toHaveLength(2);
      expect(rest?.lastSeq).toBe(3);
      expect(rest && names(await collect(rest))).toEqual(ASKED.slice(3, 5));
    },
  );

  test("take one answer", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const events = flow.events({ tools: TOOLS });
    const pause = await firstPause(events);
    const first = pause.resume(results(pause));
    await expect(pause.resume(results(pause))).rejects.toBeInstanceOf(AlreadyResumedError);
    await first;
    await expect(pause.resume(results(pause))).rejects.toMatchObject({
      code: "ALREADY_RESUMED",
      executionId: EXECUTION_ID,
      billed: "no", // as the server's own 409
    });
    expect(server.posts).toHaveLength(2);
  });

  test("take the same answer again under the same key after one whose answer was lost", async () => {
    const lose = (call: number) => (call === 2 ? new Response(null, { status: 404 }) : undefined);
    const { server, flow } = flowOf({ frames: ASKING, refuse: lose });
    const pause = await firstPause(flow.events({ tools: TOOLS }));
    await expect(pause.resume(results(pause))).rejects.toMatchObject({ statusCode: 404 });
    await pause.resume(results(pause));
    const [first, second, third] = server.posts.map(({ headers }) => headers.get("idempotency-key"));
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  test("take another answer after one that was refused", async () => {
    const mismatch = { detail: { code: "TOOL_RESULTS_MISMATCH", message: "m" } };
    const refuse = (call: number) => (call === 2 ? Response.json(mismatch, { status: 400 }) : undefined);
    const { flow } = flowOf({ frames: ASKING, refuse });
    const seen: StreamEvent[] = [];
    for await (const event of flow.events({ tools: TOOLS })) {
      seen.push(event);
      if (event.type !== "tool_calls_required") continue;
      if (event.seq === 3)
        await expect(event.resume(results(event))).rejects.toMatchObject({ code: "TOOL_RESULTS_MISMATCH" });
      await event.resume(results(event));
    }
    expect(names(seen)).toEqual(ASKED);
  });

  test("refuse an answer that does not fit them before anything is sent", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const pause = await firstPause(flow.events({ tools: TOOLS }));
    await expect(pause.resume({ toolResults: [] })).rejects.toBeInstanceOf(ValueError);
    expect(server.posts).toHaveLength(1);
  });

  test("leave nothing behind on a signal when an answer from outside the loop is refused", async () => {
    const { signal } = new AbortController();
    const { flow } = flowOf({ frames: ASKING });
    const pause = await firstPause(flow.events({ tools: TOOLS, signal }));
    await expect(pause.resume({ toolResults: [] })).rejects.toBeInstanceOf(ValueError);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("are answered maxToolRounds times and no more", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    toolHandler.mockClear();
    const seen: StreamEvent[] = [];
    const read = async (): Promise<void> => {
      for await (const event of flow.events({ toolHandler, maxToolRounds: 1 })) seen.push(event);
    };
    await expect(read()).rejects.toBeInstanceOf(ToolCallLimitError);
    expect(names(seen)).toEqual(ASKED.slice(0, 5));
    expect(toolHandler).toHaveBeenCalledTimes(1);
    expect(server.posts).toHaveLength(2);
  });

  test("are given to the reader when the handler throws, who may still answer", async () => {
    const { flow } = flowOf({ frames: ASKING });
    const fault = new Error("no sky today");
    const events = flow.events({
      toolHandler: () => {
        throw fault;
      },
    });
    let pause: ToolCallsRequired | undefined;
    const read = async (): Promise<void> => {
      for await (const event of events) if (event.type === "tool_calls_required") pause = event;
    };
    await expect(read()).rejects.toBe(fault);
    const rest = await pause?.resume(results(pause));
    expect((await rest?.next())?.value).toMatchObject({ type: "step_resumed" });
  });

  test("are events that can be copied, without their way to be answered", async () => {
    const { flow } = flowOf({ frames: ASKING });
    const pause = await firstPause(flow.events({ tools: TOOLS }));
    expect(structuredClone(pause)).toEqual({ ...pause });
    expect(Object.keys(pause)).not.toContain("resume");
  });

  test("cannot be answered on a stream that only watches", async () => {
    const { flow, noukai } = flowOf({ frames: ASKING });
    await firstPause(flow.events({ tools: TOOLS }));
    const pause = await firstPause(noukai.run(EXECUTION_ID).liveTrace());
    await expect(pause.resume(results(pause))).rejects.toThrow("This stream only watches the run");
  });
});

describe("while tool calls are being answered", () => {
  /** A handler that never comes to an end, and what it was told. */
  function waitingHandler() {
    const told: { signal?: AbortSignal } = {};
    const handler: EventsOptions["toolHandler"] = (_calls, { signal }) => {
      told.signal = signal;
      return new Promise(() => {});
    };
    return { told, handler };
  }

  test("an abort ends the handler and the loop at once, and cancels the run", async () => {
    const { server, noukai, flow } = flowOf({ frames: ASKING });
    const { told, handler } = waitingHandler();
    const controller = new AbortController();
    const reading = collect(flow.events({ toolHandler: handler, signal: controller.signal }));
    await vi.waitFor(() => expect(told.signal).toBeDefined());
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(reading).rejects.toMatchObject({ name: "AbortError", cause: reason });
    expect(told.signal?.aborted).toBe(true);
    await noukai.close();
    expect(server.paths.at(-1)).toBe(`POST seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`);
  });

  test("leaving ends the handler and leaves the run alone", async () => {
    const { server, noukai, flow } = flowOf({ frames: ASKING });
    const { told, handler } = waitingHandler();
    const events = flow.events({ toolHandler: handler });
    const reading = collect(events);
    await vi.waitFor(() => expect(told.signal).toBeDefined());
    events.detach();
    expect(names(await reading)).toEqual(ASKED.slice(0, 3));
    expect(told.signal?.aborted).toBe(true);
    await noukai.close();
    expect(server.requests).toHaveLength(1);
  });

  test("cancel ends the handler, and the loop comes to the run's CANCELLED event", async () => {
    const { server, flow } = flowOf({ frames: ASKING });
    const { told, handler } = waitingHandler();
    const events = flow.events({ toolHandler: handler });
    const reading = collect(events);
    await vi.waitFor(() => expect(told.signal).toBeDefined());
    await events.cancel();
    expect((await reading).at(-1)).toMatchObject({ type: "step_error", seq: 4, error: { code: "CANCELLED" } });
    expect(told.signal?.aborted).toBe(true);
    expect(server.posts).toHaveLength(1);
  });

  test("cancel wins over an answer that comes too late", async () => {
    const cancelled = { detail: { code: "CANCELLED", message: "m" } };
    const { flow } = flowOf({ frames: ASKING, refuse: () => Response.json(cancelled, { status: 409 }) });
    const seen: StreamEvent[] = [];
    const events = flow.events({ tools: TOOLS });
    for await (const event of events) {
      seen.push(event);
      if (event.type === "tool_calls_required") {
        await events.cancel();
        await expect(event.resume(results(event))).rejects.toMatchObject({ code: "CANCELLED" });
      }
    }
    expect(seen.at(-1)).toMatchObject({ type: "step_error", error: { code: "CANCELLED" } });
  });

  test("a cancel that fails leaves the call as it was", async () => {
    const server = new PausingServer({ frames: ASKING });
    const gone = { detail: { code: "RUN_NOT_FOUND", message: "m" } };
    const noukai = clientOf((request) =>
      request.url.endsWith("/cancel") ? Response.json(gone, { status: 404 }) : server.fetch(request),
    );
    const events = noukai.flow("grade-3").events({ tools: TOOLS });
    const seen: StreamEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type !== "tool_calls_required") continue;
      await expect(events.cancel()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      await event.resume(results(event));
    }
    expect(names(seen)).toEqual(ASKED);
    expect(server.requests.filter(({ method }) => method === "GET")).toHaveLength(0);
  });
});

describe("a stepwise call", () => {
  const STEPS = names(decoded());

  function decoded(): StreamEvent[] {
    return STEPWISE.map(({ seq, name }) => ({ type: name, ...(seq !== undefined && { seq }) }) as StreamEvent); // names are all that is compared
  }

  test("asks for one step after the other, with all that is known by then", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    const blockOverrides = { b: { temperature: 0 } };
    const events = flow.events({ message: "kät", blockOverrides, sessionId: SESSION, stepwise: true });
    expect(names(await collect(events))).toEqual(STEPS);
    const [first, second] = server.posts;
    expect(server.posts).toHaveLength(2);
    expect(first?.body).toEqual({ message: "kät", blockOverrides, runRemaining: false });
    expect(second?.body).toEqual({
      executionId: EXECUTION_ID,
      stepIndex: 1,
      accumulatedOutputs: { a: { text: "Die 😀Kätzchen" } },
      inputOverrides: {},
      blockOverrides,
      runRemaining: false,
    });
    expect(second?.headers.get("x-session-id")).toBeNull();
    expect(second?.headers.get("idempotency-key")).not.toBe(first?.headers.get("idempotency-key"));
  });

  test.each<EventsOptions>([{ runRemaining: false }, { inputOverrides: {} }])(
    "is asked for by %j too",
    async (options) => {
      const { server, flow } = flowOf({ frames: STEPWISE });
      await collect(flow.events(options));
      expect(server.posts.map(({ body }) => body["runRemaining"])).toEqual([false, false]);
    },
  );

  test("asks for the next step when the next event is asked for, and not before", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    for await (const { type } of flow.events({ stepwise: true })) {
      if (type !== "step_paused") continue;
      await realTimeout(1);
      expect(server.posts).toHaveLength(1);
      break;
    }
    expect(server.requests).toHaveLength(1);
  });

  test("changes what later steps are given, as the reader decides between them", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    const asked: StepPaused[] = [];
    const inputOverrides = (pause: StepPaused) => {
      asked.push(pause);
      return Promise.resolve({ a: { text: "Der Kater" } });
    };
    await collect(flow.events({ inputOverrides }));
    expect(asked).toMatchObject([{ type: "step_paused", stepId: "a", nextStepIndex: 1 }]);
    expect(server.posts.map(({ body }) => body["inputOverrides"])).toEqual([undefined, { a: { text: "Der Kater" } }]);
  });

  test("sends overrides that are given beforehand as soon as their steps are done", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    await collect(flow.events({ inputOverrides: { a: { text: "Der Kater" }, b: { title: "later" } } }));
    expect(server.posts.map(({ body }) => body["inputOverrides"])).toEqual([undefined, { a: { text: "Der Kater" } }]);
  });

  test("throws what the caller's function throws", async () => {
    const fault = new Error("undecided");
    const { flow } = flowOf({ frames: STEPWISE });
    const inputOverrides = (): never => {
      throw fault;
    };
    await expect(collect(flow.events({ inputOverrides }))).rejects.toBe(fault);
  });

  test("is what overrides need", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    await expect(flow.events({ stepwise: false, inputOverrides: {} }).next()).rejects.toThrow("Use `stepwise: true`");
    await expect(flow.events({ runRemaining: true, inputOverrides: {} }).next()).rejects.toThrow(ValueError);
    expect(server.posts).toEqual([]);
  });

  test("answers tool calls in the segment that asks", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE_ASKING });
    const events = await collect(flow.events({ stepwise: true, tools: TOOLS, toolHandler }));
    expect(names(events).slice(-7)).toEqual([
      "6 step_paused",
      "7 step_started",
      "8 tool_calls_required",
      "9 step_resumed",
      "step_output",
      "10 step_completed",
      "11 flow_completed",
    ]);
    expect(server.posts[2]?.body).toMatchObject({ stepIndex: 1, iterationsUsed: 1, runRemaining: false });
  });

  test("ends where it was left, the run waiting", async () => {
    const { noukai, server, flow } = flowOf({ frames: STEPWISE });
    for await (const { type } of flow.events({ stepwise: true })) if (type === "step_paused") break;
    await noukai.close();
    expect(server.requests).toHaveLength(1);
  });
});

test("a one-connection call ends where a server pauses unasked", async () => {
  const { server, flow } = flowOf({ frames: STEPWISE });
  expect(names(await collect(flow.events())).at(-1)).toBe("6 step_paused");
  expect(server.posts).toHaveLength(1);
});

describe.each<[string, PausingServerOptions["frames"], EventsOptions]>([
  ["a call that answers tool calls", ASKING, { tools: TOOLS, toolHandler }],
  ["a stepwise call", STEPWISE, { stepwise: true }],
  ["a stepwise call that answers tool calls", STEPWISE_ASKING, { stepwise: true, tools: TOOLS, toolHandler }],
])("%s", (_name, frames, options) => {
  const length = frames.map((frame) => encodeFrame(frame).length).reduce((sum, each) => sum + each);
  const segments = frames.filter(({ name }) => name.startsWith("step_paused")).length + 1;

  /** Logged events, and the text as a reader folds it. */
  async function seen(cuts: readonly number[], end: "reset" | "clean end") {
    const { server, flow } = flowOf({ frames, cuts, end });
    const events = await collect(flow.events(options));
    let text = "";
    for (const event of events) {
      if (event.type === "step_retrying" || event.type === "step_started") text = "";
      if (event.type === "step_output") text = text.slice(0, event.offset) + String(event.outputData.delta);
    }
    expect(server.posts, `cut at ${cuts.join()}`).toHaveLength(segments);
    return { logged: events.filter(({ seq }) => seq !== undefined), text };
  }

  test.each(["reset", "clean end"] as const)(
    "survives a %s at any byte of its first segment without another POST",
    { timeout: 30_000 },
    async (end) => {
      const whole = await seen([], end);
      const stride = end === "reset" ? 1 : 7;
      for (let cut = 0; cut < length; cut += stride) expect(await seen([cut], end), `cut at ${cut}`).toEqual(whole);
    },
  );

  test("survives cuts of each of its segments, without another POST", async () => {
    const whole = await seen([], "reset");
    for (let cut = 0; cut < length; cut += 3) {
      const cuts = Array.from({ length: segments }, () => [cut, Infinity]).flat();
      expect(await seen(cuts, "reset"), `cuts at ${cut}`).toEqual(whole);
    }
  });
});

test("a later request whose answer is lost is made again with its key", async () => {
  const server = new PausingServer({ frames: ASKING });
  const keys: (string | null)[] = [];
  const noukai = clientOf((request) => {
    keys.push(request.headers.get("idempotency-key"));
    if (keys.length === 2 || keys.length === 3) throw new TypeError("fetch failed");
    return server.fetch(request);
  });
  const states: ConnectionState[] = [];
  const onConnection = (state: ConnectionState): number => states.push(state);
  expect(names(await collect(noukai.flow("grade-3").events({ toolHandler, onConnection })))).toEqual(ASKED);
  expect(new Set(keys.slice(1, 4)).size).toBe(1);
  expect(server.posts).toHaveLength(3);
  expect(states.slice(0, 4)).toEqual([
    { status: "live" },
    { status: "reconnecting", attempt: 1, inMs: 250 },
    { status: "reconnecting", attempt: 2, inMs: 500 },
    { status: "live" },
  ]);
});

describe("steps", () => {
  async function outputs(steps: AsyncIterable<{ readonly output: unknown }>): Promise<unknown[]> {
    const seen: unknown[] = [];
    for await (const { output } of steps) seen.push(output);
    return seen;
  }

  test("answer tool calls by the handler", async () => {
    const { flow } = flowOf({ frames: ASKING });
    expect(await outputs(flow.steps({ tools: TOOLS, toolHandler }))).toEqual([OUTPUT]);
  });

  test("are told segment by segment", async () => {
    const { server, flow } = flowOf({ frames: STEPWISE });
    expect(await outputs(flow.steps({ stepwise: true }))).toHaveLength(2);
    expect(server.posts).toHaveLength(2);
  });

  test("refuse tools that nothing here answers, before any request", () => {
    const { server, flow } = flowOf({ frames: ASKING });
    expect(() => flow.steps({ tools: TOOLS })).toThrow(ValueError);
    expect(server.requests).toHaveLength(0);
  });

  test("throw when the run waits for an answer all the same", async () => {
    const { flow } = flowOf({ frames: ASKING });
    await expect(outputs(flow.steps())).rejects.toMatchObject({
      code: "TOOL_CALLS_REQUIRED",
      executionId: EXECUTION_ID,
    });
  });
});

test("a call that is aborted before it begins makes no request", async () => {
  const { server, flow } = flowOf({ frames: RECORDED });
  await expect(collect(flow.events({ stepwise: true, signal: AbortSignal.abort() }))).rejects.toBeInstanceOf(
    AbortError,
  );
  expect(server.requests).toHaveLength(0);
});
