import type { ExecutionStatus } from "@noukai/core/schema";
import type { RequestOptions } from "../request-json.ts";
import type { ConnectionState } from "../stream-source.ts";
import type { ExecutionChange } from "./execution-shapes.ts";

/** What an execution is made of. */
export interface CreateExecutionOptions extends RequestOptions {
  /** The flow's UUID, not its slug. The flow must be published: its production version runs, or else the newest. */
  readonly flowId: string;
  /** Checked against the flow's input schema, and completed with its defaults. */
  readonly input: object;
  /** An https address that is told, signed, how each run of the execution ends: at least once. */
  readonly webhookUrl?: string | undefined;
  /** Calls with the same key within 24 hours make one execution. Default: a fresh key per call, so that retries are safe. */
  readonly idempotencyKey?: string | undefined;
}

/** Which executions of a flow, and how many at a time. */
export interface ListExecutionsOptions extends RequestOptions {
  /** The flow's UUID, not its slug. */
  readonly flowId: string;
  /** Only executions that stand so. */
  readonly status?: ExecutionStatus | readonly ExecutionStatus[] | undefined;
  /** No executions that stand so. */
  readonly statusExclude?: ExecutionStatus | readonly ExecutionStatus[] | undefined;
  /**
   * Default `"createdAt"`, in which order new executions shift nothing. An execution that changes while pages sorted by `"updatedAt"` are gone
   * through moves among them: it may be met twice, or not at all.
   */
  readonly sortField?: "createdAt" | "updatedAt" | undefined;
  /** Default `"desc"`, the newest first. */
  readonly sortDirection?: "asc" | "desc" | undefined;
  /** Executions per page, 1 to 1000. Default: the server's, 10. */
  readonly pageSize?: number | undefined;
  /** Which page to begin with, from 1. */
  readonly page?: number | undefined;
  /** A page's `nextFrom`, to go on behind it. */
  readonly startFromExecutionId?: string | undefined;
  /** A moment; text is ISO 8601. */
  readonly createdAfter?: Date | string | undefined;
  readonly createdBefore?: Date | string | undefined;
  readonly updatedAfter?: Date | string | undefined;
  readonly updatedBefore?: Date | string | undefined;
  /** Whether to tell `runNumber`. Default `false`. */
  readonly includeRunNumber?: boolean | undefined;
}

/** What to tell of an execution. */
export interface GetExecutionOptions extends RequestOptions {
  /** Whether to tell `runNumber`. Default `false`. */
  readonly includeRunNumber?: boolean | undefined;
}

/** What to run again. */
export interface ReexecuteOptions extends RequestOptions {
  /** Runs only what is out of date or has no output, on the version that the execution has. Default `false`: everything, on the newest version. */
  readonly onlyStale?: boolean | undefined;
  /** Calls with the same key within 24 hours make one run. Default: a fresh key per call, so that retries are safe. */
  readonly idempotencyKey?: string | undefined;
}

/** What an edit brings about. */
export interface EditOutputOptions extends RequestOptions {
  /**
   * Runs what becomes out of date at once. Default `false`. Such a call is not repeated after a lost connection, as it may have run; to be
   * safe, edit without it and call `reexecute({ onlyStale: true })`.
   */
  readonly executeFlow?: boolean | undefined;
}

/** How changes are watched. */
export interface ExecutionEventsOptions {
  /** The `cursor` of the last change seen. Default: from the first one on. */
  readonly after?: string | undefined;
  /** Ends the watching at once, with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Told each state of the connection. What it throws is ignored. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** How the changes of all executions are watched. */
export interface ExecutionChangesOptions extends ExecutionEventsOptions {
  /** The `cursor` of the last change seen. Default: what changes from now on. */
  readonly after?: string | undefined;
  /** Only executions of this flow: its UUID. Default: of every flow that the key opens. */
  readonly flowId?: string | undefined;
  /** What opens sockets, such as that of the `ws` package on Node 20. Default: the runtime's own. */
  readonly webSocket?: typeof WebSocket | undefined;
}

/** Options of `wait` and `result`. */
export interface ExecutionWaitOptions {
  /** Milliseconds to wait at most; `Infinity` for no limit. Default 300 000. The execution goes on. */
  readonly timeout?: number | undefined;
  /** Milliseconds between two questions, where the execution cannot be watched. Default 2 000. */
  readonly pollInterval?: number | undefined;
  /** Ends the waiting, not the execution. */
  readonly signal?: AbortSignal | undefined;
  /** Told each change that is waited through. What it throws ends the waiting. */
  readonly onChange?: ((change: ExecutionChange) => void) | undefined;
}
