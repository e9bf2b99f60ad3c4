#!/usr/bin/env node
// The gate, here and in CI: `npm run check [-- --skip=tests,build]`. Runs every step even when one fails,
// shows the output of those that fail, and ends with `N passed, N failed`.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const published = readdirSync("packages").filter(
  (name) => !JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")).private,
);

const FIRST_LOAD = "node scripts/first-load.mjs";
const CHAOS = "node tools/chaos/src/main.ts --short";
/** The commands whose output is a report, worth reading when all is well too. */
const REPORTS = new Set([FIRST_LOAD, CHAOS]);

/** In the order in which they run; each is a name and the commands behind it. */
const steps = [
  ["format", ["oxfmt --check"]],
  ["lint", ["oxlint --type-aware --deny-warnings"]],
  ["build", ["turbo run build --output-logs=errors-only"]],
  ["types", ["tsc -b", "tsc -p tsconfig.tests.json"]],
  ["boundaries", ["node scripts/boundaries.mjs"]],
  ["contract", ["pnpm --filter @noukai/codegen lint:openapi"]],
  ["generated", ["node scripts/check-generated.mjs"]],
  ["unused", ["knip"]],
  [
    "packages",
    published.flatMap((name) => [
      `publint --strict --pack pnpm packages/${name}`,
      `attw --pack packages/${name} --profile esm-only`,
    ]),
  ],
  ["api", ["node tools/api-report/src/check.mjs"]],
  ["sizes", ["size-limit", FIRST_LOAD]],
  ["runtimes", ["node tools/runtimes/src/main.ts"]],
  ["browser", ["node tools/browser/src/main.ts"]],
  ["image", ["node tools/deploy/src/main.ts"]],
  ["chaos", [CHAOS]],
  ["tests", ["vitest run"]],
];

const skipped = new Set(process.argv.flatMap((argument) => /^--skip=(.*)$/.exec(argument)?.[1]?.split(",") ?? []));
let failed = 0;
let passed = 0;
for (const [name, commands] of steps) {
  if (skipped.has(name)) continue;
  const startedAt = performance.now();
  const failure = await firstFailure(commands);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${failure === undefined ? "ok  " : "FAIL"} ${name.padEnd(11)} ${seconds.padStart(6)} s`);
  if (failure === undefined) passed += 1;
  else {
    failed += 1;
    console.log(`$ ${failure.command}\n${failure.output}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function firstFailure(commands) {
  for (const command of commands) {
    const { code, output } = await run(command);
    if (code !== 0) return { command, output };
    if (REPORTS.has(command)) console.log(output.trimEnd());
  }
  return undefined;
}

function run(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.once("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}
