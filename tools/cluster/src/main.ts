/** `npm run cluster`: API nodes, workers and one PostgreSQL on this machine, drawn and kept fresh until Ctrl-C, which drains all. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Cluster } from "./cluster.ts";
import { type Command, readCommand, usage } from "./command.ts";
import { LocalPostgres, nameConnections } from "./database.ts";
import { Screen } from "./screen.ts";
import { lookAt } from "./view.ts";

/** Time between two looks at all, in milliseconds. */
const lookMs = 1_000;

/** For whoever sets none: the nodes listen on loopback only, and what they keep is gone with them. */
const defaultKey = `nk_test_cluster0_${"0".repeat(32)}`;

try {
  const command = readCommand(process.argv.slice(2));
  if (command === "help") console.log(usage);
  else await run(command);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run(command: Command): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "noukai-cluster-"));
  // PostgreSQL runs as another user when this is root's.
  chmodSync(directory, 0o755);
  const stopping = stopOnSignal();
  const database = command.url === undefined ? await LocalPostgres.create(join(directory, "postgres")) : undefined;
  try {
    await serve(command, { directory, database, stopping });
  } finally {
    await database?.dispose();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Place {
  readonly directory: string;
  readonly database: LocalPostgres | undefined;
  readonly stopping: AbortSignal;
}

async function serve(command: Command, { directory, database, stopping }: Place): Promise<void> {
  const databaseUrl = command.url ?? database?.url ?? "";
  const apiKey = process.env["NOUKAI_API_KEY"] || defaultKey;
  const cluster = new Cluster({
    api: command.api,
    workers: command.workers,
    firstPort: command.port,
    databaseUrl,
    urlFor: (name) => nameConnections(databaseUrl, name),
    env: { ...ownSettings(), NOUKAI_API_KEY: apiKey, NOUKAI_FLOWS_DIR: command.flows },
    directory,
  });
  await cluster.start();
  console.log(`Key: ${apiKey}\nLogs: ${directory}\nCtrl-C drains all.\n`);
  const screen = new Screen(process.stdout);
  try {
    while (!stopping.aborted) {
      screen.show(await lookAt(cluster, database));
      await delay(lookMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  } finally {
    console.log("Draining.");
    await cluster.stop();
    screen.show(await lookAt(cluster, database));
  }
}

/** What the caller set for servers, without what the cluster sets itself. */
function ownSettings(): Record<string, string> {
  const isForServers = (name: string): boolean => /^NOUKAI_(?!DATA_DIR|ROLE)|_API_KEY$|^OPENAI_/.test(name);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && isForServers(name) ? [[name, value]] : [],
    ),
  );
}

function stopOnSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  return stopping.signal;
}
