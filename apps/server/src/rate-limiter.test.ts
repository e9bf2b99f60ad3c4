import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

function createLimiter() {
  let now = 1_000_000;
  return { limiter: new RateLimiter(() => now), pass: (ms: number) => (now += ms) };
}

test.each([1, 7, 60, 1_000])("lets %i through at once, and not one more", (perMinute) => {
  const { limiter } = createLimiter();
  const waits = Array.from({ length: perMinute + 1 }, () => limiter.take("a", perMinute));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(perMinute);
  expect(waits.at(-1)).toBeCloseTo(60_000 / perMinute, 6);
});

test("lets the next one through after just the time that it told", () => {
  const { limiter, pass } = createLimiter();
  while (limiter.take("a", 60) === 0);
  pass(400);
  const wait = limiter.take("a", 60);
  expect(wait).toBeCloseTo(600, 6);
  pass(wait - 1);
  expect(limiter.take("a", 60)).toBeGreaterThan(0);
  pass(1);
  expect([limiter.take("a", 60), limiter.take("a", 60) > 0]).toEqual([0, true]);
});

test("in any stretch of time passes no more than a minute's worth and what flows in", () => {
  const step = fc.record({ passMs: fc.integer({ min: 0, max: 5_000 }), calls: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 }), fc.array(step, { maxLength: 40 }), (perMinute, steps) => {
      const { limiter, pass } = createLimiter();
      let passedMs = 0;
      let through = 0;
      for (const { passMs, calls } of steps) {
        pass(passMs);
        passedMs += passMs;
        for (let call = 0; call < calls; call++) through += limiter.take("a", perMinute) === 0 ? 1 : 0;
        expect(through).toBeLessThanOrEqual(perMinute + (passedMs * perMinute) / 60_000 + 1e-6);
      }
    }),
  );
});

test("keeps names apart, and looking takes nothing", () => {
  const { limiter } = createLimiter();
  expect(limiter.take("a", 1)).toBe(0);
  expect([limiter.waitMs("b", 1), limiter.waitMs("b", 1), limiter.take("b", 1)]).toEqual([0, 0, 0]);
  expect(limiter.waitMs("b", 1)).toBe(60_000);
});

test("a clock that is set back neither locks anybody out for longer nor lets more through", () => {
  const { limiter, pass } = createLimiter();
  expect(limiter.take("a", 60)).toBe(0);
  pass(-3_600_000);
  expect(limiter.take("a", 60)).toBe(0);
  while (limiter.take("a", 60) === 0);
  expect(limiter.take("a", 60)).toBeLessThanOrEqual(1_000);
});
