/**
 * `npm run bench -- jobs [--jobs=200 --only=embedded]`: on an idle node, how long after a job was accepted its first step starts. Jobs go one at a
 * time, at random moments, so that a poller would be met anywhere in its interval. The start is what the trace says, in whole milliseconds of
 * the same machine's clock; what somebody who watches the run sees of the first step's end is measured beside it, from the moment in which the
 * job was sent. Writes `bench/results-jobs.json`.
 */
import { setTimeout as delay } from "node:timers/promises";
import { call, flowsPath, threeSteps } from "./noukai.ts";
import { loadAverage, writeResults } from "./results.ts";
import { watch } from "./live-trace.ts";
import { type Spread, spreadOf } from "./stats.ts";
import { onStores, readFlags, type StoreName } from "./stores.ts";

export interface JobLatency {
  /** From the answer that accepts the job to the start of its first step. */
  readonly startedMs: Spread;
  /** From sending the job to the sight of its first step's end. */
  readonly seenMs: Spread;
  readonly loadAverage: number;
}

export type JobsResults = Readonly<Partial<Record<StoreName, JobLatency>>>;

const flags = readFlags({ jobs: "200" });
const warmUpJobs = 20;
const flowPath = `${flowsPath}/${threeSteps.slug}`;

interface Sample {
  readonly startedMs: number;
  readonly seenMs: number;
}

const results: JobsResults = await onStores(flags.only, async (store) => {
  const server = await store.start();
  try {
    const beganAt = loadAverage();
    const samples: Sample[] = [];
    for (let index = 0; index < warmUpJobs + Number(flags.jobs); index += 1) {
      await delay(10 + Math.random() * 40);
      const sample = await submit(server.url);
      if (index >= warmUpJobs) samples.push(sample);
    }
    return {
      startedMs: spreadOf(samples.map(({ startedMs }) => startedMs)),
      seenMs: spreadOf(samples.map(({ seenMs }) => seenMs)),
      loadAverage: beganAt,
    };
  } finally {
    await server.stop();
  }
});

async function submit(url: string): Promise<Sample> {
  const sentAt = performance.now();
  // as: the contract's, here and below
  const { executionId } = (await call(url, `${flowPath}/jobs`, { message: "hello" })) as { executionId: string };
  const acceptedAt = Date.now();
  let seenMs = Number.NaN;
  for await (const event of watch(url, threeSteps.slug, executionId)) {
    if (event.type === "step_completed" && Number.isNaN(seenMs)) seenMs = event.seenAt - sentAt;
  }
  const trace = (await call(url, `${flowPath}/runs/${executionId}/trace`)) as {
    readonly steps: readonly { readonly startedAt: string }[];
  };
  // A step may start before the answer has come to us.
  return { seenMs, startedMs: Math.max(0, Date.parse(trace.steps[0]?.startedAt ?? "") - acceptedAt) };
}

console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { startedMs, seenMs, loadAverage }]) => [
      name,
      {
        jobs: startedMs.count,
        "accepted → started p50 ms": startedMs.p50,
        "p99 ms": startedMs.p99,
        "sent → first step seen p50 ms": seenMs.p50.toFixed(1),
        "seen p99 ms": seenMs.p99.toFixed(1),
        "load avg": loadAverage.toFixed(2),
      },
    ]),
  ),
);
if (flags.only === undefined) writeResults("jobs", results);
