import { expect, test } from "vitest";
import { createLru } from "./lru.ts";

test("forgets what was neither set nor asked for the longest", () => {
  const lru = createLru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  expect(["a", "b", "c"].map(lru.get)).toEqual([1, undefined, 3]);
});

test("counts a key that is set again once", () => {
  const lru = createLru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.set("b", 3);
  expect(["a", "b"].map(lru.get)).toEqual([1, 3]);
});

test("forgets what is deleted", () => {
  const lru = createLru<string, number>(2);
  lru.set("a", 1);
  lru.delete("a");
  expect(lru.get("a")).toBeUndefined();
});
