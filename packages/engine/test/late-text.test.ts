import { expect, test } from "vitest";
import type { StreamItem } from "../src/events.ts";
import type { ModelRequest, Models } from "../src/models/model.ts";
import { echo, fold, llm, never, open } from "./bench.ts";

/** Models whose first call of a step never ends, whatever its signal says. */
function deaf(calls: ModelRequest[]): Models {
  return {
    ...echo,
    generate(request) {
      calls.push(request);
      return request.attempt === 1 ? new Promise<never>(() => undefined) : echo.generate(request);
    },
  };
}

test("what a call writes after its attempt was given up is not the next attempt's text", async () => {
  const calls: ModelRequest[] = [];
  const about = { timeoutMs: 200, retry: { maxAttempts: 2 } };
  const { engine, request } = await open([llm("say", "one two three", { ...about, model: "noukai/echo?deltaMs=20" })], {
    models: deaf(calls),
  });
  const call = await engine.submit(request);
  const items: StreamItem[] = [];
  for await (const item of engine.events(call.runId, { after: 0, signal: never })) {
    if (item.type === "step_output" && item.offset === 0 && item.attempt === 2) calls[0]?.onDelta?.("late");
    items.push(item);
  }
  expect(fold(items)).toEqual({ "- say 2": "one two three" });
});
