import type { EventStream } from "@noukai/sdk";
import type { Context } from "hono";
import { passOn } from "./passing.ts";
import { refusalOfError } from "./refusal.ts";

/**
 * Answers with a run's events as they come, for `fromReadableStream` on the other side. The call is begun first: what the server refuses it
 * with is the answer then (`{"detail": "RATE_LIMITED"}` with 429), and otherwise the run's id stands in `X-Noukai-Execution-Id`. When the
 * reader goes, the watching ends and the run goes on. Throws what is no failure of a call, such as `ValueError`.
 */
export async function streamFlow(c: Context, events: EventStream): Promise<Response> {
  const { signal } = c.req.raw;
  const detach = (): void => events.detach();
  signal.addEventListener("abort", detach, { once: true });
  if (signal.aborted) detach();
  try {
    await events.opened();
  } catch (error) {
    const refusal = refusalOfError(error);
    if (refusal) return refusal.toResponse();
    throw error;
  } finally {
    signal.removeEventListener("abort", detach);
  }
  const { body, headers } = events.toResponse();
  // A response that is made of events has a body.
  return c.body(passOn(c, body as ReadableStream<Uint8Array>), 200, Object.fromEntries(headers));
}
