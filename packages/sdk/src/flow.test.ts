import { getEventListeners } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  clientOf,
  encodeFrame,
  EXECUTION_ID,
  HurriedClock,
  RECORDED,
  recorded,
  RecordedServer,
  streamOf,
  type WireFrame,
} from "../test/recorded-run.ts";
import {
  type ExecuteOptions,
  ExecuteResult,
  type Fetch,
  FlowExecutionError,
  PausedResult,
  type StreamEvent,
} from "./index.ts";

const COMPLETED = {
  status: "completed",
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 1,
  result: { text: "cat" },
};
const PAUSED = {
  status: "tool_calls_required",
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 2,
  pausedAtStep: "ask",
  iterationsUsed: 1,
  toolCalls: [{ id: "call-1", type: "function", function: { name: "look_up", arguments: '{"word":"kat"}' } }],
  toolCallMessages: [{ role: "assistant", content: null }],
  accumulatedOutputs: { check: { text: "x" } },
};
function cancelling(): Response {
  return Response.json({ executionId: EXECUTION_ID, status: "running" }, { status: 202 });
}

/** Answers by path, and keeps what it was sent. */
class Server {
  readonly requests: { method: string; path: string; headers: Headers; body: unknown; signal: AbortSignal }[] = [];
  readonly #answer: (path: string) => Response | Promise<Response>;

  constructor(answer: (path: string) => Response | Promise<Response>) {
    this.#answer = answer;
  }

  readonly fetch: Fetch = async (request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/", "");
    const { method, headers, signal } = request;
    const text = await request.clone().text();
    this.requests.push({ method, path, headers, signal, body: text === "" ? undefined : JSON.parse(text) });
    return this.#answer(path);
  };

  get paths(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }
}

function flowOf(answer: Response | ((path: string) => Response | Promise<Response>)) {
  const server = new Server(typeof answer === "function" ? answer : () => answer.clone());
  const noukai = clientOf(server.fetch);
  return { server, noukai, flow: noukai.flow("grade-3") };
}

function never(): Promise<Response> {
  return new Promise(() => {});
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

function recordedUpTo(upTo: string, ...instead: readonly WireFrame[]): Response {
  const end = RECORDED.findIndex(({ name }) => name === upTo);
  return streamOf([...RECORDED.slice(0, end), ...instead].map(encodeFrame));
}

afterEach(() => {
  vi.useRealTimers();
});

describe("execute", () => {
  test("posts the input once and gives the result under both its names", async () => {
    const { server, flow } = flowOf(Response.json(COMPLETED));
    const result = await flow.execute({ message: "kat", parameters: { difficulty: "hard" }, trace: true });
    expect(result).toBeInstanceOf(ExecuteResult);
    expect(result).toMatchObject({
      executionId: "run-1",
      flowId: "flow-1",
      blockCount: 1,
      result: { text: "cat" },
      output: { text: "cat" },
    });
    expect(server.paths).toEqual(["POST seq/acme/spelling/grade-3/v0/execute"]);
    expect(server.requests[0]?.body).toEqual({ message: "kat", parameters: { difficulty: "hard" }, trace: true });
    expect(server.requests[0]?.headers.get("x-noukai-on-disconnect")).toBe("continue");
  });

  test.each<[ExecuteOptions["version"], string]>([
    ["production", "seq/acme/spelling/grade-3/execute"],
    ["draft", "seq/acme/spelling/grade-3/v0/execute"],
    [4, "seq/acme/spelling/grade-3/v4/execute"],
  ])("runs version %s at its path", async (version, path) => {
    const { server, flow } = flowOf(Response.json(COMPLETED));
    await flow.execute({ version });
    expect(server.requests[0]?.path).toBe(path);
  });

  test("makes a fresh idempotency key for each call, and takes one that is given", async () => {
    const { server, flow } = flowOf(Response.json(COMPLETED));
    await flow.execute();
    await flow.execute();
    await flow.execute({ idempotencyKey: "mine", sessionId: "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c" });
    const [first, second, third] = server.requests.map(({ headers }) => headers.get("idempotency-key"));
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(third).toBe("mine");
    expect(server.requests.map(({ headers }) => headers.get("x-session-id"))).toEqual([
      null,
      null,
      "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c",
    ]);
    expect(server.requests[2]?.body).toEqual({});
  });

  test("gives a pause as such", async () => {
    const { flow } = flowOf(Response.json(PAUSED));
    const paused = await flow.execute();
    expect(paused).toBeInstanceOf(PausedResult);
    const { status: _status, ...members } = PAUSED;
    expect(paused).toEqual(expect.objectContaining({ ...members, requiresToolCalls: true }));
    if (paused.requiresToolCalls) expect(paused.toolCalls[0]?.function.name).toBe("look_up");
    // @ts-expect-error: a pause has no result
    else expect(paused.toolCalls).toBeUndefined();
  });

  test.each([
    [
      { code: "STEP_FAILED", message: "Step check failed." },
      "STEP_FAILED",
      "the run failed with STEP_FAILED. Step check failed.",
    ],
    ["out of tokens", undefined, "the run failed. out of tokens"],
    [undefined, undefined, "the run failed. Its trace says where."],
  ])(
    "throws when an older server tells of a failed run with status 200 and the error %j",
    async (error, code, message) => {
      const { flow } = flowOf(
        Response.json({ status: "failed", executionId: "run-1", error }, { headers: { "x-request-id": "req_1" } }),
      );
      const thrown = await flow.execute().catch((caught: unknown) => caught);
      expect(thrown).toBeInstanceOf(FlowExecutionError);
      expect(thrown).toMatchObject({ statusCode: 200, code, executionId: "run-1", requestId: "req_1", billed: "yes" });
      expect(String(thrown)).toContain(message);
    },
  );

  test.each(["{}", "null", '{"status":"dreaming"}', '{"status":"tool_calls_required","executionId":"run-1"}', "7"])(
    "throws when the answer is %s",
    async (body) => {
      const { flow } = flowOf(new Response(body, { headers: { "content-type": "application/json" } }));
      await expect(flow.execute()).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", statusCode: 200 });
    },
  );

  test("refuses a version that cannot be, before any request", async () => {
    const { server, flow } = flowOf(Response.json(COMPLETED));
    // @ts-expect-error: no such version
    await expect(flow.execute({ version: "main" })).rejects.toMatchObject({ name: "ValueError" });
    await expect(flow.execute({ version: 0 })).rejects.toMatchObject({ name: "ValueError" });
    await expect(flow.execute({ timeout: 0 })).rejects.toMatchObject({ name: "ValueError" });
    expect(server.requests).toHaveLength(0);
  });

  test("throws after its timeout and lets the run go on", async () => {
    vi.useFakeTimers();
    const { server, flow } = flowOf(never);
    const thrown = expect(flow.execute({ timeout: 1_000 })).rejects.toMatchObject({
      name: "APITimeoutError",
      billed: "possibly",
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await thrown;
    expect(server.paths).toEqual(["POST seq/acme/spelling/grade-3/v0/execute"]);
  });
});

describe("an aborted execute", () => {
  test("throws at once with the caller's reason, and cancels the run by its key", async () => {
    const { server, noukai, flow } = flowOf((path) => (path.endsWith("cancel") ? cancelling() : never()));
    const controller = new AbortController();
    const call = flow.execute({ signal: controller.signal, idempotencyKey: "key-1" });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(call).rejects.toMatchObject({ name: "AbortError", cause: reason });
    expect(server.requests[0]?.signal.aborted).toBe(true);
    await noukai.close();
    expect(server.paths[1]).toBe("POST seq/acme/spelling/grade-3/runs/cancel");
    expect(server.requests[1]?.body).toEqual({ idempotencyKey: "key-1" });
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("that was aborted before it began makes no request", async () => {
    const { server, noukai, flow } = flowOf(Response.json(COMPLETED));
    await expect(flow.execute({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
      billed: "no",
    });
    await noukai.close();
    expect(server.requests).toHaveLength(0);
  });

  test("that is over already cancels nothing", async () => {
    const { server, noukai, flow } = flowOf(Response.json(COMPLETED));
    const controller = new AbortController();
    await flow.execute({ signal: controller.signal });
    controller.abort();
    await noukai.close();
    expect(server.requests).toHaveLength(1);
  });

  test("tries the cancel again when the server is busy", async () => {
    let answers = 0;
    const { server, noukai, flow } = flowOf((path) => {
      if (!path.endsWith("cancel")) return never();
      return answers++ === 0 ? new Response(null, { status: 503 }) : cancelling();
    });
    const controller = new AbortController();
    const call = flow.execute({ signal: controller.signal });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await noukai.close();
    expect(server.paths.filter((path) => path.endsWith("cancel"))).toHaveLength(2);
  });

  test("troubles no one when the cancel fails", async () => {
    const { server, noukai, flow } = flowOf((path) =>
      path.endsWith("cancel") ? new Response("no", { status: 404 }) : never(),
    );
    const controller = new AbortController();
    const call = flow.execute({ signal: controller.signal });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await noukai.close();
    expect(server.paths[1]).toMatch(/runs\/cancel$/);
  });

  test("waits no longer than five seconds for a cancel that hangs", async () => {
    vi.useFakeTimers();
    const { server, noukai, flow } = flowOf(never);
    const controller = new AbortController();
    const thrown = expect(flow.execute({ signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await thrown;
    const closed = vi.fn();
    const closing = noukai.close().then(closed);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(closed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    await closing;
    expect(server.requests[1]?.signal.aborted).toBe(true);
  });
});

describe("events", () => {
  test("post once for the whole run, and not before the first is asked for", async () => {
    const { server, flow } = flowOf(() => streamOf(RECORDED.map(encodeFrame)));
    const events = flow.events({ message: "kät", version: 2 });
    expect(server.requests).toHaveLength(0);
    expect(events.executionId).toBeUndefined();
    expect((await collect(events)).at(-1)).toMatchObject({
      type: "flow_completed",
      seq: 8,
      summary: { costUsd: "0.100412" },
    });
    expect(events.executionId).toBe(EXECUTION_ID);
    expect(server.paths).toEqual(["POST seq/acme/spelling/grade-3/v2/step"]);
    expect(server.requests[0]?.body).toEqual({ message: "kät", runRemaining: true });
    expect(server.requests[0]?.headers.get("accept")).toBe("text/event-stream");
  });

  test("of a failing run end with its failure and throw nothing", async () => {
    const error = { code: "STEP_FAILED", message: "m" };
    const { server, flow } = flowOf(
      recordedUpTo("step_completed", { seq: 5, name: "step_error", data: { stepId: "a", name: "a", error } }),
    );
    expect((await collect(flow.events())).at(-1)).toMatchObject({ type: "step_error", error });
    expect(server.requests).toHaveLength(1);
  });

  test("end with the request to have tools called", async () => {
    const { status: _status, flowId: _flowId, blockCount: _blockCount, pausedAtStep: stepId, ...pause } = PAUSED;
    const data = { ...pause, runId: EXECUTION_ID, executionId: EXECUTION_ID, stepId, stepIndex: 0 };
    const { flow } = flowOf(recordedUpTo("step_completed", { seq: 5, name: "step_paused_for_tool_calls", data }));
    expect((await collect(flow.events())).at(-1)).toMatchObject({
      type: "tool_calls_required",
      seq: 5,
      toolCalls: PAUSED.toolCalls,
    });
  });

  test("that the SDK does not know are handed on", async () => {
    const { flow } = flowOf(
      recordedUpTo(
        "step_retrying",
        { seq: 4, name: "step_sighed", data: { deeply: true } },
        { ...recorded(8), seq: 5 },
      ),
    );
    expect(await collect(flow.events())).toContainEqual({
      type: "unknown",
      name: "step_sighed",
      data: { deeply: true },
      seq: 4,
    });
  });

  test("refuse a version that cannot be at the call, not at the first event", () => {
    const { flow } = flowOf(never);
    expect(() => flow.events({ version: 1.5 })).toThrow("`version`");
  });

  test("throw what the server refuses with, and do not try again", async () => {
    const { server, flow } = flowOf(
      Response.json({ detail: { code: "FLOW_NOT_FOUND", message: "m" } }, { status: 404 }),
    );
    await expect(collect(flow.events())).rejects.toMatchObject({ name: "FlowNotFoundError" });
    expect(server.requests).toHaveLength(1);
  });

  test("whose answer was lost are asked for with the same key, and joined", async () => {
    const fetch = new RecordedServer({ cuts: [], end: "reset", meanwhile: "waits" }).fetch;
    const keys: (string | null)[] = [];
    const noukai = clientOf((request) => {
      keys.push(request.headers.get("idempotency-key"));
      if (keys.length < 3) throw new TypeError("fetch failed");
      return fetch(request);
    });
    expect((await collect(noukai.flow("grade-3").events())).at(-1)).toMatchObject({ type: "flow_completed" });
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test("throw at once when aborted, and cancel the run by its id", async () => {
    const first = encodeFrame(recorded(1));
    const open = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(first) });
    const headers = { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID };
    const { server, noukai, flow } = flowOf((path) =>
      path.endsWith("cancel") ? cancelling() : new Response(open, { headers }),
    );
    const controller = new AbortController();
    const events = flow.events({ signal: controller.signal });
    await events.next();
    const next = events.next();
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(next).rejects.toMatchObject({ name: "AbortError", cause: reason });
    expect(server.requests[0]?.signal.aborted).toBe(true);
    await noukai.close();
    expect(server.paths[1]).toBe(`POST seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`);
  });

  test("on an aborted signal make no request", async () => {
    const { server, noukai, flow } = flowOf(never);
    await expect(collect(flow.events({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: "AbortError" });
    await noukai.close();
    expect(server.requests).toHaveLength(0);
  });

  test("that are no longer read leave the run alone", async () => {
    const { server, noukai, flow } = flowOf(() => streamOf(RECORDED.map(encodeFrame)));
    for await (const event of flow.events()) if (event.type === "step_started") break;
    await noukai.close();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.signal.aborted).toBe(true);
  });

  test("that are left before the answer is there end the request and the loop", async () => {
    const { server, flow } = flowOf(never);
    const events = flow.events();
    const next = events.next();
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    await events.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(server.requests[0]?.signal.aborted).toBe(true);
  });

  test("leave nothing behind on a signal that outlives them", async () => {
    const { signal } = new AbortController();
    const { flow } = flowOf(() => streamOf(RECORDED.map(encodeFrame)));
    for (let run = 0; run < 20; run++) await collect(flow.events({ signal }));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("steps", () => {
  test("are told as they are done", async () => {
    const { flow } = flowOf(() => streamOf(RECORDED.map(encodeFrame)));
    const outputs: unknown[] = [];
    for await (const step of flow.steps({ message: "kät" })) {
      step.costUsd satisfies string | null;
      outputs.push(step.output);
    }
    expect(outputs).toEqual([{ text: "Die 😀Kätzchen" }, { title: "漢字" }]);
  });

  test.each([
    ["STEP_FAILED", "FlowExecutionError"],
    ["CREDITS_EXHAUSTED", "InsufficientCreditsError"],
    ["CANCELLED", "FlowExecutionError"],
  ])("of a run that ends with %s throw its %s", async (code, name) => {
    const failure = { seq: 6, name: "step_error", data: { stepId: "b", name: "b", error: { code, message: "Why." } } };
    const upToStepA = RECORDED.slice(0, RECORDED.findIndex(({ name }) => name === "step_completed") + 1);
    const { flow } = flowOf(streamOf([...upToStepA, failure].map(encodeFrame)));
    const done: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { stepId } of flow.steps()) done.push(stepId);
    };
    await expect(read()).rejects.toMatchObject({ name, code, executionId: EXECUTION_ID, billed: "yes" });
    expect(done).toEqual(["a"]);
  });

  test("refuse tools that nobody answers", () => {
    const { flow } = flowOf(never);
    expect(() => flow.steps({ tools: [] })).toThrow("`steps()` cannot answer tool calls");
  });

  test("close the connection when the loop is left", async () => {
    const { server, flow } = flowOf(() => streamOf(RECORDED.map(encodeFrame)));
    for await (const _step of flow.steps()) break;
    expect(server.requests[0]?.signal.aborted).toBe(true);
  });
});

test("a call waits between its tries as the server asks", async () => {
  const clock = new HurriedClock();
  const answers = [
    new Response(null, { status: 503 }),
    new Response(null, { status: 429, headers: { "retry-after": "9" } }),
  ];
  const noukai = clientOf(() => answers.shift() ?? Response.json(COMPLETED), {}, clock);
  await noukai.flow("grade-3").execute();
  expect(clock.waits).toEqual([250, 9_000]);
});
