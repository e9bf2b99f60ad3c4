import { expect, it } from "vitest";
import { type About, toRow } from "../peers/rows.ts";
import type { Measured } from "./measured.ts";
import { handOf, pageOf } from "./page.ts";

const about: About = {
  id: "dbos",
  group: "peer",
  name: "DBOS",
  durability: "fsync on",
  versions: "@dbos-inc/dbos-sdk 5.3.0",
  floor: undefined,
  beside: "postgres",
};
const round = { p50Ms: 1, p99Ms: 2, aloneP50Ms: 3, commitsPerRun: undefined, walBytesPerRun: 4203, loadAverage: 1.5 };
const machine = { cpu: "a CPU", cores: 2, memoryGb: 8, system: "linux x64", node: "v24.21.0" };
const measured: Measured = {
  peers: {
    at: "2026-11-20T10:00:00.000Z",
    machine,
    content: {
      rounds: 3,
      seconds: 2,
      concurrency: 32,
      rows: [
        toRow({ ...about, id: "postgres", group: "noukai", name: "Noukai", beside: undefined }, [
          { perSecond: 4500, ...round },
        ]),
        toRow(about, [{ perSecond: 600, ...round }]),
        { ...about, id: "gone", name: "Gone", notRun: "no binary for this machine" },
      ],
    },
  },
};

function page(before?: string): string {
  return pageOf({ measured, before, drawing: "benchmarks.svg" });
}

it("says on what machine and when, with how much else going on", () => {
  expect(page()).toContain("2 cores of a CPU, 8 GB, linux x64, Node v24.21.0; 2026-11-20.");
  expect(page()).toContain("Load average while measured: 1.50 to 1.50");
});

it("shows each peer with its ratio, its durability and its version", () => {
  expect(page()).toContain("| DBOS | fsync on | 600 | 2.00 | 3.00 | × 7.50 |  | 4,203 | 1.50 |");
  expect(page()).toContain("- DBOS: @dbos-inc/dbos-sdk 5.3.0");
});

it("shows a peer that was not run, and why", () => {
  expect(page()).toContain("| Gone | fsync on | not run: no binary for this machine |");
});

it("says beside each figure whether it is met, and of which there is none", () => {
  expect(page()).toMatch(/\| ≥ 4,000 runs\/s \| 4,500 runs\/s \| yes \|/);
  expect(page()).toMatch(/goes on elsewhere, p99 \| < 1,000 ms \| – \| not measured \|/);
});

it("keeps what was written by hand when it is written anew", () => {
  const written = page().replace(handOf(page()), "Ours waits for the disk.\n\nTheirs does not.");
  expect(handOf(page(written))).toBe("Ours waits for the disk.\n\nTheirs does not.");
  expect(page(written)).toBe(written);
});

it("can be written of nothing", () => {
  const empty = pageOf({ measured: {}, before: undefined, drawing: undefined });
  expect(empty).not.toContain("## Beside peers");
  expect(empty).not.toContain("undefined");
});
