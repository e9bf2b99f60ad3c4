import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EngineError, RetryableError, StoreUnavailableError, TerminalError } from "./errors.ts";
import { backoffMs, maxBackoffMs, maxRetryAfterMs, retryPolicy, shouldRetry } from "./retry.ts";

const policy = fc
  .record(
    {
      maxAttempts: fc.integer({ min: 1, max: 10 }),
      initialMs: fc.nat(120_000),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
    },
    { requiredKeys: [] },
  )
  .map(retryPolicy);
const attempt = fc.integer({ min: 2, max: 1_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoff", () => {
  it("spreads over everything from nothing to the ceiling, which doubles", () => {
    expect(backoffMs(2, retryPolicy(), () => 0)).toBe(0);
    expect(backoffMs(2, retryPolicy(), () => 0.999_999)).toBe(500);
    expect(backoffMs(3, retryPolicy(), () => 0.999_999)).toBe(1_000);
    expect(backoffMs(4, retryPolicy(), () => 0.5)).toBe(1_000);
  });

  it("takes from the step's settings what they have and the defaults for the rest", () => {
    expect(backoffMs(4, retryPolicy({ factor: 3 }), () => 0.5)).toBe(2_250);
    expect(backoffMs(4, retryPolicy({ initialMs: 100 }), () => 0.5)).toBe(200);
  });

  it("stays between zero and the cap for any settings and any attempt, in whole milliseconds", () => {
    fc.assert(
      fc.property(attempt, policy, random, (n, given, draw) => {
        const waitMs = backoffMs(n, given, () => draw);
        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(maxBackoffMs);
      }),
    );
  });

  it("never waits less than the other side asked for", () => {
    fc.assert(
      fc.property(attempt, policy, random, fc.nat(maxRetryAfterMs), (n, given, draw, retryAfterMs) => {
        const waitMs = backoffMs(n, given, () => draw, retryAfterMs);
        expect(waitMs).toBe(
          Math.max(
            retryAfterMs,
            backoffMs(n, given, () => draw),
          ),
        );
      }),
    );
  });

  it("does not shrink from one attempt to the next for the same draw", () => {
    fc.assert(
      fc.property(attempt, policy, random, (n, given, draw) => {
        expect(backoffMs(n + 1, given, () => draw)).toBeGreaterThanOrEqual(backoffMs(n, given, () => draw));
      }),
    );
  });
});

describe("whether to retry", () => {
  const retryable = new RetryableError("MODEL_PROVIDER_ERROR", "busy");

  it("allows three attempts unless the step says otherwise", () => {
    expect([1, 2, 3].map((n) => shouldRetry(retryable, n, retryPolicy()))).toEqual([true, true, false]);
    expect(shouldRetry(retryable, 1, retryPolicy({ maxAttempts: 1 }))).toBe(false);
    expect(shouldRetry(retryable, 4, retryPolicy({ maxAttempts: 5 }))).toBe(true);
  });

  it("tries an error again that nobody foresaw", () => {
    expect(shouldRetry(new TypeError("surprise"), 1, retryPolicy())).toBe(true);
    expect(shouldRetry(new EngineError("STEP_TIMEOUT", "too slow"), 1, retryPolicy())).toBe(true);
    expect(shouldRetry("a string", 1, retryPolicy())).toBe(true);
  });

  it.each([
    ["a terminal error", new TerminalError("BYOK_KEY_REJECTED", "no")],
    ["a fault of the store", new StoreUnavailableError("gone")],
    ["an abort", new DOMException("stop", "AbortError")],
    [
      "a request to come back in an hour",
      new RetryableError("MODEL_PROVIDER_ERROR", "busy", { retryAfterMs: 3_600_000 }),
    ],
  ])("does not try again after %s", (_name, error) => {
    expect(shouldRetry(error, 1, retryPolicy({ maxAttempts: 10 }))).toBe(false);
  });

  it("honours a wait of up to five minutes", () => {
    expect(shouldRetry(askingFor(maxRetryAfterMs), 1, retryPolicy())).toBe(true);
    expect(shouldRetry(askingFor(maxRetryAfterMs + 1), 1, retryPolicy())).toBe(false);
  });
});

function askingFor(retryAfterMs: number): RetryableError {
  return new RetryableError("MODEL_PROVIDER_ERROR", "busy", { retryAfterMs });
}
