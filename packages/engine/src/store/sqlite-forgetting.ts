import type { DatabaseSync } from "node:sqlite";
import { firstRunIdAt } from "../run-id.ts";
import { atMost, endedStatuses, maxForgotten, type OldRun } from "./forgetting.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import type { RunStatus } from "./store.ts";

/** The statements that delete runs, each in view. */
function prepareStatements(database: DatabaseSync) {
  // Of one status, so that the index gives them in order of their numbers, and none is read that was created since `at`.
  const oldRuns = prepare<OldRun<number>>(
    database,
    `SELECT no AS run, (SELECT count(*) FROM log WHERE log.run_no = runs.no) AS entries FROM runs
     WHERE status = ?1 AND flow_no = (SELECT no FROM flows WHERE id = ?2) AND completed_at < ?3
       AND no <= coalesce((SELECT no FROM runs WHERE id < ?4 ORDER BY id DESC LIMIT 1), 0)
     ORDER BY no LIMIT ${maxForgotten}`,
  );
  // A key that another run has taken since stays.
  const deleteKey = prepare(
    database,
    `DELETE FROM idempotency_keys
     WHERE run_no = ?1 AND key = (SELECT idempotency_key FROM run_inputs WHERE run_no = ?1)
       AND project_no = (SELECT no FROM projects WHERE id = (SELECT project_id FROM runs WHERE no = ?1))`,
  );
  const deleteLog = prepare(database, "DELETE FROM log WHERE run_no = ?");
  const deleteInput = prepare(database, "DELETE FROM run_inputs WHERE run_no = ?");
  const deleteDelivery = prepare(database, "DELETE FROM deliveries WHERE run_no = ?");
  // An execution is known by its latest run, and goes with it.
  const deleteChanges = prepare(
    database,
    "DELETE FROM execution_changes WHERE execution_no = (SELECT no FROM executions WHERE run_no = ?)",
  );
  const deleteExecution = prepare(database, "DELETE FROM executions WHERE run_no = ?");
  const deleteRun = prepare(database, "DELETE FROM runs WHERE no = ?");
  return {
    oldRuns: (status: RunStatus, flowId: string, at: number) => oldRuns.all(status, flowId, at, firstRunIdAt(at)),
    deleteRun: (no: number) => {
      deleteKey.run(no);
      deleteLog.run(no);
      deleteInput.run(no);
      deleteDelivery.run(no);
      deleteChanges.run(no);
      deleteExecution.run(no);
      deleteRun.run(no);
    },
  };
}

/** Deletes runs for good; see `Store`. */
export interface SqliteForgetting {
  forget(flowId: string, at: number, maxEntries: number): number;
}

export function createSqliteForgetting(database: DatabaseSync, transaction: Transaction): SqliteForgetting {
  const sql = prepareStatements(database);

  function forget(flowId: string, at: number, maxEntries: number): number {
    for (const status of endedStatuses) {
      const runs = atMost(maxEntries, sql.oldRuns(status, flowId, at));
      for (const run of runs) sql.deleteRun(run);
      if (runs.length > 0) return runs.length;
    }
    return 0;
  }

  return { forget: (flowId, at, maxEntries) => transaction(() => forget(flowId, at, maxEntries)) };
}
