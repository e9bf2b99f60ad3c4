import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { clientOf } from "../test/recorded-run.ts";
import {
  AbortError,
  AlreadyResumedError,
  type ExecuteResult,
  type NoukaiOptions,
  type PausedResult,
  pauseOf,
  tool,
  type ToolCall,
  ToolCallLimitError,
} from "./index.ts";

const COMPLETED = {
  status: "completed",
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 2,
  result: { text: "cat" },
};
const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";

function asked(name: string, args: unknown = { word: "kat" }, id = "c1"): ToolCall {
  return { id, type: "function", function: { name, arguments: JSON.stringify(args) } };
}

function paused(round: number, ...toolCalls: ToolCall[]): object {
  return {
    status: "tool_calls_required",
    executionId: "run-1",
    flowId: "flow-1",
    blockCount: 2,
    pausedAtStep: "ask",
    iterationsUsed: round,
    toolCalls,
    toolCallMessages: [{ role: "assistant", content: null, round }],
    accumulatedOutputs: { check: { text: "x" } },
  };
}

interface Sent {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A server that gives these answers in turn, and accepts cancels. */
function serverOf(answers: readonly (object | Response | (() => Promise<Response>))[], options: NoukaiOptions = {}) {
  const sent: Sent[] = [];
  const left = [...answers];
  const noukai = clientOf(async (request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/", "");
    sent.push({ path, headers: request.headers, body: JSON.parse((await request.clone().text()) || "{}") });
    if (path.endsWith("cancel")) return Response.json({ executionId: "run-1", status: "cancelled" }, { status: 202 });
    const answer = left.shift();
    if (typeof answer === "function") return (answer as () => Promise<Response>)();
    return answer instanceof Response ? answer : Response.json(answer);
  }, options);
  return { sent, noukai, flow: noukai.flow("grade-3") };
}

function refused(status: number, code: string): Response {
  return Response.json({ detail: { code, message: "m" } }, { status });
}

function never(): Promise<Response> {
  return new Promise(() => {});
}

async function pauseOn(result: Promise<ExecuteResult | PausedResult>): Promise<PausedResult> {
  const answer = await result;
  if (answer.requiresToolCalls) return answer;
  throw new Error("The run is over.");
}

const lookUp = tool({ name: "look_up", input: z.object({ word: z.string() }), execute: ({ word }) => `${word}: cat` });
const toolHandler = (calls: readonly ToolCall[]) =>
  calls.map(({ id }) => ({ tool_call_id: id, output: { found: true } }));

afterEach(() => {
  vi.useRealTimers();
});

describe("execute with tools", () => {
  test("answers each round by itself, at the same path, with what the first call carried", async () => {
    const plain = { type: "function", function: { name: "plain" } } as const;
    const { sent, flow } = serverOf([paused(1, asked("look_up")), paused(2, asked("plain")), COMPLETED]);
    const attachments = [{ url: "https://example.test/a.png", mimeType: "image/png" }] as const;
    const repeated = {
      parameters: { a: 1 },
      blockOverrides: { ask: { model: "m" } },
      attachments,
      toolChoice: "auto",
      trace: true,
    } as const;
    const result = await flow.execute({
      ...repeated,
      message: "kat",
      version: 3,
      sessionId: SESSION,
      tools: [lookUp, plain],
      toolHandler,
    });
    expect(result).toMatchObject({
      status: "completed",
      output: { text: "cat" },
      executionId: "run-1",
      sessionId: SESSION,
    });
    const { execute: _execute, needsApproval: _needsApproval, input: _input, timeoutMs: _timeoutMs, ...wire } = lookUp;
    const tools = [wire, plain];
    const resume = (round: number, content: string) => ({
      ...repeated,
      tools,
      executionId: "run-1",
      pausedAtStep: "ask",
      iterationsUsed: round,
      accumulatedOutputs: { check: { text: "x" } },
      toolCallMessages: [
        { role: "assistant", content: null, round },
        { role: "tool", tool_call_id: "c1", content },
      ],
    });
    expect(sent.map(({ body }) => body)).toEqual([
      { ...repeated, message: "kat", tools },
      resume(1, "kat: cat"),
      resume(2, '{"found":true}'),
    ]);
    expect(new Set(sent.map(({ path }) => path))).toEqual(new Set(["seq/acme/spelling/grade-3/v3/execute"]));
    expect(sent.map(({ headers }) => headers.get("x-session-id"))).toEqual([SESSION, null, null]);
    expect(new Set(sent.map(({ headers }) => headers.get("x-noukai-on-disconnect")))).toEqual(new Set(["continue"]));
    expect(new Set(sent.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(3);
  });

  test("makes a resume whose answer was lost again with the same key, and runs no tool twice", async () => {
    const lost = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    const { sent, flow } = serverOf([paused(1, asked("plain")), lost, COMPLETED]);
    const handler = vi.fn(toolHandler);
    await flow.execute({ toolHandler: handler });
    expect(sent[1]?.headers.get("idempotency-key")).toBe(sent[2]?.headers.get("idempotency-key"));
    expect(handler).toHaveBeenCalledOnce();
  });

  test("runs no tool again when its caller goes on from a resume that was lost", async () => {
    const lost = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    const { sent, flow } = serverOf([paused(1, asked("count")), lost, COMPLETED], { maxRetries: 0 });
    let count = 0;
    const counting = tool({ name: "count", input: z.object({}), execute: () => ++count });
    const thrown = await flow.execute({ tools: [counting] }).catch((error: unknown) => error);
    expect(await pauseOf(thrown)?.resume()).toMatchObject({ status: "completed" });
    expect(count).toBe(1);
    expect(sent[1]?.headers.get("idempotency-key")).toBe(sent[2]?.headers.get("idempotency-key"));
  });

  test("runs no tool again when a resume that was lost is made elsewhere", async () => {
    const lost = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    const here = serverOf([paused(1, asked("count")), lost], { maxRetries: 0 });
    const elsewhere = serverOf([COMPLETED]);
    let count = 0;
    const counting = tool({ name: "count", input: z.object({}), execute: () => ++count });
    const thrown = await here.flow.execute({ tools: [counting] }).catch((error: unknown) => error);
    await elsewhere.noukai.resume(JSON.stringify(pauseOf(thrown)), { tools: [counting] });
    expect(count).toBe(1);
    const keys = [here.sent[1], elsewhere.sent[0]].map((request) => request?.headers.get("idempotency-key"));
    expect(keys[0]).toBe(keys[1]);
  });

  test("stops past its limit, and its error leads back to the pause", async () => {
    const { sent, flow } = serverOf([paused(1, asked("plain")), paused(2, asked("plain")), COMPLETED]);
    const thrown = await flow.execute({ toolHandler, maxToolRounds: 1 }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ToolCallLimitError);
    expect(thrown).toMatchObject({ code: "TOOL_CALL_LIMIT_CLIENT", executionId: "run-1" });
    expect(sent).toHaveLength(2);
    const toolResults = [{ toolCallId: "c1", output: "" }];
    expect(await pauseOf(thrown)?.resume({ toolResults })).toMatchObject({ result: { text: "cat" } });
  });

  test("ends with what a handler throws, and that leads back to the pause", async () => {
    const { flow } = serverOf([paused(1, asked("plain")), COMPLETED]);
    const fault = Object.freeze(new RangeError("mine"));
    const thrown = await flow
      .execute({
        toolHandler: () => {
          throw fault;
        },
      })
      .catch((error: unknown) => error);
    expect(thrown).toBe(fault);
    const pause = pauseOf(thrown);
    expect(pause).toMatchObject({ executionId: "run-1", iterationsUsed: 1 });
    expect(await pause?.resume({ toolResults: [{ toolCallId: "c1", output: "" }] })).toMatchObject({
      status: "completed",
    });
  });

  test("gives up its tools and cancels the run by its id when it is aborted between two requests", async () => {
    const { sent, noukai, flow } = serverOf([paused(1, asked("plain"))]);
    const controller = new AbortController();
    let given: AbortSignal | undefined;
    const call = flow.execute({
      signal: controller.signal,
      toolHandler: (_, { signal }) => {
        given = signal;
        return new Promise(() => {});
      },
    });
    await vi.waitFor(() => expect(given).toBeDefined());
    const reason = new Error("the user left");
    controller.abort(reason);
    const thrown = await call.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(AbortError);
    expect(thrown).toMatchObject({ cause: reason });
    expect(given?.aborted).toBe(true);
    expect(pauseOf(thrown)).toBeUndefined();
    await noukai.close();
    expect(sent.at(-1)?.path).toBe("seq/acme/spelling/grade-3/runs/run-1/cancel");
  });

  test("has one timeout for all its rounds, after which the run still waits", async () => {
    vi.useFakeTimers();
    const { flow } = serverOf([paused(1, asked("plain"))]);
    const call = flow.execute({ timeout: 1_000, toolHandler: () => new Promise(() => {}) });
    const thrown = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await thrown).toMatchObject({ name: "APITimeoutError", code: "TIMEOUT" });
    expect(pauseOf(await thrown)).toMatchObject({ executionId: "run-1" });
  });

  test.each<[Response, boolean]>([
    [refused(409, "ALREADY_RESUMED"), false],
    [refused(422, "STEP_FAILED"), false],
    [refused(402, "INSUFFICIENT_CREDITS"), true],
    [refused(401, "UNAUTHENTICATED"), true],
  ])("leads back to the pause as long as it is open (%#)", async (answer, isOpen) => {
    const { flow } = serverOf([paused(1, asked("plain")), answer]);
    const thrown = await flow.execute({ toolHandler }).catch((error: unknown) => error);
    expect(pauseOf(thrown) !== undefined).toBe(isOpen);
  });
});

describe("a pause", () => {
  test("goes on with the caller's results, round by round", async () => {
    const { sent, flow } = serverOf([paused(1, asked("plain")), paused(2, asked("plain")), COMPLETED]);
    let result = await flow.execute({ message: "kat" });
    while (result.requiresToolCalls) {
      // The older SDK's users give whole messages, or results under either name.
      const toolResults = result.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "cat" }));
      result = await result.resume({ toolResults });
    }
    // @ts-expect-error: a result cannot be resumed
    expect(result.resume).toBeUndefined();
    expect(result.result).toEqual({ text: "cat" });
    expect(sent).toHaveLength(3);
    expect(sent[2]?.body).not.toHaveProperty("message");
  });

  test.each<[string, object, string]>([
    ["results are missing", { toolResults: [{ toolCallId: "c1", output: "" }] }, "No result for c2 (plain)."],
    ["nothing is given", {}, "No result for c1 (plain), c2 (plain)."],
    [
      "nobody asked",
      { toolResults: [{ toolCallId: "c9", output: "" }] },
      '`toolResults[0]` answers "c9", which nobody asked for.',
    ],
    ["the time cannot be", { timeout: "1s" }, '`timeout` is "1s"'],
  ])("is not resumed when %s", async (_, options, message) => {
    const { sent, flow } = serverOf([paused(1, asked("plain"), asked("plain", {}, "c2"))]);
    const pause = await pauseOn(flow.execute());
    const thrown = await pause.resume(options).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: "ValueError", message: expect.stringContaining(message) });
    expect(sent).toHaveLength(1);
  });

  test("is resumed under the same key by equal results, and under another by different ones", async () => {
    const answers = [paused(1, asked("plain")), COMPLETED, COMPLETED, refused(409, "ALREADY_RESUMED")];
    const { sent, flow } = serverOf(answers);
    const pause = await pauseOn(flow.execute());
    await pause.resume({ toolResults: [{ toolCallId: "c1", output: "a" }] });
    await pause.resume({ toolResults: [{ tool_call_id: "c1", content: "a" }] });
    const late = pause.resume({ toolResults: [{ toolCallId: "c1", output: "b" }] });
    await expect(late).rejects.toBeInstanceOf(AlreadyResumedError);
    const [, first, second, third] = sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test("that is aborted cancels the run", async () => {
    const { sent, noukai, flow } = serverOf([paused(1, asked("plain")), never]);
    const pause = await pauseOn(flow.execute());
    const controller = new AbortController();
    const resumed = pause.resume({ toolResults: [{ toolCallId: "c1", output: "" }], signal: controller.signal });
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    controller.abort();
    await expect(resumed).rejects.toBeInstanceOf(AbortError);
    await noukai.close();
    expect(sent.at(-1)?.path).toBe("seq/acme/spelling/grade-3/runs/run-1/cancel");
  });

  test("that takes too long is not to be repeated blindly: its run exists, and its tools have begun", async () => {
    vi.useFakeTimers();
    const { flow } = serverOf([paused(1, asked("slow"))]);
    const slow = tool({ name: "slow", input: z.object({}), needsApproval: true, execute: () => new Promise(() => {}) });
    const pause = await pauseOn(flow.execute({ tools: [slow] }));
    const resumed = pause.resume({ approvals: { c1: true }, timeout: 1_000 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await resumed).toMatchObject({
      code: "TIMEOUT",
      executionId: "run-1",
      billed: "possibly",
      retryable: false,
    });
  });

  test("whose resume fails still says what a person must decide, but for what has run", async () => {
    const lost = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    const calls = [asked("book", {}, "c1"), asked("plain", {}, "c2")];
    const { flow } = serverOf([paused(1, ...calls), lost, COMPLETED], { maxRetries: 0 });
    const book = tool({ name: "book", input: z.object({}), needsApproval: true, execute: () => "booked" });
    const plain = { type: "function", function: { name: "plain" } } as const;
    const pause = await pauseOn(flow.execute({ tools: [book, plain] }));
    const undecided = await pause.resume({ toolResults: [{ toolCallId: "c2", output: "" }] }).catch((error) => error);
    expect(pauseOf(undecided)?.pendingApprovals).toMatchObject([{ toolCallId: "c1" }]);
    const given = { approvals: { c1: true }, toolResults: [{ toolCallId: "c2", output: "" }] };
    const thrown = await pause.resume(given).catch((error: unknown) => error);
    expect(pauseOf(thrown)?.pendingApprovals).toEqual([]);
  });

  test("passes through the middleware as an operation of its own", async () => {
    const seen: unknown[] = [];
    const middleware = [
      {
        call: <Result>(
          operation: { name: string; executionId?: string | undefined },
          next: (given: never) => Promise<Result>,
        ) => {
          seen.push([operation.name, operation.executionId]);
          return next(operation as never);
        },
      },
    ];
    const { flow } = serverOf([paused(1, asked("plain")), COMPLETED], { middleware });
    await (await pauseOn(flow.execute())).resume({ toolResults: [{ toolCallId: "c1", output: "" }] });
    expect(seen).toEqual([
      ["execute", undefined],
      ["resume", "run-1"],
    ]);
  });

  test("waits for a person where a tool needs one, and then goes on by itself", async () => {
    const execute = vi.fn(() => "booked");
    const book = tool({ name: "book", input: z.object({ word: z.string() }), execute, needsApproval: true });
    const { sent, flow } = serverOf([paused(1, asked("book")), paused(2, asked("look_up")), COMPLETED]);
    const pause = await pauseOn(flow.execute({ tools: [book, lookUp] }));
    expect(pause.pendingApprovals).toEqual([{ toolCallId: "c1", name: "book", args: { word: "kat" } }]);
    await expect(pause.resume()).rejects.toThrow("No decision on c1 (book).");
    expect(execute).not.toHaveBeenCalled();
    const result = await pause.resume({ approvals: { c1: true } });
    expect(result.requiresToolCalls).toBe(false);
    expect(sent.map(({ body }) => (body["toolCallMessages"] as object[] | undefined)?.at(-1))).toEqual([
      undefined,
      { role: "tool", tool_call_id: "c1", content: "booked" },
      { role: "tool", tool_call_id: "c1", content: "kat: cat" },
    ]);
  });
});

describe("a pause that was written down", () => {
  const options = {
    parameters: { a: 1 },
    tools: [lookUp],
    trace: true,
    version: "production",
    sessionId: SESSION,
  } as const;

  async function written(name: string): Promise<string> {
    const { flow } = serverOf([paused(1, asked(name))], { apiKey: `nk_test_k7Qm2xVa_${"s3cret".repeat(6)}` });
    const pause = await pauseOn(flow.execute({ ...options, tools: [{ type: "function", function: lookUp.function }] }));
    return JSON.stringify(pause);
  }

  test("goes on elsewhere as it would have gone on here", async () => {
    const json = await written("look_up");
    expect(json).not.toContain("s3cret");
    const { sent, noukai } = serverOf([COMPLETED, COMPLETED]);
    const toolResults = [{ toolCallId: "c1", output: "kat: cat" }];
    const result = await noukai.resume(json, { toolResults });
    expect(result).toMatchObject({ status: "completed", sessionId: SESSION, result: { text: "cat" } });
    await noukai.resume(JSON.parse(json), { tools: [lookUp] });
    expect(sent[0]?.path).toBe("seq/acme/spelling/grade-3/execute");
    expect(sent[0]?.headers.get("x-session-id")).toBeNull();
    expect(sent[0]?.body).toEqual({
      parameters: { a: 1 },
      tools: [{ type: "function", function: lookUp.function }],
      trace: true,
      executionId: "run-1",
      pausedAtStep: "ask",
      iterationsUsed: 1,
      accumulatedOutputs: { check: { text: "x" } },
      toolCallMessages: [
        { role: "assistant", content: null, round: 1 },
        { role: "tool", tool_call_id: "c1", content: "kat: cat" },
      ],
    });
    expect(sent[1]?.body).toEqual(sent[0]?.body);
    expect(sent[1]?.headers.get("idempotency-key")).toBe(sent[0]?.headers.get("idempotency-key"));
  });

  test("is answered by a handler, through several rounds", async () => {
    const { noukai } = serverOf([paused(2, asked("look_up")), COMPLETED]);
    const handler = vi.fn(toolHandler);
    expect(await noukai.resume(await written("look_up"), { toolHandler: handler })).toMatchObject({
      status: "completed",
    });
    expect(handler).toHaveBeenCalledTimes(2);
  });

  test("knows the names of the tools that the model was told of", async () => {
    const { sent, noukai } = serverOf([COMPLETED]);
    await noukai.resume(await written("look_down"), { toolHandler });
    expect(sent[0]?.body["toolCallMessages"]).toContainEqual(
      expect.objectContaining({ content: '{"error":"There is no tool look_down. These exist: look_up."}' }),
    );
  });

  test("still waits for a person", async () => {
    const book = tool({
      name: "book",
      input: z.object({ word: z.string() }),
      execute: () => "booked",
      needsApproval: true,
    });
    const here = serverOf([paused(1, asked("book"))]);
    const json = JSON.stringify(await pauseOn(here.flow.execute({ tools: [book] })));
    expect(JSON.parse(json)).toMatchObject({
      pendingApprovals: [{ toolCallId: "c1", name: "book", args: { word: "kat" } }],
    });
    const { sent, noukai } = serverOf([COMPLETED, COMPLETED]);
    await expect(noukai.resume(json, { tools: [book] })).rejects.toThrow("No decision on c1 (book).");
    await expect(noukai.resume(json, { approvals: { c1: true } })).rejects.toThrow("No result for c1 (book).");
    await noukai.resume(json, { approvals: { c1: true }, tools: [book] });
    await noukai.resume(json, { approvals: { c1: { approved: false, reason: "Too dear." } } });
    expect(sent.map(({ body }) => (body["toolCallMessages"] as { content: string }[])[1]?.content)).toEqual([
      "booked",
      '{"error":"A person refused this call: Too dear."}',
    ]);
  });

  test.each<[string | undefined, object, string]>([
    ["{}", {}, "This is no pause that can be resumed"],
    [undefined, { maxToolRounds: 0 }, "`maxToolRounds` is 0."],
    [undefined, { tools: [{}] }, "`tools[0]` is no tool."],
    [undefined, { toolResults: "done" }, '`toolResults` is "done". Give a list'],
  ])("is checked before any request (%#)", async (json, given, message) => {
    const { sent, noukai } = serverOf([]);
    const resumed = noukai.resume(json ?? (await written("look_up")), given);
    await expect(resumed).rejects.toMatchObject({ name: "ValueError", message: expect.stringContaining(message) });
    expect(sent).toHaveLength(0);
  });
});
