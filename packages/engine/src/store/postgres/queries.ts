import { isUuid } from "../../run-id.ts";
import { toEvents } from "../journal-rows.ts";
import { runStatuses, type Store } from "../store.ts";
import { textArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { runColumns, type RunRow, runTables, toRunRecord } from "./run-rows.ts";
import { prepare } from "./statement.ts";

const selectRun = prepare<RunRow>(
  "run",
  `SELECT ${runColumns} FROM run_states AS state ${runTables} WHERE state.run_id = $1`,
);

const runByKey = prepare<RunRow>(
  "run_by_key",
  `SELECT ${runColumns} FROM run_states AS state ${runTables}
   WHERE state.run_id = (SELECT run_id FROM idempotency_keys
                         WHERE project_no = (SELECT no FROM projects WHERE id = $1) AND key = $2 AND expires_at > ${clock("$3")})`,
);

/** Sorts after every run id. */
const beyondAll = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * From each flow and status its newest page, one place in the index each, and whatever is in work; the newest of those are the page.
 * Run ids are UUIDv7: their order is that of arrival.
 */
const selectRuns = prepare<RunRow>(
  "runs",
  `WITH listed AS MATERIALIZED (
     SELECT no FROM flows WHERE project_id = $1 AND id = coalesce($2, id)
   ), page AS MATERIALIZED (
     SELECT idle.run_id
     FROM listed CROSS JOIN unnest($3::text[]) AS wanted (status) CROSS JOIN LATERAL (
       SELECT run_id FROM run_states
       WHERE holder IS NULL AND flow_no = listed.no AND status = wanted.status AND run_id < coalesce($4::uuid, '${beyondAll}')
       ORDER BY run_id DESC LIMIT $5) AS idle
     UNION ALL
     SELECT run_id FROM run_states
     WHERE holder IS NOT NULL AND (flow_no IN (SELECT no FROM listed)) IS TRUE AND status = ANY ($3::text[]) AND ($4::uuid IS NULL OR run_id < $4)
     ORDER BY run_id DESC LIMIT $5
   )
   SELECT ${runColumns} FROM page JOIN run_states AS state ON state.run_id = page.run_id ${runTables} ORDER BY state.run_id DESC`,
);

const sessionRuns = prepare<RunRow>(
  "session_runs",
  `SELECT ${runColumns} FROM run_states AS state ${runTables} WHERE runs.session_id = $1 ORDER BY runs.id`,
);

const pausedBefore = prepare<RunRow>(
  "paused_before",
  `SELECT ${runColumns} FROM run_states AS state ${runTables}
   WHERE state.paused_at < $1 ORDER BY state.paused_at LIMIT $2`,
);

/** The rows with events after the cursor, as many as the limit needs; the first may begin before it. */
const logAfter = prepare<{ events: string }>(
  "log_after",
  `SELECT events FROM log
   WHERE run_id = $1 AND last_seq > $2
     AND last_seq <= coalesce((SELECT min(last_seq) FROM log WHERE run_id = $1 AND last_seq >= $2::bigint + $3::bigint), 2147483647)
   ORDER BY last_seq`,
);

/** The read side of runs; see `Store` for what each promises. */
export type PostgresQueries = Pick<Store, "eventsAfter" | "run" | "runByKey" | "runs" | "sessionRuns" | "pausedBefore">;

/** `now` is the store's clock, where null is the database's. */
export function createPostgresQueries(database: PostgresDatabase, now: () => number | null): PostgresQueries {
  return {
    async eventsAfter(runId, cursor, limit) {
      if (!isUuid(runId)) return [];
      const rows = await logAfter.all(database, runId, cursor, limit);
      return toEvents(
        rows.map(({ events }) => events),
        cursor,
        limit,
      );
    },
    async run(runId) {
      const row = isUuid(runId) ? await selectRun.get(database, runId) : undefined;
      return row === undefined ? undefined : toRunRecord(row);
    },
    async runByKey(projectId, key) {
      const row = await runByKey.get(database, projectId, key, now());
      return row === undefined ? undefined : toRunRecord(row);
    },
    async runs({ projectId, flowId, statuses = runStatuses, before, limit }) {
      if (before !== undefined && !isUuid(before)) return [];
      const rows = await selectRuns.all(
        database,
        projectId,
        flowId ?? null,
        textArray(statuses),
        before ?? null,
        limit,
      );
      return rows.map(toRunRecord);
    },
    async sessionRuns(sessionId) {
      return (await sessionRuns.all(database, sessionId)).map(toRunRecord);
    },
    async pausedBefore(at, limit) {
      return (await pausedBefore.all(database, at, limit)).map(toRunRecord);
    },
  };
}
