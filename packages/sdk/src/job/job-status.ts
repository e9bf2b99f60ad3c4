import type { JobStatus as JobStatusAnswer, RunStatus } from "@noukai/core/schema";

/** Where a job stands. */
export interface JobStatus<Output = unknown> {
  readonly executionId: string;
  /** Four states, of which `completed` and `failed` are final. A cancelled job is `failed` here, a paused one `running`. */
  readonly status: "pending" | "running" | "completed" | "failed";
  /** The run's own status, which tells `cancelled` from `failed`. */
  readonly state: RunStatus;
  /** The last step's output, once completed. */
  readonly result: Output | undefined;
  /** Why it failed, for people. */
  readonly error: string | undefined;
}

const STATUSES: readonly unknown[] = ["pending", "running", "completed", "failed"];

/** Is the job over? */
export function isFinal({ status }: Pick<JobStatus, "status">): boolean {
  return status === "completed" || status === "failed";
}

/** Is this what the server says of a job? Something between us and the server may answer with JSON of its own. */
export function isJobStatus(answer: unknown): answer is JobStatusAnswer {
  return typeof answer === "object" && answer !== null && "status" in answer && STATUSES.includes(answer.status);
}

/** Reads a status. Older servers have no `state`, and tell a cancelled job by its error alone. */
export function readJobStatus({ executionId, status, state, ...answer }: JobStatusAnswer): JobStatus {
  const error = answer.error ?? undefined;
  const result = status === "completed" ? answer.result : undefined;
  const isCancelled = status === "failed" && error === "cancelled";
  return { executionId, status, state: state ?? (isCancelled ? "cancelled" : status), result, error };
}

/** A job that the server does not know yet. */
export function pendingJob(executionId: string): JobStatus {
  return { executionId, status: "pending", state: "pending", result: undefined, error: undefined };
}
