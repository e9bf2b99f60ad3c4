import { expect, test } from "vitest";
import type { RunEventBody } from "./events.ts";
import { LogWriter, type RunLog } from "./log-writer.ts";

function fact(stepIndex: number): RunEventBody {
  return { type: "step_paused", stepId: "a", stepIndex, nextStepIndex: 0 };
}

/** A log that takes one write at a time, each until the test lets it go. */
class Slow implements RunLog {
  readonly writes: string[] = [];
  #open = Promise.withResolvers<void>();

  append(events: readonly RunEventBody[], status = "running"): Promise<void> {
    this.writes.push(`${status} ${events.map((event) => ("stepIndex" in event ? event.stepIndex : "")).join()}`);
    this.#open = Promise.withResolvers();
    return this.#open.promise;
  }

  release(events: readonly RunEventBody[]): Promise<void> {
    return this.append(events, "released");
  }

  delta(): void {}

  async end(error?: Error): Promise<void> {
    if (error === undefined) this.#open.resolve();
    else this.#open.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("what is told goes out with the next write, in the order in which it was told", async () => {
  const log = new Slow();
  const writer = new LogWriter(log);
  writer.tell(fact(1));
  const written = writer.append(fact(2));
  await Promise.resolve();
  await log.end();
  await written;
  expect(log.writes).toEqual(["running 1,2"]);
});

test("writes that come while one is under way go out together, after it", async () => {
  const log = new Slow();
  const writer = new LogWriter(log);
  const first = writer.append(fact(1));
  await new Promise((resolve) => setImmediate(resolve));
  const second = writer.append(fact(2));
  const third = writer.append(fact(3));
  expect(log.writes).toEqual(["running 1"]);
  await log.end();
  await first;
  expect(log.writes).toEqual(["running 1", "running 2,3"]);
  await log.end();
  await Promise.all([second, third]);
});

test("the last facts wait for what is under way, and take what was told with them", async () => {
  const log = new Slow();
  const writer = new LogWriter(log);
  void writer.append(fact(1));
  await new Promise((resolve) => setImmediate(resolve));
  writer.tell(fact(2));
  const ended = writer.end([fact(3)], "completed");
  await log.end();
  expect(log.writes).toEqual(["running 1", "completed 2,3"]);
  await log.end();
  await ended;
});

test("flushing without anything to write waits for what is under way, and writes nothing", async () => {
  const log = new Slow();
  const writer = new LogWriter(log);
  await writer.flush();
  void writer.append(fact(1));
  await new Promise((resolve) => setImmediate(resolve));
  let isFlushed = false;
  const flushed = writer.flush().then(() => (isFlushed = true));
  await Promise.resolve();
  expect(isFlushed).toBe(false);
  await log.end();
  await flushed;
  expect(log.writes).toEqual(["running 1"]);
});

test("behind a write that failed nothing is written any more: all that follows fails with it", async () => {
  const log = new Slow();
  const writer = new LogWriter(log);
  const first = writer.append(fact(1));
  const lost = new Error("lost");
  await new Promise((resolve) => setImmediate(resolve));
  const second = writer.append(fact(2));
  const outcomes = Promise.allSettled([first, second]);
  await log.end(lost);
  expect(await outcomes).toEqual([
    { status: "rejected", reason: lost },
    { status: "rejected", reason: lost },
  ]);
  await expect(writer.append(fact(3))).rejects.toBe(lost);
  await expect(writer.end([], "completed")).rejects.toBe(lost);
  expect(log.writes).toEqual(["running 1"]);
});
