/** One round of one contender: alone, then with many at once. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LoadOptions, LoadResult } from "../load.ts";
import { readCounter } from "../noukai.ts";
import type { BenchDatabase } from "../postgres.ts";
import { loadAverage } from "../results.ts";
import type { Subject } from "../subject.ts";
import type { Contender } from "./contenders.ts";
import type { Round } from "./rows.ts";

export const concurrency = 32;
const warmUpMs = 1_500;

export interface MeasureOptions {
  /** For a contender that needs one. */
  readonly database: BenchDatabase | undefined;
  readonly seconds: number;
}

export interface Measurement {
  readonly round: Round;
  /** What the contender said of itself. */
  readonly detail: string;
}

export async function measure(contender: Contender, { database, seconds }: MeasureOptions): Promise<Measurement> {
  const beganAt = loadAverage();
  const subject = await contender.start(database?.url);
  try {
    const alone = await load(contender, subject, { concurrency: 1, seconds });
    const before = await countsOf(contender, subject, database);
    const busy = await load(contender, subject, { concurrency, seconds });
    const after = await countsOf(contender, subject, database);
    const perRun = (from: number | undefined, to: number | undefined): number | undefined =>
      from === undefined || to === undefined ? undefined : (to - from) / busy.allRequests;
    const round: Round = {
      perSecond: busy.perSecond,
      p50Ms: busy.p50Ms,
      p99Ms: busy.p99Ms,
      aloneP50Ms: alone.p50Ms,
      commitsPerRun: perRun(before.commits, after.commits),
      walBytesPerRun: perRun(before.walBytes, after.walBytes),
      loadAverage: beganAt,
    };
    return { round, detail: subject.detail };
  } finally {
    await subject.stop();
  }
}

async function countsOf({ commitsCounter }: Contender, { url }: Subject, database: BenchDatabase | undefined) {
  return {
    commits: commitsCounter === undefined ? undefined : await readCounter(url, commitsCounter),
    walBytes: await database?.walBytes(),
  };
}

async function load(
  { path, body, expects, headers = {}, isKeyless }: Contender,
  { url }: Subject,
  { concurrency, seconds }: { readonly concurrency: number; readonly seconds: number },
): Promise<LoadResult> {
  const durationMs = seconds * 1000;
  const work = { path, headers, body, expects, isKeyless: isKeyless === true };
  const options: LoadOptions = { url, ...work, concurrency, warmUpMs, durationMs };
  const program = join(import.meta.dirname, "../load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(options)]);
  return JSON.parse(stdout) as LoadResult; // as: our own load generator wrote it
}
