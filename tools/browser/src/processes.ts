import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A program that listens, which can be killed and started again. */
export class Program {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    process.once("exit", () => this.#child?.kill("SIGKILL"));
  }

  /** Resolves when it says that it listens. */
  async start(): Promise<void> {
    const { args, env } = this.#options;
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes("http://")) continue;
      child.stdout.resume();
      return;
    }
    throw new Error(`${args.join(" ")} ended before it listened.`);
  }

  /** `SIGKILL` leaves it no time to finish anything. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** A port that is free now: what starts again must find itself again. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  server.close();
  await once(server, "close");
  return port;
}
