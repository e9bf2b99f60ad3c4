import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHROMIUM_DRIVERS } from "./chromium.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** What drives workerd and Chromium, and what relays stand on. Not in the workspace: they are large, and only this needs them. */
const DRIVERS = {
  "@hono/node-server": "2.1.8",
  hono: "4.13.19",
  miniflare: "4.20260730.0",
  rolldown: "1.2.19",
  ...CHROMIUM_DRIVERS,
};

/** Ours without what was asked of the npm around us, which would steer the one that we start. Its settings stay: they know the registry's way. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const asked = /^npm_(config_(call|package|yes|prefer_offline)|package|lifecycle|command|execpath|node_execpath)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !asked.test(name)));
}

/** A folder outside the workspace with the packages as they would be published, the programs, and what drives the runtimes. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "noukai-runtimes-"));

  /** Packs the built packages and installs them here, as a user would. */
  async furnish(): Promise<void> {
    cpSync(join(import.meta.dirname, "../programs"), this.folder, { recursive: true });
    for (const name of ["core", "sdk", "hono"]) {
      await run("pnpm", ["pack", "--pack-destination", this.folder], { cwd: join(root, "packages", name) });
    }
    const packed = readdirSync(this.folder).filter((name) => name.endsWith(".tgz"));
    const files = packed.map((name) => [`@noukai/${/^noukai-(\w+)-/.exec(name)?.[1]}`, `file:${name}`] as const);
    const manifest = { private: true, type: "module", dependencies: { ...DRIVERS, ...Object.fromEntries(files) } };
    writeFileSync(join(this.folder, "package.json"), JSON.stringify(manifest));
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--loglevel=error"];
    await run("npm", ["install", ...quiet], { cwd: this.folder, env: plainEnvironment() });
  }

  /** What a page or a worker loads, as modules in a folder of their own; fails when something would have to come from Node. */
  async bundle(program: string): Promise<string> {
    const folder = join(this.folder, `${program}-bundle`);
    const rolldown = join(this.folder, "node_modules/.bin/rolldown");
    const options = ["--dir", folder, "--format", "esm", "--platform", "browser"];
    await run(rolldown, [`${program}.mjs`, ...options], { cwd: this.folder });
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
