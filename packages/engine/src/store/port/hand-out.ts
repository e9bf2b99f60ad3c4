import type { RunRecord } from "./run.ts";

/** Part of the store: who works on which run. */
export interface HandOutStore {
  /**
   * Takes at most `limit` pending runs whose time has come for `worker`, each under a new epoch, and returns them as they are now. Higher
   * priorities come first. Within one the projects take turns, whatever each has waiting, and a project's own runs are in order of arrival, which
   * is when their time has come; those that were given back or lost their worker come before all that had no turn yet. No project gets more runs
   * in work than its settings allow, or than `concurrentRuns` where they say nothing: its other runs wait, which keeps nobody from theirs, and those
   * whose turn it was then take one as soon as there is room.
   */
  claim(worker: string, limit: number, concurrentRuns?: number): Promise<readonly RunRecord[]>;
  /** When the next pending run whose time has not come will be ready, by the store's clock. */
  nextReadyAt(): Promise<number | undefined>;
  /** Resolves when a run may have become claimable, or when `signal` aborts. A hint. */
  claimable(signal: AbortSignal): Promise<void>;
  /** Makes every running run whose worker is gone pending again and counts the loss. Returns how many. */
  recover(): Promise<number>;
}
