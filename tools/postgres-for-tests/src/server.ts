import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Binaries, findBinaries, handOver, type ServerUser, serverUser } from "./binaries.ts";

/** A real PostgreSQL of its own, reached through a socket in its directory and nowhere else. */
export interface PostgresServer {
  /** Where a database of this server is. */
  url(database: string): string;
  /** Waits until connections are taken. */
  start(): Promise<void>;
  /** Ends the server, its connections too; what was committed is there at the next start. */
  stop(): Promise<void>;
  /** Ends the server as a crash does: nothing is written any more. */
  crash(): Promise<void>;
  /** Ends the server and removes its directory. */
  dispose(): Promise<void>;
}

const superuser = "noukai";

/** Keeps out what the developer's own environment says about languages, time zones and servers. */
const environment = { LC_ALL: "C", TZ: "UTC", PATH: process.env["PATH"] };

/** Makes a server in `directory`, which must not exist; it is not started. `settings` are PostgreSQL's own, by name. */
export async function createPostgresServer(
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const user = serverUser();
  mkdirSync(directory);
  try {
    handOver(directory, user);
    const binaries = findBinaries(directory, user);
    await initialise(binaries, directory, user);
    return new Server({ binaries, directory, user, settings });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The process that serves the data in `directory`, whoever started it; undefined when there is none. */
export function findPostmaster(directory: string): number | undefined {
  const path = join(directory, "data", "postmaster.pid");
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
  // The number may have gone to another process since: only one that was started on this directory is meant.
  return commandOf(pid).includes(directory) ? pid : undefined;
}

/** The command line of a process; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return existsSync("/proc/self/cmdline")
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

async function initialise(binaries: Binaries, directory: string, user: ServerUser): Promise<void> {
  const args = [
    `--pgdata=${join(directory, "data")}`,
    `--username=${superuser}`,
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  const child = spawnAs(user, directory, binaries.initdb, args);
  const lines: string[] = [];
  child.log.on("line", (line) => lines.push(line));
  const [code] = await once(child.process, "close");
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${lines.join(" ")}`);
}

function spawnAs(user: ServerUser, directory: string, command: string, args: readonly string[]) {
  const child = spawn(command, args, {
    ...user,
    cwd: directory,
    env: environment,
    // A terminal's Ctrl-C is for whoever started it, who may still have processes that work on it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { process: child, log: createInterface({ input: child.stderr }) };
}

interface ServerOptions {
  readonly binaries: Binaries;
  readonly directory: string;
  readonly user: ServerUser;
  readonly settings: Readonly<Record<string, string>>;
}

class Server implements PostgresServer {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  url(database: string): string {
    return `postgres://${superuser}@/${database}?host=${encodeURIComponent(this.#options.directory)}`;
  }

  async start(): Promise<void> {
    const { binaries, directory, user, settings } = this.#options;
    const all = {
      listen_addresses: "",
      unix_socket_directories: directory,
      unix_socket_permissions: "0700",
      ...settings,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const { process: child, log } = spawnAs(user, directory, binaries.postgres, [
      "-D",
      join(directory, "data"),
      ...args,
    ]);
    this.#child = child;
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => reject(new Error(`PostgreSQL ended: ${lines.join(" ")}`)));
      log.on("line", (line) => {
        lines.push(line);
        if (line.endsWith("ready to accept connections")) resolve();
      });
    });
  }

  stop(): Promise<void> {
    return this.#end("SIGINT");
  }

  crash(): Promise<void> {
    return this.#end("SIGQUIT");
  }

  async dispose(): Promise<void> {
    await this.crash();
    rmSync(this.#options.directory, { recursive: true, force: true });
  }

  /** What each signal does: postgresql.org/docs/current/server-shutdown.html */
  async #end(signal: "SIGINT" | "SIGQUIT"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }
}
