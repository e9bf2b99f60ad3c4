import type { OutputEdit, OutputEdits } from "../executions/edits.ts";
import type { ExecutionStatus } from "../executions/statuses.ts";
import type { PartialOutput, RunEvent } from "../events.ts";
import type { CaptureMode, JsonObject } from "../flow/definition.ts";
import type { ProjectSettings } from "../flow/project.ts";

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
  /** The execution that it is a run of, and which; absent for runs that are none of any. */
  readonly execution?: { readonly id: string; readonly runNumber: number };
}

/** A run to be created; its flow and its definition are in the store already. With `owner` the run is born claimed (epoch 1) and `running`; without, it is `pending` and waits for a worker. */
export interface NewRun extends RunDetails {
  /** Scope: the project; remembered for 24 h by the store's clock. `requestHash` tells the same call from another one. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
  /** Who is to be told when the run is over; see `Delivery`. */
  readonly webhook?: WebhookTarget;
}

export interface WebhookTarget {
  readonly url: string;
  /** Name and port in the URL: what one receiver may take up is bounded by it. */
  readonly host: string;
}

/** One run's share of a commit. */
export type JournalEntry =
  | {
      readonly kind: "create";
      readonly run: NewRun;
      readonly events: readonly RunEvent[];
      /** Makes the run one of an execution: makes that with its first run, and is refused for a later one unless the run before it is over. */
      readonly execution?: NewExecutionRun;
    }
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
      /** What the events cost that was not charged before: taken from the project's credits in the same transaction, and so never twice. A decimal string above 0. */
      readonly chargeUsd?: string;
      /** Gives the run back: no owner, `pending`, ready for any worker. Not counted as a loss. Wins over `status`. */
      readonly release?: true;
      /** The run is one of an execution, whose status follows. */
      readonly isOfExecution?: boolean;
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
      /** As in an append. */
      readonly isOfExecution?: boolean;
    };

/** The place of a new run in its execution. */
export interface NewExecutionRun {
  readonly id: string;
  /** 1 for the run that the execution begins with. */
  readonly runNumber: number;
  /** Who asked for it. */
  readonly modifiedBy: string;
  /** Kept from the first run on. */
  readonly webhookUrl: string | null;
}

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

/** How long an idempotency key names its run, in milliseconds. Source: contract §3. */
export const idempotencyMs = 24 * 60 * 60 * 1000;

/** How much longer a run keeps its payloads at most for a webhook that is still to be sent, in milliseconds: one that nobody can sign is never sent. */
export const heldForWebhookMs = 48 * 60 * 60 * 1000;

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
  /** What its `project.yaml` says, without the secret in it. */
  readonly settings: StoredSettings;
}

/** Secrets stay in the file and in memory: no row holds one. */
export type StoredSettings = Omit<ProjectSettings, "$schema" | "webhookSecret">;

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
  /** How long its runs are kept by its draft, in days; null when the draft leaves that to the project. */
  readonly retentionDays: number | null;
  /** The newest published version; 0 when there is none. */
  readonly latestVersion: number;
  readonly productionVersion: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when the flow is hidden; null when it is not. */
  readonly archivedAt: number | null;
}

/** How long a flow's runs are kept. */
export interface FlowRetention {
  readonly flowId: string;
  /** Null when the draft leaves it to the project. */
  readonly days: number | null;
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
  /** Opens every project of its project's organisation. */
  readonly opensOrganisation?: true;
}

/** What a project may spend on its runs. Amounts are exact decimal strings of US dollars. */
export interface CreditAccount {
  /** What is left; null: there is no bound. Below zero where the last steps cost more than was left. */
  readonly balanceUsd: string | null;
  /** What all runs have cost so far. */
  readonly spentUsd: string;
}

/** What became of credits that were added. */
export type GrantOutcome =
  /** `account` is the one behind it, or behind an equal grant that was made before. */
  | { readonly outcome: "granted"; readonly account: CreditAccount }
  /** The key names a grant of another amount. */
  | { readonly outcome: "keyReused" }
  /** There is no balance to add to. */
  | { readonly outcome: "unlimited" };

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

/**
 * A webhook in the hands of one process. It is made with its run, falls due in the transaction that ends the run, and is gone once it is
 * delivered; one that is given up stays, and is never handed out again.
 */
export interface Delivery extends WebhookTarget {
  readonly runId: string;
  readonly projectId: string;
  /** From 1; each hand-out is one more. Whoever settles another one than the latest changes nothing. */
  readonly attempt: number;
}

/** Which webhooks to hand out. */
export interface DeliveryQuery {
  /** Only of these projects. */
  readonly projectIds: readonly string[];
  /** None that goes to these. */
  readonly exceptHosts: readonly string[];
  readonly limit: number;
  /** Whoever has not settled a webhook within so many milliseconds has lost it: it is due again. */
  readonly leaseMs: number;
}

/** What came of an attempt; `retryInMs` counts from now, by the store's clock. */
export type DeliveryEnd =
  | { readonly end: "delivered" }
  | { readonly end: "givenUp" }
  | { readonly end: "failed"; readonly retryInMs: number };

/** A piece of the text that a step in flight has written. */
export interface PartialChunk extends Omit<PartialOutput, "type" | "parentStepId"> {
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
  /** Forgets the texts of each step in its pass that began no later than `afterSeq`: a later hold of the run may write on. */
  drop(texts: readonly Pick<PartialChunk, "runId" | "stepId" | "loopPath" | "afterSeq">[]): Promise<void>;
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
  /** Runs that ended before `at` and still have payloads, though neither `traced` nor under capture `full`, and have no webhook to be sent (see `heldForWebhookMs`); oldest first. */
  prunable(at: number, limit: number): Promise<readonly RunRecord[]>;
  /** Puts `events`, which have the same seqs, in place of the run's log, drops its input and options, and marks it as pruned. Rejects for a run that is not over. */
  prune(runId: string, events: readonly RunEvent[]): Promise<void>;

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
  /** Runs whose execution is asked to be cancelled, at most `limit`. */
  runsToCancel(limit: number): Promise<readonly { readonly projectId: string; readonly runId: string }[]>;

  /** Every flow of the project, archived ones too, with the days for which its draft keeps its runs. */
  retentions(projectId: string): Promise<readonly FlowRetention[]>;
  /**
   * Deletes runs of the flow that ended before `at`, with all that is known of them, in one transaction: as many as have together at most
   * `maxEntries` entries in their logs, at most a hundred, at least one. Returns how many; 0 when none is left. Run ids must be in order of
   * creation, as UUIDv7 are.
   */
  forget(flowId: string, at: number, maxEntries: number): Promise<number>;

  /** Takes at most `limit` pending runs whose time has come for `worker`, by priority, then by `readyAt`, then in order of arrival, each under a new epoch, and returns them as they are now. */
  claim(worker: string, limit: number): Promise<readonly RunRecord[]>;
  /** When the next pending run whose time has not come will be ready, by the store's clock. */
  nextReadyAt(): Promise<number | undefined>;
  /** Resolves when a run may have become claimable, or when `signal` aborts. A hint. */
  claimable(signal: AbortSignal): Promise<void>;
  /** Makes every running run whose worker is gone pending again and counts the loss. Returns how many. */
  recover(): Promise<number>;

  /** Hands out webhooks that are due, longest first, each to one caller at a time. */
  claimDeliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** False, and nothing is written, when the webhook was handed out again since. */
  settleDelivery(delivery: Pick<Delivery, "runId" | "attempt">, end: DeliveryEnd): Promise<boolean>;

  /** The definition of that hash. */
  definition(hash: string): Promise<string | undefined>;
  /** Finds or makes the project. Slugs are taken as checked. */
  ensureProject(org: string, slug: string): Promise<Project>;
  project(org: string, slug: string): Promise<Project | undefined>;
  projectById(id: string): Promise<Project | undefined>;
  projects(): Promise<readonly Project[]>;
  /** Puts these in place of the project's settings. Does nothing when there is no such project. */
  saveSettings(projectId: string, settings: StoredSettings): Promise<void>;

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
    readonly retentionDays: number | null;
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

  /**
   * Rejects when another key has this id. False, and nothing is written, when the project has `most` keys already that are neither revoked nor
   * expired at `at`, whoever else makes one at the same moment.
   */
  saveKey(key: ApiKeyRecord, limit?: { readonly most: number; readonly at: number }): Promise<boolean>;
  key(id: string): Promise<ApiKeyRecord | undefined>;
  /** Revoked ones too, oldest first. */
  keys(projectId: string): Promise<readonly ApiKeyRecord[]>;
  /** The first revocation stays. Does nothing when there is no such key. */
  revokeKey(id: string, at: number): Promise<void>;

  /** Of a project that nobody ever set a balance for: no bound. */
  credits(projectId: string): Promise<CreditAccount>;
  /** Puts `balanceUsd` in place of what is left; null takes the bound away. */
  setCredits(projectId: string, balanceUsd: string | null): Promise<CreditAccount>;
  /** Adds to what is left, once for each `key` of the project. */
  addCredits(
    projectId: string,
    grant: { readonly key: string; readonly amountUsd: string; readonly at: number },
  ): Promise<GrantOutcome>;
  /**
   * What the project's file grants in all. The balance moves by the difference to what the file said before, and begins with the amount where
   * there was no bound; null, after an amount, takes the bound away. The same amount again changes nothing.
   */
  grantFromFile(projectId: string, amountUsd: string | null): Promise<CreditAccount>;

  /** Absent where no other process can read this store. */
  readonly partials?: PartialStore;

  /** Can the store take a write now? Rejects when it cannot. */
  ping(): Promise<void>;
  /** Waits for what is under way, wakes whoever waits for a change, and lets go of files, locks and connections. Idempotent. */
  close(): Promise<void>;
}
