import type { DatabaseSync } from "node:sqlite";
import { type FactRow, movedStatus, openingStatus } from "./execution-rows.ts";
import { prepare } from "./sqlite-statement.ts";
import type { NewExecutionRun, NewRun } from "./store.ts";

/** What is written of executions while their runs are: within the caller's transaction. */
export interface Settling {
  /** May the execution have that run now? Not unless the run before it is over. */
  isFree(execution: NewExecutionRun): boolean;
  /** Makes a run that was just created, of that number and with its log at `openingSeq`, the latest of its execution. */
  begin(execution: NewExecutionRun, run: Omit<NewRun, "input" | "options">, place: RunPlace): void;
  /** Lets the status of the execution, if the run is the latest of one, follow from how that run stands. */
  settle(runNo: number, now: number): void;
  /** Of every execution that may have lost its worker before a step began: nothing else of one follows from that. */
  settleWaiting(now: number): void;
}

/** Where a run is, and its log. */
export interface RunPlace {
  readonly runNo: number;
  readonly openingSeq: number;
}

export function prepareSettling(database: DatabaseSync): Settling {
  const latestRun = prepare<{ runNumber: number; isOver: number }>(
    database,
    `SELECT executions.run_number AS runNumber, runs.completed_at IS NOT NULL AS isOver
     FROM executions JOIN runs ON runs.no = executions.run_no WHERE executions.id = ? AND deleted_at IS NULL`,
  );
  const insert = prepare(
    database,
    `INSERT INTO executions (id, project_id, flow_no, run_no, run_number, opening_seq, status, webhook_url, created_at, updated_at, modified_by)
     VALUES (?, ?, (SELECT flow_no FROM runs WHERE no = ?3), ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)`,
  );
  const moveOn = prepare(
    database,
    `UPDATE executions SET run_no = ?2, run_number = ?3, opening_seq = ?4, status = ?5, updated_at = ?6, modified_by = ?7,
                           edits = '{}', is_stale = 0, is_cancel_requested = 0
     WHERE id = ?1`,
  );
  const markRun = prepare(database, "UPDATE runs SET execution_id = ?2, run_number = ?3 WHERE no = ?1");
  const facts = prepare<FactRow & { readonly no: number }>(
    database,
    `SELECT executions.no, runs.status AS run, executions.status, is_stale AS isStale, is_cancel_requested AS isCancelRequested,
            coalesce((SELECT max(last_seq) FROM log WHERE log.run_no = runs.no), 0) > opening_seq AS hasBegun
     FROM executions JOIN runs ON runs.no = executions.run_no WHERE executions.run_no = ?`,
  );
  const move = prepare(database, "UPDATE executions SET status = ?2, updated_at = ?3 WHERE no = ?1");
  const tell = prepare(
    database,
    `INSERT INTO execution_changes (execution_no, project_id, status, run_number, at)
     SELECT no, project_id, status, run_number, ?2 FROM executions WHERE run_no = ?1`,
  );
  const withoutStep = prepare<{ runNo: number }>(
    database,
    "SELECT run_no AS runNo FROM executions WHERE status = 'running'",
  );

  function settle(runNo: number, now: number): void {
    const row = facts.get(runNo);
    const status = row === undefined ? undefined : movedStatus(row);
    if (row === undefined || status === undefined) return;
    move.run(row.no, status, now);
    tell.run(runNo, now);
  }

  return {
    isFree({ id, runNumber }) {
      const latest = latestRun.get(id);
      if (latest === undefined) return runNumber === 1;
      return latest.runNumber === runNumber - 1 && latest.isOver === 1;
    },
    begin({ id, runNumber, modifiedBy, webhookUrl }, { projectId, owner, createdAt: at }, { runNo, openingSeq }) {
      const status = openingStatus(owner !== null);
      if (runNumber === 1) insert.run(id, projectId, runNo, runNumber, openingSeq, status, webhookUrl, at, modifiedBy);
      else moveOn.run(id, runNo, runNumber, openingSeq, status, at, modifiedBy);
      markRun.run(runNo, id, runNumber);
      tell.run(runNo, at);
    },
    settle,
    settleWaiting(now) {
      for (const { runNo } of withoutStep.all()) settle(runNo, now);
    },
  };
}
