import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../errors.ts";

/** A data directory that this process, and no other, works in. */
export interface DataDirectory {
  readonly databasePath: string;
  /** Lets the next process in. */
  release(): void;
}

/** SQLite's primary code SQLITE_BUSY. */
const busy = 5;

/**
 * Makes the directory when there is none, for this user only, and holds it until `release` or the end of the process, however it ends.
 * Throws `StoreUnavailableError`, naming the directory and the process, when another one holds it.
 */
export function holdDataDirectory(path: string): DataDirectory {
  const directory = resolve(path);
  const databasePath = join(directory, "noukai.db");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    makePrivate(databasePath);
    const lock = holdLock(directory);
    writeFileSync(pidPath(directory), `${process.pid}\n`, { mode: 0o600 });
    return { databasePath, release: () => lock.close() };
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnavailableError(`The data directory ${directory} cannot be used: ${reason}.`, { cause });
  }
}

/** A lock of the operating system's, which ends with its process: SQLite's own, on a database that holds nothing. */
function holdLock(directory: string): DatabaseSync {
  const path = join(directory, "lock.db");
  makePrivate(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written here, so nothing needs a journal beside it.
    lock.exec("PRAGMA journal_mode = MEMORY");
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    const holder = readHolder(directory);
    throw new StoreUnavailableError(
      `The data directory ${directory} is in use by ${holder}. Stop that one, or set NOUKAI_DATA_DIR to another directory.`,
      { cause },
    );
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === busy;
}

/** Only for the message: who holds the directory is decided by the lock. */
function readHolder(directory: string): string {
  try {
    return `process ${readFileSync(pidPath(directory), "utf8").trim()}`;
  } catch {
    return "another process";
  }
}

function pidPath(directory: string): string {
  return join(directory, "lock.pid");
}

/**
 * Makes the file, readable for this user only, when there is none; SQLite gives its companion files the same mode.
 * An existing file is not touched, not even opened: closing it would end this process's locks on it (POSIX).
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
