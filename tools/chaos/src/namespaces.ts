import { execFileSync } from "node:child_process";

/**
 * Networks of their own for some processes, each with one cable to this machine: pulled out, nothing arrives and no kernel answers, as when a
 * host is gone. Needs the right to make them. All share one address of this machine, at which its services are met from inside and outside.
 */
export class Namespaces {
  /** Where services listen that processes inside call. */
  readonly meetingAddress: string;
  readonly #id: number;
  readonly #names: string[] = [];

  private constructor(id: number) {
    this.#id = id;
    this.meetingAddress = `${this.#network}.1`;
  }

  /** One for each name; gives why not when this machine does not allow it. `id` tells those of several processes apart. */
  static open(names: readonly string[], id: number): Namespaces | { readonly refused: string } {
    const namespaces = new Namespaces(id);
    try {
      ip("address", "add", `${namespaces.meetingAddress}/32`, "dev", "lo");
      for (const name of names) namespaces.#add(name);
      return namespaces;
    } catch (error) {
      namespaces.close();
      return { refused: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
    }
  }

  /** What a command begins with that runs inside. */
  prefixOf(name: string): readonly string[] {
    return ["ip", "netns", "exec", this.#nameOf(name)];
  }

  pullCable(name: string): void {
    ip("link", "set", this.#cableOf(name), "down");
  }

  plugIn(name: string): void {
    ip("link", "set", this.#cableOf(name), "up");
  }

  plugAllIn(): void {
    for (const name of this.#names) this.plugIn(name);
  }

  /** Takes back as much of it as there is. */
  close(): void {
    for (const name of this.#names) attempt(() => ip("netns", "delete", this.#nameOf(name)));
    attempt(() => ip("address", "delete", `${this.meetingAddress}/32`, "dev", "lo"));
  }

  /** A cable takes four addresses, the first four are the meeting's. */
  #add(name: string): void {
    const [namespace, cable] = [this.#nameOf(name), this.#cableOf(name)];
    this.#names.push(name);
    const [outside, inside] = [this.#names.length * 4 + 1, this.#names.length * 4 + 2];
    ip("netns", "add", namespace);
    ip("link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", namespace);
    ip("address", "add", `${this.#network}.${outside}/30`, "dev", cable);
    ip("link", "set", cable, "up");
    ip("-n", namespace, "address", "add", `${this.#network}.${inside}/30`, "dev", "cable");
    ip("-n", namespace, "link", "set", "cable", "up");
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("-n", namespace, "route", "add", "default", "via", `${this.#network}.${outside}`);
  }

  get #network(): string {
    return `10.231.${this.#id % 250}`;
  }

  #nameOf(name: string): string {
    return `noukai-chaos-${this.#id}-${name}`;
  }

  /** The kernel allows 15 characters. */
  #cableOf(name: string): string {
    return `nk${this.#id % 1_000_000}${name.replace("worker-", "w")}`.slice(0, 15);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // It was never made.
  }
}
