import { expect, test } from "vitest";
import type { Json } from "./definition.ts";
import { createWeigher, jsonLength } from "./weight.ts";

const weigh = createWeigher((value) => (typeof value === "string" ? value.length : 1));

test("counts values, texts and names", () => {
  expect(weigh("four")).toBe(4);
  expect(weigh(null)).toBe(1);
  expect(weigh({ a: [1, "xy"], long: {} })).toBe(3 + 1 + (3 + 1 + 2) + 4 + 3);
});

test("counts what stands in several places in each, and looks at it once", () => {
  let value: Json = { text: "x".repeat(9) };
  for (let level = 0; level < 100; level += 1) value = [value, value];
  expect(weigh(value)).toBeGreaterThan(2 ** 100);
});

test("is not stopped by depth", () => {
  let value: Json = "x";
  for (let level = 0; level < 100_000; level += 1) value = { a: value };
  expect(weigh(value)).toBe(400_001);
});

test("the length as JSON is right but for the ends of lists and objects", () => {
  const value = { text: '\u0000"\ud800 é', list: [1.5, null, true, [], {}], "": { a: -1e100 } };
  const text = JSON.stringify(value);
  expect(jsonLength(value)).toBeGreaterThanOrEqual(text.length);
  expect(jsonLength(value)).toBeLessThan(text.length + 10);
});
