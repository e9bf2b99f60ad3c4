import type { DatabaseSync } from "node:sqlite";
import type { RunRow } from "./sqlite-rows.ts";
import { prepare } from "./sqlite-statement.ts";
import { type RunQuery, type RunStatus, runStatuses } from "./store.ts";

/** A whole run; a WHERE clause is to follow. */
export const selectRun = `
  SELECT runs.id, project_id AS projectId, flow_id AS flowId, flow_version AS flowVersion, definition_hash AS definitionHash,
         trigger, session_id AS sessionId, capture, traced, input, options, status, epoch, owner, losses,
         coalesce((SELECT max(last_seq) FROM log WHERE log.run_no = runs.no), 0) AS lastSeq,
         priority, ready_at AS readyAt, created_at AS createdAt, started_at AS startedAt, paused_at AS pausedAt,
         completed_at AS completedAt, is_pruned AS isPruned,
         execution_id AS executionId, run_number AS runNumber
  FROM runs JOIN run_inputs ON run_inputs.run_no = runs.no`;

/** The statements of the read side, each in view. Arrival is the order of `no`, and of run ids, which are UUIDv7. */
function prepareStatements(database: DatabaseSync) {
  const run = prepare<RunRow>(database, `${selectRun} WHERE runs.id = ?`);
  const runByKey = prepare<RunRow>(
    database,
    `${selectRun}
     WHERE runs.no = (SELECT run_no FROM idempotency_keys
                      WHERE project_no = (SELECT no FROM projects WHERE id = ?) AND key = ?)
       AND key_expires_at > ?`,
  );
  // A group is the runs of one flow with one status: one look into the index tells its newest. A page lies in as many groups as it has
  // runs, at most, and not before the newest of the last of them; so each group is read from its newest run to there, a page at most.
  const runs = prepare<RunRow>(
    database,
    `${selectRun}
     WHERE runs.no IN (
       WITH
         bounds AS (SELECT iif(?4 IS NULL, 9223372036854775807, (SELECT no FROM runs WHERE id = ?4)) AS before),
         groups AS MATERIALIZED (
           SELECT wanted.value AS status, flows.no AS flow_no,
                  (SELECT max(no) FROM runs WHERE status = wanted.value AND flow_no = flows.no AND no < before) AS newest
           FROM bounds CROSS JOIN flows CROSS JOIN json_each(?3) AS wanted
           WHERE flows.project_id = ?1 AND flows.id = coalesce(?2, flows.id) AND newest IS NOT NULL
           ORDER BY newest DESC LIMIT ?5),
         oldest AS (SELECT iif(count(*) < ?5, 0, min(newest)) AS no FROM groups)
       SELECT listed.no FROM oldest CROSS JOIN groups CROSS JOIN runs AS listed
       WHERE listed.no IN (
         SELECT no FROM runs
         WHERE status = groups.status AND flow_no = groups.flow_no AND no BETWEEN oldest.no AND groups.newest
         ORDER BY no DESC LIMIT ?5)
       ORDER BY listed.no DESC LIMIT ?5)
     ORDER BY runs.no DESC`,
  );
  const sessionRuns = prepare<RunRow>(database, `${selectRun} WHERE session_id = ? ORDER BY runs.no`);
  const pausedBefore = prepare<RunRow>(
    database,
    `${selectRun} WHERE paused_at < ? ORDER BY paused_at, runs.no LIMIT ?`,
  );
  const logAfter = prepare<{ lastSeq: number; events: string }>(
    database,
    `SELECT last_seq AS lastSeq, events FROM log
     WHERE run_no = (SELECT no FROM runs WHERE id = ?) AND last_seq > ? ORDER BY last_seq`,
  );
  return {
    run: (id: string) => run.get(id),
    runByKey: (projectId: string, key: string, now: number) => runByKey.get(projectId, key, now),
    runs: ({ projectId, flowId, before, limit }: RunQuery, statuses: readonly RunStatus[]) =>
      runs.all(projectId, flowId ?? null, JSON.stringify(statuses), before ?? null, limit),
    sessionRuns: (sessionId: string) => sessionRuns.all(sessionId),
    pausedBefore: (at: number, limit: number) => pausedBefore.all(at, limit),
    logAfter: (runId: string, cursor: number) => logAfter.iterate(runId, cursor),
  };
}

/** The read side of runs; see `Store` for what each promises. */
export interface SqliteQueries {
  run(runId: string): RunRow | undefined;
  /** `now` is the store's clock. */
  runByKey(projectId: string, key: string, now: number): RunRow | undefined;
  runs(query: RunQuery): readonly RunRow[];
  sessionRuns(sessionId: string): readonly RunRow[];
  pausedBefore(at: number, limit: number): readonly RunRow[];
  /** Texts of the log rows with events after `cursor`, as many as `limit` events need; the first may begin before it. */
  logAfter(runId: string, cursor: number, limit: number): readonly string[];
}

export function createSqliteQueries(database: DatabaseSync): SqliteQueries {
  const sql = prepareStatements(database);
  return {
    run: sql.run,
    runByKey: sql.runByKey,
    runs: (query) => sql.runs(query, query.statuses ?? runStatuses),
    sessionRuns: sql.sessionRuns,
    pausedBefore: sql.pausedBefore,
    logAfter: (runId, cursor, limit) => {
      const texts: string[] = [];
      for (const { lastSeq, events } of sql.logAfter(runId, cursor)) {
        texts.push(events);
        if (lastSeq >= cursor + limit) break;
      }
      return texts;
    },
  };
}
