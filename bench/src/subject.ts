/** A server under measurement: a process of its own that announces its URL in a line on standard output. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** The server's side: tells the harness where it listens, and what else it found out about itself, in one line. */
export function announce(server: { address(): AddressInfo | string | null }, detail = ""): void {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  console.log(`http://127.0.0.1:${address.port} ${detail}`.trim());
}

export interface Subject {
  readonly url: string;
  /** What followed the URL in the line that told it. */
  readonly detail: string;
  readonly pid: number;
  /** Asks it to end, and kills it when it has not within ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** The harness's side: starts `args` on this Node and waits, at most 30 s, for the announced URL. */
export async function startSubject(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Subject> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A harness that fails leaves nobody behind, nor whom a peer has started.
  const end = (): void => void child.kill("SIGTERM");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => void complaints.push(text));
  const ended = once(child, "close");
  const [, url = "", detail = ""] = await firstUrl(child).catch(async (error: unknown) => {
    child.kill("SIGKILL");
    await ended;
    throw new Error(`${String(error)} ${complaints.join("").trim().slice(0, 500)}`, { cause: error });
  });
  child.stdout.resume();
  const stop = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  };
  return { url, detail, pid: child.pid ?? 0, stop: () => stop("SIGTERM"), kill: () => stop("SIGKILL") };
}

async function firstUrl(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<RegExpExecArray> {
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => lines.close(), 30_000);
  try {
    for await (const line of lines) {
      const found = /(https?:\/\/127\.0\.0\.1:\d+) ?(.*)/.exec(line);
      if (found !== null) return found;
    }
    throw new Error("The server ended or said nothing for 30 s.");
  } finally {
    clearTimeout(timer);
    lines.close();
  }
}
