import type { Store } from "./store/store.ts";

export interface RetentionOptions {
  readonly store: Pick<Store, "projects" | "retentions" | "forget" | "nodes">;
  readonly now: () => number;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: { readonly error: unknown }) => void;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Time between two looks for runs that are older than their flow keeps them, in milliseconds. */
const lookEveryMs = 60 * 60 * 1000;

/** Entries of logs that one transaction deletes, and the time that writers have to themselves behind it, in milliseconds: measured at 1 to 3 ms for the first. */
const batchEntries = 300;
const restMs = 10;

/** Deletes runs that are older than their flow keeps them, now and every hour; of several processes one does it. Ends when `signal` aborts. */
export async function keepRetention(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (options.store.nodes?.isFirst() ?? true) {
      await forgetOldRuns(options, signal).catch((error: unknown) => {
        if (!signal.aborted) options.onFault({ error });
      });
    }
    if (!signal.aborted) await options.rest(lookEveryMs, signal).catch(() => undefined);
  }
}

/** One round over all flows, a few runs at a time. Returns how many runs it deleted. Rejects with the signal's reason. */
export async function forgetOldRuns({ store, now, rest }: RetentionOptions, signal: AbortSignal): Promise<number> {
  let forgotten = 0;
  for (const { id, settings } of await store.projects()) {
    for (const { flowId, days } of await store.retentions(id)) {
      const keptDays = days ?? settings.retention?.days;
      if (keptDays === undefined) continue;
      const before = now() - keptDays * dayMs;
      for (let count = -1; count !== 0;) {
        signal.throwIfAborted();
        count = await store.forget(flowId, before, batchEntries);
        forgotten += count;
        if (count > 0) await rest(restMs, signal);
      }
    }
  }
  return forgotten;
}
