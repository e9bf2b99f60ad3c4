import { describe, expect, test } from "vitest";
import { clientOf, encodeFrame, EXECUTION_ID, RECORDED, streamOf } from "../test/recorded-run.ts";
import { type EventSource, EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";

function event(seq: number): StreamEvent {
  return { type: "step_started", seq, stepId: "a", name: "a", stepIndex: 0 };
}

/** Gives one event a time, ever on, until it is closed. */
class CountingSource implements EventSource {
  readonly executionId = "run-1";
  readonly signal: AbortSignal | undefined;
  asked = 0;
  closed = 0;
  readonly #faultAt: number;

  constructor({ faultAt = Infinity, signal }: { faultAt?: number; signal?: AbortSignal } = {}) {
    this.#faultAt = faultAt;
    this.signal = signal;
  }

  async next(): Promise<readonly StreamEvent[] | undefined> {
    if (++this.asked === this.#faultAt) throw new Error("broken");
    this.signal?.throwIfAborted();
    return this.closed > 0 ? undefined : [event(this.asked)];
  }

  close(): void {
    this.closed++;
  }
}

async function seqs(stream: EventStream, count: number): Promise<(number | undefined)[]> {
  const seen: (number | undefined)[] = [];
  while (seen.length < count) seen.push((await stream.next()).value?.seq);
  return seen;
}

describe("two streams of one", () => {
  test("give the same events, each at its own pace", async () => {
    const source = new CountingSource();
    const [left, right] = new EventStream(source).tee();
    expect(await seqs(left, 3)).toEqual([1, 2, 3]);
    expect(await seqs(right, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs(left, 2)).toEqual([4, 5]);
    expect(source.asked).toBe(5);
  });

  test("ask for nothing that neither of them needs", async () => {
    const source = new CountingSource();
    const [left] = new EventStream(source).tee();
    await Promise.resolve();
    expect(source.asked).toBe(0);
    await left.next();
    expect(source.asked).toBe(1);
  });

  test("wait for one event together", async () => {
    const source = new CountingSource();
    const [left, right] = new EventStream(source).tee();
    const [one, two] = await Promise.all([left.next(), right.next()]);
    expect(one).toEqual(two);
    expect(source.asked).toBe(1);
  });

  test("begin behind what was read, and know their place", async () => {
    const stream = new EventStream(new CountingSource());
    await seqs(stream, 2);
    const [left, right] = stream.tee();
    expect(left.lastSeq).toBe(2);
    expect(await seqs(right, 1)).toEqual([3]);
    expect(right.lastSeq).toBe(3);
    expect(right.executionId).toBe("run-1");
  });

  test("close their source when both are left, and not before", async () => {
    const source = new CountingSource();
    const [left, right] = new EventStream(source).tee();
    await left.next();
    await left.return();
    left.detach();
    expect(source.closed).toBe(0);
    expect(await seqs(right, 2)).toEqual([1, 2]);
    right.detach();
    expect(source.closed).toBeGreaterThan(0);
    expect(await right.next()).toEqual({ done: true, value: undefined });
  });

  test("let go of the one that is left while it waits, and not of the other", async () => {
    let give: (events: readonly StreamEvent[]) => void = () => {};
    const next = (): Promise<readonly StreamEvent[]> => new Promise((resolve) => (give = resolve));
    const [left, right] = new EventStream({ signal: undefined, executionId: undefined, next, close: () => {} }).tee();
    const waiting = [left.next(), right.next()] as const;
    left.detach();
    expect(await waiting[0]).toEqual({ done: true, value: undefined });
    give([event(1)]);
    expect((await waiting[1]).value?.seq).toBe(1);
  });

  test("are both told what went wrong, after what came before it", async () => {
    const [left, right] = new EventStream(new CountingSource({ faultAt: 3 })).tee();
    for (const stream of [left, right]) {
      expect(await seqs(stream, 2)).toEqual([1, 2]);
      await expect(stream.next()).rejects.toThrow("broken");
      expect((await stream.next()).done).toBe(true);
    }
  });

  test("are both aborted at once, whatever one of them had yet to read", async () => {
    const controller = new AbortController();
    const [left, right] = new EventStream(new CountingSource({ signal: controller.signal })).tee();
    await seqs(left, 3);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(left.next()).rejects.toBe(reason);
    await expect(right.next()).rejects.toBe(reason);
  });

  test("of a run post once and cancel it from either", async () => {
    const paths: string[] = [];
    const noukai = clientOf((request) => {
      paths.push(`${request.method} ${new URL(request.url).pathname}`);
      if (request.url.endsWith("/cancel")) return Response.json({}, { status: 202 });
      return streamOf(RECORDED.map(encodeFrame));
    });
    const [left, right] = noukai.flow("grade-3").events().tee();
    await left.next();
    await right.next();
    await right.cancel();
    expect(paths).toEqual([
      "POST /api/v1/seq/acme/spelling/grade-3/v0/step",
      `POST /api/v1/seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`,
    ]);
    expect(left.connection).toEqual({ status: "live" });
  });
});
