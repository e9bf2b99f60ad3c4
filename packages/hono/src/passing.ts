import type { Context } from "hono";
import { resetConnection } from "./node-connection.ts";

/** A reader that takes nothing for this long is gone, whatever its connection says. Events wait for it in the run's log. */
const STALLED_MS = 60_000;

/** What a stream is passed through. */
export interface Gate {
  /** What may go on of these bytes, at once; the rest waits for what follows. Throws when nothing may go on any more. */
  pass(bytes: Uint8Array): Uint8Array;
  /** Was what ended here an end? A stream that broke off must not look like one that is whole. */
  isWhole(): boolean;
}

export interface PassingOptions {
  readonly gate?: Gate | undefined;
  /** Called once, however it ends. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * Hands a stream on as fast as its reader takes it. That the reader has gone is seen in three ways, because no runtime is sure to show each:
 * the request's signal aborts, the body is cancelled, or a piece cannot be written (or is not taken for a minute). Then the source is
 * cancelled. A source that breaks off breaks this one off, with a message that says nothing of it.
 */
export function passOn(
  c: Context,
  source: ReadableStream<Uint8Array>,
  { gate, onEnd }: PassingOptions = {},
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const { signal } = c.req.raw;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    onEnd?.();
  };
  const leave = (): void => {
    end();
    reader.cancel().catch(() => {}); // it is over for us, however it takes that
  };
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  // Until it is read for the first time, too: the body of an answer to HEAD never is.
  if (!hasEnded) timer = setTimeout(leave, STALLED_MS);

  const breakOff = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    leave();
    if (resetConnection(c)) return;
    controller.error(new Error("The stream broke off."));
  };
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    clearTimeout(timer);
    for (;;) {
      const { done, value } = await reader.read();
      if (hasEnded || done) return hasEnded || (gate && !gate.isWhole()) ? breakOff(controller) : close(controller);
      const piece = gate ? gate.pass(value) : value;
      if (piece.length === 0) continue;
      controller.enqueue(piece); // throws once nobody can take it
      timer = setTimeout(breakOff, STALLED_MS, controller);
      return;
    }
  };
  const close = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    end();
    controller.close();
  };
  // Nothing is asked of the source before the reader asks: what a slow reader has not taken waits where it is.
  return new ReadableStream<Uint8Array>(
    { pull: (controller) => pull(controller).catch(() => breakOff(controller)), cancel: leave },
    { highWaterMark: 0 },
  );
}
