import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Gate, type PassingOptions, passOn } from "./passing.ts";

afterEach(() => void vi.useRealTimers());

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const bytes = (from: string): Uint8Array => new TextEncoder().encode(from);

interface Source {
  readonly body: ReadableStream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly cancelled: ReturnType<typeof vi.fn>;
}

/** A source that gives what it is told to, and says when it is let go of. */
function source(): Source {
  const cancelled = vi.fn();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given), cancel: cancelled });
  return { body, cancelled, controller: controller as ReadableStreamDefaultController<Uint8Array> }; // `start` runs at once
}

/** What an app answers with that passes the source on. */
async function passed(
  { body }: Source,
  { signal, env, ...options }: PassingOptions & { readonly signal?: AbortSignal; readonly env?: object } = {},
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const app = new Hono().get("/", (c) => c.body(passOn(c, body, options)));
  const response = await app.request("/", { ...(signal && { signal }) }, env);
  return (response.body as ReadableStream<Uint8Array>).getReader(); // it was just made
}

test("hands each piece on as it came, and ends as its source does", async () => {
  const from = source();
  const onEnd = vi.fn();
  const reader = await passed(from, { onEnd });
  from.controller.enqueue(bytes("one"));
  expect(text((await reader.read()).value)).toBe("one");
  from.controller.enqueue(bytes("two"));
  from.controller.close();
  expect(text((await reader.read()).value)).toBe("two");
  expect(onEnd).not.toHaveBeenCalled();
  expect((await reader.read()).done).toBe(true);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test("asks its source for nothing before its reader asks", async () => {
  const pulls = vi.fn((controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(bytes("x")));
  const body = new ReadableStream<Uint8Array>({ pull: pulls }, { highWaterMark: 0 });
  const reader = await passed({ ...source(), body });
  expect(pulls).not.toHaveBeenCalled();
  await reader.read();
  expect(pulls).toHaveBeenCalledTimes(1);
});

describe("a reader who has gone is seen", () => {
  test("by the request's signal, while the source is silent", async () => {
    const from = source();
    const controller = new AbortController();
    const onEnd = vi.fn();
    const reader = await passed(from, { onEnd, signal: controller.signal });
    const read = reader.read();
    controller.abort();
    await expect(read).rejects.toThrow("The stream broke off.");
    expect([from.cancelled.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 1]);
  });

  test("by a signal that has aborted before", async () => {
    const from = source();
    const reader = await passed(from, { signal: AbortSignal.abort() });
    await expect(reader.read()).rejects.toThrow("The stream broke off.");
    expect(from.cancelled).toHaveBeenCalledTimes(1);
  });

  test("by the body's cancel", async () => {
    const from = source();
    const onEnd = vi.fn();
    const reader = await passed(from, { onEnd });
    await reader.cancel();
    expect([from.cancelled.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 1]);
  });

  test("by a piece that cannot be written", async () => {
    const from = source();
    const onEnd = vi.fn();
    // Gone while the piece is on its way, on a runtime that says so to nobody.
    const gate: Gate = {
      pass(piece) {
        closing?.();
        return piece;
      },
      isWhole: () => true,
    };
    let closing: (() => void) | undefined;
    const original = ReadableStreamDefaultController.prototype.enqueue;
    const enqueue = vi.spyOn(ReadableStreamDefaultController.prototype, "enqueue");
    const reader = await passed(from, { onEnd, gate });
    closing = () =>
      void enqueue.mockImplementationOnce(() => {
        throw new TypeError("The connection is closed.");
      });
    original.call(from.controller, bytes("one"));
    await expect(reader.read()).rejects.toThrow("The stream broke off.");
    enqueue.mockRestore();
    expect([from.cancelled.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 1]);
  });

  test("by a piece that nobody takes for a minute", async () => {
    vi.useFakeTimers();
    const from = source();
    const reader = await passed(from);
    from.controller.enqueue(bytes("one"));
    await reader.read();
    vi.advanceTimersByTime(59_999);
    expect(from.cancelled).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(from.cancelled).toHaveBeenCalledTimes(1);
  });
});

test("an answer whose body is never read is not held for ever", async () => {
  vi.useFakeTimers();
  const from = source();
  await passed(from);
  vi.advanceTimersByTime(59_999);
  expect(from.cancelled).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(from.cancelled).toHaveBeenCalledTimes(1);
});

test("a reader who waits for a slow source is not taken for gone", async () => {
  vi.useFakeTimers();
  const from = source();
  const reader = await passed(from);
  from.controller.enqueue(bytes("one"));
  await reader.read();
  const next = reader.read();
  await vi.advanceTimersByTimeAsync(0); // the reader's wish has arrived
  vi.advanceTimersByTime(600_000);
  from.controller.enqueue(bytes("two"));
  expect(text((await next).value)).toBe("two");
});

test("a source that breaks off breaks the answer off, and is not quoted", async () => {
  const from = source();
  const reader = await passed(from);
  from.controller.error(new Error("secret of 10.0.0.7"));
  await expect(reader.read()).rejects.toThrow(/^The stream broke off\.$/);
});

test("an end that the gate does not take for one breaks the answer off", async () => {
  const from = source();
  const reader = await passed(from, { gate: { pass: (piece) => piece, isWhole: () => false } });
  from.controller.close();
  await expect(reader.read()).rejects.toThrow("The stream broke off.");
});

test("where Node's connection is at hand it is reset", async () => {
  const from = source();
  const resetAndDestroy = vi.fn();
  const reader = await passed(from, { env: { outgoing: { socket: { resetAndDestroy } } } });
  from.controller.error(new Error("gone"));
  void reader.read();
  await vi.waitFor(() => expect(resetAndDestroy).toHaveBeenCalledTimes(1));
});
