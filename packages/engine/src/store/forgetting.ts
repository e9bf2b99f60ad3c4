import { isOver, runStatuses } from "./store.ts";

/** Runs that one call deletes, at most. */
export const maxForgotten = 100;

export const endedStatuses = runStatuses.filter(isOver);

/** A run to be deleted, and how many entries its log has. */
export interface OldRun<Id> {
  readonly run: Id;
  readonly entries: number;
}

/** The first ones, with at most `maxEntries` together; the first of all in any case, or a long one would stay for ever. */
export function atMost<Id>(maxEntries: number, runs: readonly OldRun<Id>[]): readonly Id[] {
  let entries = 0;
  const first: Id[] = [];
  for (const old of runs) {
    entries += old.entries;
    if (first.length > 0 && entries > maxEntries) break;
    first.push(old.run);
  }
  return first;
}
