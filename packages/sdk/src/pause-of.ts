import type { PausedResult } from "./results.ts";

/** By the error, which stays as it was thrown: it may be the user's own, or frozen. */
const pauses = new WeakMap<object, PausedResult>();

/**
 * The pause that a call was answering when it failed: a `toolHandler` threw, `maxToolRounds` or `timeout` was over, or the server could not
 * be reached. The run still waits, and `pauseOf(error)?.resume(…)` goes on. `undefined` for other errors, and when the run is over.
 */
export function pauseOf(error: unknown): PausedResult | undefined {
  return typeof error === "object" && error !== null ? pauses.get(error) : undefined;
}

/** Remembers the pause that an error leaves behind. */
export function notePause(error: unknown, paused: PausedResult): void {
  if (typeof error === "object" && error !== null) pauses.set(error, paused);
}
