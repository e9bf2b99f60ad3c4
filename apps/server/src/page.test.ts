import fc from "fast-check";
import { expect, test } from "vitest";
import { toPage } from "./page.ts";

const positionOf = (entry: string): string => entry;

test("pages put together are the whole list, each entry once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 5 }), (entries, limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = toPage(entries, { limit, cursor, positionOf });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(entries);
    }),
  );
});

test("a cursor that no page gave is refused", () => {
  expect(() => toPage(["a"], { limit: 1, cursor: "bm9wZQ", positionOf })).toThrow(
    expect.objectContaining({ code: "INVALID_REQUEST" }),
  );
});
