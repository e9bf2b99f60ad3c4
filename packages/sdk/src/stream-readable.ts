import { loaded } from "./loaded.ts";
import type { EventSource } from "./stream-source.ts";

/**
 * The events as frames of bytes, with heartbeats. Nothing is asked of the source before it is read. It ends as the source does: cleanly, or
 * with its error, which a server makes a broken connection of. Cancelling it closes the source.
 */
export function readableOf(source: EventSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => (await loaded(import("./stream-bytes.ts"))).pullFrames(source, controller),
      cancel: () => source.close(),
    },
    { highWaterMark: 0 },
  );
}

/** The events as the body of an answer that no proxy keeps or holds back. */
export function responseOf(source: EventSource, init: ResponseInit = {}): Response {
  const headers = new Headers({ "cache-control": "no-store", "x-accel-buffering": "no" });
  if (source.executionId !== undefined) headers.set("x-noukai-execution-id", source.executionId);
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  headers.set("content-type", "text/event-stream; charset=utf-8");
  return new Response(readableOf(source) as BodyInit, { ...init, headers }); // bytes over any memory will do
}
