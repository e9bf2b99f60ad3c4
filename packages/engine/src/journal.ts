import { StoreUnavailableError } from "./errors.ts";
import type { AppendOutcome, JournalEntry, Store } from "./store/store.ts";

/** Ceiling of one flush: past it, what waits would wait longer for the bytes than for another sync. */
const maxFlushEntries = 1_024;
const maxFlushBytes = 8 * 1024 * 1024;

/** First pause before a flush without an answer is asked again, and the longest one, in milliseconds. */
const firstPauseMs = 10;
const longestPauseMs = 1_000;

export interface JournalOptions {
  /** How long a flush without an answer is asked again before its entries are given up, in milliseconds. Default 30 000. */
  readonly retryForMs?: number;
  /** Default: the system's monotonic clock, in milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Natural group commit: entries that arrive while a flush is under way go out together when it returns, never on a timer.
 *
 * A caller may assume: an outcome comes after the commit that holds the entry; entries of one run are written in the order in which they were
 * appended; a bad entry refuses only itself. A rejection with `StoreUnavailableError` means that nothing is known: the entry may be in the
 * log. Entries of the run that were appended after it are then refused for the gap, or written if it was.
 */
export interface Journal {
  append(entry: JournalEntry): Promise<AppendOutcome>;
  /** Resolves once nothing waits and nothing is under way. */
  idle(): Promise<void>;
}

interface PendingEntry {
  readonly entry: JournalEntry;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export function createJournal(store: Pick<Store, "append">, options: JournalOptions = {}): Journal {
  const queue: PendingEntry[] = [];
  let flushing: Promise<void> | undefined;

  async function flushAll(): Promise<void> {
    while (queue.length > 0) {
      await endOfTick();
      await flush(queue.splice(0, countForFlush(queue)));
    }
    flushing = undefined;
  }

  async function flush(batch: readonly PendingEntry[]): Promise<void> {
    try {
      const outcomes = await appendUntilAnswered(
        store,
        batch.map(({ entry }) => entry),
        options,
      );
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined)
          reject(new Error(`The store gave ${outcomes.length} outcomes for ${batch.length} entries.`));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    append: (entry) =>
      new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject });
        flushing ??= flushAll();
      }),
    idle: () => flushing ?? Promise.resolve(),
  };
}

/** Whatever else this turn of the event loop appends joins the flush: the runs that the last one woke, requests read from other sockets. */
function endOfTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Asks with the same entries in the same order: the store knows those it has. */
async function appendUntilAnswered(
  store: Pick<Store, "append">,
  entries: readonly JournalEntry[],
  { retryForMs = 30_000, now = () => performance.now(), sleep = pause }: JournalOptions,
): Promise<readonly AppendOutcome[]> {
  const giveUpAt = now() + retryForMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await store.append(entries);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || now() + pauseMs > giveUpAt) throw error;
      await sleep(pauseMs);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** How many entries from the front fit into one flush; at least one. */
function countForFlush(queue: readonly PendingEntry[]): number {
  let bytes = 0;
  let count = 0;
  for (const { entry } of queue) {
    bytes += roughSize(entry.events);
    if (entry.kind === "create") bytes += roughSize(entry.run.input) + roughSize(entry.run.options);
    if (count > 0 && (count === maxFlushEntries || bytes > maxFlushBytes)) break;
    count++;
  }
  return count;
}

/**
 * About as many characters as the JSON has; cheap, because it runs for every entry. Stops counting above a flush, and so comes to an end
 * with cycles too, and does not descend into the stack: what is no JSON is the store's to refuse.
 */
function roughSize(root: object): number {
  const open = [root];
  let size = 0;
  for (let holder = open.pop(); holder !== undefined && size <= maxFlushBytes; holder = open.pop()) {
    const members: readonly unknown[] = Array.isArray(holder) ? holder : Object.values(holder);
    for (const member of members) {
      size += typeof member === "string" ? 8 + member.length : 8;
      if (typeof member === "object" && member !== null) open.push(member);
    }
  }
  return size;
}
