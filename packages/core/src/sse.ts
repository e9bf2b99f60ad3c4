import type { CallScope } from "./call-scope.ts";
import { Deadline } from "./deadline.ts";
import { APIConnectionError, APITimeoutError } from "./errors.ts";
import { type Frame, SseParser } from "./sse-parser.ts";

/** How long a stream may stay silent, and what it belongs to. */
export interface FrameReaderOptions {
  /** The call that the stream belongs to: its signal ends the reading at once, with its reason. */
  readonly scope: CallScope;
  /** How long the first byte may take from now. */
  readonly firstByteMs: number;
  /** How long any later byte may take. A heartbeat is a byte. */
  readonly idleMs: number;
  /** Called when the reader lets go of the body: the place to end the request in runtimes that do not do so themselves. */
  readonly onClose: () => void;
}

/** How many bytes are read before the caller has come back for the frames before them. */
const READ_AHEAD_BYTES = 65_536;
const IN_PARTS = { stream: true } as const;

/**
 * Reads a body of server-sent events. Frames come in batches: those of one chunk, and those of the chunks that are read while the caller is
 * busy with them. A promise per frame, or one chain of them per chunk, would cost more than its parsing.
 */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser = new SseParser();
  readonly #decoder = new Utf8Decoder();
  readonly #openedAt = performance.now();
  #lastByteAt = this.#openedAt;
  /** Counts while the caller waits: a slow caller is not a silent server. */
  #deadline: Deadline;
  #frames: Frame[] = [];
  #aheadBytes = 0;
  #isFirst = true;
  #isReading = false;
  #isOver = false;
  #fault: unknown;
  /** Set while the caller waits. */
  #wake: (() => void) | undefined;

  constructor(body: ReadableStream<Uint8Array>, options: FrameReaderOptions) {
    this.#options = options;
    this.#reader = body.getReader();
    this.#deadline = this.#limit(options.firstByteMs);
    this.#deadline.pause();
    const { signal } = options.scope;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Milliseconds from opening to the last byte so far: for how long the connection has done its work. */
  get aliveMs(): number {
    return this.#lastByteAt - this.#openedAt;
  }

  /** How long the server wants readers to wait before they return, if it said so (`retry`). */
  get retryMs(): number | undefined {
    return this.#parser.retryMs;
  }

  /**
   * The next frames, at least one; `undefined` at the end of the body, whether or not it came too soon: an unfinished frame is dropped.
   * Throws `APITimeoutError` when no byte comes in time, `APIConnectionError` when the connection breaks, and the signal's reason.
   * Frames that came before the connection broke are given first.
   */
  async next(): Promise<readonly Frame[] | undefined> {
    if (this.#frames.length === 0 && !this.#isOver) await this.#more();
    const frames = this.#frames;
    if (frames.length === 0 && this.#fault) throw this.#fault;
    if (frames.length === 0) return undefined;
    this.#frames = [];
    this.#aheadBytes = 0;
    return frames;
  }

  /** Closes the connection. A pending `next` ends as at the end of the body. */
  close(): void {
    this.#frames = [];
    this.#end();
  }

  #more(): Promise<void> {
    this.#deadline.restart();
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (!this.#isReading) void this.#read();
    });
  }

  /** Reads as long as the caller waits, and then ahead. */
  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#wake || this.#aheadBytes < READ_AHEAD_BYTES) {
        const { done, value } = await this.#reader.read();
        if (done || this.#isOver) return this.#end();
        this.#take(value);
      }
    } catch (cause) {
      this.#fail(this.#brokenError(cause)); // or a chunk was no bytes: whoever made the body is at fault
    } finally {
      this.#isReading = false;
    }
  }

  #take(chunk: Uint8Array): void {
    const now = performance.now();
    this.#parser.feed(this.#decoder.decode(chunk), this.#frames);
    this.#aheadBytes += chunk.length;
    this.#lastByteAt = now;
    if (this.#isFirst) this.#passFirstByte();
    if (this.#frames.length > 0) this.#wakeUp();
    else if (this.#wake) this.#deadline.restart(now);
  }

  #passFirstByte(): void {
    this.#isFirst = false;
    this.#deadline.stop();
    this.#deadline = this.#limit(this.#options.idleMs);
  }

  #wakeUp(): void {
    this.#deadline.pause();
    this.#wake?.();
    this.#wake = undefined;
  }

  readonly #onAbort = (): void => {
    this.#frames = [];
    this.#fail(this.#options.scope.signal.reason);
  };

  #brokenError(cause: unknown): APIConnectionError {
    const options = { code: "CONNECTION_FAILED", cause };
    return this.#options.scope.error(APIConnectionError, "the connection broke.", options);
  }

  #limit(ms: number): Deadline {
    const { scope } = this.#options;
    return new Deadline(ms, () =>
      this.#fail(scope.error(APITimeoutError, `no byte for ${ms} ms.`, { code: "STREAM_STALLED" })),
    );
  }

  #fail(fault: unknown): void {
    if (!this.#isOver) this.#fault = fault;
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#wakeUp();
    this.#deadline.stop();
    this.#options.scope.signal.removeEventListener("abort", this.#onAbort);
    this.#reader.cancel().catch(() => {}); // rejects when the body has failed already, which `next` tells
    this.#options.onClose();
  }
}

/** Decodes pieces that may be cut within a character. Whole ones take the decoder's short way, which a decoder that has seen a part has lost. */
class Utf8Decoder {
  // The parser takes the byte order mark away, exactly one, as the rules say; the decoder must not take a second.
  readonly #wholes = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #parts = new TextDecoder("utf-8", { ignoreBOM: true });
  #isWithin = false;

  decode(bytes: Uint8Array): string {
    const last = bytes.at(-1) ?? (this.#isWithin ? 0x80 : 0);
    const isWhole = !this.#isWithin && last < 0x80; // only bytes below 0x80 are sure to end a character
    this.#isWithin = last >= 0x80;
    return isWhole ? this.#wholes.decode(bytes) : this.#parts.decode(bytes, IN_PARTS);
  }
}
