import { describe, expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "./events.ts";
import { numberEvents } from "./hold.ts";
import type { RunRecord } from "./store/store.ts";
import { foldTrace, latestAttempts, snapshotLimitBytes } from "./trace.ts";

const run: RunRecord = {
  id: "0198c2f0-0000-7000-8000-000000000001",
  projectId: "p",
  flowId: "f",
  flowVersion: 1,
  definitionHash: "h",
  trigger: "execute",
  sessionId: null,
  capture: "metadata_only",
  traced: false,
  input: {},
  options: {},
  status: "completed",
  epoch: 1,
  owner: null,
  losses: 0,
  lastSeq: 0,
  priority: 0,
  readyAt: 1_000,
  pausedAt: null,
  isPruned: false,
  createdAt: 1_000,
  startedAt: 1_000,
  completedAt: 4_000,
};

const usage = { prompt: 10, completion: 5, total: 15 };

/** One event a second. */
function logOf(...bodies: readonly RunEventBody[]): readonly RunEvent[] {
  return bodies.flatMap((body, index) => numberEvents([body], index, 1_000 + index * 1_000));
}

const opening: readonly RunEventBody[] = [
  { type: "run_started", stepCount: 1 },
  { type: "step_started", stepId: "a", name: "A", stepIndex: 0 },
  { type: "step_input", stepId: "a", inputData: { message: "Grüße" } },
];

const completed: RunEventBody = {
  type: "step_completed",
  stepId: "a",
  name: "A",
  stepIndex: 0,
  attempt: 1,
  output: { text: "hello" },
  durationMs: 700,
  modelUsed: "x/y",
  tokens: usage,
  costUsd: "0.1",
};

test("shows no contexts under metadata_only, but sizes, tokens, cost and times", () => {
  const trace = foldTrace(run, logOf(...opening, completed), () => "llm");
  expect(trace.attempts).toEqual([
    expect.objectContaining({
      stepId: "a",
      kind: "llm",
      status: "completed",
      startedAt: 2_000,
      completedAt: 4_000,
      durationMs: 2_000,
      input: null,
      output: null,
      inputSizeBytes: Buffer.byteLength('{"message":"Grüße"}'),
      outputSizeBytes: Buffer.byteLength('{"text":"hello"}'),
      modelUsed: "x/y",
      tokens: usage,
      costUsd: "0.1",
    }),
  ]);
  expect(trace).toMatchObject({ stepCount: 1, durationMs: 2_000, totalTokens: usage, totalCostUsd: "0.1" });
});

test.each([{ capture: "full" as const }, { traced: true, capture: "off" as const }])(
  "shows contexts under %o",
  (mode) => {
    const [attempt] = foldTrace({ ...run, ...mode }, logOf(...opening, completed), () => "llm").attempts;
    expect(attempt).toMatchObject({ input: { message: "Grüße" }, output: { text: "hello" }, truncated: false });
  },
);

const retrying: RunEventBody = {
  type: "step_retrying",
  stepId: "a",
  attempt: 2,
  tries: 2,
  modelIndex: 0,
  error: { code: "MODEL_PROVIDER_ERROR", message: "503" },
  delayMs: 250,
  modelUsed: "x/y",
  tokens: usage,
  costUsd: "0.2",
};

test("keeps every attempt, and adds all of them up without float drift", () => {
  const trace = foldTrace(run, logOf(...opening, retrying, { ...completed, attempt: 2 }), () => "llm");
  expect(trace.attempts.map(({ attempt, status, startedAt }) => ({ attempt, status, startedAt }))).toEqual([
    { attempt: 1, status: "failed", startedAt: 2_000 },
    { attempt: 2, status: "completed", startedAt: 4_250 },
  ]);
  expect(latestAttempts(trace)).toEqual([trace.attempts[1]]);
  expect(trace.totalCostUsd).toBe("0.3");
  expect(trace.totalTokens).toEqual({ prompt: 20, completion: 10, total: 30 });
});

test("a failed attempt keeps its input and error under metadata_only, and nothing under off", () => {
  const log = logOf(...opening, retrying);
  expect(foldTrace(run, log, () => "llm").attempts[0]).toMatchObject({
    input: { message: "Grüße" },
    error: { code: "MODEL_PROVIDER_ERROR", message: "503" },
  });
  expect(foldTrace({ ...run, capture: "off" }, log, () => "llm").attempts[0]).toMatchObject({
    input: null,
    error: null,
  });
});

test("the cost of a run is unknown once one attempt's is", () => {
  const trace = foldTrace(
    run,
    logOf(...opening, { ...retrying, costUsd: null }, { ...completed, attempt: 2 }),
    () => "llm",
  );
  expect(trace.totalCostUsd).toBeNull();
  expect(trace.totalTokens.total).toBe(30);
});

test("a context over the limit becomes a preview, its size stays true, and no character is cut in two", () => {
  const large = { ...completed, output: { text: "ü".repeat(snapshotLimitBytes) } };
  const [attempt] = foldTrace({ ...run, traced: true }, logOf(...opening, large), () => "llm").attempts;
  expect(attempt).toMatchObject({ truncated: true, outputSizeBytes: Buffer.byteLength(JSON.stringify(large.output)) });
  const preview = JSON.stringify(attempt?.output?.["preview"]);
  expect(attempt?.output).toEqual({ preview: expect.stringMatching(/^\{"text":"ü+$/) });
  expect(preview).not.toContain("\uFFFD");
});

test("a step in flight is running, without an end", () => {
  const trace = foldTrace({ ...run, status: "running", completedAt: null }, logOf(...opening), () => "llm");
  expect(trace.attempts[0]).toMatchObject({ status: "running", completedAt: null, durationMs: null });
  expect(trace).toMatchObject({ durationMs: null, standing: undefined });
});

test("tells how the run ended", () => {
  const error = { code: "STEP_FAILED", message: "no" };
  const trace = foldTrace(
    run,
    logOf(...opening, { type: "step_error", stepId: "a", name: "A", attempt: 1, error }),
    () => "llm",
  );
  expect(trace.standing).toEqual({ status: "failed", stepId: "a", error });
  expect(trace.attempts[0]).toMatchObject({ status: "failed", error });
});

describe("steps inside containers", () => {
  const kindOf = (): "loop" => "loop";
  const say = { stepId: "say", parentStepId: "a", name: "Say", kind: "llm" } as const;
  const started = (loopPath: readonly number[]): RunEventBody => {
    return { type: "step_progress", phase: "started", ...say, loopPath, inputData: { item: "x" } };
  };
  const done = {
    type: "step_progress",
    phase: "completed",
    ...say,
    attempt: 1,
    output: { text: "y" },
    durationMs: 1,
  } as const;
  const cost = { modelUsed: "x/y", tokens: usage, costUsd: "0.1" };

  test("have rows of their own, one per pass, and the container's row costs nothing", () => {
    const inside = { tokens: { prompt: 20, completion: 10, total: 30 }, costUsd: "0.2" };
    const { modelUsed: _, tokens: __, costUsd: ___, ...ended } = completed as typeof completed & typeof cost;
    const log = logOf(
      ...opening,
      started([0]),
      started([1]),
      { ...done, loopPath: [1], ...cost },
      { ...done, loopPath: [0], ...cost },
      { ...ended, inside },
    );
    const trace = foldTrace({ ...run, traced: true }, log, kindOf);
    expect(
      trace.attempts.map(({ stepId, loopPath, kind, parentStepId, costUsd }) => [
        stepId,
        loopPath,
        kind,
        parentStepId,
        costUsd,
      ]),
    ).toEqual([
      ["a", [], "loop", null, null],
      ["say", [0], "llm", "a", "0.1"],
      ["say", [1], "llm", "a", "0.1"],
    ]);
    expect(trace.attempts[1]).toMatchObject({
      durationMs: 3_000,
      input: { item: "x" },
      output: { text: "y" },
      stepIndex: 0,
    });
    expect(trace).toMatchObject({ totalTokens: inside.tokens, totalCostUsd: "0.2" });
    expect(latestAttempts(trace)).toHaveLength(3);
  });

  test("begin a new row with each attempt of their pass, and keep what they were given", () => {
    const error = { code: "STEP_TIMEOUT", message: "slow" };
    const tries = { tries: 2, modelIndex: 0, delayMs: 0, error };
    const retrying: RunEventBody = {
      type: "step_retrying",
      stepId: "say",
      loopPath: [1],
      attempt: 2,
      ...tries,
      ...cost,
    };
    const log = logOf(...opening, started([0]), started([1]), retrying, { ...done, loopPath: [1], attempt: 2 });
    const { attempts } = foldTrace({ ...run, traced: true }, log, kindOf);
    expect(attempts.map(({ loopPath, attempt, status }) => [loopPath, attempt, status])).toEqual([
      [[], 1, "running"],
      [[0], 1, "running"],
      [[1], 1, "failed"],
      [[1], 2, "completed"],
    ]);
    expect(attempts[3]).toMatchObject({ name: "Say", parentStepId: "a", input: { item: "x" } });
  });

  test("are over with the run, also when nothing in the log ended them", () => {
    const error = { code: "CANCELLED", message: "cancelled" };
    const log = logOf(...opening, started([0]), { type: "step_error", stepId: "a", name: "A", attempt: 1, error });
    const { attempts } = foldTrace(run, log, kindOf);
    expect(attempts.map(({ status, error }) => [status, error])).toEqual([
      ["failed", error],
      ["failed", error],
    ]);
    const left = foldTrace(run, logOf(...opening, started([0]), completed), kindOf).attempts[1];
    expect(left).toMatchObject({ status: "failed", error: { code: "CANCELLED" } });
  });

  test("that were skipped have rows without times", () => {
    const skipped = [{ stepId: "no", parentStepId: "a", name: "No", kind: "code" }] as const;
    const log = logOf(...opening, { ...started([2]), skipped } as RunEventBody, { ...completed, skipped });
    const rows = foldTrace(run, log, kindOf).attempts.filter(({ status }) => status === "skipped");
    expect(rows.map(({ stepId, kind, loopPath, startedAt }) => [stepId, kind, loopPath, startedAt])).toEqual([
      ["no", "code", [2], null],
      ["no", "code", [], null],
    ]);
  });
});
