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

test("a call that resumes begins the attempt, unless it left the run to any worker under an epoch that it names", () => {
  const bodies = (leftUnder?: number): readonly RunEventBody[] => [
    { type: "run_started", stepCount: 1 },
    { type: "step_started", stepId: "a", name: "a", stepIndex: 0 },
    pause,
    { type: "step_resumed", stepId: "a", iterationsUsed: 1, toolCallMessages: [], ...(leftUnder && { leftUnder }) },
  ];
  expect(foldPast(numberEvents(bodies(), 0, 0))).toMatchObject({ isBegun: true, leftUnder: undefined });
  expect(foldPast(numberEvents(bodies(2), 0, 0))).toMatchObject({ isBegun: true, leftUnder: 2 });
});

test("what is inside a container is kept by pass until the container is over", () => {
  const about = { parentStepId: "each", name: "say", kind: "llm" } as const;
  const say = { stepId: "say", ...about };
  const error = { code: "STEP_FAILED", message: "no" };
  const started = (index: number): RunEventBody => {
    return { type: "step_progress", phase: "started", ...say, loopPath: [index], inputData: {} };
  };
  const ended = { attempt: 1, durationMs: 1, tokens, costUsd: "0.1" };
  const bodies: readonly RunEventBody[] = [
    { type: "run_started", stepCount: 1 },
    { type: "step_started", stepId: "each", name: "each", stepIndex: 0 },
    ...[0, 1, 2, 3].map(started),
    { type: "step_progress", phase: "completed", ...say, loopPath: [0], output: { n: 0 }, ...ended },
    { type: "step_progress", phase: "failed", ...say, loopPath: [1], error, ...ended },
    { type: "step_retrying", stepId: "say", loopPath: [2], attempt: 2, tries: 2, modelIndex: 1, error, delayMs: 0 },
    { type: "step_progress", phase: "failed", ...say, loopPath: [3], error: { ...error, code: "CANCELLED" }, ...ended },
  ];
  const past = foldPast(numberEvents(bodies, 0, 5));
  expect(past.open).toMatchObject({ stepId: "each", attempt: 1 });
  expect(past.inner.get("say 0")).toMatchObject({ output: { n: 0 } });
  expect(past.inner.get("say 2")).toMatchObject({ at: { attempt: 2, tries: 2, modelIndex: 1 }, startedAt: 5 });
  // What was stopped is no cause, and may be done again.
  expect([...past.failures]).toEqual([["each 1", error]]);
  expect(past.innerSteps).toBe(4);
  expect(past.spentInStep).toEqual({ tokens: { prompt: 3, completion: 6, total: 9 }, costUsd: "0.3" });
  const inside = past.spentInStep;
  const completed: RunEventBody = {
    type: "step_completed",
    stepId: "each",
    name: "each",
    stepIndex: 0,
    attempt: 1,
    output: {},
    durationMs: 1,
    inside,
  };
  const after = foldPast(numberEvents([...bodies, completed], 0, 5));
  expect([after.inner.size, after.failures.size]).toEqual([0, 0]);
  expect(after.spent).toEqual(inside);
});
