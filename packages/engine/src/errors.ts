import type { AttemptCost, ErrorInfo } from "./events.ts";
import type { DefinitionIssue } from "./flow/definition.ts";
import type { ChatMessage } from "./models/model.ts";

/** Base of the faults that a step or the engine throws on purpose; `code` is from the contract's table. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Trying again cannot help: a rejected key, a refused prompt, an output that does not fit its schema after its repair. */
export class TerminalError extends EngineError {
  override readonly name: string = "TerminalError";
  /** What the failed attempt used, when the provider said so. */
  readonly cost: AttemptCost | undefined;

  constructor(code: string, message: string, options?: ErrorOptions & { readonly cost?: AttemptCost | undefined }) {
    super(code, message, options);
    this.cost = options?.cost;
  }
}

/** Trying again may help: a rate limit, a 5xx, a dropped connection. */
export class RetryableError extends EngineError {
  override readonly name: string = "RetryableError";
  /** What the other side asked for, in milliseconds; the policy waits at least this long. */
  readonly retryAfterMs: number | undefined;
  readonly cost: AttemptCost | undefined;

  constructor(
    code: string,
    message: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number | undefined; readonly cost?: AttemptCost | undefined },
  ) {
    super(code, message, options);
    this.retryAfterMs = options?.retryAfterMs;
    this.cost = options?.cost;
  }
}

/** A model's answer that does not fit its schema, which the model has not been told yet. The next attempt tells it, whatever the policy. */
export class RepairableError extends EngineError {
  override readonly name: string = "RepairableError";
  readonly cost: AttemptCost;
  /** The model's answer, and what is wrong with it: what the next attempt's request ends with. */
  readonly repair: readonly ChatMessage[];

  constructor(message: string, options: { readonly cost: AttemptCost; readonly repair: readonly ChatMessage[] }) {
    super("OUTPUT_SCHEMA_MISMATCH", message);
    this.cost = options.cost;
    this.repair = options.repair;
  }
}

export function keyReused(): EngineError {
  const message =
    "This Idempotency-Key was used for another request within the last 24 hours. Send a fresh key for a new call.";
  return new EngineError("IDEMPOTENCY_KEY_REUSED", message);
}

/** What a log and a client may know of `error`. What was not foreseen says nothing of itself. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof EngineError) return { code: error.code, message: error.message };
  return {
    code: "STEP_FAILED",
    message: "The step failed for a reason that it did not foresee; the server's log has the cause.",
  };
}

/** The store could not answer: gone, locked, disk full. Whether the write happened is not known. */
export class StoreUnavailableError extends EngineError {
  override readonly name: string = "StoreUnavailableError";

  constructor(message: string, options?: ErrorOptions) {
    super("INTERNAL_ERROR", message, options);
  }
}

/** What a caller sent does not fit the flow; carries every fault. */
export class RequestError extends EngineError {
  override readonly name: string = "RequestError";
  readonly issues: readonly { readonly path: string; readonly message: string }[];

  constructor(
    code: string,
    message: string,
    issues: readonly { readonly path: string; readonly message: string }[] = [],
  ) {
    super(code, message);
    this.issues = issues;
  }
}

/** An input that is given whole, and does not fit the flow. */
export function inputInvalid(issues: RequestError["issues"]): RequestError {
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new RequestError("INPUT_INVALID", `The input does not fit the flow: ${text}`, issues);
}

/** A definition that cannot run; carries every fault (code `INVALID_TREE`). */
export class InvalidDefinitionError extends EngineError {
  override readonly name: string = "InvalidDefinitionError";
  readonly issues: readonly DefinitionIssue[];

  constructor(issues: readonly DefinitionIssue[]) {
    super("INVALID_TREE", `The definition has ${issues.length} ${issues.length === 1 ? "fault" : "faults"}.`);
    this.issues = issues;
  }
}

/** This process stops; the run goes on with the next one that takes it. Nothing is wrong with the run. */
export class HandedOverError extends EngineError {
  override readonly name: string = "HandedOverError";

  constructor() {
    super("SHUTTING_DOWN", "The server is stopping; the run goes on when a worker takes it.");
  }
}

/** Somebody asked for the run to be cancelled. */
export class CancelledError extends EngineError {
  override readonly name: string = "CancelledError";

  constructor() {
    super("CANCELLED", "The run was cancelled.");
  }
}

/** Ends the run, whatever the containers around the step would make of its failure. */
export class FatalRunError extends EngineError {
  override readonly name: string = "FatalRunError";
}

/** A step beside this one failed, and took the container around both with it. */
export class NeighbourFailedError extends EngineError {
  override readonly name: string = "NeighbourFailedError";

  constructor() {
    super("CANCELLED", "Stopped, because a step beside it failed.");
  }
}

/** Is the work of no use any more to anybody, so that it is over in the log too? Not so for work that goes on elsewhere. */
export function isCalledOff(reason: unknown): reason is EngineError {
  return reason instanceof CancelledError || reason instanceof NeighbourFailedError || reason instanceof FatalRunError;
}

/** An attempt that was stopped from outside; `reason` is why, `cost` what it had used by then. */
export class StoppedAttemptError extends EngineError {
  override readonly name: string = "StoppedAttemptError";
  readonly reason: unknown;
  readonly cost: AttemptCost;

  constructor(reason: unknown, cost: AttemptCost) {
    super("INTERNAL_ERROR", "The attempt was stopped.", { cause: reason });
    this.reason = reason;
    this.cost = cost;
  }
}

/** New work is refused while this process stops. */
export function shuttingDown(): EngineError {
  return new EngineError("SHUTTING_DOWN", "The server is stopping; try again in a moment.");
}
