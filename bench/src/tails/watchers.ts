/**
 * All the readers, and who makes the events that they read: a process of its own, `watchers.ts <JSON of WatchersTask>`. It makes the runs, opens
 * a tail on each, and lets runs go on, one after the other at a fixed rate; behind each of these it reports to its parent and waits for any
 * message. What it reports last is how long each event took to be seen by its run's own tail.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { flowsPath, headers, threeSteps } from "../noukai.ts";
import { openTail, type Tail } from "./sockets.ts";

export interface WatchersTask {
  readonly url: string;
  readonly tails: number;
  /** So many of them are to see an event; none where the server is a floor without runs. */
  readonly deliveries: number;
  readonly deliveriesPerSecond: number;
}

/** What it says: that every run waits, that every tail is open, and in milliseconds how long each delivery took. */
export type WatchersReport = "ready" | "open" | readonly number[];

const flowPath = `${flowsPath}/${threeSteps.slug}`;
const atOnce = 50;
const [text = "{}"] = process.argv.slice(2);
const task = JSON.parse(text) as WatchersTask; // as: our parent wrote it
const isFloor = task.deliveries === 0;

interface Watched {
  readonly runId: string;
  readonly tail: Tail;
}

/** A run that waits behind its first step; its id. */
async function makeRun(): Promise<string> {
  if (isFloor) return "";
  const request = { method: "POST", headers, body: JSON.stringify({ message: "hello" }) };
  const response = await fetch(`${task.url}${flowPath}/step`, request);
  await response.text();
  return response.headers.get("x-noukai-execution-id") ?? "";
}

async function watch(runId: string): Promise<Watched> {
  const { authorization } = headers;
  const path = isFloor ? "/stream" : `${flowPath}/runs/${runId}/trace/stream`;
  return { runId, tail: await openTail(task.url, path, isFloor ? {} : { authorization }) };
}

/** What `work` makes of each item, some at a time. */
async function ofEach<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const runIds = await ofEach(Array.from({ length: task.tails }), makeRun);
process.send?.("ready");
await once(process, "message");
const watched = await ofEach(runIds, watch);
process.send?.("open");
await once(process, "message");

const deliveries: Promise<number>[] = [];
for (const { runId, tail } of watched.slice(0, task.deliveries)) {
  const sentAt = performance.now();
  deliveries.push(tail.next("event: step_completed").then((seenAt) => seenAt - sentAt));
  deliveries.push(goOn(runId));
  await delay(1000 / task.deliveriesPerSecond);
}
const deliveriesMs = (await Promise.all(deliveries)).filter((ms) => !Number.isNaN(ms));
process.send?.(deliveriesMs);
await once(process, "message");
for (const { tail } of watched) tail.close();
process.disconnect();

/** Runs the next step; NaN, since it is its tail that measures. */
async function goOn(executionId: string): Promise<number> {
  const request = { method: "POST", headers, body: JSON.stringify({ executionId, stepIndex: 1 }) };
  await (await fetch(`${task.url}${flowPath}/step`, request)).text();
  return Number.NaN;
}
