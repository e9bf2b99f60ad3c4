import { expect, test } from "vitest";
import { didYouMean, findNearest } from "./suggest.ts";

test.each([
  ["promt", ["prompt", "model"], "prompt"],
  ["modle", ["prompt", "model"], "model"],
  ["Model", ["prompt", "model"], "model"],
  ["mesage", ["message", "messages"], "message"],
  ["temprature", ["temperature"], "temperature"],
  ["x", ["y"], "y"],
  ["prompt", ["model", "system"], undefined],
  ["retry", ["rename", "body"], undefined],
  ["anything", [], undefined],
])("of %j, %j the nearest is %j", (name, candidates, nearest) => {
  expect(findNearest(name, candidates)).toBe(nearest);
});

test("is a sentence, or nothing", () => {
  expect(didYouMean("promt", ["prompt"])).toBe(" Did you mean `prompt`?");
  expect(didYouMean("promt", ["else"])).toBe("");
});
