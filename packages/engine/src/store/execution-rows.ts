import type { OutputEdits } from "../executions/edits.ts";
import { type ExecutionFacts, type ExecutionStatus, statusOf } from "../executions/statuses.ts";
import { parseObject } from "./journal-rows.ts";
import type { ExecutionRecord, RunStatus } from "./store.ts";

/** An execution as it comes back: what is JSON in the database still is. */
export interface ExecutionRow extends Omit<ExecutionRecord, "input" | "edits"> {
  readonly input: string;
  readonly edits: string;
}

export function toExecutionRecord({ input, edits, ...row }: ExecutionRow): ExecutionRecord {
  return { ...row, input: parseObject(input), edits: parseEdits(edits) };
}

export function parseEdits(text: string): OutputEdits {
  return JSON.parse(text) as OutputEdits; // as: every store writes what `withEdit` gave
}

/** What an execution's status is read from, beside what is known of itself; a database without booleans gives 0 and 1. */
export interface FactRow {
  readonly run: RunStatus;
  readonly hasBegun: boolean | number;
  readonly isStale: boolean | number;
  readonly isCancelRequested: boolean | number;
  readonly status: ExecutionStatus;
}

/** The status that follows from the facts; undefined when it is the one that is stored. */
export function movedStatus({ status, ...row }: FactRow): ExecutionStatus | undefined {
  const facts: ExecutionFacts = {
    run: row.run,
    hasBegun: Boolean(row.hasBegun),
    isStale: Boolean(row.isStale),
    isCancelRequested: Boolean(row.isCancelRequested),
    isDeleted: status === "deleted",
  };
  const moved = statusOf(facts);
  return moved === status ? undefined : moved;
}

/** How an execution stands when a run of it was just created. */
export function openingStatus(isHeld: boolean): ExecutionStatus {
  const run = isHeld ? "running" : "pending";
  return statusOf({ run, hasBegun: false, isCancelRequested: false, isStale: false, isDeleted: false });
}
