import { createParser } from "eventsource-parser";
import { APIConnectionError, APITimeoutError } from "./errors.ts";

/** One server-sent event, as the WHATWG rules read it. */
export interface Frame {
  /** `undefined` when the frame itself carries none: ids are not inherited from frames before it. */
  readonly id?: string | undefined;
  /** `undefined` stands for the default, `message`. */
  readonly event?: string | undefined;
  readonly data: string;
}

export interface FrameReaderOptions {
  /** For the messages, such as `POST acme/spelling/grade-3/step`. */
  readonly operation: string;
  /** How long the first byte may take from now. */
  readonly firstByteMs: number;
  /** How long any later byte may take. A heartbeat is a byte. */
  readonly idleMs: number;
  /** Ends the reading at once, with its reason. */
  readonly signal: AbortSignal;
  /** Called when the reader lets go of the body: the place to end the request in runtimes that do not do so themselves. */
  readonly onClose: () => void;
}

const IN_PARTS = { stream: true } as const;

/** Reads a body of server-sent events. Frames come in batches, one per chunk that completes any: a promise per frame would cost more than its parsing. */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  // The parser takes the byte order mark away, exactly one, as the rules say; the decoder must not take a second.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #parser = createParser({ onEvent: (frame) => this.#frames.push(frame) });
  readonly #openedAt = performance.now();
  #frames: Frame[] = [];
  #limitMs: number;
  /** When the last read began: with the byte before it, unless the caller was slow to come back. */
  #readAt = this.#openedAt;
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fault: unknown;

  constructor(body: ReadableStream<Uint8Array>, options: FrameReaderOptions) {
    this.#options = options;
    this.#limitMs = options.firstByteMs;
    this.#reader = body.getReader();
    if (options.signal.aborted) this.#fail(options.signal.reason);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Milliseconds from opening to the last byte so far: for how long the connection has done its work. */
  get aliveMs(): number {
    return this.#readAt - this.#openedAt;
  }

  /**
   * The next frames, at least one; `undefined` at the end of the body, whether or not it came too soon: an unfinished frame is dropped.
   * Throws `APITimeoutError` when no byte comes in time, `APIConnectionError` when the connection breaks, and the signal's reason.
   */
  async next(): Promise<readonly Frame[] | undefined> {
    while (this.#frames.length === 0) {
      this.#readAt = performance.now();
      this.#isReading = true;
      this.#timer ??= setTimeout(this.#checkIdle, this.#limitMs);
      let chunk: Uint8Array | undefined;
      try {
        chunk = (await this.#reader.read()).value;
      } catch (cause) {
        this.#fail(this.#connectionError(cause));
      }
      this.#isReading = false;
      if (this.#fault) throw this.#fault;
      if (chunk === undefined) return undefined;
      if (this.#limitMs !== this.#options.idleMs) this.#passFirstByte();
      this.#parser.feed(this.#decoder.decode(chunk, IN_PARTS));
    }
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** Closes the connection. A pending `next` ends as at the end of the body. */
  close(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#reader.cancel().catch(() => {}); // rejects when the body has failed already, which `next` tells
    this.#options.onClose();
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal.reason);

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.close();
  }

  #passFirstByte(): void {
    this.#limitMs = this.#options.idleMs;
    clearTimeout(this.#timer); // it was set for the first byte
    this.#timer = undefined;
  }

  /** One timer for many reads: armed at most once per deadline, it looks how long the read of the moment has been waiting. */
  readonly #checkIdle = (): void => {
    this.#timer = undefined;
    if (!this.#isReading) return;
    const leftMs = this.#readAt + this.#limitMs - performance.now();
    if (leftMs > 0) this.#timer = setTimeout(this.#checkIdle, leftMs);
    else this.#fail(this.#stalledError());
  };

  #stalledError(): APITimeoutError {
    const message = `${this.#options.operation}: no byte for ${this.#limitMs} ms.`;
    return new APITimeoutError(message, { code: "STREAM_STALLED", billed: "possibly" });
  }

  #connectionError(cause: unknown): APIConnectionError {
    const message = `${this.#options.operation}: the connection broke.`;
    return new APIConnectionError(message, { code: "CONNECTION_FAILED", billed: "possibly", cause });
  }
}
