/**
 * `npm run check` runs it; alone, after a build: `node tools/browser/src/main.ts [words of a check's name]`. Drives the built example application
 * and the hooks in a real Chromium, before a real server that is killed meanwhile. Ends with `N passed, N failed`.
 */
import { CHAT_CHECKS, type Check } from "./chat-checks.ts";
import { HOOK_CHECKS } from "./hook-checks.ts";
import { KEY_CHECKS } from "./key-checks.ts";
import { Stage } from "./stage.ts";

const wanted = process.argv.slice(2).join(" ");
const all = Object.entries({ ...CHAT_CHECKS, ...HOOK_CHECKS, ...KEY_CHECKS });
const stage = await Stage.set();
let passed = 0;
let failed = 0;
try {
  for (const [name, check] of all) if (name.includes(wanted)) await judge(name, check);
} finally {
  await stage.strike();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function judge(name: string, check: Check): Promise<void> {
  const startedAt = performance.now();
  try {
    const figure = await alone(check);
    passed += 1;
    console.log(`ok   ${name}${figure ? ` (${figure})` : ""}, ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function alone(check: Check): Promise<string | void> {
  try {
    return await check(stage);
  } finally {
    await stage.clear();
  }
}
