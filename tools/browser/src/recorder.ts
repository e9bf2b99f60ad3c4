import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between the browser and the application, and keeps every byte that goes to the browser: headers, streams, and what was cut off. */
export class Recorder {
  readonly #connections: Buffer[][] = [];
  readonly #open = new Set<Socket>();
  readonly #target: () => number;
  /** Where the browser goes. */
  origin = "";

  private constructor(target: () => number) {
    this.#target = target;
  }

  static async start(target: () => number): Promise<Recorder> {
    const recorder = new Recorder(target);
    const server = createServer((browser) => recorder.#pass(browser));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    server.unref();
    recorder.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
    return recorder;
  }

  /** How many times the browser was told this. */
  count(text: string): number {
    return this.#connections.reduce((count, chunks) => count + occurrences(Buffer.concat(chunks), text), 0);
  }

  get bytes(): number {
    return this.#connections.flat().reduce((sum, { length }) => sum + length, 0);
  }

  /** Breaks every connection that is open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #pass(browser: Socket): void {
    const application = connect(this.#target(), "127.0.0.1");
    const chunks: Buffer[] = [];
    this.#connections.push(chunks);
    application.on("data", (chunk) => chunks.push(chunk));
    browser.pipe(application).pipe(browser);
    this.#open.add(browser);
    const cut = (): void => {
      this.#open.delete(browser);
      browser.destroy();
      application.destroy();
    };
    for (const socket of [browser, application]) socket.on("error", cut).on("close", cut);
  }
}

function occurrences(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) count += 1;
  return count;
}
