// Loaded before the server (`--import`): its clock is off by what a file says, in milliseconds, in all of its threads. Plain JavaScript, since
// threads that strip types now and then crash (vitest.shared.ts). `performance.now()`, by which intervals are measured, stays as it is.
import { readFileSync } from "node:fs";

const file = process.env.CHAOS_CLOCK;
const lookMs = 50;
const SystemDate = Date;
const systemNow = Date.now;
let offsetMs = 0;
let lookedAt = -lookMs;

function now() {
  if (performance.now() - lookedAt >= lookMs) {
    lookedAt = performance.now();
    offsetMs = readOffset();
  }
  return systemNow() + offsetMs;
}

function readOffset() {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}

SystemDate.now = now;
globalThis.Date = new Proxy(SystemDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
});
