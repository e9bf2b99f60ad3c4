import { afterEach, expect, test, vi } from "vitest";
import { eventStream, frame } from "./sse.ts";

afterEach(() => void vi.useRealTimers());

/** Frames that come when they are pushed. */
function scripted() {
  const frames: string[] = [];
  let wake = Promise.withResolvers<void>();
  let isEnded = false;
  let fault: unknown;
  const state = { pulled: 0, isReturned: false };
  async function* generate(): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        for (let next = frames.shift(); next !== undefined; next = frames.shift()) {
          state.pulled += 1;
          yield next;
        }
        if (fault !== undefined) throw fault;
        if (isEnded) return;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    } finally {
      state.isReturned = true;
    }
  }
  return {
    state,
    iterator: generate(),
    push: (...more: string[]) => {
      frames.push(...more);
      wake.resolve();
    },
    end: () => {
      isEnded = true;
      wake.resolve();
    },
    fail: (error: unknown) => {
      fault = error;
      wake.resolve();
    },
  };
}

function open(frames: AsyncIterator<string>, reset = (_cause: unknown) => false, streams = { open: 0 }) {
  const stop = new AbortController();
  const reader = eventStream(frames, { heartbeatMs: 10_000, stop, reset, streams }).getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { stop, reader, read };
}

test("a frame is LF only, carries its id only when it has one, and ends with a blank line", () => {
  expect(frame("step_started", { name: "a\r\nb" }, 2)).toBe(
    'id: 2\nevent: step_started\ndata: {"name":"a\\r\\nb"}\n\n',
  );
  expect(frame("step_output", {})).toBe("event: step_output\ndata: {}\n\n");
});

test("the first bytes go out before the first event", async () => {
  const { read } = open(scripted().iterator);
  expect(await read()).toBe(":\n\n");
});

test("ends cleanly once the frames have ended", async () => {
  const frames = scripted();
  const { read } = open(frames.iterator);
  frames.push("a\n\n", "b\n\n");
  frames.end();
  expect([await read(), await read(), await read(), await read()]).toEqual([":\n\n", "a\n\n", "b\n\n", undefined]);
});

test("a comment goes out every ten seconds while nothing happens", async () => {
  vi.useFakeTimers();
  const { read } = open(scripted().iterator);
  await read();
  const first = read();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await first).toBe(": heartbeat\n\n");
  const second = read();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await second).toBe(": heartbeat\n\n");
});

test("a reader that does not read makes nothing pile up, frames and heartbeats alike", async () => {
  vi.useFakeTimers();
  const frames = scripted();
  const { read } = open(frames.iterator);
  frames.push(...Array.from({ length: 100 }, (_, index) => `${index}\n\n`));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(frames.state.pulled).toBeLessThanOrEqual(1);
  expect([await read(), await read(), await read()]).toEqual([":\n\n", "0\n\n", "1\n\n"]);
});

test("a reader that leaves stops the view and lets go of the source", async () => {
  const frames = scripted();
  const { stop, reader, read } = open(frames.iterator);
  frames.push("a\n\n");
  await read();
  await read();
  await reader.cancel("gone");
  frames.end();
  await expect.poll(() => frames.state.isReturned).toBe(true);
  expect(stop.signal.reason).toBe("gone");
});

test("frames that cannot be finished reset the stream and never end it", async () => {
  const frames = scripted();
  const { read } = open(frames.iterator);
  await read();
  frames.fail(new Error("store lost"));
  await expect(read()).rejects.toThrow("store lost");
});

test("when the connection was reset, the stream is left to it: neither ended nor errored", async () => {
  const frames = scripted();
  const causes: unknown[] = [];
  const { read } = open(frames.iterator, (cause) => causes.push(cause) > 0);
  await read();
  frames.fail("drained");
  const reading = read();
  await expect.poll(() => causes).toEqual(["drained"]);
  expect(await Promise.race([reading, new Promise((resolve) => setImmediate(resolve, "still open"))])).toBe(
    "still open",
  );
});

test("is counted for as long as it is open, whether it ends, fails or is left", async () => {
  for (const end of ["ended", "failed", "left"] as const) {
    const frames = scripted();
    const streams = { open: 0 };
    const { reader, read } = open(frames.iterator, undefined, streams);
    await read();
    expect(streams.open).toBe(1);
    if (end === "ended") frames.end();
    if (end === "failed") frames.fail(new Error("gone"));
    if (end !== "left") await read().catch(() => undefined);
    await reader.cancel().catch(() => undefined);
    expect(streams.open).toBe(0);
  }
});
