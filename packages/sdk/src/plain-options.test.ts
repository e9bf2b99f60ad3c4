import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventsOptions } from "./index.ts";
import { prepareEvents } from "./events-preparation.ts";
import { isPlain } from "./plain-options.ts";

describe("options that a look finds in order", () => {
  test.each<[name: string, options: EventsOptions]>([
    ["none", {}],
    ["a text", { message: "a" }],
    ["flat parameters", { parameters: { word: "hous", level: 3, isHard: true } }],
    ["what steers the call", { signal: new AbortController().signal, timeout: 1, version: "draft", trace: true }],
    ["members that are left undefined", { message: "a", tools: undefined, parameters: undefined }],
  ])("are %s", (_, options) => {
    expect(isPlain(options)).toBe(true);
  });

  test.each<[name: string, options: object]>([
    ["a message that is no text", { message: 7 }],
    ["nested parameters", { parameters: { list: [] } }],
    ["a number that JSON has not", { parameters: { level: NaN } }],
    ["the reserved parameter", { parameters: { attachments: "a" } }],
    ["parameters of a class", { parameters: new Date(0) }],
    ["parameters that are null", { parameters: null }],
    ["a list as parameters", { parameters: ["a"] }],
    ["tools", { tools: [] }],
    ["a key", { idempotencyKey: "a" }],
    ["overrides", { inputOverrides: {} }],
    ["steps one by one", { stepwise: true }],
    ["a signal of another kind", { signal: {} }],
    ["null", { trace: null }],
  ])("are not %s", (_, options) => {
    expect(isPlain(options as EventsOptions)).toBe(false);
  });

  test("are never any that the long checks would refuse", async () => {
    const names = ["message", "messages", "parameters", "signal", "timeout", "trace", "sessionId", "tools", "stepwise"];
    const anything = fc.dictionary(fc.constantFrom(...names, "inputOverrides", "runRemaining"), fc.anything());
    const likely = fc.record({ message: fc.string(), parameters: fc.dictionary(fc.string(), fc.anything()) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, likely), async (options: EventsOptions) => {
        if (isPlain(options)) await prepareEvents(options);
      }),
      { numRuns: 2_000 },
    );
  });
});
