import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { DENO_FLAGS, type Runtime, startWorker } from "./runtimes.ts";
import type { Address } from "./server.ts";
import { plainEnvironment, type Workplace } from "./workplace.ts";

/** Relays of `@noukai/hono` that listen, each in its own runtime; what pages do with them is checked from here, over sockets. */
export const RELAYS: readonly Runtime[] = [
  fromRegistry("Node 20.19.6", "node@20.19.6", ["node"]),
  fromRegistry("Node 24.21.0", "node@24.21.0", ["node"]),
  fromRegistry("Deno 2.9.5", "deno@2.9.5", ["deno", "run", ...DENO_FLAGS]),
  fromRegistry("Bun 1.4.4", "bun@1.4.4", ["bun", "--no-install", "run"]),
  { name: "workerd relay", run: inWorkerd },
];

function fromRegistry(name: string, pinned: string, command: readonly string[]): Runtime {
  const [program = "", ...flags] = command;
  return {
    name: `${name} relay`,
    async run(workplace, { baseUrl, apiKey }) {
      const npm = ["exec", "--yes", "--prefer-offline", "--loglevel=error", `--package=${pinned}`, "--", program];
      const args = [...npm, ...flags, "relay-server.mjs", baseUrl, apiKey];
      const stdio = ["ignore", "pipe", "inherit"] as const;
      // A group of its own: what npm has started ends with it.
      const child = spawn("npm", args, {
        cwd: workplace.folder,
        env: plainEnvironment(),
        stdio: [...stdio],
        detached: true,
      });
      try {
        const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
        return await check(workplace, { url, apiKey });
      } finally {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      }
    },
  };
}

async function inWorkerd(workplace: Workplace, { baseUrl, apiKey }: Address): Promise<readonly string[]> {
  const bindings = { NOUKAI_BASE_URL: baseUrl, NOUKAI_API_KEY: apiKey };
  const worker = await startWorker(workplace, "relay-worker", bindings);
  try {
    return await check(workplace, { url: (await worker.ready).origin, apiKey });
  } finally {
    await worker.dispose();
  }
}

interface Checks {
  checkRelay(relay: { readonly url: string; readonly apiKey: string }): Promise<readonly string[]>;
}

async function check(
  { folder }: Workplace,
  relay: { readonly url: string; readonly apiKey: string },
): Promise<readonly string[]> {
  const { checkRelay } = (await import(pathToFileURL(join(folder, "relay-checks.mjs")).href)) as Checks; // which is copied there
  return checkRelay(relay);
}
