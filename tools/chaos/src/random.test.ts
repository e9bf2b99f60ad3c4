import { expect, test } from "vitest";
import { Random } from "./random.ts";

const draw = (random: Random): number[] => Array.from({ length: 5 }, () => random.int(1, 1_000));

test("the same seed gives the same numbers, another one others", () => {
  expect(draw(new Random(7))).toEqual(draw(new Random(7)));
  expect(draw(new Random(7))).not.toEqual(draw(new Random(8)));
});

test("a fork gives the same numbers whoever else draws meanwhile", () => {
  const one = new Random(7);
  const fork = one.fork("callers");
  draw(one);
  expect(draw(fork)).toEqual(draw(new Random(7).fork("callers")));
  expect(draw(new Random(7).fork("faults"))).not.toEqual(draw(new Random(7).fork("callers")));
});

test("weights say how often something is chosen", () => {
  const random = new Random(7);
  const chosen = Array.from({ length: 1_000 }, () => random.weighted({ often: 9, seldom: 1, never: 0 }));
  const seldom = chosen.filter((name) => name === "seldom").length;
  expect(seldom).toBeGreaterThan(50);
  expect(seldom).toBeLessThan(200);
  expect(chosen).not.toContain("never");
});
