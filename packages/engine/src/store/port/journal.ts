import type { RunEvent } from "../../events.ts";
import type { NewRun, RunRecord, RunStatus } from "./run.ts";

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
      /** To be `running`, only if its project has fewer in work, in all processes. */
      readonly concurrentRuns?: number;
      /** As in an append. */
      readonly isOfExecution?: boolean;
    };

/** May the entry's project have one run fewer in work once it is written? */
export function endsHold(entry: JournalEntry): boolean {
  if (entry.kind !== "append") return false;
  return entry.release === true || (entry.status !== undefined && entry.status !== "running");
}

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

/** What became of one entry; a bad entry refuses only itself. */
export type AppendOutcome =
  | { readonly outcome: "written" }
  /** create: the project's idempotency key is taken by `runId`; `sameRequest` tells whether by the same call. Nothing was written. */
  | { readonly outcome: "duplicate"; readonly runId: string; readonly sameRequest: boolean }
  /** create, seize: the project has as many runs in work as `concurrentRuns`. Nothing was written. */
  | { readonly outcome: "noRoom"; readonly runsInWork: number }
  /** append, seize: the run is under another epoch, or is over; seize: someone holds it. Nothing was written. */
  | { readonly outcome: "staleEpoch" }
  /** The entry contradicts what is stored (a gap, an unknown run, flow or definition) or is no JSON. Nothing was written. */
  | { readonly outcome: "refused"; readonly reason: string };

/** Part of the store: what runs write, and their logs. */
export interface LogStore {
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
}
