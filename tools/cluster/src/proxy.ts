import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** Where a proxy listens, or connects to: a port on loopback, or a Unix socket. */
export type Place = { readonly port: number; readonly host?: string } | { readonly path: string };

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/**
 * A TCP proxy that can fail as a network does. It understands nothing of what it carries, so that cuts fall anywhere.
 * `stall` is a partition as both ends see it: nothing arrives, nothing is closed, new connections are taken and say nothing.
 */
export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: () => Place;
  #mode: "open" | "stalled" | "shut" = "open";

  private constructor(target: () => Place) {
    this.#target = target;
    this.#server = createServer((near) => this.#take(near));
  }

  /** `target` is asked for each connection. */
  static async listen(at: Place, target: () => Place): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen("path" in at ? at : { host: "127.0.0.1", ...at });
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // for whoever made it listen on one
  }

  get isOpen(): boolean {
    return this.#mode === "open";
  }

  /** Resets a share of the connections that there are, from 0 to 1; new ones are taken. */
  cut(share = 1, random: () => number = Math.random): void {
    for (const { near, far } of this.#pairs) {
      if (random() >= share) continue;
      reset(near);
      reset(far);
    }
  }

  /** Carries nothing more, in either direction, until `heal`. */
  stall(): void {
    this.#mode = "stalled";
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** Resets all connections and each new one, until `heal`. */
  shut(): void {
    this.#mode = "shut";
    this.cut();
  }

  heal(): void {
    if (this.#mode === "open") return;
    this.#mode = "open";
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #take(near: Socket): void {
    near.on("error", () => undefined);
    if (this.#mode === "shut") {
      reset(near);
      return;
    }
    const far = connect(this.#target() as NetConnectOpts).on("error", () => undefined);
    const pair = { near, far };
    this.#pairs.add(pair);
    forward(near, far);
    forward(far, near);
    near.on("close", () => this.#pairs.delete(pair));
    if (this.#mode === "stalled") this.stall();
  }
}

/** Only TCP knows resets; a Unix socket is closed. */
function reset(socket: Socket): void {
  if (socket.localPort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** `pipe` without its own pausing, which would undo a stall; what piles up is bounded by the tests' own traffic. */
function forward(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on("data", (chunk) => void to.write(chunk));
  from.on("end", () => to.end());
  from.on("close", () => to.destroySoon());
}
