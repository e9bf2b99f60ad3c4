import type { RetrySettings } from "./flow/definition.ts";
import { RetryableError, StoreUnavailableError, TerminalError } from "./errors.ts";

/** A step's retry settings with nothing left open. */
export type RetryPolicy = Required<RetrySettings>;

const defaultPolicy: RetryPolicy = { maxAttempts: 3, initialMs: 500, factor: 2 };

/** What a step's `retry` means: the members that it leaves out have the defaults, 3 attempts, 500 ms, factor 2. */
export function retryPolicy(settings: RetrySettings = {}): RetryPolicy {
  return { ...defaultPolicy, ...settings };
}

/** No backoff of our own is longer. What a provider asks for may be. */
export const maxBackoffMs = 60_000;

/** A provider that asks for more than this is taken to be gone: a run does not hold its worker longer for one attempt. */
export const maxRetryAfterMs = 300_000;

/**
 * Backoff before attempt n ≥ 2: full jitter, so that a thousand runs failing together do not return together.
 * Source: AWS Architecture Blog, "Exponential Backoff and Jitter" (2015).
 * `random` gives numbers in [0, 1). `retryAfterMs`, what the other side asked for, is the least wait. Whole milliseconds.
 */
export function backoffMs(attempt: number, policy: RetryPolicy, random: () => number, retryAfterMs = 0): number {
  // The growth overflows to Infinity at high attempts, and 0 × Infinity is NaN.
  const growth = Math.min(policy.factor ** (attempt - 2), Number.MAX_VALUE);
  const ceilingMs = Math.min(maxBackoffMs, policy.initialMs * growth);
  return Math.ceil(Math.max(retryAfterMs, random() * ceilingMs));
}

/**
 * May the step be tried again after its `attempt`-th attempt, counted from 1, ended with `error`?
 * The error's type decides first: never after a `TerminalError`, a fault of the store or an abort. Any other error is tried
 * again while attempts are left, unless its `retryAfterMs` is beyond `maxRetryAfterMs`.
 */
export function shouldRetry(error: unknown, attempt: number, policy: RetryPolicy): boolean {
  if (error instanceof TerminalError || error instanceof StoreUnavailableError || isAbort(error)) return false;
  if (error instanceof RetryableError && (error.retryAfterMs ?? 0) > maxRetryAfterMs) return false;
  return attempt < policy.maxAttempts;
}

/** `DOMException` is not an `Error` on every platform, so the name decides. */
function isAbort(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "AbortError";
}
