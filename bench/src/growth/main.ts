/**
 * `npm run bench -- growth [--sizes=10000,100000,1000000 --calls=200 --only=embedded]`: what calls take, one at a time, while the store holds so many
 * runs already, and what a run takes on disk. The stored runs are made by SQL, not executed: copies of one run of three steps that the server
 * ran itself, row for row as the store wrote them, under ids and times over the twelve hours before; without idempotency keys, which a store
 * forgets after a day. On PostgreSQL followed by VACUUM ANALYZE. Writes `bench/results-growth.json`.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { nextKey } from "../keys.ts";
import { call, flowsPath, headers, type NoukaiSubject, threeSteps } from "../noukai.ts";
import { loadAverage, writeResults } from "../results.ts";
import { type Spread, spreadOf } from "../stats.ts";
import { type BenchStore, onStores, readFlags, type StoreName } from "../stores.ts";
import { fillPostgres } from "./fill-postgres.ts";
import { fillSqlite } from "./fill-sqlite.ts";
import { madeRun } from "./made-runs.ts";

export interface GrowthFigures {
  readonly storedRuns: number;
  readonly executeMs: Spread;
  /** The newest fifty of a flow; fifty of them further back; those of the project that failed. */
  readonly listMs: Spread;
  readonly traceMs: Spread;
  /** On disk, with all indexes; undefined where it holds too few to tell. */
  readonly bytesPerRun: number;
  readonly loadAverage: number;
}

export type GrowthResults = Readonly<Partial<Record<StoreName, readonly GrowthFigures[]>>>;

const flags = readFlags({ sizes: "10000,100000,1000000", calls: "200" });
const sizes = flags.sizes.split(",").map(Number);
const calls = Number(flags.calls);
const flowPath = `${flowsPath}/${threeSteps.slug}`;
const startedAt = Date.now();

const results: GrowthResults = await onStores(flags.only, async (store) => {
  const server = await store.start();
  // as: the contract's, here and below
  const { executionId } = (await call(server.url, `${flowPath}/execute`, { message: "hello" })) as {
    executionId: string;
  };
  const figures: GrowthFigures[] = [];
  let growing: Growing = {
    store,
    server,
    templateId: executionId,
    storedRuns: 0,
    emptyBytes: await bytesOf(store, server),
  };
  try {
    for (const size of sizes) {
      growing = await growTo(growing, size);
      figures.push(await measure(growing));
    }
    return figures;
  } finally {
    await growing.server.stop();
  }
});

interface Growing {
  readonly store: BenchStore;
  readonly server: NoukaiSubject;
  readonly templateId: string;
  readonly storedRuns: number;
  readonly emptyBytes: number;
}

async function growTo(growing: Growing, size: number): Promise<Growing> {
  const { store, templateId, storedRuns } = growing;
  console.error(`to ${size.toLocaleString("en")} runs`);
  // Each growth lies behind the one before it in time, as growth does.
  const range = { from: storedRuns, to: size, total: sizes.at(-1) ?? size, until: startedAt };
  const server = await growing.server.restart(() =>
    store.database === undefined
      ? fillSqlite(databasePath(growing.server), templateId, range)
      : fillPostgres(store.database, templateId, range),
  );
  return { ...growing, server, storedRuns: size };
}

async function measure({ store, server, storedRuns, emptyBytes }: Growing): Promise<GrowthFigures> {
  const beganAt = loadAverage();
  const bytesPerRun = ((await bytesOf(store, server)) - emptyBytes) / storedRuns;
  const { url } = server;
  const lists = await listPaths(url);
  await time(() => execute(url), calls / 4);
  return {
    storedRuns,
    executeMs: await time(() => execute(url), calls),
    listMs: await time((index) => call(url, lists[index % lists.length] ?? ""), calls),
    traceMs: await time(() => call(url, tracePath(storedRuns)), calls),
    bytesPerRun,
    loadAverage: beganAt,
  };
}

async function time(work: (index: number) => Promise<unknown>, count: number): Promise<Spread> {
  const timesMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const beganAt = performance.now();
    await work(index);
    timesMs.push(performance.now() - beganAt);
  }
  return spreadOf(timesMs);
}

async function execute(url: string): Promise<void> {
  const request = {
    method: "POST",
    headers: { ...headers, "idempotency-key": nextKey() },
    body: JSON.stringify({ message: "hello" }),
  };
  const response = await fetch(`${url}${flowPath}/execute`, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`POST execute: ${response.status} ${text.slice(0, 300)}`);
}

async function listPaths(url: string): Promise<readonly string[]> {
  const { items } = (await call(url, "/api/v1/projects/bench/bench/flows")) as { items: readonly { id: string }[] };
  const newest = `/api/v1/flow-runs?flowId=${items[0]?.id ?? ""}&limit=50`;
  let further = newest;
  for (let page = 0; page < 20; page += 1) {
    const { nextCursor } = (await call(url, further)) as { readonly nextCursor: string | null };
    if (nextCursor === null) break;
    further = `${newest}&cursor=${encodeURIComponent(nextCursor)}`;
  }
  return [newest, further, "/api/v1/flow-runs?status=failed&limit=50"];
}

function tracePath(storedRuns: number): string {
  const number = Math.floor(Math.random() * storedRuns);
  return `${flowPath}/runs/${madeRun(number, sizes.at(-1) ?? storedRuns, startedAt).id}/trace`;
}

async function bytesOf({ database }: BenchStore, server: NoukaiSubject): Promise<number> {
  if (database === undefined) return statSync(databasePath(server)).size;
  const [row] = await database.query<{ bytes: string }>("SELECT pg_database_size(current_database()) AS bytes");
  return Number(row?.bytes);
}

function databasePath({ dataDir }: NoukaiSubject): string {
  return join(dataDir, "noukai.db");
}

console.table(
  Object.entries(results).flatMap(([store, figures]) =>
    figures.map(({ storedRuns, executeMs, listMs, traceMs, bytesPerRun, loadAverage }) => ({
      store,
      "stored runs": storedRuns,
      "execute p50 / p99 ms": `${executeMs.p50.toFixed(1)} / ${executeMs.p99.toFixed(1)}`,
      "list p50 / p99 ms": `${listMs.p50.toFixed(1)} / ${listMs.p99.toFixed(1)}`,
      "trace p50 / p99 ms": `${traceMs.p50.toFixed(1)} / ${traceMs.p99.toFixed(1)}`,
      "bytes/run": Math.round(bytesPerRun),
      "load avg": loadAverage.toFixed(2),
    })),
  ),
);
if (flags.only === undefined) writeResults("growth", results);
