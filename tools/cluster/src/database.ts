import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createPostgresServer, findPostmaster, type PostgresServer } from "@noukai/postgres-for-tests/server";
import pg from "pg";
import { lockSpace } from "../../../packages/engine/src/store/postgres/locks.ts";
import { type Place, Proxy } from "./proxy.ts";

/** A PostgreSQL of the cluster's own, which may be ended in every way and started again. */
export class LocalPostgres {
  readonly directory: string;
  readonly #server: PostgresServer;

  private constructor(directory: string, server: PostgresServer) {
    this.directory = directory;
    this.#server = server;
  }

  /** Makes the data in `directory`, which must not exist, and starts on it. */
  static async create(directory: string, settings: Readonly<Record<string, string>> = {}): Promise<LocalPostgres> {
    const server = await createPostgresServer(directory, { max_connections: "300", ...settings });
    const database = new LocalPostgres(directory, server);
    await database.start();
    return database;
  }

  get url(): string {
    return this.#server.url("postgres");
  }

  get pid(): number | undefined {
    return findPostmaster(this.directory);
  }

  /** Waits until connections are taken. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** Ends its connections and writes what it knows: as at a restart for an upgrade. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** kill -9 of the postmaster and of every process below it. */
  async kill(): Promise<void> {
    const postmaster = findPostmaster(this.directory);
    if (postmaster === undefined) return;
    const all = [postmaster, ...childrenOf(postmaster)];
    for (const pid of all) endProcess(pid);
    while (all.some(isThere)) await delay(5);
  }

  dispose(): Promise<void> {
    return this.#server.dispose();
  }

  /** A proxy of one node's own before the database, on a Unix socket, and the URL through it, which carries the node's name. */
  async proxyFor(name: string, directory: string): Promise<DatabaseLink> {
    const folder = join(directory, name);
    mkdirSync(folder, { mode: 0o700 });
    const proxy = await Proxy.listen({ path: join(folder, socketName) }, () => this.#socket);
    const url = this.url.replace(encodeURIComponent(this.directory), encodeURIComponent(folder));
    return { proxy, url: nameConnections(url, name) };
  }

  /** The same on an address, for nodes in a network of their own. Whoever reaches the address reaches the database. */
  async proxyAt(name: string, host: string): Promise<DatabaseLink> {
    const proxy = await Proxy.listen({ host, port: 0 }, () => this.#socket);
    const { username, pathname } = new URL(this.url.replace("@/", "@localhost/"));
    return { proxy, url: nameConnections(`postgres://${username}@${host}:${proxy.port}${pathname}`, name) };
  }

  get #socket(): Place {
    return { path: join(this.directory, socketName) };
  }
}

/** One node's way to the database. */
export interface DatabaseLink {
  readonly proxy: Proxy;
  readonly url: string;
}

/** What PostgreSQL calls a socket in a directory. */
const socketName = ".s.PGSQL.5432";

/** The database's URL with the node's name on each connection: so that the server tells who holds what. */
export function nameConnections(url: string, name: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}application_name=${encodeURIComponent(name)}`;
}

/**
 * Who holds which run: a process is known by its presence lock, and the lock's connection by the node's name. That connection is idle but for
 * its beats; whoever looks after lost processes takes a lock that is free for the length of a statement.
 */
const heldRuns = `
  SELECT state.run_id AS "runId", activity.application_name AS node
  FROM run_states AS state
  JOIN pg_locks AS lock ON lock.locktype = 'advisory' AND lock.classid = $1 AND lock.objid = state.holder AND lock.granted
  JOIN pg_stat_activity AS activity ON activity.pid = lock.pid AND activity.state = 'idle'
  WHERE state.holder IS NOT NULL`;

/** Each run that somebody holds, with the name of the node. */
export async function readHeldRuns(url: string): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ runId: string; node: string }>(url, heldRuns, [lockSpace]);
  return new Map(rows.map(({ runId, node }) => [runId, node]));
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((text) => text !== "")
    .map(Number);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended stays in the table until its parent asks for how.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
