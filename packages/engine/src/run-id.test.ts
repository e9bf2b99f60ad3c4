import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createRunIds, firstRunIdAt, isUuid, newRunId } from "./run-id.ts";

/** The time an id carries, as RFC 9562 §5.7 lays it out. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

describe("run ids", () => {
  it("are version 7, variant 10, lower case", () => {
    for (let i = 0; i < 1000; i++) {
      expect(newRunId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("carry the clock's milliseconds", () => {
    const ms = Date.UTC(2026, 10, 20, 3, 4, 5, 678);
    expect(timeOf(createRunIds({ now: () => ms })())).toBe(ms);
  });

  it("carry a time that needs all 48 bits", () => {
    const ms = 2 ** 48 - 2;
    expect(timeOf(createRunIds({ now: () => ms })())).toBe(ms);
  });

  it("sort in the order they were made, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 42 }), { minLength: 2, maxLength: 200 }), (times) => {
        let call = 0;
        const next = createRunIds({ now: () => times[call++] ?? 0 });
        const ids = times.map(() => next());
        expect(ids.toSorted()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("stay in order when one millisecond yields more than the counter holds", () => {
    const next = createRunIds({ now: () => 1_000 });
    const ids = Array.from({ length: 20_000 }, () => next());
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("differ between two sources in the same millisecond", () => {
    const sources = Array.from({ length: 500 }, () => createRunIds({ now: () => 1_000 }));
    expect(new Set(sources.map((next) => next().slice(19))).size).toBe(sources.length);
  });
});

describe("isUuid", () => {
  it("takes any version in either case", () => {
    expect(isUuid(newRunId())).toBe(true);
    expect(isUuid("6F9619FF-8B86-4011-B42D-00C04FC964FF")).toBe(true);
  });

  it.each([
    "",
    "grade-3",
    "6f9619ff8b864011b42d00c04fc964ff",
    "6f9619ff-8b86-4011-b42d-00c04fc964fg",
    `${newRunId()}\n`,
  ])("refuses %j", (text) => {
    expect(isUuid(text)).toBe(false);
  });
});

test("the first id of a millisecond sorts before every one of it, and behind those before it", () => {
  for (const at of [0, 1, 0xffff, 0x10000, 1_800_000_000_000]) {
    const [now, before] = [createRunIds({ now: () => at }), createRunIds({ now: () => at - 1 })];
    expect(firstRunIdAt(at) <= now()).toBe(true);
    if (at > 0) expect(before() < firstRunIdAt(at)).toBe(true);
  }
});
