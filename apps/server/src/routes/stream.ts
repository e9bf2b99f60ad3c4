import { type AcceptedCall, endsCall, isTerminal, type RunRecord, type StreamItem } from "@noukai/engine";
import type { ServerContext, Services } from "../context.ts";
import { resetConnection } from "../respond.ts";
import { eventStream, eventStreamHeaders } from "../sse.ts";
import { runStartedCopy, type RunIdentity, toFrame } from "../wire.ts";

/** The run's events after `after` as server-sent events, through its pauses, until its terminal one. */
export function streamRun(c: ServerContext, services: Services, run: RunIdentity, after: number): Response {
  return stream(c, services, run, { after, endsWith: isTerminal });
}

/** What a call to the step protocol brings, until the event that ends it; one that goes on with a run opens with a copy of the run's first event. */
export function streamCall(
  c: ServerContext,
  services: Services,
  call: AcceptedCall,
  options: {
    readonly after: number;
    /** Called when the reader leaves before the end. */
    readonly left: () => void;
  },
): Response {
  const opening = call.after === 0 ? undefined : runStartedCopy(call);
  return stream(c, services, call, { ...options, opening, endsWith: endsCall });
}

interface StreamOptions {
  readonly after: number;
  /** A frame before the first. */
  readonly opening?: string | undefined;
  readonly endsWith: (item: StreamItem) => boolean;
  readonly left?: () => void;
}

function stream(c: ServerContext, services: Services, run: RunIdentity, options: StreamOptions): Response {
  const headers = {
    ...eventStreamHeaders,
    "x-request-id": c.get("call").requestId,
    "x-noukai-execution-id": run.runId,
  };
  if (c.req.method === "HEAD") return new Response(null, { headers });
  const stop = new AbortController();
  if (options.left !== undefined) stop.signal.addEventListener("abort", options.left, { once: true });
  const items = services.engine.events(run.runId, { after: options.after, signal: stop.signal });
  const body = eventStream(frames(items, run, options), {
    heartbeatMs: services.heartbeatMs,
    stop,
    reset: (cause) => resetConnection(c, services.log, cause),
    streams: services.streams,
  });
  return new Response(body, { headers });
}

/**
 * Where a live trace starts for a reader that stands at `cursor`. One that has seen the terminal event gets it again: a stream that ends
 * without one would make it ask for ever.
 */
export function startOf(run: RunRecord, cursor: number): number {
  return Math.min(cursor, run.completedAt === null ? run.lastSeq : run.lastSeq - 1);
}

async function* frames(
  items: AsyncIterable<StreamItem>,
  run: RunIdentity,
  { opening, endsWith }: StreamOptions,
): AsyncGenerator<string, void, undefined> {
  if (opening !== undefined) yield opening;
  for await (const item of items) {
    yield toFrame(item, run);
    if (endsWith(item)) return;
  }
  // Old clients ask for ever when a stream ends without a terminator: better reset than silent.
  throw new Error("The events ended before they had come to an end of the call.");
}
