import type { DatabaseSync } from "node:sqlite";
import { withEdit } from "../executions/edits.ts";
import { type ExecutionRow, parseEdits, toExecutionRecord } from "./execution-rows.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import { prepareSettling, type Settling } from "./sqlite-settling.ts";
import {
  type ExecutionChange,
  type ExecutionChangeQuery,
  type ExecutionCommand,
  type ExecutionOutcome,
  type ExecutionQuery,
  type ExecutionRecord,
  isOver,
  type RunStatus,
} from "./store.ts";

/** A whole execution; a WHERE clause is to follow. */
const selectExecution = `
  SELECT executions.id, executions.project_id AS projectId, runs.flow_id AS flowId, executions.status, runs.id AS runId,
         executions.run_number AS runNumber, runs.flow_version AS flowVersion, input, edits, webhook_url AS webhookUrl,
         executions.created_at AS createdAt, executions.updated_at AS updatedAt, modified_by AS modifiedBy, deleted_at AS deletedAt
  FROM executions JOIN runs ON runs.no = executions.run_no JOIN run_inputs ON run_inputs.run_no = runs.no`;

const sortColumns = { createdAt: "created_at", updatedAt: "updated_at" } as const;

/** A page in each of the four orders; each has its own index to be read along. */
function prepareLists(database: DatabaseSync) {
  const listIn = (column: string, isDescending: boolean) => {
    const [direction, beyond] = isDescending ? ["DESC", "<"] : ["ASC", ">"];
    return prepare<ExecutionRow>(
      database,
      `${selectExecution}
       WHERE executions.flow_no = (SELECT no FROM flows WHERE id = ?1) AND deleted_at IS NULL
         AND executions.status IN (SELECT value FROM json_each(?2))
         AND executions.created_at > ?3 AND executions.created_at < ?4 AND executions.updated_at > ?5 AND executions.updated_at < ?6
         AND (?7 IS NULL OR (executions.${column}, executions.no) ${beyond} (SELECT ${column}, no FROM executions WHERE id = ?7))
       ORDER BY executions.${column} ${direction}, executions.no ${direction} LIMIT ?8 OFFSET ?9`,
    );
  };
  const both = (column: string) => ({ down: listIn(column, true), up: listIn(column, false) });
  const lists = { createdAt: both(sortColumns.createdAt), updatedAt: both(sortColumns.updatedAt) };
  return (query: ExecutionQuery) => {
    const { flowId, statuses, sortField, isDescending, behind = null, limit, offset } = query;
    const { createdAfter = -1, createdBefore = farAway, updatedAfter = -1, updatedBefore = farAway } = query;
    const list = lists[sortField][isDescending ? "down" : "up"];
    const bounds = [createdAfter, createdBefore, updatedAfter, updatedBefore];
    return list.all(flowId, JSON.stringify(statuses), ...bounds, behind, limit, offset);
  };
}

const farAway = Number.MAX_SAFE_INTEGER;

type ChangeRow = Omit<ExecutionChange, "cursor"> & { readonly no: number };

const selectChanges = `
  SELECT changes.no, executions.id AS executionId, changes.project_id AS projectId, flows.id AS flowId, changes.status,
         changes.run_number AS runNumber, changes.at
  FROM execution_changes AS changes
  CROSS JOIN executions ON executions.no = changes.execution_no CROSS JOIN flows ON flows.no = executions.flow_no`;

/** The statements about executions, each in view. */
function prepareStatements(database: DatabaseSync) {
  const execution = prepare<ExecutionRow>(database, `${selectExecution} WHERE executions.id = ?`);
  const state = prepare<{ runNo: number; runId: string; run: RunStatus; isPruned: number }>(
    database,
    `SELECT runs.no AS runNo, runs.id AS runId, runs.status AS run, is_pruned AS isPruned FROM executions JOIN runs ON runs.no = executions.run_no WHERE executions.id = ? AND deleted_at IS NULL`,
  );
  const edits = prepare<{ edits: string }>(database, "SELECT edits FROM executions WHERE id = ?");
  const touch = prepare(database, "UPDATE executions SET modified_by = ?2, updated_at = ?3 WHERE id = ?1");
  const requestCancel = prepare(database, "UPDATE executions SET is_cancel_requested = 1 WHERE id = ?");
  const saveEdits = prepare(database, "UPDATE executions SET edits = ?2, is_stale = max(is_stale, ?3) WHERE id = ?1");
  const hide = prepare(database, "UPDATE executions SET status = 'deleted', deleted_at = ?2 WHERE id = ?1");
  const tellOf = prepare(
    database,
    `INSERT INTO execution_changes (execution_no, project_id, status, run_number, at)
     SELECT no, project_id, status, run_number, ?2 FROM executions WHERE id = ?1`,
  );
  const changesOfProject = prepare<ChangeRow>(
    database,
    `${selectChanges} WHERE changes.project_id = ?1 AND changes.no > ?2 ORDER BY changes.no LIMIT ?3`,
  );
  const changesOfExecution = prepare<ChangeRow>(
    database,
    `${selectChanges}
     WHERE changes.execution_no = (SELECT no FROM executions WHERE id = ?1) AND changes.no > ?2 ORDER BY changes.no LIMIT ?3`,
  );
  const latestChange = prepare<{ no: number }>(
    database,
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'execution_changes'), 0) AS no",
  );
  const toCancel = prepare<{ projectId: string; runId: string }>(
    database,
    `SELECT executions.project_id AS projectId, runs.id AS runId FROM executions JOIN runs ON runs.no = executions.run_no
     WHERE executions.status = 'cancel_requested' LIMIT ?`,
  );
  return {
    execution,
    state,
    edits,
    touch,
    requestCancel,
    saveEdits,
    hide,
    tellOf,
    changesOfProject,
    changesOfExecution,
    latestChange,
    toCancel,
  };
}

type Statements = ReturnType<typeof prepareStatements>;

/** Executions; see `Store` for what each promises. `now` is the store's clock. */
export interface SqliteExecutions {
  execution(executionId: string): ExecutionRecord | undefined;
  executions(query: ExecutionQuery): readonly ExecutionRecord[];
  commandExecution(executionId: string, by: string, command: ExecutionCommand, now: number): ExecutionOutcome;
  executionChanges(query: ExecutionChangeQuery): readonly ExecutionChange[];
  latestChange(): string;
  runsToCancel(limit: number): readonly { readonly projectId: string; readonly runId: string }[];
}

export function createSqliteExecutions(database: DatabaseSync, transaction: Transaction): SqliteExecutions {
  const sql = prepareStatements(database);
  const settling = prepareSettling(database);
  const list = prepareLists(database);

  function execution(id: string): ExecutionRecord | undefined {
    const row = sql.execution.get(id);
    return row === undefined ? undefined : toExecutionRecord(row);
  }

  return {
    execution,
    executions: (query) => list(query).map(toExecutionRecord),
    commandExecution: (id, by, command, now) =>
      transaction(() => {
        const outcome = obey({ sql, settling }, { id, by, command, now });
        const record = execution(id);
        return outcome === undefined || record === undefined ? undefined : { outcome, execution: record };
      }),
    executionChanges: (query) => changesAfter(sql, query),
    latestChange: () => `0-${sql.latestChange.get()?.no ?? 0}`,
    runsToCancel: (limit) => sql.toCancel.all(limit),
  };
}

function changesAfter(
  { changesOfProject, changesOfExecution }: Statements,
  { projectIds, executionId, after, limit }: ExecutionChangeQuery,
): readonly ExecutionChange[] {
  const last = Number(after.slice(after.indexOf("-") + 1));
  const rows =
    executionId === undefined
      ? projectIds.flatMap((id) => changesOfProject.all(id, last, limit))
      : changesOfExecution.all(executionId, last, limit).filter(({ projectId }) => projectIds.includes(projectId));
  const inOrder = rows.toSorted((a, b) => a.no - b.no).slice(0, limit);
  return inOrder.map(({ no, ...change }) => ({ cursor: `0-${no}`, ...change }));
}

interface Order {
  readonly id: string;
  readonly by: string;
  readonly command: ExecutionCommand;
  readonly now: number;
}

function obey(
  { sql, settling }: { readonly sql: Statements; readonly settling: Settling },
  { id, by, command, now }: Order,
): "done" | "conflict" | undefined {
  const state = sql.state.get(id);
  if (state === undefined) return undefined;
  switch (command.kind) {
    case "delete":
      sql.touch.run(id, by, now);
      sql.hide.run(id, now);
      sql.tellOf.run(id, now);
      return "done";
    case "requestCancel":
      if (isOver(state.run)) return "done";
      sql.touch.run(id, by, now);
      sql.requestCancel.run(id);
      break;
    case "edit": {
      if (state.runId !== command.runId || !isOver(state.run) || state.isPruned === 1) return "conflict";
      const edits = withEdit(parseEdits(sql.edits.get(id)?.edits ?? "{}"), command.stepId, {
        ...command.edit,
        at: now,
      });
      sql.touch.run(id, by, now);
      sql.saveEdits.run(id, JSON.stringify(edits), command.isStale ? 1 : 0);
    }
  }
  settling.settle(state.runNo, now);
  return "done";
}
