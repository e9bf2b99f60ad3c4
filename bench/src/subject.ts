/** A server under measurement: a process of its own that announces its URL as its first line on standard output. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** The server's side: tells the harness where it listens. */
export function announce(server: { address(): AddressInfo | string | null }): void {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  console.log(`http://127.0.0.1:${address.port}`);
}

export interface Subject {
  readonly url: string;
  stop(): Promise<void>;
}

/** The harness's side: starts `args` on this Node and waits, at most 30 s, for the announced URL. */
export async function startSubject(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Subject> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstUrl(child);
  child.stdout.resume();
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function firstUrl(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<string> {
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => lines.close(), 30_000);
  try {
    for await (const line of lines) {
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (url !== undefined) return url;
    }
    throw new Error("The server ended or said nothing for 30 s.");
  } finally {
    clearTimeout(timer);
    lines.close();
  }
}
