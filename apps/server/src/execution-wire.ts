import type { ExecutionChange, ExecutionDetail, ExecutionRecord, Project, Task } from "@noukai/engine";
import { frame } from "./sse.ts";

/** Where executions become wire words. Shapes: `openapi/schemas/executions.yaml`; their members are snake_case. */

export interface ExecutionView {
  /** Those that the caller's key opens: the execution's own is one of them. */
  readonly projects: readonly Project[];
  readonly includesRunNumber: boolean;
}

export function toFlowExecution(execution: ExecutionRecord, { projects, includesRunNumber }: ExecutionView): object {
  return {
    id: execution.id,
    flow_id: execution.flowId,
    flow_version: execution.flowVersion,
    input: execution.input,
    organization_id: projects.find(({ id }) => id === execution.projectId)?.org ?? "",
    status: execution.status,
    created_at: toTime(execution.createdAt),
    updated_at: toTime(execution.updatedAt),
    modified_by: execution.modifiedBy,
    run_id: execution.runId,
    ...(includesRunNumber && { run_number: execution.runNumber }),
    ...(execution.webhookUrl !== null && { webhook_url: execution.webhookUrl }),
  };
}

export function toExecutionDetail({ execution, result, error }: ExecutionDetail, view: ExecutionView): object {
  return {
    ...toFlowExecution(execution, view),
    result,
    error: error === null ? null : { code: error.code, message: error.message, step_id: error.stepId },
  };
}

export function toTaskExecution(task: Task): object {
  return {
    id: task.id,
    flow_execution_id: task.executionId,
    run_id: task.runId,
    step_id: task.stepId,
    name: task.name,
    kind: task.kind,
    index: task.index,
    status: task.status,
    input: task.input,
    output: task.output,
    error: task.error === null ? null : { code: task.error.code, message: task.error.message },
    tokens: task.tokens,
    cost_usd: task.costUsd,
    duration_ms: task.durationMs,
    started_at: toTime(task.startedAt),
    completed_at: toTime(task.completedAt),
    kept_from_run_id: task.keptFrom,
    edited_at: toTime(task.editedAt),
  };
}

export function toExecutionChange({ executionId, flowId, status, runNumber, at }: ExecutionChange): object {
  return { flow_execution_id: executionId, flow_id: flowId, status, run_number: runNumber, at: toTime(at) };
}

/** One SSE frame, with the cursor to resume from as its id. */
export function toChangeFrame(change: ExecutionChange): string {
  return frame("status_changed", toExecutionChange(change), change.cursor);
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
