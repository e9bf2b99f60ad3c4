import { expect, test } from "vitest";
import type { PartialOutput, RunEvent } from "./events.ts";
import { PartialWriter } from "./partial-writer.ts";
import type { PartialChunk, PartialStore } from "./store/store.ts";

/** Time that passes when a test says so, and a store that remembers what it was told. */
class Bench implements Pick<PartialStore, "append" | "drop"> {
  readonly writer = new PartialWriter({
    store: this,
    rest: (ms, signal) => this.#rest(ms, signal),
    onFault: ({ error }) => this.faults.push(error),
  });
  readonly appends: (readonly string[])[] = [];
  readonly drops: (readonly string[])[] = [];
  readonly faults: unknown[] = [];
  readonly rests: number[] = [];
  /** Thrown by the store until it is undefined. */
  fault: Error | undefined;
  #passed = Promise.withResolvers<void>();

  append(chunks: readonly PartialChunk[]): Promise<void> {
    this.appends.push(
      chunks.map(
        ({ runId, stepId, attempt, afterSeq, offset, delta }) =>
          `${runId} ${stepId} ${attempt} >${afterSeq} @${offset} ${delta}`,
      ),
    );
    return this.#answer();
  }

  drop(texts: readonly Pick<PartialChunk, "runId" | "stepId" | "afterSeq">[]): Promise<void> {
    this.drops.push(texts.map(({ runId, stepId, afterSeq }) => `${runId} ${stepId} >${afterSeq}`));
    return this.#answer();
  }

  /** Lets the time between two writes pass, and the writes happen. */
  async tick(): Promise<void> {
    this.#passed.resolve();
    this.#passed = Promise.withResolvers();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #answer(): Promise<void> {
    return this.fault === undefined ? Promise.resolve() : Promise.reject(this.fault);
  }

  #rest(ms: number, signal: AbortSignal): Promise<void> {
    this.rests.push(ms);
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
    return Promise.race([this.#passed.promise, aborted]);
  }
}

function partial(stepId: string, delta: string, attempt = 1): PartialOutput {
  return { type: "step_output", stepId, attempt, loopPath: [], offset: 0, delta };
}

function completed(seq: number, stepId: string): RunEvent {
  return {
    seq,
    at: 1,
    type: "step_completed",
    stepId,
    name: stepId,
    stepIndex: 0,
    attempt: 1,
    output: {},
    durationMs: 1,
  };
}

function retrying(seq: number, stepId: string): RunEvent {
  const error = { code: "X", message: "x" };
  return { seq, at: 1, type: "step_retrying", stepId, attempt: 2, tries: 2, modelIndex: 0, delayMs: 0, error };
}

test("what all runs' steps wrote meanwhile goes out at once, every 250 ms", async () => {
  const bench = new Bench();
  const [one, two] = [bench.writer.listener("one", 3), bench.writer.listener("two", 5)];
  one.partial(partial("a", "Hel"));
  one.partial(partial("a", "lo "));
  two.partial(partial("b", "Sal"));
  expect(bench.appends).toEqual([]);
  await bench.tick();
  one.partial(partial("a", "world"));
  await bench.tick();
  await bench.tick();
  expect(bench.appends).toEqual([["one a 1 >3 @0 Hello ", "two b 1 >5 @0 Sal"], ["one a 1 >3 @6 world"]]);
  expect(bench.rests).toEqual([250, 250]);
});

test("a step that is over before its text was written costs nothing", async () => {
  const bench = new Bench();
  const listener = bench.writer.listener("one", 3);
  listener.partial(partial("a", "quick"));
  listener.events([completed(4, "a")]);
  await bench.tick();
  expect([bench.appends, bench.drops]).toEqual([[], []]);
});

test("a step's text is dropped when the step ends, its neighbour's is not", async () => {
  const bench = new Bench();
  const listener = bench.writer.listener("one", 3);
  listener.partial(partial("a", "text"));
  listener.partial(partial("b", "text"));
  await bench.tick();
  listener.events([completed(4, "a")]);
  await bench.tick();
  expect(bench.drops).toEqual([["one a >3"]]);
  listener.ended();
  listener.ended();
  await bench.tick();
  expect(bench.drops).toEqual([["one a >3"], ["one b >3"]]);
});

test("a new attempt begins a new text, behind the event that voids the one before", async () => {
  const bench = new Bench();
  const listener = bench.writer.listener("one", 3);
  listener.partial(partial("a", "first"));
  await bench.tick();
  listener.partial(partial("a", " try"));
  listener.events([retrying(4, "a")]);
  listener.partial(partial("a", "second", 2));
  await bench.tick();
  expect(bench.drops).toEqual([["one a >3"]]);
  expect(bench.appends).toEqual([["one a 1 >3 @0 first"], ["one a 2 >4 @0 second"]]);
});

test("a store that does not answer is told of once, and has all of the text once it answers", async () => {
  const bench = new Bench();
  const listener = bench.writer.listener("one", 3);
  bench.fault = new Error("gone");
  listener.partial(partial("a", "one "));
  await bench.tick();
  listener.partial(partial("a", "two "));
  await bench.tick();
  expect(bench.faults).toEqual([bench.fault]);
  bench.fault = undefined;
  await bench.tick();
  listener.partial(partial("a", "three"));
  await bench.tick();
  expect(bench.appends.slice(2)).toEqual([["one a 1 >3 @0 one two "], ["one a 1 >3 @8 three"]]);
});

test("text that may have been written is dropped, although its answer was lost", async () => {
  const bench = new Bench();
  const listener = bench.writer.listener("one", 3);
  bench.fault = new Error("gone");
  listener.partial(partial("a", "one "));
  await bench.tick();
  bench.fault = undefined;
  listener.ended();
  await bench.tick();
  expect(bench.appends).toHaveLength(1);
  expect(bench.drops).toEqual([["one a >3"]]);
});

test("closing drops what is left without waiting, also when the store does not answer", async () => {
  for (const fault of [undefined, new Error("gone")]) {
    const bench = new Bench();
    const listener = bench.writer.listener("one", 3);
    listener.partial(partial("a", "text"));
    await bench.tick();
    listener.ended();
    bench.fault = fault;
    await bench.writer.close();
    expect(bench.drops).toEqual([["one a >3"]]);
  }
});
