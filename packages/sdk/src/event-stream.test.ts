import { describe, expect, test } from "vitest";
import { type EventSource, EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";

function event(seq: number): StreamEvent {
  return { type: "step_started", seq, stepId: "a", name: "a", stepIndex: 0 };
}

const PIECE: StreamEvent = { type: "step_output", stepId: "a", attempt: 1, loopPath: [], offset: 0, outputData: {} };

function completed(result: unknown): StreamEvent {
  const tokens = { prompt: 0, completion: 0, total: 0 };
  const summary = { durationMs: 1, stepCount: 1, tokens, costUsd: "0" };
  return { type: "flow_completed", seq: 9, runId: "run-1", executionId: "run-1", result, summary };
}

/** Hands out batches, each when the test lets it go, or at once when there are given ones. */
class HandFedSource implements EventSource {
  readonly signal: AbortSignal | undefined;
  readonly executionId = "run-1";
  readonly operation = "POST acme/spelling/grade-3/v0/step";
  isClosed = false;
  asked = 0;
  readonly #given: (readonly StreamEvent[] | Error)[];
  #letGo: (() => void) | undefined;

  constructor(given: readonly (readonly StreamEvent[] | Error)[], signal?: AbortSignal) {
    this.#given = [...given];
    this.signal = signal;
  }

  async next(): Promise<readonly StreamEvent[] | undefined> {
    this.asked++;
    this.signal?.throwIfAborted();
    const batch = this.#given.shift();
    if (batch instanceof Error) throw batch;
    if (batch) return batch;
    if (this.isClosed) return undefined;
    await new Promise<void>((resolve) => {
      this.#letGo = resolve;
    });
    return undefined;
  }

  close(): void {
    this.isClosed = true;
    this.#letGo?.();
  }
}

async function seqs(stream: EventStream, count: number): Promise<(number | undefined)[]> {
  const seen: (number | undefined)[] = [];
  for await (const { seq } of stream) if (seen.push(seq) === count) break;
  return seen;
}

describe("a stream of events", () => {
  test("asks for nothing before its first event is asked for", async () => {
    const source = new HandFedSource([[event(1)]]);
    const stream = new EventStream(source);
    expect(source.asked).toBe(0);
    await stream.next();
    expect(source.asked).toBe(1);
  });

  test("gives the batches' events one by one", async () => {
    expect(await seqs(new EventStream(new HandFedSource([[event(1), event(2)], [event(3)]])), 3)).toEqual([1, 2, 3]);
  });

  test("serves in turn those who do not wait for one event before they ask for the next", async () => {
    const stream = new EventStream(new HandFedSource([[event(1)], [event(2), event(3)], [event(4)]]));
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(results.map(({ value }) => value?.seq)).toEqual([1, 2, 3, 4]);
  });

  test("closes its source when the loop is left, and is over then", async () => {
    const source = new HandFedSource([[event(1), event(2)]]);
    const stream = new EventStream(source);
    expect(await seqs(stream, 1)).toEqual([1]);
    expect(source.isClosed).toBe(true);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(source.asked).toBe(1);
  });

  test("closes its source though an event is being waited for", async () => {
    const source = new HandFedSource([]);
    const stream = new EventStream(source);
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test("closes its source at the end of an `await using` block", async () => {
    const source = new HandFedSource([[event(1)]]);
    {
      await using stream = new EventStream(source);
      await stream.next();
    }
    expect(source.isClosed).toBe(true);
  });

  test("throws its source's fault once, and is over then", async () => {
    const fault = new Error("broken");
    const source = new HandFedSource([[event(1)], fault]);
    const stream = new EventStream(source);
    await stream.next();
    await expect(stream.next()).rejects.toBe(fault);
    expect(source.isClosed).toBe(true);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("holds back what it has when its signal aborts", async () => {
    const controller = new AbortController();
    const stream = new EventStream(new HandFedSource([[event(1), event(2)]], controller.signal));
    await stream.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
  });

  test("names its run", () => {
    expect(new EventStream(new HandFedSource([])).executionId).toBe("run-1");
  });
});

describe("the place of the last event that was read", () => {
  test("is 0, or where the source begins, before the first", () => {
    expect(new EventStream(new HandFedSource([])).lastSeq).toBe(0);
    expect(new EventStream(new HandFedSource([]), 7).lastSeq).toBe(7);
  });

  test("counts what was handed on, not what has arrived", async () => {
    const stream = new EventStream(
      new HandFedSource([
        [event(1), PIECE, event(2)],
        [PIECE, event(3)],
      ]),
    );
    const places: number[] = [];
    for (let read = 0; read < 5; read++) {
      await stream.next();
      places.push(stream.lastSeq);
    }
    expect(places).toEqual([1, 1, 2, 2, 3]);
  });

  test("stays when the stream is left", async () => {
    const stream = new EventStream(new HandFedSource([[event(1), event(2), event(3)]]));
    expect(await seqs(stream, 2)).toEqual([1, 2]);
    expect(stream.lastSeq).toBe(2);
  });
});

describe("batches", () => {
  test("are what has arrived together and was not read yet", async () => {
    const stream = new EventStream(new HandFedSource([[event(1), event(2), event(3)], [event(4)]]));
    await stream.next();
    expect((await stream.nextBatch())?.map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await stream.nextBatch())?.map(({ seq }) => seq)).toEqual([4]);
    expect(stream.lastSeq).toBe(4);
    stream.detach();
    expect(await stream.nextBatch()).toBeUndefined();
  });

  test("are what opening waits for, without taking anything", async () => {
    const source = new HandFedSource([[event(1)]]);
    const stream = new EventStream(source);
    await stream.opened();
    await stream.opened();
    expect(source.asked).toBe(1);
    expect((await stream.next()).value).toEqual(event(1));
  });

  test("that are refused are told at the opening", async () => {
    const fault = new Error("refused");
    await expect(new EventStream(new HandFedSource([fault])).opened()).rejects.toBe(fault);
  });
});

describe("the result", () => {
  test("is that of the run's last event", async () => {
    const source = new HandFedSource([[event(1), event(2)], [completed("done")]]);
    source.close();
    const stream = new EventStream<string>(source);
    const result = await stream.result();
    result satisfies string;
    expect(result).toBe("done");
  });

  test("is there after a loop that read to the end", async () => {
    const source = new HandFedSource([[event(1)], [completed("done")]]);
    const stream = new EventStream(source);
    await stream.next();
    await stream.next();
    source.close();
    expect(await stream.result()).toBe("done");
  });

  test("of a run that failed is its error", async () => {
    const error = { code: "CREDITS_EXHAUSTED", message: "Empty." };
    const source = new HandFedSource([[{ type: "step_error", seq: 3, stepId: "a", name: "a", error }]]);
    source.close();
    await expect(new EventStream(source).result()).rejects.toMatchObject({
      name: "InsufficientCreditsError",
      code: "CREDITS_EXHAUSTED",
      executionId: "run-1",
      message: "POST acme/spelling/grade-3/v0/step: the run failed with CREDITS_EXHAUSTED. Empty.",
    });
  });

  test("of a stream that was left says that the run goes on", async () => {
    const stream = new EventStream(new HandFedSource([[event(1), event(2)]]));
    await stream.next();
    stream.detach();
    await expect(stream.result()).rejects.toMatchObject({
      code: "READER_LEFT",
      executionId: "run-1",
      message: expect.stringContaining('run("run-1")'),
    });
  });

  test("throws what the stream throws", async () => {
    const fault = new Error("broken");
    await expect(new EventStream(new HandFedSource([[event(1)], fault])).result()).rejects.toBe(fault);
  });
});

test("detaching lets go of a loop that waits", async () => {
  const source = new HandFedSource([[event(1)]]);
  const stream = new EventStream(source);
  const reading = seqs(stream, 5);
  await Promise.resolve();
  stream.detach();
  expect(source.isClosed).toBe(true);
  expect((await reading).length).toBeLessThan(2);
});

test("a stream without a connection cannot cancel, and says what can", async () => {
  await expect(new EventStream(new HandFedSource([])).cancel()).rejects.toThrow(
    "noukai.run(stream.executionId).cancel()",
  );
});
