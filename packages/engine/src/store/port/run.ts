import type { RunEvent } from "../../events.ts";
import type { CaptureMode, JsonObject } from "../../flow/definition.ts";
import type { FlowRetention } from "./catalog.ts";
import type { WebhookTarget } from "./delivery.ts";

export const runStatuses = ["pending", "running", "paused", "completed", "failed", "cancelled", "stale"] as const;

export type RunStatus = (typeof runStatuses)[number];

const openStatuses: readonly RunStatus[] = ["pending", "running", "paused"];

/** Has a run of this status ended for good? Nothing is appended to its log any more. */
export function isOver(status: RunStatus): boolean {
  return !openStatuses.includes(status);
}

export type TriggerType = "execute" | "step" | "job" | "api" | "schedule";

/** What a run is from its creation on. Times are milliseconds since 1970. */
interface RunDetails {
  /** UUIDv7, lower case. */
  readonly id: string;
  readonly projectId: string;
  readonly flowId: string;
  /** The published version that runs; 0 is the draft as it was when the run was created. */
  readonly flowVersion: number;
  /** The definition that this run walks for its whole life; see `definition(hash)`. */
  readonly definitionHash: string;
  readonly trigger: TriggerType;
  readonly sessionId: string | null;
  readonly capture: CaptureMode;
  /** True when the caller asked for full snapshots of this run. */
  readonly traced: boolean;
  /** The flow's input, completed with its defaults. */
  readonly input: JsonObject;
  /** What else the caller sent and later attempts need (block overrides, earlier turns, tools …). */
  readonly options: JsonObject;
  /** From `lowestPriority` to `highestPriority`; higher ones are handed out first. */
  readonly priority: number;
  /** No worker is given the run before this. */
  readonly readyAt: number;
  readonly createdAt: number;
  /** The worker that holds the run; null when none does. */
  readonly owner: string | null;
}

/** Everything about a run but its log. */
export interface RunRecord extends RunDetails {
  readonly status: RunStatus;
  /** Fencing number of the current hold; a write with another one is refused. */
  readonly epoch: number;
  /** How often a worker vanished while it held the run. */
  readonly losses: number;
  readonly lastSeq: number;
  /** First time a worker held it. */
  readonly startedAt: number | null;
  /** Since when the run has been paused; null while it is not. */
  readonly pausedAt: number | null;
  readonly completedAt: number | null;
  /** Were inputs and outputs taken out of its log, 24 hours after its end? */
  readonly isPruned: boolean;
  /** The execution that it is a run of, and which; absent for runs that are none of any. */
  readonly execution?: { readonly id: string; readonly runNumber: number };
}

/** A run to be created; its flow and its definition are in the store already. With `owner` the run is born claimed (epoch 1) and `running`; without, it is `pending` and waits for a worker. */
export interface NewRun extends RunDetails {
  /** Scope: the project; remembered for 24 h by the store's clock. `requestHash` tells the same call from another one. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
  /** Who is to be told when the run is over; see `Delivery`. */
  readonly webhook?: WebhookTarget;
  /** Makes the run only if its project has fewer in work, in all processes. */
  readonly concurrentRuns?: number;
}

/** Source: contract §2, `priority` of a job. */
export const lowestPriority = -100;

export const highestPriority = 100;

/** How long an idempotency key names its run, in milliseconds. Source: contract §3. */
export const idempotencyMs = 24 * 60 * 60 * 1000;

/** How much longer a run keeps its payloads at most for a webhook that is still to be sent, in milliseconds: one that nobody can sign is never sent. */
export const heldForWebhookMs = 48 * 60 * 60 * 1000;

/** Which runs of a project to list, newest first. */
export interface RunQuery {
  readonly projectId: string;
  readonly flowId?: string;
  /** Absent: all. */
  readonly statuses?: readonly RunStatus[];
  /** Only runs older than this one: the id of the last run of the page before. */
  readonly before?: string;
  readonly limit: number;
}

/** Part of the store: runs, read, and dropped when their time is over. */
export interface RunStore {
  /** The run that the project's unexpired idempotency key names. */
  runByKey(projectId: string, key: string): Promise<RunRecord | undefined>;
  runs(query: RunQuery): Promise<readonly RunRecord[]>;
  /** The runs of a session, oldest first, whatever project they belong to. */
  sessionRuns(sessionId: string): Promise<readonly RunRecord[]>;
  /** Runs that have been paused since before `at`, longest first. */
  pausedBefore(at: number, limit: number): Promise<readonly RunRecord[]>;
  /** Runs that ended before `at` and still have payloads, though neither `traced` nor under capture `full`, and have no webhook to be sent (see `heldForWebhookMs`); oldest first. */
  prunable(at: number, limit: number): Promise<readonly RunRecord[]>;
  /** Puts `events`, which have the same seqs, in place of the run's log, drops its input and options, and marks it as pruned. Rejects for a run that is not over. */
  prune(runId: string, events: readonly RunEvent[]): Promise<void>;

  /** Every flow of the project, archived ones too, with the days for which its draft keeps its runs. */
  retentions(projectId: string): Promise<readonly FlowRetention[]>;
  /**
   * Deletes runs of the flow that ended before `at`, with all that is known of them, in one transaction: as many as have together at most
   * `maxEntries` entries in their logs, at most a hundred, at least one. Returns how many; 0 when none is left. Run ids must be in order of
   * creation, as UUIDv7 are.
   */
  forget(flowId: string, at: number, maxEntries: number): Promise<number>;
}
