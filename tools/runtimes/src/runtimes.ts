import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { launchChromium } from "./chromium.ts";
import { Pages } from "./pages.ts";
import type { Address } from "./server.ts";
import { plainEnvironment, type Workplace } from "./workplace.ts";

const runFile = promisify(execFile);
/** Longer than any runtime needs on a slow machine; one that hangs must not hang the gate. */
const TIMEOUT_MS = 120_000;

/** Where the browser's page comes from. */
export const PAGES = await Pages.start();

export interface Runtime {
  readonly name: string;
  /** Runs the smoke program. Gives the names of the checks that passed; throws what failed. */
  run(workplace: Workplace, server: Address): Promise<readonly string[]>;
}

/** Node's oldest version that our packages promise to run on, and the first of each line since that is still kept, newest last. */
const NODES = ["20.19.6", "22.23.3", "24.21.0", "26.10.0"];

export const DENO_FLAGS = [
  "--no-config",
  "--no-lock",
  "--node-modules-dir=manual",
  "--no-remote",
  "--allow-net=127.0.0.1",
];

export const RUNTIMES: readonly Runtime[] = [
  ...NODES.map((version) => fromRegistry(`Node ${version}`, `node@${version}`, ["node"])),
  fromRegistry("Deno 2.9.5", "deno@2.9.5", ["deno", "run", ...DENO_FLAGS]),
  fromRegistry("Bun 1.4.4", "bun@1.4.4", ["bun", "--no-install", "run"]),
  { name: "workerd", run: inWorkerd },
  { name: "Chromium", run: inChromium },
];

function fromRegistry(name: string, pinned: string, command: readonly string[]): Runtime {
  const [program = "", ...flags] = command;
  return {
    name,
    async run({ folder }, { baseUrl, apiKey }) {
      const npm = ["exec", "--yes", "--prefer-offline", "--loglevel=error", `--package=${pinned}`, "--", program];
      const args = [...npm, ...flags, "cli.mjs", baseUrl, apiKey];
      const { stdout } = await runFile("npm", args, { cwd: folder, timeout: TIMEOUT_MS, env: plainEnvironment() });
      return JSON.parse(stdout) as string[]; // `cli.mjs` wrote it
    },
  };
}

interface Miniflare {
  /** Where it listens. */
  readonly ready: Promise<URL>;
  dispatchFetch(url: string, init: { readonly method: string; readonly body: string }): Promise<Response>;
  dispose(): Promise<void>;
}

/** A program of ours as a worker that listens on loopback. */
export async function startWorker(workplace: Workplace, program: string, bindings: object = {}): Promise<Miniflare> {
  const folder = await workplace.bundle(program);
  const main = `${program}.js`;
  const chunks = readdirSync(folder).filter((name) => name !== main);
  const { Miniflare } = requireFrom(workplace, "miniflare") as {
    Miniflare: new (options: object) => Miniflare;
  };
  return new Miniflare({
    modules: [main, ...chunks].map((name) => ({ type: "ESModule", path: join(folder, name) })),
    modulesRoot: folder,
    bindings,
    compatibilityDate: "2026-07-01",
    // Where the async context is: sessions reach the calls in their scope by it. And that a caller has gone is told.
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    host: "127.0.0.1",
    port: 0,
  });
}

async function inWorkerd(workplace: Workplace, server: Address): Promise<readonly string[]> {
  const worker = await startWorker(workplace, "worker");
  try {
    const response = await worker.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(server) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as string[]; // `worker.mjs` wrote it
  } finally {
    await worker.dispose();
  }
}

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Result>(code: string): Promise<Result>;
  addScriptTag(options: { readonly url: string; readonly type: "module" }): Promise<unknown>;
}
interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

async function inChromium(workplace: Workplace, server: Address): Promise<readonly string[]> {
  PAGES.folder = await workplace.bundle("page");
  const browser = await launchChromium<Browser>(workplace.folder);
  try {
    const page = await browser.newPage();
    await page.goto(PAGES.origin);
    await page.addScriptTag({ url: "/page.js", type: "module" });
    return await page.evaluate<string[]>(`smoke(${JSON.stringify(server)})`);
  } finally {
    await browser.close();
  }
}

/** A package of the workplace, which this package does not depend on. */
function requireFrom({ folder }: Workplace, name: string): unknown {
  return createRequire(join(folder, "package.json"))(name);
}
