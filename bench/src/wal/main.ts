/**
 * `npm run bench -- wal [--batches=7 --runs=400 --only=embedded]`: bytes in the store's write-ahead log per run of three instant steps, 32 at once
 * and one at a time. SQLite: the frames that were written, read from the log itself; a batch in which the log began again is left out.
 * PostgreSQL: how far `pg_current_wal_lsn` moved, with the page images that follow each checkpoint. Medians over batches.
 * Writes `bench/results-wal.json`.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { nextKey } from "../keys.ts";
import { flowsPath, headers, type NoukaiSubject, threeSteps } from "../noukai.ts";
import { writeResults } from "../results.ts";
import { median } from "../stats.ts";
import { type BenchStore, onStores, readFlags, type StoreName } from "../stores.ts";
import { readWalPosition, type WalPosition } from "./sqlite-wal.ts";

export interface WalFigures {
  readonly bytesPerRun: number;
  readonly bytesPerRunAlone: number;
  /** That were counted, of those at 32. */
  readonly batches: number;
}

export type WalResults = Readonly<Partial<Record<StoreName, WalFigures>>>;

const flags = readFlags({ batches: "7", runs: "400" });
const batches = Number(flags.batches);
const runs = Number(flags.runs);
const concurrency = 32;

const results: WalResults = await onStores(flags.only, async (store) => {
  const server = await store.start();
  const pool = new Pool(server.url, { connections: concurrency });
  try {
    await post(pool, 2 * runs, concurrency);
    const position = (): Promise<WalPosition> => positionOf(store, server);
    const busy = await measure(position, () => post(pool, runs, concurrency));
    const alone = await measure(position, () => post(pool, runs / 4, 1));
    return {
      bytesPerRun: median(busy) / runs,
      bytesPerRunAlone: median(alone) / (runs / 4),
      batches: busy.length,
    };
  } finally {
    await pool.close();
    await server.stop();
  }
});

async function positionOf({ database }: BenchStore, { dataDir }: NoukaiSubject): Promise<WalPosition> {
  if (database !== undefined) return { round: "", bytes: await database.walBytes() };
  return readWalPosition(join(dataDir, "noukai.db-wal"));
}

/** Bytes of each batch that can be counted. */
async function measure(position: () => Promise<WalPosition>, batch: () => Promise<void>): Promise<readonly number[]> {
  const counted: number[] = [];
  for (let index = 0; index < batches; index += 1) {
    const before = await position();
    await batch();
    // What is written behind the last answer belongs to the runs too.
    await delay(200);
    const after = await position();
    if (after.round === before.round) counted.push(after.bytes - before.bytes);
  }
  return counted;
}

async function post(pool: Pool, count: number, atOnce: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const path = `${flowsPath}/${threeSteps.slug}/execute`;
      const body = JSON.stringify({ message: "hello" });
      const answer = await pool.request({
        method: "POST",
        path,
        headers: { ...headers, "idempotency-key": nextKey() },
        body,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`POST ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, figures]) => [
      name,
      {
        "bytes/run (32)": Math.round(figures.bytesPerRun),
        "bytes/run (1)": Math.round(figures.bytesPerRunAlone),
        batches: figures.batches,
      },
    ]),
  ),
);
if (flags.only === undefined) writeResults("wal", results);
