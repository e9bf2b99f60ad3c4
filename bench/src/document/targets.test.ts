import { expect, it } from "vitest";
import type { PeersResults } from "../peers/main.ts";
import { type About, type Round, type Row, toRow } from "../peers/rows.ts";
import type { Results } from "../results.ts";
import { targetsOf } from "./targets.ts";

const machine = { cpu: "a CPU", cores: 2, memoryGb: 8, system: "linux x64", node: "v24" };

function results<Content>(content: Content): Results<Content> {
  return { at: "2026-11-20T00:00:00.000Z", machine, content };
}

function row(id: string, perSecond: number, aloneP50Ms: number, more: Partial<About> = {}): Row {
  const about: About = {
    id,
    group: "noukai",
    name: id,
    durability: "fsync",
    versions: "",
    floor: undefined,
    beside: undefined,
    ...more,
  };
  const round: Round = {
    perSecond,
    p50Ms: 1,
    p99Ms: 1,
    aloneP50Ms,
    commitsPerRun: undefined,
    walBytesPerRun: undefined,
    loadAverage: 0,
  };
  return toRow(about, [round]);
}

function peers(rows: readonly Row[]): Results<PeersResults> {
  return results({ rounds: 1, seconds: 1, concurrency: 32, rows });
}

function cameOf(targets: ReturnType<typeof targetsOf>, what: RegExp) {
  return targets.filter((target) => what.test(target.what)).map(({ came }) => came);
}

it("compares our throughput with the figure to reach and with the floor of the same run", () => {
  const targets = targetsOf({
    peers: peers([row("sqlite-4", 10_000, 1, { group: "floor" }), row("embedded", 6_500, 1.6, { floor: "sqlite-4" })]),
  });
  expect(cameOf(targets, /embedded/).slice(0, 3)).toEqual([
    { out: "6,500 runs/s", isMet: false },
    { out: "65 %", isMet: true },
    { out: "× 1.60 (1.60 ms)", isMet: false },
  ]);
});

it("says of nothing that was not measured whether it is met", () => {
  expect(targetsOf({}).every(({ came }) => came === undefined)).toBe(true);
  const withoutFloor = targetsOf({ peers: peers([row("postgres", 5_000, 1, { floor: "postgres-4" })]) });
  expect(cameOf(withoutFloor, /PostgreSQL/).slice(0, 3)).toEqual([
    { out: "5,000 runs/s", isMet: true },
    undefined,
    undefined,
  ]);
});

it("takes a contender that was not run for one that was not measured", () => {
  const [first] = [row("embedded", 1, 1)];
  if (first === undefined || !("rounds" in first)) throw new Error("It was measured.");
  const { id, group, name, durability, versions, floor, beside } = first;
  const notRun = { id, group, name, durability, versions, floor, beside, notRun: "no disk" };
  expect(cameOf(targetsOf({ peers: peers([notRun]) }), /32 at once, embedded/)[0]).toBeUndefined();
});

it("is behind as soon as one SDK is faster on one workload", () => {
  const sse = (peerMs: number) =>
    results({
      rounds: 1,
      rows: [
        { contender: "eventsource-parser", medianMs: 9, ratio: 1 },
        { contender: "@noukai/sdk", medianMs: 10, ratio: 0.9 },
        { contender: "openai", medianMs: peerMs, ratio: 9 / peerMs },
      ].map((row) => ({
        workload: "one 16 MB event",
        does: "",
        eventsPerSecond: 1,
        megabytesPerSecond: 1,
        roundsMs: [],
        ...row,
      })),
    });
  expect(cameOf(targetsOf({ sse: sse(20) }), /SDKs of others/)).toEqual([{ out: "ahead of each", isMet: true }]);
  expect(cameOf(targetsOf({ sse: sse(9.5) }), /SDKs of others/)).toEqual([{ out: "behind one", isMet: false }]);
});

it("wants the client to survive every fault", () => {
  const verdict = { fault: "a cut", isRight: true, what: "whole" };
  const faults = results([{ name: "@noukai/sdk", right: 1, verdicts: [verdict, { ...verdict, isRight: false }] }]);
  expect(cameOf(targetsOf({ faults }), /faults/)).toEqual([{ out: "1 of 2", isMet: false }]);
});

it("takes a job for late that starts at the limit itself", () => {
  const spread = { count: 200, p50: 1, p99: 20, longest: 30 };
  const jobs = (p99: number) =>
    results({ embedded: { startedMs: { ...spread, p99 }, seenMs: spread, loadAverage: 0 } });
  expect(cameOf(targetsOf({ jobs: jobs(20) }), /job accepted.*embedded/)).toEqual([{ out: "20.0 ms", isMet: false }]);
  expect(cameOf(targetsOf({ jobs: jobs(19) }), /job accepted.*embedded/)).toEqual([{ out: "19.0 ms", isMet: true }]);
});
