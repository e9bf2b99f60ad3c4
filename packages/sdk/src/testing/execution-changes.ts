import type { ExecutionChange, ExecutionStatus } from "@noukai/core/schema";
import { WakeUps } from "./wake-ups.ts";

/** One change of status; its `seq` is the cursor to resume from. */
export interface ChangeItem {
  readonly seq: number;
  readonly name: "status_changed";
  readonly data: ExecutionChange;
}

const SETTLED: ReadonlySet<ExecutionStatus> = new Set(["completed", "failed", "cancelled", "deleted"]);

/** How an execution came to stand as it does, and who waits for more of it. */
export class ExecutionChanges {
  readonly #items: ChangeItem[] = [];
  readonly #wakeUps = new WakeUps();

  /** Adds a change, unless the execution stands so already. */
  tell(data: ExecutionChange): void {
    const last = this.#items.at(-1)?.data;
    if (last?.status === data.status && last.run_number === data.run_number) return;
    this.#items.push({ seq: this.#items.length + 1, name: "status_changed", data });
    this.#wakeUps.wake();
  }

  /** The changes behind `after`, until the execution has come to rest. Whoever has seen the last one gets it again, at the place that they name. */
  async *behind(after: number, signal: AbortSignal): AsyncGenerator<ChangeItem, void> {
    let seen = after;
    for (;;) {
      const last = this.#items.at(-1);
      if (last && last.seq <= after && SETTLED.has(last.data.status)) return yield { ...last, seq: after };
      for (; seen < this.#items.length; seen++) yield this.#items[seen]!; // the length has just been checked
      const newest = this.#items.at(-1);
      if (newest && newest.seq === seen && SETTLED.has(newest.data.status)) return;
      if (seen >= this.#items.length) await this.#wakeUps.wait(signal);
    }
  }
}
