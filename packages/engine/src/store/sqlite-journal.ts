import type { DatabaseSync } from "node:sqlite";
import {
  appendToRun,
  prepareAppendStatements,
  refused,
  seizeRun,
  type Surroundings,
  written,
} from "./sqlite-append.ts";
import type { EventBatch, JournalRow } from "./journal-rows.ts";
import { type PackedRow, unpackRow } from "./sqlite-packing.ts";
import { prepareSettling } from "./sqlite-settling.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { prepareWaiting } from "./sqlite-waiting.ts";
import { type AppendOutcome, idempotencyMs, type RunStatus, type WebhookTarget } from "./store.ts";

/** SQLite's extended code SQLITE_CONSTRAINT_FOREIGNKEY. */
const foreignKeyViolated = 787;

type CreateRow = JournalRow & { readonly kind: "create" };

/** An outcome other than `written`, and the index of its entry: most flushes have none. */
export type OtherOutcome = readonly [index: number, outcome: AppendOutcome];

/** The write side of the log. */
export interface SqliteJournal {
  /** Writes all entries in one transaction. Entries not named in the answer were written. `now` is the store's clock. */
  append(rows: readonly PackedRow[], now: number): readonly OtherOutcome[];
}

export function createSqliteJournal(database: DatabaseSync, transaction: Transaction): SqliteJournal {
  const createSql = prepareCreateStatements(database);
  const appendSql = prepareAppendStatements(database);
  const settling = prepareSettling(database);
  const waiting = prepareWaiting(database);

  function write(row: JournalRow, now: number): AppendOutcome {
    switch (row.kind) {
      case "create":
        return createRun(createSql, row, { settling, waiting, now });
      case "append":
        return appendToRun(appendSql, row, { settling, waiting, now });
      case "seize":
        return seizeRun(appendSql, row, { settling, waiting, now });
      case "refused":
        return refused(row.reason);
    }
  }

  function append(rows: readonly PackedRow[], now: number): readonly OtherOutcome[] {
    const others: OtherOutcome[] = [];
    for (const [index, row] of rows.entries()) {
      const outcome = write(unpackRow(row), now);
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
  const insertRun = prepare(
    database,
    `INSERT INTO runs (id, project_id, flow_id, flow_no, flow_version, definition_hash, trigger, session_id, capture, traced,
                       status, epoch, owner, priority, ready_at, created_at, started_at)
     VALUES (?1, ?2, ?3, (SELECT no FROM flows WHERE id = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
     ON CONFLICT (id) DO NOTHING`,
  );
  const insertInput = prepare(
    database,
    "INSERT INTO run_inputs (run_no, input, options, request_hash, key_expires_at, idempotency_key) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const insertKey = prepare(
    database,
    `INSERT INTO idempotency_keys (project_no, key, run_no) VALUES ((SELECT no FROM projects WHERE id = ?), ?, ?)
     ON CONFLICT (project_no, key) DO UPDATE SET run_no = excluded.run_no`,
  );
  const insertBatch = prepare(database, "INSERT INTO log (run_no, last_seq, epoch, events) VALUES (?, ?, ?, ?)");
  const insertDelivery = prepare(database, "INSERT INTO deliveries (run_no, url, host) VALUES (?, ?, ?)");
  return {
    isStored: (runId: string) => isStored.get(runId) !== undefined,
    keyHolder: (projectId: string, key: string, now: number) => keyHolder.get(projectId, key, now),
    /** The new run's number; undefined when the run is there already. */
    insertRun: (run: CreateRow["run"], status: RunStatus, epoch: number, startedAt: number | null) =>
      insertRun.insert(
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
        run.priority,
        run.readyAt,
        run.createdAt,
        startedAt,
      ),
    insertInput: (no: number, { input, options, run: { idempotency } }: CreateRow, keyExpiresAt: number) =>
      idempotency === null
        ? insertInput.run(no, input, options, null, null, null)
        : insertInput.run(no, input, options, idempotency.requestHash, keyExpiresAt, idempotency.key),
    insertKey: (projectId: string, key: string, no: number) => insertKey.run(projectId, key, no),
    insertBatch: (no: number, epoch: number, { lastSeq, text }: EventBatch) =>
      insertBatch.run(no, lastSeq, epoch, text),
    insertDelivery: (no: number, { url, host }: WebhookTarget) => insertDelivery.run(no, url, host),
  };
}

function createRun(
  sql: ReturnType<typeof prepareCreateStatements>,
  row: CreateRow,
  { settling, waiting, now }: Surroundings,
): AppendOutcome {
  const { run, batch, execution } = row;
  const { idempotency } = run;
  if (batch !== null && batch.firstSeq !== 1) return refused(`a log begins at 1, this one at ${batch.firstSeq}`);
  const taken = idempotency === null ? undefined : sql.keyHolder(run.projectId, idempotency.key, now);
  if (taken !== undefined && !sql.isStored(run.id)) {
    return { outcome: "duplicate", runId: taken.runId, sameRequest: taken.requestHash === idempotency?.requestHash };
  }
  if (execution !== null && !settling.isFree(execution) && !sql.isStored(run.id))
    return refused(`execution ${execution.id} is not free for run ${execution.runNumber}`);
  const runsInWork = run.concurrentRuns === undefined ? 0 : waiting.inWork(run.projectId);
  if (run.concurrentRuns !== undefined && runsInWork >= run.concurrentRuns && !sql.isStored(run.id))
    return { outcome: "noRoom", runsInWork };
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
  if (run.webhook !== undefined) sql.insertDelivery(no, run.webhook);
  if (!isHeld) waiting.file(no, { at: "end", now });
  if (execution !== null) settling.begin(execution, run, { runNo: no, openingSeq: batch?.lastSeq ?? 0 });
  return written;
}

function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === foreignKeyViolated;
}
