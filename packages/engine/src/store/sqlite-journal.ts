import type { DatabaseSync } from "node:sqlite";
import type { EventBatch, JournalRow } from "./sqlite-rows.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { type AppendOutcome, isOver, type RunStatus } from "./store.ts";

/** How long an idempotency key names its run. Source: contract §3. */
const idempotencyMs = 24 * 60 * 60 * 1000;

/** SQLite's extended code SQLITE_CONSTRAINT_FOREIGNKEY. */
const foreignKeyViolated = 787;

type CreateRow = JournalRow & { readonly kind: "create" };
type AppendRow = JournalRow & { readonly kind: "append" };

const written: AppendOutcome = { outcome: "written" };

function refused(reason: string): AppendOutcome {
  return { outcome: "refused", reason };
}

/** An outcome other than `written`, and the index of its entry: most flushes have none. */
export type OtherOutcome = readonly [index: number, outcome: AppendOutcome];

/** The write side of the log. */
export interface SqliteJournal {
  /** Writes all entries in one transaction. Entries not named in the answer were written. `now` is the store's clock. */
  append(rows: readonly JournalRow[], now: number): readonly OtherOutcome[];
}

export function createSqliteJournal(database: DatabaseSync, transaction: Transaction): SqliteJournal {
  const createSql = prepareCreateStatements(database);
  const appendSql = prepareAppendStatements(database);

  function write(row: JournalRow, now: number): AppendOutcome {
    if (row.kind === "refused") return refused(row.reason);
    return row.kind === "create" ? createRun(createSql, row, now) : appendToRun(appendSql, row, now);
  }

  function append(rows: readonly JournalRow[], now: number): readonly OtherOutcome[] {
    const others: OtherOutcome[] = [];
    for (const [index, row] of rows.entries()) {
      const outcome = write(row, now);
      if (outcome !== written) others.push([index, outcome]);
    }
    return others;
  }

  return { append: (rows, now) => transaction(() => append(rows, now)) };
}

/** The statements that create a run, each in view. */
function prepareCreateStatements(database: DatabaseSync) {
  const isStored = prepare<{ no: number }>(database, "SELECT no FROM runs WHERE id = ?");
  const keyHolder = prepare<{ runId: string; requestHash: string }>(
    database,
    `SELECT runs.id AS runId, request_hash AS requestHash
     FROM idempotency_keys
     JOIN runs ON runs.no = idempotency_keys.run_no
     JOIN run_inputs ON run_inputs.run_no = idempotency_keys.run_no
     WHERE project_no = (SELECT no FROM projects WHERE id = ?) AND key = ? AND key_expires_at > ?`,
  );
  const insertRun = prepare<{ no: number }>(
    database,
    `INSERT INTO runs (id, project_id, flow_id, flow_version, definition_hash, trigger, session_id, capture, traced,
                       status, epoch, owner, created_at, started_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING
     RETURNING no`,
  );
  const insertInput = prepare(
    database,
    "INSERT INTO run_inputs (run_no, input, options, request_hash, key_expires_at) VALUES (?, ?, ?, ?, ?)",
  );
  const insertKey = prepare(
    database,
    `INSERT INTO idempotency_keys (project_no, key, run_no) VALUES ((SELECT no FROM projects WHERE id = ?), ?, ?)
     ON CONFLICT (project_no, key) DO UPDATE SET run_no = excluded.run_no`,
  );
  const insertBatch = prepare(database, "INSERT INTO log (run_no, last_seq, epoch, events) VALUES (?, ?, ?, ?)");
  return {
    isStored: (runId: string) => isStored.get(runId) !== undefined,
    keyHolder: (projectId: string, key: string, now: number) => keyHolder.get(projectId, key, now),
    /** The new run's number; undefined when the run is there already. */
    insertRun: (run: CreateRow["run"], status: RunStatus, epoch: number, startedAt: number | null) =>
      insertRun.get(
        run.id,
        run.projectId,
        run.flowId,
        run.flowVersion,
        run.definitionHash,
        run.trigger,
        run.sessionId,
        run.capture,
        run.traced ? 1 : 0,
        status,
        epoch,
        run.owner,
        run.createdAt,
        startedAt,
      )?.no,
    insertInput: (no: number, { input, options, run: { idempotency } }: CreateRow, keyExpiresAt: number) =>
      insertInput.run(no, input, options, idempotency?.requestHash ?? null, idempotency === null ? null : keyExpiresAt),
    insertKey: (projectId: string, key: string, no: number) => insertKey.run(projectId, key, no),
    insertBatch: (no: number, epoch: number, { lastSeq, text }: EventBatch) =>
      insertBatch.run(no, lastSeq, epoch, text),
  };
}

function createRun(sql: ReturnType<typeof prepareCreateStatements>, row: CreateRow, now: number): AppendOutcome {
  const { run, batch } = row;
  const { idempotency } = run;
  if (batch !== null && batch.firstSeq !== 1) return refused(`a log begins at 1, this one at ${batch.firstSeq}`);
  const taken = idempotency === null ? undefined : sql.keyHolder(run.projectId, idempotency.key, now);
  if (taken !== undefined && !sql.isStored(run.id)) {
    return { outcome: "duplicate", runId: taken.runId, sameRequest: taken.requestHash === idempotency?.requestHash };
  }
  const isHeld = run.owner !== null;
  const epoch = isHeld ? 1 : 0;
  let no: number | undefined;
  try {
    no = sql.insertRun(run, isHeld ? "running" : "pending", epoch, isHeld ? run.createdAt : null);
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    return refused(`project ${run.projectId}, flow ${run.flowId} or definition ${run.definitionHash} is not stored`);
  }
  if (no === undefined) return written;
  sql.insertInput(no, row, now + idempotencyMs);
  if (idempotency !== null) sql.insertKey(run.projectId, idempotency.key, no);
  if (batch !== null) sql.insertBatch(no, epoch, batch);
  return written;
}

function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === foreignKeyViolated;
}

/** The statements that append to a run, each in view. */
function prepareAppendStatements(database: DatabaseSync) {
  // The fence, the gap check and the write are one statement: this is the one that runs for every step of every run.
  const insertBatch = prepare(
    database,
    `INSERT INTO log (run_no, last_seq, epoch, events)
     SELECT no, ?2, ?3, ?4 FROM runs
     WHERE id = ?1 AND epoch = ?3 AND completed_at IS NULL
       AND coalesce((SELECT max(last_seq) FROM log WHERE run_no = runs.no), 0) = ?5 - 1`,
  );
  const moveRun = prepare(
    database,
    `UPDATE runs SET status = ?3, owner = iif(?3 IN ('running', 'paused'), owner, NULL), completed_at = ?4
     WHERE id = ?1 AND epoch = ?2 AND completed_at IS NULL`,
  );
  const runState = prepare<{ epoch: number; status: RunStatus; lastSeq: number }>(
    database,
    `SELECT epoch, status, coalesce((SELECT max(last_seq) FROM log WHERE run_no = runs.no), 0) AS lastSeq
     FROM runs WHERE id = ?`,
  );
  const loggedText = prepare<{ events: string }>(
    database,
    "SELECT events FROM log WHERE run_no = (SELECT no FROM runs WHERE id = ?) AND last_seq = ? AND epoch = ?",
  );
  return {
    /** False, and nothing written, unless the run is open, under `epoch`, and its log ends where the batch begins. */
    insertBatch: (runId: string, epoch: number, { firstSeq, lastSeq, text }: EventBatch) =>
      insertBatch.run(runId, lastSeq, epoch, text, firstSeq) === 1,
    /** False, and nothing written, unless the run is open and under `epoch`. */
    moveRun: (runId: string, epoch: number, status: RunStatus, completedAt: number | null) =>
      moveRun.run(runId, epoch, status, completedAt) === 1,
    runState: (runId: string) => runState.get(runId),
    loggedText: (runId: string, epoch: number, { lastSeq }: EventBatch) =>
      loggedText.get(runId, lastSeq, epoch)?.events,
  };
}

type AppendSql = ReturnType<typeof prepareAppendStatements>;

function appendToRun(sql: AppendSql, row: AppendRow, now: number): AppendOutcome {
  const { runId, epoch, batch, status } = row;
  if (batch !== null && !sql.insertBatch(runId, epoch, batch)) return explain(sql, row);
  if (status !== null) {
    const completedAt = isOver(status) ? (batch?.lastAt ?? now) : null;
    return sql.moveRun(runId, epoch, status, completedAt) ? written : explain(sql, row);
  }
  return batch === null ? explain(sql, row) : written;
}

/** Why nothing was written now; `written` when that is because it was written before, or because there is nothing to write. */
function explain(sql: AppendSql, { runId, epoch, batch, status }: AppendRow): AppendOutcome {
  const state = sql.runState(runId);
  if (state === undefined) return refused(`there is no run ${runId}`);
  if (batch !== null && sql.loggedText(runId, epoch, batch) === batch.text) return written;
  if (batch === null && state.epoch === epoch && state.status === status) return written;
  if (state.epoch !== epoch || isOver(state.status)) return { outcome: "staleEpoch" };
  if (batch === null) return written;
  return refused(`the log of run ${runId} ends at ${state.lastSeq}, the entry begins at ${batch.firstSeq}`);
}
