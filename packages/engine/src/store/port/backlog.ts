/** What waits in the whole store, by its own clock; of runs of one sort no more than `mostCounted` are counted. */
export interface Backlog {
  /** Pending runs whose time has come: they want a worker, or room in their project. */
  readonly ready: number;
  /** Pending runs whose time has not come. */
  readonly delayed: number;
  readonly paused: number;
  /** How long ago the time came of that ready run whose time came first, in milliseconds; 0 when none is ready. One that was given back counts from its first time. */
  readonly oldestReadyMs: number;
  /** Processes that work on this store and live, this one included. */
  readonly nodes: number;
}

/** Enough to see that far too much waits, and counted in a few milliseconds. */
export const mostCounted = 20_000;
