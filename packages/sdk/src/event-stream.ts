import type { StreamEvent } from "./events.ts";

/** Where a stream's events come from, in batches: one promise per chunk of the network, not per event. */
export interface EventSource {
  /** Aborts when the call ends early; its reason is what the reader is thrown. */
  readonly signal: AbortSignal | undefined;
  /** Known once the server has named the run. */
  readonly executionId: string | undefined;
  /** The next events, at least one; `undefined` after the last. */
  next(): Promise<readonly StreamEvent[] | undefined>;
  /** Closes the connection at once; a pending `next` is let go. */
  close(): void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * The events of a run, to be read once with `for await`. Nothing is sent before the first event is asked for. Leaving the loop closes the
 * connection and leaves the run alone.
 */
export class EventStream implements AsyncIterableIterator<StreamEvent, undefined> {
  readonly #source: EventSource;
  #batch: readonly StreamEvent[] = [];
  #index = 0;
  #hasEnded = false;
  #pending: Promise<IteratorResult<StreamEvent, undefined>> | undefined;

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** The run's id, from the answer's headers on; `undefined` before. */
  get executionId(): string | undefined {
    return this.#source.executionId;
  }

  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    if (this.#pending) return this.#afterPending();
    if (this.#index < this.#batch.length && !this.#source.signal?.aborted) {
      return Promise.resolve({ done: false, value: this.#batch[this.#index++]! }); // the index has just been checked
    }
    this.#pending = this.#fill();
    return this.#pending;
  }

  /** Closes the connection; the run goes on. `break` calls this. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return DONE;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Callers that do not wait for one event before they ask for the next are served in turn. */
  async #afterPending(): Promise<IteratorResult<StreamEvent, undefined>> {
    await this.#pending?.catch(() => {}); // who asked for that one has been told
    return this.next();
  }

  async #fill(): Promise<IteratorResult<StreamEvent, undefined>> {
    try {
      const batch = this.#hasEnded ? undefined : await this.#source.next();
      const first = batch?.[0];
      if (batch === undefined || first === undefined || this.#hasEnded) {
        this.#end();
        return DONE;
      }
      this.#batch = batch;
      this.#index = 1;
      return { done: false, value: first };
    } catch (error) {
      const wasLeft = this.#hasEnded;
      this.#end();
      if (wasLeft) return DONE;
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#batch = [];
    this.#source.close();
  }
}
