import type { RunEvent, RunSummary } from "@noukai/engine";
import { expect, test } from "vitest";
import { zSseEventData } from "./generated/sse-events.gen.ts";
import { runStartedCopy, toFrame, toJobStatus } from "./wire.ts";

const run = { runId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10", flowId: "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31" };
const place = { seq: 7, at: 1_800_000_000_000 };
const step = { stepId: "ask", name: "Ask", stepIndex: 1, attempt: 1 };
const tokens = { prompt: 1, completion: 2, total: 3 };
const call = { key: "k", requestHash: "h" };

const inner = { stepId: "sub.say", parentStepId: "sub.each", name: "Say", kind: "llm", loopPath: [2, 0] } as const;
const skippedStep = { stepId: "sub.no", parentStepId: "sub.if", name: "No", kind: "llm" } as const;
const failure = { code: "STEP_FAILED", message: "why" };

/** Each logged event with everything that the engine may know of it, as it is once the run's payloads were dropped. */
const events: readonly RunEvent[] = [
  { ...place, type: "run_started", stepCount: 3 },
  { ...place, ...step, type: "step_started", segment: { runRemaining: false, inputOverrides: {} }, call },
  { ...place, type: "step_input", stepId: "ask", inputData: {}, sizeBytes: 35 },
  {
    ...place,
    type: "step_retrying",
    stepId: "ask",
    attempt: 2,
    tries: 2,
    modelIndex: 1,
    error: { code: "STEP_TIMEOUT", message: "slow" },
    delayMs: 5,
    modelUsed: "noukai/echo",
    tokens,
    costUsd: "0.1",
  },
  {
    ...place,
    ...step,
    type: "step_paused_for_tool_calls",
    iterationsUsed: 1,
    toolCalls: [],
    toolCallMessages: [],
    accumulatedOutputs: {},
    modelUsed: "noukai/echo",
    tokens,
    costUsd: "0.1",
  },
  { ...place, type: "step_resumed", stepId: "ask", iterationsUsed: 1, toolCallMessages: [{ role: "tool" }], call },
  { ...place, type: "step_paused", stepId: "ask", stepIndex: 1, nextStepIndex: 2 },
  {
    ...place,
    ...step,
    type: "step_completed",
    output: null,
    sizeBytes: 20,
    durationMs: 4,
    modelUsed: "noukai/echo",
    tokens,
    costUsd: "0.1",
  },
  { ...place, ...inner, type: "step_progress", phase: "started", inputData: {}, sizeBytes: 9, skipped: [skippedStep] },
  {
    ...place,
    ...inner,
    type: "step_progress",
    phase: "completed",
    attempt: 2,
    output: null,
    sizeBytes: 20,
    durationMs: 4,
    modelUsed: "noukai/echo",
    tokens,
    costUsd: "0.1",
    skipped: [skippedStep],
  },
  { ...place, ...inner, type: "step_progress", phase: "failed", attempt: 1, error: failure, durationMs: 4 },
  { ...place, type: "loop_completed", stepId: "each", loopPath: [], itemCount: 3, failedCount: 1, durationMs: 9 },
  { ...place, ...step, type: "step_error", error: { code: "STEP_FAILED", message: "why" }, tokens, costUsd: null },
  {
    ...place,
    type: "flow_completed",
    result: null,
    summary: { durationMs: 4, stepCount: 3, tokens, costUsd: "0.1" },
  },
];

test.each(events)("$type leaves as the contract has it and with nothing else, also without its payload", (event) => {
  const [id, name, data, ...end] = toFrame(event, run).split("\n");
  expect([id, name, end]).toEqual(["id: 7", `event: ${event.type}`, ["", ""]]);
  const sent: unknown = JSON.parse(data?.slice("data: ".length) ?? "");
  expect(zSseEventData[event.type].strict().parse(sent)).toEqual(sent);
});

test("the copy that opens a later segment is the run's first frame without its id", () => {
  const [first] = events.map((event) => toFrame(event, run));
  expect(`id: 7\n${runStartedCopy({ ...run, stepCount: 3, after: 5, repeated: false })}`).toBe(first);
});

test.each([
  ["pending", "pending"],
  ["running", "running"],
  ["paused", "running"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["cancelled", "failed"],
  ["stale", "running"],
] as const)("a job that is %s reads %s to clients that know four states", (state, status) => {
  expect(toJobStatus({ id: run.runId, status: state }, undefined)).toMatchObject({ status, state });
});

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

test("a container's completion has the sums of what it holds, in figures", () => {
  const event = { ...completed({}), inside: { tokens, costUsd: "0.25" } } as RunEvent;
  expect(dataOf(event)).toMatchObject({ tokens, costUsd: "0.25", modelUsed: null });
  expect(dataOf({ ...event, inside: { tokens, costUsd: null } } as RunEvent)).toMatchObject({ tokens, costUsd: "0" });
});

test("text of a step inside a container is progress of its pass, without an id", () => {
  const { stepId, parentStepId, loopPath } = inner;
  const owner = { stepId, parentStepId, loopPath, attempt: 2 };
  const [name, data, ...end] = toFrame({ type: "step_output", ...owner, offset: 3, delta: "x" }, run).split("\n");
  expect([name, end]).toEqual(["event: step_progress", ["", ""]]);
  const sent: unknown = JSON.parse(data?.slice("data: ".length) ?? "");
  expect(zSseEventData.step_progress.strict().parse(sent)).toEqual({
    ...owner,
    loopIndex: 0,
    phase: "output",
    offset: 3,
    outputData: { delta: "x" },
  });
});

test("so do the figures of a whole run", () => {
  expect(dataOf(finished({ tokens, costUsd: null }))).toMatchObject({ summary: { tokens, costUsd: "0" } });
  expect(dataOf(finished({ tokens, costUsd: "0.1" }))).toMatchObject({ summary: { tokens, costUsd: "0.1" } });
});

test("outputs too large to be sent back are left out of a pause: its answer must fit into a body", () => {
  const [pause] = events.filter(({ type }) => type === "step_paused_for_tool_calls");
  if (pause?.type !== "step_paused_for_tool_calls") throw new Error("no pause");
  const outputsOf = (length: number): unknown => {
    const accumulatedOutputs = { keep: { text: "x".repeat(length) } };
    return (dataOf({ ...pause, accumulatedOutputs }) as { accumulatedOutputs: object }).accumulatedOutputs; // as: the contract's member
  };
  expect(outputsOf(200_000)).toHaveProperty("keep");
  expect(outputsOf(300_000)).toEqual({});
});
