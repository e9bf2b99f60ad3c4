import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A connection that shows what really went over the wire. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves when what was received contains `text`, and rejects when the connection goes first. */
  readonly until: (text: string) => Promise<void>;
  /** How the connection went: a clean end, or the error's code. */
  readonly gone: Promise<string>;
}

export function openRaw(port: number): RawConnection {
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  let received = "";
  let wake = Promise.withResolvers<void>();
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    received += chunk;
    wake.resolve();
    wake = Promise.withResolvers();
  });
  const gone = new Promise<string>((resolve) => {
    socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    socket.on("close", () => resolve("end"));
  });
  return {
    socket,
    received: () => received,
    gone,
    until: async (text) => {
      while (!received.includes(text)) {
        const how = await Promise.race([wake.promise, gone]);
        if (typeof how === "string" && !received.includes(text))
          throw new Error(`The connection went (${how}) after: ${received}`);
      }
    },
  };
}

export function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): string {
  const lines = Object.entries({ host: "server", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** The bytes of a chunked body, and whether its last chunk came. */
export function decodeChunked(response: string): { readonly body: string; readonly isWhole: boolean } {
  let rest = Buffer.from(response.slice(response.indexOf("\r\n\r\n") + 4));
  const parts: Buffer[] = [];
  for (;;) {
    const lineEnd = rest.indexOf("\r\n");
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(rest.subarray(0, lineEnd).toString(), 16);
    if (Number.isNaN(size) || size === 0) return { body: Buffer.concat(parts).toString(), isWhole: size === 0 };
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
}
