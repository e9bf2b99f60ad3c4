/**
 * `npm run bench -- takeover [--kills=10 --runs=10]`: processes on one PostgreSQL; one of them is killed with SIGKILL in the middle of a step of
 * each of its runs, and each run is watched on a node that lives. Measured is the time from the kill to the first logged event by which the run
 * goes on elsewhere. Twice: two servers that do everything, where runs of the step protocol are in the process that was called; and jobs that a
 * worker has from an API node, with another worker beside it by the time it is killed. Writes `bench/results-takeover.json`.
 */
import { call, definition, flowsPath, headers, passthrough, startNoukai, type NoukaiSubject } from "./noukai.ts";
import { watch } from "./live-trace.ts";
import { startPostgres } from "./postgres.ts";
import { loadAverage, writeResults } from "./results.ts";
import { type Spread, spreadOf } from "./stats.ts";
import { readFlags } from "./stores.ts";

export interface TakeoverFigures {
  readonly kills: number;
  readonly runsPerKill: number;
  readonly takeoverMs: Spread;
  readonly loadAverage: number;
}

/** By the role of who was killed. */
export type TakeoverResults = Readonly<Record<"all" | "worker", TakeoverFigures>>;

const flags = readFlags({ kills: "10", runs: "10" });
const kills = Number(flags.kills);
const runsPerKill = Number(flags.runs);

/** Its second step takes longer than a takeover should. */
const slow = {
  slug: "slow",
  text: definition("Slow in its middle", [
    passthrough("first"),
    '{ id: wait, type: llm, model: "noukai/echo?delayMs=8000", prompt: "{{message}}" }',
  ]),
};

const postgres = await startPostgres();
try {
  const results: TakeoverResults = {
    all: await measure("all", killServers),
    worker: await measure("worker", killWorkers),
  };
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([role, { kills, takeoverMs, loadAverage }]) => [
        `kill -9 of role ${role} → its runs go on elsewhere`,
        {
          kills,
          runs: takeoverMs.count,
          "p50 ms": Math.round(takeoverMs.p50),
          "p99 ms": Math.round(takeoverMs.p99),
          "longest ms": Math.round(takeoverMs.longest),
          "load avg": loadAverage.toFixed(2),
        },
      ]),
    ),
  );
  writeResults("takeover", results);
} finally {
  await postgres.close();
}

type Start = (role: "all" | "api" | "worker") => Promise<NoukaiSubject>;

/** On a database of its own. */
async function measure(name: string, killAll: (start: Start) => Promise<readonly number[]>): Promise<TakeoverFigures> {
  console.error(`role ${name}`);
  const database = await postgres.createDatabase();
  const beganAt = loadAverage();
  const started: NoukaiSubject[] = [];
  const start: Start = async (role) => {
    const env = { NOUKAI_ROLE: role };
    const server = await startNoukai({ databaseUrl: database.url, flows: [slow], env });
    started.push(server);
    return server;
  };
  try {
    return { kills, runsPerKill, takeoverMs: spreadOf(await killAll(start)), loadAverage: beganAt };
  } finally {
    for (const server of started) {
      // Not asked to end: it would wait for the runs that it took over.
      await server.kill();
      await server.stop();
    }
    await database.drop();
  }
}

async function killServers(start: Start): Promise<readonly number[]> {
  const survivor = await start("all");
  const timesMs: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    const victim = await start("all");
    timesMs.push(...(await killOne({ victim, watchedOn: survivor, begin: () => begin(victim.url) })));
  }
  return timesMs;
}

/** Whoever takes the runs over is killed next. */
async function killWorkers(start: Start): Promise<readonly number[]> {
  const api = await start("api");
  let victim = await start("worker");
  const timesMs: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    let other: NoukaiSubject | undefined;
    const isReady = async (): Promise<void> => void (other = await start("worker"));
    timesMs.push(...(await killOne({ victim, watchedOn: api, begin: () => submit(api.url), isReady })));
    victim = other ?? victim;
  }
  return timesMs;
}

interface Kill {
  readonly victim: NoukaiSubject;
  readonly watchedOn: NoukaiSubject;
  /** Starts a run that the victim will have. */
  readonly begin: () => Promise<string>;
  /** What comes between the runs being in their step and the kill. */
  readonly isReady?: () => Promise<void>;
}

/** How long each run of the victim stood still, in milliseconds. */
async function killOne({ victim, watchedOn, begin, isReady }: Kill): Promise<readonly number[]> {
  const runIds = await Promise.all(Array.from({ length: runsPerKill }, begin));
  const killed = Promise.withResolvers<number>();
  const watched = runIds.map((runId) => follow(watchedOn.url, runId, killed.promise));
  await Promise.all(watched.map(({ isInStep }) => isInStep));
  await isReady?.();
  killed.resolve(performance.now());
  await victim.kill();
  const timesMs = await Promise.all(watched.map(({ stoodStillMs }) => stoodStillMs));
  // The next kill finds no runs but its own.
  const cancel = (runId: string): Promise<unknown> =>
    call(watchedOn.url, `${flowsPath}/${slow.slug}/runs/${runId}/cancel`, {});
  await Promise.all(runIds.map(cancel));
  return timesMs;
}

async function submit(url: string): Promise<string> {
  const answer = await call(url, `${flowsPath}/${slow.slug}/jobs`, { message: "hello" });
  return (answer as { readonly executionId: string }).executionId; // as: the contract's
}

/** Starts a run in this process, which the step protocol and `execute` promise, and leaves it. */
async function begin(url: string): Promise<string> {
  const body = JSON.stringify({ message: "hello", runRemaining: true });
  const response = await fetch(`${url}${flowsPath}/${slow.slug}/step`, { method: "POST", headers, body });
  // The end of the process ends the stream.
  void response.text().catch(() => undefined);
  const runId = response.headers.get("x-noukai-execution-id");
  if (runId === null) throw new Error(`POST step: ${response.status}`);
  return runId;
}

function follow(url: string, runId: string, killedAt: Promise<number>) {
  const inStep = Promise.withResolvers<void>();
  const stoodStillMs = (async () => {
    let hasBegun = false;
    for await (const event of watch(url, slow.slug, runId, AbortSignal.timeout(30_000))) {
      if (hasBegun && event.id !== undefined) return event.seenAt - (await killedAt);
      // Its input is logged with its start, behind it.
      if (event.type === "step_input" && (JSON.parse(event.data) as { stepId: string }).stepId === "wait") {
        hasBegun = true;
        inStep.resolve();
      }
    }
    throw new Error(`Run ${runId} ended without a takeover.`);
  })();
  // A run that fails before its step must not leave the others waiting.
  stoodStillMs.catch((error: unknown) => inStep.reject(error));
  return { isInStep: inStep.promise, stoodStillMs };
}
