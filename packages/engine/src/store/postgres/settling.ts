import { type FactRow, movedStatus, openingStatus } from "../execution-rows.ts";
import type { ExecutionStatus } from "../../executions/statuses.ts";
import type { NewExecutionRun } from "../store.ts";
import { bigintArray, integerArray, textArray, uuidArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { CreateRow, Placed } from "./rounds.ts";
import { prepare } from "./statement.ts";

/** A new run of an execution. */
export type ExecutionRow = CreateRow & { readonly execution: NewExecutionRun };

interface LatestRun {
  readonly id: string;
  readonly runId: string;
  readonly runNumber: number;
  readonly isFree: boolean;
}

const lockExecutions = prepare(
  "lock_executions",
  `SELECT FROM executions
   WHERE id = ANY (ARRAY(SELECT unnest($1::uuid[]) UNION ALL SELECT id FROM executions WHERE run_id = ANY ($2::uuid[])))
   ORDER BY id FOR UPDATE`,
);

const latestRuns = prepare<LatestRun>(
  "latest_execution_runs",
  `SELECT executions.id, executions.run_id AS "runId", executions.run_number AS "runNumber",
          state.completed_at IS NOT NULL AND executions.deleted_at IS NULL AS "isFree"
   FROM executions JOIN run_states AS state ON state.run_id = executions.run_id
   WHERE executions.id = ANY ($1::uuid[])`,
);

/**
 * A change's place among all: that of its transaction, but never before the last change of the same execution, whose transaction may have begun
 * later and been first to lock the execution. For readers nothing is lost by it: they go no further than the oldest transaction under way.
 */
export function changePlace(executionId: string): string {
  return `greatest(pg_current_xact_id(), (
    SELECT earlier.xid FROM execution_changes AS earlier WHERE earlier.execution_id = ${executionId} ORDER BY earlier.xid DESC LIMIT 1))`;
}

/** The same run twice leaves everything as it is. */
const beginRuns = prepare(
  "begin_execution_runs",
  `WITH asked AS MATERIALIZED (
     SELECT asked.*, runs.project_no, runs.flow_no
     FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::text[])
       AS asked (run_id, execution_id, run_number, opening_seq, status, webhook_url, at, modified_by)
     JOIN runs ON runs.id = asked.run_id
   ), begun AS (
     INSERT INTO executions AS known (id, project_no, flow_no, run_id, run_number, opening_seq, status, webhook_url, created_at, updated_at, modified_by)
     SELECT execution_id, project_no, flow_no, run_id, run_number, opening_seq, status, webhook_url, at, at, modified_by FROM asked
     ON CONFLICT (id) DO UPDATE
     SET run_id = excluded.run_id, run_number = excluded.run_number, opening_seq = excluded.opening_seq, status = excluded.status,
         updated_at = excluded.updated_at, modified_by = excluded.modified_by, edits = '{}', is_stale = false, is_cancel_requested = false
     WHERE known.run_number < excluded.run_number
     RETURNING id, project_no, flow_no, status, run_number, updated_at
   ), marked AS (
     UPDATE runs SET execution_id = asked.execution_id, run_number = asked.run_number FROM asked WHERE runs.id = asked.run_id
   )
   INSERT INTO execution_changes (xid, execution_id, project_no, flow_no, status, run_number, at)
   SELECT ${changePlace("begun.id")}, id, project_no, flow_no, status, run_number, updated_at FROM begun`,
);

const selectFacts = prepare<FactRow & { readonly id: string }>(
  "execution_facts",
  `SELECT executions.id, state.status AS run, executions.status, state.last_seq > opening_seq AS "hasBegun", is_stale AS "isStale",
          is_cancel_requested AS "isCancelRequested"
   FROM executions JOIN run_states AS state ON state.run_id = executions.run_id
   WHERE executions.run_id = ANY ($1::uuid[]) ORDER BY executions.id FOR UPDATE OF executions`,
);

const moveExecutions = prepare(
  "move_executions",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$3")} AS now
   ), moved AS (
     UPDATE executions SET status = next.status, updated_at = (SELECT now FROM clock)
     FROM unnest($1::uuid[], $2::text[]) AS next (id, status) WHERE executions.id = next.id
     RETURNING executions.id, project_no, flow_no, executions.status, run_number, updated_at
   )
   INSERT INTO execution_changes (xid, execution_id, project_no, flow_no, status, run_number, at)
   SELECT ${changePlace("moved.id")}, id, project_no, flow_no, status, run_number, updated_at FROM moved`,
);

const runsWithoutStep = prepare<{ runId: string }>(
  "execution_runs_without_step",
  `SELECT run_id AS "runId" FROM executions WHERE status = 'running' ORDER BY run_id`,
);

/**
 * Locks the executions of new runs and of runs that are written to: before anything else of a commit, and in the order of their ids, so that two
 * processes never wait for each other.
 */
export async function lockConcerned(
  connection: Connection,
  created: readonly ExecutionRow[],
  movedRunIds: readonly string[],
): Promise<void> {
  await lockExecutions.run(connection, uuidArray(created.map(({ execution }) => execution.id)), uuidArray(movedRunIds));
}

/** Of the new runs those whose execution, which the caller has locked, cannot have them now: its present run is not over. */
export async function findBusy(
  connection: Connection,
  entries: readonly Placed<ExecutionRow>[],
): Promise<readonly Placed<ExecutionRow>[]> {
  const later = entries.filter(({ row: { execution } }) => execution.runNumber > 1);
  if (later.length === 0) return [];
  const latest = await latestRuns.all(connection, uuidArray(later.map(({ row }) => row.execution.id)));
  const byId = new Map(latest.map((run) => [run.id, run]));
  return later.filter(({ row: { run, execution } }) => {
    const known = byId.get(execution.id);
    // An entry that was written before is not refused for itself.
    if (known?.runId === run.id) return false;
    return known?.isFree !== true || known.runNumber !== execution.runNumber - 1;
  });
}

/** Makes runs that were just created the latest of their executions. */
export async function beginExecutionRuns(connection: Connection, rows: readonly ExecutionRow[]): Promise<void> {
  if (rows.length === 0) return;
  await beginRuns.run(
    connection,
    uuidArray(rows.map(({ run }) => run.id)),
    uuidArray(rows.map(({ execution }) => execution.id)),
    integerArray(rows.map(({ execution }) => execution.runNumber)),
    integerArray(rows.map(({ batch }) => batch?.lastSeq ?? 0)),
    textArray(rows.map(({ run }) => openingStatus(run.owner !== null))),
    textArray(rows.map(({ execution }) => execution.webhookUrl)),
    bigintArray(rows.map(({ run }) => run.createdAt)),
    textArray(rows.map(({ execution }) => execution.modifiedBy)),
  );
}

/** Lets the status of each execution that has one of the runs as its latest follow from how that stands. `now` null: by the database's clock. */
export async function settleExecutions(
  connection: Connection,
  runIds: readonly string[],
  now: number | null,
): Promise<void> {
  if (runIds.length === 0) return;
  const moved: { readonly id: string; readonly status: ExecutionStatus }[] = [];
  for (const { id, ...facts } of await selectFacts.all(connection, uuidArray(runIds))) {
    const status = movedStatus(facts);
    if (status !== undefined) moved.push({ id, status });
  }
  if (moved.length === 0) return;
  const ids = uuidArray(moved.map(({ id }) => id));
  await moveExecutions.run(connection, ids, textArray(moved.map(({ status }) => status)), now);
}

/** The same for every execution that may have lost its worker before a step began: nothing else of one follows from that. */
export async function settleWaiting(connection: Connection, now: number | null): Promise<void> {
  const waiting = await runsWithoutStep.all(connection);
  await settleExecutions(
    connection,
    waiting.map(({ runId }) => runId),
    now,
  );
}
