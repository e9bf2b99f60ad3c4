import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A TCP proxy on loopback. `cutAfter` is asked once per answer that is a stream: after so many bytes of its body the connection is destroyed;
 * `undefined` lets it through. It knows nothing of frames or chunks, so cuts fall anywhere.
 */
export async function startCuttingProxy(
  upstream: URL,
  cutAfter: () => number | undefined,
): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client.on("close", () => sockets.delete(client)));
    const socket = connect(Number(upstream.port), upstream.hostname);
    const destroy = (): void => {
      client.destroy();
      socket.destroy();
    };
    for (const side of [client, socket]) side.setNoDelay(true).on("error", destroy).on("close", destroy);
    client.pipe(socket);
    let left: number | undefined;
    socket.on("data", (chunk: Buffer) => {
      const headEnd = chunk.indexOf("\r\n\r\n");
      if (left === undefined && headEnd !== -1 && chunk.subarray(0, headEnd).includes("text/event-stream")) {
        const limit = cutAfter();
        left = limit === undefined ? Infinity : headEnd + 4 + limit;
      }
      if (left !== undefined && chunk.length >= left) {
        socket.off("close", destroy).destroy(); // the client still gets what came before the cut
        client.end(chunk.subarray(0, left), () => client.destroy());
        return;
      }
      if (left !== undefined) left -= chunk.length;
      client.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy(); // clients keep them for the next request, which never comes
  };
  return { port: (server.address() as AddressInfo).port, close }; // it listens on TCP
}
