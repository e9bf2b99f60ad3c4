import { type Noukai, type NoukaiOptions, ReplayError, type ReplayLeftoverError } from "@noukai/sdk";
import { withNoukaiTrace } from "@noukai/sdk/adapters/nextjs";
import type { Context, MiddlewareHandler, Next } from "hono";
import { makeClient } from "./client.ts";
import type { NoukaiBindings } from "./settings.ts";

/** What handlers behind `noukai()` find: `c.var.noukai`, and the bindings that it reads. */
export interface NoukaiEnv {
  Variables: { noukai: Noukai };
  Bindings: NoukaiBindings;
}

/** How requests get their client. What is not given is read per request, from `c.env` first: on Workers there is no key before. */
export interface NoukaiMiddlewareOptions extends Omit<NoukaiOptions, "signal"> {
  /** `false`: requests are neither recorded nor answered from recordings. Default `true`. */
  readonly sessions?: boolean | undefined;
  /** Told when a replayed request made fewer calls than were recorded. Its answer is gone by then. Default: a warning on the console. */
  readonly onLeftover?: ((error: ReplayLeftoverError) => void) | undefined;
}

/**
 * Gives each request a client as `c.var.noukai`. When the caller goes before the answer is whole, calls under way end with `AbortError` and
 * their runs go on: closing a tab cancels nothing.
 *
 * Each request is a session, unless `sessions` is `false`: the flows that its handlers call are recorded together, with whole inputs and
 * outputs, under the id that the answer's `X-Noukai-Session` tells; with `X-Noukai-Replay: <that id>` they are answered from the recording,
 * where `NOUKAI_REPLAY_ENABLED` allows it. Throws `ValueError` when there is no key.
 */
export function noukai(options: NoukaiMiddlewareOptions = {}): MiddlewareHandler<NoukaiEnv> {
  const { sessions = true, onLeftover, ...clientOptions } = options;
  return async (c, next) => {
    const client = makeClient(c, clientOptions);
    c.set("noukai", client);
    whenLeft(c, () => void client.close());
    if (sessions) await inSession(c, next, { client, onLeftover });
    else await next();
  };
}

/** Runs `leave` once, when the caller's connection goes before the answer is whole. */
function whenLeft(c: Context, leave: () => void): void {
  const { signal } = c.req.raw;
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
}

async function inSession(
  c: Context,
  next: Next,
  options: { readonly client: Noukai; readonly onLeftover: NoukaiMiddlewareOptions["onLeftover"] },
): Promise<void> {
  const handle: (request: Request) => Promise<Response> = withNoukaiTrace(async () => {
    await next();
    // Hono has made an answer of what a handler threw; a replay's errors have answers of their own.
    if (c.error instanceof ReplayError) throw c.error;
    return c.res;
  }, options);
  const response = await handle(c.req.raw);
  c.res = undefined; // else Hono would write the old answer's headers over the new ones
  c.res = response;
}
