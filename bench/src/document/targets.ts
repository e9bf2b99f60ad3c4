/** What is to be reached, and what came out. */
import { isMeasured, type MeasuredRow, ratioTo, rowOf } from "../peers/rows.ts";
import { median } from "../stats.ts";
import type { StoreName } from "../stores.ts";
import type { Measured } from "./measured.ts";
import { figure, percent, whole } from "./text.ts";

export interface Target {
  readonly what: string;
  readonly reach: string;
  /** Undefined when the subject that tells it was not measured. */
  readonly came: { readonly out: string; readonly isMet: boolean } | undefined;
}

export function targetsOf(measured: Measured): readonly Target[] {
  return [
    ...executeTargets(measured, "embedded", 7_000),
    ...executeTargets(measured, "postgres", 4_000),
    ...storeTargets(measured, "embedded"),
    ...storeTargets(measured, "postgres"),
    takeoverTarget(measured),
    executionsTarget(measured),
    ...sseTargets(measured),
    faultsTarget(measured),
  ];
}

const named: Readonly<Record<StoreName, string>> = { embedded: "embedded", postgres: "PostgreSQL" };

interface Bound {
  readonly limit: number;
  readonly unit: string;
  /** Is the limit itself too much? */
  readonly isStrict: boolean;
}

/** A target that a smaller figure reaches. */
function bounded(what: string, { limit, unit, isStrict }: Bound, value: number | undefined): Target {
  const isMet = (value: number): boolean => (isStrict ? value < limit : value <= limit);
  const came = value === undefined ? undefined : { out: `${figure(value)}${unit}`, isMet: isMet(value) };
  return { what, reach: `${isStrict ? "<" : "≤"} ${whole(limit)}${unit}`, came };
}

function atMost(what: string, limit: number, unit: string, value: number | undefined): Target {
  return bounded(what, { limit, unit, isStrict: false }, value);
}

function belowMs(what: string, limit: number, value: number | undefined): Target {
  return bounded(what, { limit, unit: " ms", isStrict: true }, value);
}

function executeTargets({ peers }: Measured, store: StoreName, perSecond: number): readonly Target[] {
  const rows = peers?.content.rows ?? [];
  const row = rowOf(rows, store);
  const ours = row !== undefined && isMeasured(row) ? row : undefined;
  const floor = ours && ratioTo(ours, rowOf(rows, ours.floor));
  const of = <Value>(value: Value | undefined, tell: (value: Value) => NonNullable<Target["came"]>): Target["came"] =>
    value === undefined ? undefined : tell(value);
  const where = named[store];
  return [
    {
      what: `\`POST /execute\`, 3 instant steps, durable, 32 at once, ${where}`,
      reach: `≥ ${whole(perSecond)} runs/s`,
      came: of(ours, (row: MeasuredRow) => ({
        out: `${whole(row.perSecond)} runs/s`,
        isMet: row.perSecond >= perSecond,
      })),
    },
    {
      what: `the same as a share of its floor (4 commits in a row), ${where}`,
      reach: "≥ 60 %",
      came: of(floor, ({ throughput }) => ({ out: percent(throughput), isMet: throughput >= 0.6 })),
    },
    {
      what: `one at a time, p50 beside that floor's, ${where}`,
      reach: "≤ × 1.5",
      came: of(floor, ({ aloneP50 }) => ({
        out: `× ${figure(aloneP50)} (${figure(ours?.aloneP50Ms ?? Number.NaN)} ms)`,
        isMet: aloneP50 <= 1.5,
      })),
    },
  ];
}

function storeTargets({ wal, jobs, tails }: Measured, store: StoreName): readonly Target[] {
  const where = named[store];
  const held = tails?.content[store];
  return [
    atMost(
      `bytes of write-ahead log per 3-step run, 32 at once, ${where}`,
      4_000,
      "",
      wal?.content[store]?.bytesPerRun,
    ),
    belowMs(`job accepted → first step started, p99, idle node, ${where}`, 20, jobs?.content[store]?.startedMs.p99),
    atMost(
      `each of ${whole(held?.tails ?? 5_000)} idle live tails of one process, ${where}`,
      40,
      " KB",
      held?.kilobytesEach,
    ),
  ];
}

function takeoverTarget({ takeover }: Measured): Target {
  return belowMs(
    "kill -9 of a worker → its run goes on elsewhere, p99",
    1_000,
    takeover?.content.worker.takeoverMs.p99,
  );
}

function executionsTarget({ executions }: Measured): Target {
  const ours = executions?.content.rounds.filter(({ name }) => name.startsWith("Noukai")).map(({ p99Ms }) => p99Ms);
  const rate = executions?.content.rate ?? 200;
  const p99 = ours === undefined ? undefined : median(ours);
  return belowMs(`\`POST /flow-executions\` at ${rate} calls/s, embedded, p99`, 20, p99);
}

function sseTargets({ sse }: Measured): readonly Target[] {
  const rows = sse?.content.rows ?? [];
  const ours = rows.filter(({ contender }) => contender === "@noukai/sdk");
  const workloads = ours.filter(({ workload }) => workload !== "one 4 MB event");
  const ratios = workloads.map(({ ratio }) => ratio);
  const isAhead = ours.every(({ workload, medianMs }) =>
    rows.every((row) => row.workload !== workload || isParserOrOurs(row.contender) || row.medianMs > medianMs),
  );
  const msOf = (workload: string): number => ours.find((row) => row.workload === workload)?.medianMs ?? Number.NaN;
  const growth = msOf("one 16 MB event") / msOf("one 4 MB event");
  const ifMeasured = (came: NonNullable<Target["came"]>): Target["came"] => (ours.length === 0 ? undefined : came);
  return [
    {
      what: "streams: the parser's own speed, through to typed events, on each of four workloads",
      reach: "≥ 80 %",
      came: ifMeasured({ out: ratios.map(percent).join(", "), isMet: ratios.every((ratio) => ratio >= 0.8) }),
    },
    {
      what: "streams: beside the SDKs of others",
      reach: "ahead of each",
      came: ifMeasured({ out: isAhead ? "ahead of each" : "behind one", isMet: isAhead }),
    },
    {
      what: "streams: one event of 16 MB beside one of 4 MB",
      reach: "≤ × 5",
      came: ifMeasured({ out: `× ${figure(growth)}`, isMet: growth <= 5 }),
    },
  ];
}

function isParserOrOurs(contender: string): boolean {
  return contender === "eventsource-parser" || contender === "@noukai/sdk";
}

function faultsTarget({ faults }: Measured): Target {
  const ours = faults?.content.find(({ name }) => name === "@noukai/sdk");
  const all = ours?.verdicts.length ?? 0;
  return {
    what: "faults of a stream that the client survives, on real sockets",
    reach: "all",
    came: ours && { out: `${ours.right} of ${all}`, isMet: ours.right === all },
  };
}
