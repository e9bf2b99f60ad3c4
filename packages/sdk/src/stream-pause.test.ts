import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type CallTools, Noukai, pauseOf, type StreamEvent, tool, ValueError } from "./index.ts";
import { createTestServer, fault, flow, step } from "./testing/index.ts";

const city = z.object({ city: z.string() });
const book = vi.fn(({ city }: { readonly city: string }) => `booked ${city}`);
const ask = vi.fn(() => true);
const booking = tool({ name: "book", input: city, execute: book, needsApproval: ask });
const weather = tool({ name: "weather", input: city, execute: () => "sunny" });
const stopped = new Error("The clock has stopped.");
const failing: CallTools = {
  tools: ["book", "weather"].map((name) => ({ type: "function", function: { name } })),
  toolHandler: () => {
    throw stopped;
  },
};

/** A run that asks to book a town, and after that for the weather there; between two plain steps. */
function serverOf() {
  const asks = step("ask", {
    toolCalls: [{ name: "book", arguments: { city: "Lyon" } }],
    onResults: ([booked]) =>
      step("ask", {
        toolCalls: [{ name: "weather", arguments: { city: "Lyon" } }],
        onResults: ([sky]) => ({ text: `${booked?.content}, ${sky?.content}` }),
      }),
  });
  const server = createTestServer({ flows: { "acme/demo/travel": flow([step("before"), asks, step("after")]) } });
  const client = () => new Noukai({ ...server, maxRetries: 0 });
  return { server, client, travel: client().flow("acme/demo/travel") };
}

async function thrownBy(events: AsyncIterable<unknown> | Promise<unknown>): Promise<unknown> {
  try {
    if (events instanceof Promise) await events;
    else for await (const _ of events);
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

function resultsOf(pause: { readonly toolCalls: readonly { readonly id: string }[] } | undefined) {
  return { toolResults: pause?.toolCalls.map(({ id }) => ({ toolCallId: id, output: "by phone" })) };
}

describe("what is thrown where a stream's run waits for a person", () => {
  const tools = [booking, weather];

  test.each<[string, () => { readonly thrown: Promise<unknown> }]>([
    ["steps()", () => ({ thrown: thrownBy(serverOf().travel.steps({ tools })) })],
    ["steps() one by one", () => ({ thrown: thrownBy(serverOf().travel.steps({ tools, stepwise: true })) })],
    ["result()", () => ({ thrown: thrownBy(serverOf().travel.events({ tools }).result()) })],
    ["text()", () => ({ thrown: thrownBy(serverOf().travel.events({ tools }).text()) })],
  ])("by %s leads to the pause, which goes on to the run's end", async (_, call) => {
    book.mockClear();
    const thrown = await call().thrown;
    expect(thrown).toMatchObject({ code: "TOOL_CALLS_REQUIRED" });
    expect(String(thrown)).toContain(
      "a person's decision on call_1 (book). Go on with `pauseOf(error)?.resume({ approvals })`.",
    );
    const pause = pauseOf(thrown);
    expect(pause).toMatchObject({ pausedAtStep: "ask", blockCount: 3, flowId: expect.any(String) });
    expect(pause?.pendingApprovals).toEqual([{ toolCallId: "call_1", name: "book", args: { city: "Lyon" } }]);
    expect(book).not.toHaveBeenCalled();
    const result = await pause?.resume({ approvals: { call_1: true } });
    expect(result).toMatchObject({
      requiresToolCalls: false,
      executionId: pause?.executionId,
      result: { text: "booked Lyon, sunny" },
    });
    expect(book).toHaveBeenCalledOnce();
  });

  test("names the calls that only results are waited for", async () => {
    const { travel } = serverOf();
    const thrown = await thrownBy(
      travel.events({ tools: [{ type: "function", function: { name: "book" } }] }).result(),
    );
    expect(String(thrown)).toContain(
      "waits for the results of call_1 (book). Go on with `pauseOf(error)?.resume({ toolResults })`;",
    );
  });
});

describe("what a stream's call throws while it answers tool calls", () => {
  test.each(["events", "steps"] as const)("leads to the pause: a handler in %s", async (name) => {
    const { travel } = serverOf();
    const thrown = await thrownBy(travel[name](failing));
    expect(thrown).toBe(stopped);
    const pause = pauseOf(thrown);
    await expect(pause?.resume(resultsOf(pause)), "the handler fails again").rejects.toBe(stopped);
    const next = pauseOf(stopped);
    expect(next).toMatchObject({ toolCalls: [{ function: { name: "weather" } }] });
    await expect(next?.resume()).rejects.toBe(stopped);
    expect(await next?.resume(resultsOf(next))).toMatchObject({ result: { text: "by phone, by phone" } });
  });

  test("leads to the pause behind the last round that was allowed", async () => {
    const { travel } = serverOf();
    const tools = [tool({ name: "book", input: city, execute: book }), weather];
    const thrown = await thrownBy(travel.events({ tools, maxToolRounds: 1 }));
    expect(thrown).toMatchObject({ code: "TOOL_CALL_LIMIT_CLIENT" });
    expect(await pauseOf(thrown)?.resume()).toMatchObject({ result: { text: "booked Lyon, sunny" } });
  });

  test("leads to the pause when the answer does not get through, and nothing runs twice", async () => {
    const { server, travel } = serverOf();
    book.mockClear();
    const tools = [tool({ name: "book", input: city, execute: book }), weather];
    server.inject(fault.none(), fault.status(401, { code: "UNAUTHENTICATED" }));
    const thrown = await thrownBy(travel.events({ tools }));
    expect(thrown).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await pauseOf(thrown)?.resume()).toMatchObject({ result: { text: "booked Lyon, sunny" } });
    expect(book).toHaveBeenCalledOnce();
  });

  test("leads to no pause when the caller gave up, and cancelled the run", async () => {
    const { travel } = serverOf();
    const controller = new AbortController();
    const toolHandler = () => controller.abort() as never;
    const { tools = [] } = failing;
    const thrown = await thrownBy(travel.events({ tools, toolHandler, signal: controller.signal }));
    expect(thrown).toMatchObject({ code: "ABORTED" });
    expect(pauseOf(thrown)).toBeUndefined();
  });
});

describe("an event that asks for tools", () => {
  test("tells which of its calls need a person, with their arguments read, and its JSON is the server's", async () => {
    const { travel } = serverOf();
    ask.mockClear();
    const pauses: StreamEvent[] = [];
    for await (const event of travel.events({ tools: [booking, weather] })) {
      if (event.type !== "tool_calls_required") continue;
      pauses.push(event);
      const { pendingApprovals } = event;
      expect(pendingApprovals).toEqual(
        pauses.length === 1 ? [{ toolCallId: "call_1", name: "book", args: { city: "Lyon" } }] : [],
      );
      expect(JSON.stringify(event)).not.toContain("pendingApprovals");
      if (pendingApprovals.length > 0) await event.resume({ approvals: { call_1: true } });
    }
    expect(pauses).toHaveLength(2);
    expect(ask).toHaveBeenCalledOnce();
  });

  test("asks a tool once whether it needs a person, also when the reader just goes on", async () => {
    const { travel } = serverOf();
    ask.mockClear().mockReturnValueOnce(false);
    const events = await Array.fromAsync(travel.events({ tools: [booking, weather] }));
    expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: { text: "booked Lyon, sunny" } });
    expect(ask).toHaveBeenCalledOnce();
  });

  test("is given also when a tool cannot tell, which who goes on is thrown", async () => {
    const { travel } = serverOf();
    const fault = new Error("no rules today");
    const needsApproval = () => Promise.reject(fault);
    const stream = travel.events({ tools: [tool({ name: "book", input: city, execute: book, needsApproval })] });
    const seen: StreamEvent[] = [];
    const read = async () => {
      for await (const event of stream) seen.push(event);
    };
    await expect(read()).rejects.toBe(fault);
    expect(seen.at(-1)).toMatchObject({ type: "tool_calls_required" });
    expect(pauseOf(fault)).toMatchObject({ pausedAtStep: "ask" });
  });
});

describe("a pause of a stream that was written down", () => {
  test.each([{}, { stepwise: true }])("goes on elsewhere, by results and by tools: %j", async (options) => {
    const { server, client, travel } = serverOf();
    const thrown = await thrownBy(travel.steps({ tools: [booking, weather], ...options }));
    const json = JSON.stringify(pauseOf(thrown));
    const next = await client().resume(json, resultsOf(pauseOf(thrown)));
    if (!next.requiresToolCalls) throw new Error("It is over.");
    expect(next.toolCalls).toMatchObject([{ function: { name: "weather" } }]);
    const result = await client().resume(JSON.stringify(next), { tools: [booking, weather] });
    expect(result).toMatchObject({ result: { text: "by phone, sunny" } });
    server.assertDone();
  });

  test("comes whole when its stream is cut", async () => {
    const { server, client, travel } = serverOf();
    const pause = pauseOf(await thrownBy(travel.steps({ tools: [booking, weather] })));
    const { seq = 0 } = JSON.parse(JSON.stringify(pause)).step;
    expect(seq).toBeGreaterThan(3);
    server.inject(fault.reset({ insideEvent: seq + 1 }));
    const resumed = client().resume(JSON.stringify(pause), { tools: [booking, weather], approvals: { call_1: true } });
    expect(await resumed).toMatchObject({ result: { text: "booked Lyon, sunny" } });
    expect(server.requests.map(({ operation }) => operation)).toEqual(["step", "step", "streamTrace", "step"]);
  });

  test.each([{ stepIndex: -1, seq: 3 }, { stepIndex: 1 }, null])(
    "is refused with a place that is none: %j",
    async (step) => {
      const { client, travel } = serverOf();
      const pause = pauseOf(await thrownBy(travel.steps({ tools: [booking] })));
      const json = { ...JSON.parse(JSON.stringify(pause)), step };
      await expect(client().resume(json)).rejects.toThrow("its `step` is no place in a run");
    },
  );
});

describe("a pause of which only the run's id is left", () => {
  test.each(["execute", "events", "stepwise"])("is found, and goes on: of %s", async (how) => {
    const { client, travel } = serverOf();
    const stream = travel.events({ stepwise: how === "stepwise" });
    if (how !== "execute") for await (const { type } of stream) if (type === "tool_calls_required") break;
    const executionId = stream.executionId ?? (await travel.execute()).executionId;
    const run = client().flow("acme/demo/travel").run(executionId);
    const pause = await run.pause();
    expect(pause).toMatchObject({ executionId, pausedAtStep: "ask", pendingApprovals: [] });
    const next = await pause?.resume(resultsOf(pause));
    if (!next?.requiresToolCalls) throw new Error("It is over.");
    const found = await run.pause();
    expect(found?.toolCalls).toEqual(next.toolCalls);
    if (!found) throw new Error("There is no pause.");
    expect(await client().resume(found, { tools: [weather] })).toMatchObject({ result: { text: "by phone, sunny" } });
    expect(await run.pause()).toBeUndefined();
  });

  test("needs its flow", async () => {
    const { client } = serverOf();
    const thrown = await thrownBy(client().run("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10").pause());
    expect(thrown).toBeInstanceOf(ValueError);
    expect(String(thrown)).toContain("Use `noukai.flow(…).run(executionId).pause()`.");
  });
});

test("the rest of a typed flow's run is checked as the run itself", async () => {
  const { client } = serverOf();
  const output = z.object({ text: z.string().transform((text) => text.length) });
  const typed = client().flow("acme/demo/travel", { output });
  const pause = pauseOf(await thrownBy(typed.steps({ tools: [booking, weather] })));
  const result = await pause?.resume({ approvals: { call_1: false } });
  expect(result).toMatchObject({ result: { text: expect.any(Number) } });
});
