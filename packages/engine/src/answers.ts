import { setImmediate as turnOfEventLoop } from "node:timers/promises";

/** Counts callers that wait for the end of their call, so that a process that stops can let them have it. */
export class Answers {
  readonly #late = new AbortController();
  #waiting = 0;
  #allGiven = Promise.withResolvers<void>();

  /** Aborts when those that wait must wait elsewhere. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  async wait<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    this.#waiting += 1;
    try {
      return await answer();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        this.#allGiven.resolve();
        this.#allGiven = Promise.withResolvers();
      }
    }
  }

  /** Resolves when nobody waits, or after `timeoutMs`, when whoever still does is told to wait elsewhere. */
  async drain(timeoutMs: number): Promise<void> {
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, timeoutMs);
    await Promise.race([this.#untilAllGiven(), timeUp.promise]);
    clearTimeout(timer);
    this.#late.abort();
  }

  async #untilAllGiven(): Promise<void> {
    while (this.#waiting > 0) {
      await this.#allGiven.promise;
      // Whose call was accepted just now is about to wait for its end.
      await turnOfEventLoop();
    }
  }
}
