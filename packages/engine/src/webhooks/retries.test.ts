import { expect, test } from "vitest";
import { maxAttempts, retryInMs } from "./retries.ts";

function waits(random: number): readonly number[] {
  return Array.from({ length: maxAttempts - 1 }, (_, index) => retryInMs(index + 1, () => random) ?? -1);
}

test("waits longer behind each attempt, between half and all of the longest wait", () => {
  expect(waits(0)).toEqual([2_500, 15_000, 60_000, 300_000, 1_800_000, 10_800_000, 21_600_000]);
  expect(waits(1)).toEqual(waits(0).map((wait) => wait * 2));
});

test("gives up behind the last attempt, before the run's payloads may be gone", () => {
  expect([retryInMs(maxAttempts, () => 0), retryInMs(maxAttempts + 5, () => 0)]).toEqual([undefined, undefined]);
  expect(waits(1).reduce((sum, wait) => sum + wait, 0)).toBeLessThan(24 * 60 * 60 * 1000);
});
