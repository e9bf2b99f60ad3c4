/**
 * `npm run bench -- executions [--rounds=3 --seconds=10 --rate=200]`: how long `POST /flow-executions` takes, embedded, at a fixed rate.
 * The load is an open loop: each call goes out when its time has come, whatever became of the one before, and its time is counted from
 * then, so that a slow answer makes those behind it slow as well. Beside it stand floors under the same load: what HTTP takes at all, and with
 * one synced commit. Writes `bench/results-executions.json`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { startSubject, type Subject } from "./subject.ts";

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "200" },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const rate = Number(flags.rate);
const warmUpSeconds = 2;
const root = join(import.meta.dirname, "../..");
const apiKey = `nk_test_bench000_${"0".repeat(32)}`;
const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

interface Contender {
  readonly name: string;
  readonly path: string;
  /** Of its answers. */
  readonly status: number;
  readonly start: (dir: string) => Promise<Subject>;
  readonly body: (url: string) => Promise<string>;
}

const plain = { path: "/execute", status: 200, body: () => Promise.resolve(JSON.stringify({ message: "hello" })) };

const contenders: readonly Contender[] = [
  {
    name: "floor: bare HTTP",
    ...plain,
    start: () => startSubject([join(import.meta.dirname, "floors/bare-http.ts")]),
  },
  {
    name: "floor: Hono + SQLite, 1 commit",
    ...plain,
    start: () => startSubject([join(import.meta.dirname, "floors/hono-sqlite.ts")], { COMMITS: "1" }),
  },
  {
    name: "Noukai, embedded",
    path: "/api/v1/flow-executions",
    status: 201,
    start: startNoukai,
    body: async (url) => JSON.stringify({ flow_id: await flowIdAt(url), input: { message: "hello" } }),
  },
];

interface Round {
  readonly name: string;
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly loadAverage: number;
}

async function startNoukai(dir: string): Promise<Subject> {
  const flows = join(dir, "flows/bench/bench");
  mkdirSync(flows, { recursive: true });
  const steps = ["one", "two", "three"].map((id) => `  - { id: ${id}, type: passthrough }`);
  writeFileSync(join(flows, "three-steps.yaml"), `name: Three instant steps\nsteps:\n${steps.join("\n")}\n`);
  return startSubject([join(root, "apps/server/dist/main.js")], {
    PORT: "0",
    NOUKAI_DATA_DIR: join(dir, "data"),
    NOUKAI_FLOWS_DIR: join(dir, "flows"),
    NOUKAI_API_KEY: apiKey,
  });
}

async function flowIdAt(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/projects/bench/bench/flows`, { headers });
  const { items } = (await response.json()) as { items: readonly { id: string }[] }; // as: the contract's
  return items[0]?.id ?? "";
}

async function measure(contender: Contender): Promise<Round> {
  const dir = mkdtempSync(join(tmpdir(), "noukai-bench-"));
  const loadAverage = loadavg()[0] ?? Number.NaN;
  const subject = await contender.start(dir);
  const pool = new Pool(subject.url, { connections: 64 });
  try {
    const body = await contender.body(subject.url);
    const latenciesMs = await drive(() => post(pool, contender, body));
    latenciesMs.sort((a, b) => a - b);
    const quantile = (share: number): number => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? Number.NaN;
    return {
      name: contender.name,
      calls: latenciesMs.length,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      longestMs: quantile(1),
      loadAverage,
    };
  } finally {
    await pool.close();
    await subject.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Latencies of the calls behind the warm-up, each from the moment in which it was due. */
async function drive(call: () => Promise<void>): Promise<number[]> {
  const latenciesMs: number[] = [];
  const calls: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < rate * (warmUpSeconds + seconds); index += 1) {
    const dueAt = startedAt + (index * 1_000) / rate;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await delay(waitMs);
    // Timers may be early by a fraction of a millisecond.
    const from = Math.min(dueAt, performance.now());
    calls.push(
      call().then(() => {
        if (index >= rate * warmUpSeconds) latenciesMs.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(calls);
  return latenciesMs;
}

async function post(pool: Pool, { path, status }: Contender, body: string): Promise<void> {
  const answer = await pool.request({ method: "POST", path, headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== status) throw new Error(`POST ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
}

const measured: Round[] = [];
for (let round = 1; round <= rounds; round += 1) {
  for (const contender of contenders) {
    console.error(`round ${round}/${rounds}: ${contender.name}`);
    measured.push(await measure(contender));
  }
}
console.table(
  measured.map((round) => ({
    name: round.name,
    "calls/s": rate,
    calls: round.calls,
    "p50 ms": round.p50Ms.toFixed(2),
    "p99 ms": round.p99Ms.toFixed(2),
    "longest ms": round.longestMs.toFixed(2),
    "load avg": round.loadAverage.toFixed(2),
  })),
);
console.log("POST /flow-executions, embedded, fsync before each answer; a run of three instant steps behind each.");
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
writeFileSync(
  join(root, "bench/results-executions.json"),
  `${JSON.stringify({ at: new Date().toISOString(), machine, rate, seconds, rounds: measured }, undefined, 2)}\n`,
);
