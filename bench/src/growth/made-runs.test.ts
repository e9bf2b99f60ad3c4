import { expect, it } from "vitest";
import { chunks, copied, madeRun } from "./made-runs.ts";

const until = Date.parse("2026-11-20T12:00:00Z");

it("gives each run an id of its own, a UUIDv7 in the order of their times", () => {
  const runs = Array.from({ length: 20_000 }, (_, number) => madeRun(number, 20_000, until));
  expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
  expect(runs.every(({ id }) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  const times = runs.map(({ id }) => id.slice(0, 13));
  expect(times).toEqual(times.toSorted());
});

it("keeps apart the runs of one millisecond", () => {
  const total = 2_000_000_000;
  const ids = Array.from({ length: 20_000 }, (_, number) => madeRun(number, total, until).id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("puts the runs into the twelve hours before a time", () => {
  expect(madeRun(0, 10, until).at).toBe(until - 12 * 3_600_000);
  expect(madeRun(9, 10, until).at).toBeLessThan(until);
});

it("copies every column, also those of a later release, but for those that differ", () => {
  expect(copied(["id", "status", "new"], { id: "made.id" })).toEqual({
    into: "id, status, new",
    select: "made.id, template.status, template.new",
  });
});

it("cuts numbers into chunks, the last one shorter", () => {
  expect([...chunks(3, 8, 2)]).toEqual([[3, 4], [5, 6], [7]]);
});
