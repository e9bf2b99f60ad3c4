import type { HttpBindings } from "@hono/node-server";
import { HandedOverError } from "@noukai/engine";
import type { ServerContext } from "./context.ts";
import type { Log } from "./log.ts";

/**
 * A JSON answer. Headers stay a plain object: the Node adapter then writes them out as they are, without building a `Headers`.
 */
export function json(
  c: ServerContext,
  status: number,
  body: object,
  headers?: Readonly<Record<string, string>>,
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "x-request-id": c.get("call").requestId, ...headers },
  });
}

/**
 * Breaks the caller's connection with a TCP reset, so that nothing can take what was sent for a whole answer, not even a proxy that speaks
 * HTTP/1.0. False when the app was called as a function and there is no connection. A caller who left by itself is not worth a line.
 */
export function resetConnection(c: ServerContext, log: Log, cause: unknown): boolean {
  const call = c.get("call");
  const { requestId, operation } = call;
  call.isReset = true;
  const level = cause instanceof HandedOverError ? "info" : "error";
  if (!c.req.raw.signal.aborted) log[level]({ requestId, operation, err: cause }, "connection reset");
  const bindings: Partial<HttpBindings> | undefined = c.env; // Hono's type denies it, but `app.fetch(request)` gives none
  const outgoing = bindings?.outgoing;
  if (outgoing === undefined) return false;
  const { socket } = outgoing;
  if (socket !== null && "resetAndDestroy" in socket) socket.resetAndDestroy();
  return true;
}
