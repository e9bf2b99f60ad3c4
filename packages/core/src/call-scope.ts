import { Deadline } from "./deadline.ts";
import { AbortError, APITimeoutError, type Billed, type ErrorClass, type NoukaiErrorOptions } from "./errors.ts";

/** What bounds a call, and what its errors say. */
export interface CallScopeOptions {
  /** What is tried, such as `POST acme/spelling/grade-3/execute`, for the messages. */
  readonly operation: string;
  /** What ends the call early: the caller's signal, the client's. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** For the whole call. */
  readonly timeoutMs: number;
  /** What an error of this scope says about money, once a request has been sent. */
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
  readonly #deadline: Deadline;
  readonly #options: CallScopeOptions;
  #hasSent = false;
  /** What the headers of the last answer said, and of the run those before it. */
  #ids: Pick<NoukaiErrorOptions, "requestId" | "executionId"> = {};
  #unlink: (() => void)[] = [];

  /** Throws `AbortError` when one of the signals has aborted already: then there is to be no request at all. */
  constructor(options: CallScopeOptions) {
    const { operation, signals, timeoutMs } = options;
    this.operation = operation;
    this.signal = this.#controller.signal;
    this.#options = options;
    for (const signal of signals) {
      if (signal?.aborted) throw this.#abortError(signal);
    }
    for (const signal of signals) {
      if (signal) this.#link(signal);
    }
    this.#deadline = new Deadline(timeoutMs, () => this.end(this.#timeoutError()));
  }

  /** Milliseconds until the timeout; `Infinity` without one. */
  get leftMs(): number {
    return this.#deadline.leftMs;
  }

  /** Can the call have cost money so far? Not before its first request. */
  get billed(): Billed {
    return this.#hasSent ? this.#options.billed : "no";
  }

  /** What an error says of the call when no answer, or only part of one, has come. What cannot have cost anything may be made again. */
  get about(): NoukaiErrorOptions {
    const { billed } = this;
    return { ...this.#ids, billed, retryable: billed === "no" };
  }

  /** An error of this call: what was tried, what went wrong, and what is known of it by now unless `options` know better. */
  error<Class extends ErrorClass>(
    ErrorClass: Class,
    what: string,
    { operation = this.operation, ...options }: NoukaiErrorOptions & { readonly operation?: string },
  ): InstanceType<Class> {
    // What a class makes is an instance of it.
    return new ErrorClass(`${operation}: ${what}`, { ...this.about, ...options }) as InstanceType<Class>;
  }

  /** A request is about to go out. It is about the run that was named before, if one was. */
  noteRequest(): void {
    this.#hasSent = true;
    this.#ids = { executionId: this.#ids.executionId };
  }

  /** The headers of its answer are there. */
  noteAnswer(headers: Headers): void {
    this.#ids = {
      requestId: headers.get("x-request-id") ?? undefined,
      executionId: headers.get("x-noukai-execution-id") ?? this.#ids.executionId,
    };
  }

  /** The call goes on with a run that exists: it may have cost money by now, and what is done for it here is not to be done twice. */
  noteRun(executionId: string): void {
    this.#hasSent = true;
    this.#ids = { ...this.#ids, executionId };
  }

  /** Ends the call with the given error, and closes the scope: whoever was to close it may have gone. */
  end(reason: Error): void {
    this.#controller.abort(reason);
    this.close();
  }

  /** Lets go of the timer and of the callers' signals, which may outlive thousands of calls. May be called again. */
  close(): void {
    this.#deadline.stop();
    for (const unlink of this.#unlink) unlink();
    this.#unlink = [];
    this.#options.onClose?.(this);
  }

  #link(signal: AbortSignal): void {
    const onAbort = (): void => this.end(this.#abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unlink.push(() => signal.removeEventListener("abort", onAbort));
  }

  #abortError({ reason }: AbortSignal): AbortError {
    return this.error(AbortError, "aborted by the caller.", { retryable: false, code: "ABORTED", cause: reason });
  }

  #timeoutError(): APITimeoutError {
    const what = `not finished within ${this.#options.timeoutMs} ms. Raise \`timeout\`; a run that has begun goes on.`;
    return this.error(APITimeoutError, what, { code: "TIMEOUT" });
  }
}
