import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CallScope } from "./call-scope.ts";
import { type Frame, SseParser } from "./sse-parser.ts";
import { FrameReader, type FrameReaderOptions } from "./sse.ts";

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

function scopeWith(...signals: AbortSignal[]): CallScope {
  return new CallScope({ operation: "POST x/step", signals, timeoutMs: Infinity, billed: "possibly" });
}

function read(body: ReadableStream<Uint8Array>, options: Partial<FrameReaderOptions> = {}): FrameReader {
  return new FrameReader(body, {
    scope: scopeWith(),
    firstByteMs: 60_000,
    idleMs: 30_000,
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

/** Cuts the bytes at the given places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.slice(place, places[index] ?? bytes.length));
}

/** The frames of the whole body at once, whose parts the parser's own tests prove. */
function framesOf(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  new SseParser().feed(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), frames);
  return frames;
}

describe("frames", () => {
  test("are those of the whole body, wherever its bytes are cut, also within characters and through broken ones", async () => {
    const texts = fc.constantFrom("data: ", "é", "漢", "😀", "\uFEFF", "a", "\r\n", "\n", "\n\n", "id: ü");
    const piece = fc.oneof(
      texts.map((text) => encoder.encode(text)),
      fc.constantFrom(0xf0, 0x9f, 0xe6, 0x80, 0xff).map((byte) => Uint8Array.of(byte)),
    );
    const property = fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      async (pieces, cuts) => {
        const bytes = new Uint8Array(pieces.flatMap((piece) => [...piece]));
        const expected = framesOf(bytes);
        expect(await readAll(split(bytes, cuts))).toEqual(expected);
        expect(await readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
      },
    );
    await fc.assert(property, { seed: 20_261_120, numRuns: 2_000 });
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
      body.feed(": beat\n"); // read ahead, and then nothing for long
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
  test("a broken connection is told with its cause, after the frames before it", async () => {
    const body = new HandFedBody();
    const reader = read(body.stream);
    const cause = new TypeError("terminated");
    body.feed("data: 1\n\n");
    expect(await reader.next()).toHaveLength(1);
    body.feed("data: 2\n\n");
    await vi.waitFor(() => expect(reader.aliveMs).toBeGreaterThan(0));
    body.fail(cause);
    expect(await reader.next()).toMatchObject([{ data: "2" }]);
    await expect(reader.next()).rejects.toMatchObject({ name: "APIConnectionError", code: "CONNECTION_FAILED", cause });
  });

  test("a body that is not made of bytes is a broken connection", async () => {
    // @ts-expect-error: text where bytes belong
    const body: ReadableStream<Uint8Array> = ReadableStream.from(["data: 1\n\n"]);
    await expect(read(body).next()).rejects.toMatchObject({ code: "CONNECTION_FAILED", cause: expect.any(TypeError) });
  });

  test("an aborted signal ends the reading at once with its reason", async () => {
    const body = new HandFedBody();
    const controller = new AbortController();
    const onClose = vi.fn();
    const scope = scopeWith(controller.signal);
    const next = read(body.stream, { scope, onClose }).next();
    const cause = new Error("enough");
    controller.abort(cause);
    await expect(next).rejects.toMatchObject({ name: "AbortError", cause });
    expect(body.isCancelled).toBe(true);
    expect(onClose).toHaveBeenCalled();
  });

  test("an aborted signal drops the frames that were not asked for yet", async () => {
    const controller = new AbortController();
    const reader = read(bodyOf([encoder.encode("data: 1\n\n"), encoder.encode("data: 2\n\n")]), {
      scope: scopeWith(controller.signal),
    });
    expect(await reader.next()).toMatchObject([{ data: "1" }]);
    controller.abort();
    await expect(reader.next()).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a signal that has aborted already leaves nothing to read", async () => {
    const scope = scopeWith();
    const reason = new Error("enough");
    scope.end(reason);
    const body = new HandFedBody();
    body.feed("data: 1\n\n");
    await expect(read(body.stream, { scope }).next()).rejects.toBe(reason);
  });
});

describe("reading ahead", () => {
  test("gathers what comes while the caller is busy, up to a limit", async () => {
    const chunk = encoder.encode(`data: ${"x".repeat(10_000)}\n\n`);
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    const reader = read(body);
    expect(await reader.next()).toHaveLength(1);
    await vi.waitFor(() => expect(pulled).toBe(8)); // the one before, and 64 KiB
    expect(await reader.next()).toHaveLength(7);
    reader.close();
  });
});
