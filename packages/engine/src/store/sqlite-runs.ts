import type { DatabaseSync } from "node:sqlite";
import { selectRun } from "./sqlite-queries.ts";
import type { RunRow } from "./sqlite-rows.ts";
import { prepareSettling } from "./sqlite-settling.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";

/** The statements of the hand-out, each in view. */
function prepareStatements(database: DatabaseSync) {
  const runByNumber = prepare<RunRow>(database, `${selectRun} WHERE runs.no = ?`);
  // Named, since SQLite would take the index of the lists, and read every pending run for it.
  const priorityBelow = prepare<{ priority: number | null }>(
    database,
    "SELECT max(priority) AS priority FROM runs INDEXED BY waiting_runs WHERE status = 'pending' AND priority < ?",
  );
  const ready = prepare<{ no: number }>(
    database,
    `SELECT no FROM runs WHERE status = 'pending' AND priority = ? AND ready_at <= ?
     ORDER BY ready_at, no LIMIT ?`,
  );
  const nextReady = prepare<{ readyAt: number | null }>(
    database,
    "SELECT min(ready_at) AS readyAt FROM runs WHERE status = 'pending' AND priority = ? AND ready_at > ?",
  );
  const claim = prepare(
    database,
    `UPDATE runs SET status = 'running', owner = ?2, epoch = epoch + 1, started_at = coalesce(started_at, ?3)
     WHERE no = ?1`,
  );
  const disown = prepare(database, "UPDATE runs SET owner = NULL WHERE status = 'running' AND owner IS NOT NULL");
  const requeue = prepare(
    database,
    "UPDATE runs SET status = 'pending', losses = losses + 1 WHERE status = 'running' AND owner IS NULL",
  );
  return {
    runByNumber: (no: number) => runByNumber.get(no),
    /** The highest priority of a pending run below this one; null when there is none. */
    priorityBelow: (priority: number) => priorityBelow.get(priority)?.priority ?? null,
    /** Pending runs of one priority whose time has come, longest first. */
    ready: (priority: number, now: number, limit: number) => ready.all(priority, now, limit),
    /** When the next pending run of one priority will be ready; null when each is. */
    nextReadyAt: (priority: number, now: number) => nextReady.get(priority, now)?.readyAt ?? null,
    claim: (no: number, worker: string, now: number) => claim.run(no, worker, now),
    /** Ends every hold, without making a run ready. */
    disown: () => disown.run(),
    /** Makes the running runs that nobody holds ready again. */
    requeue: () => requeue.run(),
  };
}

/** Who works on runs. `now` is the store's clock. */
export interface SqliteRuns {
  claim(worker: string, limit: number, now: number): readonly RunRow[];
  nextReadyAt(now: number): number | undefined;
  recover(now: number): number;
}

/** A database belongs to one process at a time: every hold that is found here is one that its holder cannot have any more. */
export function createSqliteRuns(database: DatabaseSync, transaction: Transaction): SqliteRuns {
  const sql = prepareStatements(database);
  const settling = prepareSettling(database);
  sql.disown();

  /**
   * The priorities of pending runs, highest first. Asked for one by one, so that each priority is one place in the index and runs whose
   * time has not come are not walked over.
   */
  function* priorities(): Iterable<number> {
    let priority = sql.priorityBelow(Number.POSITIVE_INFINITY);
    for (; priority !== null; priority = sql.priorityBelow(priority)) yield priority;
  }

  function claimOne(no: number, worker: string, now: number): RunRow[] {
    sql.claim(no, worker, now);
    const run = sql.runByNumber(no);
    if (run?.executionId) settling.settle(no, now);
    return run === undefined ? [] : [run];
  }

  function claim(worker: string, limit: number, now: number): readonly RunRow[] {
    const claimed: RunRow[] = [];
    for (const priority of priorities()) {
      if (claimed.length === limit) break;
      for (const { no } of sql.ready(priority, now, limit - claimed.length)) claimed.push(...claimOne(no, worker, now));
    }
    return claimed;
  }

  function nextReadyAt(now: number): number | undefined {
    let next: number | undefined;
    for (const priority of priorities()) {
      const readyAt = sql.nextReadyAt(priority, now);
      if (readyAt !== null) next = Math.min(readyAt, next ?? readyAt);
    }
    return next;
  }

  return {
    claim: (worker, limit, now) => transaction(() => claim(worker, limit, now)),
    nextReadyAt,
    recover: (now) =>
      transaction(() => {
        const count = sql.requeue();
        if (count > 0) settling.settleWaiting(now);
        return count;
      }),
  };
}
