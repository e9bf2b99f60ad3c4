import type { ClientBase } from "pg";
import { StoreUnavailableError } from "../../errors.ts";
import { lockSpace, schemaLock } from "./locks.ts";

/** Does what at most one process may do to the schema at a time; whoever else wants to waits. May be called from within itself. */
export async function aloneWithSchema<Result>(client: ClientBase, work: () => Promise<Result>): Promise<Result> {
  await client.query("SELECT pg_advisory_lock($1, $2)", [lockSpace, schemaLock]);
  try {
    return await work();
  } finally {
    await client.query("SELECT pg_advisory_unlock($1, $2)", [lockSpace, schemaLock]);
  }
}

/**
 * Brings the schema from whatever version it has to the newest, each step in a transaction of its own; whoever else does the same waits.
 * Rejects, and changes nothing, when the database comes from a newer release.
 */
export async function migrate(client: ClientBase, migrations: readonly string[]): Promise<void> {
  await aloneWithSchema(client, () => migrateAlone(client, migrations));
}

async function migrateAlone(client: ClientBase, migrations: readonly string[]): Promise<void> {
  const version = await currentVersion(client);
  if (version > migrations.length) {
    throw new StoreUnavailableError(
      `The database has schema version ${version}, this release knows ${migrations.length}. Start the newer release, or restore a backup made before it.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= version) await apply(client, index + 1, sql);
  }
}

async function currentVersion(client: ClientBase): Promise<number> {
  await client.query("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY)");
  const { rows } = await client.query<{ version: number }>(
    "SELECT coalesce(max(version), 0) AS version FROM schema_version",
  );
  return rows[0]?.version ?? 0;
}

async function apply(client: ClientBase, version: number, sql: string): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query("INSERT INTO schema_version (version) VALUES ($1)", [version]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
