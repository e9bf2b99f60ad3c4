import type { PartialOutput, RunEvent } from "./events.ts";
import type { PartialChunk, PartialStore, Store } from "./store/store.ts";

/** Events read from the store at a time. */
const pageSize = 500;

/** A step that the log leaves open. */
interface OpenStep {
  /** Seq of the event with which its present text may begin: texts that began before it are void. */
  readonly openedAt: number;
  /** How much of each text the reader has, in UTF-16 units. */
  readonly given: Map<string, number>;
}

/** What one reader of a run that another process works off is given of its partial output. The log decides which texts are open. */
export class PartialReader {
  readonly #store: Pick<Store, "eventsAfter">;
  readonly #partials: Pick<PartialStore, "read">;
  readonly #runId: string;
  readonly #steps = new Map<string, OpenStep>();
  /** The log up to here is in `#steps`. */
  #cursor = 0;

  constructor(store: Pick<Store, "eventsAfter">, partials: Pick<PartialStore, "read">, runId: string) {
    this.#store = store;
    this.#partials = partials;
    this.#runId = runId;
  }

  /** Spares reading an event again that the reader was given; gaps are no fault. */
  follow(event: RunEvent): void {
    if (event.seq === this.#cursor + 1) this.#fold(event);
  }

  /** What came to the texts of steps that are open at `cursor`, the last event that the reader was given. */
  async next(cursor: number): Promise<readonly PartialOutput[]> {
    const texts = await this.#partials.read(this.#runId);
    if (texts.length === 0) return [];
    await this.#catchUp(cursor);
    // A text that began behind the cursor waits until the reader was given what opened it.
    return texts.filter(({ afterSeq }) => afterSeq <= cursor).flatMap((text) => this.#take(text));
  }

  #take({ stepId, attempt, loopPath, afterSeq, delta }: PartialChunk): readonly PartialOutput[] {
    const step = this.#steps.get(stepId);
    if (step === undefined || afterSeq < step.openedAt) return [];
    const key = JSON.stringify([afterSeq, loopPath]);
    const offset = step.given.get(key) ?? 0;
    if (delta.length <= offset) return [];
    step.given.set(key, delta.length);
    return [{ type: "step_output", stepId, attempt, loopPath, offset, delta: delta.slice(offset) }];
  }

  async #catchUp(cursor: number): Promise<void> {
    while (this.#cursor < cursor) {
      const limit = Math.min(pageSize, cursor - this.#cursor);
      const events = await this.#store.eventsAfter(this.#runId, this.#cursor, limit);
      if (events.length === 0) return;
      for (const event of events) this.#fold(event);
    }
  }

  #fold(event: RunEvent): void {
    this.#cursor = event.seq;
    switch (event.type) {
      case "step_started":
      case "step_retrying":
      case "step_resumed":
        this.#steps.set(event.stepId, { openedAt: event.seq, given: new Map() });
        break;
      case "step_paused_for_tool_calls":
      case "step_completed":
      case "step_error":
        this.#steps.delete(event.stepId);
        break;
      case "run_started":
      case "step_input":
      case "step_paused":
      case "flow_completed":
        break;
    }
  }
}
