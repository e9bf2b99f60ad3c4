import type { Clock } from "./clock.ts";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
const MAX_RETRY_AFTER_MS = 60_000;

/** How an attempt ended: with an answer that is not a success, or (no `response`) with none at all. */
export interface Fault {
  readonly response?: Response | undefined;
  /** May the request be made twice? True of reads, and of a POST with an `Idempotency-Key`. */
  readonly idempotent: boolean;
}

/**
 * How long to wait before repeating a request whose attempt number `attempt` (from 1) ended in `fault`; `undefined` when it must not be
 * repeated. `X-Should-Retry` decides where it is given. Else only idempotent requests are repeated, after a network fault, 408, 429 or 5xx
 * (501 will not change). `Retry-After` sets the wait, up to 60 s.
 */
export function retryDelayMs(fault: Fault, attempt: number, clock: Clock): number | undefined {
  const headers = fault.response?.headers;
  const told = headers?.get("x-should-retry");
  const retries = told === "true" || (told !== "false" && fault.idempotent && isTransient(fault.response?.status));
  if (!retries) return undefined;
  const asked = headers && retryAfterMs(headers, clock.now());
  return asked === undefined ? backoffMs(attempt, clock) : Math.min(asked, MAX_RETRY_AFTER_MS);
}

/**
 * The wait after failure number `failures` (from 1): full jitter under 0.5 s, 1 s, 2 s … 8 s, so that a thousand callers failing together
 * do not return together. Source: AWS Architecture Blog, "Exponential Backoff and Jitter" (2015).
 */
export function backoffMs(failures: number, clock: Clock): number {
  return clock.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}

/** `Retry-After` in milliseconds, given as seconds or as an HTTP date; `undefined` when absent or unreadable. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  // A date begins with its weekday; `Date.parse` alone would read "-5" as a year.
  const date = /^[a-z]/i.test(value) ? Date.parse(value) : NaN;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : date - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function isTransient(status: number | undefined): boolean {
  if (status === undefined) return true;
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}
