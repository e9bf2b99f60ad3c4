import { expect, test } from "vitest";
import type { RunEventBody } from "./events.ts";
import { numberEvents } from "./hold.ts";
import { foldPast, joinCosts } from "./run-log.ts";

const tokens = { prompt: 1, completion: 2, total: 3 };
const pause: RunEventBody = {
  type: "step_paused_for_tool_calls",
  stepId: "a",
  stepIndex: 0,
  attempt: 1,
  iterationsUsed: 1,
  toolCalls: [],
  toolCallMessages: [],
  accumulatedOutputs: {},
  modelUsed: "x/y",
  tokens,
  costUsd: "0.1",
};

test("costs are joined from events without anything else of them", () => {
  expect(joinCosts({}, pause)).toEqual({ modelUsed: "x/y", tokens, costUsd: "0.1" });
  expect(joinCosts(pause, {})).toEqual({ modelUsed: "x/y", tokens, costUsd: "0.1" });
  const twice = { prompt: 2, completion: 4, total: 6 };
  expect(joinCosts(pause, { ...pause, modelUsed: "z" })).toEqual({ modelUsed: "z", tokens: twice, costUsd: "0.2" });
  expect(joinCosts(pause, { tokens, costUsd: null })).toEqual({ modelUsed: "x/y", tokens: twice, costUsd: null });
  expect(joinCosts({}, {})).toEqual({});
});

test("a pause is no work, and its rounds outlive the attempt that failed behind it", () => {
  const bodies: readonly RunEventBody[] = [
    { type: "run_started", stepCount: 1 },
    { type: "step_started", stepId: "a", name: "a", stepIndex: 0 },
    { ...pause, toolCallMessages: [{ role: "assistant" }] },
    { type: "step_resumed", stepId: "a", iterationsUsed: 1, toolCallMessages: [{ role: "tool" }] },
    {
      type: "step_retrying",
      stepId: "a",
      attempt: 2,
      tries: 2,
      modelIndex: 0,
      delayMs: 0,
      error: { code: "X", message: "x" },
      tokens,
      costUsd: "0.1",
    },
  ];
  const log = bodies.flatMap((body, index) => numberEvents([body], index, index * 1_000));
  expect(foldPast(log.slice(0, 3))).toMatchObject({ isBegun: false, pausedMs: 0, spentInAttempt: { costUsd: "0.1" } });
  expect(foldPast(log)).toMatchObject({
    isBegun: true,
    pausedMs: 1_000,
    open: { attempt: 2 },
    rounds: { messages: [{ role: "assistant" }, { role: "tool" }], iterationsUsed: 1 },
    spentInAttempt: {},
    spent: { tokens, costUsd: "0.1" },
  });
});
