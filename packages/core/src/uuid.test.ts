import { expect, test } from "vitest";
import { newUuid } from "./uuid.ts";

test("is a UUIDv7 of the time it was made", () => {
  const madeAt = Date.UTC(2026, 10, 20);
  const id = newUuid(() => madeAt);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(madeAt);
});

test("later ones sort behind earlier ones, and none comes twice", () => {
  let at = 0;
  const ids = Array.from({ length: 1_000 }, () => newUuid(() => (at += 1)));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1_000 }, () => newUuid(() => 0))).size).toBe(1_000);
});
