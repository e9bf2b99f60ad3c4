import pg from "pg";
import { StoreUnavailableError } from "../../errors.ts";
import { toStoreError, unavailable } from "./unavailable.ts";

/** Whatever statements run on: any connection of the pool, or the one of a transaction. */
export interface Connection {
  /** A statement with a name is prepared and planned once by each connection, one whose name is empty each time. */
  execute(
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[],
  ): Promise<pg.QueryResult>;
}

export interface PostgresDatabase extends Connection {
  /** What `work` wrote is durable when this resolves, and gone when it rejects; how much of it is not known after a `StoreUnavailableError`. */
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Lets go of all connections; to be called when no statement is under way. */
  close(): Promise<void>;
}

/** Connections that work statements off: the journal needs one, readers the others. The fewest are kept when there is nothing to do. */
const maxConnections = 10;
const minConnections = 2;

/** How long a connection may take to be made, or to become free, in milliseconds. */
const connectTimeoutMs = 5_000;

/** How long a statement may take, and how long its answer is waited for, in milliseconds: a host that vanishes says nothing. */
const statementTimeoutMs = 15_000;
const answerTimeoutMs = 20_000;

/** How long a connection may be silent before this side asks whether the other is still there, in milliseconds. */
const keepAliveAfterMs = 10_000;

/** The server asks as well, so that a host that vanished does not keep its locks for the two hours that are the default. */
const anySession = `
  SET tcp_keepalives_idle = 10;
  SET tcp_keepalives_interval = 5;
  SET tcp_keepalives_count = 3;
  SET tcp_user_timeout = 20000;
  SET idle_session_timeout = 0;
  SET default_transaction_isolation = 'read committed'`;

/** Limits that the operator may have set for statements are not for migrations, nor for a connection that waits all its life. */
const unlimitedSession = `${anySession};
  SET statement_timeout = 0;
  SET lock_timeout = 0`;

/**
 * Every statement of the store finds its rows by key. Statistics would only mislead the planner, above all on a fresh database, where there
 * are none and a scan of an almost empty table looks cheap to a plan that is then kept; so scans and joins that read whole tables are off,
 * and plans are made once.
 */
export const statementSession = `${anySession};
  SET statement_timeout = ${statementTimeoutMs};
  SET idle_in_transaction_session_timeout = ${statementTimeoutMs};
  SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET jit = off`;

/** `bigint` comes as a number: here it holds milliseconds and counts, far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    fallback_application_name: "noukai",
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types,
  };
}

/** A statement's text and how long its answer is waited for, in milliseconds: on a connection without that bound a host that vanishes is waited for until TCP gives up. */
export interface Question {
  readonly text: string;
  readonly values?: unknown[];
  readonly query_timeout: number;
}

/** A connection outside the pool, to be ended by the caller. Rejects with `StoreUnavailableError`, which never says the password. */
export async function connect(url: string): Promise<pg.Client> {
  const client = newClient(url);
  // A connection that is lost between two statements is told by the next one, and by the event `end`.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const session: Question = { text: unlimitedSession, query_timeout: connectTimeoutMs };
    await client.query(session);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw toStoreError(error);
  }
}

function newClient(url: string): pg.Client {
  try {
    return new pg.Client(clientConfig(url));
  } catch {
    // Without its cause, which carries the URL and so the password.
    throw new StoreUnavailableError(
      "The PostgreSQL URL cannot be read. It looks like postgres://user:password@host:5432/database.",
    );
  }
}

/** The oldest server that is tested for. */
const oldestServer = 150_000;

/** Rejects when the server cannot hold the store, and says why. */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    "SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding",
  );
  const { version = 0, encoding } = rows[0] ?? {};
  if (version < oldestServer) throw unavailable("it is older than version 15");
  if (encoding !== "UTF8") throw unavailable(`the database's encoding is ${encoding}; create it with ENCODING 'UTF8'`);
}

/** The pool of connections that the store's statements run on. Connects when there is something to do. */
export function createPostgresDatabase(url: string): PostgresDatabase {
  const pool = new pg.Pool({
    ...clientConfig(url),
    max: maxConnections,
    min: minConnections,
    query_timeout: answerTimeoutMs,
    // oxlint-disable-next-line typescript/no-misused-promises -- pg waits for it; its types are behind
    onConnect: async (client) => {
      await client.query(statementSession);
    },
  });
  // Connections that are lost while idle have left the pool by the time it tells.
  pool.on("error", () => undefined);

  async function transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const client = await pool.connect().catch(rethrow);
    const onError = (): undefined => undefined;
    client.on("error", onError);
    try {
      await client.query("BEGIN").catch(rethrow);
      const result = await work({ execute: (statement, values) => execute(client, statement, values) });
      await client.query("COMMIT").catch(rethrow);
      client.release();
      return result;
    } catch (error) {
      // The connection goes with its transaction, whatever state both are in.
      client.release(true);
      throw error;
    } finally {
      client.off("error", onError);
    }
  }

  return {
    transaction,
    execute: (statement, values) => execute(pool, statement, values),
    close: () => pool.end(),
  };
}

async function execute(
  on: pg.Pool | pg.ClientBase,
  { name, text }: { readonly name: string; readonly text: string },
  values: readonly unknown[],
): Promise<pg.QueryResult> {
  try {
    return await on.query({ name, text, values: [...values] });
  } catch (error) {
    throw toStoreError(error);
  }
}

function rethrow(error: unknown): never {
  throw toStoreError(error);
}
