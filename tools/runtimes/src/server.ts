import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What a program needs to call the server. */
export interface Address {
  readonly baseUrl: string;
  readonly apiKey: string;
}

export interface Server extends Address {
  close(): Promise<void>;
}

/** `npm run serve`, built, on a free port and with the flows of this folder. Pages of `origin` may call it. */
export async function startServer(origin: string): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "noukai-runtimes-data-"));
  const apiKey = `nk_test_runtimes_${"0".repeat(32)}`;
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../../apps/server/dist/main.js")], {
    env: {
      PORT: "0",
      NOUKAI_API_KEY: apiKey,
      NOUKAI_DATA_DIR: data,
      NOUKAI_FLOWS_DIR: join(import.meta.dirname, "../flows"),
      NOUKAI_CORS_ORIGINS: origin,
      NOUKAI_LOG: "warn",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      baseUrl: `${url}/api/v1`,
      apiKey,
      async close() {
        child.kill("SIGTERM");
        await ended;
        rmSync(data, { recursive: true, force: true });
      },
    };
  }
  throw new Error("The server ended before it listened.");
}
