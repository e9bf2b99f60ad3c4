/**
 * `npm run bench [-- --rounds=3 --seconds=3]`: the first two lines of our table, beside floors that ran in the same minutes.
 * Every subject and the load generator are processes of their own on this machine. Each round drives every subject in turn,
 * after a warm-up, so that a change of the machine's speed meets all of them; the table shows medians over the rounds.
 * Writes `bench/results.json`. `npm run bench -- sse`: reading streams instead, see `sse/main.ts`;
 * `-- executions`: the id-addressed API, see `executions.ts`.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import type { LoadOptions, LoadResult } from "./load.ts";
import { startSubject, type Subject } from "./subject.ts";

if (process.argv[2] === "sse") {
  await import("./sse/main.ts");
  process.exit();
}
if (process.argv[2] === "executions") {
  await import("./executions.ts");
  process.exit();
}

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "3" } },
});
const rounds = Number(flags.rounds);
const durationMs = Number(flags.seconds) * 1000;
const root = join(import.meta.dirname, "../..");
const apiKey = `nk_test_bench000_${"0".repeat(32)}`;

interface Contender {
  readonly name: string;
  /** What is on disk before the answer goes out. */
  readonly durability: string;
  readonly path: string;
  readonly body: string;
  start(): Promise<Subject>;
  /** Commits so far, where the subject counts them. */
  commits?(url: string): Promise<number>;
}

const contenders: readonly Contender[] = [
  {
    name: "floor: bare HTTP",
    durability: "none",
    path: "/execute",
    body: JSON.stringify({ message: "hello" }),
    start: () => startSubject([join(import.meta.dirname, "floors/bare-http.ts")]),
  },
  ...[1, 4].map((commits) => ({
    name: `floor: Hono + SQLite, ${commits} commit${commits === 1 ? "" : "s"} in a row`,
    durability: "fsync",
    path: "/execute",
    body: JSON.stringify({ message: "hello" }),
    start: () => startSubject([join(import.meta.dirname, "floors/hono-sqlite.ts")], { COMMITS: String(commits) }),
  })),
  {
    name: "Noukai, embedded",
    durability: "fsync per step",
    path: "/api/v1/seq/bench/bench/three-steps/execute",
    body: JSON.stringify({ message: "hello" }),
    start: startNoukai,
    commits: journalCommits,
  },
];

/** `npm run serve` as it is, on a flow of three instant steps. */
async function startNoukai(): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "noukai-bench-"));
  const flows = join(dir, "flows/bench/bench");
  mkdirSync(flows, { recursive: true });
  const steps = ["one", "two", "three"].map((id) => `  - { id: ${id}, type: passthrough }`);
  writeFileSync(join(flows, "three-steps.yaml"), `name: Three instant steps\nsteps:\n${steps.join("\n")}\n`);
  const subject = await startSubject([join(root, "apps/server/dist/main.js")], {
    PORT: "0",
    NOUKAI_DATA_DIR: join(dir, "data"),
    NOUKAI_FLOWS_DIR: join(dir, "flows"),
    NOUKAI_API_KEY: apiKey,
  });
  return {
    url: subject.url,
    async stop() {
      await subject.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function journalCommits(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const value = /^noukai_journal_commits_total (\d+)/m.exec(metrics)?.[1];
  if (value === undefined) throw new Error("/metrics does not tell noukai_journal_commits_total.");
  return Number(value);
}

const run = promisify(execFile);

async function load(contender: Contender, url: string, concurrency: number): Promise<LoadResult> {
  const options: LoadOptions = {
    url,
    path: contender.path,
    headers: { authorization: `Bearer ${apiKey}` },
    body: contender.body,
    concurrency,
    warmUpMs: 1_500,
    durationMs,
  };
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "load.ts"), JSON.stringify(options)]);
  // Our own load generator wrote it.
  return JSON.parse(stdout) as LoadResult;
}

interface Round {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly aloneP50Ms: number;
  readonly commitsPerRun: number | null;
  readonly loadAverage: number;
}

async function measure(contender: Contender): Promise<Round> {
  const loadAverage = loadavg()[0] ?? Number.NaN;
  const subject = await contender.start();
  try {
    const alone = await load(contender, subject.url, 1);
    const before = await contender.commits?.(subject.url);
    const busy = await load(contender, subject.url, 32);
    const after = await contender.commits?.(subject.url);
    // The warm-up's runs are in the commits but not in the requests: scale them out by time.
    const runs = busy.perSecond * ((durationMs + 1_500) / 1000);
    const commitsPerRun = before === undefined || after === undefined ? null : (after - before) / runs;
    return { perSecond: busy.perSecond, p99Ms: busy.p99Ms, aloneP50Ms: alone.p50Ms, commitsPerRun, loadAverage };
  } finally {
    await subject.stop();
  }
}

const results = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
for (let round = 1; round <= rounds; round += 1) {
  for (const contender of contenders) {
    console.error(`round ${round}/${rounds}: ${contender.name}`);
    results.get(contender)?.push(await measure(contender));
  }
}

const rows = contenders.map((contender) => {
  const measured = results.get(contender) ?? [];
  const commitsPerRun = measured.flatMap((round) => round.commitsPerRun ?? []);
  return {
    name: contender.name,
    durability: contender.durability,
    perSecond: median(measured.map((round) => round.perSecond)),
    p99Ms: median(measured.map((round) => round.p99Ms)),
    aloneP50Ms: median(measured.map((round) => round.aloneP50Ms)),
    commitsPerRun: commitsPerRun.length === 0 ? null : median(commitsPerRun),
    loadAverage: median(measured.map((round) => round.loadAverage)),
    rounds: measured,
  };
});

const ours = rows.at(-1);
const floor = rows.at(-2);
console.table(
  Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        durable: row.durability,
        "runs/s (32)": Math.round(row.perSecond),
        "p99 ms (32)": row.p99Ms.toFixed(2),
        "p50 ms (1)": row.aloneP50Ms.toFixed(2),
        "commits/run": row.commitsPerRun?.toFixed(2) ?? "",
        "load avg": row.loadAverage.toFixed(2),
      },
    ]),
  ),
);
if (ours !== undefined && floor !== undefined) {
  console.log(
    `Noukai : "${floor.name}": throughput × ${(ours.perSecond / floor.perSecond).toFixed(2)}, p50 alone × ${(ours.aloneP50Ms / floor.aloneP50Ms).toFixed(2)}.`,
  );
  console.log(
    "POST /execute, three instant steps, key checked, body validated, Idempotency-Key sent; medians over the rounds.",
  );
}
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
writeFileSync(
  join(root, "bench/results.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, rounds, durationMs, rows }, undefined, 2)}\n`,
);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? Number.NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN)) / 2;
}
