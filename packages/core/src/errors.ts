/** Where an error lists its kinds, for other bundled copies of this package to read. */
const KINDS: unique symbol = Symbol.for("noukai.error.kinds");

/**
 * Can the call have cost money?
 * `no`: no run began. `possibly`: a run may exist and may go on. `yes`: a run ran, and what it used is charged.
 */
export type Billed = "no" | "possibly" | "yes";

/** What an error carries beside its message. Every member may be left out. */
export interface NoukaiErrorOptions {
  readonly statusCode?: number | undefined;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly executionId?: string | undefined;
  readonly responseBody?: unknown;
  readonly retryable?: boolean | undefined;
  readonly billed?: Billed | undefined;
  readonly cause?: unknown;
}

/** Base of every error this SDK throws on purpose. `code` is stable; `message` is for people, and holds no key and no body. */
export class NoukaiError extends Error {
  /** The class's name, which survives minifying; what `instanceof` compares. A subclass of your own need not set it. */
  static readonly kind: string = "NoukaiError";

  /** The HTTP status; `undefined` when no answer came. */
  readonly statusCode: number | undefined;
  /** From the server's `detail.code`, or a client-side code such as `STREAM_TRUNCATED`. */
  readonly code: string | undefined;
  /** The answer's `X-Request-ID`: quote it when reporting a fault of the server. */
  readonly requestId: string | undefined;
  /** The run that the error belongs to, when there is one and it is known. */
  readonly executionId: string | undefined;
  /** The answer as parsed JSON, else as text. Not enumerable, so that a logged error does not spill it. */
  declare readonly responseBody: unknown;
  /** May the same call be made again without doing its work twice? */
  readonly retryable: boolean;
  readonly billed: Billed;

  constructor(message: string, options: NoukaiErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.statusCode = options.statusCode;
    this.code = options.code;
    this.requestId = options.requestId;
    this.executionId = options.executionId;
    this.retryable = options.retryable ?? false;
    this.billed = options.billed ?? "no";
    Object.defineProperty(this, "responseBody", { value: options.responseBody });
  }

  override get name(): string {
    return (this.constructor as typeof NoukaiError).kind; // `constructor` is typed as a bare Function
  }

  /** Its class's kind and those above it. */
  get [KINDS](): readonly string[] {
    const kinds: string[] = [];
    let constructor = this.constructor as typeof NoukaiError; // as above
    while (constructor.kind !== undefined) {
      kinds.push(constructor.kind);
      constructor = Object.getPrototypeOf(constructor);
    }
    return kinds;
  }

  /** Holds between two bundled copies of this package, which a comparison of prototypes does not. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass of the user's own has no kind of its own: the prototype chain decides, as for any class.
    if (!Object.hasOwn(this, "kind")) return Function.prototype[Symbol.hasInstance].call(this, value);
    const kinds = (value as Partial<NoukaiError> | null | undefined)?.[KINDS]; // anything may stand before `instanceof`
    return Array.isArray(kinds) && kinds.includes(this.kind);
  }
}

/** A class below `NoukaiError` that is made as it is. */
export type ErrorClass = new (message: string, options: NoukaiErrorOptions) => NoukaiError;

/** No answer came: the connection failed or broke. The request may or may not have arrived. */
export class APIConnectionError extends NoukaiError {
  static override readonly kind: string = "APIConnectionError";
}

/** No answer came in time: the total `timeout`, the first byte or the idle deadline of a stream. The run, if there is one, goes on. */
export class APITimeoutError extends APIConnectionError {
  static override readonly kind: string = "APITimeoutError";
}

/** The caller ended the call through a `signal`, or closed the client. `cause` is the reason the caller gave. */
export class AbortError extends NoukaiError {
  static override readonly kind: string = "AbortError";
}

/** 401: the key is missing, malformed, unknown, expired or revoked. */
export class AuthenticationError extends NoukaiError {
  static override readonly kind: string = "AuthenticationError";
}

/** 402: the balance did not suffice to start (`INSUFFICIENT_CREDITS`) or to finish (`CREDITS_EXHAUSTED`). */
export class InsufficientCreditsError extends NoukaiError {
  static override readonly kind: string = "InsufficientCreditsError";
}

/** 403: the key is good, but not for this project or this operation. */
export class PermissionDeniedError extends NoukaiError {
  static override readonly kind: string = "PermissionDeniedError";
}

/** 404: the flow, version, run, step or session does not exist, or belongs to someone else. */
export class FlowNotFoundError extends NoukaiError {
  static override readonly kind: string = "FlowNotFoundError";
}

/** 429: too many calls at once or per minute. */
export class RateLimitError extends NoukaiError {
  static override readonly kind: string = "RateLimitError";

  /** Seconds that the server asked to wait; `undefined` when it did not say. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: NoukaiErrorOptions & { readonly retryAfter?: number | undefined } = {}) {
    super(message, options);
    this.retryAfter = options.retryAfter;
  }
}

/** 501: the server knows this call and does not offer it. */
export class NotImplementedError extends NoukaiError {
  static override readonly kind: string = "NotImplementedError";
}

/** The flow ran and failed (422), or the server could not do what was asked: every answer without a class of its own. */
export class FlowExecutionError extends NoukaiError {
  static override readonly kind: string = "FlowExecutionError";
}

/** 400, and 422 `INPUT_INVALID`: the request is at fault; the message names the field. */
export class ValidationError extends FlowExecutionError {
  static override readonly kind: string = "ValidationError";
}

/** 409: another call has already answered this pause. */
export class AlreadyResumedError extends FlowExecutionError {
  static override readonly kind: string = "AlreadyResumedError";
}

/** An argument or setting is wrong. Thrown before any request. */
export class ValueError extends NoukaiError {
  static override readonly kind: string = "ValueError";
}

/** A run asked for more rounds of tool calls than `maxToolRounds` allows. */
export class ToolCallLimitError extends NoukaiError {
  static override readonly kind: string = "ToolCallLimitError";
}

/** A stream broke off before its end and could not be taken up again. The run goes on; `executionId` leads back to it. */
export class StreamTruncatedError extends NoukaiError {
  static override readonly kind: string = "StreamTruncatedError";
}

/** A stream carried a frame that is not what the contract says, such as broken JSON. */
export class StreamDecodeError extends NoukaiError {
  static override readonly kind: string = "StreamDecodeError";
}

/** Base of what can go wrong with recording and replaying sessions. */
export class ReplayError extends NoukaiError {
  static override readonly kind: string = "ReplayError";
}

/** Replay was asked for where it is not enabled (`NOUKAI_REPLAY_ENABLED`). */
export class ReplayDisabledError extends ReplayError {
  static override readonly kind: string = "ReplayDisabledError";
}

/** The session's id is not a UUID. */
export class ReplayInvalidSessionError extends ReplayError {
  static override readonly kind: string = "ReplayInvalidSessionError";
}

/** The key may not read the session. */
export class ReplayForbiddenError extends ReplayError {
  static override readonly kind: string = "ReplayForbiddenError";
}

/** There is no such session, or it is another project's. */
export class ReplaySessionNotFoundError extends ReplayError {
  static override readonly kind: string = "ReplaySessionNotFoundError";
}

/** The session's recordings are no longer kept. */
export class ReplaySessionExpiredError extends ReplayError {
  static override readonly kind: string = "ReplaySessionExpiredError";
}

/** The session was recorded without the snapshots that a replay answers from. */
export class ReplayNoSnapshotsError extends ReplayError {
  static override readonly kind: string = "ReplayNoSnapshotsError";
}

/** A call was made in a replay for which nothing (or nothing more) is recorded. */
export class ReplayMissError extends ReplayError {
  static override readonly kind: string = "ReplayMissError";
}

/** A replay ended with recordings that no call asked for. */
export class ReplayLeftoverError extends ReplayError {
  static override readonly kind: string = "ReplayLeftoverError";
}
