import { expect, test } from "vitest";
import { Places } from "./places.ts";

test("places are counted by project, and whoever waits hears of each that is given back", async () => {
  const places = new Places(2);
  places.take("a");
  places.take("b");
  expect([places.taken, places.left, places.takenBy("a"), places.takenBy("c")]).toEqual([2, 0, 1, 0]);
  const { change } = places;
  places.giveBack("a");
  await change;
  expect([places.taken, places.left, places.takenBy("a")]).toEqual([1, 1, 0]);
});
