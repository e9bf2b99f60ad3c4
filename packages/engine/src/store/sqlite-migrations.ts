import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../errors.ts";
import { prepare, prepareTransaction } from "./sqlite-statement.ts";

/**
 * Brings the schema from whatever version it has to the newest, each step in a transaction of its own.
 * Throws, and changes nothing, when the database comes from a newer release.
 */
export function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  database.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT");
  const current = prepare<{ version: number }>(
    database,
    "SELECT coalesce(max(version), 0) AS version FROM schema_version",
  );
  const record = prepare(database, "INSERT INTO schema_version (version) VALUES (?)");
  const transaction = prepareTransaction(database);
  const version = current.get()?.version ?? 0;
  if (version > migrations.length) {
    throw new StoreUnavailableError(
      `The database has schema version ${version}, this release knows ${migrations.length}. Start the newer release, or restore a backup made before it.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    transaction(() => {
      database.exec(sql);
      record.run(index + 1);
    });
  }
}
