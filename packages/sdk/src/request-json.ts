import type { ClientContext } from "./context.ts";
import type { Route } from "./routes.ts";
import type { Session } from "./session/session.ts";
import { sessionOf } from "./streaming.ts";

/** Options of a single request. */
export interface RequestOptions {
  /** Milliseconds for the call, its retries included; `Infinity` for no limit. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
  /** Aborts the call. */
  readonly signal?: AbortSignal | undefined;
  /** A replay to answer from, where the runtime cannot tell by itself. Default: that of the scope around the call. */
  readonly session?: Session | undefined;
}

/** A request with an answer of JSON that costs nothing. */
export interface JsonRequest<Data> {
  /** What messages call it. */
  readonly operation: string;
  readonly route: Route<Data>;
  /** May it be made twice although it is a POST without an `Idempotency-Key`? */
  readonly idempotent?: boolean;
}

/** Makes the request as a call of its own, and gives what was answered. */
export async function requestJson<Data>(
  context: ClientContext,
  { operation, route, idempotent }: JsonRequest<Data>,
  { timeout, signal, session }: RequestOptions,
): Promise<Data> {
  const scope = context.openScope({ operation, timeout, signal, billed: "no" });
  try {
    const { fetch } = sessionOf({ session });
    const call = { scope, fetch, ...(idempotent !== undefined && { idempotent }) };
    return (await context.transport.json(call, route)).data;
  } finally {
    scope.close();
  }
}
