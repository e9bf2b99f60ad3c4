import type { Client } from "pg";
import { migrations } from "../store/migrations/postgres/all.ts";
import { checkServer, connect, type Connection } from "../store/postgres/connection.ts";
import { lockSpace, schemaLock } from "../store/postgres/locks.ts";
import { migrate } from "../store/postgres/migrations.ts";
import { settleWaiting } from "../store/postgres/settling.ts";
import { ticketSchema } from "../store/postgres/tickets.ts";
import { toStoreError } from "../store/postgres/unavailable.ts";
import { type Kind, kinds } from "./kinds.ts";
import { postgresKinds } from "./postgres-kinds.ts";
import { readPostgres } from "./postgres-reader.ts";
import { writePostgres } from "./postgres-writer.ts";
import { checkSchema, MoveError, type Source, type Target } from "./side.ts";

/** A database that is read, and which session of its server reads it. */
export interface PostgresSource extends Source {
  readonly session: number;
}

/** Opens the database to be read as it is now. No server can start on it before `close`; none may be at work. */
export async function openPostgresSource(url: string): Promise<PostgresSource> {
  const client = await connect(url);
  return orEnd(client, async () => {
    await checkServer(client);
    const session = await holdDatabase(client);
    checkSchema(await versionOf(client), migrations.length, "DATABASE_URL=… npm run serve");
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await prepareTransaction(client);
    await requireNoWishes(client);
    return {
      session,
      count: (kind) => countOf(client, kind),
      read: (kind) => readGuarded(client, kind),
      lastPlace: () => lastPlaceOf(client),
      close: () => client.end().catch(() => undefined),
    };
  });
}

/** Makes the schema and opens the database to be filled, in one transaction. `sourceSession` reads the source, if that is on PostgreSQL too. */
export async function openPostgresTarget(url: string, sourceSession: number | undefined): Promise<Target> {
  const client = await connect(url);
  return orEnd(client, async () => {
    await checkServer(client);
    await holdDatabase(client, sourceSession);
    await requireNoProject(client);
    await migrate(client, migrations);
    await client.query("BEGIN");
    await prepareTransaction(client);
    await requireNone(client, kinds);
    await dropTickets(client);
    return {
      write: (kind, rows) => guarded(() => writePostgres(client, kind, rows)),
      read: (kind) => readGuarded(client, kind),
      finish: (end) => guarded(() => finish(client, end)),
      close: () => client.end().catch(() => undefined),
    };
  });
}

async function orEnd<Result>(client: Client, open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw asUnderstood(error);
  }
}

/** A fault of the move's own passes as it is. */
function asUnderstood(error: unknown): unknown {
  return error instanceof MoveError ? error : toStoreError(error);
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asUnderstood(error);
  }
}

async function* readGuarded(client: Client, kind: Kind): ReturnType<Source["read"]> {
  try {
    yield* readPostgres(client, kind);
  } catch (error) {
    throw asUnderstood(error);
  }
}

/** Whoever opens a store takes the lock of the schema first, and so waits for the move to end. Gives this session's number. */
async function holdDatabase(client: Client, sourceSession?: number): Promise<number> {
  const { rows } = await client.query<{ session: number; isHeld: boolean }>(
    `SELECT pg_backend_pid() AS session, pg_try_advisory_lock($1, $2) AS "isHeld"`,
    [lockSpace, schemaLock],
  );
  const [{ session, isHeld } = { session: 0, isHeld: false }] = rows;
  const holders = await sessionsAtWork(client);
  if (!isHeld && sourceSession !== undefined && holders.some((holder) => holder.session === sourceSession)) {
    throw new MoveError("is the database that is moved from. Name another one.");
  }
  if (!isHeld) throw new MoveError("is in use: a server starts on it, or it is being moved. Wait for that to end.");
  const others = holders.filter((holder) => holder.number !== schemaLock).length;
  if (others > 0)
    throw new MoveError(`is in use by ${others} process${others === 1 ? "" : "es"}. Stop every server on it first.`);
  return session;
}

/** Who holds a lock of Noukai's in this database: each process holds that of its number for as long as it lives. */
async function sessionsAtWork(
  client: Client,
): Promise<readonly { readonly session: number; readonly number: number }[]> {
  const { rows } = await client.query<{ session: number; number: number }>(
    `SELECT pid AS session, objid::integer AS number FROM pg_locks
     WHERE locktype = 'advisory' AND classid = $1 AND objsubid = 2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [lockSpace],
  );
  return rows;
}

async function versionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ isThere: boolean }>(
    `SELECT to_regclass('schema_version') IS NOT NULL AS "isThere"`,
  );
  if (rows[0]?.isThere !== true) throw new MoveError("holds nothing of Noukai's. Is it the right database?");
  const versions = await client.query<{ version: number }>("SELECT max(version) AS version FROM schema_version");
  return versions.rows[0]?.version ?? 0;
}

/**
 * A transaction that may take as long as it needs, and reads along indexes: what was just written has no statistics, without which the
 * planner would sort all of it.
 */
async function prepareTransaction(client: Client): Promise<void> {
  await client.query(
    `SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
  await client.query(
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off; SET LOCAL jit = off",
  );
}

/** Asked before the schema is brought to the newest version: a full database of an older release stays as that release knows it. */
async function requireNoProject(client: Client): Promise<void> {
  const { rows } = await client.query<{ isThere: boolean }>(`SELECT to_regclass('projects') IS NOT NULL AS "isThere"`);
  const projects = kinds.filter(({ name }) => name === "projects");
  if (rows[0]?.isThere === true) await requireNone(client, projects);
}

async function requireNone(client: Client, unwanted: readonly Kind[]): Promise<void> {
  for (const kind of unwanted) {
    const count = await countOf(client, kind);
    if (count > 0)
      throw new MoveError(
        `is not empty: it holds ${kind.name} (${count}). Name an empty database (createdb makes one).`,
      );
  }
}

/** Wishes of one process for a run in the hands of another: an embedded database has no place for them. */
async function requireNoWishes(client: Client): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    "SELECT count(*) AS count FROM cancel_requests JOIN run_states USING (run_id) WHERE completed_at IS NULL",
  );
  const count = rows[0]?.count ?? 0;
  if (count > 0) {
    throw new MoveError(
      `has runs that are still to be cancelled (${count}). Start a server on it until they are, stop it, and move then.`,
    );
  }
}

/** The first server makes the waiting room anew where there is none, with a ticket for each run that waits. */
async function dropTickets(client: Client): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${ticketSchema} CASCADE`);
}

async function countOf(client: Client, { name }: Kind): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*) AS count FROM ${postgresKinds[name].counted}`,
  );
  return rows[0]?.count ?? 0;
}

const changeNumbers = "pg_get_serial_sequence('execution_changes', 'no')";

async function lastPlaceOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ last: number }>(
    `SELECT coalesce(pg_sequence_last_value(${changeNumbers}::regclass), 0) AS last`,
  );
  return rows[0]?.last ?? 0;
}

async function finish(
  client: Client,
  { lastPlace, now }: { readonly lastPlace: number; readonly now: number },
): Promise<{ readonly givenBack: number }> {
  await client.query(
    `SELECT setval(${changeNumbers}, last) FROM (SELECT greatest($1::bigint, max(no)) AS last FROM execution_changes) AS places WHERE last > 0`,
    [lastPlace],
  );
  const { rowCount } = await client.query("UPDATE run_states SET status = 'pending' WHERE status = 'running'");
  const givenBack = rowCount ?? 0;
  if (givenBack > 0) await settleWaiting(toConnection(client), now);
  await client.query("COMMIT");
  return { givenBack };
}

function toConnection(client: Client): Connection {
  return { execute: ({ name, text }, values) => client.query({ name, text, values: [...values] }) };
}
