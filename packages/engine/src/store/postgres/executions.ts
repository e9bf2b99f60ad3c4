import { withEdit } from "../../executions/edits.ts";
import { isUuid } from "../../run-id.ts";
import { type ExecutionRow, parseEdits, toExecutionRecord } from "../execution-rows.ts";
import {
  type ExecutionChange,
  type ExecutionCommand,
  type ExecutionQuery,
  type ExecutionRecord,
  isOver,
  type RunStatus,
  type Store,
} from "../store.ts";
import { textArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { changePlace, settleExecutions } from "./settling.ts";
import { prepare } from "./statement.ts";

/** A whole execution; a WHERE clause is to follow. */
const executionRow = `
  SELECT executions.id, projects.id AS "projectId", flows.id AS "flowId", executions.status, executions.run_id AS "runId",
         executions.run_number AS "runNumber", runs.flow_version AS "flowVersion", runs.input, edits, webhook_url AS "webhookUrl",
         executions.created_at AS "createdAt", executions.updated_at AS "updatedAt", modified_by AS "modifiedBy", deleted_at AS "deletedAt"
  FROM executions JOIN runs ON runs.id = executions.run_id
  JOIN projects ON projects.no = executions.project_no JOIN flows ON flows.no = executions.flow_no`;

const selectExecution = prepare<ExecutionRow>("execution", `${executionRow} WHERE executions.id = $1`);

const sortColumns = { createdAt: "created_at", updatedAt: "updated_at" } as const;

/** A page in one of the four orders; each has its own index to be read along. */
function prepareList(sortField: ExecutionQuery["sortField"], isDescending: boolean) {
  const column = sortColumns[sortField];
  const [direction, beyond] = isDescending ? ["DESC", "<"] : ["ASC", ">"];
  return prepare<ExecutionRow>(
    `executions_by_${column}_${direction.toLowerCase()}`,
    `${executionRow}
     WHERE executions.flow_no = (SELECT no FROM flows WHERE id = $1) AND deleted_at IS NULL AND executions.status = ANY ($2::text[])
       AND executions.created_at > $3 AND executions.created_at < $4 AND executions.updated_at > $5 AND executions.updated_at < $6
       AND ($7::uuid IS NULL OR (executions.${column}, executions.id) ${beyond} (SELECT ${column}, id FROM executions WHERE id = $7))
     ORDER BY executions.${column} ${direction}, executions.id ${direction} LIMIT $8 OFFSET $9`,
  );
}

const lists = {
  createdAt: { down: prepareList("createdAt", true), up: prepareList("createdAt", false) },
  updatedAt: { down: prepareList("updatedAt", true), up: prepareList("updatedAt", false) },
};

const farAway = Number.MAX_SAFE_INTEGER;

interface State {
  readonly runId: string;
  readonly run: RunStatus;
  readonly isPruned: boolean;
  readonly edits: string;
}

/** Locked: whatever else is done to the execution comes before or after. */
const lockState = prepare<State>(
  "lock_execution",
  `SELECT runs.id AS "runId", state.status AS run, is_pruned AS "isPruned", edits
   FROM executions JOIN runs ON runs.id = executions.run_id JOIN run_states AS state ON state.run_id = runs.id
   WHERE executions.id = $1 AND deleted_at IS NULL FOR UPDATE OF executions`,
);
const touch = `modified_by = $2, updated_at = ${clock("$3")}`;
const requestCancel = prepare(
  "request_cancel",
  `UPDATE executions SET is_cancel_requested = true, ${touch} WHERE id = $1`,
);
const saveEdits = prepare(
  "save_edits",
  `UPDATE executions SET edits = $4, is_stale = is_stale OR $5, ${touch} WHERE id = $1`,
);
const hideExecution = prepare(
  "hide_execution",
  `WITH hidden AS (
     UPDATE executions SET status = 'deleted', deleted_at = ${clock("$3")}, ${touch} WHERE id = $1
     RETURNING id, project_no, flow_no, status, run_number, updated_at
   )
   INSERT INTO execution_changes (xid, execution_id, project_no, flow_no, status, run_number, at)
   SELECT ${changePlace("hidden.id")}, id, project_no, flow_no, status, run_number, updated_at FROM hidden`,
);

type ChangeRow = Omit<ExecutionChange, "cursor"> & { readonly xid: string; readonly no: number };

/** `xid` is text in what is given: an order by it names its table. */
const changeColumns = `
  changes.xid::text AS xid, changes.no, execution_id AS "executionId", projects.id AS "projectId", flows.id AS "flowId", changes.status,
  changes.run_number AS "runNumber", changes.at`;

/** What was written by transactions that ended before any that is still under way: nothing can come to stand before it any more. */
const settled = "xid < pg_snapshot_xmin(pg_current_snapshot())";

const changesOfExecution = prepare<ChangeRow>(
  "changes_of_execution",
  `SELECT ${changeColumns}
   FROM execution_changes AS changes JOIN projects ON projects.no = changes.project_no JOIN flows ON flows.no = changes.flow_no
   WHERE execution_id = $1 AND (projects.id = ANY ($2::text[])) AND (xid, changes.no) > ($3::xid8, $4::bigint) AND ${settled}
   ORDER BY changes.xid, changes.no LIMIT $5`,
);

const changesOfProjects = prepare<ChangeRow>(
  "changes_of_projects",
  `SELECT ${changeColumns}
   FROM projects CROSS JOIN LATERAL (
     SELECT * FROM execution_changes
     WHERE project_no = projects.no AND (xid, no) > ($2::xid8, $3::bigint) AND ${settled}
     ORDER BY xid, no LIMIT $4) AS changes JOIN flows ON flows.no = changes.flow_no
   WHERE projects.id = ANY ($1::text[])
   ORDER BY changes.xid, changes.no LIMIT $4`,
);

const latestChange = prepare<{ xid: string }>(
  "latest_change",
  "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid",
);

const runsToCancel = prepare<{ projectId: string; runId: string }>(
  "runs_to_cancel",
  `SELECT projects.id AS "projectId", run_id AS "runId" FROM executions JOIN projects ON projects.no = executions.project_no
   WHERE status = 'cancel_requested' ORDER BY executions.id LIMIT $1`,
);

/** Executions; see `Store` for what each promises. */
export type PostgresExecutions = Pick<
  Store,
  "execution" | "executions" | "commandExecution" | "executionChanges" | "latestChange" | "runsToCancel"
>;

/** `now` is the store's clock, where null is the database's. */
export function createPostgresExecutions(database: PostgresDatabase, now: () => number | null): PostgresExecutions {
  async function find(connection: Connection, id: string): Promise<ExecutionRecord | undefined> {
    const row = isUuid(id) ? await selectExecution.get(connection, id) : undefined;
    return row === undefined ? undefined : toExecutionRecord(row);
  }

  return {
    execution: (id) => find(database, id),
    async executions(query) {
      const { flowId, statuses, sortField, isDescending, behind = null, limit, offset } = query;
      const { createdAfter = -1, createdBefore = farAway, updatedAfter = -1, updatedBefore = farAway } = query;
      const list = lists[sortField][isDescending ? "down" : "up"];
      const bounds = [createdAfter, createdBefore, updatedAfter, updatedBefore];
      const rows = await list.all(database, flowId, textArray(statuses), ...bounds, behind, limit, offset);
      return rows.map(toExecutionRecord);
    },
    async commandExecution(id, by, command) {
      if (!isUuid(id)) return undefined;
      return database.transaction(async (connection) => {
        const outcome = await obey(connection, { id, by, command, now: now() });
        const execution = await find(connection, id);
        return outcome === undefined || execution === undefined ? undefined : { outcome, execution };
      });
    },
    async executionChanges({ projectIds, executionId, after, limit }) {
      const [xid = "0", no = "0"] = after.split("-");
      if (executionId !== undefined && !isUuid(executionId)) return [];
      const rows =
        executionId === undefined
          ? await changesOfProjects.all(database, textArray(projectIds), xid, no, limit)
          : await changesOfExecution.all(database, executionId, textArray(projectIds), xid, no, limit);
      return rows.map(({ xid: transaction, no: place, ...change }) => ({
        cursor: `${transaction}-${place}`,
        ...change,
      }));
    },
    async latestChange() {
      return `${(await latestChange.get(database))?.xid ?? "0"}-0`;
    },
    runsToCancel: (limit) => runsToCancel.all(database, limit),
  };
}

interface Order {
  readonly id: string;
  readonly by: string;
  readonly command: ExecutionCommand;
  readonly now: number | null;
}

async function obey(connection: Connection, { id, by, command, now }: Order): Promise<"done" | "conflict" | undefined> {
  const state = await lockState.get(connection, id);
  if (state === undefined) return undefined;
  switch (command.kind) {
    case "delete":
      await hideExecution.run(connection, id, by, now);
      return "done";
    case "requestCancel":
      if (isOver(state.run)) return "done";
      await requestCancel.run(connection, id, by, now);
      break;
    case "edit": {
      if (state.runId !== command.runId || !isOver(state.run) || state.isPruned) return "conflict";
      const edit = { ...command.edit, at: now ?? Date.now() };
      const edits = withEdit(parseEdits(state.edits), command.stepId, edit);
      await saveEdits.run(connection, id, by, now, JSON.stringify(edits), command.isStale);
    }
  }
  await settleExecutions(connection, [state.runId], now);
  return "done";
}
