import type { RunSummary, SessionExecution, SessionStep, StepAttempts, StepTrace, Trace } from "@noukai/core/schema";

/** Why a recorded run failed. */
export interface RecordedFailure {
  readonly code: string;
  readonly message: string;
  readonly stepId: string;
}

/** Status of an execute whose run failed: by the contract 422, but for these. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  CANCELLED: 409,
  TOOL_ITERATION_LIMIT: 409,
  INSUFFICIENT_CREDITS: 402,
  CREDITS_EXHAUSTED: 402,
};

/** Members that older servers kept in a snapshot and never told as output. */
const SIDECARS = ["__rendered_prompt__"] as const;

/** What a step gave, as the run's own answer told it. */
export function outputOf({ outputSnapshot }: SessionStep): unknown {
  if (outputSnapshot === null || !SIDECARS.some((name) => name in outputSnapshot)) return outputSnapshot;
  return Object.fromEntries(Object.entries(outputSnapshot).filter(([name]) => !SIDECARS.some((own) => own === name)));
}

export function failureOf(execution: SessionExecution): RecordedFailure | undefined {
  const { status, errorAtStep, steps } = execution;
  if (status !== "failed" && status !== "cancelled") return undefined;
  const failed =
    steps.find(({ stepId }) => stepId === errorAtStep) ?? steps.findLast(({ errorSnapshot }) => errorSnapshot);
  const { code, message } = failed?.errorSnapshot ?? {};
  const isCancelled = status === "cancelled";
  return {
    stepId: errorAtStep ?? failed?.stepId ?? steps.at(-1)?.stepId ?? "",
    code: code ?? (isCancelled ? "CANCELLED" : "STEP_FAILED"),
    message: message ?? (isCancelled ? "The run was cancelled." : "The recording does not tell why."),
  };
}

/** What `/execute` answered when the run was over. */
export function executeAnswer(execution: SessionExecution): Response {
  const { executionId, flowId } = execution;
  const failure = failureOf(execution);
  if (failure) {
    return json({ detail: { ...failure, executionId } }, execution, STATUS_BY_CODE[failure.code] ?? 422);
  }
  const result = resultOf(execution);
  return json(
    { status: "completed", result, flowId: flowId ?? "", blockCount: stepCount(execution), executionId },
    execution,
  );
}

/** The run and what came of it. Tokens, costs and models are not part of a session's recording. */
export function runAnswer(execution: SessionExecution): Response {
  const failure = failureOf(execution);
  const summary: RunSummary = {
    ...flowRun(execution),
    result: failure ? null : resultOf(execution),
    error: failure ?? null,
    pause: null,
  };
  return json(summary, execution);
}

export function traceAnswer(execution: SessionExecution): Response {
  const trace: Trace = { flowRun: flowRun(execution), steps: execution.steps.map(toStepTrace) };
  return json(trace, execution);
}

/** The latest attempt is the only one that was recorded. */
export function stepTraceAnswer(
  execution: SessionExecution,
  { stepId, attempt }: { readonly stepId: string; readonly attempt: string | null },
): Response {
  const step = execution.steps.find((candidate) => candidate.stepId === stepId);
  const isKnown = attempt === null || attempt === "latest" || attempt === "all" || attempt === String(step?.attempt);
  if (!step || !isKnown) {
    const message = `The recording has no such attempt of the step ${stepId}.`;
    return json({ detail: { code: "STEP_NOT_FOUND", message } }, execution, 404);
  }
  const trace = toStepTrace(step);
  const attempts: StepAttempts = { stepId, attempts: [trace] };
  return json(attempt === "all" ? attempts : trace, execution);
}

/** The run is over: there is nothing left to cancel. */
export function cancelAnswer(execution: SessionExecution): Response {
  return json({ executionId: execution.executionId, status: execution.status }, execution, 202);
}

export function resultOf({ steps }: SessionExecution): unknown {
  const last = steps.at(-1);
  return last ? outputOf(last) : null;
}

/** How many top-level nodes ran: at least 1, as the contract has it. */
export function stepCount({ steps }: SessionExecution): number {
  return Math.max(1, steps.length);
}

export function durationOf({ steps }: SessionExecution): number {
  return steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
}

function flowRun(execution: SessionExecution): Trace["flowRun"] {
  const { executionId, flowId, status, triggerType, startedAt, completedAt } = execution;
  return {
    id: executionId,
    flowId: flowId ?? "",
    status,
    triggerType,
    startedAt,
    completedAt,
    durationMs: durationOf(execution),
    stepCount: stepCount(execution),
    totalTokens: null,
    totalCostUsd: null,
  };
}

function toStepTrace({ inputSnapshot, outputSnapshot, errorSnapshot, ...step }: SessionStep): StepTrace {
  return {
    ...step,
    inputContext: inputSnapshot,
    outputContext: outputSnapshot,
    errorContext: errorSnapshot && { ...errorSnapshot },
    inputSizeBytes: sizeOf(inputSnapshot),
    outputSizeBytes: sizeOf(outputSnapshot),
    modelUsed: null,
    tokens: null,
    costUsd: null,
  };
}

function sizeOf(snapshot: unknown): number | null {
  return snapshot === null ? null : new TextEncoder().encode(JSON.stringify(snapshot)).length;
}

function json(body: object, { executionId }: SessionExecution, status = 200): Response {
  return Response.json(body, { status, headers: { "x-noukai-execution-id": executionId } });
}
