import { parentPort, workerData } from "node:worker_threads";
import { holdDataDirectory } from "./data-directory.ts";
import { createSqliteDatabase, openFile, type SqliteDatabase } from "./sqlite-database.ts";
import { type SqliteAnswer, type SqliteCall, type SqliteThreadOptions, toFault } from "./sqlite-rpc.ts";

/** The thread that every fsync blocks, so that the event loop of the process never is. */

function open({ dataDir }: SqliteThreadOptions): SqliteDatabase {
  const directory = holdDataDirectory(dataDir);
  try {
    const database = createSqliteDatabase(openFile(directory.databasePath));
    const close = (): void => {
      try {
        database.close();
      } finally {
        directory.release();
      }
    };
    return { ...database, close };
  } catch (error) {
    directory.release();
    throw error;
  }
}

function answer(database: SqliteDatabase, { id, method, args }: SqliteCall): SqliteAnswer {
  try {
    const work = database[method] as (...args: readonly unknown[]) => unknown; // as: `SqliteHost.call` has checked the arguments against the method
    return { id, value: work(...args) };
  } catch (error) {
    return { id, fault: toFault(error) };
  }
}

function serve(port: NonNullable<typeof parentPort>): void {
  try {
    const database = open(workerData as SqliteThreadOptions); // as: given by `startSqliteThread`
    port.on("message", (calls: readonly SqliteCall[]) => {
      port.postMessage(calls.map((call) => answer(database, call)));
    });
    port.postMessage([{ id: 0, value: undefined }]);
  } catch (error) {
    port.postMessage([{ id: 0, fault: toFault(error) }]);
  }
}

if (parentPort === null) throw new Error("sqlite-worker runs as a worker thread only.");
serve(parentPort);
