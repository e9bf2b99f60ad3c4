import { expect, it } from "vitest";
import { type About, bestPeer, isMeasured, ratioTo, type Round, toRow } from "./rows.ts";

const about: About = {
  id: "a",
  group: "peer",
  name: "A",
  durability: "fsync",
  versions: "a 1",
  floor: undefined,
  beside: undefined,
};

function round(perSecond: number, more: Partial<Round> = {}): Round {
  return {
    perSecond,
    p50Ms: 1,
    p99Ms: 2,
    aloneP50Ms: 0.5,
    commitsPerRun: undefined,
    walBytesPerRun: undefined,
    loadAverage: 1,
    ...more,
  };
}

it("makes a row of the medians over the rounds, and keeps the rounds", () => {
  const rounds = [round(100), round(900), round(300)];
  const row = toRow(about, rounds);
  expect(row.perSecond).toBe(300);
  expect(row.rounds).toEqual(rounds);
  expect(isMeasured(row)).toBe(true);
});

it("leaves out rounds that do not know a figure, and the figure when none does", () => {
  const row = toRow(about, [round(1, { walBytesPerRun: 10 }), round(1), round(1, { walBytesPerRun: 30 })]);
  expect(row.walBytesPerRun).toBe(20);
  expect(row.commitsPerRun).toBeUndefined();
});

it("has a ratio to rows that were measured, and to no others", () => {
  const row = toRow(about, [round(1000)]);
  const slower = toRow({ ...about, name: "B" }, [round(250, { aloneP50Ms: 2 })]);
  expect(ratioTo(row, slower)).toEqual({ to: "B", throughput: 4, aloneP50: 0.25 });
  expect(ratioTo(row, { ...about, notRun: "no binary" })).toBeUndefined();
  expect(ratioTo(row, undefined)).toBeUndefined();
});

it("takes the peer that does the most, whatever ours and the floors do", () => {
  const rows = [
    toRow({ ...about, id: "slow" }, [round(10)]),
    toRow({ ...about, id: "fast" }, [round(20)]),
    toRow({ ...about, id: "ours", group: "noukai" }, [round(30)]),
    { ...about, id: "gone", notRun: "no binary" },
  ];
  expect(bestPeer(rows)?.id).toBe("fast");
  expect(bestPeer(rows.slice(2))).toBeUndefined();
});
