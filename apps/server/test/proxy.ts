import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/**
 * A TCP proxy on loopback. `cutAfter` is asked once per answer that is a stream: after so many bytes of its body the connection is destroyed;
 * `undefined` lets it through. It knows nothing of frames or chunks, so cuts fall anywhere.
 */
export async function startCuttingProxy(
  upstreamPort: number,
  cutAfter: () => number | undefined,
): Promise<{ readonly port: number }> {
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    const destroy = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", destroy).on("close", destroy);
    client.pipe(upstream);
    let left: number | undefined;
    upstream.on("data", (chunk: Buffer) => {
      const headEnd = chunk.indexOf("\r\n\r\n");
      if (left === undefined && headEnd !== -1 && chunk.subarray(0, headEnd).includes("text/event-stream")) {
        const limit = cutAfter();
        left = limit === undefined ? Infinity : headEnd + 4 + limit;
      }
      if (left !== undefined && chunk.length >= left) {
        client.end(chunk.subarray(0, left));
        upstream.destroy();
        return;
      }
      if (left !== undefined) left -= chunk.length;
      client.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port }; // listens on TCP
}
