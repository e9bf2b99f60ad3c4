import { expect, it } from "vitest";
import { median, quantile, spreadOf } from "./stats.ts";

it("takes the middle of an odd number of values, whatever their order", () => {
  expect(median([9, 1, 5])).toBe(5);
});

it("takes the mean of the two middle values of an even number", () => {
  expect(median([10, 1, 4, 2])).toBe(3);
});

it("tells nothing of no values", () => {
  expect(median([])).toBeNaN();
  expect(quantile([], 0.99)).toBeNaN();
});

it("gives as a quantile a value that was measured", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 51, 100, 100]);
});

it("leaves the values that it spreads as they were", () => {
  const values = [3, 1, 2];
  expect(spreadOf(values)).toEqual({ count: 3, p50: 2, p99: 3, longest: 3 });
  expect(values).toEqual([3, 1, 2]);
});
