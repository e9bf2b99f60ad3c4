import {
  APIConnectionError,
  AuthenticationError,
  type CallScope,
  type ErrorClass,
  FlowExecutionError,
  PermissionDeniedError,
  RateLimitError,
  StreamDecodeError,
  ValidationError,
  ValueError,
} from "@noukai/core";
import type { ExecutionSocketMessage } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { ChangeFollower, type Place } from "./change-follower.ts";
import type { ExecutionChangesOptions } from "./execution-options.ts";
import type { ExecutionChange } from "./execution-shapes.ts";
import { toExecutionChange } from "./execution-wire.ts";

const OPERATION = "GET flow-executions/ws";

/** How long a socket may take to open and be let in, in milliseconds. */
const OPEN_MS = 20_000;
/** After so long without a message the socket is made anew: a runtime does not tell that a connection is dead, and nothing is lost by it. */
const SILENT_MS = 120_000;
/** Changes that may wait for their reader. A socket cannot be told to wait: it is closed, and what it would have told is asked for again. */
const MAX_WAITING = 1_000;

/** Close codes by which the server says no: all but the last one for good. Source: `contract.md` §10. */
const REFUSALS: Readonly<Record<number, readonly [ErrorClass, status: number, code: string]>> = {
  4400: [ValidationError, 400, "INVALID_REQUEST"],
  4401: [AuthenticationError, 401, "UNAUTHENTICATED"],
  4403: [PermissionDeniedError, 403, "FORBIDDEN"],
  4429: [RateLimitError, 429, "RATE_LIMITED"],
};

/** The changes of all executions that the key opens. */
export function changes(
  context: ClientContext,
  { after, signal, onConnection, flowId, webSocket = globalThis.WebSocket }: ExecutionChangesOptions = {},
): AsyncGenerator<ExecutionChange, void, undefined> {
  if (typeof webSocket !== "function") {
    throw new ValueError("This runtime has no WebSocket. Pass one as `webSocket`, such as that of the package `ws`.");
  }
  const scope = context.openScope({ operation: OPERATION, signal, timeout: Infinity, billed: "no" });
  const connect = (cursor: string | undefined): AsyncGenerator<readonly Place[], void> =>
    new ChangeSocket({ context, scope, webSocket, cursor, flowId }).places();
  const how = { connect, isPatient: false, isLast: () => false };
  return new ChangeFollower({ context, scope, after, onConnection, ...how }).changes();
}

interface ChangeSocketOptions {
  readonly context: ClientContext;
  readonly scope: CallScope;
  readonly webSocket: typeof WebSocket;
  readonly cursor: string | undefined;
  readonly flowId: string | undefined;
}

/** One socket, from its opening to its end. */
class ChangeSocket {
  readonly #options: ChangeSocketOptions;
  #places: Place[] = [];
  #isOver = false;
  #fault: unknown;
  /** Set while the reader waits. */
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #socket: WebSocket | undefined;

  constructor(options: ChangeSocketOptions) {
    this.#options = options;
  }

  async *places(): AsyncGenerator<readonly Place[], void, undefined> {
    const { context, scope, webSocket: Socket } = this.#options;
    // The key goes as the first message: browsers cannot set a socket's headers, and addresses are written into logs.
    const token = await context.transport.config.authorization?.();
    scope.signal.throwIfAborted();
    const socket = (this.#socket = new Socket(this.#url));
    const onAbort = (): void => this.#end(scope.signal.reason);
    scope.signal.addEventListener("abort", onAbort, { once: true });
    this.#expect(OPEN_MS);
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "authenticate", token: token ?? "" })));
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", ({ code, reason }) => this.#end(this.#closedError(code, reason)));
    socket.addEventListener("error", () => {}); // "close" follows, and says more
    try {
      yield* this.#batches();
    } finally {
      scope.signal.removeEventListener("abort", onAbort);
      this.#end(undefined);
    }
  }

  get #url(): string {
    const { context, cursor, flowId } = this.#options;
    const query = new URLSearchParams({
      ...(cursor !== undefined && { cursor }),
      ...(flowId !== undefined && { flow_id: flowId }),
    });
    const base = context.transport.config.baseUrl.replace(/^http/, "ws");
    return `${base}/flow-executions/ws${query.size > 0 ? `?${query}` : ""}`;
  }

  async *#batches(): AsyncGenerator<readonly Place[], void, undefined> {
    for (;;) {
      while (this.#places.length === 0 && !this.#isOver) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const places = this.#places;
      this.#places = [];
      if (places.length > 0) yield places;
      else throw this.#fault;
    }
  }

  #receive(data: unknown): void {
    if (this.#isOver) return; // sockets may go on telling until the other side has closed, too
    this.#expect(SILENT_MS);
    try {
      const waiting = this.#places.push(toPlace(data));
      this.#wake?.();
      if (waiting === MAX_WAITING) this.#end(this.#error(APIConnectionError, "the reader is behind.", {}));
    } catch (error) {
      this.#end(error);
    }
  }

  /** Gives the socket so long to say something. */
  #expect(ms: number): void {
    clearTimeout(this.#timer);
    const silent = { code: "STREAM_STALLED" };
    this.#timer = setTimeout(() => this.#end(this.#error(APIConnectionError, `no message for ${ms} ms.`, silent)), ms);
  }

  /** Closes the socket at once, whatever its reader is busy with. */
  #end(fault: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fault = fault;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#wake?.();
  }

  #closedError(closeCode: number, reason: string): Error {
    const refusal = REFUSALS[closeCode];
    if (!refusal) {
      const what = `the socket was closed with ${closeCode}. Is the server running, and \`baseUrl\` right?`;
      return this.#error(APIConnectionError, what, { code: "CONNECTION_FAILED" });
    }
    const [ErrorClass, statusCode, code] = refusal;
    return this.#error(ErrorClass, `${statusCode} ${code}. ${reason}`, {
      code,
      statusCode,
      retryable: statusCode === 429,
    });
  }

  #error(ErrorClass: ErrorClass, what: string, options: Parameters<CallScope["error"]>[2]): Error {
    return this.#options.scope.error(ErrorClass, what, options);
  }
}

/** The place that a message tells of; one of a kind that is not known has just its place. */
function toPlace(data: unknown): Place {
  try {
    const { cursor, change } = JSON.parse(String(data)) as ExecutionSocketMessage; // as the contract says
    if (typeof cursor !== "string") throw new FlowExecutionError("It has no cursor.");
    return change ? { cursor, change: toExecutionChange(cursor, change) } : { cursor };
  } catch (cause) {
    throw new StreamDecodeError(
      "A message of the changes cannot be read. Does a proxy change what passes through it?",
      {
        code: "STREAM_DECODE",
        cause,
      },
    );
  }
}
