import type { ExecutionStatus, JsonObject, StepKind, TaskStatus, TokenCounts } from "@noukai/core/schema";

/** Why an execution or a task failed. */
export interface ExecutionFault {
  /** Stable, for programs; as in the errors of runs. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** The step that failed. */
  readonly stepId?: string;
}

/** An execution: one or more runs of a flow, under one id. Moments are ISO 8601. */
export interface FlowExecution {
  /** Also the id of its first run. */
  readonly id: string;
  readonly flowId: string;
  /** The published version that its latest run is of. */
  readonly flowVersion: number;
  /** Completed with the flow's defaults. Empty a day after the end of the run, unless that was captured. */
  readonly input: JsonObject;
  /** The organisation's slug. */
  readonly organizationId: string;
  readonly status: ExecutionStatus;
  readonly createdAt: string;
  /** When its status, or an output of it, last changed. */
  readonly updatedAt: string;
  /** The public id of the key that last changed it. */
  readonly modifiedBy: string;
  /** Its latest run, for `noukai.run(runId)`. */
  readonly runId: string;
  /** Which run that is, from 1. Only where `includeRunNumber` asked for it. */
  readonly runNumber?: number;
  /** Where its end is told; absent when nowhere. */
  readonly webhookUrl?: string;
  /** The last step's output, once completed; else null. Absent in lists. */
  readonly result?: JsonObject | null;
  /** Why it failed; null when it did not. Absent in lists. */
  readonly error?: ExecutionFault | null;
}

/** A top-level step of an execution, as its latest run left it. What lies inside a container is in the run's trace. */
export interface TaskExecution {
  /** Names the step of this execution, whichever run it is in. */
  readonly id: string;
  readonly flowExecutionId: string;
  /** The run that this is of. */
  readonly runId: string;
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  /** Its place among the flow's top-level steps, from 0. */
  readonly index: number;
  readonly status: TaskStatus;
  /** Null where the capture mode does not show it, and before the step begins. */
  readonly input: JsonObject | null;
  /** Null where there is none, and where the capture mode does not show it. */
  readonly output: JsonObject | null;
  readonly error: ExecutionFault | null;
  /** Of the latest attempt; null for steps that call no model. */
  readonly tokens: TokenCounts | null;
  /** A decimal string, of the latest attempt. Null too for a step whose output was kept: nothing was paid for it in this run. */
  readonly costUsd: string | null;
  readonly durationMs: number | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** The run whose output this run took over; null when the step ran itself. */
  readonly keptFromRunId: string | null;
  /** When its output was replaced since that run; null when it was not. */
  readonly editedAt: string | null;
}

/** An execution came to another status. */
export interface ExecutionChange {
  /** The change's place, opaque: what `after` takes to go on behind it. */
  readonly cursor: string;
  readonly flowExecutionId: string;
  readonly flowId: string;
  readonly status: ExecutionStatus;
  /** Which of the execution's runs that was, from 1. */
  readonly runNumber: number;
  readonly at: string;
}
