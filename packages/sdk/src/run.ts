import {
  AbortError,
  APIConnectionError,
  APITimeoutError,
  backoffMs,
  type CallScope,
  emitLog,
  type FrameReader,
  type NoukaiError,
  type StreamAnswer,
  StreamDecodeError,
  StreamTruncatedError,
  ValueError,
} from "@noukai/core";
import type { Trace } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { Cursor, type Taken } from "./cursor.ts";
import { type EventSource, EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";
import { checkExecutionId, type FlowAddress } from "./identifiers.ts";
import { getTrace, getTraceStream, type RunAddress, traceOperation } from "./routes.ts";

/** How many connections in a row may bring nothing new before a reader gives up; with backoff about 20 s. */
const MAX_FAILURES = 8;
/** A connection that brought bytes for this long did its work, even when no event was due: a slow step behind a proxy that cuts idle streams. */
const HEALTHY_MS = 30_000;

/** Options of `run.trace`. */
export interface TraceOptions {
  /** Milliseconds for the call. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `run.liveTrace`. */
export interface LiveTraceOptions {
  /** Stops the watching, not the run. */
  readonly signal?: AbortSignal | undefined;
  /** Begins behind this event's `seq`. Default 0: from the run's first event. */
  readonly after?: number | undefined;
}

/** One execution of a flow, under way or long over. Making one sends nothing. */
export class Run {
  readonly executionId: string;
  readonly #context: ClientContext;
  readonly #address: RunAddress;

  /** Obtained from `noukai.run(id)` or `flow.run(id)`. */
  constructor(context: ClientContext, address: RunAddress) {
    this.executionId = checkExecutionId(address.executionId);
    this.#context = context;
    this.#address = address;
  }

  /** The run as a tree of steps with times, tokens and costs (`costUsd` is a decimal string), as far as it has got. */
  async trace({ timeout, signal }: TraceOptions = {}): Promise<Trace> {
    const scope = this.#context.openScope({ operation: traceOperation(this.#address), timeout, signal, billed: "no" });
    try {
      return (await this.#context.transport.json({ scope }, getTrace(this.#address))).data;
    } finally {
      scope.close();
    }
  }

  /**
   * The run's events: what has happened, then what happens, until the run is over. It stays open through pauses, survives lost connections,
   * and has no total timeout. Throws `StreamTruncatedError` when a lost connection cannot be taken up again.
   */
  liveTrace({ signal, after = 0 }: LiveTraceOptions = {}): EventStream {
    if (!Number.isInteger(after) || after < 0) {
      throw new ValueError(`\`after\` is ${after}. Give an event's \`seq\`, or 0 for the beginning.`);
    }
    const operation = `${traceOperation(this.#address)}/stream`;
    const context = this.#context;
    return new EventStream(
      new RunWatch({
        context,
        flow: this.#address.flow,
        cursor: new Cursor({ after, executionId: this.executionId }),
        openScope: () => context.openScope({ operation, signal, timeout: Infinity, billed: "no" }),
        open: (scope) => openTraceStream(context, { ...this.#address, scope, after }),
        isLast: isTerminal,
      }),
    );
  }
}

/** Does the run end with this event? */
export function isTerminal({ type }: StreamEvent): boolean {
  return type === "flow_completed" || type === "step_error";
}

export interface RunWatchOptions {
  readonly context: ClientContext;
  /** The run's flow; without it the run is addressed by its id alone. */
  readonly flow: FlowAddress | undefined;
  /** Where the reader stands before the first event. */
  readonly cursor: Cursor;
  /** Begins the call; called when the first event is asked for. */
  readonly openScope: () => CallScope;
  /** Makes the first connection, which may be the POST that starts the run. It is not repeated once its headers are there. */
  readonly open: (scope: CallScope) => Promise<StreamAnswer>;
  /** Is this the last event that the reader is to see? */
  readonly isLast: (event: StreamEvent) => boolean;
}

/** Follows one run over as many connections as it takes: every later one goes on behind the last logged event. */
export class RunWatch implements EventSource {
  readonly #options: RunWatchOptions;
  readonly #cursor: Cursor;
  #scope: CallScope | undefined;
  #frames: FrameReader | undefined;
  /** What ended the reading of a batch whose events are handed on first. */
  #fault: unknown;
  /** Connections in a row that brought nothing new, and how far the reader was at the last of them. */
  #failures = 0;
  #progress = 0;
  #hasEnded = false;

  constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
  }

  get signal(): AbortSignal | undefined {
    return this.#scope?.signal;
  }

  get executionId(): string | undefined {
    return this.#cursor.executionId;
  }

  async next(): Promise<readonly StreamEvent[] | undefined> {
    while (!this.#hasEnded) {
      const frames = this.#frames ?? (await this.#open());
      let taken: Taken = { events: [], fault: this.#fault };
      this.#fault = undefined;
      try {
        if (taken.fault === undefined) taken = this.#cursor.take((await frames.next()) ?? endedEarly());
      } catch (fault) {
        taken = { events: [], fault };
      }
      if (taken.events.length > 0) {
        this.#fault = taken.fault;
        return this.#untilLast(taken.events);
      }
      if (taken.fault !== undefined && !this.#hasEnded) await this.#reconnect(taken.fault, frames);
    }
    return undefined;
  }

  close(): void {
    // Also lets go of a connection that is being opened, and of the wait before one.
    this.#scope?.end(new AbortError(`${this.#scope.operation}: the reader has left.`, { code: "READER_LEFT" }));
    this.#finish();
  }

  async #open(): Promise<FrameReader> {
    this.#scope = this.#options.openScope();
    const { response, attempts, frames } = await this.#options.open(this.#scope);
    this.#cursor.executionId ??= response.headers.get("x-noukai-execution-id") ?? undefined;
    // An earlier request that was lost may have started the run, and this one only joined it.
    this.#cursor.mayHaveMissed = attempts > 1;
    this.#frames = frames;
    return frames;
  }

  /** Nothing follows the last event: the connection is closed before the reader has even looked at it. */
  #untilLast(events: readonly StreamEvent[]): readonly StreamEvent[] {
    const last = events.findIndex(this.#options.isLast);
    if (last === -1) return events;
    this.#finish();
    return events.slice(0, last + 1);
  }

  async #reconnect(fault: unknown, broken: FrameReader): Promise<void> {
    const { context, flow } = this.#options;
    const { executionId, position, isUnnumbered } = this.#cursor;
    const scope = this.#scope!; // a connection broke, so one was opened, and the scope before it
    broken.close();
    if (scope.signal.aborted) throw scope.signal.reason;
    if (fault instanceof StreamDecodeError) throw fault;
    const isFirst = this.#cursor.progress > this.#progress || broken.aliveMs >= HEALTHY_MS;
    this.#failures = isFirst ? 1 : this.#failures + 1;
    this.#progress = this.#cursor.progress;
    if (executionId === undefined || isUnnumbered || this.#failures > MAX_FAILURES) throw this.#givenUp(fault);

    const { clock, config } = context.transport;
    const delayMs = backoffMs(this.#failures, clock);
    const { operation } = scope;
    emitLog(config.onLog, { phase: "reconnect", operation, attempt: this.#failures, delayMs, reason: String(fault) });
    await clock.sleep(delayMs, scope.signal);
    const answer = await openTraceStream(context, {
      scope,
      flow,
      executionId,
      after: position,
      maxRetries: MAX_FAILURES,
    }).catch((error) => {
      throw scope.signal.aborted ? scope.signal.reason : this.#givenUp(error);
    });
    this.#cursor.mayHaveMissed = true;
    this.#frames = answer.frames;
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#frames?.close();
    this.#scope?.close();
  }

  #givenUp(cause: unknown): NoukaiError {
    const { executionId, position } = this.#cursor;
    const options = { executionId, cause, billed: "possibly" } as const;
    const how =
      executionId === undefined
        ? ""
        : ` The run goes on: run("${executionId}").liveTrace({ after: ${position} }) leads back to it.`;
    const where = `${this.#scope?.operation}: the stream broke off after event ${position}`;
    return cause instanceof APITimeoutError
      ? new APITimeoutError(`${where} and stays silent.${how}`, { ...options, code: "STREAM_STALLED" })
      : new StreamTruncatedError(`${where} and cannot be taken up again.${how}`, {
          ...options,
          code: "STREAM_TRUNCATED",
        });
  }
}

function endedEarly(): never {
  throw new APIConnectionError("The stream ended before the run did.", { code: "STREAM_ENDED_EARLY" });
}

interface TraceStreamOptions extends RunAddress {
  readonly scope: CallScope;
  readonly after: number;
  readonly maxRetries?: number;
}

function openTraceStream(
  context: ClientContext,
  { scope, after, maxRetries, ...address }: TraceStreamOptions,
): Promise<StreamAnswer> {
  const headers = { "last-event-id": after > 0 ? String(after) : undefined };
  return context.transport.stream(
    { scope, headers, ...(maxRetries !== undefined && { maxRetries }) },
    getTraceStream(address),
  );
}
