import { endedAttempt, type PartialOutput, passKey, type RunEvent } from "./events.ts";
import type { PartialChunk, PartialStore, Store } from "./store/store.ts";

/** Events read from the store at a time. */
const pageSize = 500;

/** A step that the log leaves open. */
interface OpenStep {
  /** The container around it; undefined at top level. */
  readonly parentStepId: string | undefined;
  /** Seq of the event with which its present text may begin: texts that began before it are void. */
  readonly openedAt: number;
  /** How much of each text the reader has, in UTF-16 units, by where the text began. */
  readonly given: Map<number, number>;
}

/** What one reader of a run that another process works off is given of its partial output. The log decides which texts are open. */
export class PartialReader {
  readonly #store: Pick<Store, "eventsAfter">;
  readonly #partials: Pick<PartialStore, "read">;
  readonly #runId: string;
  /** By `passKey`. */
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
    const step = this.#steps.get(passKey(stepId, loopPath));
    if (step === undefined || afterSeq < step.openedAt) return [];
    const offset = step.given.get(afterSeq) ?? 0;
    if (delta.length <= offset) return [];
    step.given.set(afterSeq, delta.length);
    const { parentStepId } = step;
    const owner = { stepId, ...(parentStepId !== undefined && { parentStepId }), attempt, loopPath };
    return [{ type: "step_output", ...owner, offset, delta: delta.slice(offset) }];
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
    const ended = endedAttempt(event);
    const before = ended === undefined ? undefined : this.#steps.get(ended);
    if (ended !== undefined) this.#steps.delete(ended);
    switch (event.type) {
      case "step_started":
      case "step_resumed":
        this.#open(event.stepId, event, undefined);
        break;
      case "step_retrying":
        this.#open(passKey(event.stepId, event.loopPath), event, before?.parentStepId);
        break;
      case "step_progress":
        if (event.phase === "started") this.#open(passKey(event.stepId, event.loopPath), event, event.parentStepId);
        break;
      case "step_paused_for_tool_calls":
        this.#steps.delete(event.stepId);
        break;
      default:
    }
  }

  #open(key: string, { seq }: RunEvent, parentStepId: string | undefined): void {
    this.#steps.set(key, { parentStepId, openedAt: seq, given: new Map() });
  }
}
