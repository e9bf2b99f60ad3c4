import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { commandOf, findPostmaster } from "./server.ts";

/** What the keeper of a run's server tells its tests: where the server is, or why there is none. */
export type KeeperReport = { readonly url: string } | { readonly missing: string };

/** The report that there is no server, because of `error`. */
export function toMissing(error: unknown): KeeperReport {
  return { missing: error instanceof Error ? error.message : String(error) };
}

const prefix = "noukai-postgres-";

/** Where the servers of a test run and all their data are; named by the process that runs the tests. */
export function directoryOf(runnerPid: number): string {
  return join(tmpdir(), `${prefix}${runnerPid}`);
}

export function reportPath(directory: string): string {
  return join(directory, "report.json");
}

/** Remembers who keeps the directory. */
export function noteKeeper(directory: string, pid: number): void {
  writeFileSync(keeperPath(directory), String(pid));
}

/** Is this the directory of an earlier run of the same number, whose keeper was killed? */
export function isLeftOver(directory: string): boolean {
  try {
    return !commandOf(Number(readFileSync(keeperPath(directory), "utf8"))).includes(directory);
  } catch {
    return false;
  }
}

function keeperPath(directory: string): string {
  return join(directory, "keeper.pid");
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Removes what runs left behind that are gone: only somebody who kills the keeper too leaves anything. */
export async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!isAbandoned(name)) continue;
    // What is another user's is left to them.
    await removeRun(join(tmpdir(), name)).catch(() => undefined);
  }
}

function isAbandoned(name: string): boolean {
  const pid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
  return /^\d+$/.test(pid) && !isAlive(Number(pid));
}

/** Ends the servers of a run and removes all that is theirs. */
export async function removeRun(directory: string): Promise<void> {
  for (const server of readdirSync(directory)) await endServer(join(directory, server));
  rmSync(directory, { recursive: true, force: true });
}

async function endServer(directory: string): Promise<void> {
  const postmaster = findPostmaster(directory);
  if (postmaster === undefined) return;
  process.kill(postmaster, "SIGQUIT");
  // It still writes for a moment.
  while (isAlive(postmaster)) await delay(10);
}
