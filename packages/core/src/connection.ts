import type { CallScope } from "./call-scope.ts";
import { APITimeoutError } from "./errors.ts";
import { FrameReader } from "./sse.ts";

/** How long a stream's first byte may take, from sending the request. */
const FIRST_BYTE_MS = 60_000;
/** How long any later byte may take. The server sends a heartbeat every 10 s. */
const IDLE_MS = 30_000;

/** One connection of a stream. A call that reconnects has several, and each must end without ending the call. */
export class Connection {
  readonly #scope: CallScope;
  readonly #controller = new AbortController();
  readonly #openedAt = performance.now();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(scope: CallScope) {
    this.#scope = scope;
    scope.signal.addEventListener("abort", this.#follow, { once: true });
    this.#timer = setTimeout(() => this.#controller.abort(firstByteError(scope.operation)), FIRST_BYTE_MS);
  }

  /** For the request. Aborts when the scope does, and when no answer comes in time. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The headers are there: reads the body, whose first byte has what is left of the time. */
  read(body: ReadableStream<Uint8Array>): FrameReader {
    clearTimeout(this.#timer);
    return new FrameReader(body, {
      operation: this.#scope.operation,
      firstByteMs: Math.max(0, FIRST_BYTE_MS - (performance.now() - this.#openedAt)),
      idleMs: IDLE_MS,
      signal: this.#scope.signal,
      onClose: () => this.close(),
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#scope.signal.removeEventListener("abort", this.#follow);
    this.#controller.abort();
  }

  readonly #follow = (): void => this.#controller.abort(this.#scope.signal.reason);
}

function firstByteError(operation: string): APITimeoutError {
  return new APITimeoutError(`${operation}: no answer within ${FIRST_BYTE_MS} ms.`, {
    code: "STREAM_STALLED",
    billed: "possibly",
  });
}
