import { isTerminal, type RunRecord, type StreamItem } from "@noukai/engine";
import type { ServerContext, Services } from "../context.ts";
import { resetConnection } from "../respond.ts";
import { eventStream, eventStreamHeaders } from "../sse.ts";
import { type RunIdentity, toFrame } from "../wire.ts";

/** The run's events after `after` as server-sent events, until its terminal one. */
export function streamRun(c: ServerContext, services: Services, run: RunIdentity, after: number): Response {
  const headers = {
    ...eventStreamHeaders,
    "x-request-id": c.get("call").requestId,
    "x-noukai-execution-id": run.runId,
  };
  if (c.req.method === "HEAD") return new Response(null, { headers });
  const stop = new AbortController();
  const items = services.engine.events(run.runId, { after, signal: stop.signal });
  const body = eventStream(frames(items, run), {
    heartbeatMs: services.heartbeatMs,
    stop,
    reset: (cause) => resetConnection(c, services.log, cause),
  });
  return new Response(body, { headers });
}

/**
 * Where a stream starts for a reader that stands at `cursor`. One that has seen the terminal event gets it again: a stream that ends
 * without one would make it ask for ever.
 */
export function startOf(run: RunRecord, cursor: number): number {
  return Math.min(cursor, run.completedAt === null ? run.lastSeq : run.lastSeq - 1);
}

async function* frames(items: AsyncIterable<StreamItem>, run: RunIdentity): AsyncGenerator<string, void, undefined> {
  let hasEnded = false;
  for await (const item of items) {
    hasEnded = isTerminal(item);
    yield toFrame(item, run);
  }
  // Old clients ask for ever when a stream ends without a terminator: better reset than silent.
  if (!hasEnded) throw new Error("The events ended before the run did.");
}
