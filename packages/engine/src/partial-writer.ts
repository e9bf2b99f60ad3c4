import { endedAttempt, type PartialOutput, passKey, type RunEvent } from "./events.ts";
import type { LiveListener } from "./live.ts";
import type { PartialChunk, PartialStore } from "./store/store.ts";

/** Time between two writes of a step's text, in milliseconds. Source: `architecture.md` §3. */
const intervalMs = 250;

export interface PartialWriterOptions {
  readonly store: Pick<PartialStore, "append" | "drop">;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: { readonly error: unknown }) => void;
}

/** A text that a step is writing, as far as the store does not have it. */
interface OpenText extends Pick<PartialChunk, "runId" | "stepId" | "attempt" | "loopPath" | "afterSeq"> {
  /** UTF-16 units that the store has. */
  offset: number;
  unwritten: string;
  /** May the store have some of it? */
  isStored: boolean;
  isOver: boolean;
}

/**
 * Hands the text of steps in flight to the store, for readers in other processes. All runs' texts go together, no more often than every
 * 250 ms; a step that is over sooner is never written. Runs neither wait for it nor fail with it: what a store refuses is tried again.
 */
export class PartialWriter {
  readonly #options: PartialWriterOptions;
  readonly #grown = new Set<OpenText>();
  /** Texts to be dropped. */
  readonly #over = new Set<OpenText>();
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: PartialWriterOptions) {
    this.#options = options;
  }

  /** What writes a run's texts, when the run tells it; its log ends at `lastSeq`. */
  listener(runId: string, lastSeq: number): LiveListener {
    const texts = new Map<string, OpenText>();
    let afterSeq = lastSeq;

    const close = (key: string): void => {
      const text = texts.get(key);
      texts.delete(key);
      if (text !== undefined) this.#drop(text);
    };

    return {
      events: (events: readonly RunEvent[]) => {
        for (const event of events) {
          afterSeq = event.seq;
          const ended = endedAttempt(event);
          if (ended !== undefined) close(ended);
        }
      },
      partial: ({ stepId, attempt, loopPath, delta }: PartialOutput) => {
        const key = passKey(stepId, loopPath);
        let text = texts.get(key);
        if (text === undefined) {
          const written = { offset: 0, unwritten: "", isStored: false, isOver: false };
          text = { runId, stepId, attempt, loopPath, afterSeq, ...written };
          texts.set(key, text);
        }
        text.unwritten += delta;
        this.#grown.add(text);
        this.#work();
      },
      ended: () => {
        for (const key of texts.keys()) close(key);
      },
    };
  }

  /** Drops what is to be dropped without waiting further; resolves when that was tried. To be called when no run is held any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#working;
  }

  #drop(text: OpenText): void {
    text.isOver = true;
    this.#grown.delete(text);
    if (!text.isStored) return;
    this.#over.add(text);
    this.#work();
  }

  #work(): void {
    this.#working ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const { signal } = this.#closing;
    let isWritten = true;
    while (this.#grown.size + this.#over.size > 0 && (isWritten || !signal.aborted)) {
      await this.#options.rest(intervalMs, signal).catch(() => undefined);
      isWritten = await this.#write();
    }
    this.#working = undefined;
  }

  /** False when the store refused; of faults in a row only the first is told. */
  async #write(): Promise<boolean> {
    try {
      await this.#dropOver();
      await this.#appendGrown();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.onFault({ error });
      this.#isFailing = true;
    }
    return !this.#isFailing;
  }

  async #dropOver(): Promise<void> {
    const texts = [...this.#over];
    if (texts.length === 0) return;
    await this.#options.store.drop(
      texts.map(({ runId, stepId, loopPath, afterSeq }) => ({ runId, stepId, loopPath, afterSeq })),
    );
    for (const text of texts) this.#over.delete(text);
  }

  async #appendGrown(): Promise<void> {
    const texts = [...this.#grown];
    if (texts.length === 0) return;
    this.#grown.clear();
    const chunks = texts.map(toChunk);
    for (const text of texts) text.isStored = true;
    try {
      await this.#options.store.append(chunks);
    } catch (error) {
      for (const text of texts) if (!text.isOver) this.#grown.add(text);
      throw error;
    }
    for (const [index, text] of texts.entries()) {
      const length = chunks[index]?.delta.length ?? 0;
      text.offset += length;
      text.unwritten = text.unwritten.slice(length);
    }
  }
}

function toChunk({ runId, stepId, attempt, loopPath, afterSeq, offset, unwritten }: OpenText): PartialChunk {
  return { runId, stepId, attempt, loopPath, afterSeq, offset, delta: unwritten };
}
