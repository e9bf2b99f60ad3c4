import { afterEach, describe, expect, test, vi } from "vitest";
import {
  BRANCHES,
  type Cut,
  encodeFrame,
  EXECUTION_ID,
  RECORDED,
  recorded,
  streamOf,
  type WireFrame,
} from "../test/recorded-run.ts";
import { STEPWISE, toolPause } from "../test/recorded-run-pauses.ts";
import { fromReadableStream, type ReadableOptions, type StreamEvent } from "./index.ts";

function bytesOf(frames: readonly WireFrame[], end?: Cut | "never"): ReadableStream<Uint8Array> {
  return streamOf(frames.map(encodeFrame), end).body ?? new ReadableStream(); // it has one
}

async function read(readable: ReadableStream<Uint8Array>, options?: ReadableOptions): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of fromReadableStream(readable, options)) seen.push(event);
  return seen;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("events from bytes", () => {
  test("are those that went in, and name their run", async () => {
    const stream = fromReadableStream<{ title: string }>(bytesOf(BRANCHES));
    expect((await stream.next()).value?.type).toBe("run_started");
    expect(stream.executionId).toBe(EXECUTION_ID);
    (await stream.result()) satisfies { title: string };
    expect(stream.lastSeq).toBe(14);
  });

  test.each([
    ["the run's end", RECORDED],
    ["a request for tools", [...RECORDED.slice(0, 3), toolPause(4)]],
    ["the end of a segment", STEPWISE.slice(0, STEPWISE.findIndex(({ name }) => name === "step_paused") + 1)],
  ])("end with %s", async (_what, frames) => {
    expect(await read(bytesOf(frames))).toHaveLength(frames.length);
  });

  test("end with the run's last event, though the bytes do not", async () => {
    expect(await read(bytesOf([...RECORDED, recorded(2)], "never"))).toHaveLength(RECORDED.length);
  });

  test("may begin anywhere in a run, in the middle of a text too", async () => {
    const from = RECORDED.findIndex(({ name }) => name === "step_retrying") + 2;
    expect(await read(bytesOf(RECORDED.slice(from)))).toHaveLength(RECORDED.length - from);
  });

  test("may begin with the copy that opens a later segment", async () => {
    const { name, data } = recorded(1);
    const events = await read(bytesOf([{ name, data }, ...STEPWISE.slice(-5)]));
    expect(events[0]).toMatchObject({ type: "run_started", executionId: EXECUTION_ID });
    expect(events).toHaveLength(6);
  });

  test("can be answered nowhere: they only tell", async () => {
    const events = await read(bytesOf([toolPause(4)]));
    const [pause] = events;
    if (pause?.type !== "tool_calls_required") throw new Error("No pause was read.");
    await expect(pause.resume({ toolResults: [] })).rejects.toMatchObject({ name: "ValueError" });
  });
});

describe("bytes that end too soon", () => {
  const all = RECORDED.map(encodeFrame);
  const whole = new Uint8Array(all.flatMap((bytes) => [...bytes]));

  test.each<Cut>(["clean end", "reset"])(
    "by a %s anywhere are a StreamTruncatedError that leads back to the run",
    async (end) => {
      const named = all[0]?.length ?? 0;
      for (let cut = 0; cut < whole.length - 1; cut += 3) {
        const { body } = streamOf([whole.slice(0, cut)], end);
        const thrown = await read(body ?? new ReadableStream()).catch((error: unknown) => error);
        expect(thrown, `cut at ${cut}`).toMatchObject({
          name: "StreamTruncatedError",
          executionId: cut >= named ? EXECUTION_ID : undefined,
        });
        if (cut >= named) expect(String(thrown)).toContain(`run("${EXECUTION_ID}").liveTrace({ after: `);
      }
    },
  );

  test("give what came before", async () => {
    const seen: StreamEvent[] = [];
    const reading = (async () => {
      for await (const event of fromReadableStream(bytesOf(RECORDED.slice(0, 4)))) seen.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ name: "StreamTruncatedError" });
    expect(seen).toHaveLength(4);
  });

  test("by leaving something out are no better", async () => {
    await expect(read(bytesOf([recorded(1), recorded(3)]))).rejects.toMatchObject({
      name: "StreamTruncatedError",
      cause: { code: "STREAM_GAP" },
    });
  });

  test("by falling silent are an APITimeoutError", async () => {
    vi.useFakeTimers();
    const thrown = read(bytesOf(RECORDED.slice(0, 2), "never")).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await thrown).toMatchObject({ name: "APITimeoutError", code: "STREAM_STALLED" });
  });

  test("by being unreadable are a StreamDecodeError", async () => {
    const { body } = streamOf([
      encodeFrame(recorded(1)),
      new TextEncoder().encode("id: 2\nevent: step_started\ndata: {\n\n"),
    ]);
    await expect(read(body ?? new ReadableStream())).rejects.toMatchObject({ name: "StreamDecodeError" });
  });
});

describe("a reader of bytes", () => {
  test("who aborts gets an AbortError with the reason, at once", async () => {
    const controller = new AbortController();
    const stream = fromReadableStream(bytesOf(RECORDED.slice(0, 1), "never"), { signal: controller.signal });
    await stream.next();
    const next = stream.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(next).rejects.toMatchObject({ name: "AbortError", cause: reason });
  });

  test.each([0, 1])("who leaves after %d events cancels the bytes", async (count) => {
    const cancelled = vi.fn();
    const first = encodeFrame(recorded(1));
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(first),
      cancel: cancelled,
    });
    const stream = fromReadableStream(readable);
    for (let seen = 0; seen < count; seen++) await stream.next();
    await stream.return();
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  test("cannot cancel the run, and is told what can", async () => {
    await expect(fromReadableStream(bytesOf(RECORDED)).cancel()).rejects.toThrow(".cancel()");
  });
});
