import { HandedOverError } from "../errors.ts";
import type { ExecutionChange, ExecutionChangeQuery, Store } from "../store/store.ts";

/** Changes read from the store at a time. */
const pageSize = 200;

/** Changes that other processes make are looked for this often, in milliseconds; of its own a process is told at once. */
const lookEveryMs = 1_000;

export interface ChangeSource {
  readonly store: Pick<Store, "executionChanges" | "executionsChanged">;
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when this process begins to stop. */
  readonly draining: AbortSignal;
}

/** What a reader of changes is given: those that there are, in order; an empty page when it has caught up, each time before it waits for more. */
export async function* watchChanges(
  { store, rest, draining }: ChangeSource,
  query: Omit<ExecutionChangeQuery, "limit">,
  signal: AbortSignal,
): AsyncGenerator<readonly ExecutionChange[], void, undefined> {
  const waiting = new AbortController();
  const stop = AbortSignal.any([signal, draining, waiting.signal]);
  let { after } = query;
  try {
    for (;;) {
      signal.throwIfAborted();
      if (draining.aborted) throw new HandedOverError();
      // Ask to be told before reading, so that a change between the two is not slept through.
      const changed = store.executionsChanged(stop);
      const page = await store.executionChanges({ ...query, after, limit: pageSize });
      yield page;
      after = page.at(-1)?.cursor ?? after;
      if (page.length === 0) await Promise.race([changed, rest(lookEveryMs, stop).catch(() => undefined)]);
    }
  } finally {
    waiting.abort();
  }
}
