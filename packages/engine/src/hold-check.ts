import type { Nodes, StoredHold } from "./store/store.ts";

export interface HoldCheckOptions {
  readonly nodes: Pick<Nodes, "held">;
  readonly workerId: string;
  /** What the worker has in hand, or is giving back, by run. */
  readonly inHand: () => ReadonlyMap<string, Pick<StoredHold, "epoch">>;
  /** The store has the run under the worker's hold, and nobody here knows of it. */
  readonly takeUp: (hold: StoredHold) => Promise<void>;
  /** The run is in hand, and the store has it under another hold or under none. */
  readonly leave: (hold: StoredHold) => void;
}

/**
 * Compares what a worker has in hand with what it holds by the store. The two differ when the answer to a claim or a creation was lost, and when
 * others took this process for gone although it lives.
 */
export class HoldCheck {
  readonly #options: HoldCheckOptions;
  /** Runs that the last look found to be held and not in hand, with the epoch of the hold. */
  #suspects = new Map<string, number>();

  constructor(options: HoldCheckOptions) {
    this.#options = options;
  }

  /** A run came into this worker's hands, or left them: whatever was suspected of it is not so. */
  moved(runId: string): void {
    this.#suspects.delete(runId);
  }

  /**
   * One look. A run that is held and not in hand is taken up by the second look that finds it so: the first may have come between a run's last
   * write here and its leaving, or between a claim and its answer.
   */
  async look(): Promise<void> {
    const { nodes, workerId, inHand, takeUp, leave } = this.#options;
    const before = new Map(inHand());
    const stored = new Map((await nodes.held(workerId)).map(({ runId, epoch }) => [runId, epoch]));
    const now = inHand();
    for (const [runId, { epoch }] of before) {
      // A hold that is in hand was in the store before.
      if (now.get(runId)?.epoch === epoch && stored.get(runId) !== epoch) leave({ runId, epoch });
    }
    const unknown = [...stored].filter(([runId]) => !now.has(runId));
    const found = unknown.filter(([runId, epoch]) => this.#suspects.get(runId) === epoch);
    this.#suspects = new Map(unknown);
    for (const [runId, epoch] of found) await takeUp({ runId, epoch });
  }
}
