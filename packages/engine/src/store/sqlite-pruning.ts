import type { DatabaseSync } from "node:sqlite";
import { selectRun } from "./sqlite-queries.ts";
import type { RunRow } from "./sqlite-rows.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { heldForWebhookMs } from "./store.ts";

/** The statements that take payloads out, each in view. */
function prepareStatements(database: DatabaseSync) {
  const prunable = prepare<RunRow>(
    database,
    `${selectRun}
     WHERE completed_at < ?1 AND is_pruned = 0 AND traced = 0 AND capture <> 'full'
       AND (completed_at < ?1 - ${heldForWebhookMs}
            OR (SELECT due_at FROM deliveries WHERE deliveries.run_no = runs.no) IS NULL)
     ORDER BY completed_at, runs.no LIMIT ?2`,
  );
  const endedRun = prepare<{ no: number }>(database, "SELECT no FROM runs WHERE id = ? AND completed_at IS NOT NULL");
  const batches = prepare<{ no: number; lastSeq: number }>(
    database,
    "SELECT no, last_seq AS lastSeq FROM log WHERE run_no = ? ORDER BY last_seq",
  );
  const replaceBatch = prepare(database, "UPDATE log SET events = ? WHERE no = ?");
  const dropInput = prepare(database, "UPDATE run_inputs SET input = '{}', options = '{}' WHERE run_no = ?");
  const dropEdits = prepare(database, "UPDATE executions SET edits = '{}' WHERE run_no = ?");
  const markPruned = prepare(database, "UPDATE runs SET is_pruned = 1 WHERE no = ?");
  return {
    prunable: (at: number, limit: number) => prunable.all(at, limit),
    endedRun: (runId: string) => endedRun.get(runId)?.no,
    batches: (runNo: number) => batches.all(runNo),
    replaceBatch: (no: number, text: string) => replaceBatch.run(text, no),
    dropInput: (runNo: number) => {
      dropInput.run(runNo);
      dropEdits.run(runNo);
    },
    markPruned: (runNo: number) => markPruned.run(runNo),
  };
}

/** Takes payloads out of runs that ended; see `Store`. */
export interface SqlitePruning {
  prunable(at: number, limit: number): readonly RunRow[];
  /** `texts` are the events of the whole log, each as JSON. */
  prune(runId: string, texts: readonly string[]): void;
}

export function createSqlitePruning(database: DatabaseSync, transaction: Transaction): SqlitePruning {
  const sql = prepareStatements(database);

  function prune(runId: string, texts: readonly string[]): void {
    const runNo = sql.endedRun(runId);
    if (runNo === undefined) throw new Error(`Run ${runId} cannot be pruned: it is not stored, or not over.`);
    const batches = sql.batches(runNo);
    const lastSeq = batches.at(-1)?.lastSeq ?? 0;
    if (lastSeq !== texts.length)
      throw new Error(`The log of run ${runId} ends at ${lastSeq}, not at ${texts.length}.`);
    // Each row keeps its place, its last seq and its epoch; only what it says is shorter.
    let written = 0;
    for (const batch of batches) {
      sql.replaceBatch(batch.no, `[${texts.slice(written, batch.lastSeq).join(",")}]`);
      written = batch.lastSeq;
    }
    sql.dropInput(runNo);
    sql.markPruned(runNo);
  }

  return { prunable: sql.prunable, prune: (runId, texts) => transaction(() => prune(runId, texts)) };
}
