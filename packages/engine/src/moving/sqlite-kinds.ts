import type { KindName } from "./kinds.ts";

/** How one kind is read from a database and written to it. */
export interface SqliteKind {
  /** What is counted, behind FROM: all that is there, whether or not `select` finds it. */
  readonly counted: string;
  /** Columns as the kind has them, in its order of rows. CROSS JOIN keeps SQLite from joining the other way round and sorting behind that. */
  readonly select: string;
  /** Each writes one row; `:name` is the value of the kind's column. */
  readonly inserts: readonly string[];
}

/** The number of a project, and of a run, in the target. */
const projectNo = "(SELECT no FROM projects WHERE id = :project_id)";
const runNo = "(SELECT no FROM runs WHERE id = :run_id)";

export const sqliteKinds: Readonly<Record<KindName, SqliteKind>> = {
  projects: {
    counted: "projects",
    select: "SELECT id, org, slug, settings FROM projects ORDER BY id",
    inserts: ["INSERT INTO projects (id, org, slug, settings) VALUES (:id, :org, :slug, :settings)"],
  },
  definitions: {
    counted: "definitions",
    select: "SELECT hash, text FROM definitions ORDER BY hash",
    inserts: ["INSERT INTO definitions (hash, text) VALUES (:hash, :text)"],
  },
  flows: {
    counted: "flows",
    select: `SELECT id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at, archived_at
             FROM flows ORDER BY id`,
    inserts: [
      `INSERT INTO flows (no, id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days,
                          created_at, updated_at, archived_at)
       VALUES ((SELECT coalesce(max(no), 0) + 1 FROM flows), :id, :project_id, :slug, :name, :description, :draft_hash, :loaded_hash,
               :retention_days, :created_at, :updated_at, :archived_at)`,
    ],
  },
  versions: {
    counted: "versions",
    select: "SELECT flow_id, version, definition_hash, note, created_at FROM versions ORDER BY flow_id, version",
    inserts: [
      `INSERT INTO versions (flow_id, version, definition_hash, note, created_at)
       VALUES (:flow_id, :version, :definition_hash, :note, :created_at)`,
    ],
  },
  "production versions": {
    counted: "flows WHERE production_version IS NOT NULL",
    select: "SELECT id, production_version FROM flows WHERE production_version IS NOT NULL ORDER BY id",
    inserts: ["UPDATE flows SET production_version = :version WHERE id = :flow_id"],
  },
  "API keys": {
    counted: "api_keys",
    select: `SELECT id, project_id, name, mode, secret_hash, scopes, opens_organisation, created_at, expires_at, revoked_at
             FROM api_keys ORDER BY id`,
    inserts: [
      `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, opens_organisation, created_at, expires_at, revoked_at)
       VALUES (:id, :project_id, :name, :mode, :secret_hash, :scopes, :opens_organisation, :created_at, :expires_at, :revoked_at)`,
    ],
  },
  credits: {
    counted: "credits",
    select: `SELECT projects.id, balance_usd, spent_usd, file_usd
             FROM projects CROSS JOIN credits ON credits.project_no = projects.no ORDER BY projects.id`,
    inserts: [
      `INSERT INTO credits (project_no, balance_usd, spent_usd, file_usd)
       VALUES (${projectNo}, :balance_usd, :spent_usd, :file_usd)`,
    ],
  },
  "credit grants": {
    counted: "credit_grants",
    select: `SELECT projects.id, key, amount_usd, created_at
             FROM projects CROSS JOIN credit_grants ON credit_grants.project_no = projects.no ORDER BY projects.id, key`,
    inserts: [
      `INSERT INTO credit_grants (project_no, key, amount_usd, created_at)
       VALUES (${projectNo}, :key, :amount_usd, :created_at)`,
    ],
  },
  runs: {
    counted: "runs",
    select: `SELECT id, project_id, flow_id, flow_version, definition_hash, trigger, session_id, capture, traced, input, options, is_pruned,
                    execution_id, run_number, status, epoch, losses,
                    coalesce((SELECT max(last_seq) FROM log WHERE log.run_no = runs.no), 0),
                    priority, ready_at, created_at, started_at, paused_at, completed_at
             FROM runs CROSS JOIN run_inputs ON run_inputs.run_no = runs.no ORDER BY id`,
    inserts: [
      `INSERT INTO runs (id, project_id, flow_id, flow_no, flow_version, definition_hash, trigger, session_id, capture, traced, is_pruned,
                         execution_id, run_number, status, epoch, losses, priority, ready_at, created_at, started_at, paused_at, completed_at)
       VALUES (:id, :project_id, :flow_id, (SELECT no FROM flows WHERE id = :flow_id), :flow_version, :definition_hash, :trigger, :session_id,
               :capture, :traced, :is_pruned, :execution_id, :run_number, :status, :epoch, :losses, :priority, :ready_at, :created_at,
               :started_at, :paused_at, :completed_at)`,
      "INSERT INTO run_inputs (run_no, input, options) VALUES ((SELECT no FROM runs WHERE id = :id), :input, :options)",
    ],
  },
  log: {
    counted: "log",
    select: `SELECT id, log.last_seq, log.epoch, log.events
             FROM runs CROSS JOIN log ON log.run_no = runs.no ORDER BY id, log.last_seq`,
    inserts: [`INSERT INTO log (run_no, last_seq, epoch, events) VALUES (${runNo}, :last_seq, :epoch, :events)`],
  },
  "idempotency keys": {
    counted: "idempotency_keys",
    select: `SELECT projects.id, held.key, runs.id, request_hash, key_expires_at
             FROM projects CROSS JOIN idempotency_keys AS held ON held.project_no = projects.no
             CROSS JOIN runs ON runs.no = held.run_no CROSS JOIN run_inputs ON run_inputs.run_no = runs.no
             ORDER BY projects.id, held.key`,
    inserts: [
      `INSERT INTO idempotency_keys (project_no, key, run_no) VALUES (${projectNo}, :key, ${runNo})`,
      `UPDATE run_inputs SET idempotency_key = :key, request_hash = :request_hash, key_expires_at = :expires_at WHERE run_no = ${runNo}`,
    ],
  },
  webhooks: {
    counted: "deliveries",
    select: `SELECT id, url, host, attempts, due_at
             FROM runs CROSS JOIN deliveries ON deliveries.run_no = runs.no ORDER BY id`,
    inserts: [
      `INSERT INTO deliveries (run_no, url, host, attempts, due_at) VALUES (${runNo}, :url, :host, :attempts, :due_at)`,
    ],
  },
  executions: {
    counted: "executions",
    select: `SELECT executions.id, executions.project_id, flows.id, runs.id, executions.run_number, opening_seq, edits, is_stale,
                    is_cancel_requested, executions.status, webhook_url, executions.created_at, executions.updated_at, modified_by, deleted_at
             FROM executions CROSS JOIN flows ON flows.no = executions.flow_no CROSS JOIN runs ON runs.no = executions.run_no
             ORDER BY executions.id`,
    inserts: [
      `INSERT INTO executions (id, project_id, flow_no, run_no, run_number, opening_seq, edits, is_stale, is_cancel_requested, status,
                               webhook_url, created_at, updated_at, modified_by, deleted_at)
       VALUES (:id, :project_id, (SELECT no FROM flows WHERE id = :flow_id), ${runNo}, :run_number, :opening_seq, :edits, :is_stale,
               :is_cancel_requested, :status, :webhook_url, :created_at, :updated_at, :modified_by, :deleted_at)`,
    ],
  },
  "execution changes": {
    counted: "execution_changes",
    select: `SELECT changes.no, executions.id, changes.status, changes.run_number, changes.at
             FROM execution_changes AS changes CROSS JOIN executions ON executions.no = changes.execution_no ORDER BY changes.no`,
    inserts: [
      `INSERT INTO execution_changes (no, execution_no, project_id, status, run_number, at)
       SELECT :place, no, project_id, :status, :run_number, :at FROM executions WHERE id = :execution_id`,
    ],
  },
};
