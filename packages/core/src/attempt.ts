import type { CallScope } from "./call-scope.ts";
import type { Clock } from "./clock.ts";
import type { Config, Fetch } from "./config.ts";
import { runtimeAgent } from "./environment.ts";
import { errorFromResponse } from "./error-from-answer.ts";
import {
  APIConnectionError,
  AuthenticationError,
  type ErrorClass,
  FlowExecutionError,
  NoukaiError,
  type NoukaiErrorOptions,
  ValueError,
} from "./errors.ts";
import { emitLog, type LogEvent } from "./log.ts";
import type { Fault } from "./retry.ts";
import { untilAborted } from "./until-aborted.ts";
import { API_VERSION, VERSION } from "./version.ts";

/** What a request hands to the wire client beside its path and body. */
// A type, not an interface: the wire client takes further members too, which only a type is taken to allow.
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
  /** Makes the requests of this call alone. Default: the client's. */
  readonly fetch?: Fetch | undefined;
  /** Told before each wait: how many tries have failed, and how long the wait is. */
  readonly onRetry?: (failures: number, delayMs: number) => void;
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
  readonly #scope: CallScope;
  /** Such as `POST acme/spelling/grade-3/execute`; once there is a request, its own. */
  #operation: string;
  #request: Request | undefined;
  #response: Response | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#scope = options.call.scope;
    this.#operation = this.#scope.operation;
  }

  /** Sends the request; throws the typed error unless the answer is a success. Rejects as soon as `signal` aborts. */
  async run<Data>(signal: AbortSignal, send: (init: WireInit) => Promise<Exchange<Data>>): Promise<Exchange<Data>> {
    const exchange = await untilAborted(this.#send(signal, send), signal).catch((cause: unknown) => {
      throw this.#errorFrom(cause, signal);
    });
    const { response, error } = exchange;
    if (response.ok) return exchange;
    this.#noteFault(response);
    throw errorFromResponse(response, {
      operation: this.#operation,
      readOnly: this.#isRead || this.#scope.billed === "no",
      body: error,
      now: this.#options.clock.now(),
    });
  }

  /** The answer is a success by its status, and not what the contract says: something between us and the server made it. */
  unexpectedAnswer({ status, headers }: Response, cause?: unknown): NoukaiError {
    const type = headers.get("content-type") ?? "an answer without a type";
    return this.#error(FlowExecutionError, `${status}, but with ${type}. Does \`baseUrl\` lead to the API?`, {
      statusCode: status,
      code: "UNEXPECTED_ANSWER",
      retryable: false,
      cause,
    });
  }

  log(event: Omit<LogEvent, "operation" | "attempt" | "method" | "path">): void {
    const { config, number } = this.#options;
    const sent = this.#request && { method: this.#request.method, path: this.#pathOf(this.#request) };
    emitLog(config.onLog, { ...event, ...sent, operation: this.#operation, attempt: number });
  }

  // An async function, so that what `send` throws at once becomes a rejection too.
  async #send<Data>(signal: AbortSignal, send: (init: WireInit) => Promise<Exchange<Data>>): Promise<Exchange<Data>> {
    const headers = this.#headers(await this.#credential());
    signal.throwIfAborted(); // while the credential was waited for
    return send({ signal, headers, fetch: (request) => this.#fetch(request) });
  }

  async #credential(): Promise<string | undefined> {
    try {
      return await this.#options.config.authorization?.();
    } catch (cause) {
      const what = `there is no credential to send. ${reasonOf(cause)}`;
      throw this.#error(AuthenticationError, what, { code: "NO_CREDENTIAL", cause });
    }
  }

  #headers(credential: string | undefined): Readonly<Record<string, string>> {
    const { config, call, accept } = this.#options;
    const agent = runtimeAgent();
    const own = {
      accept,
      authorization: credential ? `Bearer ${credential}` : undefined,
      "x-noukai-api-version": API_VERSION,
      "user-agent": agent && `noukai-sdk-js/${VERSION} ${agent}`,
    };
    const entries = Object.entries({ ...config.headers, ...call.headers, ...own });
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  async #fetch(request: Request): Promise<Response> {
    const { config, call } = this.#options;
    this.#request = request;
    this.#operation = `${request.method} ${this.#pathOf(request).replace(/^\/(seq\/)?/, "")}`;
    const url = request.url.replace(/=[^&]*/g, "=…");
    this.log({ phase: "request", url, ...(config.logPayloads && { body: await request.clone().text() }) });
    const sentAt = performance.now();
    this.#scope.noteRequest();
    const response = await (call.fetch ?? config.fetch)(request);
    this.#response = response;
    this.#scope.noteAnswer(response.headers);
    const { requestId } = this.#scope.about;
    this.log({ phase: "response", statusCode: response.status, requestId, durationMs: performance.now() - sentAt });
    return response;
  }

  #errorFrom(cause: unknown, signal: AbortSignal): unknown {
    if (this.#scope.signal.aborted) return this.#scope.signal.reason;
    const isStalled = signal.aborted; // the connection's own signal, not the call's
    // An error of ours is told as it is: `fetch` may answer from a recording.
    if (!isStalled && cause instanceof NoukaiError) return cause;
    // Without a request the fault is in what it was to be made of: a header's characters, a body that JSON cannot hold.
    if (!isStalled && !this.#request) {
      // What the runtime says of it may quote a header's value.
      const what = "the request cannot be written: see `cause`.";
      return this.#error(ValueError, what, { retryable: false, cause });
    }
    if (this.#response?.ok && cause instanceof SyntaxError) return this.unexpectedAnswer(this.#response, cause);
    this.#noteFault();
    if (isStalled) return signal.reason;
    const what = `no answer. Is the server running, and \`baseUrl\` right? ${reasonOf(cause)}`;
    return this.#error(APIConnectionError, what, { code: "CONNECTION_FAILED", cause });
  }

  #error<Class extends ErrorClass>(ErrorClass: Class, what: string, options: NoukaiErrorOptions): InstanceType<Class> {
    return this.#scope.error(ErrorClass, what, { ...options, operation: this.#operation });
  }

  #noteFault(response?: Response): void {
    const { idempotent = this.#isRead || this.#request?.headers.has("idempotency-key") === true } = this.#options.call;
    this.fault = { response, idempotent };
  }

  get #isRead(): boolean {
    return this.#request?.method === "GET";
  }

  /** As `/seq/acme/spelling/grade-3/execute`. */
  #pathOf({ url }: Request): string {
    return url.slice(this.#options.config.baseUrl.length).replace(/\?.*$/, "");
  }
}

/** Node hides why a connection failed one level down. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
