import {
  AlreadyResumedError,
  AuthenticationError,
  type Billed,
  type ErrorClass,
  FlowExecutionError,
  FlowNotFoundError,
  InsufficientCreditsError,
  type NoukaiError,
  NotImplementedError,
  PermissionDeniedError,
  RateLimitError,
  ValidationError,
} from "./errors.ts";
import { retryAfterMs } from "./retry.ts";

/** From an answer's status, or from its status and code, to the class that is thrown. Everything else is a `FlowExecutionError`. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  400: ValidationError,
  401: AuthenticationError,
  402: InsufficientCreditsError,
  403: PermissionDeniedError,
  404: FlowNotFoundError,
  "409 ALREADY_RESUMED": AlreadyResumedError,
  // A run that runs out of credits tells so in its last event too, where no status travels: see `errorFromRun`.
  "422 CREDITS_EXHAUSTED": InsufficientCreditsError,
  "422 INPUT_INVALID": ValidationError,
  429: RateLimitError,
  501: NotImplementedError,
};

/** What to do, for answers that do not say so themselves: a proxy's page, an older server. */
const HINTS: Readonly<Record<number, string>> = {
  401: "Is the API key right, and not revoked?",
  402: "Add credits to the project.",
  403: "Does the key belong to this project?",
  404: "Is the slug right, and the flow published?",
  429: "Slow down, or raise the project's limit.",
};

/** Codes of 422 that refuse a call before anything ran. */
const NOTHING_RAN: ReadonlySet<string | undefined> = new Set([
  "INVALID_TREE",
  "NO_STEPS",
  "FLOW_NOT_PUBLISHED",
  "IDEMPOTENCY_KEY_REUSED",
]);

/** Codes that tell of a run that was under way, whatever their status. */
const SOMETHING_RAN: ReadonlySet<string | undefined> = new Set(["CREDITS_EXHAUSTED", "CANCELLED"]);

export interface AnswerContext {
  /** What was tried, such as `POST acme/spelling/grade-3/execute`: the message begins with it. */
  readonly operation: string;
  /** Did the request only read? Then nothing can have been charged, and it may be repeated. */
  readonly readOnly: boolean;
  /** The answer's body: parsed JSON, else text. */
  readonly body: unknown;
  readonly now: number;
}

/** The typed error for an answer that is not a success. A body that is not the contract's (a proxy's HTML page) stays out of the message. */
export function errorFromResponse(response: Response, context: AnswerContext): NoukaiError {
  const { status, headers } = response;
  const { operation, readOnly, body } = context;
  const detail = readDetail(body);
  const options = {
    statusCode: status,
    code: detail.code,
    requestId: headers.get("x-request-id") ?? detail.requestId,
    executionId: detail.executionId ?? headers.get("x-noukai-execution-id") ?? undefined,
    responseBody: body,
    retryable: isRefusal(status, detail.code) || (readOnly && status >= 500 && status !== 501),
    billed: readOnly ? "no" : billedFor(status, detail),
  } as const;
  const told = [status, detail.code].filter((part) => part !== undefined).join(" ");
  const message = `${operation}: ${told}. ${detail.message ?? hintFor(status)}`;
  if (status === 429) {
    const waitMs = retryAfterMs(headers, context.now);
    return new RateLimitError(message, { ...options, retryAfter: waitMs === undefined ? undefined : waitMs / 1000 });
  }
  return new (classFor(status, detail.code))(message, options);
}

/** A run's own failure: a `step_error` event, or an answer of 200 that says `failed`. */
export interface RunFailure {
  readonly operation: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly executionId: string | undefined;
  readonly responseBody?: unknown;
}

/** The typed error for a run that ran and failed. */
export function errorFromRun(failure: RunFailure): NoukaiError {
  const { operation, code, message, ...rest } = failure;
  const text = `${operation}: the run failed${code === undefined ? "" : ` with ${code}`}. ${message ?? "Its trace says where."}`;
  return new (classFor(422, code))(text, { ...rest, code, billed: "yes" });
}

function classFor(status: number, code: string | undefined): ErrorClass {
  return CLASSES[`${status} ${code}`] ?? CLASSES[status] ?? FlowExecutionError;
}

function billedFor(status: number, { code, requestId }: Detail): Billed {
  if (SOMETHING_RAN.has(code)) return "yes";
  // The API of executions names the request in its bodies, and answers before anything runs.
  if (status === 422) return NOTHING_RAN.has(code) || requestId ? "no" : "yes";
  const mayRun = status === 408 || (status >= 500 && status !== 501);
  return mayRun && !isRefusal(status, code) ? "possibly" : "no";
}

/** Did the server itself turn the call away, so that no run exists? A bare 503 may be a proxy's that lost sight of one. */
function isRefusal(status: number, code: string | undefined): boolean {
  return status === 429 || (status === 503 && code !== undefined);
}

function hintFor(status: number): string {
  if (status === 0 || (status >= 300 && status < 400)) return "Redirects are not followed. Is `baseUrl` right?";
  return (
    HINTS[status] ?? (status >= 500 ? "The server, or a proxy before it, is at fault." : "The answer does not say why.")
  );
}

interface Detail {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly executionId?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Reads `{detail: {code, message}}`, a relay's `{detail: "text"}` or `{detail: "CODE"}`, and the execution API's `{error: {…}, request_id}`. */
function readDetail(body: unknown): Detail {
  const envelope = asRecord(body);
  const told = envelope["detail"];
  if (typeof told === "string") return /^[A-Z][A-Z\d_]*$/.test(told) ? { code: told } : { message: told };
  const detail = asRecord(envelope["detail"] ?? envelope["error"]);
  return {
    code: asText(detail["code"]),
    message: asText(detail["message"]),
    executionId: asText(detail["executionId"]),
    requestId: asText(envelope["request_id"]),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // any object can be read by name
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
