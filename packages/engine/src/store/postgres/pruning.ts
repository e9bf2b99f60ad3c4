import { isUuid } from "../../run-id.ts";
import { toEventTexts } from "../journal-rows.ts";
import { heldForWebhookMs, type Store } from "../store.ts";
import { integerArray, textArray } from "./array.ts";
import type { PostgresDatabase } from "./connection.ts";
import { runColumns, type RunRow, runTables, toRunRecord } from "./run-rows.ts";
import { prepare } from "./statement.ts";

const prunable = prepare<RunRow>(
  "prunable",
  `SELECT ${runColumns} FROM run_states AS state ${runTables}
   WHERE state.completed_at < $1 AND state.is_prunable
     AND (state.completed_at < $1::bigint - ${heldForWebhookMs}
          OR (SELECT due_at FROM deliveries WHERE deliveries.run_id = state.run_id) IS NULL)
   ORDER BY state.completed_at LIMIT $2`,
);

/** Of a run that is over; one row with null when its log is empty. */
const logRows = prepare<{ lastSeq: number | null }>(
  "log_rows",
  `SELECT log.last_seq AS "lastSeq" FROM run_states AS state LEFT JOIN log ON log.run_id = state.run_id
   WHERE state.run_id = $1 AND state.completed_at IS NOT NULL ORDER BY log.last_seq`,
);

/** Each row of the log keeps its place, its last seq and its epoch; only what it says is shorter. */
const pruneRun = prepare(
  "prune_run",
  `WITH rewritten AS (
     UPDATE log SET events = bare.events
     FROM unnest($2::integer[], $3::text[]) AS bare (last_seq, events)
     WHERE log.run_id = $1 AND log.last_seq = bare.last_seq
   ), unedited AS (
     UPDATE executions SET edits = '{}' WHERE run_id = $1
   ), marked AS (
     UPDATE run_states SET is_prunable = false WHERE run_id = $1
   )
   UPDATE runs SET input = '{}', options = '{}', is_pruned = true WHERE id = $1`,
);

/** Takes payloads out of runs that ended; see `Store` for what each promises. */
export type PostgresPruning = Pick<Store, "prunable" | "prune">;

export function createPostgresPruning(database: PostgresDatabase): PostgresPruning {
  return {
    async prunable(at, limit) {
      return (await prunable.all(database, at, limit)).map(toRunRecord);
    },
    async prune(runId, events) {
      const texts = toEventTexts(events);
      // What is read here stays true: nothing is appended to a run that is over.
      const rows = isUuid(runId) ? await logRows.all(database, runId) : [];
      if (rows.length === 0) throw new Error(`Run ${runId} cannot be pruned: it is not stored, or not over.`);
      const ends = rows.flatMap(({ lastSeq }) => (lastSeq === null ? [] : [lastSeq]));
      const lastSeq = ends.at(-1) ?? 0;
      if (lastSeq !== texts.length)
        throw new Error(`The log of run ${runId} ends at ${lastSeq}, not at ${texts.length}.`);
      const batches = ends.map((end, index) => `[${texts.slice(ends[index - 1] ?? 0, end).join(",")}]`);
      await pruneRun.run(database, runId, integerArray(ends), textArray(batches));
    },
  };
}
