import { getEventListeners } from "node:events";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RetryableError, TerminalError } from "../errors.ts";
import { echo, echoFault, echoModel } from "./echo.ts";
import type { ModelRequest, ModelResponse } from "./model.ts";

const prompt = "Check: I red  a boook.\nIt was grate.";

function ask(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: echoModel,
    messages: [{ role: "user", content: prompt }],
    attempt: 1,
    idempotencyKey: "run:step:1",
    signal: new AbortController().signal,
    ...more,
  };
}

function asking(query: string, more?: Partial<ModelRequest>): ModelRequest {
  return ask({ model: `${echoModel}?${query}`, ...more });
}

async function stream(
  request: ModelRequest,
): Promise<{ readonly response: ModelResponse; readonly deltas: readonly string[] }> {
  const deltas: string[] = [];
  const response = await echo.generate({ ...request, onDelta: (text) => void deltas.push(text) });
  return { response, deltas };
}

async function failureOf(request: ModelRequest): Promise<unknown> {
  return echo.generate(request).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const weather = {
  name: "weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } },
    required: ["city", "days"],
  },
};
const clock = { name: "clock" };

describe("what it answers", () => {
  it("repeats what the user said last", async () => {
    const messages = [
      { role: "user", content: "first" },
      { role: "assistant", content: "yes?" },
      { role: "user", content: "second" },
    ] as const;
    expect(await echo.generate(ask({ messages, system: "Be brief." }))).toMatchObject({
      text: "second",
      toolCalls: [],
    });
  });

  it("answers an output schema with an object that fits it, and its JSON text", async () => {
    const outputSchema = {
      type: "object",
      properties: { mistakes: { type: "array", items: { type: "string" } }, score: { type: "number", maximum: 0.5 } },
      required: ["mistakes"],
    };
    const { object, text } = await echo.generate(ask({ outputSchema }));
    expect(new Ajv2020().validate(outputSchema, object)).toBe(true);
    expect(JSON.parse(text)).toEqual(object);
    expect(text).toContain("I red a boook.");
  });

  it("says what is wrong with a schema that it cannot answer", async () => {
    const outputSchema = {
      type: "object",
      properties: { code: { type: "string", pattern: "^x+$" } },
      required: ["code"],
    };
    const error = await failureOf(ask({ outputSchema }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: "OUTPUT_SCHEMA_MISMATCH" });
    expect(String(error)).toContain("/code");
  });

  it("gives the same answer to the same request", async () => {
    const [first, second] = [
      await echo.generate(ask({ tools: [weather] })),
      await echo.generate(ask({ tools: [weather] })),
    ];
    expect(second).toEqual(first);
  });
});

describe("tools", () => {
  it("calls each tool that is offered once, with arguments that fit", async () => {
    const { text, toolCalls } = await echo.generate(ask({ tools: [weather, clock] }));
    expect(text).toBe("");
    expect(toolCalls.map(({ id, name }) => [id, name])).toEqual([
      ["call_1", "weather"],
      ["call_2", "clock"],
    ]);
    expect(new Ajv2020().validate(weather.parameters, JSON.parse(toolCalls[0]?.arguments ?? ""))).toBe(true);
    expect(toolCalls[1]?.arguments).toBe("{}");
  });

  it("calls only the tool that is chosen, and none when none is", async () => {
    const chosen = await echo.generate(ask({ tools: [weather, clock], toolChoice: { name: "clock" } }));
    expect(chosen.toolCalls.map((call) => call.name)).toEqual(["clock"]);
    expect(await echo.generate(ask({ tools: [weather], toolChoice: "none" }))).toMatchObject({
      text: prompt,
      toolCalls: [],
    });
  });

  it("refuses a choice that is not offered", async () => {
    const error = await failureOf(ask({ tools: [weather], toolChoice: { name: "missing" } }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toContain('"missing"');
  });

  it("answers with the results once they are there, and calls again in the next turn under new ids", async () => {
    const first = await echo.generate(ask({ tools: [weather, clock] }));
    const results = first.toolCalls.map(
      ({ id, name }) => ({ role: "tool", toolCallId: id, content: `${name} says 7` }) as const,
    );
    const answered = [
      { role: "user", content: prompt },
      { role: "assistant", content: "", toolCalls: first.toolCalls },
      ...results,
    ] as const;
    const second = await echo.generate(ask({ tools: [weather, clock], messages: answered }));
    expect(second).toMatchObject({ text: "weather: weather says 7\nclock: clock says 7", toolCalls: [] });
    const nextTurn = [...answered, { role: "user", content: "and now?" }] as const;
    const third = await echo.generate(ask({ tools: [clock], messages: nextTurn }));
    expect(third.toolCalls.map((call) => call.id)).toEqual(["call_3"]);
  });
});

describe("streaming", () => {
  it("comes word by word, and the words add up to the text", async () => {
    const { response, deltas } = await stream(ask());
    expect(deltas).toEqual(["Check: ", "I ", "red  ", "a ", "boook.\n", "It ", "was ", "grate."]);
    expect(response.text).toBe(prompt);
  });

  it("adds up to the text for any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (content) => {
        const { response, deltas } = await stream(ask({ messages: [{ role: "user", content }] }));
        expect(deltas.join("")).toBe(content);
        expect(response.text).toBe(content);
        expect(deltas).not.toContain("");
      }),
    );
  });
});

describe("tokens", () => {
  it("are four UTF-16 units each, rounded up per text", async () => {
    const messages = [{ role: "user", content: "12345" }] as const;
    const { usage } = await echo.generate(ask({ system: "1234", messages }));
    expect(usage).toEqual({ prompt: 3, completion: 2, total: 5 });
  });

  it("count the arguments of tool calls on both sides", async () => {
    const calling = await echo.generate(ask({ tools: [clock] }));
    expect(calling.usage.completion).toBe(1);
    const toolCalls = [{ id: "call_1", name: "clock", arguments: '{"a":123}' }];
    const messages = [
      { role: "user", content: "1234" },
      { role: "assistant", content: "", toolCalls },
      { role: "tool", toolCallId: "call_1", content: "12" },
    ] as const;
    expect((await echo.generate(ask({ messages }))).usage.prompt).toBe(1 + 3 + 1);
  });
});

describe("options", () => {
  it("answers with a given text, which need not fit the schema", async () => {
    const outputSchema = { type: "object", required: ["a"] };
    expect(await echo.generate(asking("text=Hello%20there", { tools: [clock] }))).toMatchObject({
      text: "Hello there",
      toolCalls: [],
    });
    expect(await echo.generate(asking("text=%7B%22b%22%3A1%7D", { outputSchema }))).toMatchObject({ object: { b: 1 } });
    expect(await echo.generate(asking("text=Hello", { outputSchema }))).not.toHaveProperty("object");
  });

  it("fails the first attempts and then answers", async () => {
    const model = `${echoModel}?failAttempts=2&code=RATE_LIMITED&retryAfterMs=1500`;
    for (const attempt of [1, 2]) {
      const error = await failureOf(ask({ model, attempt }));
      expect(error).toBeInstanceOf(RetryableError);
      expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1_500, cost: { costUsd: "0" } });
    }
    expect(await echo.generate(ask({ model, attempt: 3 }))).toMatchObject({ text: prompt });
  });

  it("fails for good when told to", async () => {
    expect(await failureOf(asking("failAttempts=1&terminal=1"))).toBeInstanceOf(TerminalError);
  });

  it("says some words before it fails, and counts them", async () => {
    const deltas: string[] = [];
    const onDelta = (text: string): void => void deltas.push(text);
    const error = await failureOf(asking("failAttempts=1&failAfterWords=2", { onDelta }));
    expect(deltas).toEqual(["Check: ", "I "]);
    expect(error).toMatchObject({ cost: { tokens: { completion: 3 } } });
  });

  it.each([
    ["dealyMs=5", "delayMs, deltaMs, failAttempts"],
    ["toString=1", 'Unknown option "toString"'],
    ["delayMs=-1", "whole number"],
    ["delayMs=600001", "600000"],
    ["delayMs=1&delayMs=2", "twice"],
    ["failAttempts=many", "whole number"],
    ["code=lower", "upper case"],
    ["terminal=yes", "1 or 0"],
  ])("refuses ?%s, saying what there is", async (query, part) => {
    expect(echoFault(`${echoModel}?${query}`)).toContain(part);
    const error = await failureOf(asking(query));
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toContain(part);
  });

  it("refuses a model of another name", () => {
    expect(echoFault("noukai/other")).toContain(echoModel);
    expect(echoFault(echoModel)).toBeUndefined();
    expect(echoFault(`${echoModel}?delayMs=600000&text=why%3F`)).toBeUndefined();
  });
});

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sets no timer unless it is told to wait", async () => {
    await stream(ask());
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits before the first word and between the words", async () => {
    const words: string[] = [];
    const onDelta = (text: string): void => void words.push(text);
    const messages = [{ role: "user", content: "one two three" }] as const;
    const answer = echo.generate(ask({ model: `${echoModel}?delayMs=200&deltaMs=20`, messages, onDelta }));
    await vi.advanceTimersByTimeAsync(199);
    expect(words).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(words).toEqual(["one "]);
    await vi.advanceTimersByTimeAsync(20);
    expect(words).toEqual(["one ", "two "]);
    await vi.advanceTimersByTimeAsync(20);
    expect((await answer).text).toBe("one two three");
  });

  it.each(["delayMs=5000", "deltaMs=5000"])("ends with the signal's reason at once, also under ?%s", async (query) => {
    const controller = new AbortController();
    const reason = new Error("the run was cancelled");
    const answer = failureOf(ask({ model: `${echoModel}?${query}`, signal: controller.signal, onDelta: () => {} }));
    await vi.advanceTimersByTimeAsync(1);
    controller.abort(reason);
    expect(await answer).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no listener on the signal", async () => {
    const { signal } = new AbortController();
    const answer = echo.generate(asking("delayMs=5&deltaMs=5", { signal }));
    await vi.runAllTimersAsync();
    await answer;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("does nothing under a signal that has aborted", async () => {
    const reason = new Error("too late");
    const words: string[] = [];
    const signal = AbortSignal.abort(reason);
    expect(await failureOf(ask({ signal, onDelta: (text) => void words.push(text) }))).toBe(reason);
    expect(words).toEqual([]);
  });

  it("stops between two words when what listens aborts it", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const words: string[] = [];
    const onDelta = (text: string): void => {
      words.push(text);
      if (words.length === 2) controller.abort(reason);
    };
    expect(await failureOf(ask({ signal: controller.signal, onDelta }))).toBe(reason);
    expect(words).toHaveLength(2);
  });
});
