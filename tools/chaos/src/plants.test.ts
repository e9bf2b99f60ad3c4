import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test } from "vitest";
import { Campaign } from "./campaign.ts";
import type { CheckName } from "./checks.ts";
import { type Options, readOptions } from "./options.ts";
import type { WorldName } from "./world.ts";

/** From source, as all tests are. */
const program = join(import.meta.dirname, "../../../apps/server/src/main.ts");

/** The checkers that find something, with real servers under some work. */
async function redAfter(store: WorldName, plants: readonly CheckName[]): Promise<readonly CheckName[]> {
  const directory = mkdtempSync(join(tmpdir(), "noukai-chaos-test-"));
  chmodSync(directory, 0o755);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const args = ["--calm", "--runs=20", "--callers=8", `--program=${program}`];
  if (plants.length > 0) args.push(`--plant=${plants.join(",")}`);
  const campaign = await Campaign.open(store, readOptions(args, () => 7) as Options, directory); // not asked for help
  try {
    const { findings, surprises } = await campaign.run();
    expect(surprises).toEqual([]);
    return findings.flatMap(({ check, breaches }) => (breaches.length > 0 ? [check] : []));
  } finally {
    await campaign.close(false);
  }
}

const planted = ["lost", "doubled", "skipped", "stuck"] as const;

test("nothing is found of servers that nothing happens to", async () => {
  expect(await redAfter("embedded", [])).toEqual([]);
}, 120_000);

test("faults that are planted in the embedded store and in its process are found", async () => {
  expect(await redAfter("embedded", planted)).toEqual(expect.arrayContaining([...planted]));
}, 120_000);

describePostgres("on PostgreSQL", () => {
  test("faults that are planted in the database and in its nodes are found", async () => {
    expect(await redAfter("postgres", planted)).toEqual(expect.arrayContaining([...planted]));
  }, 120_000);
});
