/**
 * `npm run bench -- costs [--runs=4000 --only=postgres]`: what a run of three instant steps costs, for `docs/scaling.md`: CPU of the server and of
 * PostgreSQL, write-ahead log, rows and bytes on disk; as a call of one process that does everything, and as a job that one process takes and
 * another one works off. CPU time depends less on what else the machine does than speed does. Writes `bench/results-costs.json`.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { nextKey } from "./keys.ts";
import { flowsPath, headers, type NoukaiSubject, threeSteps } from "./noukai.ts";
import type { BenchDatabase } from "./postgres.ts";
import { loadAverage, writeResults } from "./results.ts";
import { type BenchStore, onStores, readFlags, type StoreName } from "./stores.ts";

export interface CostFigures {
  /** Microseconds per run, of the process that takes calls, of the one that works off (0 where it is the same), and of PostgreSQL. */
  readonly apiCpuUs: number;
  readonly workerCpuUs: number;
  readonly postgresCpuUs: number;
  /** 0 on the embedded store; `wal` measures that. */
  readonly walBytes: number;
  /** On PostgreSQL, indexes included. */
  readonly diskBytes: number;
  /** By table, on PostgreSQL. */
  readonly rows: Readonly<Record<string, number>>;
  readonly commits: number;
  readonly loadAverage: number;
}

export type CostResults = Readonly<
  Partial<Record<StoreName, { readonly calls: CostFigures; readonly jobs?: CostFigures }>>
>;

const flags = readFlags({ runs: "4000" });
const runs = Number(flags.runs);
const concurrency = 32;

/** Ticks of the clock by which Linux counts, and where user and system time stand behind the program's name. Source: proc(5). */
const ticksPerSecond = 100;
const [userField, systemField] = [11, 12];

/** What was used up until now. */
interface Meters {
  readonly apiCpuUs: number;
  readonly workerCpuUs: number;
  readonly postgresCpuUs: number;
  readonly walBytes: number;
  readonly diskBytes: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly commits: number;
}

interface Servers {
  readonly api: NoukaiSubject;
  readonly worker?: NoukaiSubject;
  readonly database: BenchDatabase | undefined;
}

const results: CostResults = await onStores(flags.only, async (store) => {
  const calls = await withServers({ api: await store.start(), database: store.database }, "execute");
  if (store.database === undefined) return { calls };
  return { calls, jobs: await withServers(await startApart(store), "jobs") };
});

async function startApart(store: BenchStore): Promise<Servers> {
  const api = await store.start({ env: { NOUKAI_ROLE: "api" } });
  const worker = await store.start({ env: { NOUKAI_ROLE: "worker" } });
  return { api, worker, database: store.database };
}

async function withServers(servers: Servers, operation: "execute" | "jobs"): Promise<CostFigures> {
  const pool = new Pool(servers.api.url, { connections: concurrency });
  try {
    await post(pool, operation, runs / 4);
    await settled(servers);
    const before = await readMeters(servers);
    await post(pool, operation, runs);
    await settled(servers);
    return perRun(before, await readMeters(servers));
  } finally {
    await pool.close();
    await servers.worker?.stop();
    await servers.api.stop();
  }
}

async function post(pool: Pool, operation: string, count: number): Promise<void> {
  let left = count;
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await pool.request({
        method: "POST",
        path: `${flowsPath}/${threeSteps.slug}/${operation}`,
        headers: { ...headers, "idempotency-key": nextKey() },
        body: JSON.stringify({ message: "hello" }),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${operation}: ${answer.statusCode} ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}

/** Until every run that was taken has ended. */
async function settled({ api, worker }: Servers): Promise<void> {
  const created = await readFigure(api, "noukai_runs_created_total");
  while ((await readFigure(worker ?? api, 'noukai_runs_total{outcome="completed"}')) < created) await delay(50);
}

async function readMeters({ api, worker, database }: Servers): Promise<Meters> {
  const read = (server: NoukaiSubject | undefined, sample: string): Promise<number> | number =>
    server === undefined ? 0 : readFigure(server, sample);
  return {
    apiCpuUs: (await read(api, "process_cpu_seconds_total")) * 1e6,
    workerCpuUs: (await read(worker, "process_cpu_seconds_total")) * 1e6,
    postgresCpuUs: database === undefined ? 0 : await postgresCpuUs(database),
    walBytes: (await database?.walBytes()) ?? 0,
    diskBytes: database === undefined ? 0 : await sizeOf(database),
    rows: database === undefined ? {} : await countRows(database),
    commits: (await read(api, "noukai_journal_commits_total")) + (await read(worker, "noukai_journal_commits_total")),
  };
}

/** Reads one sample of `/metrics`. */
async function readFigure({ url }: NoukaiSubject, sample: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const line = lines.find((text) => text.startsWith(`${sample} `));
  if (line === undefined) throw new Error(`/metrics does not tell ${sample}.`);
  return Number(line.slice(sample.length));
}

/** Of all processes that are there now; those that serve us stay. */
async function postgresCpuUs(database: BenchDatabase): Promise<number> {
  const rows = await database.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
  const ticks = rows.map(({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[userField]) + Number(fields[systemField]);
  });
  return (ticks.reduce((sum, count) => sum + count, 0) / ticksPerSecond) * 1e6;
}

async function sizeOf(database: BenchDatabase): Promise<number> {
  const [row] = await database.query<{ bytes: string }>("SELECT pg_database_size(current_database()) AS bytes");
  return Number(row?.bytes);
}

async function countRows(database: BenchDatabase): Promise<Readonly<Record<string, number>>> {
  const tables = ["runs", "run_states", "log", "idempotency_keys", "definitions", "executions", "deliveries"];
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await database.query<{ count: string }>(`SELECT count(*) AS count FROM ${table}`);
    counts[table] = Number(row?.count);
  }
  return counts;
}

function perRun(before: Meters, after: Meters): CostFigures {
  const share = (a: number, b: number): number => (b - a) / runs;
  const tables = Object.entries(after.rows).map(
    ([table, count]) => [table, share(before.rows[table] ?? 0, count)] as const,
  );
  return {
    apiCpuUs: share(before.apiCpuUs, after.apiCpuUs),
    workerCpuUs: share(before.workerCpuUs, after.workerCpuUs),
    postgresCpuUs: share(before.postgresCpuUs, after.postgresCpuUs),
    walBytes: share(before.walBytes, after.walBytes),
    diskBytes: share(before.diskBytes, after.diskBytes),
    rows: Object.fromEntries(tables.filter(([, count]) => count > 0)),
    commits: share(before.commits, after.commits),
    loadAverage: loadAverage(),
  };
}

console.dir(results, { depth: 5 });
if (flags.only === undefined) writeResults("costs", results);
