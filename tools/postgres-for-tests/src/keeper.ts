import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type KeeperReport, removeAbandoned, removeRun, reportPath, toMissing } from "./shared.ts";
import { createPostgresServer, type PostgresServer } from "./server.ts";

/**
 * A process that holds the PostgreSQL server of one test run, and ends it as soon as the run has ended, however that was:
 * the runner may be interrupted or killed, and ends its workers without asking them.
 */

/** How often the runner is looked for, in milliseconds. */
const lookMs = 100;

async function startServer(directory: string): Promise<PostgresServer> {
  // What tests write must survive nothing, so nothing needs to reach the disk.
  const server = await createPostgresServer(join(directory, "server"), { fsync: "off", max_connections: "200" });
  await server.start();
  return server;
}

function report(directory: string, content: KeeperReport): void {
  // Renamed into place, so that nobody reads half of it.
  const draft = join(directory, "report.draft");
  writeFileSync(draft, JSON.stringify(content));
  renameSync(draft, reportPath(directory));
}

async function keep(directory: string, runnerPid: number): Promise<void> {
  await removeAbandoned();
  let server: PostgresServer | undefined;
  try {
    server = await startServer(directory);
    report(directory, { url: server.url("postgres") });
  } catch (error) {
    report(directory, toMissing(error));
  }
  while (isAlive(runnerPid)) await delay(lookMs);
  await server?.dispose();
  await removeRun(directory);
}

const [directory = "", runnerPid = ""] = process.argv.slice(2);
await keep(directory, Number(runnerPid));
