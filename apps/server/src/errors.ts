import { type DefinitionIssue, EngineError, StoreUnavailableError } from "@noukai/engine";
import { type ErrorCode, errorStatus } from "./generated/error-status.gen.ts";

/** One fault of a request or a definition. */
export interface Issue {
  /** Such as `attachments[0].url`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly executionId?: string;
  readonly stepId?: string;
  readonly issues?: readonly Issue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An answer that is not a success, thrown where it is known. Its status is the contract's for its code (`generated/error-status.gen.ts`), and its message is
 * shown to the caller.
 */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  readonly code: string;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = errorStatus[code];
    this.details = details;
  }
}

/** The run's own codes whose status is not 422: it was ended by its caller, or by what its caller may use. Clients in the field repeat none of them. */
const failureStatus: Readonly<Record<string, number>> = {
  CANCELLED: 409,
  TOOL_ITERATION_LIMIT: 409,
  INSUFFICIENT_CREDITS: 402,
  CREDITS_EXHAUSTED: 402,
};

/** A run that ran and failed: never a 5xx, whatever its code. */
export class RunFailedError extends Error {
  override readonly name: string = "RunFailedError";
  readonly code: string;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(
    error: { readonly code: string; readonly message: string },
    run: { readonly runId: string; readonly stepId: string },
  ) {
    super(error.message);
    this.code = error.code;
    this.status = Object.hasOwn(failureStatus, error.code) ? (failureStatus[error.code] ?? 422) : 422;
    this.details = {
      executionId: run.runId,
      stepId: run.stepId,
      headers: { "x-noukai-execution-id": run.runId, "x-should-retry": "false" },
    };
  }
}

/**
 * A run exists, or may exist, and its caller can no longer be answered here. The connection is reset: an error status would make clients
 * in the field start the run a second time.
 */
export class AnswerLostError extends Error {
  override readonly name: string = "AnswerLostError";

  constructor(cause: unknown) {
    super("The run goes on, but this server can no longer answer for it.", { cause });
  }
}

/** What an error says to the caller. `isForeseen` is false for faults of our own, of which nothing is told. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: {
    readonly detail: { readonly code: string; readonly message: string; readonly issues?: readonly Issue[] };
  };
  readonly headers: Readonly<Record<string, string>>;
  readonly isForeseen: boolean;
}

/** Seconds after which a stopping server's place has likely been taken by another. */
const retryAfterSeconds = 2;

/** The one translation from an error to an answer. */
export function toAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ApiError) return answer(error.status, error.code, error.message, error.details);
  if (error instanceof RunFailedError) return answer(error.status, error.code, error.message, error.details);
  const status = error instanceof EngineError ? knownStatus(error.code) : undefined;
  if (error instanceof EngineError && status !== undefined && status !== 500) {
    const issues = issuesOf(error);
    return answer(status, error.code, error.message, issues === undefined ? {} : { issues });
  }
  const message = "The server failed for a reason of its own. Its log has the cause under this answer's X-Request-ID.";
  // A store that is gone may be back in a moment; a fault of the code stays.
  const headers = error instanceof StoreUnavailableError ? { "x-should-retry": "true" } : {};
  return { ...answer(500, "INTERNAL_ERROR", message, { headers }), isForeseen: false };
}

/** The same refusal in the envelope of the API of executions. */
export function toExecutionError({ detail }: ErrorAnswer["body"], requestId: string): object {
  const { code, message, issues } = detail;
  return { error: { code, message, ...(issues !== undefined && { details: { issues } }) }, request_id: requestId };
}

/** What the engine refuses a call for that goes on with a run, told of that run. Faults of our own stay what they are. */
export function refusalOf(error: unknown, runId: string): unknown {
  if (!(error instanceof EngineError)) return error;
  const status = knownStatus(error.code);
  if (status === undefined || status >= 500) return error;
  const issues = issuesOf(error);
  const headers = { "x-noukai-execution-id": runId };
  const code = error.code as ErrorCode; // it has a status
  return new ApiError(code, error.message, { executionId: runId, ...(issues !== undefined && { issues }), headers });
}

function answer(status: number, code: string, message: string, details: ErrorDetails): ErrorAnswer {
  const { headers, ...rest } = details;
  const isRefusedForNow = status === 429 || status === 503;
  return {
    status,
    body: { detail: { code, message, ...rest } },
    headers: isRefusedForNow
      ? { "retry-after": String(retryAfterSeconds), "x-should-retry": "true", ...headers }
      : (headers ?? {}),
    isForeseen: true,
  };
}

function knownStatus(code: string): number | undefined {
  return Object.hasOwn(errorStatus, code) ? errorStatus[code as ErrorCode] : undefined; // hasOwn has just shown that it is one
}

function issuesOf(error: EngineError): readonly Issue[] | undefined {
  if (!("issues" in error) || !Array.isArray(error.issues)) return undefined;
  const issues = error.issues as readonly (Issue | DefinitionIssue)[]; // both engine errors that carry issues declare them so
  return issues.length === 0 ? undefined : issues.map(({ path, message }) => ({ path, message }));
}
