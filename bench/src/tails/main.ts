/**
 * `npm run bench -- tails [--tails=5000 --deliveries=1000 --only=embedded]`: what a process holds for each reader of a live trace while nothing
 * happens, and how soon a reader sees an event while all the others are there. Every reader watches a run of its own, which waits behind its
 * first step. Memory is the process's resident set once it has been still for some seconds: with all runs made, and then with a reader on each. A delivery
 * counts from sending the call by which a run goes on to the sight of the step's end on that run's tail.
 * Beside it stands what the same number of open streams costs a bare HTTP server. Writes `bench/results-tails.json`.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadAverage, writeResults } from "../results.ts";
import { type Spread, spreadOf } from "../stats.ts";
import { onStores, readFlags, type StoreName } from "../stores.ts";
import { startSubject, type Subject } from "../subject.ts";
import type { WatchersReport, WatchersTask } from "./watchers.ts";

export interface TailsFigures {
  readonly tails: number;
  readonly kilobytesEach: number;
  /** Undefined for the floor, on which nothing happens. */
  readonly deliveryMs: Spread | undefined;
  readonly loadAverage: number;
}

export type TailsResults = Readonly<Partial<Record<StoreName | "floor", TailsFigures>>>;

const flags = readFlags({ tails: "5000", deliveries: "1000" });
const tails = Number(flags.tails);
const stillMs = 5_000;

const floor = flags.only === undefined ? await measure(await startFloor(), 0) : undefined;
const results: TailsResults = {
  ...(floor !== undefined && { floor }),
  ...(await onStores(flags.only, async (store) => measure(await store.start(), Number(flags.deliveries)))),
};

async function startFloor(): Promise<Subject> {
  console.error("floor: bare HTTP");
  return startSubject([join(import.meta.dirname, "../floors/sse.ts")]);
}

async function measure(server: Subject, deliveries: number): Promise<TailsFigures> {
  const beganAt = loadAverage();
  const task: WatchersTask = { url: server.url, tails, deliveries, deliveriesPerSecond: 100 };
  const watchers = fork(join(import.meta.dirname, "watchers.ts"), [JSON.stringify(task)]);
  const ended = once(watchers, "close").then(() => {
    throw new Error("The watchers ended before their time.");
  });
  ended.catch(() => undefined);
  const report = async (): Promise<WatchersReport> => {
    const [message] = (await Promise.race([once(watchers, "message"), ended])) as [WatchersReport]; // as: what they send
    return message;
  };
  const residentOnceStill = async (): Promise<number> => {
    await report();
    await delay(stillMs);
    return residentKilobytes(server.pid);
  };
  try {
    const before = await residentOnceStill();
    watchers.send("open");
    const kilobytesEach = ((await residentOnceStill()) - before) / tails;
    console.error(`${tails} tails: ${kilobytesEach.toFixed(1)} KB each`);
    watchers.send("measure");
    const deliveriesMs = await report();
    watchers.send("end");
    const deliveryMs = Array.isArray(deliveriesMs) && deliveriesMs.length > 0 ? spreadOf(deliveriesMs) : undefined;
    return { tails, kilobytesEach, deliveryMs, loadAverage: beganAt };
  } finally {
    watchers.kill();
    await server.kill();
    await server.stop();
  }
}

/** As the system counts it. Throws where there is no /proc. */
function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { tails, kilobytesEach, deliveryMs, loadAverage }]) => [
      name,
      {
        tails,
        "KB each": kilobytesEach.toFixed(1),
        "delivery p50 ms": deliveryMs?.p50.toFixed(1) ?? "",
        "delivery p99 ms": deliveryMs?.p99.toFixed(1) ?? "",
        "load avg": loadAverage.toFixed(2),
      },
    ]),
  ),
);
if (flags.only === undefined) writeResults("tails", results);
