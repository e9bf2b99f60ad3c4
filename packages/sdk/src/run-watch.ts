import {
  AbortError,
  APIConnectionError,
  APITimeoutError,
  backoffMs,
  type CallScope,
  emitLog,
  type Fetch,
  type FrameReader,
  NoukaiError,
  type StreamAnswer,
  StreamDecodeError,
  StreamTruncatedError,
} from "@noukai/core";
import type { ClientContext } from "./context.ts";
import type { Cursor, Taken } from "./cursor.ts";
import type { StepPaused, StreamEvent, ToolCallsRequired } from "./events.ts";
import type { FlowAddress } from "./identifiers.ts";
import { getTraceStream, type RunAddress } from "./routes.ts";
import type { ConnectionState, EventSource } from "./stream-source.ts";

/** How many connections in a row may bring nothing new before a reader gives up; with backoff about 20 s. */
const MAX_FAILURES = 8;
/** How often a run that is under way is asked for before a reader gives up; with backoff about a minute, enough for a server to restart. */
export const MAX_RETRIES = 16;
/** A connection that brought bytes for this long did its work, even when no event was due: a slow step behind a proxy that cuts idle streams. */
const HEALTHY_MS = 30_000;

/** An event behind which the run waits for its caller. */
export type PauseEvent = StepPaused | ToolCallsRequired;

/** Does the run end with this event? */
export function isTerminal({ type }: StreamEvent): boolean {
  return type === "flow_completed" || type === "step_error";
}

/** What a run's caller does at the pauses. */
export interface Segments {
  /** Told of each batch before it is handed on, which may wait for what it gives; a pause is the last of its batch. Does not reject. */
  note(events: readonly StreamEvent[]): Promise<void> | undefined;
  /**
   * Called when the reader asks for what follows a pause. Gives the connection that goes on behind it, opened within `scope`; `undefined`
   * when nobody answers. `signal` aborts with the scope, and when the run is cancelled.
   */
  goOn(pause: PauseEvent, scope: CallScope, signal: AbortSignal): Promise<StreamAnswer | undefined>;
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
  /** Is this the last event that the reader is to see, or with `segments` one to stop at? */
  readonly isLast: (event: StreamEvent) => boolean;
  /** Goes on behind an event that is the last of its connection and not the run's. */
  readonly segments?: Segments;
  /** Told each state of the connection. What it throws is ignored: a spectator does not break a stream. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
  /** Stops the run. */
  readonly cancel: () => Promise<unknown>;
}

/** Follows one run over as many connections as it takes: every later one goes on behind the last logged event. */
export class RunWatch implements EventSource {
  readonly #options: RunWatchOptions;
  readonly #cursor: Cursor;
  #scope: CallScope | undefined;
  #opening: Promise<StreamAnswer> | undefined;
  #frames: FrameReader | undefined;
  /** What ended the reading of a batch whose events are handed on first. */
  #fault: unknown;
  /** The event that the run waits behind, and what lets go of the waiting. */
  #pause: PauseEvent | undefined;
  #waiting: AbortController | undefined;
  /** Connections in a row that brought nothing new, and how far the reader was at the last of them. */
  #failures = 0;
  #progress = 0;
  #isCancelled = false;
  /** The run's last event was handed on. */
  #isOver = false;
  #connection: ConnectionState | undefined;

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

  get operation(): string | undefined {
    return this.#scope?.operation;
  }

  get connection(): ConnectionState | undefined {
    return this.#connection;
  }

  /** The call, once it has begun. */
  get scope(): CallScope | undefined {
    return this.#scope;
  }

  /** The event that the run waits behind, while its reader may still go on from there. */
  get pause(): PauseEvent | undefined {
    return this.#pause;
  }

  /** A try to get at the run failed; the next one begins in `inMs`. */
  readonly onRetry = (failures: number, inMs: number): void => {
    this.#tell({ status: "reconnecting", attempt: this.#failures + failures, inMs });
  };

  async next(): Promise<readonly StreamEvent[] | undefined> {
    try {
      const events = await this.#read();
      if (!events) this.#finish({ status: "closed", reason: "ended" });
      return events;
    } catch (error) {
      this.#finish({ status: "closed", reason: "failed", error });
      throw error;
    }
  }

  close(): void {
    // Also lets go of a connection that is being opened, and of the wait before one.
    this.#scope?.end(new AbortError(`${this.#scope.operation}: the reader has left.`, { code: "READER_LEFT" }));
    this.#finish({ status: "closed", reason: this.#isOver ? "ended" : "left" });
  }

  /** Stops the run, if there is one; the reader then comes to its end. */
  async cancel(): Promise<void> {
    if (this.#isOver) return;
    if (!this.#scope) return this.close(); // nothing was sent
    // The answer names the run: one that is still on its way to the server would not be found by its key.
    await this.#opening?.catch(() => {}); // the reader is told
    this.#isCancelled = true;
    try {
      await this.#options.cancel();
    } catch (error) {
      this.#isCancelled = false;
      throw error;
    }
    this.#waiting?.abort(new AbortError(`${this.#scope.operation}: the run was cancelled.`, { code: "CANCELLED" }));
  }

  get #hasEnded(): boolean {
    return this.#connection?.status === "closed";
  }

  async #read(): Promise<readonly StreamEvent[] | undefined> {
    while (!this.#hasEnded && !this.#isOver) {
      const frames = this.#frames ?? (await this.#connect());
      if (!frames) return undefined;
      let taken: Taken = { events: [], fault: this.#fault };
      this.#fault = undefined;
      try {
        if (taken.fault === undefined) {
          taken = this.#cursor.take((await frames.next()) ?? endedEarly(), this.#options.isLast);
        }
      } catch (fault) {
        taken = { events: [], fault };
      }
      if (taken.events.length > 0) return this.#handOn(taken);
      if (taken.fault !== undefined && !this.#hasEnded) await this.#reconnect(taken.fault, frames);
    }
    return undefined;
  }

  #handOn({ events, fault, last }: Taken): readonly StreamEvent[] | Promise<readonly StreamEvent[]> {
    const { segments } = this.#options;
    this.#fault = fault;
    const noted = segments?.note(events);
    if (last && segments && (last.type === "step_paused" || last.type === "tool_calls_required")) {
      this.#pause = last;
      this.#frames?.close();
      this.#frames = undefined;
    } else if (last) {
      // Nothing follows: the socket is closed before the reader has even looked at the event, and that is told once it has.
      this.#isOver = true;
      this.#release();
    }
    return noted ? noted.then(() => events) : events;
  }

  /** The first connection, or the one behind a pause. */
  async #connect(): Promise<FrameReader | undefined> {
    const answer = this.#pause ? await this.#goOn(this.#pause) : await this.#open();
    if (answer === undefined || this.#hasEnded) return undefined;
    this.#pause = undefined;
    // An earlier request that was lost may have started the run, and this one only joined it.
    if (answer.attempts > 1) this.#cursor.mayHaveMissed = true;
    return this.#use(answer);
  }

  async #open(): Promise<StreamAnswer> {
    this.#scope = this.#options.openScope();
    this.#opening = this.#options.open(this.#scope);
    const answer = await this.#opening;
    this.#cursor.executionId ??= answer.response.headers.get("x-noukai-execution-id") ?? undefined;
    return answer;
  }

  async #goOn(pause: PauseEvent): Promise<StreamAnswer | undefined> {
    const scope = this.#scope!; // it was opened before the pause
    const answer = this.#isCancelled ? undefined : await this.#ask(pause, scope);
    if (answer || this.#hasEnded) return answer;
    if (this.#isCancelled) return this.#openTrace(scope); // which tells the run's end
    this.#finish({ status: "closed", reason: "paused" });
    return undefined;
  }

  async #ask(pause: PauseEvent, scope: CallScope): Promise<StreamAnswer | undefined> {
    const waiting = (this.#waiting = new AbortController());
    const onAbort = (): void => waiting.abort(scope.signal.reason);
    scope.signal.addEventListener("abort", onAbort, { once: true });
    if (scope.signal.aborted) onAbort();
    try {
      return await this.#options.segments?.goOn(pause, scope, waiting.signal);
    } catch (error) {
      if (!this.#isCancelled) throw error; // else an answer that came too late
    } finally {
      scope.signal.removeEventListener("abort", onAbort);
      this.#waiting = undefined;
    }
    return undefined;
  }

  async #reconnect(fault: unknown, broken: FrameReader): Promise<void> {
    const { clock, config } = this.#options.context.transport;
    const { executionId, isUnnumbered } = this.#cursor;
    const scope = this.#scope!; // a connection broke, so one was opened, and the scope before it
    broken.close();
    if (scope.signal.aborted) throw scope.signal.reason;
    if (fault instanceof StreamDecodeError) throw fault;
    const isFirst = this.#cursor.progress > this.#progress || broken.aliveMs >= HEALTHY_MS;
    this.#failures = isFirst ? 1 : this.#failures + 1;
    this.#progress = this.#cursor.progress;
    if (executionId === undefined || isUnnumbered || this.#failures > MAX_FAILURES) throw this.#givenUp(fault);

    const inMs = backoffMs(this.#failures, clock);
    const attempt = this.#failures;
    emitLog(config.onLog, {
      phase: "reconnect",
      operation: scope.operation,
      attempt,
      delayMs: inMs,
      reason: String(fault),
    });
    this.#tell({ status: "reconnecting", attempt, inMs });
    await clock.sleep(inMs, scope.signal);
    this.#use(await this.#openTrace(scope));
  }

  /** The run's live trace behind the last logged event. */
  async #openTrace(scope: CallScope): Promise<StreamAnswer> {
    const { context, flow } = this.#options;
    const { executionId = "", position: after } = this.#cursor;
    this.#cursor.mayHaveMissed = true;
    const { onRetry } = this;
    try {
      return await openTraceStream(context, { scope, flow, executionId, after, maxRetries: MAX_RETRIES, onRetry });
    } catch (error) {
      throw scope.signal.aborted ? scope.signal.reason : this.#givenUp(error);
    }
  }

  #use({ frames }: StreamAnswer): FrameReader {
    this.#frames = frames;
    this.#tell({ status: "live" });
    return frames;
  }

  #release(): void {
    this.#frames?.close();
    this.#scope?.close();
  }

  #finish(state: ConnectionState): void {
    this.#release();
    this.#pause = undefined;
    this.#tell(state);
  }

  #tell(state: ConnectionState): void {
    if (this.#hasEnded) return;
    this.#connection = state;
    try {
      this.#options.onConnection?.(state);
    } catch {
      // A spectator that throws has no one to tell but itself.
    }
  }

  #givenUp(cause: unknown): NoukaiError {
    const { executionId, position } = this.#cursor;
    const { statusCode, requestId, code } = cause instanceof NoukaiError ? cause : ({} as Partial<NoukaiError>); // a name for nothing
    const options = { executionId, cause, statusCode, requestId, billed: "possibly" } as const;
    const how = wayBack(executionId, position);
    const where = `${this.#scope?.operation}: the stream broke off after event ${position}`;
    if (cause instanceof APITimeoutError) {
      return new APITimeoutError(`${where} and stays silent.${how}`, { ...options, code: "STREAM_STALLED" });
    }
    // The key was revoked, or may no longer see the run: no other attempt would change that.
    if (statusCode === 401 || statusCode === 403) {
      const Refusal = (cause as NoukaiError).constructor as typeof NoukaiError; // the class that goes with the status
      return new Refusal(`${where}, and the key is refused.${how}`, { ...options, code });
    }
    const message = `${where} and cannot be taken up again.${how}`;
    return new StreamTruncatedError(message, { ...options, code: "STREAM_TRUNCATED" });
  }
}

/** How a message leads back to a run whose reader saw all up to event `after`; nothing while the run is unknown. */
export function wayBack(executionId: string | undefined, after = 0): string {
  if (executionId === undefined) return "";
  return ` The run goes on: run("${executionId}").liveTrace({ after: ${after} }) leads back to it.`;
}

function endedEarly(): never {
  throw new APIConnectionError("The stream ended before the run did.", { code: "STREAM_ENDED_EARLY" });
}

interface TraceStreamOptions extends RunAddress {
  readonly scope: CallScope;
  readonly after: number;
  readonly maxRetries?: number;
  readonly onRetry?: (failures: number, delayMs: number) => void;
  /** Makes this request. Default: the client's. */
  readonly fetch?: Fetch | undefined;
}

/** Opens a run's live trace behind an event. */
export function openTraceStream(
  context: ClientContext,
  { scope, after, maxRetries, onRetry, fetch, ...address }: TraceStreamOptions,
): Promise<StreamAnswer> {
  const headers = { "last-event-id": after > 0 ? String(after) : undefined };
  return context.transport.stream(
    { scope, headers, fetch, ...(maxRetries !== undefined && { maxRetries }), ...(onRetry && { onRetry }) },
    getTraceStream(address),
  );
}
