import { AbortError, type Billed, CallScope, parseTimeout, type Transport, ValueError } from "@noukai/core";
import type { Middleware } from "./middleware.ts";

export interface ScopeOptions {
  /** Such as `POST acme/spelling/grade-3/execute`. */
  readonly operation: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  readonly billed: Billed;
}

/** What a client gives to all its calls. */
export interface ContextDefaults {
  readonly sessionId?: string | undefined;
  readonly middleware?: readonly Middleware[];
}

/** What a client shares with its flows and runs. */
export class ClientContext {
  readonly transport: Transport;
  readonly sessionId: string | undefined;
  readonly middleware: readonly Middleware[];
  readonly #scopes = new Set<CallScope>();
  readonly #background = new Set<Promise<void>>();
  #isClosed = false;

  constructor(transport: Transport, { sessionId, middleware = [] }: ContextDefaults = {}) {
    this.transport = transport;
    this.sessionId = sessionId;
    this.middleware = middleware;
  }

  /** Begins a call of a caller's. Throws `AbortError` when its signal or the client's has aborted already. */
  openScope({ operation, signal, timeout, billed }: ScopeOptions): CallScope {
    if (this.#isClosed) throw new ValueError(`${operation}: the client is closed. Make a new one, or close it later.`);
    const { config } = this.transport;
    const scope = new CallScope({
      operation,
      signals: [signal, config.signal],
      timeoutMs: timeout === undefined ? config.timeoutMs : parseTimeout(timeout),
      billed,
      onClose: (closed) => this.#scopes.delete(closed),
    });
    this.#scopes.add(scope);
    return scope;
  }

  /** Lets work finish that no caller waits for. Its failure is nobody's: best effort. */
  inBackground(work: Promise<unknown>): void {
    const settled: Promise<void> = work.then(
      () => {},
      () => {},
    );
    this.#background.add(settled);
    void settled.then(() => this.#background.delete(settled));
  }

  /** Ends every call that is under way, then waits for the background work. Runs go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const scope of this.#scopes) {
      scope.end(scope.error(AbortError, "the client was closed.", { code: "CLIENT_CLOSED", retryable: false }));
    }
    await Promise.all(this.#background);
  }
}
