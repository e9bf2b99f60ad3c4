import type { RunStatus } from "@noukai/core/schema";
import type { StepCompleted, StreamEvent } from "../events.ts";
import type { JobStatus } from "./job-status.ts";

/** How far a job has got. */
export interface JobProgress {
  readonly executionId: string;
  /** The run's status; `pending` until its first step begins. */
  readonly state: RunStatus;
  /** How many top-level steps the flow has; `undefined` where the server can only be polled. */
  readonly stepCount: number | undefined;
  /** The top-level steps that are done, in their order; empty where the server can only be polled. */
  readonly completedSteps: readonly StepCompleted[];
  /** The top-level step under way. */
  readonly currentStepId: string | undefined;
  /** What has just happened; `undefined` where the server can only be polled. */
  readonly event: StreamEvent | undefined;
}

/** Nothing is known of the job yet. */
export function noProgress(executionId: string): JobProgress {
  return {
    executionId,
    state: "pending",
    stepCount: undefined,
    completedSteps: [],
    currentStepId: undefined,
    event: undefined,
  };
}

/** The progress after an event; `undefined` for pieces of text, which move no step on. */
export function progressAfter(before: JobProgress, event: StreamEvent): JobProgress | undefined {
  const now = { ...before, event };
  switch (event.type) {
    case "step_output":
      return undefined;
    case "step_progress":
      return event.phase === "output" ? undefined : now;
    case "run_started":
      return { ...now, stepCount: event.stepCount };
    case "step_started":
      return { ...now, state: "running", currentStepId: event.stepId };
    case "step_completed":
      return { ...now, currentStepId: undefined, completedSteps: [...before.completedSteps, event] };
    case "step_error":
      return { ...now, state: event.error.code === "CANCELLED" ? "cancelled" : "failed", currentStepId: undefined };
    case "flow_completed":
      return { ...now, state: "completed", currentStepId: undefined };
    default:
      return now;
  }
}

/** The progress after a poll. */
export function progressPolled(before: JobProgress, { state }: JobStatus): JobProgress {
  return { ...before, state, event: undefined };
}
