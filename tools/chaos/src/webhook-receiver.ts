import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Random } from "./random.ts";

interface Message {
  readonly data: { readonly executionId: string };
}

/** Who is told of ended jobs, and does not always listen. */
export class WebhookReceiver {
  readonly told = new Set<string>();
  /** Without a path. */
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server, origin: string) {
    this.#server = server;
    this.origin = origin;
  }

  static async start(random: Random, host: string): Promise<WebhookReceiver> {
    const refused = new Set<string>();
    const server = createServer((request, response) => {
      void (async () => {
        const { data } = (await json(request)) as Message; // of docs/webhooks.md
        // Once at most: a second refusal would be followed by a wait of up to half a minute.
        const isRefused = !refused.has(data.executionId) && random.chance(0.05);
        (isRefused ? refused : receiver.told).add(data.executionId);
        response.writeHead(isRefused ? 503 : 204).end();
      })().catch(() => response.destroy());
    });
    server.listen(0, host);
    await once(server, "listening");
    const { address, port } = server.address() as AddressInfo; // it listens on a port
    const receiver = new WebhookReceiver(server, `http://${address}:${port}`);
    return receiver;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
