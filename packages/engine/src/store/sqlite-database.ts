import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../errors.ts";
import { migrations } from "./migrations/sqlite/all.ts";
import { createSqliteBacklog, type SqliteBacklog } from "./sqlite-backlog.ts";
import { createSqliteCredits, type SqliteCredits } from "./sqlite-credits.ts";
import { createSqliteDeliveries, type SqliteDeliveries } from "./sqlite-deliveries.ts";
import { createSqliteExecutions, type SqliteExecutions } from "./sqlite-executions.ts";
import { createSqliteForgetting, type SqliteForgetting } from "./sqlite-forgetting.ts";
import { createSqliteFlows, type SqliteFlows } from "./sqlite-flows.ts";
import { createSqliteJournal, type SqliteJournal } from "./sqlite-journal.ts";
import { createSqliteKeys, type SqliteKeys } from "./sqlite-keys.ts";
import { migrate } from "./sqlite-migrations.ts";
import { createSqlitePruning, type SqlitePruning } from "./sqlite-pruning.ts";
import { createSqliteQueries, type SqliteQueries } from "./sqlite-queries.ts";
import { createSqliteRuns, type SqliteRuns } from "./sqlite-runs.ts";
import { prepare, prepareTransaction } from "./sqlite-statement.ts";

/** The store's work on one database, synchronous and without a clock. What it throws has been through `toStoreError`. */
export interface SqliteDatabase
  extends
    SqliteJournal,
    SqliteQueries,
    SqliteRuns,
    SqlitePruning,
    SqliteForgetting,
    SqliteFlows,
    SqliteKeys,
    SqliteCredits,
    SqliteDeliveries,
    SqliteExecutions,
    SqliteBacklog {
  /** Writes one row, durably. */
  ping(now: number): void;
  /** Moves the write-ahead log into the database file and lets go of both. */
  close(): void;
}

/** How long a write waits for somebody's `sqlite3` shell to end its own, in milliseconds. */
const busyTimeoutMs = 5_000;

/** Opens the file, which is made when there is none; `:memory:` is a database that goes when it is closed. */
export function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  // Each page that a commit touches is written whole, twice: 2 KiB pages measured a quarter fewer bytes per run than 4 KiB at about the same speed.
  database.exec("PRAGMA page_size = 2048");
  database.exec("PRAGMA journal_mode = WAL");
  // FULL: a commit that was answered survives a power cut, not only a crash of this process.
  database.exec("PRAGMA synchronous = FULL");
  // 8 MiB of log between checkpoints: fewer rewrites of the same hot pages, still milliseconds each.
  database.exec("PRAGMA wal_autocheckpoint = 4096");
  database.exec("PRAGMA journal_size_limit = 67108864");
  database.exec("PRAGMA cache_size = -32768");
  return database;
}

/** Brings the schema up to date and ends the holds of whoever had this database before. */
export function createSqliteDatabase(database: DatabaseSync): SqliteDatabase {
  migrate(database, migrations);
  const transaction = prepareTransaction(database);
  const pulse = prepare(
    database,
    "INSERT INTO pulse (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at",
  );
  return {
    ...createSqliteJournal(database, transaction),
    ...createSqliteQueries(database),
    ...createSqliteRuns(database, transaction),
    ...createSqlitePruning(database, transaction),
    ...createSqliteForgetting(database, transaction),
    ...createSqliteFlows(database, transaction),
    ...createSqliteKeys(database, transaction),
    ...createSqliteCredits(database, transaction),
    ...createSqliteDeliveries(database, transaction),
    ...createSqliteExecutions(database, transaction),
    ...createSqliteBacklog(database),
    ping: (now) => {
      pulse.run(now);
    },
    close: () => {
      try {
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } finally {
        database.close();
      }
    },
  };
}

/** SQLite's primary result codes for a database that cannot serve now; every other code is a fault of our own. Source: sqlite.org/rescode.html */
const unavailableCodes: ReadonlyMap<number, string> = new Map([
  [3, "access to the database was denied"],
  [5, "the database is locked"],
  [6, "the database is locked"],
  [7, "out of memory"],
  [8, "the database is read-only"],
  [10, "the disk failed"],
  [11, "the database file is damaged"],
  [13, "the disk is full"],
  [14, "the database file cannot be opened"],
  [26, "the file is not a database"],
]);

/** The error as callers of the store may know it: `StoreUnavailableError` when SQLite could not serve, else itself. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const reason = unavailableCodes.get(error.errcode & 0xff);
  return reason === undefined
    ? error
    : new StoreUnavailableError(`The embedded database cannot serve: ${reason}.`, { cause: error });
}
