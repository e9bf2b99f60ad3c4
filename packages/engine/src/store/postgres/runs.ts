import type { Store } from "../store.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { lockSpace } from "./locks.ts";
import { runColumns, type RunRow, runTables, toRunRecord } from "./run-rows.ts";
import { settleExecutions, settleWaiting } from "./settling.ts";
import { prepare } from "./statement.ts";

/**
 * The priorities of pending runs, highest first. Found one by one, so that each is one place in the index and runs whose time has not come
 * are not walked over.
 */
const priorities = `
  found AS (
    (SELECT priority FROM run_states WHERE status = 'pending' ORDER BY priority DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT priority FROM run_states WHERE status = 'pending' AND priority < found.priority ORDER BY priority DESC LIMIT 1)
    FROM found WHERE found.priority IS NOT NULL
  ), priorities AS MATERIALIZED (
    SELECT priority FROM found WHERE priority IS NOT NULL ORDER BY priority DESC
  )`;

/**
 * Runs that another process is taking at this moment are passed over, not waited for. The LATERAL makes a loop over the priorities, in
 * their order, that ends with the last run that is wanted: no more are locked than are taken.
 */
const claimRuns = prepare<RunRow>(
  "claim_runs",
  `WITH RECURSIVE clock AS MATERIALIZED (
     SELECT ${clock("$4")} AS now
   ), ${priorities}, waiting AS MATERIALIZED (
     SELECT ready.run_id
     FROM priorities CROSS JOIN LATERAL (
       SELECT run_id FROM run_states
       WHERE status = 'pending' AND priority = priorities.priority AND ready_at <= (SELECT now FROM clock)
       ORDER BY ready_at, run_id LIMIT $2 FOR UPDATE SKIP LOCKED) AS ready
     LIMIT $2
   ), state AS (
     UPDATE run_states
     SET status = 'running', owner = $1, holder = $3, epoch = epoch + 1, started_at = coalesce(started_at, (SELECT now FROM clock))
     FROM waiting WHERE run_states.run_id = waiting.run_id
     RETURNING run_states.*
   )
   SELECT ${runColumns} FROM state ${runTables} ORDER BY state.priority DESC, state.ready_at, state.run_id`,
);

const nextReadyAt = prepare<{ readyAt: number | null }>(
  "next_ready_at",
  `WITH RECURSIVE clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   ), ${priorities}
   SELECT min(next.ready_at) AS "readyAt"
   FROM priorities CROSS JOIN LATERAL (
     SELECT ready_at FROM run_states
     WHERE status = 'pending' AND priority = priorities.priority AND ready_at > (SELECT now FROM clock)
     ORDER BY ready_at LIMIT 1) AS next`,
);

/** A holder whose lock is to be had is gone; it cannot come back before this transaction ends. */
const recoverRuns = prepare(
  "recover_runs",
  `WITH holders AS MATERIALIZED (
     SELECT DISTINCT holder FROM run_states WHERE holder IS NOT NULL AND holder <> $1
   ), gone AS MATERIALIZED (
     SELECT holder FROM holders WHERE pg_try_advisory_xact_lock($2, holder)
   )
   UPDATE run_states SET holder = NULL, owner = NULL, status = 'pending', losses = losses + 1
   WHERE holder IN (SELECT holder FROM gone)`,
);

/** Who works on runs; see `Store` for what each promises. */
export type PostgresRuns = Pick<Store, "claim" | "nextReadyAt" | "recover">;

/** `holder` is this process's number; `now` the store's clock, where null is the database's. */
export function createPostgresRuns(database: PostgresDatabase, holder: number, now: () => number | null): PostgresRuns {
  return {
    async claim(worker, limit) {
      const runs = (await claimRuns.all(database, worker, limit, holder, now())).map(toRunRecord);
      const ofExecutions = runs.flatMap(({ id, execution }) => (execution === undefined ? [] : [id]));
      if (ofExecutions.length > 0)
        await database.transaction((connection) => settleExecutions(connection, ofExecutions, now()));
      return runs;
    },
    async nextReadyAt() {
      return (await nextReadyAt.get(database, now()))?.readyAt ?? undefined;
    },
    async recover() {
      const count = await recoverRuns.run(database, holder, lockSpace);
      if (count > 0) await database.transaction((connection) => settleWaiting(connection, now()));
      return count;
    },
  };
}
