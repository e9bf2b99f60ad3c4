import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Engine, type ExecutionChange, HandedOverError } from "@noukai/engine";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { networkOf } from "./address.ts";
import { type Authenticator, type Principal, requireScope } from "./auth.ts";
import { ApiError } from "./errors.ts";
import { requireUuid, toChangeCursor } from "./execution-params.ts";
import { toExecutionChange } from "./execution-wire.ts";
import { operations } from "./contract/operations.ts";
import { zExecutionSocketRequest } from "./generated/zod.gen.ts";
import type { Log } from "./log.ts";
import { callerOf } from "./routes/flow-executions.ts";

/** How long a client that sent no key in a header may take to send it, in milliseconds. */
const authenticateMs = 10_000;

/** Bytes of the one message that is expected. */
const maxMessageBytes = 4_096;

/** How long a client may take to say good-bye, in milliseconds. */
const goodbyeMs = 1_000;

/** Close codes: 4000 and up are an application's own. Source: RFC 6455 §7.4.2. */
const closeCodes: Readonly<Record<string, number>> = {
  INVALID_REQUEST: 4400,
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  RATE_LIMITED: 4429,
};
const goingAway = 1001;
const internalError = 1011;

const [operation] = operations.filter(({ operationId }) => operationId === "watchFlowExecutions");

export interface ExecutionSocketsOptions {
  readonly engine: Pick<Engine, "executions">;
  readonly auth: Authenticator;
  readonly log: Log;
  /** Time between two pings; a client that has not answered one by the next is gone. */
  readonly heartbeatMs: number;
}

/** What a client asks for, in its first message or in headers and query. */
interface Wish {
  readonly authorization: string;
  readonly cursor: string | undefined;
  readonly flowId: string | undefined;
}

/** `/flow-executions/ws`: status changes of the executions that a key opens. */
export class ExecutionSockets {
  readonly #options: ExecutionSocketsOptions;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, clientTracking: true });

  constructor(options: ExecutionSocketsOptions) {
    this.#options = options;
  }

  /** Sockets that are open. */
  get count(): number {
    return this.#server.clients.size;
  }

  /** Is this a request that is to become a socket? Any other with an `Upgrade` is answered as if it had none. */
  wants({ method, url = "", headers }: IncomingMessage): boolean {
    const isSocket = headers.upgrade?.toLowerCase() === "websocket";
    return method === "GET" && isSocket && url.split("?")[0] === operation?.path;
  }

  /** Takes over a request that is wanted. Never rejects. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#serve(client, request).catch((error: unknown) => this.#end(client, error));
    });
  }

  /** Ends every socket. */
  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  async #serve(client: WebSocket, request: IncomingMessage): Promise<void> {
    const gone = new AbortController();
    client.on("close", () => gone.abort());
    client.on("error", () => client.terminate());
    const wish = await readWish(client, request);
    const { remoteAddress } = request.socket;
    const network = remoteAddress === undefined ? undefined : networkOf(remoteAddress);
    const principal = await this.#authenticate(wish.authorization, network);
    const stop = new AbortController();
    gone.signal.addEventListener("abort", () => stop.abort(gone.signal.reason), { once: true });
    const heartbeat = this.#keepAlive(client, async () => {
      await this.#authenticate(wish.authorization, network).catch((error: unknown) => stop.abort(error));
    });
    try {
      await this.#tell(client, principal, { ...wish, signal: stop.signal });
    } finally {
      clearInterval(heartbeat);
    }
  }

  async #authenticate(authorization: string, network: string | undefined): Promise<Principal> {
    const principal = await this.#options.auth.authenticate(authorization, network);
    requireScope(principal, operation?.scopes ?? []);
    return principal;
  }

  async #tell(
    client: WebSocket,
    principal: Principal,
    { cursor, flowId, signal }: Wish & { readonly signal: AbortSignal },
  ): Promise<void> {
    const { executions } = this.#options.engine;
    const after = cursor ?? (await executions.latestChange());
    await send(client, { type: "ready", cursor: after });
    for await (const page of executions.changes(callerOf(principal), { after }, signal)) {
      for (const change of page) {
        signal.throwIfAborted();
        if (flowId === undefined || change.flowId === flowId) await send(client, message(change));
      }
    }
  }

  /** Pings, and asks whether the key is still good: a socket may be open for longer than that. */
  #keepAlive(client: WebSocket, check: () => Promise<void>): NodeJS.Timeout {
    let isAlive = true;
    client.on("pong", () => {
      isAlive = true;
    });
    return setInterval(() => {
      if (!isAlive) return client.terminate();
      isAlive = false;
      client.ping();
      void check();
    }, this.#options.heartbeatMs);
  }

  #end(client: WebSocket, error: unknown): void {
    if (client.readyState !== client.OPEN) return;
    const code = codeOf(error);
    if (code === internalError) this.#options.log.error({ operation: operation?.operationId, err: error }, "failed");
    client.close(code, error instanceof ApiError ? error.message.slice(0, 100) : "");
    setTimeout(() => client.terminate(), goodbyeMs).unref();
  }
}

function codeOf(error: unknown): number {
  if (error instanceof HandedOverError) return goingAway;
  return error instanceof ApiError ? (closeCodes[error.code] ?? internalError) : internalError;
}

function message(change: ExecutionChange): object {
  return { type: "status_changed", cursor: change.cursor, change: toExecutionChange(change) };
}

/** Resolves when the message has left this process, so that a slow client is not told faster than it takes. */
function send(client: WebSocket, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(JSON.stringify(body), (error) => (error ? reject(error) : resolve()));
  });
}

async function readWish(client: WebSocket, { url = "", headers }: IncomingMessage): Promise<Wish> {
  const query = new URLSearchParams(url.split("?")[1]);
  const apiKey = headers["x-api-key"];
  const authorization = headers.authorization ?? (typeof apiKey === "string" ? `Bearer ${apiKey}` : undefined);
  const named = query.get("flow_id") || undefined;
  const flowId = named === undefined ? undefined : requireUuid("flow_id", named);
  const first = authorization === undefined ? await firstMessage(client) : undefined;
  const cursor = toChangeCursor("cursor", first?.cursor ?? query.get("cursor") ?? undefined, undefined);
  return { authorization: authorization ?? `Bearer ${first?.token ?? ""}`, cursor, flowId };
}

function toText(data: RawData): string {
  // Unless a client is told otherwise, messages come as buffers.
  return data instanceof Buffer ? data.toString() : "";
}

async function firstMessage(client: WebSocket): Promise<{ readonly token: string; readonly cursor?: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<RawData>();
  const timer = setTimeout(
    () => reject(new ApiError("UNAUTHENTICATED", "No key came within ten seconds.")),
    authenticateMs,
  );
  client.once("message", resolve);
  client.once("close", () => reject(new ApiError("UNAUTHENTICATED", "The client left.")));
  try {
    const { token, cursor } = zExecutionSocketRequest.parse(JSON.parse(toText(await promise)));
    return { token, ...(cursor !== undefined && { cursor }) };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("INVALID_REQUEST", 'The first message must be {"type":"authenticate","token":"nk_…"}.');
  } finally {
    clearTimeout(timer);
  }
}
