/** The opening comment: proxies and clients that wait for a first byte of the body get it at once. */
const opening = ":\n\n";
const heartbeat = ": heartbeat\n\n";
const encoder = new TextEncoder();

/** One frame: LF only, because a CRLF frame breaks clients in the field; without `seq`, no `id:`. `data` is one line of JSON. */
export function frame(type: string, data: object, seq?: number | string): string {
  const id = seq === undefined ? "" : `id: ${seq}\n`;
  return `${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface EventStreamOptions {
  readonly heartbeatMs: number;
  /** Aborted when the reader leaves: the view ends, the run does not. */
  readonly stop: AbortController;
  /** Called once when the frames cannot be finished. True: the connection was reset here; false: the stream errors instead. */
  readonly reset: (cause: unknown) => boolean;
  /** Counts it for as long as it is open. */
  readonly streams: { open: number };
}

/**
 * Frames as a body of bytes, pulled as fast as the reader takes them. Heartbeats go out on the clock while nothing else waits to be read.
 * It is closed only when `frames` ends by itself; when it throws, the connection is reset, because old clients take a clean end for "ask again".
 */
export function eventStream(frames: AsyncIterator<string>, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { heartbeatMs, stop, reset, streams } = options;
  let timer: NodeJS.Timeout | undefined;
  let isLost = false;
  const end = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    streams.open -= 1;
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      streams.open += 1;
      controller.enqueue(encoder.encode(opening));
      timer = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(heartbeat));
      }, heartbeatMs);
    },
    async pull(controller) {
      // A source that threw says "done" when asked again, and that must not become a clean end.
      if (isLost) return;
      try {
        const next = await frames.next();
        if (stop.signal.aborted) return;
        if (next.done !== true) {
          controller.enqueue(encoder.encode(next.value));
          return;
        }
        end();
        controller.close();
      } catch (error) {
        isLost = true;
        end();
        if (!stop.signal.aborted && !reset(error)) controller.error(error);
      }
    },
    cancel(reason) {
      end();
      stop.abort(reason);
      // A generator that stands at a `yield` sees no signal: only this lets go of what it listens to.
      frames.return?.().catch(() => undefined);
    },
  });
}

/** Headers that keep proxies from buffering, compressing or caching a stream. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;
