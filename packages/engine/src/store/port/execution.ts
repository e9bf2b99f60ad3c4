import type { OutputEdit, OutputEdits } from "../../executions/edits.ts";
import type { ExecutionStatus } from "../../executions/statuses.ts";
import type { JsonObject } from "../../flow/definition.ts";

/** An execution: one id over one or more runs. Times are milliseconds since 1970. */
export interface ExecutionRecord {
  readonly id: string;
  readonly projectId: string;
  readonly flowId: string;
  readonly status: ExecutionStatus;
  /** Its latest run, from 1; the id of the first is the execution's. */
  readonly runId: string;
  readonly runNumber: number;
  /** Of that run. */
  readonly flowVersion: number;
  readonly input: JsonObject;
  /** Outputs that were put in place of those of that run. */
  readonly edits: OutputEdits;
  readonly webhookUrl: string | null;
  readonly createdAt: number;
  /** When its status, or an output of it, last changed. */
  readonly updatedAt: number;
  readonly modifiedBy: string;
  /** Since when it is hidden; null when it is not. */
  readonly deletedAt: number | null;
}

/** Which executions of a flow to list; those that were deleted are left out. */
export interface ExecutionQuery {
  readonly flowId: string;
  readonly statuses: readonly ExecutionStatus[];
  readonly sortField: "createdAt" | "updatedAt";
  readonly isDescending: boolean;
  /** The list begins behind this execution, in its order. */
  readonly behind?: string;
  readonly offset: number;
  readonly limit: number;
  /** Bounds that are not part of what they bound. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
}

/** What is done to an execution itself. */
export type ExecutionCommand =
  | { readonly kind: "delete" }
  /** Does nothing once the latest run is over. */
  | { readonly kind: "requestCancel" }
  /** `isStale`: what the run came to is out of date by it. A conflict unless `runId` is the latest run, and over, with its payloads. */
  | {
      readonly kind: "edit";
      readonly runId: string;
      readonly stepId: string;
      readonly edit: Omit<OutputEdit, "at">;
      readonly isStale: boolean;
    };

/** What became of a command; undefined: there is no such execution, or it was deleted. */
export type ExecutionOutcome =
  | { readonly outcome: "done" | "conflict"; readonly execution: ExecutionRecord }
  | undefined;

/** An execution came to another status. */
export interface ExecutionChange {
  /** Its place among all changes; see `isChangeCursor`. */
  readonly cursor: string;
  readonly executionId: string;
  readonly projectId: string;
  readonly flowId: string;
  readonly status: ExecutionStatus;
  readonly runNumber: number;
  readonly at: number;
}

/** Which changes to read, in order. */
export interface ExecutionChangeQuery {
  readonly projectIds: readonly string[];
  readonly executionId?: string;
  /** The last one that was seen; `firstChange` for none. */
  readonly after: string;
  readonly limit: number;
}

/** Stands before all changes. */
export const firstChange = "0-0";

const changeCursorForm = /^(0|[1-9]\d{0,18})-(0|[1-9]\d{0,15})$/;

/** Has `text` the form of a change's cursor? */
export function isChangeCursor(text: string): boolean {
  return changeCursorForm.test(text);
}

/** Part of the store: executions, and what became of them. */
export interface ExecutionStore {
  /** Deleted ones too. */
  execution(executionId: string): Promise<ExecutionRecord | undefined>;
  executions(query: ExecutionQuery): Promise<readonly ExecutionRecord[]>;
  /** `by` is who wants it. */
  commandExecution(executionId: string, by: string, command: ExecutionCommand): Promise<ExecutionOutcome>;
  /** Changes of executions' statuses in the order in which they were made, each once. */
  executionChanges(query: ExecutionChangeQuery): Promise<readonly ExecutionChange[]>;
  /** Behind every change that can be read now. */
  latestChange(): Promise<string>;
  /** Resolves at the next change of an execution's status, or when `signal` aborts. A hint. */
  executionsChanged(signal: AbortSignal): Promise<void>;
  /** Runs that somebody wants cancelled, themselves or as their execution's; at most `limit` of each. */
  runsToCancel(limit: number): Promise<readonly { readonly projectId: string; readonly runId: string }[]>;
}
