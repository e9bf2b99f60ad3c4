#!/usr/bin/env node
// The one door for a machine with nothing but Node and npm: `node scripts/bootstrap.mjs <command>`.
// Installs with the pinned pnpm (fetched by npx), builds, and runs the command on the workspace's own Node.
// Plain JavaScript for Node ≥ 18, without dependencies.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const [command = "", ...rest] = process.argv.slice(2);

const build = "turbo run build --output-logs=errors-only";
/** Per command: what runs inside pnpm after the install, and what then runs in the foreground on the workspace's Node. */
const commands = {
  start: { inside: build, program: ["apps/server/dist/start.js"] },
  serve: { inside: build, program: ["apps/server/dist/main.js"] },
  migrate: { inside: build, program: ["apps/server/dist/main.js", "migrate"] },
  test: { inside: build, program: ["node_modules/vitest/vitest.mjs", "run"] },
  bench: { inside: build, program: ["bench/src/main.ts"] },
  cluster: { inside: build, program: ["tools/cluster/src/main.ts"] },
  chaos: { inside: build, program: ["tools/chaos/src/main.ts"] },
  check: { inside: ["node scripts/check.mjs", ...rest].join(" ") },
};

const chosen = commands[command];
if (chosen === undefined) {
  console.error(`Unknown command "${command}". Known: ${Object.keys(commands).join(", ")}.`);
  process.exit(2);
}

process.chdir(root);
process.env.TURBO_TELEMETRY_DISABLED = "1";

/** Runs a program to its end with our terminal as its own; a signal that ends us reaches it first. */
function run(file, args, options) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit", ...options });
    // Ctrl-C reaches the whole process group: the child drains, we wait. A SIGTERM to us alone is passed on.
    const pass = (signal) => void child.kill(signal);
    const ignore = () => undefined;
    process.on("SIGTERM", pass).on("SIGINT", ignore);
    child.once("error", (error) => {
      console.error(`Cannot run ${file}: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => {
      process.off("SIGTERM", pass).off("SIGINT", ignore);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}

const steps = `pnpm install --frozen-lockfile --prefer-offline && pnpm exec ${chosen.inside}`;
const npxArgs = ["--yes", "--prefer-offline", "--loglevel=error", `--package=${packageManager}`, "--call", steps];
const prepared = await run("npx", npxArgs);
if (prepared !== 0 || chosen.program === undefined) process.exit(prepared);

const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
process.exit(await run(join(bin, "node"), [...chosen.program, ...rest], { env }));
