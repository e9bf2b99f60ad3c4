import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type NodeRole = "all" | "api" | "worker";

/** `ready`: takes work. `draining`: is told to end. `paused`: stopped by a signal, to be continued. `ended`: no process. */
export type NodeState = "starting" | "ready" | "paused" | "draining" | "ended";

export interface NodeOptions {
  readonly name: string;
  readonly role: NodeRole;
  /** The server's own settings; nothing of this process's environment reaches it but the path. */
  readonly env: Readonly<Record<string, string>>;
  /** Where what it prints is added. */
  readonly logFile: string;
  /** 0: any free one. A node that is started again takes the port that it had. */
  readonly port?: number;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Default: the server as it is built in this repository. */
  readonly program?: string;
  /** What starts the process in another place, such as `ip netns exec <name>`. */
  readonly prefix?: readonly string[];
}

const builtServer = join(import.meta.dirname, "../../../apps/server/dist/main.js");

/** How long a health probe may take, in milliseconds. */
const probeMs = 2_000;

/** One server process, which may be ended in every way and started again. */
export class ServerNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly #options: NodeOptions;
  #child: ChildProcess | undefined;
  #state: NodeState = "ended";
  #port: number;
  #url = "";
  #ended: Promise<string> = Promise.resolve("not started");

  constructor(options: NodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.role = options.role;
    this.#port = options.port ?? 0;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Without a path; empty before the first start. */
  get url(): string {
    return this.#url;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number | undefined {
    return this.#state === "ended" ? undefined : this.#child?.pid;
  }

  /** Resolves with how the process that runs now ends: `exit 0`, `SIGKILL` … */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** Resolves when it listens; rejects when it ends before. */
  async start(): Promise<void> {
    if (this.#state !== "ended") throw new Error(`${this.name} runs already.`);
    const { name, role, prefix = [], nodeArgs = [], program = builtServer, logFile, env } = this.#options;
    const [command = process.execPath, ...args] = prefix.concat(process.execPath, nodeArgs, program);
    const log = openSync(logFile, "a");
    const child = spawn(command, args, {
      env: { PATH: process.env["PATH"], NOUKAI_ROLE: role, ...env, PORT: String(this.#port) },
      // A terminal's Ctrl-C is for whoever started the node, and tells it to drain in its own time.
      detached: true,
      stdio: ["ignore", "pipe", log],
    });
    closeSync(log);
    this.#child = child;
    this.#state = "starting";
    this.#ended = this.#endOf(child);
    const how = await Promise.race([this.#listening(child), this.#ended]);
    if (how !== undefined) throw new Error(`${name} ended (${how}) before it listened: ${lastLines(logFile)}`);
    if (this.#isCurrent(child, "starting")) this.#state = "ready";
  }

  /** Ends it as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** Lets it end its work; a node that is paused goes on first. */
  async stop(): Promise<void> {
    if (this.#state === "ended") return;
    this.resume();
    this.#state = "draining";
    this.#child?.kill("SIGTERM");
    await this.#ended;
  }

  /** Nothing of it runs any more, and its connections stay, until `resume`. */
  pause(): void {
    if (this.#state !== "ready") return;
    this.#child?.kill("SIGSTOP");
    this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#child?.kill("SIGCONT");
    this.#state = "ready";
  }

  /** Does it say that it can take work? */
  async isHealthy(): Promise<boolean> {
    if (this.#state !== "ready") return false;
    try {
      return (await fetch(`${this.#url}/readyz`, { signal: AbortSignal.timeout(probeMs) })).ok;
    } catch {
      return false;
    }
  }

  #isCurrent(child: ChildProcess, state: NodeState): boolean {
    return this.#child === child && this.#state === state;
  }

  async #endOf(child: ChildProcess): Promise<string> {
    // "error": it could not be started.
    const [code, signal] = (await Promise.race([once(child, "close"), errorOf(child)])) as [
      number | string | null,
      string | null,
    ];
    if (this.#child === child) this.#state = "ended";
    return signal ?? `exit ${code}`;
  }

  #listening(child: ChildProcess): Promise<undefined> {
    return new Promise((resolve) => {
      let text = "";
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        if (text.length > 10_000) return;
        text += chunk;
        const url = /listens on (\S+)/.exec(text)?.[1];
        if (url === undefined) return;
        this.#url = url;
        this.#port = Number(new URL(url).port);
        resolve(undefined);
      });
    });
  }
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
}

async function errorOf(child: ChildProcess): Promise<[string, null]> {
  const error = await new Promise<Error>((resolve) => child.once("error", resolve));
  return [error.message, null];
}
