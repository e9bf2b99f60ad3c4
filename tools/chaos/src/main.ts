/** `npm run test:chaos`: thousands of runs while processes, disks, clocks and networks fail, and what came of each promise, as a table. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Campaign } from "./campaign.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { describeOutcome, isGreen, type Outcome } from "./report.ts";
import type { WorldName } from "./world.ts";

const underWay = new Set<Campaign>();
let isStopping = false;

try {
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const options = readOptions(process.argv.slice(2), () => Math.floor(Math.random() * 1_000_000));
  if (options === "help") console.log(usage);
  // Not by itself: a connection over a cable that was pulled lasts until the kernel gives it up, minutes later.
  else process.exit((await runAll(options)) ? 0 : 1);
} catch (error) {
  // What a campaign that was broken off runs into is of no interest.
  if (!isStopping) console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** True when every promise was kept. */
async function runAll(options: Options): Promise<boolean> {
  const { seed, stores, short } = options;
  const directory = mkdtempSync(join(tmpdir(), "noukai-chaos-"));
  // PostgreSQL runs as another user when this is root's.
  chmodSync(directory, 0o755);
  console.log(`Seed ${seed}. Logs: ${directory}`);
  const outcomes: Outcome[] = [];
  const run = async (store: WorldName): Promise<void> => {
    const outcome = await runOne(store, options, directory);
    outcomes.push(outcome);
    console.log(`\n${describeOutcome(outcome)}`);
  };
  if (short) await Promise.all(stores.map(run));
  else for (const store of stores) await run(store);
  const isAllGreen = outcomes.every(isGreen);
  console.log(
    `\nLoad average ${loadavg()[0]?.toFixed(1)}. ${isAllGreen ? "Every promise was kept." : advice(options, directory)}`,
  );
  if (isAllGreen && !options.keep) rmSync(directory, { recursive: true, force: true });
  return isAllGreen;
}

async function runOne(store: WorldName, options: Options, directory: string): Promise<Outcome> {
  const campaign = await Campaign.open(store, options, directory);
  underWay.add(campaign);
  let keep = true;
  try {
    const outcome = await campaign.run();
    keep = options.keep || !isGreen(outcome);
    return outcome;
  } finally {
    underWay.delete(campaign);
    await campaign.close(keep);
  }
}

/** Leaves no server behind, nor a disk or a network: of none of the stores. */
function stop(): void {
  isStopping = true;
  void Promise.allSettled(Array.from(underWay, (campaign) => campaign.close(true))).then(() => process.exit(130));
}

function advice({ seed, runs, minutes, callers, short, plants }: Options, directory: string): string {
  const more = `${short ? " --short" : ""}${plants.length === 0 ? "" : ` --plant=${plants.join(",")}`}`;
  return `Promises were broken.
Again: npm run test:chaos -- --seed=${seed} --runs=${runs} --minutes=${minutes} --callers=${callers}${more}
The same seed calls and strikes in the same order; what meets when depends on the machine.
Kept: ${directory} (per store: each server's log, faults.log, history.json, and the database as it was left).`;
}
