import type { PartialOutput, RunEvent } from "../events.ts";
import type { CaptureMode, JsonObject } from "../flow/definition.ts";

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
  /** Higher ones are handed out first. */
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
}

/** A run to be created; its flow and its definition are in the store already. With `owner` the run is born claimed (epoch 1) and `running`; without, it is `pending` and waits for a worker. */
export interface NewRun extends RunDetails {
  /** Scope: the project; remembered for 24 h by the store's clock. `requestHash` tells the same call from another one. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
}

/** One run's share of a commit. */
export type JournalEntry =
  | { readonly kind: "create"; readonly run: NewRun; readonly events: readonly RunEvent[] }
  | {
      readonly kind: "append";
      readonly runId: string;
      readonly epoch: number;
      /** Consecutive, the first one `lastSeq + 1`. May be empty when only the status moves. */
      readonly events: readonly RunEvent[];
      /**
       * The run's status from here on. One that is over also ends the hold and sets `completedAt` (the last event's `at`, without
       * events the store's clock); `paused` ends the hold and sets `pausedAt` likewise; `pending` gives the run back.
       */
      readonly status?: RunStatus;
      /** Gives the run back: no owner, `pending`, ready for any worker. Not counted as a loss. Wins over `status`. */
      readonly release?: true;
    }
  | {
      /**
       * Takes a run that nobody holds, `pending` or `paused`, from `epoch` to `epoch + 1`: to resume, cancel or expire it. Equal events of
       * the same owner cannot be told from the same entry written twice, so that a process seizes a run once at a time.
       */
      readonly kind: "seize";
      readonly runId: string;
      readonly epoch: number;
      /** Consecutive, the first one `lastSeq + 1`. */
      readonly events: readonly RunEvent[];
      /** `running` needs an `owner`; `pending` is handed out like any other. */
      readonly status: RunStatus;
      readonly owner: string | null;
    };

/** How long an idempotency key names its run, in milliseconds. Source: contract §3. */
export const idempotencyMs = 24 * 60 * 60 * 1000;

/** What became of one entry; a bad entry refuses only itself. */
export type AppendOutcome =
  | { readonly outcome: "written" }
  /** create: the project's idempotency key is taken by `runId`; `sameRequest` tells whether by the same call. Nothing was written. */
  | { readonly outcome: "duplicate"; readonly runId: string; readonly sameRequest: boolean }
  /** append, seize: the run is under another epoch, or is over; seize: someone holds it. Nothing was written. */
  | { readonly outcome: "staleEpoch" }
  /** The entry contradicts what is stored (a gap, an unknown run, flow or definition) or is no JSON. Nothing was written. */
  | { readonly outcome: "refused"; readonly reason: string };

export interface Project {
  readonly id: string;
  readonly org: string;
  readonly slug: string;
}

export interface FlowRecord {
  /** UUID. */
  readonly id: string;
  readonly projectId: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly draftHash: string;
  /** Hash of the definition that was last loaded from a file; tells a draft edited through the API from one that a file owns. */
  readonly loadedHash: string | null;
  /** The newest published version; 0 when there is none. */
  readonly latestVersion: number;
  readonly productionVersion: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when the flow is hidden; null when it is not. */
  readonly archivedAt: number | null;
}

export interface FlowVersion {
  readonly flowId: string;
  /** From 1. */
  readonly version: number;
  readonly definitionHash: string;
  readonly note: string | null;
  readonly createdAt: number;
}

/** A definition as text, named by what it says: `hash` is the hex SHA-256 of `text`. Text, because key order carries meaning. */
export interface StoredDefinition {
  readonly hash: string;
  readonly text: string;
}

export interface ApiKeyRecord {
  /** The 8 public characters. */
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly mode: "live" | "test";
  /** Hex SHA-256 of the whole key. The key itself is never stored. */
  readonly secretHash: string;
  /** What the key may do: `run`, `trace:read`, `flow:write`, `flow:promote`, `key:write`, `admin`. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Null: it does not expire by itself. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

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

/** A piece of the text that a step in flight has written. */
export interface PartialChunk extends Omit<PartialOutput, "type"> {
  readonly runId: string;
  /** Where the run's log ended when this text began: not before the event that opened the step, its attempt or its round. */
  readonly afterSeq: number;
}

/**
 * A port: text of steps in flight, for readers in other processes. Not the log: nothing here needs to outlive its step, and all of it may
 * be lost with the database. Every promise may reject with `StoreUnavailableError`.
 */
export interface PartialStore {
  /** A chunk of the same text at the same offset is replaced. */
  append(chunks: readonly PartialChunk[]): Promise<void>;
  /** Of each text all that there is from its beginning, as one chunk at offset 0. Texts of attempts that are over may be among them; the log tells. */
  read(runId: string): Promise<readonly PartialChunk[]>;
  /** Forgets the steps' texts that began no later than `afterSeq`: a later hold of the run may write on. */
  drop(texts: readonly Pick<PartialChunk, "runId" | "stepId" | "afterSeq">[]): Promise<void>;
  /** Resolves at the next chunk of the run, or when `signal` aborts. A hint. */
  changed(runId: string, signal: AbortSignal): Promise<void>;
}

/**
 * A port: where runs, logs, flows and keys live. All methods are safe to call again after a lost answer.
 * Every promise may reject with `StoreUnavailableError`; then nothing is known about whether the write happened.
 */
export interface Store {
  /**
   * Writes all entries in one durable transaction and gives one outcome per entry, in order.
   * An entry that was written before counts as `written`, whatever happened to the run since: the same events under the same epoch;
   * the same status under the same epoch when there are no events; the same run id for a create.
   */
  append(entries: readonly JournalEntry[]): Promise<readonly AppendOutcome[]>;
  /** The run's events after `cursor`, oldest first, at most `limit`. */
  eventsAfter(runId: string, cursor: number, limit: number): Promise<readonly RunEvent[]>;
  /** Resolves at the next append to the run, or when `signal` aborts. A hint: read again, trust nothing. */
  changed(runId: string, signal: AbortSignal): Promise<void>;
  run(runId: string): Promise<RunRecord | undefined>;

  /** The run that the project's unexpired idempotency key names. */
  runByKey(projectId: string, key: string): Promise<RunRecord | undefined>;
  runs(query: RunQuery): Promise<readonly RunRecord[]>;
  /** The runs of a session, oldest first, whatever project they belong to. */
  sessionRuns(sessionId: string): Promise<readonly RunRecord[]>;
  /** Runs that have been paused since before `at`, longest first. */
  pausedBefore(at: number, limit: number): Promise<readonly RunRecord[]>;
  /** Runs that ended before `at` and still have payloads, though neither `traced` nor under capture `full`; oldest first. (Nothing is redacted yet, so that `redacted` keeps nothing.) */
  prunable(at: number, limit: number): Promise<readonly RunRecord[]>;
  /** Puts `events`, which have the same seqs, in place of the run's log, drops its input and options, and marks it as pruned. Rejects for a run that is not over. */
  prune(runId: string, events: readonly RunEvent[]): Promise<void>;

  /** Takes at most `limit` pending runs whose time has come for `worker`, by priority, then by `readyAt`, then in order of arrival, each under a new epoch, and returns them as they are now. */
  claim(worker: string, limit: number): Promise<readonly RunRecord[]>;
  /** When the next pending run whose time has not come will be ready, by the store's clock. */
  nextReadyAt(): Promise<number | undefined>;
  /** Resolves when a run may have become claimable, or when `signal` aborts. A hint. */
  claimable(signal: AbortSignal): Promise<void>;
  /** Makes every running run whose worker is gone pending again and counts the loss. Returns how many. */
  recover(): Promise<number>;

  /** The definition of that hash. */
  definition(hash: string): Promise<string | undefined>;
  /** Finds or makes the project. Slugs are taken as checked. */
  ensureProject(org: string, slug: string): Promise<Project>;
  project(org: string, slug: string): Promise<Project | undefined>;
  projectById(id: string): Promise<Project | undefined>;
  projects(): Promise<readonly Project[]>;

  /** Also when it is archived. */
  flow(projectId: string, slug: string): Promise<FlowRecord | undefined>;
  /** Also when it is archived. */
  flowById(flowId: string): Promise<FlowRecord | undefined>;
  /** Flows that are not archived, by slug. */
  flows(projectId: string): Promise<readonly FlowRecord[]>;
  /** Makes the flow when there is none, else replaces its draft; an archived flow comes back. `fromFile` marks the draft as owned by a file. */
  saveDraft(draft: {
    readonly projectId: string;
    readonly slug: string;
    readonly name: string;
    readonly description: string | null;
    readonly definition: StoredDefinition;
    readonly fromFile: boolean;
    readonly at: number;
  }): Promise<FlowRecord>;
  /** Freezes the draft as the next version. The call that made the newest version, made again, gives that version. */
  publish(flowId: string, note: string | null, at: number): Promise<FlowVersion>;
  /** Oldest first. */
  versions(flowId: string): Promise<readonly FlowVersion[]>;
  version(flowId: string, version: number): Promise<FlowVersion | undefined>;
  /** Points production at a version that exists. False when it does not. */
  promote(flowId: string, version: number, at: number): Promise<boolean>;
  /** Hides the flow; its runs and versions stay. Idempotent. */
  archive(flowId: string, at: number): Promise<void>;

  /** Rejects when another key has this id. */
  saveKey(key: ApiKeyRecord): Promise<void>;
  key(id: string): Promise<ApiKeyRecord | undefined>;
  /** Revoked ones too, oldest first. */
  keys(projectId: string): Promise<readonly ApiKeyRecord[]>;
  /** The first revocation stays. Does nothing when there is no such key. */
  revokeKey(id: string, at: number): Promise<void>;

  /** Absent where no other process can read this store. */
  readonly partials?: PartialStore;

  /** Can the store take a write now? Rejects when it cannot. */
  ping(): Promise<void>;
  /** Waits for what is under way, wakes whoever waits for a change, and lets go of files, locks and connections. Idempotent. */
  close(): Promise<void>;
}
