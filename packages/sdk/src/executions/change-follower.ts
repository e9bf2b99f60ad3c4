import {
  APIConnectionError,
  APITimeoutError,
  backoffMs,
  type CallScope,
  emitLog,
  NoukaiError,
  StreamDecodeError,
  StreamTruncatedError,
} from "@noukai/core";
import type { ClientContext } from "../context.ts";
import type { ConnectionState } from "../stream-source.ts";
import { MAX_RETRIES } from "../streaming.ts";
import type { ExecutionChange } from "./execution-shapes.ts";

/** A connection that lived for this long did its work, even when nothing changed meanwhile. */
const HEALTHY_MS = 30_000;

/** Nothing follows. */
const END: unique symbol = Symbol("end");

/** What a connection brings: a place to resume from, with or without a change. */
export interface Place {
  readonly cursor: string;
  readonly change?: ExecutionChange;
}

/** What a connection that is not the first is told. */
export interface Again {
  /** To be called before each try of its own to connect, but for the first. */
  readonly onRetry: (tries: number, inMs: number) => void;
}

export interface FollowOptions {
  readonly context: ClientContext;
  readonly scope: CallScope;
  /** The execution, where it is about one. */
  readonly executionId?: string;
  readonly after: string | undefined;
  readonly onConnection: ((state: ConnectionState) => void) | undefined;
  /** Connects behind a place. What it yields has come together, at least once as soon as the connection stands. Its end is the connection's. */
  readonly connect: (after: string | undefined, again: Again | undefined) => AsyncGenerator<readonly Place[], void>;
  /** Has `connect`, when it cannot come back, tried as often as is of use? Otherwise it is tried here. */
  readonly isPatient: boolean;
  /** May the connection end behind this change, with nothing to follow? */
  readonly isLast: (change: ExecutionChange) => boolean;
}

/** Follows changes over as many connections as it takes: each goes on behind the last change of those before, which is given once. */
export class ChangeFollower {
  readonly #options: FollowOptions;
  #cursor: string | undefined;
  /** The newest change of the connection that there is, seen before or not. */
  #last: ExecutionChange | undefined;
  /** The last connection ended as the last one would, and whether it was is to be asked. */
  #isDoubtful = false;
  /** Connections in a row that brought nothing new. */
  #failures = 0;
  #hasConnected = false;
  readonly #again: Again = {
    onRetry: (tries, inMs) => this.#tell({ status: "reconnecting", attempt: this.#failures + tries, inMs }),
  };
  #status: ConnectionState["status"] | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#cursor = options.after;
  }

  async *changes(): AsyncGenerator<ExecutionChange, void, undefined> {
    const { scope } = this.#options;
    let end: ConnectionState = { status: "closed", reason: "left" };
    try {
      for (;;) {
        const fault = yield* this.#connection();
        if (fault === END) break;
        if (fault !== undefined) await this.#wait(fault);
      }
      end = { status: "closed", reason: "ended" };
    } catch (error) {
      end = { status: "closed", reason: "failed", error };
      throw error;
    } finally {
      scope.close();
      this.#tell(end);
    }
  }

  /** The new changes of one connection. Gives what broke it off; `undefined` when it seems to have been the last one, `END` when it was. */
  async *#connection(): AsyncGenerator<ExecutionChange, unknown, undefined> {
    const { connect, isLast, context, scope } = this.#options;
    const { clock } = context.transport;
    const openedAt = clock.now();
    const began = this.#cursor;
    let isOpen = false;
    this.#last = undefined;
    try {
      for await (const places of connect(began, this.#hasConnected ? this.#again : undefined)) {
        this.#hasConnected = isOpen = true;
        this.#tell({ status: "live" });
        for (const place of places) {
          scope.signal.throwIfAborted();
          yield* this.#take(place);
        }
      }
      if (!this.#last || !isLast(this.#last)) throw endedEarly();
      // A change that may be the last may have been followed by others, since executions run again, and a proxy may end what it has cut.
      this.#isDoubtful = this.#cursor !== began;
      return this.#isDoubtful ? undefined : END;
    } catch (fault) {
      // Where nobody can be asked, what seemed to be the end was it.
      return this.#isDoubtful && !isOpen && !scope.signal.aborted ? END : this.#throwOrReturn(fault, isOpen);
    } finally {
      if (isOpen && clock.now() - openedAt >= HEALTHY_MS) this.#failures = 0;
    }
  }

  *#take({ cursor, change }: Place): Generator<ExecutionChange, void, undefined> {
    // A server tells the last change of an execution again to whoever has seen it, so that they come to the end.
    const isNew = cursor !== this.#cursor;
    this.#cursor = cursor;
    this.#last = change ?? this.#last;
    if (change === undefined || !isNew) return;
    this.#failures = 0;
    this.#isDoubtful = false;
    yield change;
  }

  /** A connection that broke is made anew; what the server refuses is told. */
  #throwOrReturn(fault: unknown, isOpen: boolean): unknown {
    const { scope, isPatient } = this.#options;
    scope.signal.throwIfAborted();
    if (!this.#hasConnected || fault instanceof StreamDecodeError) throw fault;
    const isRefusal = fault instanceof NoukaiError && !(fault instanceof APIConnectionError) && !fault.retryable;
    if (isRefusal || (isPatient && !isOpen)) throw this.#givenUp(fault);
    return fault;
  }

  async #wait(fault: unknown): Promise<void> {
    const { context, scope } = this.#options;
    const { clock, config } = context.transport;
    const attempt = ++this.#failures;
    if (attempt > MAX_RETRIES) throw this.#givenUp(fault);
    const inMs = backoffMs(attempt, clock);
    emitLog(config.onLog, {
      phase: "reconnect",
      operation: scope.operation,
      attempt,
      delayMs: inMs,
      reason: String(fault),
    });
    this.#tell({ status: "reconnecting", attempt, inMs });
    await clock.sleep(inMs, scope.signal);
  }

  #tell(state: ConnectionState): void {
    const isKnown = state.status === "live" && this.#status === "live";
    this.#status = state.status;
    if (isKnown) return;
    try {
      this.#options.onConnection?.(state);
    } catch {
      // A spectator that throws has no one to tell but itself.
    }
  }

  #givenUp(cause: unknown): NoukaiError {
    const { statusCode, requestId, code } = cause instanceof NoukaiError ? cause : ({} as Partial<NoukaiError>); // a name for nothing
    const { operation } = this.#options.scope;
    const options = { cause, statusCode, requestId, executionId: this.#options.executionId };
    const where = `${operation}: the changes broke off behind ${this.#cursor ?? "their beginning"}`;
    const how = ` Go on later with \`after: ${JSON.stringify(this.#cursor)}\`.`;
    if (cause instanceof APITimeoutError) {
      return new APITimeoutError(`${where} and stay silent.${how}`, { ...options, code: "STREAM_STALLED" });
    }
    // The key was revoked, or the execution deleted: no other attempt would change that.
    if (statusCode === 401 || statusCode === 403 || statusCode === 404) {
      const Refusal = (cause as NoukaiError).constructor as typeof NoukaiError; // the class that goes with the status
      return new Refusal(`${where}, and are refused with ${statusCode}.${how}`, { ...options, code });
    }
    return new StreamTruncatedError(`${where} and cannot be taken up again.${how}`, {
      ...options,
      code: "STREAM_TRUNCATED",
    });
  }
}

function endedEarly(): APIConnectionError {
  return new APIConnectionError("The changes ended before the execution did.", { code: "STREAM_ENDED_EARLY" });
}
