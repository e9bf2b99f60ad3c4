import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answerToolCall, tool } from "../index.ts";

const CALL = { id: "call_1", type: "function", function: { name: "look", arguments: '{"place":"Lyon"}' } } as const;
const PLACE = z.object({ place: z.string() });
const about = () => ({ signal: new AbortController().signal, executionId: "run-1", stepId: "ask" });

describe("a tool call that is answered by hand", () => {
  test("comes to what the tool gives", async () => {
    const look = tool({
      name: "look",
      input: PLACE,
      execute: ({ place }, context) => `${place} ${context.toolCallId}`,
    });
    await expect(answerToolCall(CALL, look, about())).resolves.toEqual({
      toolCallId: "call_1",
      content: "Lyon call_1",
    });
  });

  test.each([
    [
      "arguments that do not fit",
      { input: z.object({ place: z.number() }), execute: (): number => 1 },
      /do not fit: place/,
    ],
    [
      "a tool that throws",
      { input: PLACE, execute: (): Promise<never> => Promise.reject(new Error("No map.")) },
      /No map\./,
    ],
    [
      "a tool that takes too long",
      { input: PLACE, timeoutMs: 1, execute: (): Promise<never> => new Promise(() => {}) },
      /within 1 ms/,
    ],
    ["a result that JSON cannot hold", { input: PLACE, execute: (): bigint => 1n }, /cannot be written as JSON/],
  ])("tells the model of %s", async (_what, options, told) => {
    const result = await answerToolCall(CALL, tool({ name: "look", ...options } as never), about());
    expect(result).toEqual({ toolCallId: "call_1", content: expect.stringMatching(told) });
  });

  test("is given up with its signal", async () => {
    const look = tool({ name: "look", input: PLACE, execute: (): Promise<never> => new Promise(() => {}) });
    const reason = new Error("enough");
    await expect(answerToolCall(CALL, look, { ...about(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
