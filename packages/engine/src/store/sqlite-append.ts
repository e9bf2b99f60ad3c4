import type { DatabaseSync } from "node:sqlite";
import type { EventBatch, JournalRow } from "./journal-rows.ts";
import type { Settling } from "./sqlite-settling.ts";
import { prepareCharge } from "./sqlite-credits.ts";
import { prepare } from "./sqlite-statement.ts";
import type { Waiting } from "./sqlite-waiting.ts";
import { type AppendOutcome, isOver, type RunStatus } from "./store.ts";

type AppendRow = JournalRow & { readonly kind: "append" };
type SeizeRow = JournalRow & { readonly kind: "seize" };

/** One object, so that a flush can tell at a glance which entries need no answer of their own. */
export const written: AppendOutcome = { outcome: "written" };
const staleEpoch: AppendOutcome = { outcome: "staleEpoch" };

export function refused(reason: string): AppendOutcome {
  return { outcome: "refused", reason };
}

/** When a run that moves to `status` at `at` ended, and since when it has been paused. */
function timesOf(status: RunStatus, at: number): { completedAt: number | null; pausedAt: number | null } {
  return { completedAt: isOver(status) ? at : null, pausedAt: status === "paused" ? at : null };
}

/** The statements that write to a run that is there, each in view. */
export function prepareAppendStatements(database: DatabaseSync) {
  // The fence, for every step of every run. In one statement with the write it took longer than the two: SQLite puts aside what it inserts
  // into a table that the same statement reads.
  const openRun = prepare<{ no: number; lastSeq: number }>(
    database,
    `SELECT no, coalesce((SELECT max(last_seq) FROM log WHERE run_no = runs.no), 0) AS lastSeq
     FROM runs WHERE id = ? AND epoch = ? AND completed_at IS NULL`,
  );
  const moveRun = prepare(
    database,
    `UPDATE runs SET status = ?2, owner = iif(?2 = 'running', owner, NULL), completed_at = ?3,
                     paused_at = iif(?2 = 'paused', coalesce(paused_at, ?4), NULL)
     WHERE no = ?1`,
  );
  // Like an append, but it moves the epoch too: of two that seize at once, the second finds another one.
  const takeRun = prepare<{ no: number }>(
    database,
    `UPDATE runs SET epoch = epoch + 1, status = ?3, owner = ?4, started_at = iif(?3 = 'running', coalesce(started_at, ?5), started_at),
                     completed_at = ?6, paused_at = iif(?3 = 'paused', coalesce(paused_at, ?7), NULL)
     WHERE id = ?1 AND epoch = ?2 AND status IN ('pending', 'paused')
       AND (?8 IS NULL OR coalesce((SELECT max(last_seq) FROM log WHERE run_no = runs.no), 0) = ?8 - 1)
     RETURNING no`,
  );
  const insertNext = prepare(database, "INSERT INTO log (run_no, last_seq, epoch, events) VALUES (?, ?, ?, ?)");
  const runState = prepare<{ epoch: number; status: RunStatus; owner: string | null; lastSeq: number }>(
    database,
    `SELECT epoch, status, owner, coalesce((SELECT max(last_seq) FROM log WHERE run_no = runs.no), 0) AS lastSeq
     FROM runs WHERE id = ?`,
  );
  const loggedText = prepare<{ events: string }>(
    database,
    "SELECT events FROM log WHERE run_no = (SELECT no FROM runs WHERE id = ?) AND last_seq = ? AND epoch = ?",
  );
  const chargedProject = prepare<{ no: number }>(
    database,
    "SELECT projects.no FROM runs JOIN projects ON projects.id = runs.project_id WHERE runs.id = ?",
  );
  const charge = prepareCharge(database);
  const ringDelivery = prepare(database, "UPDATE deliveries SET due_at = ?2 WHERE run_no = ?1 AND attempts = 0");
  return {
    /** Of a run that has just ended. */
    ringDelivery: (no: number, now: number) => ringDelivery.run(no, now),
    /** Of a run that is there. */
    charge: (runId: string, amountUsd: string) => {
      const project = chargedProject.get(runId);
      if (project !== undefined) charge(project.no, amountUsd);
    },
    /** The run's number, and where its log ends; undefined unless it is open and under `epoch`. */
    openRun: (runId: string, epoch: number) => openRun.get(runId, epoch),
    moveRun: (no: number, status: RunStatus, at: number) => {
      const { completedAt, pausedAt } = timesOf(status, at);
      moveRun.run(no, status, completedAt, pausedAt);
    },
    /** The run's number; undefined, and nothing written, unless it is under `epoch`, nobody holds it, and its log ends where the batch begins. */
    takeRun: ({ runId, epoch, batch, status, owner }: SeizeRow, now: number) => {
      const { completedAt, pausedAt } = timesOf(status, batch?.lastAt ?? now);
      return takeRun.get(runId, epoch, status, owner, now, completedAt, pausedAt, batch?.firstSeq ?? null)?.no;
    },
    insertNext: (no: number, epoch: number, { lastSeq, text }: EventBatch) => insertNext.run(no, lastSeq, epoch, text),
    runState: (runId: string) => runState.get(runId),
    /** Were these very events written under `epoch`? */
    isLogged: (runId: string, epoch: number, { lastSeq, text }: EventBatch) =>
      loggedText.get(runId, lastSeq, epoch)?.events === text,
  };
}

type AppendSql = ReturnType<typeof prepareAppendStatements>;

/** What surrounds a write. */
export interface Surroundings {
  readonly settling: Settling;
  readonly waiting: Waiting;
  /** The store's clock. */
  readonly now: number;
}

export function appendToRun(sql: AppendSql, row: AppendRow, { settling, waiting, now }: Surroundings): AppendOutcome {
  const { runId, epoch, batch, status, chargeUsd } = row;
  const run = batch === null && status === null ? undefined : sql.openRun(runId, epoch);
  if (run === undefined || (batch !== null && run.lastSeq !== batch.firstSeq - 1)) return explain(sql, row);
  const { no } = run;
  if (batch !== null) sql.insertNext(no, epoch, batch);
  if (chargeUsd !== null) sql.charge(runId, chargeUsd);
  if (status === null) return written;
  // Whoever holds a run has it running already; one that was taken from its holder stays as it is.
  if (status !== "running") sql.moveRun(no, status, batch?.lastAt ?? now);
  if (isOver(status)) sql.ringDelivery(no, now);
  // A run that its worker gives back had its turn before.
  if (status === "pending") waiting.file(no, { at: "front", now });
  if (row.isOfExecution) settling.settle(no, now);
  return written;
}

/** Why nothing was written now; `written` when that is because it was written before, or because there is nothing to write. */
function explain(sql: AppendSql, { runId, epoch, batch, status }: AppendRow): AppendOutcome {
  const state = sql.runState(runId);
  if (state === undefined) return refused(`there is no run ${runId}`);
  if (batch !== null && sql.isLogged(runId, epoch, batch)) return written;
  if (batch === null && state.epoch === epoch && state.status === status) return written;
  if (state.epoch !== epoch || isOver(state.status)) return staleEpoch;
  if (batch === null) return written;
  return refused(`the log of run ${runId} ends at ${state.lastSeq}, the entry begins at ${batch.firstSeq}`);
}

export function seizeRun(sql: AppendSql, row: SeizeRow, { settling, waiting, now }: Surroundings): AppendOutcome {
  if (row.concurrentRuns !== null) {
    const runsInWork = waiting.inWorkBeside(row.runId, row.epoch);
    if (runsInWork >= row.concurrentRuns) return { outcome: "noRoom", runsInWork };
  }
  const no = sql.takeRun(row, now);
  if (no === undefined) return explainSeizure(sql, row);
  if (row.batch !== null) sql.insertNext(no, row.epoch + 1, row.batch);
  if (row.status === "pending") waiting.file(no, { at: "end", now });
  if (isOver(row.status)) sql.ringDelivery(no, now);
  if (row.isOfExecution) settling.settle(no, now);
  return written;
}

/** Why the run was not taken now; `written` when that is because it was taken before, by the same owner. */
function explainSeizure(sql: AppendSql, { runId, epoch, batch, status, owner }: SeizeRow): AppendOutcome {
  const state = sql.runState(runId);
  if (state === undefined) return refused(`there is no run ${runId}`);
  const isUnderNext = state.epoch === epoch + 1;
  // Two workers may seize with the same events: then the hold tells whose they are.
  const isHeldByOther = isUnderNext && state.owner !== null && state.owner !== owner;
  if (batch !== null && !isHeldByOther && sql.isLogged(runId, epoch + 1, batch)) return written;
  if (batch === null && isUnderNext && state.status === status && state.owner === owner) return written;
  const isHeldByNobody = state.status === "pending" || state.status === "paused";
  if (batch === null || state.epoch !== epoch || !isHeldByNobody) return staleEpoch;
  return refused(`the log of run ${runId} ends at ${state.lastSeq}, the entry begins at ${batch.firstSeq}`);
}
