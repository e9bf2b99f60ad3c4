import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Frame, FrameReader, type FrameReaderOptions } from "./sse.ts";

const encoder = new TextEncoder();

/** A body that the test feeds by hand. */
class HandFedBody {
  readonly stream: ReadableStream<Uint8Array>;
  isCancelled = false;
  #controller!: ReadableStreamDefaultController<Uint8Array>; // `start` runs within the stream's constructor

  constructor() {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isCancelled = true;
      },
    });
  }

  feed(text: string): void {
    this.#controller.enqueue(encoder.encode(text));
  }

  end(): void {
    this.#controller.close();
  }

  fail(error: Error): void {
    this.#controller.error(error);
  }
}

function read(body: ReadableStream<Uint8Array>, options: Partial<FrameReaderOptions> = {}): FrameReader {
  const { signal } = new AbortController();
  return new FrameReader(body, {
    operation: "POST x/step",
    firstByteMs: 60_000,
    idleMs: 30_000,
    signal,
    onClose: () => {},
    ...options,
  });
}

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function readAll(chunks: readonly Uint8Array[]): Promise<Frame[]> {
  const reader = read(bodyOf(chunks));
  const frames: Frame[] = [];
  for (let batch = await reader.next(); batch; batch = await reader.next()) frames.push(...batch);
  reader.close();
  return frames;
}

/** The WHATWG rules ("9.2.6 Interpreting an event stream"), written as they stand there, over the whole text at once. */
function interpret(bytes: Uint8Array): Frame[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
  lines.pop(); // unfinished, or what follows the last line's end
  const frames: Frame[] = [];
  let frame: { id?: string; event?: string; data?: string } = {};
  for (const line of lines) {
    if (line === "") {
      if (frame.data !== undefined) frames.push({ id: frame.id, event: frame.event || undefined, data: frame.data });
      frame = {};
      continue;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/su.exec(line)!; // matches any line
    if (name === "data") frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`;
    if (name === "event") frame.event = value;
    if (name === "id" && !value.includes("\0")) frame.id = value;
  }
  return frames;
}

/** Cuts the bytes at the given places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.slice(place, places[index] ?? bytes.length));
}

describe("frames", () => {
  const fields = [
    "data: ",
    "data:",
    "data",
    "event: step",
    "event:",
    "id: 7",
    "id: \0",
    "id:",
    "retry: 10",
    "other: x",
    "dat",
    "ev",
  ];
  const lineEnds = ["\n", "\n\n", "\r", "\r\r", "\r\n", "\r\n\r\n"];
  const others = [": beat", ":", "{}", " ", "a", "é", "漢", "😀", "\uFEFF"];
  const pieces = fc.oneof(fc.constantFrom(...fields), fc.constantFrom(...lineEnds), fc.constantFrom(...others));

  test("are those of the WHATWG rules, wherever the bytes are split", async () => {
    const property = fc.asyncProperty(
      fc.boolean(),
      fc.array(pieces, { maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      async (hasMark, parts, cuts) => {
        const bytes = encoder.encode((hasMark ? "\uFEFF" : "") + parts.join(""));
        expect(await readAll(split(bytes, cuts))).toEqual(interpret(bytes));
      },
    );
    await fc.assert(property, { seed: 20_261_120, numRuns: 3_000 });
  });

  test("are the same byte by byte, through characters of several bytes", async () => {
    const bytes = encoder.encode(
      '\uFEFF: beat\r\nid: 1\r\nevent: step_output\r\ndata: {"a":"é漢😀"}\r\n\r\ndata: two\rdata: lines\r\rid: 3\ndata: x\n\n',
    );
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await readAll(single)).toEqual([
      { id: "1", event: "step_output", data: '{"a":"é漢😀"}' },
      { id: undefined, event: undefined, data: "two\nlines" },
      { id: "3", event: undefined, data: "x" },
    ]);
  });

  test("come together when they arrive together", async () => {
    const reader = read(bodyOf([encoder.encode("data: 1\n\ndata: 2\n\ndata: 3"), encoder.encode("\n\n")]));
    expect(await reader.next()).toHaveLength(2);
    expect(await reader.next()).toHaveLength(1);
    expect(await reader.next()).toBeUndefined();
  });

  test("that are unfinished at the end are dropped", async () => {
    expect(await readAll([encoder.encode("data: 1\n\ndata: 2\n")])).toEqual([
      { id: undefined, event: undefined, data: "1" },
    ]);
  });

  test("of many megabytes are read whole", async () => {
    const text = "x".repeat(4 << 20);
    const chunk = encoder.encode(text.slice(0, 1 << 16));
    const chunks = Array.from({ length: 64 }, () => chunk);
    const frames = await readAll([encoder.encode("data: "), chunks, encoder.encode("\n\n")].flat());
    expect(frames[0]?.data).toBe(text);
  });
});

describe("deadlines", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("the first byte has its own", async () => {
    const body = new HandFedBody();
    const next = read(body.stream).next();
    const settled = vi.fn();
    next.catch(settled);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await expect(next).rejects.toMatchObject({
      name: "APITimeoutError",
      code: "STREAM_STALLED",
      message: "POST x/step: no byte for 60000 ms.",
    });
    expect(body.isCancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a heartbeat keeps the stream alive, silence does not", async () => {
    const body = new HandFedBody();
    const reader = read(body.stream);
    const next = reader.next();
    const settled = vi.fn();
    next.catch(settled);
    for (let beat = 0; beat < 10; beat++) {
      body.feed(": beat\n");
      await vi.advanceTimersByTimeAsync(29_000);
    }
    expect(settled).not.toHaveBeenCalled();
    expect(reader.aliveMs).toBe(261_000);
    await vi.advanceTimersByTimeAsync(1_001);
    await expect(next).rejects.toMatchObject({
      name: "APITimeoutError",
      message: "POST x/step: no byte for 30000 ms.",
    });
  });

  test("a slow reader is not a silent server", async () => {
    const body = new HandFedBody();
    const reader = read(body.stream);
    for (const data of ["1", "2", "3"]) {
      body.feed(`data: ${data}\n\n`);
      expect(await reader.next()).toMatchObject([{ data }]);
      await vi.advanceTimersByTimeAsync(500_000);
    }
    const next = reader.next();
    const settled = vi.fn();
    next.catch(settled);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(settled).not.toHaveBeenCalled();
    reader.close();
    expect(await next).toBeUndefined();
  });

  test("nothing is left behind when the reader closes", async () => {
    const body = new HandFedBody();
    const reader = read(body.stream);
    const next = reader.next();
    reader.close();
    expect(await next).toBeUndefined();
    expect(body.isCancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("ends", () => {
  test("a broken connection is told with its cause", async () => {
    const body = new HandFedBody();
    const next = read(body.stream).next();
    const cause = new TypeError("terminated");
    body.fail(cause);
    await expect(next).rejects.toMatchObject({ name: "APIConnectionError", code: "CONNECTION_FAILED", cause });
  });

  test("an aborted signal ends the reading at once with its reason", async () => {
    const body = new HandFedBody();
    const controller = new AbortController();
    const onClose = vi.fn();
    const next = read(body.stream, { signal: controller.signal, onClose }).next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(body.isCancelled).toBe(true);
    expect(onClose).toHaveBeenCalled();
  });

  test("a signal that has aborted already leaves nothing to read", async () => {
    const reason = new Error("enough");
    const body = new HandFedBody();
    body.feed("data: 1\n\n");
    await expect(read(body.stream, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });
});
