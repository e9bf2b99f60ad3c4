/**
 * `npm run bench -- executions [--rounds=3 --seconds=10 --rate=200]`: how long `POST /flow-executions` takes, embedded, at a fixed rate.
 * The load is an open loop: each call goes out when its time has come, whatever became of the one before, and its time is counted from
 * then, so that a slow answer makes those behind it slow as well. Beside it stand floors under the same load: what HTTP takes at all, and with
 * one synced commit. Writes `bench/results-executions.json`.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { call, headers, startNoukai } from "./noukai.ts";
import { loadAverage, writeResults } from "./results.ts";
import { quantile } from "./stats.ts";
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
interface Contender {
  readonly name: string;
  readonly path: string;
  /** Of its answers. */
  readonly status: number;
  readonly start: () => Promise<Subject>;
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
    start: () => startNoukai(),
    body: async (url) => JSON.stringify({ flow_id: await flowIdAt(url), input: { message: "hello" } }),
  },
];

export interface ExecutionsResults {
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: readonly ExecutionsRound[];
}

export interface ExecutionsRound {
  readonly name: string;
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly loadAverage: number;
}

async function flowIdAt(url: string): Promise<string> {
  const { items } = (await call(url, "/api/v1/projects/bench/bench/flows")) as { items: readonly { id: string }[] }; // as: the contract's
  return items[0]?.id ?? "";
}

async function measure(contender: Contender): Promise<ExecutionsRound> {
  const beganAt = loadAverage();
  const subject = await contender.start();
  const pool = new Pool(subject.url, { connections: 64 });
  try {
    const body = await contender.body(subject.url);
    const latenciesMs = await drive(() => post(pool, contender, body));
    return {
      name: contender.name,
      calls: latenciesMs.length,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      longestMs: Math.max(...latenciesMs),
      loadAverage: beganAt,
    };
  } finally {
    await pool.close();
    await subject.stop();
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

const measured: ExecutionsRound[] = [];
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
writeResults("executions", { rate, seconds, rounds: measured } satisfies ExecutionsResults);
