import { afterEach, expect, test, vi } from "vitest";
import { randomUuid } from "./uuid.ts";

const VERSION_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

afterEach(() => {
  vi.unstubAllGlobals();
});

test("is a version 4 UUID, another one each time", () => {
  const ids = new Set(Array.from({ length: 100 }, randomUuid));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(VERSION_4);
});

test("is one on a plain http page too, where crypto.randomUUID is missing", () => {
  const { crypto } = globalThis;
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const ids = new Set(Array.from({ length: 100 }, randomUuid));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(VERSION_4);
});
