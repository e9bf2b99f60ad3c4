import { type CallScope, untilAborted } from "./call-scope.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { runtimeAgent } from "./environment.ts";
import { errorFromResponse } from "./error-from-answer.ts";
import { APIConnectionError, FlowExecutionError, type NoukaiError, ValueError } from "./errors.ts";
import { emitLog, type LogEvent } from "./log.ts";
import type { Fault } from "./retry.ts";
import { API_VERSION, VERSION } from "./version.ts";

/** What a request hands to the wire client beside its path and body. */
// A type, not an interface: openapi-fetch takes further members too, which only a type is taken to allow.
export type WireInit = {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: (request: Request) => Promise<Response>;
};

/** What the wire client gives back: data, or an error's body, by the status. */
export interface Exchange<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** One request, as often as it takes. */
export interface Call {
  readonly scope: CallScope;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** May it be made twice? Default: a GET may, and anything with an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** Default: the client's. */
  readonly maxRetries?: number;
}

export interface AttemptOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly call: Call;
  /** From 1. */
  readonly number: number;
  readonly accept: "application/json" | "text/event-stream";
}

/** One try of one request: its headers, its log lines, and its failure as a typed error. */
export class Attempt {
  /** Set when the try failed in a way that another one may not. */
  fault: Fault | undefined;
  readonly #options: AttemptOptions;
  #request: Request | undefined;
  #response: Response | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Sends the request; throws the typed error unless the answer is a success. Rejects as soon as `signal` aborts. */
  async run<Data>(signal: AbortSignal, send: (init: WireInit) => Promise<Exchange<Data>>): Promise<Exchange<Data>> {
    const exchange = await untilAborted(this.#send(signal, send), signal).catch((cause: unknown) => {
      throw this.#errorFrom(cause, signal);
    });
    if (exchange.response.ok) return exchange;
    this.fault = { response: exchange.response, idempotent: this.#isIdempotent };
    throw errorFromResponse(exchange.response, {
      operation: this.#operation,
      readOnly: this.#isReadOnly,
      body: exchange.error,
      now: this.#options.clock.now(),
    });
  }

  /** The answer is a success by its status, and not what the contract says: something between us and the server made it. */
  unexpectedAnswer(response: Response, cause?: unknown): NoukaiError {
    const what = response.headers.get("content-type") ?? "an answer without a type";
    return new FlowExecutionError(
      `${this.#operation}: ${response.status}, but with ${what}. Does \`baseUrl\` lead to the API?`,
      {
        statusCode: response.status,
        code: "UNEXPECTED_ANSWER",
        requestId: response.headers.get("x-request-id") ?? undefined,
        executionId: response.headers.get("x-noukai-execution-id") ?? undefined,
        billed: this.#isReadOnly ? "no" : "possibly",
        cause,
      },
    );
  }

  log(event: Omit<LogEvent, "operation" | "attempt">): void {
    emitLog(this.#options.config.onLog, { ...event, operation: this.#operation, attempt: this.#options.number });
  }

  // An async function, so that what `send` throws at once becomes a rejection too.
  async #send<Data>(signal: AbortSignal, send: (init: WireInit) => Promise<Exchange<Data>>): Promise<Exchange<Data>> {
    return send({ signal, headers: this.#headers(), fetch: (request) => this.#fetch(request) });
  }

  async #fetch(request: Request): Promise<Response> {
    const { config } = this.#options;
    this.#request = request;
    this.log({ phase: "request", url: request.url, ...(config.logPayloads && { body: await request.clone().text() }) });
    const sentAt = performance.now();
    const response = await config.fetch(request);
    this.#response = response;
    const requestId = response.headers.get("x-request-id") ?? undefined;
    this.log({ phase: "response", statusCode: response.status, requestId, durationMs: performance.now() - sentAt });
    return response;
  }

  #headers(): Readonly<Record<string, string>> {
    const { config, call, accept } = this.#options;
    const agent = runtimeAgent();
    const own = {
      accept,
      authorization: `Bearer ${config.apiKey}`,
      "x-noukai-api-version": API_VERSION,
      "user-agent": agent && `noukai-sdk-js/${VERSION} ${agent}`,
    };
    const entries = Object.entries({ ...config.headers, ...call.headers, ...own });
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  #errorFrom(cause: unknown, signal: AbortSignal): unknown {
    if (this.#options.call.scope.signal.aborted) return this.#options.call.scope.signal.reason;
    // Without a request the fault is in what it was to be made of: a header's characters, a body that JSON cannot hold.
    if (!this.#request) {
      return new ValueError(`${this.#operation}: the request cannot be written. ${String(cause)}`, { cause });
    }
    if (this.#response?.ok && cause instanceof SyntaxError) return this.unexpectedAnswer(this.#response, cause);
    this.fault = { idempotent: this.#isIdempotent };
    if (signal.aborted) return signal.reason;
    return new APIConnectionError(
      `${this.#operation}: no answer. Is the server running, and \`baseUrl\` right? ${reasonOf(cause)}`,
      {
        code: "CONNECTION_FAILED",
        retryable: this.#isReadOnly,
        billed: this.#isReadOnly ? "no" : "possibly",
        cause,
      },
    );
  }

  get #isReadOnly(): boolean {
    return this.#request?.method === "GET";
  }

  get #isIdempotent(): boolean {
    return (
      this.#options.call.idempotent ?? (this.#isReadOnly || this.#request?.headers.has("idempotency-key") === true)
    );
  }

  /** As `POST acme/spelling/grade-3/execute`. */
  get #operation(): string {
    const { call, config } = this.#options;
    if (!this.#request) return call.scope.operation;
    const path = this.#request.url.slice(config.baseUrl.length).replace(/^\/(seq\/)?/, "");
    return `${this.#request.method} ${path.replace(/\?.*$/, "")}`;
  }
}

/** Node hides why a connection failed one level down. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
