import { expect, test } from "vitest";
import type { AttemptCost, RunEventBody } from "./events.ts";
import { addUsage, noUsage } from "./run-usage.ts";

const cost = (tokens: number, costUsd: string | null): AttemptCost => ({
  tokens: { prompt: tokens, completion: 0, total: tokens },
  costUsd,
});

const at = { stepId: "a", name: "a", attempt: 1 };
const pause = (used: AttemptCost): RunEventBody => ({
  type: "step_paused_for_tool_calls",
  stepIndex: 0,
  iterationsUsed: 1,
  toolCalls: [],
  toolCallMessages: [],
  accumulatedOutputs: {},
  ...at,
  ...used,
});
const retrying = (used: AttemptCost): RunEventBody => ({
  type: "step_retrying",
  tries: 2,
  modelIndex: 0,
  error: { code: "E", message: "e" },
  delayMs: 0,
  ...at,
  ...used,
});
const completed = (used: AttemptCost): RunEventBody => ({
  type: "step_completed",
  stepIndex: 0,
  output: {},
  durationMs: 1,
  ...at,
  ...used,
});
const error = (used: AttemptCost): RunEventBody => ({
  type: "step_error",
  error: { code: "E", message: "e" },
  ...at,
  ...used,
});

test("adds up every attempt, those that failed too", () => {
  const usage = addUsage(noUsage, [retrying(cost(3, "0.1")), retrying({}), completed(cost(4, "0.25"))]);
  expect(usage).toMatchObject({ tokens: 7, usd: "0.35" });
});

test("counts the rounds of an attempt once, though its end tells the whole", () => {
  const afterPause = addUsage(noUsage, [pause(cost(2, "0.2"))]);
  expect(afterPause).toMatchObject({ tokens: 2, usd: "0.2" });
  const afterSecond = addUsage(afterPause, [pause(cost(3, "0.3"))]);
  expect(addUsage(afterSecond, [completed(cost(9, "0.9"))])).toMatchObject({ tokens: 9, usd: "0.9" });
  expect(addUsage(afterSecond, [error(cost(5, "0.5"))])).toMatchObject({ tokens: 5, usd: "0.5" });
});

test("begins the next attempt from nothing", () => {
  const events = [pause(cost(2, "0.2")), retrying(cost(2, "0.2")), completed(cost(1, "0.1"))];
  expect(addUsage(noUsage, events)).toMatchObject({ tokens: 3, usd: "0.3" });
});

test("counts a call of unknown price as free, and takes nothing back for it", () => {
  expect(addUsage(noUsage, [completed(cost(4, null))])).toMatchObject({ tokens: 4, usd: "0" });
  expect(addUsage(noUsage, [pause(cost(2, "0.2")), completed(cost(4, null))])).toMatchObject({ tokens: 4, usd: "0.2" });
});

test("is the same for a log read at once and read piece by piece", () => {
  const log = [pause(cost(1, "0.1")), retrying(cost(1, "0.1")), pause(cost(2, "0.2")), completed(cost(5, "0.5"))];
  const pieces = log.reduce((usage, event) => addUsage(usage, [event]), noUsage);
  expect(pieces).toEqual(addUsage(noUsage, log));
});
