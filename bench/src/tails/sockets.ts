/** Readers of streams at the least cost to themselves: a socket each, the request written by hand, the answer searched as text. */
import { connect, type Socket } from "node:net";

export interface Tail {
  /** Resolves at the next piece of the stream that has `text`, with the time of `performance.now()`. */
  next(text: string): Promise<number>;
  close(): void;
}

/** Resolves when the first bytes behind the head have come. */
export async function openTail(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<Tail> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host, accept: "text/event-stream", ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const waiting = new Map<string, (at: number) => void>();
  const tail: Tail = {
    next: (text) => new Promise((resolve) => void waiting.set(text, resolve)),
    close: () => void socket.destroy(),
  };
  const isOpen = firstBytes(socket, path);
  socket.on("data", (bytes: Buffer) => {
    if (waiting.size === 0) return;
    const piece = bytes.toString("latin1");
    for (const [text, resolve] of waiting) {
      if (!piece.includes(text)) continue;
      waiting.delete(text);
      resolve(performance.now());
    }
  });
  await isOpen;
  return tail;
}

function firstBytes(socket: Socket, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = "";
    const read = (bytes: Buffer): void => {
      received += bytes.toString("latin1");
      const [head = "", body = ""] = received.split("\r\n\r\n", 2);
      if (body === "") return;
      socket.off("data", read);
      if (head.startsWith("HTTP/1.1 200")) resolve();
      else reject(new Error(`${path}: ${received.slice(0, 300)}`));
    };
    socket
      .on("data", read)
      .once("error", reject)
      .once("close", () => reject(new Error(`${path}: closed`)));
  });
}
