/** `docs/benchmarks.md` from what was measured. Written anew each time, but for what stands between the two marks. */
import { isMeasured } from "../peers/rows.ts";
import type { Measured } from "./measured.ts";
import { growthOf, peersOf, shapesOf, streamsOf, waitingOf } from "./sections.ts";
import { targetsOf } from "./targets.ts";
import { figure, table } from "./text.ts";

const handBegins = "<!-- by hand: the command keeps this part -->";
const handEnds = "<!-- /by hand -->";

export interface PageOptions {
  readonly measured: Measured;
  /** The page as it is, undefined when there is none. */
  readonly before: string | undefined;
  /** Name of the drawing beside it; undefined when there is none. */
  readonly drawing: string | undefined;
}

export function pageOf({ measured, before, drawing }: PageOptions): string {
  return [
    "# Benchmarks",
    "`npm run bench -- all` measures all of this in one go and writes this page from what came out. Figures compare with each other, not with those of another machine.",
    machineOf(measured),
    drawing === undefined ? undefined : `![Runs per second beside peers](${drawing})`,
    `${handBegins}\n\n${handOf(before)}\n\n${handEnds}`,
    "## What is to be reached",
    targetTable(measured),
    peersOf(measured),
    waitingOf(measured),
    growthOf(measured),
    shapesOf(measured),
    streamsOf(measured),
    repeatOf(measured),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n")
    .concat("\n");
}

/** What somebody wrote, without the marks. */
export function handOf(before: string | undefined): string {
  const from = before?.indexOf(handBegins) ?? -1;
  const to = before?.indexOf(handEnds) ?? -1;
  if (before === undefined || from === -1 || to < from) return "What the differences mean has not been written yet.";
  return before.slice(from + handBegins.length, to).trim();
}

function machineOf(measured: Measured): string | undefined {
  const all = Object.values(measured).filter((results) => results !== undefined);
  const [first] = all.toSorted((a, b) => a.at.localeCompare(b.at));
  if (first === undefined) return undefined;
  const { cpu, cores, memoryGb, system, node } = first.machine;
  const loads = loadsOf(measured);
  const load =
    loads.length === 0
      ? ""
      : ` Load average while measured: ${figure(Math.min(...loads))} to ${figure(Math.max(...loads))}, our own load with it.`;
  return `${cores} cores of ${cpu}, ${memoryGb} GB, ${system}, Node ${node}; ${first.at.slice(0, 10)}. Load generator and servers share the machine.${load}`;
}

function loadsOf({ peers, jobs, takeover, tails, growth }: Measured): readonly number[] {
  return [
    ...(peers?.content.rows ?? []).filter(isMeasured).map(({ loadAverage }) => loadAverage),
    ...Object.values(jobs?.content ?? {}).map(({ loadAverage }) => loadAverage),
    ...Object.values(takeover?.content ?? {}).map(({ loadAverage }) => loadAverage),
    ...Object.values(tails?.content ?? {}).map(({ loadAverage }) => loadAverage),
    ...Object.values(growth?.content ?? {}).flatMap((figures) => figures.map(({ loadAverage }) => loadAverage)),
  ];
}

function targetTable(measured: Measured): string {
  const rows = targetsOf(measured).map(({ what, reach, came }) => [
    what,
    reach,
    came?.out ?? "–",
    came === undefined ? "not measured" : came.isMet ? "yes" : "**no**",
  ]);
  return table(["what", "reach", "came out", "met"], rows);
}

function repeatOf(measured: Measured): string {
  const days = Object.entries(measured).map(
    ([subject, results]) => `${subject} ${results?.at.slice(0, 16).replace("T", " ") ?? "not measured"}`,
  );
  return [
    "## Again",
    "`npm run bench -- all` on a machine that does nothing else; a subject alone: `npm run bench -- jobs`. What each does, and its flags: [bench/](../bench/README.md). Peers are installed on the first run, from `bench/peers/package-lock.json`; nothing else is needed beside Node, PostgreSQL comes with the workspace.",
    `Measured (UTC): ${days.join(", ")}.`,
  ].join("\n\n");
}
