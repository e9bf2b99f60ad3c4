import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** Serves one page and its scripts, on another origin than the server's, as in real life. */
export class Pages {
  readonly origin: string;
  /** Where the scripts are. */
  folder = "";

  private constructor(origin: string) {
    this.origin = origin;
  }

  static async start(): Promise<Pages> {
    const server = createServer((request, response) => void pages.#answer(request.url ?? "/", response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    const pages = new Pages(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); // it listens on a port
    return pages;
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    if (url === "/") {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>smoke</title>");
      return;
    }
    const script = await readFile(join(this.folder, url.replaceAll("/", ""))).catch(() => undefined);
    response.writeHead(script ? 200 : 404, { "content-type": "text/javascript" }).end(script);
  }
}
