import type { RunEvent, RunSummary } from "@noukai/engine";
import { expect, test } from "vitest";
import { toFrame } from "./wire.ts";

const run = { runId: "run", flowId: "flow" };
const tokens = { prompt: 9, completion: 4, total: 13 };
const none = { prompt: 0, completion: 0, total: 0 };

function dataOf(event: RunEvent): unknown {
  return JSON.parse(/^data: (.*)$/m.exec(toFrame(event, run))?.[1] ?? "null");
}

function completed(
  cost: Pick<Extract<RunEvent, { type: "step_completed" }>, "modelUsed" | "tokens" | "costUsd">,
): RunEvent {
  const step = { stepId: "a", name: "a", stepIndex: 0, attempt: 1, output: {}, durationMs: 1 };
  return { type: "step_completed", seq: 1, at: 0, ...step, ...cost };
}

function finished(cost: Pick<RunSummary, "tokens" | "costUsd">): RunEvent {
  return { type: "flow_completed", seq: 2, at: 0, result: {}, summary: { durationMs: 1, stepCount: 1, ...cost } };
}

// Clients in the field drop a `step_completed` whose figures are null, do not advance, and ask for the same step for ever.
test("a step that called no model costs nothing, in figures", () => {
  expect(dataOf(completed({}))).toMatchObject({ tokens: none, costUsd: "0", modelUsed: null });
});

test("a step whose model has no known price still has its tokens, and a cost that is a string", () => {
  const modelUsed = "local/llama";
  expect(dataOf(completed({ modelUsed, tokens, costUsd: null }))).toMatchObject({ modelUsed, tokens, costUsd: "0" });
  expect(dataOf(completed({ tokens, costUsd: "0.1" }))).toMatchObject({ tokens, costUsd: "0.1" });
});

test("so do the figures of a whole run", () => {
  expect(dataOf(finished({ tokens, costUsd: null }))).toMatchObject({ summary: { tokens, costUsd: "0" } });
  expect(dataOf(finished({ tokens, costUsd: "0.1" }))).toMatchObject({ summary: { tokens, costUsd: "0.1" } });
});
