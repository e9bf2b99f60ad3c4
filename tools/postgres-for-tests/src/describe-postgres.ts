import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import pg from "pg";
import { describe, it } from "vitest";
import { createPostgresServer, type PostgresServer } from "./server.ts";
import { directoryOf, isLeftOver, type KeeperReport, noteKeeper, removeRun, reportPath, toMissing } from "./shared.ts";

/** An empty database. */
export interface TestDatabase {
  readonly url: string;
  /** Ends its connections and all that is in it. */
  drop(): Promise<void>;
}

/** What tests of PostgreSQL work with. */
export interface TestPostgres {
  /** A database on the server that all test files of a run share. */
  createDatabase(): Promise<TestDatabase>;
  /** A started server of the caller's own, for tests that stop it; to be disposed of. */
  startServer(): Promise<PostgresServer>;
}

/** How long the run's server may take to start, in milliseconds. */
const startTimeoutMs = 60_000;

/** The process that runs the tests: it starts workers, and outlives them. */
const runnerPid = isMainThread ? process.ppid : process.pid;

/**
 * `describe` for tests that need PostgreSQL. Where it cannot be started, they are skipped and the reason is told;
 * in CI, where `CI` is set to `true`, they fail.
 */
export function describePostgres(name: string, body: (postgres: TestPostgres) => void): void {
  const isSkipped = "missing" in found && process.env["CI"] !== "true";
  if (isSkipped) console.warn(`Skipped: ${name}. ${reasonOf(found)}`);
  describe.skipIf(isSkipped)(name, () => {
    if ("url" in found) body(toTestPostgres(found.url));
    else failFor(reasonOf(found));
  });
}

function reasonOf({ missing }: { readonly missing: string }): string {
  return `PostgreSQL cannot be started here: ${missing}`;
}

function failFor(reason: string): void {
  it("have a server", () => {
    throw new Error(reason);
  });
}

function toTestPostgres(url: string): TestPostgres {
  return { createDatabase: () => createDatabase(url), startServer };
}

/** Databases that nobody uses any more, emptied: making one takes five times as long. */
const spareUrls: string[] = [];

async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const url = spareUrls.pop() ?? (await makeDatabase(serverUrl));
  const drop = async (): Promise<void> => {
    await execute(url, emptyDatabase);
    spareUrls.push(url);
  };
  return { url, drop };
}

async function makeDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomName()}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  return serverUrl.replace("/postgres?", `/${name}?`);
}

const emptyDatabase = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
  DO $$
  DECLARE
    schema text;
  BEGIN
    FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', schema);
    END LOOP;
  END $$;
  CREATE SCHEMA public`;

/** Runs statements on a connection of their own. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function startServer(): Promise<PostgresServer> {
  const server = await createPostgresServer(join(runDirectory(), `own-${randomName()}`), { fsync: "off" });
  await server.start();
  return server;
}

/** Workers of a run may share a process. */
function randomName(): string {
  return randomBytes(6).toString("hex");
}

function runDirectory(): string {
  return directoryOf(runnerPid);
}

/** The first test file of a run that gets here starts the server, the others wait for it. */
async function findServer(): Promise<KeeperReport> {
  const directory = runDirectory();
  if (isLeftOver(directory)) await removeRun(directory);
  if (claimStart(directory)) startKeeper(directory);
  for (const giveUpAt = Date.now() + startTimeoutMs; Date.now() < giveUpAt; await delay(20)) {
    if (existsSync(reportPath(directory)))
      return JSON.parse(readFileSync(reportPath(directory), "utf8")) as KeeperReport; // as: written by the keeper
  }
  return { missing: `its keeper did not report within ${startTimeoutMs / 1_000} s` };
}

/** True for one caller only: making a directory is atomic. */
function claimStart(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o755 });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function startKeeper(directory: string): void {
  const keeper = fileURLToPath(new URL("./keeper.ts", import.meta.url));
  // Detached: an interrupt at the terminal is for the runner, whose end the keeper then sees.
  const child = spawn(process.execPath, ["--no-warnings", keeper, directory, String(runnerPid)], {
    detached: true,
    stdio: "ignore",
  });
  if (child.pid !== undefined) noteKeeper(directory, child.pid);
  child.unref();
}

const found = await findServer().catch(toMissing);
