import { RepairableError, RetryableError, StoppedAttemptError, TerminalError, toErrorInfo } from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEventBody } from "./events.ts";
import type { ChatMessage } from "./models/model.ts";
import { backoffMs, type RetryPolicy, shouldRetry } from "./retry.ts";
import type { OpenStep } from "./run-log.ts";
import type { AttemptResult } from "./steps/step.ts";

/** How long work that was stopped from outside may take to say what it used. */
const patienceMs = 500;

type StepRetrying = Extract<RunEventBody, { type: "step_retrying" }>;

/** What surrounds the attempts of one step. */
export interface AttemptsOptions {
  readonly stepId: string;
  readonly retry: RetryPolicy;
  /** Bound of one attempt; undefined for a step that waits for nothing outside. */
  readonly timeoutMs: number | undefined;
  /** Models of the step: its own, then its fallbacks; 1 for a step that calls none. */
  readonly models: number;
  /** Where the log stands: attempt 1, or the one that was just begun anew. */
  readonly from: OpenStep;
  /** Aborts when the run leaves this process or is cancelled. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Makes one attempt; `repair` is what it is to tell the model of its last answer, mostly nothing. */
  readonly attempt: (
    at: OpenStep,
    signal: AbortSignal,
    repair: readonly ChatMessage[],
  ) => Promise<AttemptResult> | AttemptResult;
  /** Writes the retry to the log; resolves when it is durable. */
  readonly record: (retrying: StepRetrying) => Promise<void>;
  /** Told the cause of every failed attempt, for the server's own log. */
  readonly onFailure: (error: unknown, at: OpenStep) => void;
}

export type AttemptsEnd =
  | { readonly outcome: "completed"; readonly at: OpenStep; readonly result: AttemptResult }
  | { readonly outcome: "failed"; readonly at: OpenStep; readonly error: ErrorInfo; readonly cost: AttemptCost };

/**
 * Tries a step until an attempt succeeds or the policy and the fallbacks are used up: the one place for retry, timeout and fallback.
 * Throws only `StoppedAttemptError` or the signal's reason, and what `record` throws.
 */
export async function runAttempts(options: AttemptsOptions): Promise<AttemptsEnd> {
  let at = options.from;
  let repair: readonly ChatMessage[] = [];
  for (;;) {
    options.signal.throwIfAborted();
    let failure: unknown;
    try {
      const result = await withDeadline(options, (signal) => options.attempt(at, signal, repair));
      return { outcome: "completed", at, result };
    } catch (error) {
      if (options.signal.aborted) throw error instanceof StoppedAttemptError ? error : options.signal.reason;
      failure = error;
    }
    options.onFailure(failure, at);
    const next = nextAttempt(failure, at, options);
    const error = toErrorInfo(failure);
    const cost = costOf(failure);
    if (next === undefined) return { outcome: "failed", at, error, cost };
    const delayMs = next.tries > at.tries ? backoffFor(failure, next, options) : 0;
    await options.record({ type: "step_retrying", ...next, error, delayMs, ...cost });
    if (delayMs > 0) await options.sleep(delayMs, options.signal);
    repair = repairIn(failure, next.modelIndex === at.modelIndex ? repair : []);
    at = next;
  }
}

/** A conversation about an answer is the same model's, and goes on after other faults. */
function repairIn(failure: unknown, current: readonly ChatMessage[]): readonly ChatMessage[] {
  return failure instanceof RepairableError ? failure.repair : current;
}

/** The same model again, to repair its answer or while its policy allows, then the next one from its first try. */
function nextAttempt(failure: unknown, at: OpenStep, { retry, models }: AttemptsOptions): OpenStep | undefined {
  if (failure instanceof RepairableError) return { ...at, attempt: at.attempt + 1 };
  if (shouldRetry(failure, at.tries, retry)) return { ...at, attempt: at.attempt + 1, tries: at.tries + 1 };
  if (at.modelIndex + 1 < models) {
    return { ...at, attempt: at.attempt + 1, tries: 1, modelIndex: at.modelIndex + 1 };
  }
  return undefined;
}

/** What the other side asks for is waited, but no longer than an attempt may take. */
function backoffFor(failure: unknown, next: OpenStep, { retry, random, timeoutMs }: AttemptsOptions): number {
  const retryAfterMs = failure instanceof RetryableError ? (failure.retryAfterMs ?? 0) : 0;
  return backoffMs(next.tries, retry, random, Math.min(retryAfterMs, timeoutMs ?? Infinity));
}

function costOf(failure: unknown): AttemptCost {
  const isPriced =
    failure instanceof TerminalError || failure instanceof RetryableError || failure instanceof RepairableError;
  return isPriced ? (failure.cost ?? {}) : {};
}

/** Runs `work` under a signal that aborts with the run's, or after `timeoutMs` with a retryable `STEP_TIMEOUT`; work that ignores it is left behind. */
async function withDeadline(
  { signal, timeoutMs, stepId }: AttemptsOptions,
  work: (signal: AbortSignal) => Promise<AttemptResult> | AttemptResult,
): Promise<AttemptResult> {
  if (timeoutMs === undefined) return work(signal);
  const controller = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  // Work that is stopped may still say what it used; work that does not care for the signal is left behind.
  let patience: NodeJS.Timeout | undefined;
  const stop = (reason: unknown): void => {
    controller.abort(reason);
    clearTimeout(patience);
    patience = setTimeout(() => reject(reason), patienceMs);
  };
  const onAbort = (): void => stop(signal.reason);
  const onTimeout = (): void =>
    stop(new RetryableError("STEP_TIMEOUT", `Step "${stepId}" gave no answer within ${timeoutMs} ms.`));
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(onTimeout, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    clearTimeout(patience);
    signal.removeEventListener("abort", onAbort);
  }
}
