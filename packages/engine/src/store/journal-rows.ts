import { isPositive } from "../decimal.ts";
import type { RunEvent } from "../events.ts";
import type { JsonObject } from "../flow/definition.ts";
import {
  highestPriority,
  type JournalEntry,
  lowestPriority,
  type NewExecutionRun,
  type NewRun,
  type RunStatus,
} from "./store.ts";

/** An entry's events as one JSON text: made once, then only copied. */
export interface EventBatch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastAt: number;
  readonly text: string;
}

/** A journal entry as a store writes it, what is JSON made text. `batch` is null when there are no events. */
export type JournalRow =
  | {
      readonly kind: "create";
      readonly run: Omit<NewRun, "input" | "options">;
      readonly input: string;
      readonly options: string;
      readonly batch: EventBatch | null;
      readonly execution: NewExecutionRun | null;
    }
  | {
      readonly kind: "append";
      readonly runId: string;
      readonly epoch: number;
      readonly batch: EventBatch | null;
      /** Null: stays as it is. */
      readonly status: RunStatus | null;
      /** A decimal string; null: nothing. */
      readonly chargeUsd: string | null;
      /** May the status of an execution follow from this? */
      readonly isOfExecution: boolean;
    }
  | {
      readonly kind: "seize";
      readonly runId: string;
      /** The one before the seizure. */
      readonly epoch: number;
      readonly batch: EventBatch | null;
      readonly status: RunStatus;
      /** Null unless `status` is `running`. */
      readonly owner: string | null;
      /** The most runs that its project may have in work; null: as many as it likes, or the run is not to run. */
      readonly concurrentRuns: number | null;
      readonly isOfExecution: boolean;
    }
  | { readonly kind: "refused"; readonly reason: string };

/** Far below what one SQLite value (10⁹ bytes) and one JavaScript string hold, far above every limit of a request. */
const maxTextLength = 64 * 1024 * 1024;

export function toJournalRow(entry: JournalEntry): JournalRow {
  try {
    switch (entry.kind) {
      case "create":
        return toCreateRow(entry);
      case "append":
        return toAppendRow(entry);
      case "seize":
        return toSeizeRow(entry);
    }
  } catch (error) {
    // A cycle, a bigint, a tree deeper than the stack: this entry's own fault, not its neighbours'.
    return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
  }
}

function toCreateRow(entry: JournalEntry & { readonly kind: "create" }): JournalRow {
  const { input, options, ...run } = entry.run;
  for (const value of [run.priority, run.readyAt, run.createdAt]) {
    if (!Number.isSafeInteger(value)) throw new Error(`a priority or time of ${value} is no whole number`);
  }
  if (run.priority < lowestPriority || run.priority > highestPriority)
    throw new Error(`a priority of ${run.priority} is not from ${lowestPriority} to ${highestPriority}`);
  const { execution = null } = entry;
  return {
    kind: "create",
    run,
    input: toText(input),
    options: toText(options),
    batch: toBatch(entry.events),
    execution,
  };
}

function toAppendRow(entry: JournalEntry & { readonly kind: "append" }): JournalRow {
  const { runId, epoch, chargeUsd = null, isOfExecution = false } = entry;
  const status = entry.release === true ? "pending" : (entry.status ?? null);
  const batch = toBatch(entry.events);
  if (chargeUsd !== null && (batch === null || !isPositive(chargeUsd)))
    throw new Error(`a charge of ${chargeUsd} comes without events that cost it`);
  return { kind: "append", runId, epoch, batch, status, chargeUsd, isOfExecution: isOfExecution && status !== null };
}

function toSeizeRow(entry: JournalEntry & { readonly kind: "seize" }): JournalRow {
  const { runId, epoch, events, status, owner, concurrentRuns: most = null, isOfExecution = false } = entry;
  if (status === "running" && owner === null) throw new Error(`run ${runId} cannot be running without an owner`);
  const holder = status === "running" ? owner : null;
  const concurrentRuns = status === "running" ? most : null;
  return { kind: "seize", runId, epoch, batch: toBatch(events), status, owner: holder, concurrentRuns, isOfExecution };
}

function toBatch(events: readonly RunEvent[]): EventBatch | null {
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined) return null;
  for (const [index, { seq }] of events.entries()) {
    if (seq !== first.seq + index)
      throw new Error(`event ${first.seq + index} is missing: the entry goes on with ${seq}`);
  }
  return { firstSeq: first.seq, lastSeq: last.seq, lastAt: last.at, text: toText(events) };
}

/** JSON with lone surrogates and NUL escaped, so that UTF-8 text in a database gives back what was written. */
function toText(value: JsonObject | readonly RunEvent[]): string {
  const text = JSON.stringify(value);
  if (text.length > maxTextLength)
    throw new Error(`${text.length} characters of JSON are more than the ${maxTextLength} that one entry may have`);
  return text;
}

/** Each event of a whole log as JSON, to be put in place of what is stored. Throws unless they are 1, 2, 3 … */
export function toEventTexts(events: readonly RunEvent[]): readonly string[] {
  return events.map((event, index) => {
    if (event.seq !== index + 1) throw new Error(`event ${index + 1} is missing: the log goes on with ${event.seq}`);
    return JSON.stringify(event);
  });
}

/** The events of whole log rows, those up to `cursor` dropped, at most `limit`. */
export function toEvents(texts: readonly string[], cursor: number, limit: number): readonly RunEvent[] {
  const events = texts.flatMap((text) => JSON.parse(text) as readonly RunEvent[]); // as: written by `toText` from events
  const isWanted = ({ seq }: RunEvent): boolean => seq > cursor && seq <= cursor + limit;
  return events.every(isWanted) ? events : events.filter(isWanted);
}

/** The object in a text that `toJournalRow` made. */
export function parseObject(text: string): JsonObject {
  return JSON.parse(text) as JsonObject; // as: written by `toText` from a JsonObject
}
