import { describe, expect, test } from "vitest";
import { type EventSource, EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";

function event(seq: number): StreamEvent {
  return { type: "step_started", seq, stepId: "a", name: "a", stepIndex: 0 };
}

/** Hands out batches, each when the test lets it go, or at once when there are given ones. */
class HandFedSource implements EventSource {
  readonly signal: AbortSignal | undefined;
  readonly executionId = "run-1";
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
