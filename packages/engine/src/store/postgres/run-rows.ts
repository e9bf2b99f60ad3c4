import { parseObject } from "../journal-rows.ts";
import type { RunRecord } from "../store.ts";

/** A run as it comes back: what is JSON in the database still is. */
export interface RunRow extends Omit<RunRecord, "input" | "options" | "execution"> {
  readonly input: string;
  readonly options: string;
  readonly executionId: string | null;
  readonly runNumber: number | null;
}

/** The select list of a `RunRow`, from `state` and `runTables`. */
export const runColumns = `
  runs.id, projects.id AS "projectId", flows.id AS "flowId", flow_version AS "flowVersion", definitions.hash AS "definitionHash",
  trigger, session_id AS "sessionId", capture, traced, input, options, state.status, state.epoch, state.owner, state.losses,
  state.last_seq AS "lastSeq", state.priority, state.ready_at AS "readyAt", state.created_at AS "createdAt",
  state.started_at AS "startedAt", state.paused_at AS "pausedAt", state.completed_at AS "completedAt", is_pruned AS "isPruned",
  execution_id AS "executionId", run_number AS "runNumber"`;

/** What else is known of the runs whose `run_states` are `state`. */
export const runTables = `
  JOIN runs ON runs.id = state.run_id
  JOIN projects ON projects.no = runs.project_no
  JOIN flows ON flows.no = runs.flow_no
  JOIN definitions ON definitions.no = runs.definition_no`;

export function toRunRecord({ input, options, executionId, runNumber, ...row }: RunRow): RunRecord {
  const run = { ...row, input: parseObject(input), options: parseObject(options) };
  return executionId === null ? run : { ...run, execution: { id: executionId, runNumber: runNumber ?? 1 } };
}
