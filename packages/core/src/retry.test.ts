import { describe, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { backoffMs, retryAfterMs, retryDelayMs } from "./retry.ts";

const NOW = Date.parse("2026-11-20T09:30:00Z");

function clockWith(random: number): Clock {
  return { now: () => NOW, random: () => random, sleep: async () => {} };
}

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

describe("which requests are repeated", () => {
  const clock = clockWith(0.5);

  test.each([408, 429, 500, 502, 503, 504, 599])("an idempotent one is after %i", (status) => {
    expect(retryDelayMs({ response: answer(status), idempotent: true }, 1, clock)).toBe(250);
  });

  test.each([400, 401, 402, 403, 404, 409, 413, 422, 501])("none is after %i", (status) => {
    expect(retryDelayMs({ response: answer(status), idempotent: true }, 1, clock)).toBeUndefined();
  });

  test("an idempotent one is after a fault of the network", () => {
    expect(retryDelayMs({ idempotent: true }, 1, clock)).toBe(250);
  });

  test.each([undefined, 429, 503])("a POST without an idempotency key is not, after %s", (status) => {
    const response = status === undefined ? undefined : answer(status);
    expect(retryDelayMs({ response, idempotent: false }, 1, clock)).toBeUndefined();
  });

  test("the server's X-Should-Retry overrides both ways", () => {
    expect(
      retryDelayMs({ response: answer(503, { "x-should-retry": "false" }), idempotent: true }, 1, clock),
    ).toBeUndefined();
    expect(retryDelayMs({ response: answer(409, { "x-should-retry": "true" }), idempotent: true }, 1, clock)).toBe(250);
    expect(retryDelayMs({ response: answer(503, { "x-should-retry": "true" }), idempotent: false }, 1, clock)).toBe(
      250,
    );
    expect(retryDelayMs({ response: answer(503, { "x-should-retry": "perhaps" }), idempotent: true }, 1, clock)).toBe(
      250,
    );
  });
});

describe("how long the wait is", () => {
  test.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [4, 4_000],
    [5, 8_000],
    [6, 8_000],
    [40, 8_000],
  ])("after failure %i it is anything under %i ms", (failures, limit) => {
    expect(backoffMs(failures, clockWith(0))).toBe(0);
    expect(backoffMs(failures, clockWith(0.999_999))).toBeCloseTo(limit, -1);
    expect(backoffMs(failures, clockWith(0.999_999))).toBeLessThan(limit);
  });

  test.each([
    ["0", 0],
    ["7", 7_000],
    ["1.5", 1_500],
    [" 3 ", 3_000],
    ["60", 60_000],
    ["61", 60_000],
    ["86400", 60_000],
    ["Fri, 20 Nov 2026 09:30:20 GMT", 20_000],
    ["Fri, 20 Nov 2026 09:29:00 GMT", 0],
    ["Fri, 20 Nov 2026 19:30:00 GMT", 60_000],
  ])("Retry-After: %s makes it %i ms", (value, expected) => {
    expect(retryDelayMs({ response: answer(429, { "retry-after": value }), idempotent: true }, 1, clockWith(0.5))).toBe(
      expected,
    );
  });

  test.each(["", "soon", "-5", "1e3"])("Retry-After: %j is unreadable and leaves it to chance", (value) => {
    expect(retryDelayMs({ response: answer(503, { "retry-after": value }), idempotent: true }, 2, clockWith(0.5))).toBe(
      500,
    );
  });

  test("the server's own figure is not capped where it is only told", () => {
    expect(retryAfterMs(new Headers({ "retry-after": "3600" }), NOW)).toBe(3_600_000);
  });
});
