import type { CallScope } from "./call-scope.ts";
import type { Config } from "./config.ts";
import { Deadline } from "./deadline.ts";
import { APITimeoutError } from "./errors.ts";
import { FrameReader } from "./sse.ts";

/** One connection of a stream. A call that reconnects has several, and each must end without ending the call. */
export class Connection {
  readonly #scope: CallScope;
  readonly #config: Config;
  readonly #controller = new AbortController();
  /** From sending the request to the first byte. */
  readonly #deadline: Deadline;

  constructor(scope: CallScope, config: Config) {
    this.#scope = scope;
    this.#config = config;
    scope.signal.addEventListener("abort", this.#follow, { once: true });
    this.#deadline = new Deadline(config.firstByteTimeoutMs, () => this.#controller.abort(this.#stalledError()));
  }

  /** For the request. Aborts when the scope does, and when no answer comes in time. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The headers are there: reads the body, whose first byte has what is left of the time. */
  read(body: ReadableStream<Uint8Array>): FrameReader {
    this.#deadline.stop();
    return new FrameReader(body, {
      scope: this.#scope,
      firstByteMs: Math.max(0, this.#deadline.leftMs),
      idleMs: this.#config.idleTimeoutMs,
      onClose: () => this.close(),
    });
  }

  close(): void {
    this.#deadline.stop();
    this.#scope.signal.removeEventListener("abort", this.#follow);
    this.#controller.abort();
  }

  readonly #follow = (): void => this.#controller.abort(this.#scope.signal.reason);

  #stalledError(): APITimeoutError {
    const what = `no answer within ${this.#config.firstByteTimeoutMs} ms.`;
    return this.#scope.error(APITimeoutError, what, { code: "STREAM_STALLED" });
  }
}
