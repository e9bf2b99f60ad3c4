/**
 * Asks for events in the context that it was made in: an active span follows asynchronous calls, and without this each request that a stream
 * makes on its way would belong to whoever asks for the event of that moment.
 */
export class ContextPuller<Event> implements AsyncIterableIterator<Event> {
  #iterator: AsyncIterator<Event> | undefined;
  #wake: (() => void) | undefined;
  #answer: ((result: Promise<IteratorResult<Event>>) => void) | undefined;

  /** `open` is called when the first event is asked for, in that context too. */
  constructor(open: () => AsyncIterable<Event>) {
    void this.#pump(open);
  }

  /** One at a time, as `for await` asks. */
  next(): Promise<IteratorResult<Event>> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#wake?.();
    });
  }

  async return(): Promise<IteratorResult<Event>> {
    await this.#iterator?.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** What follows an `await` runs in the context before it. A pump that nobody asks any more is collected with its puller. */
  async #pump(open: () => AsyncIterable<Event>): Promise<never> {
    for (;;) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#answer?.(this.#pull(open));
    }
  }

  // An async function, so that what `open` throws at once becomes a rejection.
  async #pull(open: () => AsyncIterable<Event>): Promise<IteratorResult<Event>> {
    this.#iterator ??= open()[Symbol.asyncIterator]();
    return this.#iterator.next();
  }
}
