/**
 * `npm run bench -- sse [--rounds=7]`: reading streams, from the chunks of a body to events in a `for await`, beside what others do
 * with the wire format that they are made for. Each round runs every contender once on each workload, in
 * another order; the table shows medians.
 * Writes `bench/results-sse.json`.
 */
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { writeResults } from "../results.ts";
import { median } from "../stats.ts";
import { type Contender, contenders } from "./contenders.ts";
import { bodyOf, chunksOf, type Workload, workloads } from "./workloads.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "7" } },
  allowPositionals: true,
});
const rounds = Number(flags.rounds);

export interface SseResults {
  readonly rounds: number;
  readonly rows: readonly SseRow[];
}

export interface SseRow {
  readonly workload: string;
  readonly contender: string;
  readonly does: string;
  readonly medianMs: number;
  readonly eventsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** Its speed as a share of eventsource-parser's in the same rounds. */
  readonly ratio: number;
  readonly roundsMs: readonly number[];
}

const rows: SseRow[] = [];
for (const workload of workloads) {
  console.error(workload.name);
  rows.push(...(await compare(workload)));
}
for (const { name } of workloads) {
  const measured = rows.filter((row) => row.workload === name);
  console.log(`\n${name}`);
  console.table(Object.fromEntries(measured.map((row) => [row.contender, shown(row)])));
}
for (const { name } of contenders) {
  const [whole, quarter] = ["one 16 MB event", "one 4 MB event"].map((workload) =>
    rows.find((row) => row.contender === name && row.workload === workload),
  );
  if (whole && quarter) console.log(`${name}: 4 → 16 MB takes × ${(whole.medianMs / quarter.medianMs).toFixed(1)}`);
}
writeResults("sse", { rounds, rows } satisfies SseResults);

async function compare(workload: Workload): Promise<readonly SseRow[]> {
  const formats = new Set(contenders.map((contender) => contender.format));
  const chunks = new Map([...formats].map((format) => [format, chunksOf(workload, format)]));
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of inTurn(round)) {
      const ms = await time(contender, workload, chunks.get(contender.format) ?? []);
      if (round > 0) times.get(contender)?.push(ms); // the first is for the compiler
    }
  }
  const [baseline] = [...times.values()].map(median);
  return contenders.map((contender) => {
    const roundsMs = times.get(contender) ?? [];
    const medianMs = median(roundsMs);
    const bytes = (chunks.get(contender.format) ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
    return {
      workload: workload.name,
      contender: contender.name,
      does: contender.does,
      medianMs,
      eventsPerSecond: (workload.events / medianMs) * 1000,
      megabytesPerSecond: bytes / medianMs / 1000,
      ratio: (baseline ?? Number.NaN) / medianMs,
      roundsMs,
    };
  });
}

/** Each round has another order, and in each stride everyone comes behind another one, whose garbage is collected in its time. */
function inTurn(round: number): readonly Contender[] {
  const count = contenders.length; // a prime, so that every stride meets them all
  const stride = 1 + (round % (count - 1));
  return contenders.flatMap((_, index) => contenders[(round + index * stride) % count] ?? []);
}

async function time(contender: Contender, workload: Workload, chunks: readonly Uint8Array[]): Promise<number> {
  await setImmediate(); // what the round before held weakly, such as abort signals, can go only between two tasks
  const startedAt = performance.now();
  const length = await contender.read(bodyOf(chunks));
  const ms = performance.now() - startedAt;
  const expected = workload.events * workload.textLength;
  if (length !== expected) throw new Error(`${contender.name} read ${length} characters of ${expected}.`);
  return ms;
}

function shown(row: SseRow): Readonly<Record<string, string>> {
  return {
    ms: row.medianMs.toFixed(1),
    "events/s": Math.round(row.eventsPerSecond).toLocaleString("en"),
    "MB/s": row.megabytesPerSecond.toFixed(0),
    "× parser": row.ratio.toFixed(2),
    does: row.does,
  };
}
