import { ToolCallLimitError } from "@noukai/core";
import type { Tool, ToolCall } from "@noukai/core/schema";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { outcomesOf } from "./outcomes.ts";
import { tool } from "./tool.ts";
import type { ToolRequest } from "./tool-handler.ts";
import { toolRounds } from "./tool-rounds.ts";

const city = z.object({ city: z.string() });
const plain: Tool = { type: "function", function: { name: "plain" } };

function call(id: string, name: string, args: unknown = { city: "Lyon" }): ToolCall {
  return {
    id,
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  };
}

function requestOf(...toolCalls: ToolCall[]): ToolRequest {
  const toolCallMessages = [{ role: "assistant", content: null }];
  return { executionId: "run-1", stepId: "ask", toolCalls, toolCallMessages, iterationsUsed: 1 };
}

/** What the model is told, by the call's id. */
function contents(messages: readonly object[] | undefined): unknown {
  const results = (messages ?? []).slice(1) as { tool_call_id: string; content: string }[];
  return Object.fromEntries(results.map(({ tool_call_id: id, content }) => [id, content]));
}

const { signal } = new AbortController();

afterEach(() => {
  vi.useRealTimers();
});

describe("tools with a function", () => {
  test("answer their calls behind the exchange so far, in the order of the calls", async () => {
    const weather = tool({
      name: "weather",
      input: city,
      execute: async ({ city }, { executionId, stepId, toolCallId }) => {
        if (toolCallId === "c1") await Promise.resolve();
        return { city, executionId, stepId };
      },
    });
    const time = tool({ name: "time", input: city, execute: () => "noon" });
    const rounds = toolRounds({ tools: [weather, time] });
    const messages = await rounds.answer(requestOf(call("c1", "weather"), call("c2", "time")), signal);
    expect(messages).toEqual([
      { role: "assistant", content: null },
      { role: "tool", tool_call_id: "c1", content: '{"city":"Lyon","executionId":"run-1","stepId":"ask"}' },
      { role: "tool", tool_call_id: "c2", content: "noon" },
    ]);
  });

  test("tell the model what went wrong, and nothing but the message", async () => {
    const failing = tool({
      name: "failing",
      input: city,
      execute: ({ city }): unknown => {
        if (city === "nothing") return undefined;
        if (city === "circle") return circle();
        if (city === "count") return { count: 1n };
        // oxlint-disable-next-line typescript/only-throw-error -- what users' code may do
        if (city === "object") throw { secret: "s3cret" };
        throw Object.assign(new Error("The service is down."), { config: { key: "s3cret" } });
      },
    });
    const cities = ["Lyon", "nothing", "circle", "count", "object"];
    const request = requestOf(...cities.map((city) => call(city, "failing", { city })));
    const told = contents(await toolRounds({ tools: [failing] }).answer(request, signal));
    expect(told).toEqual({
      Lyon: '{"error":"The service is down."}',
      nothing: "null",
      circle: '{"error":"The tool ran, but its result cannot be written as JSON."}',
      count: '{"error":"The tool ran, but its result cannot be written as JSON."}',
      object: '{"error":"The tool failed."}',
    });
    expect(JSON.stringify(told)).not.toContain("s3cret");
  });

  test.each([
    ["{", "The arguments are not JSON."],
    ["", "The arguments do not fit: city: Invalid input: expected string, received undefined"],
    ['{"city":3}', "The arguments do not fit: city: Invalid input: expected string, received number"],
  ])("are not run with the arguments %j", async (args, error) => {
    const execute = vi.fn();
    const rounds = toolRounds({ tools: [tool({ name: "weather", input: city, execute })] });
    const told = contents(await rounds.answer(requestOf(call("c1", "weather", args)), signal));
    expect(told).toEqual({ c1: JSON.stringify({ error }) });
    expect(execute).not.toHaveBeenCalled();
  });

  test("are told to the model when it makes a name up", async () => {
    const weather = tool({ name: "weather", input: city, execute: () => "sunny" });
    const request = requestOf(call("c1", "whether"), call("c2", "weather"));
    expect(
      contents(await toolRounds({ tools: [weather, plain], toolHandler: () => [] }).answer(request, signal)),
    ).toEqual({
      c1: '{"error":"There is no tool whether. These exist: weather, plain."}',
      c2: "sunny",
    });
  });

  test("run five at a time, or as many as asked for", async () => {
    const widest = async (toolConcurrency?: number): Promise<number> => {
      let [running, most] = [0, 0];
      const slow = tool({
        name: "slow",
        input: z.object({}),
        execute: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
      });
      const calls = Array.from({ length: 12 }, (_, index) => call(`c${index}`, "slow", ""));
      await toolRounds({ tools: [slow], toolConcurrency }).answer(requestOf(...calls), signal);
      return most;
    };
    expect([await widest(), await widest(1), await widest(64)]).toEqual([5, 1, 12]);
  });

  test("that take longer than their time are given up, and their signal aborts", async () => {
    vi.useFakeTimers();
    let given: AbortSignal | undefined;
    const slow = tool({
      name: "slow",
      input: city,
      timeoutMs: 1_000,
      execute: (_, { signal }) => {
        given = signal;
        return new Promise(() => {});
      },
    });
    const answered = toolRounds({ tools: [slow] }).answer(requestOf(call("c1", "slow")), signal);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(contents(await answered)).toEqual({ c1: '{"error":"slow did not finish within 1000 ms."}' });
    expect(given?.aborted).toBe(true);
  });

  test("are given up at once with the call, for its reason", async () => {
    const controller = new AbortController();
    let given: AbortSignal | undefined;
    const slow = tool({
      name: "slow",
      input: city,
      execute: (_, { signal }) => {
        given = signal;
        return new Promise(() => {});
      },
    });
    const answered = toolRounds({ tools: [slow] }).answer(requestOf(call("c1", "slow")), controller.signal);
    await vi.waitFor(() => expect(given).toBeDefined());
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(answered).rejects.toBe(reason);
    expect(given?.reason).toBe(reason);
  });

  test("never run once the call is given up", async () => {
    const controller = new AbortController();
    const ran: string[] = [];
    const last = tool({
      name: "last",
      input: city,
      execute: (_, { toolCallId }) => {
        ran.push(toolCallId);
        controller.abort(new Error("enough"));
      },
    });
    const answered = toolRounds({ tools: [last], toolConcurrency: 1 }).answer(
      requestOf(call("c1", "last"), call("c2", "last")),
      controller.signal,
    );
    await expect(answered).rejects.toThrow("enough");
    expect(ran).toEqual(["c1"]);
  });

  test("run once for a request, however often it is answered", async () => {
    const [ran, handled] = [vi.fn(() => "noon"), vi.fn(() => [{ toolCallId: "c2", output: "sunny" }])];
    const time = tool({ name: "time", input: city, needsApproval: true, execute: ran });
    const request = requestOf(call("c1", "time"), call("c2", "plain"));
    const settle = () =>
      toolRounds({ tools: [time, plain], toolHandler: handled }).settle(request, { approvals: { c1: true } }, signal);
    const both = await Promise.all([settle(), settle()]);
    expect(both.map(contents)).toEqual(Array.from(both, () => ({ c1: "noon", c2: "sunny" })));
    // What has run needs no decision any more.
    expect(contents(await toolRounds({ tools: [time] }).settle(request, {}, signal))).toEqual(contents(both[0]));
    expect(ran).toHaveBeenCalledOnce();
    expect(handled).toHaveBeenCalledOnce();
  });

  test("that finished beside a handler that throws do not run again", async () => {
    const ran = vi.fn(() => "noon");
    const time = tool({ name: "time", input: city, execute: ran });
    const request = requestOf(call("c1", "time"), call("c2", "plain"));
    const toolHandler = () => Promise.reject(new Error("mine"));
    await expect(toolRounds({ tools: [time, plain], toolHandler }).answer(request, signal)).rejects.toThrow("mine");
    const toolResults = [{ toolCallId: "c2", output: "sunny" }];
    const messages = await toolRounds({ tools: [time, plain] }).settle(request, { toolResults }, signal);
    expect(contents(messages)).toEqual({ c1: "noon", c2: "sunny" });
    expect(ran).toHaveBeenCalledOnce();
  });
});

describe("a handler", () => {
  test("answers the calls that no function does, in either spelling", async () => {
    const weather = tool({ name: "weather", input: city, execute: () => "sunny" });
    const toolHandler = vi.fn((calls: readonly ToolCall[]) => [
      { tool_call_id: calls[0]?.id ?? "", output: { hour: 12 } },
      { toolCallId: calls[1]?.id ?? "", content: null },
    ]);
    const rounds = toolRounds({ tools: [weather, plain], toolHandler });
    const calls = [call("c1", "plain"), call("c2", "weather"), call("c3", "plain")] as const;
    expect(contents(await rounds.answer(requestOf(...calls), signal))).toEqual({
      c1: '{"hour":12}',
      c2: "sunny",
      c3: "null",
    });
    expect(toolHandler).toHaveBeenCalledExactlyOnceWith([calls[0], calls[2]], {
      executionId: "run-1",
      stepId: "ask",
      signal: expect.any(AbortSignal),
    });
  });

  test("is given calls of any name where the tools are not known", async () => {
    const rounds = toolRounds({ toolHandler: ([first]) => [{ toolCallId: first?.id ?? "", output: "done" }] });
    expect(contents(await rounds.answer(requestOf(call("c1", "whatever")), signal))).toEqual({ c1: "done" });
  });

  test("that throws ends the round with what it threw, and gives up the tools beside it", async () => {
    let given: AbortSignal | undefined;
    const slow = tool({
      name: "slow",
      input: city,
      execute: (_, { signal }) => {
        given = signal;
        return new Promise(() => {});
      },
    });
    const fault = new Error("no database");
    const rounds = toolRounds({
      tools: [slow, plain],
      toolHandler: () => {
        throw fault;
      },
    });
    await expect(rounds.answer(requestOf(call("c1", "slow"), call("c2", "plain")), signal)).rejects.toBe(fault);
    expect(given?.reason).toBe(fault);
  });

  test.each<[string, unknown, string]>([
    ["no list", undefined, "`toolHandler(…)` is undefined. Give a list"],
    ["no result for a call", [{ toolCallId: "c1", output: "" }], "returned no result for c2 (plain)."],
    [
      "a result for no call",
      [{ toolCallId: "c9", output: "" }],
      'answers "c9", which nobody asked for. These wait: c1 (plain), c2 (plain).',
    ],
    [
      "two results for a call",
      [
        { toolCallId: "c1", output: "" },
        { tool_call_id: "c1", output: "" },
      ],
      "a second time",
    ],
    ["a result without an id", [{ output: "" }], "has no `toolCallId`"],
    ["nothing as a result", [{ toolCallId: "c1" }], "has no `output`"],
    ["a result that is no JSON", [{ toolCallId: "c1", output: 1n }], "cannot be written as JSON"],
  ])("that returns %s is told so", async (_, results, message) => {
    const rounds = toolRounds({ toolHandler: () => results as never });
    const answered = rounds.answer(requestOf(call("c1", "plain"), call("c2", "plain")), signal);
    await expect(answered).rejects.toMatchObject({ name: "ValueError", message: expect.stringContaining(message) });
  });

  test("is called no more often than the limit allows", async () => {
    const toolHandler = vi.fn(() => [{ toolCallId: "c1", output: "" }]);
    const rounds = toolRounds({ toolHandler, maxToolRounds: 1 });
    const request = requestOf(call("c1", "plain"));
    await rounds.answer(request, signal);
    const thrown = await rounds.answer(request, signal).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ToolCallLimitError);
    expect(thrown).toMatchObject({ code: "TOOL_CALL_LIMIT_CLIENT", executionId: "run-1" });
    expect(toolHandler).toHaveBeenCalledOnce();
  });
});

test("a round that nobody here can answer is left to the caller, and nothing of it runs", async () => {
  const execute = vi.fn();
  const weather = tool({ name: "weather", input: city, execute });
  const request = requestOf(call("c1", "weather"), call("c2", "plain"));
  expect(await toolRounds({ tools: [weather, plain] }).answer(request, signal)).toBeUndefined();
  expect(await toolRounds({ tools: [plain] }).answer(request, signal)).toBeUndefined();
  expect(await toolRounds({}).answer(request, signal)).toBeUndefined();
  expect(execute).not.toHaveBeenCalled();
});

describe("what a caller brings to a round", () => {
  const weather = tool({ name: "weather", input: city, execute: () => "sunny" });

  test("is completed by the tools here, and wins over them", async () => {
    const rounds = toolRounds({ tools: [weather, plain] });
    const request = requestOf(call("c1", "weather"), call("c2", "plain"), call("c3", "weather"));
    const toolResults = [
      { toolCallId: "c2", output: "mine" },
      { toolCallId: "c3", output: "rain" },
    ];
    expect(contents(await rounds.settle(request, { toolResults }, signal))).toEqual({
      c1: "sunny",
      c2: "mine",
      c3: "rain",
    });
  });

  test("lacks nothing, else the calls are named and nothing runs", async () => {
    const request = requestOf(call("c1", "plain"), call("c2", "made_up"), call("c3", "plain"));
    const settled = toolRounds({ tools: [plain] }).settle(
      request,
      { toolResults: [{ toolCallId: "c1", output: "" }] },
      signal,
    );
    await expect(settled).rejects.toThrow("No result for c2 (made_up), c3 (plain). Give one in `toolResults`");
  });
});

describe("a tool that outlives the call which gave it up", () => {
  const request = () => requestOf(call("c1", "book"), call("c2", "time"));
  const time = tool({ name: "time", input: city, execute: () => "noon" });

  function bookingTool(settings: { readonly timeoutMs?: number } = {}) {
    const booked = Promise.withResolvers<string>();
    const execute = vi.fn(() => booked.promise);
    const rounds = () => toolRounds({ tools: [tool({ name: "book", input: city, execute, ...settings }), time] });
    return { booked, execute, rounds };
  }

  /** Begins to answer, and gives up while the tool is at work. */
  async function giveUp(rounds: ReturnType<typeof toolRounds>, asked: ToolRequest): Promise<void> {
    const controller = new AbortController();
    const answer = rounds.answer(asked, controller.signal);
    await vi.waitFor(() => expect(outcomesOf(asked.toolCalls)).toHaveProperty("c2"), { interval: 1 });
    controller.abort(new Error("the timeout is over"));
    await expect(answer).rejects.toThrow("the timeout is over");
  }

  test("is waited for by the next answer, and does not run a second time", async () => {
    const { booked, execute, rounds } = bookingTool();
    const asked = request();
    await giveUp(rounds(), asked);
    const answer = rounds().settle(asked, {}, signal);
    booked.resolve("booked");
    expect(contents(await answer)).toEqual({ c1: "booked", c2: "noon" });
    expect(execute).toHaveBeenCalledOnce();
  });

  test("has come to what it came to meanwhile", async () => {
    const { booked, execute, rounds } = bookingTool();
    const asked = request();
    await giveUp(rounds(), asked);
    booked.resolve("booked");
    await vi.waitFor(() => expect(outcomesOf(asked.toolCalls)).toEqual({ c1: "booked", c2: "noon" }));
    expect(contents(await rounds().settle(asked, {}, signal))).toEqual({ c1: "booked", c2: "noon" });
    expect(execute).toHaveBeenCalledOnce();
  });

  test("runs again when it gave up itself", async () => {
    const { booked, execute, rounds } = bookingTool();
    const asked = request();
    await giveUp(rounds(), asked);
    booked.reject(new Error("aborted"));
    await expect(booked.promise).rejects.toThrow();
    execute.mockResolvedValueOnce("booked now");
    expect(contents(await rounds().settle(asked, {}, signal))).toEqual({ c1: "booked now", c2: "noon" });
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test("holds up nobody who brings its result, and no longer than its own time", async () => {
    const { execute, rounds } = bookingTool({ timeoutMs: 100 });
    const asked = request();
    await giveUp(rounds(), asked);
    const toolResults = [{ toolCallId: "c1", output: "by phone" }];
    expect(contents(await rounds().settle(asked, { toolResults }, signal))).toEqual({ c1: "by phone", c2: "noon" });
    const late = '{"error":"book did not finish within 100 ms."}';
    expect(contents(await rounds().settle(asked, {}, signal))).toEqual({ c1: late, c2: "noon" });
    expect(execute).toHaveBeenCalledOnce();
  });
});

describe("a tool that needs approval", () => {
  const execute = vi.fn(({ city }: { city: string }) => `booked ${city}`);
  const book = tool({ name: "book", input: city, execute, needsApproval: ({ city }) => city !== "Lyon" });
  const look = vi.fn(() => "sunny");
  const weather = tool({ name: "weather", input: city, execute: look });
  let request: ToolRequest;

  beforeEach(() => {
    execute.mockClear();
    request = requestOf(call("c1", "book"), call("c2", "book", { city: "Paris" }), call("c3", "weather"));
  });

  test("holds its whole round until a person has decided", async () => {
    const rounds = toolRounds({ tools: [book, weather] });
    expect(await rounds.answer(request, signal)).toBeUndefined();
    expect(rounds.pendingApprovals).toEqual([{ toolCallId: "c2", name: "book", args: { city: "Paris" } }]);
    expect(execute).not.toHaveBeenCalled();
    expect(look).not.toHaveBeenCalled();
    expect(contents(await rounds.settle(request, { approvals: { c2: true } }, signal))).toEqual({
      c1: "booked Lyon",
      c2: "booked Paris",
      c3: "sunny",
    });
  });

  test("is not run when it is refused, and the model learns why", async () => {
    const rounds = toolRounds({ tools: [book, weather] });
    const approvals = { c1: false, c2: { approved: false, reason: "Too dear." } };
    expect(contents(await rounds.settle(request, { approvals }, signal))).toEqual({
      c1: '{"error":"A person refused this call."}',
      c2: '{"error":"A person refused this call: Too dear."}',
      c3: "sunny",
    });
    expect(execute).not.toHaveBeenCalled();
  });

  test.each<[string, object, string]>([
    ["no decision", {}, "No decision on c2 (book). Give true or false"],
    ["a decision on another call", { c9: true }, '`approvals` decides on "c9", which nobody asked for.'],
    ["what is no decision", { c2: "yes" }, '`approvals`: the decision on "c2" is "yes". Give true, false'],
    ["null", { c2: null }, '`approvals`: the decision on "c2" is null.'],
  ])("does not run on %s", async (_, approvals, message) => {
    const settled = toolRounds({ tools: [book, weather] }).settle(request, { approvals: approvals as never }, signal);
    await expect(settled).rejects.toMatchObject({ name: "ValueError", message: expect.stringContaining(message) });
    expect(execute).not.toHaveBeenCalled();
  });

  test("is not both decided on and answered", async () => {
    const given = { approvals: { c2: false }, toolResults: [{ toolCallId: "c2", output: "" }] };
    const settled = toolRounds({ tools: [book, weather] }).settle(request, given, signal);
    await expect(settled).rejects.toThrow("Both `toolResults` and `approvals` speak of c2 (book).");
  });

  test("that a person was asked about never runs without a decision, whatever its rule says later", async () => {
    const always = tool({ name: "book", input: city, execute });
    const pending = { ...request, pendingApprovals: [{ toolCallId: "c2" }] };
    await expect(toolRounds({ tools: [always, weather] }).settle(pending, {}, signal)).rejects.toThrow(
      "No decision on c2",
    );
  });

  test("is not asked about with arguments that do not fit", async () => {
    const rounds = toolRounds({ tools: [book] });
    const bad = requestOf(call("c1", "book", { town: "Paris" }));
    expect(contents(await rounds.answer(bad, signal))).toEqual({ c1: expect.stringContaining("do not fit") });
  });
});

function circle(): object {
  const round: Record<string, unknown> = {};
  round["self"] = round;
  return round;
}
