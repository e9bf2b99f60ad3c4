import type { RunEvent, RunRecord, WebhookMessage } from "@noukai/engine";
import { toJobStatus } from "./wire.ts";

/**
 * What a webhook says of a run that ended; `last` is the newest event of its log. A job's is what its address answers from then on. It is made of
 * the run alone, so that it is the same on every attempt, whatever became of an execution since.
 */
export function describeEnd(run: RunRecord, last: RunEvent | undefined): WebhookMessage {
  if (run.execution !== undefined) {
    return { type: `execution.${run.status}`, data: toEndedExecution(run, run.execution, last) };
  }
  return { type: run.status === "completed" ? "job.completed" : "job.failed", data: toJobStatus(run, last) };
}

/** One run of an execution, as it ended; in snake_case, as all of that API. */
function toEndedExecution(
  run: RunRecord,
  { id, runNumber }: NonNullable<RunRecord["execution"]>,
  last: RunEvent | undefined,
): object {
  const fault = last?.type === "step_error" ? last : undefined;
  return {
    id,
    run_id: run.id,
    run_number: runNumber,
    flow_id: run.flowId,
    flow_version: run.flowVersion,
    status: run.status,
    result: last?.type === "flow_completed" ? last.result : null,
    error: fault === undefined ? null : { ...fault.error, step_id: fault.stepId },
  };
}
