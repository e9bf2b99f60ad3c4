import { APITimeoutError, CallScope, FrameReader, StreamDecodeError, StreamTruncatedError } from "@noukai/core";
import { Cursor } from "./cursor.ts";
import { type EventSource, EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";
import { isTerminal, wayBack } from "./run-watch.ts";

/** As for any stream (contract §7): what `toReadableStream` gives has a heartbeat every 10 s. */
const FIRST_BYTE_MS = 60_000;
const IDLE_MS = 30_000;

/** Options of `fromReadableStream`. */
export interface ReadableOptions {
  /** Stops the reading, not the run. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a run's events from bytes: the body of an answer that was made with `stream.toResponse()`, or of the server's own. Wherever they
 * begin, they must go on without a gap up to the run's end or to a pause: anything less is a `StreamTruncatedError`, a silence of 30 s an
 * `APITimeoutError`, and what cannot be read a `StreamDecodeError`. Both name the run, where it is known: `noukai.run(error.executionId)`.
 */
export function fromReadableStream<Output = unknown>(
  readable: ReadableStream<Uint8Array>,
  { signal }: ReadableOptions = {},
): EventStream<Output> {
  return new EventStream<Output>(new ReadableSource(readable, signal));
}

class ReadableSource implements EventSource {
  readonly operation = "fromReadableStream";
  readonly #readable: ReadableStream<Uint8Array>;
  readonly #callers: AbortSignal | undefined;
  readonly #cursor = new Cursor({ beginsAnywhere: true });
  #scope: CallScope | undefined;
  #frames: FrameReader | undefined;
  #fault: unknown;
  #last: StreamEvent | undefined;

  constructor(readable: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) {
    this.#readable = readable;
    this.#callers = signal;
  }

  get signal(): AbortSignal | undefined {
    return this.#scope?.signal;
  }

  get executionId(): string | undefined {
    return this.#cursor.executionId;
  }

  async next(): Promise<readonly StreamEvent[] | undefined> {
    if (this.#last && isTerminal(this.#last)) return undefined;
    if (this.#fault !== undefined) throw this.#errorFor(this.#fault);
    const frames = (this.#frames ??= this.#open());
    for (;;) {
      const batch = await frames.next().catch((fault: unknown) => {
        throw this.#errorFor(fault);
      });
      if (batch === undefined) return this.#ended();
      const { events, fault } = this.#cursor.take(batch, isTerminal);
      this.#fault = fault;
      this.#last = events.at(-1) ?? this.#last;
      if (events.length > 0) return events;
      if (fault !== undefined) throw this.#errorFor(fault);
    }
  }

  close(): void {
    this.#frames?.close();
    this.#scope?.close();
    if (!this.#frames) this.#readable.cancel().catch(() => {}); // nobody is to be told of what was never read
  }

  #open(): FrameReader {
    const signals = [this.#callers];
    this.#scope = new CallScope({ operation: this.operation, signals, timeoutMs: Infinity, billed: "possibly" });
    const times = { firstByteMs: FIRST_BYTE_MS, idleMs: IDLE_MS };
    return new FrameReader(this.#readable, { ...times, scope: this.#scope, onClose: () => {} });
  }

  /** A pause ends a stream as well as the run's end does; anything else is a cut. */
  #ended(): undefined {
    const type = this.#last?.type;
    if (type === "tool_calls_required" || type === "step_paused") return undefined;
    throw this.#errorFor(undefined);
  }

  #errorFor(fault: unknown): unknown {
    if (this.#scope?.signal.aborted) return this.#scope.signal.reason;
    if (fault instanceof StreamDecodeError || fault instanceof APITimeoutError) return fault;
    const { executionId, position } = this.#cursor;
    const message = `${this.operation}: the stream broke off after event ${position}.${wayBack(executionId, position)}`;
    return new StreamTruncatedError(message, {
      code: "STREAM_TRUNCATED",
      executionId,
      billed: "possibly",
      cause: fault,
    });
  }
}
