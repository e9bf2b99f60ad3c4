import type {
  CancelAccepted,
  ExecuteCompletedResponse,
  ExecutePausedResponse,
  FlowRun,
  JobAccepted,
  JobStatus,
  RunSummary,
  SessionExecution,
  StepTrace,
  StepTraceResponse,
  Trace,
} from "@noukai/core/schema";
import { Refusal } from "./refusal.ts";
import { itemOf, type LogItem } from "./run-log.ts";
import type { ScriptedRun } from "./scripted-run.ts";
import { toStepTrace, toTime } from "./step-rows.ts";

/** Runs that ended for another reason than their flow's are told with these; all others with 422. */
const FAILURE_STATUS: Readonly<Record<string, number>> = {
  CANCELLED: 409,
  TOOL_ITERATION_LIMIT: 409,
  INSUFFICIENT_CREDITS: 402,
  CREDITS_EXHAUSTED: 402,
};

/** What `/execute` answers for a run that came to this. Throws the refusal for one that failed. */
export function executeAnswer(run: ScriptedRun, end: LogItem): ExecuteCompletedResponse | ExecutePausedResponse {
  const { executionId, flowId, steps } = run.options;
  const about = { flowId, blockCount: steps.length, executionId };
  const failed = itemOf(end, "step_error")?.data;
  if (failed) {
    const { code, message } = failed.error;
    throw new Refusal(FAILURE_STATUS[code] ?? 422, code, { message, executionId, stepId: failed.stepId });
  }
  const paused = itemOf(end, "step_paused_for_tool_calls");
  if (paused) return pausedAnswer(paused, about);
  return { status: "completed", result: itemOf(end, "flow_completed")?.data.result, ...about };
}

function pausedAnswer(
  { data }: LogItem<"step_paused_for_tool_calls">,
  about: Pick<ExecutePausedResponse, "flowId" | "blockCount" | "executionId">,
): ExecutePausedResponse {
  const { stepId, iterationsUsed, toolCallMessages, toolCalls, accumulatedOutputs } = data;
  return {
    status: "tool_calls_required",
    pausedAtStep: stepId,
    iterationsUsed,
    toolCallMessages,
    toolCalls,
    accumulatedOutputs,
    ...about,
  };
}

export function jobAccepted({ options: { executionId, flowId, steps } }: ScriptedRun): JobAccepted {
  return { executionId, status: "started", flowId, blockCount: steps.length };
}

const JOB_STATUS: Readonly<Record<ScriptedRun["status"], JobStatus["status"]>> = {
  pending: "pending",
  running: "running",
  paused: "running",
  stale: "running",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
};

export function jobStatus({ options: { executionId }, status: state, log }: ScriptedRun): JobStatus {
  const job = { executionId, status: JOB_STATUS[state], state };
  const last = log.items.at(-1);
  if (state === "cancelled") return { ...job, error: "cancelled" };
  if (state === "completed") return { ...job, result: itemOf(last, "flow_completed")?.data.result, error: null };
  if (state === "failed") return { ...job, error: itemOf(last, "step_error")?.data.error.message ?? null };
  return job;
}

export function cancelAccepted({ options: { executionId }, status }: ScriptedRun): CancelAccepted {
  return { executionId, status };
}

export function flowRun(run: ScriptedRun): FlowRun {
  const { executionId, flowId, version, trigger, steps } = run.options;
  const hasCalledModel = run.rows.all.some(({ model }) => model !== undefined);
  const { tokens, costUsd } = run.figures;
  return {
    id: executionId,
    flowId,
    version,
    status: run.status,
    triggerType: trigger,
    startedAt: toTime(run.startedAt),
    completedAt: toTime(run.completedAt),
    durationMs: run.isOver ? run.workedMs : null,
    stepCount: steps.length,
    totalTokens: hasCalledModel ? tokens : null,
    totalCostUsd: hasCalledModel ? costUsd : null,
  };
}

export function runSummary(run: ScriptedRun): RunSummary {
  const { executionId, flowId, steps } = run.options;
  const last = run.log.items.at(-1);
  const failed = itemOf(last, "step_error")?.data;
  const paused = itemOf(last, "step_paused_for_tool_calls");
  return {
    ...flowRun(run),
    result: itemOf(last, "flow_completed")?.data.result ?? null,
    error: failed ? { ...failed.error, stepId: failed.stepId } : null,
    pause: paused ? pausedAnswer(paused, { executionId, flowId, blockCount: steps.length }) : null,
  };
}

export function trace(run: ScriptedRun): Trace {
  return { flowRun: flowRun(run), steps: run.rows.latest.map((row) => toStepTrace(row, run.options)) };
}

/** One step's latest attempt, a certain one, or all of them. */
export function stepTrace(
  run: ScriptedRun,
  {
    stepId,
    attempt,
    loopIndex,
  }: { readonly stepId: string; readonly attempt: string; readonly loopIndex: string | null },
): StepTraceResponse {
  const attempts = run.rows.all
    .filter((row) => row.stepId === stepId && (loopIndex === null || row.loopPath.at(-1) === Number(loopIndex)))
    .map((row) => toStepTrace(row, run.options));
  const found = attempt === "latest" ? attempts.at(-1) : attempts.findLast((row) => String(row.attempt) === attempt);
  if (attempt === "all" && attempts.length > 0) return { stepId, attempts };
  if (found) return found;
  throw new Refusal(404, "STEP_NOT_FOUND", { message: "The run has not started such a step, attempt or pass." });
}

/** A run as its session recorded it. */
export function sessionExecution(run: ScriptedRun): SessionExecution {
  const { executionId, flowId, flow, trigger, isTraced } = run.options;
  const { status } = run;
  const rows = run.rows.latest.filter(({ parentStepId }) => parentStepId === null);
  const failed = itemOf(run.log.items.at(-1), "step_error")?.data;
  return {
    executionId,
    flowId,
    slug: flow.split("/").at(-1) ?? flow,
    triggerType: trigger,
    status: status === "paused" || status === "stale" ? "running" : status,
    startedAt: toTime(run.startedAt),
    completedAt: toTime(run.completedAt),
    traceCaptureMode: isTraced ? "full" : "metadata_only",
    snapshotsAvailable: isTraced && run.isOver,
    errorAtStep: failed?.stepId ?? null,
    steps: rows.map((row) => toSessionStep(toStepTrace(row, { isTraced }), row.error)),
  };
}

function toSessionStep(
  step: StepTrace,
  error: { readonly code: string; readonly message: string } | undefined,
): SessionExecution["steps"][number] {
  const { stepId, attempt, loopIndex, status, startedAt, completedAt, durationMs, truncated } = step;
  const { inputContext: inputSnapshot, outputContext: outputSnapshot } = step;
  const place = { stepId, attempt, loopIndex, status, startedAt, completedAt, durationMs, truncated };
  return { ...place, inputSnapshot, outputSnapshot, errorSnapshot: error ? { ...error } : null };
}
