import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { nextRequestId } from "./request-id.ts";

/** What Node's parser refuses with another status than 400, by its error's code. */
const refusals: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "The headers are larger than 16 KB. Send fewer or shorter ones.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not arrive whole in time. Send it again."],
};
const noHttp = [
  "400 Bad Request",
  "What was sent is not HTTP/1.1. Is this the right port, and is TLS ended before it?",
] as const;

/** Answers in the contract's envelope what never becomes a request that the app could see. */
export function refuseUnreadable(http: HttpServer): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  http.prependListener("request", ({ socket }, outgoing) => void answers.set(socket, outgoing));
  http.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Bytes that follow a request while it is answered must not put a second head into that answer.
    if (!socket.writable || isAnswering(answers.get(socket))) return reset(socket);
    const [status, message] = refusals[error.code ?? ""] ?? noHttp;
    const { headers, body } = envelope(message);
    const head = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n${body}`, () => socket.destroy());
  });
}

/** A request whose body has not arrived whole cannot have started a run, and may still be refused. */
function isAnswering(answer: ServerResponse | undefined): boolean {
  return answer !== undefined && !answer.writableFinished && (answer.headersSent || answer.req.complete);
}

function reset(socket: Duplex): void {
  if (socket instanceof Socket) socket.resetAndDestroy();
  else socket.destroy();
}

/** Refuses a request of HTTP/1.1 without a Host header, as RFC 9112 §3.2 asks; false when there is nothing to refuse. */
export function refuseWithoutHost(
  { httpVersion, headers: { host } }: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  if (host !== undefined || httpVersion !== "1.1") return false;
  const { headers, body } = envelope("The Host header is missing. Every request of HTTP/1.1 has one.");
  outgoing.writeHead(400, { ...headers, connection: "close" }).end(body);
  return true;
}

function envelope(message: string): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const body = JSON.stringify({ detail: { code: "INVALID_REQUEST", message } });
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": nextRequestId(),
  };
  return { headers, body };
}
