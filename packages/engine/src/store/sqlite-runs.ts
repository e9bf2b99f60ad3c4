import type { DatabaseSync } from "node:sqlite";
import type { RunRow } from "./sqlite-rows.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";

const selectRun = `
  SELECT id, project_id AS projectId, flow_id AS flowId, flow_version AS flowVersion, definition_hash AS definitionHash,
         trigger, session_id AS sessionId, capture, traced, input, options, status, epoch, owner, losses,
         coalesce((SELECT max(last_seq) FROM log WHERE log.run_no = runs.no), 0) AS lastSeq,
         created_at AS createdAt, started_at AS startedAt, completed_at AS completedAt
  FROM runs JOIN run_inputs ON run_inputs.run_no = runs.no`;

/** The statements of the read side and of the hand-out, each in view. */
function prepareStatements(database: DatabaseSync) {
  const run = prepare<RunRow>(database, `${selectRun} WHERE id = ?`);
  const runByNumber = prepare<RunRow>(database, `${selectRun} WHERE runs.no = ?`);
  const logAfter = prepare<{ lastSeq: number; events: string }>(
    database,
    `SELECT last_seq AS lastSeq, events FROM log
     WHERE run_no = (SELECT no FROM runs WHERE id = ?) AND last_seq > ? ORDER BY last_seq`,
  );
  const waiting = prepare<{ no: number }>(
    database,
    "SELECT no FROM runs WHERE status = 'pending' AND completed_at IS NULL ORDER BY created_at, no LIMIT ?",
  );
  const claim = prepare(
    database,
    `UPDATE runs SET status = 'running', owner = ?2, epoch = epoch + 1, started_at = coalesce(started_at, ?3)
     WHERE no = ?1`,
  );
  const disown = prepare(
    database,
    "UPDATE runs SET owner = NULL WHERE status IN ('running', 'paused') AND owner IS NOT NULL AND completed_at IS NULL",
  );
  const requeue = prepare(
    database,
    `UPDATE runs SET status = 'pending', losses = losses + 1
     WHERE status = 'running' AND owner IS NULL AND completed_at IS NULL`,
  );
  return {
    run: (id: string) => run.get(id),
    runByNumber: (no: number) => runByNumber.get(no),
    logAfter: (runId: string, cursor: number) => logAfter.iterate(runId, cursor),
    /** Runs without a worker, oldest first. */
    waiting: (limit: number) => waiting.all(limit),
    claim: (no: number, worker: string, now: number) => claim.run(no, worker, now),
    /** Ends every hold, without making a run ready. */
    disown: () => disown.run(),
    /** Makes the running runs that nobody holds ready again. */
    requeue: () => requeue.run(),
  };
}

/** The read side of runs, and who works on them. */
export interface SqliteRuns {
  /** Texts of the log rows with events after `cursor`, as many as `limit` events need; the first may begin before it. */
  logAfter(runId: string, cursor: number, limit: number): readonly string[];
  run(runId: string): RunRow | undefined;
  /** `now` is the store's clock. */
  claim(worker: string, limit: number, now: number): readonly RunRow[];
  recover(): number;
}

/** A database belongs to one process at a time: every hold that is found here is one that its holder cannot have any more. */
export function createSqliteRuns(database: DatabaseSync, transaction: Transaction): SqliteRuns {
  const sql = prepareStatements(database);
  sql.disown();

  function claimOne(no: number, worker: string, now: number): RunRow[] {
    sql.claim(no, worker, now);
    const run = sql.runByNumber(no);
    return run === undefined ? [] : [run];
  }

  return {
    logAfter: (runId, cursor, limit) => {
      const texts: string[] = [];
      for (const { lastSeq, events } of sql.logAfter(runId, cursor)) {
        texts.push(events);
        if (lastSeq >= cursor + limit) break;
      }
      return texts;
    },
    run: (runId) => sql.run(runId),
    claim: (worker, limit, now) => transaction(() => sql.waiting(limit).flatMap(({ no }) => claimOne(no, worker, now))),
    recover: () => transaction(() => sql.requeue()),
  };
}
