import type { KindName } from "./kinds.ts";

/** How one kind is read from a database and written to it. */
export interface PostgresKind {
  /** What is counted, behind FROM: all that is there, whether or not `select` finds it. */
  readonly counted: string;
  /** Columns as the kind has them. `long` is put around each column of any length. */
  readonly select: (long: (column: string) => string) => string;
  /** The columns of `select` that name a row and give the order of rows. */
  readonly key: readonly string[];
  /** Writes the rows of `moved`, whose columns are the kind's, and as many as there are. */
  readonly insert: string;
}

export const postgresKinds: Readonly<Record<KindName, PostgresKind>> = {
  projects: {
    counted: "projects",
    select: (long) => `SELECT id, org, slug, ${long("settings")} FROM projects`,
    key: ["id"],
    insert: "INSERT INTO projects (id, org, slug, settings) SELECT id, org, slug, settings FROM moved",
  },
  definitions: {
    counted: "definitions",
    select: (long) => `SELECT hash, ${long("text")} FROM definitions`,
    key: ["hash"],
    insert: "INSERT INTO definitions (hash, text) SELECT hash, text FROM moved",
  },
  flows: {
    counted: "flows",
    select: () =>
      `SELECT id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at, archived_at
       FROM flows`,
    key: ["id"],
    insert: `INSERT INTO flows (id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at, archived_at)
             SELECT id, project_id, slug, name, description, draft_hash, loaded_hash, retention_days, created_at, updated_at, archived_at
             FROM moved`,
  },
  versions: {
    counted: "versions",
    select: () => "SELECT flow_id, version, definition_hash, note, created_at FROM versions",
    key: ["flow_id", "version"],
    insert: `INSERT INTO versions (flow_id, version, definition_hash, note, created_at)
             SELECT flow_id, version, definition_hash, note, created_at FROM moved`,
  },
  "production versions": {
    counted: "flows WHERE production_version IS NOT NULL",
    select: () => "SELECT id, production_version FROM flows WHERE production_version IS NOT NULL",
    key: ["id"],
    insert: "UPDATE flows SET production_version = moved.version FROM moved WHERE flows.id = moved.flow_id",
  },
  "API keys": {
    counted: "api_keys",
    select: () =>
      `SELECT id, project_id, name, mode, secret_hash, scopes, opens_organisation::integer, created_at, expires_at, revoked_at
       FROM api_keys`,
    key: ["id"],
    insert: `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, opens_organisation, created_at, expires_at, revoked_at)
             SELECT id, project_id, name, mode, secret_hash, scopes, opens_organisation::boolean, created_at, expires_at, revoked_at
             FROM moved`,
  },
  credits: {
    counted: "credits",
    select: () =>
      `SELECT projects.id, balance_usd::text, spent_usd::text, file_usd::text
       FROM credits JOIN projects ON projects.no = credits.project_no`,
    key: ["projects.id"],
    insert: `INSERT INTO credits (project_no, balance_usd, spent_usd, file_usd)
             SELECT projects.no, balance_usd::numeric, spent_usd::numeric, file_usd::numeric
             FROM moved JOIN projects ON projects.id = moved.project_id`,
  },
  "credit grants": {
    counted: "credit_grants",
    select: () =>
      `SELECT projects.id, key, amount_usd::text, created_at
       FROM credit_grants JOIN projects ON projects.no = credit_grants.project_no`,
    key: ["projects.id", "key"],
    insert: `INSERT INTO credit_grants (project_no, key, amount_usd, created_at)
             SELECT projects.no, key, amount_usd::numeric, created_at
             FROM moved JOIN projects ON projects.id = moved.project_id`,
  },
  runs: {
    counted: "runs",
    select: (long) =>
      `SELECT runs.id, projects.id, flows.id, flow_version, definitions.hash, trigger, session_id, capture, traced::integer,
              ${long("input")}, ${long("options")}, is_pruned::integer, execution_id, run_number, state.status, epoch, losses, last_seq,
              priority, ready_at, state.created_at, started_at, paused_at, completed_at
       FROM runs JOIN run_states AS state ON state.run_id = runs.id
       JOIN projects ON projects.no = runs.project_no JOIN flows ON flows.no = runs.flow_no
       JOIN definitions ON definitions.no = runs.definition_no`,
    key: ["runs.id"],
    insert: `, created AS (
        INSERT INTO runs (id, project_no, flow_no, flow_version, definition_no, traced, trigger, capture, session_id, input, options,
                          is_pruned, execution_id, run_number)
        SELECT moved.id, projects.no, flows.no, flow_version, definitions.no, traced::boolean, trigger, capture, session_id, input, options,
               is_pruned::boolean, execution_id, run_number
        FROM moved JOIN projects ON projects.id = moved.project_id JOIN flows ON flows.id = moved.flow_id
        JOIN definitions ON definitions.hash = moved.definition_hash
        RETURNING id, flow_no
      )
      INSERT INTO run_states (run_id, flow_no, status, epoch, losses, last_seq, priority, ready_at, created_at, started_at, paused_at,
                              completed_at, is_prunable)
      SELECT moved.id, created.flow_no, status, epoch, losses, last_seq, priority, ready_at, created_at, started_at, paused_at,
             completed_at, traced = 0 AND capture <> 'full' AND is_pruned = 0
      FROM moved JOIN created ON created.id = moved.id`,
  },
  log: {
    counted: "log",
    select: (long) => `SELECT run_id, last_seq, epoch, ${long("events")} FROM log`,
    key: ["run_id", "last_seq"],
    insert: "INSERT INTO log (run_id, last_seq, epoch, events) SELECT run_id, last_seq, epoch, events FROM moved",
  },
  "idempotency keys": {
    // Keys of runs that were forgotten stay until they are used again.
    counted: "idempotency_keys AS held WHERE EXISTS (SELECT FROM runs WHERE runs.id = held.run_id)",
    select: () =>
      `SELECT projects.id, key, run_id, request_hash, expires_at
       FROM idempotency_keys AS held JOIN projects ON projects.no = held.project_no
       WHERE EXISTS (SELECT FROM runs WHERE runs.id = held.run_id)`,
    key: ["projects.id", "key"],
    insert: `INSERT INTO idempotency_keys (project_no, key, run_id, request_hash, expires_at)
             SELECT projects.no, key, run_id, request_hash, expires_at
             FROM moved JOIN projects ON projects.id = moved.project_id`,
  },
  webhooks: {
    counted: "deliveries",
    select: () => "SELECT run_id, url, host, attempts, due_at FROM deliveries",
    key: ["run_id"],
    insert: `INSERT INTO deliveries (run_id, project_no, url, host, attempts, due_at)
             SELECT run_id, runs.project_no, url, host, attempts, due_at FROM moved JOIN runs ON runs.id = moved.run_id`,
  },
  executions: {
    counted: "executions",
    select: (long) =>
      `SELECT executions.id, projects.id, flows.id, run_id, run_number, opening_seq, ${long("edits")}, is_stale::integer,
              is_cancel_requested::integer, executions.status, webhook_url, executions.created_at, executions.updated_at, modified_by,
              deleted_at
       FROM executions JOIN projects ON projects.no = executions.project_no JOIN flows ON flows.no = executions.flow_no`,
    key: ["executions.id"],
    insert: `INSERT INTO executions (id, project_no, flow_no, run_id, run_number, opening_seq, edits, is_stale, is_cancel_requested, status,
                                     webhook_url, created_at, updated_at, modified_by, deleted_at)
             SELECT moved.id, projects.no, flows.no, run_id, run_number, opening_seq, edits, is_stale::boolean, is_cancel_requested::boolean,
                    status, webhook_url, moved.created_at, moved.updated_at, modified_by, deleted_at
             FROM moved JOIN projects ON projects.id = moved.project_id JOIN flows ON flows.id = moved.flow_id`,
  },
  "execution changes": {
    counted: "execution_changes",
    select: () => "SELECT no, execution_id, status, run_number, at FROM execution_changes",
    key: ["xid", "no"],
    // Before all that this database will add, in the order of their places: a cursor that ends with one goes on behind it.
    insert: `INSERT INTO execution_changes (no, xid, execution_id, project_no, flow_no, status, run_number, at)
             OVERRIDING SYSTEM VALUE
             SELECT place, '0'::xid8, execution_id, executions.project_no, executions.flow_no, moved.status, moved.run_number, at
             FROM moved JOIN executions ON executions.id = moved.execution_id`,
  },
};
