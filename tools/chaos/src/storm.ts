import { setTimeout as delay } from "node:timers/promises";
import type { Fault, Strike } from "./fault.ts";
import type { Random } from "./random.ts";
import type { Recorder } from "./recorder.ts";

/** Faults at once, at most. */
const most = 2;

export interface StormOptions {
  readonly faults: readonly Fault[];
  readonly random: Random;
  readonly recorder: Recorder;
  readonly log: (line: string) => void;
  /** Time between two faults, in milliseconds. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Makes the same fault a few times, with calm between: so that what follows it alone can be measured. */
export async function strikeCalmly(
  fault: Fault,
  { times, calmMs, ...options }: StormOptions & { readonly times: number; readonly calmMs: number },
  signal: AbortSignal,
): Promise<void> {
  for (let count = 0; count < times && !signal.aborted; count += 1) {
    await delay(calmMs, undefined, { signal }).catch(() => undefined);
    const strike = fault.aim(options.random);
    if (strike !== undefined && !signal.aborted) await hit(fault, strike, { ...options, lastsMs: 0, signal });
  }
}

/** Makes one fault after the other, some of them at the same time, until `signal` aborts; resolves when all have ended. */
export async function rage(options: StormOptions, signal: AbortSignal): Promise<void> {
  const { faults, random, leastMs, mostMs } = options;
  const weights = Object.fromEntries(faults.map(({ name, weight }) => [name, weight]));
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  const under = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    await delay(random.int(leastMs, mostMs), undefined, { signal }).catch(() => undefined);
    const fault = byName.get(random.weighted(weights));
    const strike = fault?.aim(random);
    if (signal.aborted || fault === undefined || strike === undefined) continue;
    if (under.size >= most || under.has(strike.target)) continue;
    // Most are short; the long ones are there for what waits seconds before it acts.
    const lastsMs = Math.round(fault.leastMs + (fault.mostMs - fault.leastMs) * random.next() ** 3);
    const struck = hit(fault, strike, { ...options, lastsMs, signal });
    under.set(
      strike.target,
      struck.finally(() => under.delete(strike.target)),
    );
  }
  await Promise.all(under.values());
}

async function hit(
  { name }: Fault,
  { target, begin, end }: Strike,
  { recorder, log, lastsMs, signal }: StormOptions & { readonly lastsMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const from = performance.now();
  log(`${name} of ${target}, for ${lastsMs} ms`);
  await attempt(begin, log);
  await delay(lastsMs, undefined, { signal }).catch(() => undefined);
  await attempt(end, log);
  log(`${name} of ${target} is over`);
  recorder.faults.push({ name, target, from, to: performance.now() });
}

/** What fails here is mended when the storm is over: the database may be gone while a node is started. */
async function attempt(step: () => unknown, log: (line: string) => void): Promise<void> {
  try {
    await step();
  } catch (error) {
    log(`! ${error instanceof Error ? error.message : String(error)}`);
  }
}
