/**
 * `npm run check` runs it; alone: `node tools/runtimes/src/main.ts [name …]`. One smoke program on the packages as they would be published,
 * on every runtime that we promise, and a relay that listens on those that serve. Everything comes from the registry. Ends with `N passed, N failed`, counted in checks.
 */
import { RELAYS } from "./relays.ts";
import { PAGES, type Runtime, RUNTIMES } from "./runtimes.ts";
import { startServer } from "./server.ts";
import { Workplace } from "./workplace.ts";

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = [...RUNTIMES, ...RELAYS].filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);
const workplace = new Workplace();
const server = await startServer(PAGES.origin);
let passed = 0;
let failed = 0;
try {
  await workplace.furnish();
  for (const runtime of chosen) await judge(runtime);
} finally {
  await server.close();
  workplace.remove();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function judge({ name, run }: Runtime): Promise<void> {
  const startedAt = performance.now();
  try {
    const checks = await run(workplace, server);
    passed += checks.length;
    console.log(`ok   ${name.padEnd(18)} ${checks.length} checks, ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name.padEnd(18)} ${error instanceof Error ? error.message : String(error)}`);
  }
}
