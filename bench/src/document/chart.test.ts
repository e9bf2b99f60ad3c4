import { expect, it } from "vitest";
import { type About, toRow } from "../peers/rows.ts";
import { drawBars } from "./chart.ts";

function row(id: string, group: About["group"], perSecond: number, more: Partial<About> = {}) {
  const about = {
    id,
    group,
    name: id,
    durability: "fsync",
    versions: "",
    floor: undefined,
    beside: undefined,
    ...more,
  };
  const round = {
    p50Ms: 1,
    p99Ms: 1,
    aloneP50Ms: 1,
    commitsPerRun: undefined,
    walBytesPerRun: undefined,
    loadAverage: 0,
  };
  return toRow(about, [{ perSecond, ...round }]);
}

it("draws ours and the peers by their throughput, each bar as long as its share of the fastest", () => {
  const svg = drawBars([row("slow", "peer", 100), row("ours", "noukai", 1000), row("floor", "floor", 9000)]) ?? "";
  expect(svg.indexOf(">ours<")).toBeLessThan(svg.indexOf(">slow<"));
  expect(svg).not.toContain(">floor<");
  expect([...svg.matchAll(/width="(\d+)" height="18"/g)].map(([, length]) => length)).toEqual(["290", "29"]);
});

it("says beside a peer how many times as much ours does on a store of its kind", () => {
  const rows = [
    row("embedded", "noukai", 1000),
    row("postgres", "noukai", 500),
    row("p", "peer", 100, { beside: "postgres" }),
  ];
  expect(drawBars(rows)).toContain("× 5.00");
});

it("says of a peer that it does not wait for the disk", () => {
  expect(drawBars([row("p", "peer", 1, { durability: "no fsync per commit" })])).toContain("no fsync");
});

it("escapes names, and draws nothing of nothing", () => {
  expect(drawBars([row('a <b> & "c"', "peer", 1)])).toContain("a &lt;b&gt; &amp; &quot;c&quot;");
  expect(drawBars([])).toBeUndefined();
});
