/** One PostgreSQL for all subjects of a run of the bench: a new cluster with its defaults, fsync among them, each subject in a database of its own. */
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresServer } from "@noukai/postgres-for-tests/server";
import { Client, type QueryResultRow } from "pg";

export interface BenchPostgres {
  /** Such as `PostgreSQL 18.4`. */
  readonly version: string;
  /** What this server does for a commit, as it says itself. */
  readonly durability: string;
  createDatabase(): Promise<BenchDatabase>;
  close(): Promise<void>;
}

export interface BenchDatabase {
  readonly url: string;
  /** Bytes that were ever written into the write-ahead log of the whole server. */
  walBytes(): Promise<number>;
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  drop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchPostgres> {
  const parent = mkdtempSync(join(tmpdir(), "noukai-bench-postgres-"));
  chmodSync(parent, 0o755); // the server runs as another user where we are root
  const port = await freePort();
  const server = await createPostgresServer(join(parent, "server"), {
    max_connections: "300",
    // Over TCP, as from another machine; some peers read no URL of a socket.
    listen_addresses: "127.0.0.1",
    port: String(port),
  });
  await server.start();
  const urlOf = (database: string): string => `postgres://noukai@127.0.0.1:${port}/${database}`;
  const admin = new Client({ connectionString: urlOf("postgres") });
  await admin.connect();
  const close = async (): Promise<void> => {
    await admin.end();
    await server.dispose();
    rmSync(parent, { recursive: true, force: true });
  };
  const setting = async (name: string): Promise<string> => {
    const { rows } = await admin.query<Record<string, string>>(`SHOW ${name}`);
    return rows[0]?.[name] ?? "";
  };
  let made = 0;
  return {
    version: `PostgreSQL ${(await setting("server_version")).split(" ")[0]}`,
    durability: `fsync ${await setting("fsync")}, synchronous_commit ${await setting("synchronous_commit")}`,
    close,
    async createDatabase() {
      const name = `bench_${(made += 1)}`;
      await admin.query(`CREATE DATABASE ${name}`);
      return openDatabase(urlOf(name), () => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // as: a TCP server that listens has one
  server.close();
  return port;
}

async function openDatabase(url: string, dropIt: () => Promise<unknown>): Promise<BenchDatabase> {
  const client = new Client({ connectionString: url });
  // Dropping the database by force ends this connection too.
  client.on("error", () => undefined);
  await client.connect();
  const query: BenchDatabase["query"] = async <Row extends QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ) => (await client.query<Row>(sql, [...values])).rows;
  return {
    url,
    query,
    async walBytes() {
      const [row] = await query<{ bytes: string }>("SELECT pg_current_wal_lsn() - '0/0' AS bytes");
      return Number(row?.bytes);
    },
    async drop() {
      await client.end();
      await dropIt();
    },
  };
}
