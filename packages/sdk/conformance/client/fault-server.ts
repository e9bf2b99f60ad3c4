import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Dialect, WireEvent } from "./dialect.ts";

/** How the server behaves to one request. */
export type Conduct =
  | { readonly kind: "whole"; readonly encode?: Encode }
  /** The stream ends after so many bytes. */
  | { readonly kind: "cut"; readonly at: CutPlace; readonly how: "end" | "reset" }
  /** The stream stops after so many bytes, and stays open. */
  | { readonly kind: "stall"; readonly at: CutPlace }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The connection is reset before any header. */
  | { readonly kind: "reset" }
  /** Never a byte, not even a header. */
  | { readonly kind: "silence" };

/** Where the stream stops: after so many bytes of its body. */
export type CutPlace = (body: Buffer) => number;
/** Writes events as chunks of bytes. */
export type Encode = (events: readonly WireEvent[], dialect: Dialect) => readonly Buffer[];

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly at: number;
}

/** A server on loopback that behaves to each request as it is told; the last conduct stays. */
export class FaultServer {
  readonly requests: SeenRequest[] = [];
  /** When the client's side of each answered connection was closed. */
  readonly closedAt: number[] = [];
  readonly #dialect: Dialect;
  readonly #conducts: Conduct[];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(dialect: Dialect, conducts: readonly Conduct[]) {
    this.#dialect = dialect;
    this.#conducts = [...conducts];
    this.#server.on("connection", (socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Requests that start work, cancels left out. */
  get posts(): readonly SeenRequest[] {
    return this.requests.filter(({ method }) => method === "POST");
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // it listens on TCP
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    request.resume();
    if (url.endsWith("/cancel")) {
      response.writeHead(202, { "content-type": "application/json" }).end("{}");
      return;
    }
    this.requests.push({ method, url, headers, at: performance.now() });
    response.on("close", () => this.closedAt.push(performance.now()));
    const conduct = this.#conducts.length > 1 ? this.#conducts.shift() : this.#conducts[0];
    if (conduct) this.#behave(conduct, request, response);
  }

  #behave(conduct: Conduct, request: IncomingMessage, response: ServerResponse): void {
    if (conduct.kind === "reset") request.socket.resetAndDestroy();
    else if (conduct.kind === "status") response.writeHead(conduct.status, conduct.headers).end(conduct.body);
    else if (conduct.kind !== "silence") this.#stream(conduct, request, response);
  }

  #stream(
    conduct: Extract<Conduct, { kind: "whole" | "cut" | "stall" }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    response.writeHead(200, { "content-type": "text/event-stream", ...this.#dialect.headers });
    response.flushHeaders();
    const events = this.#eventsFor(request);
    if (conduct.kind === "whole") {
      writeInTurn(response, (conduct.encode ?? encodePlainly)(events, this.#dialect));
      return;
    }
    const body = Buffer.concat(encodePlainly(events));
    const part = body.subarray(0, conduct.at(body));
    const leave = (): void => {
      if (conduct.kind === "cut" && conduct.how === "end") response.end();
      if (conduct.kind === "cut" && conduct.how === "reset") request.socket.resetAndDestroy();
    };
    if (part.length > 0) response.write(part, leave);
    else leave();
  }

  /** All of them to who begins, and to who returns those behind his cursor. */
  #eventsFor({ method, headers }: IncomingMessage): readonly WireEvent[] {
    const { after, events } = this.#dialect;
    return method === "GET" && after ? after(Number(headers["last-event-id"] ?? 0)) : events;
  }
}

/** Each chunk in a packet of its own, as far as the kernel allows. */
function writeInTurn(response: ServerResponse, chunks: readonly Buffer[]): void {
  const [first, ...rest] = chunks;
  if (first === undefined) response.end();
  else response.write(first, () => setImmediate(writeInTurn, response, rest));
}

/** As our server writes: one chunk per event, LF only. */
export function encodePlainly(events: readonly WireEvent[]): readonly Buffer[] {
  return events.map((event) => Buffer.from(`${linesOf(event).join("\n")}\n\n`));
}

/** The fields of an event, as lines without their ends. */
export function linesOf({ id, event, data }: WireEvent): readonly string[] {
  return [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...data.split("\n").map((line) => `data: ${line}`),
  ];
}
