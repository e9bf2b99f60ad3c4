import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type DataDirectory, holdDataDirectory } from "../store/data-directory.ts";
import { migrations } from "../store/migrations/sqlite/all.ts";
import { toStoreError } from "../store/sqlite-database.ts";
import { migrate } from "../store/sqlite-migrations.ts";
import { prepareSettling } from "../store/sqlite-settling.ts";
import { prepare, prepareTransaction } from "../store/sqlite-statement.ts";
import { type Kind, nameOf, type Row } from "./kinds.ts";
import { checkSchema, MoveError, type Source, type Target, toRow } from "./side.ts";
import { sqliteKinds } from "./sqlite-kinds.ts";

/** Opens the database of a data directory to be read, and holds the directory. Nothing is written to the database. */
export function openSqliteSource(dataDir: string): Source {
  if (!isThere(join(dataDir, "noukai.db"))) {
    throw new MoveError("holds no embedded database. Is it the directory that NOUKAI_DATA_DIR named?");
  }
  const directory = holdDataDirectory(dataDir);
  const database = new DatabaseSync(directory.databasePath);
  const close = (): void => {
    database.close();
    directory.release();
  };
  try {
    database.exec("PRAGMA query_only = ON");
    checkSchema(versionOf(database), migrations.length, `NOUKAI_DATA_DIR=${dataDir} npm run serve`);
    database.exec("BEGIN");
  } catch (error) {
    close();
    throw toStoreError(error);
  }
  return {
    count: async (kind) => countOf(database, kind),
    read: (kind) => readRows(database, kind),
    lastPlace: async () => lastPlaceOf(database),
    close: async () => {
      if (database.isOpen) close();
    },
  };
}

/** The database that is filled: it takes its name when it is whole. */
const unfinishedName = "moving.db";

/** Makes the directory when there is none, and holds it. What an earlier move left unfinished there goes. */
export function openSqliteTarget(dataDir: string): Target {
  refuseDatabase(dataDir);
  const directory = holdDataDirectory(dataDir);
  const path = join(dirname(directory.databasePath), unfinishedName);
  try {
    removeUnfinished(path);
    closeSync(openSync(path, "wx", 0o600));
    return fill(directory, path);
  } catch (error) {
    removeUnfinished(path);
    directory.release();
    throw toStoreError(error);
  }
}

function fill(directory: DataDirectory, path: string): Target {
  const database = new DatabaseSync(path);
  // The page size of `openFile`. Until it has its name the file is worth nothing, so that nothing need be safe before the sync at its end.
  database.exec("PRAGMA page_size = 2048; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536");
  migrate(database, migrations);
  const transaction = prepareTransaction(database);
  const writers = new Map<string, (row: Row) => void>();

  function writerOf(kind: Kind): (row: Row) => void {
    const writer = writers.get(kind.name) ?? prepareWriter(database, kind);
    writers.set(kind.name, writer);
    return writer;
  }

  let isFinished = false;
  return {
    write: async (kind, rows) => {
      const writer = writerOf(kind);
      guarded(() => transaction(() => rows.forEach(writer)));
    },
    read: (kind) => readRows(database, kind),
    finish: async ({ lastPlace, now }) => {
      const givenBack = guarded(() => transaction(() => makeReady(database, { lastPlace, now })));
      database.close();
      putInPlace(path, directory.databasePath);
      isFinished = true;
      return { givenBack };
    },
    close: async () => {
      if (database.isOpen) database.close();
      if (!isFinished) removeUnfinished(path);
      directory.release();
    },
  };
}

function refuseDatabase(dataDir: string): void {
  const way = "Name a directory that is empty, or not there yet.";
  if (isThere(join(dataDir, "noukai.db"))) throw new MoveError(`holds a database. ${way}`);
  // SQLite would write what stands in one of these into whatever takes the name of the database that it was of.
  const left = ["noukai.db-wal", "noukai.db-journal"].find((name) => isThere(join(dataDir, name)));
  if (left !== undefined) throw new MoveError(`holds what is left of a database, ${left}. ${way}`);
}

function isThere(path: string): boolean {
  // An empty file is what holding a directory makes.
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function removeUnfinished(path: string): void {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
}

/** Gives the file its name, which it has for good once the directory is synced. */
function putInPlace(path: string, name: string): void {
  sync(path);
  renameSync(path, name);
  // Windows cannot sync a directory.
  if (process.platform !== "win32") sync(dirname(name));
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toStoreError(error);
  }
}

function versionOf(database: DatabaseSync): number {
  const hasVersions = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'").get() !== undefined;
  if (!hasVersions) throw new MoveError("holds a database that is none of Noukai's.");
  return (
    prepare<{ version: number }>(database, "SELECT max(version) AS version FROM schema_version").get()?.version ?? 0
  );
}

function countOf(database: DatabaseSync, kind: Kind): number {
  const sql = `SELECT count(*) AS count FROM ${sqliteKinds[kind.name].counted}`;
  return prepare<{ count: number }>(database, sql).get()?.count ?? 0;
}

async function* readRows(database: DatabaseSync, kind: Kind): AsyncIterable<Row> {
  const statement = database.prepare(sqliteKinds[kind.name].select);
  statement.setReturnArrays(true);
  for (const values of statement.iterate()) yield toRow(kind, values as unknown as readonly unknown[]); // as: arrays were asked for
}

function prepareWriter(database: DatabaseSync, kind: Kind): (row: Row) => void {
  const names = Object.keys(kind.columns);
  const statements = sqliteKinds[kind.name].inserts.map((sql) => prepareNamed(database, sql));
  return (row) => {
    const values = Object.fromEntries(names.map((name, index): [string, SQLInputValue] => [name, row[index] ?? null]));
    for (const statement of statements) {
      if (changesOf(statement, values) !== 1)
        throw new MoveError(`Of the ${kind.name} ${nameOf(kind, row)} belongs to nothing.`);
    }
  };
}

/** SQLite's primary code SQLITE_CONSTRAINT. */
const constraintViolated = 19;

/** How many rows were written; 0 as well for one that lacks what it refers to. */
function changesOf(statement: StatementSync, values: Record<string, SQLInputValue>): number {
  try {
    return Number(statement.run(values).changes);
  } catch (error) {
    if (error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === constraintViolated) return 0;
    throw error;
  }
}

function prepareNamed(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setAllowUnknownNamedParameters(true);
  return statement;
}

function lastPlaceOf(database: DatabaseSync): number {
  const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'execution_changes'";
  return prepare<{ seq: number }>(database, sql).get()?.seq ?? 0;
}

/** What the next server need not know of the last one. Gives how many runs were in work. */
function makeReady(
  database: DatabaseSync,
  { lastPlace, now }: { readonly lastPlace: number; readonly now: number },
): number {
  if (lastPlace > lastPlaceOf(database)) {
    prepare(database, "DELETE FROM sqlite_sequence WHERE name = 'execution_changes'").run();
    prepare(database, "INSERT INTO sqlite_sequence (name, seq) VALUES ('execution_changes', ?)").run(lastPlace);
  }
  const givenBack = prepare(database, "UPDATE runs SET status = 'pending' WHERE status = 'running'").run();
  if (givenBack > 0) prepareSettling(database).settleWaiting(now);
  return givenBack;
}
