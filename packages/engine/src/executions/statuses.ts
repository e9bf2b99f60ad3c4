import { isOver, type RunStatus } from "../store/store.ts";

/** Where an execution stands. Source: `contract.md` §10. */
export const executionStatuses = [
  "queued",
  "running",
  "in_progress",
  "awaiting_input",
  "cancel_requested",
  "completed",
  "failed",
  "cancelled",
  "stale",
  "deleted",
] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** What the status of an execution is read from: how its latest run stands, and what was done to the execution itself. */
export interface ExecutionFacts {
  readonly run: RunStatus;
  /** Has a step of that run started? */
  readonly hasBegun: boolean;
  readonly isCancelRequested: boolean;
  /** Has an edited output made what the run came to out of date? */
  readonly isStale: boolean;
  readonly isDeleted: boolean;
}

/** The one place that decides how an execution stands. */
export function statusOf({ run, hasBegun, isCancelRequested, isStale, isDeleted }: ExecutionFacts): ExecutionStatus {
  if (isDeleted) return "deleted";
  if (isOver(run)) return isStale ? "stale" : endOf[run];
  if (isCancelRequested) return "cancel_requested";
  if (run === "paused") return "awaiting_input";
  if (hasBegun) return "in_progress";
  return run === "running" ? "running" : "queued";
}

/** What a run's end means; what of a run is not over has no end. */
const endOf: Readonly<Record<RunStatus, ExecutionStatus>> = {
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  stale: "stale",
  pending: "queued",
  running: "running",
  paused: "awaiting_input",
};

/** A new run under the execution: held at once where there is room. */
const again = ["queued", "running"] as const;

/** Every step that an execution may take from one status to the next. */
export const transitions: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  queued: ["running", "failed", "cancel_requested", "cancelled", "deleted"],
  // Back to `queued` when its worker stops or is lost before a step began; `completed` when every output was kept.
  running: ["queued", "in_progress", "completed", "failed", "cancel_requested", "cancelled", "deleted"],
  in_progress: ["awaiting_input", "completed", "failed", "cancel_requested", "cancelled", "stale", "deleted"],
  awaiting_input: ["in_progress", "failed", "cancel_requested", "cancelled", "deleted"],
  // It may come to its end before the wish reaches it.
  cancel_requested: ["cancelled", "completed", "failed", "deleted"],
  completed: ["stale", ...again, "deleted"],
  failed: ["stale", ...again, "deleted"],
  cancelled: ["stale", ...again, "deleted"],
  stale: [...again, "deleted"],
  deleted: [],
};

/** Has the execution come to rest? Nothing more happens to it unless somebody asks for that. */
export function isSettled(status: ExecutionStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled" || status === "deleted";
}
