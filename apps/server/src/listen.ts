import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { AnswerLostError } from "./errors.ts";
import { createServer, type Opened, type ServerOptions } from "./server.ts";
import { nextRequestId } from "./request-id.ts";
import { refuseUnreadable, refuseWithoutHost } from "./unreadable.ts";

/** Longer than the idle time of common load balancers, so that it is they who close an idle connection, and never in the middle of a request. */
const keepAliveMs = 65_000;

/** Ports tried behind the one that is taken. */
const maxPortSteps = 20;

/** How long answers that are being written may take once every run has left. */
const lastAnswersMs = 1_000;

export interface StartOptions extends ServerOptions {
  /** Default 127.0.0.1. Another one than loopback needs an API key, but for a worker. */
  readonly host?: string;
  /** The first one to try; the next free one is taken when it is in use. 0, the default, takes any. */
  readonly port?: number;
  /** How long `close` lets steps in flight end. Default 30 000. */
  readonly drainMs?: number;
}

/** A server that listens. */
export interface StartedServer extends Opened {
  /** Such as `http://127.0.0.1:8080`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Drains, resets the streams that are left and closes the store. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Opens a server and listens. Rejects with what stands in the way, in words for the operator. */
export async function startServer(options: StartOptions = {}): Promise<StartedServer> {
  const { host = "127.0.0.1", port = 0, drainMs = 30_000, ...serverOptions } = options;
  const server = createServer(serverOptions);
  const opened = await server.opened();
  const listener = getRequestListener((request, bindings) => opened.app.fetch(request, bindings), {
    hostname: "localhost",
    errorHandler,
  });
  // Its promise never rejects: what fails in it ends in `errorHandler`.
  const httpOptions = {
    keepAliveTimeout: keepAliveMs,
    requireHostHeader: false,
    shouldUpgradeCallback: (incoming: IncomingMessage) => opened.role !== "worker" && opened.sockets.wants(incoming),
  };
  const http = createHttpServer(httpOptions, (incoming, outgoing) => {
    if (!refuseWithoutHost(incoming, outgoing)) void listener(incoming, outgoing);
  });
  http.on("upgrade", (incoming, socket, head) => opened.sockets.accept(incoming, socket, head));
  refuseUnreadable(http);
  try {
    await requireKeyBeyondLoopback(host, opened, serverOptions.apiKey);
    await listenFrom(http, host, port);
  } catch (error) {
    await server.close();
    throw error;
  }
  const address = http.address() as AddressInfo; // a TCP server that listens has one
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // Still listening meanwhile: callers get a clean 503 and probes see that the process drains.
    await server.drain(drainMs);
    opened.sockets.close();
    await closeHttp(http);
    await server.close();
  };
  return {
    ...opened,
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () => (closing ??= close()),
  };
}

/** For what fails outside the app. Nothing is written for an answer that was lost: its connection has been reset. */
function errorHandler(error: unknown): Response | undefined {
  if (error instanceof AnswerLostError) return undefined;
  const isBadRequest = error instanceof RequestError;
  const detail = isBadRequest
    ? { code: "INVALID_REQUEST", message: "The request line or the Host header is not valid." }
    : { code: "INTERNAL_ERROR", message: "The server failed for a reason of its own." };
  return new Response(JSON.stringify({ detail }), {
    status: isBadRequest ? 400 : 500,
    headers: { "content-type": "application/json", "x-request-id": nextRequestId() },
  });
}

async function listenFrom(http: HttpServer, host: string, port: number): Promise<void> {
  for (let step = 0; ; step += 1) {
    http.listen(port === 0 ? 0 : port + step, host);
    try {
      await once(http, "listening");
      return;
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || step === maxPortSteps || port + step >= 65_535) throw error;
    }
  }
}

async function closeHttp(http: HttpServer): Promise<void> {
  const timer = setTimeout(() => http.closeAllConnections(), lastAnswersMs);
  http.close();
  await once(http, "close");
  clearTimeout(timer);
}

async function requireKeyBeyondLoopback(
  host: string,
  { role, engine: { store } }: Opened,
  apiKey: string | undefined,
): Promise<void> {
  // A worker answers nothing that a key opens.
  if (role === "worker" || apiKey !== undefined || host === "localhost" || host === "::1" || host.startsWith("127."))
    return;
  for (const project of await store.projects()) {
    if ((await store.keys(project.id)).some((key) => key.revokedAt === null)) return;
  }
  throw new Error(
    `HOST is ${host}, which others can reach, and there is no API key. Set NOUKAI_API_KEY, or put a flow into the flows directory, for which a key is made.`,
  );
}
