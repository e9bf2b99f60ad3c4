import { firstRunIdAt } from "../../run-id.ts";
import { atMost, endedStatuses, maxForgotten, type OldRun } from "../forgetting.ts";
import type { Store } from "../store.ts";
import { textArray, uuidArray } from "./array.ts";
import type { PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

/** Run ids are UUIDv7: none is read that was created since `at`. */
const oldRuns = prepare<OldRun<string>>(
  "old_runs",
  `SELECT old.run_id AS run, (SELECT count(*)::integer FROM log WHERE log.run_id = old.run_id) AS entries
   FROM unnest($1::text[]) AS ended (status) CROSS JOIN LATERAL (
     SELECT run_id FROM run_states
     WHERE holder IS NULL AND flow_no = (SELECT no FROM flows WHERE id = $2) AND status = ended.status
       AND run_id < $4::uuid AND completed_at < $3
     ORDER BY run_id LIMIT ${maxForgotten}) AS old
   ORDER BY old.run_id LIMIT ${maxForgotten}`,
);

/** Runs that are over change no more, so that this statement finds what the other one chose. */
const deleteRuns = prepare(
  "delete_runs",
  `WITH logs AS (
     DELETE FROM log WHERE run_id = ANY ($1::uuid[])
   ), states AS (
     DELETE FROM run_states WHERE run_id = ANY ($1::uuid[])
   ), forgotten AS (
     DELETE FROM executions WHERE run_id = ANY ($1::uuid[]) RETURNING id
   ), untold AS (
     DELETE FROM execution_changes USING forgotten WHERE execution_changes.execution_id = forgotten.id
   ), webhooks AS (
     DELETE FROM deliveries WHERE run_id = ANY ($1::uuid[])
   )
   DELETE FROM runs WHERE id = ANY ($1::uuid[])`,
);

/** Deletes runs for good; see `Store`. Their idempotency keys expired long before, and are free for other runs as they are. */
export type PostgresForgetting = Pick<Store, "forget">;

export function createPostgresForgetting(database: PostgresDatabase): PostgresForgetting {
  return {
    async forget(flowId, at, maxEntries) {
      const runs = atMost(
        maxEntries,
        await oldRuns.all(database, textArray(endedStatuses), flowId, at, firstRunIdAt(at)),
      );
      return runs.length === 0 ? 0 : deleteRuns.run(database, uuidArray(runs));
    },
  };
}
