import { AbortError, APITimeoutError, type Billed } from "./errors.ts";

/** The longest delay that timers take; a longer one would fire at once. About 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface CallScopeOptions {
  /** What is tried, such as `POST acme/spelling/grade-3/execute`, for the messages. */
  readonly operation: string;
  /** What ends the call early: the caller's signal, the client's. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** For the whole call. */
  readonly timeoutMs: number;
  /** What an error of this scope says about money, once the call has begun. */
  readonly billed: Billed;
  /** Called when the call is over, perhaps more than once. */
  readonly onClose?: (scope: CallScope) => void;
}

/** One logical call: all its attempts, its body and, for a stream, its reconnects live and end with it. */
export class CallScope {
  readonly operation: string;
  /** Aborts on timeout and on the callers' aborts; its `reason` is the typed error to throw. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  readonly #startedAt = performance.now();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onClose: ((scope: CallScope) => void) | undefined;
  #unlink: (() => void)[] = [];

  /** Throws `AbortError` when one of the signals has aborted already: then there is to be no request at all. */
  constructor({ operation, signals, timeoutMs, billed, onClose }: CallScopeOptions) {
    this.operation = operation;
    this.signal = this.#controller.signal;
    this.#timeoutMs = timeoutMs;
    this.#onClose = onClose;
    for (const signal of signals) {
      if (signal?.aborted) throw abortError(operation, signal, "no");
    }
    for (const signal of signals) {
      if (signal) this.#link(signal, billed);
    }
    if (timeoutMs <= MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.end(timeoutError(operation, timeoutMs, billed)), timeoutMs);
    }
  }

  /** Milliseconds until the timeout; `Infinity` without one. */
  get leftMs(): number {
    return this.#timeoutMs - (performance.now() - this.#startedAt);
  }

  /** Ends the call with the given error, and closes the scope: whoever was to close it may have gone. */
  end(reason: Error): void {
    this.#controller.abort(reason);
    this.close();
  }

  /** Lets go of the timer and of the callers' signals, which may outlive thousands of calls. May be called again. */
  close(): void {
    clearTimeout(this.#timer);
    for (const unlink of this.#unlink) unlink();
    this.#unlink = [];
    this.#onClose?.(this);
  }

  #link(signal: AbortSignal, billed: Billed): void {
    const onAbort = (): void => this.end(abortError(this.operation, signal, billed));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unlink.push(() => signal.removeEventListener("abort", onAbort));
  }
}

/** Settles like `promise`, or rejects with the signal's reason as soon as it aborts, whatever the promise does then. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function abortError(operation: string, signal: AbortSignal, billed: Billed): AbortError {
  return new AbortError(`${operation}: aborted by the caller.`, { code: "ABORTED", cause: signal.reason, billed });
}

function timeoutError(operation: string, timeoutMs: number, billed: Billed): APITimeoutError {
  const message = `${operation}: not finished within ${timeoutMs} ms. Raise \`timeout\`; a run that has begun goes on.`;
  return new APITimeoutError(message, { code: "TIMEOUT", billed });
}
