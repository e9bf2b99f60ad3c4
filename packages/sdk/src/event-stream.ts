import { ValueError } from "@noukai/core";
import type { FlowCompleted, StreamEvent } from "./events.ts";
import { loaded } from "./loaded.ts";
import { readableOf, responseOf } from "./stream-readable.ts";
import type { RunInfo } from "./stream-result.ts";
import { type ConnectionState, type EventSource, sourceOver } from "./stream-source.ts";
import { teeSource } from "./stream-tee.ts";
import type { TextOptions } from "./stream-text.ts";

export type { ConnectionState, EventSource } from "./stream-source.ts";

const DONE = { done: true, value: undefined } as const;

/**
 * The events of a run, to be read once: with `for await`, or by one of `result()`, `text()`, `tee()`, `toReadableStream()`, `toResponse()`,
 * which give what has not been read before. Nothing is sent before the first event is asked for. Leaving the loop closes the connection and
 * leaves the run alone. `Output` is the flow's result.
 */
export class EventStream<Output = unknown> implements AsyncIterableIterator<StreamEvent<Output>, undefined> {
  readonly #source: EventSource;
  #batch: readonly StreamEvent[] = [];
  #index = 0;
  /** The last event handed on of the batches before. */
  #last: StreamEvent | undefined;
  #lastSeq: number;
  #hasEnded = false;
  #pending: Promise<boolean> | undefined;

  /** Obtained from `flow.events()`, `run.liveTrace()` or `fromReadableStream()`. `after`: the `seq` that the source begins behind. */
  constructor(source: EventSource, after = 0) {
    this.#source = source;
    this.#lastSeq = after;
  }

  /** The run's id, from the answer's headers on; `undefined` before. */
  get executionId(): string | undefined {
    return this.#source.executionId;
  }

  /** The `seq` of the last logged event that was read: what `run.liveTrace({ after })` takes to go on from here. 0 before the first. */
  get lastSeq(): number {
    for (let index = this.#index - 1; index >= 0; index--) {
      const seq = this.#batch[index]?.seq;
      if (seq !== undefined) return seq;
    }
    return this.#lastSeq;
  }

  /** How the stream stands to its server; `undefined` before the first connection, and for a stream that has none of its own. */
  get connection(): ConnectionState | undefined {
    return this.#source.connection;
  }

  next(): Promise<IteratorResult<StreamEvent<Output>, undefined>> {
    if (!this.#pending && this.#isFilled) return Promise.resolve(this.#takeOne());
    return this.#whenFilled(() => this.#takeOne()).then((result) => result ?? DONE);
  }

  /**
   * The next events, at least one: all that have arrived together. `undefined` after the last. For readers who draw or store them together;
   * `next` gives them one by one.
   */
  nextBatch(): Promise<readonly StreamEvent<Output>[] | undefined> {
    return this.#whenFilled(() => {
      const rest = this.#index === 0 ? this.#batch : this.#batch.slice(this.#index);
      this.#index = this.#batch.length;
      return rest as readonly StreamEvent<Output>[]; // the caller named what the flow gives
    });
  }

  /**
   * Begins the call and waits for its first event, which stays to be read. Throws what the server refuses the call with, so that a server of
   * your own can answer with that before it begins an answer of events; from then on `executionId` is known.
   */
  async opened(): Promise<void> {
    await this.#whenFilled(() => {});
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

  /** Stops watching at once, from wherever it is called: the connection closes, a loop that reads ends. The run goes on. */
  detach(): void {
    this.#end();
  }

  /**
   * Stops the run; resolves once the server has accepted that. A loop that reads then ends with the run's `step_error` event, whose
   * `error.code` is `CANCELLED`. A run that is over stays as it is; before the first event was asked for, this only ends the stream. Throws
   * `ValueError` on a stream without a connection of its own (`fromReadableStream`): there, use `noukai.run(executionId).cancel()`.
   */
  async cancel(): Promise<void> {
    if (this.#source.cancel) return void (await this.#source.cancel());
    throw new ValueError("This stream has no connection to the server. Use `noukai.run(stream.executionId).cancel()`.");
  }

  /**
   * Reads what is left, and gives the run's result. Throws the run's error when it failed, `FlowExecutionError` (`TOOL_CALLS_REQUIRED`) when
   * it waits for tool calls that nobody answers, and what the stream throws. Works after a loop that read to the end, too.
   */
  async result(): Promise<Output> {
    const { completionOf } = await loaded(import("./stream-result.ts")); // first: the network may be gone by the end
    while (await this.nextBatch());
    return (completionOf(this.#last, this.#run) as FlowCompleted<Output>).result; // as in nextBatch
  }

  /**
   * The text that top-level steps write, piece by piece as it comes. Throws as `result` does when the run does not come to a result, and when
   * text that was given becomes void, unless `onReset` is there to drop it. Leaving the loop closes the connection.
   */
  async *text(options: TextOptions = {}): AsyncGenerator<string, void> {
    const { textOf } = await loaded(import("./stream-text.ts"));
    yield* textOf(this, options, () => this.#run);
  }

  /**
   * Two streams of what is left. Nothing is asked of the server before one of them needs it; what only one has read is kept for the other.
   * The connection closes when both have ended. A pause is to be answered before either of them asks for what follows.
   */
  tee(): [EventStream<Output>, EventStream<Output>] {
    const after = this.lastSeq;
    const [left, right] = teeSource(this.#rest());
    return [new EventStream(left, after), new EventStream(right, after)];
  }

  /**
   * What is left as bytes: server-sent events as the server sends them, with their ids, and with heartbeats. `fromReadableStream` reads them
   * again, on another machine too. Cancelling it detaches.
   */
  toReadableStream(): ReadableStream<Uint8Array> {
    return readableOf(this.#rest());
  }

  /**
   * What is left as an answer to a browser: `toReadableStream()` with the right headers, and with the run's id where it is known already
   * (after `opened()`). A stream that fails breaks the connection off, which tells the reader that it was not the end. Headers of `init` win
   * but for the content type.
   */
  toResponse(init?: ResponseInit): Response {
    return responseOf(this.#rest(), init);
  }

  get #isFilled(): boolean {
    return this.#index < this.#batch.length && !this.#source.signal?.aborted;
  }

  get #run(): RunInfo {
    const { executionId } = this;
    return { operation: this.#source.operation ?? `run ${executionId ?? "without a name"}`, executionId };
  }

  /** Whoever calls this has looked whether there is one. */
  #takeOne(): IteratorYieldResult<StreamEvent<Output>> {
    return { done: false, value: this.#batch[this.#index++] as StreamEvent<Output> }; // as above, and as in nextBatch
  }

  /**
   * Takes as soon as there is an event to take; `undefined` after the last. Callers that do not wait for one event before they ask for the
   * next are served in turn, so nothing may come between the look and the taking.
   */
  async #whenFilled<Taken>(take: () => Taken): Promise<Taken | undefined> {
    while (this.#pending || !this.#isFilled) {
      if (this.#pending) await this.#pending.catch(() => {}); // who began it is told
      else if (this.#hasEnded || !(await (this.#pending = this.#load()))) return undefined;
    }
    return take();
  }

  async #load(): Promise<boolean> {
    try {
      const batch = await this.#source.next();
      if (batch && !this.#hasEnded) this.#replace(batch);
      else this.#end();
      return !this.#hasEnded;
    } catch (error) {
      const wasLeft = this.#hasEnded;
      this.#end();
      if (wasLeft) return false;
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  #replace(batch: readonly StreamEvent[]): void {
    this.#lastSeq = this.lastSeq;
    this.#last = this.#batch[this.#index - 1] ?? this.#last;
    this.#batch = batch;
    this.#index = 0;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#replace([]);
    this.#source.close();
  }

  /** What has not been read yet, for others to read. */
  #rest(): EventSource {
    return sourceOver(() => this.#source, {
      next: () => this.nextBatch(),
      close: () => this.#end(),
      cancel: () => this.cancel(),
    });
  }
}
