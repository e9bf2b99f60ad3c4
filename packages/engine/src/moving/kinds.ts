/** A value of a row as it travels: what a database calls a boolean is 0 or 1, an amount is text without needless zeros. */
export type Value = string | number | null;

/** Values in the order of the kind's columns. */
export type Row = readonly Value[];

/** `long` is text of any length that is never null; an integer fits into 32 bits, a bigint into 53. */
export type ColumnType = "text" | "long" | "uuid" | "integer" | "bigint" | "decimal";

/** One kind of what a store holds, in words that both databases can say. */
export interface Kind {
  readonly name: KindName;
  /** So many columns, from the first one, name a row, and rows come in their order: that of UTF-8 bytes, which is the same on both sides. */
  readonly keyColumns: number;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

export type KindName = keyof typeof shapes;

const time = "bigint";

/** In an order in which what is referred to comes first. Each `project_id` and `flow_id` stands for the number that a database has in its place. */
const shapes = {
  projects: { keyColumns: 1, columns: { id: "text", org: "text", slug: "text", settings: "long" } },
  definitions: { keyColumns: 1, columns: { hash: "text", text: "long" } },
  flows: {
    keyColumns: 1,
    columns: {
      id: "text",
      project_id: "text",
      slug: "text",
      name: "text",
      description: "text",
      draft_hash: "text",
      loaded_hash: "text",
      retention_days: "integer",
      created_at: time,
      updated_at: time,
      archived_at: time,
    },
  },
  versions: {
    keyColumns: 2,
    columns: { flow_id: "text", version: "integer", definition_hash: "text", note: "text", created_at: time },
  },
  // Apart from the flows, since a flow and its version refer to each other.
  "production versions": { keyColumns: 1, columns: { flow_id: "text", version: "integer" } },
  "API keys": {
    keyColumns: 1,
    columns: {
      id: "text",
      project_id: "text",
      name: "text",
      mode: "text",
      secret_hash: "text",
      scopes: "text",
      opens_organisation: "integer",
      created_at: time,
      expires_at: time,
      revoked_at: time,
    },
  },
  credits: {
    keyColumns: 1,
    columns: { project_id: "text", balance_usd: "decimal", spent_usd: "decimal", file_usd: "decimal" },
  },
  "credit grants": {
    keyColumns: 2,
    columns: { project_id: "text", key: "text", amount_usd: "decimal", created_at: time },
  },
  runs: {
    keyColumns: 1,
    columns: {
      id: "uuid",
      project_id: "text",
      flow_id: "text",
      flow_version: "integer",
      definition_hash: "text",
      trigger: "text",
      session_id: "text",
      capture: "text",
      traced: "integer",
      input: "long",
      options: "long",
      is_pruned: "integer",
      execution_id: "uuid",
      run_number: "integer",
      status: "text",
      epoch: "integer",
      losses: "integer",
      last_seq: "integer",
      priority: "integer",
      ready_at: time,
      created_at: time,
      started_at: time,
      paused_at: time,
      completed_at: time,
    },
  },
  log: { keyColumns: 2, columns: { run_id: "uuid", last_seq: "integer", epoch: "integer", events: "long" } },
  "idempotency keys": {
    keyColumns: 2,
    columns: { project_id: "text", key: "text", run_id: "uuid", request_hash: "text", expires_at: time },
  },
  webhooks: {
    keyColumns: 1,
    columns: { run_id: "uuid", url: "text", host: "text", attempts: "integer", due_at: time },
  },
  executions: {
    keyColumns: 1,
    columns: {
      id: "uuid",
      project_id: "text",
      flow_id: "text",
      run_id: "uuid",
      run_number: "integer",
      opening_seq: "integer",
      edits: "long",
      is_stale: "integer",
      is_cancel_requested: "integer",
      status: "text",
      webhook_url: "text",
      created_at: time,
      updated_at: time,
      modified_by: "text",
      deleted_at: time,
    },
  },
  // `place` is what a reader's cursor ends with.
  "execution changes": {
    keyColumns: 1,
    columns: { place: time, execution_id: "uuid", status: "text", run_number: "integer", at: time },
  },
} as const satisfies Readonly<Record<string, Omit<Kind, "name">>>;

/** Everything that moves. */
export const kinds: readonly Kind[] = Object.entries(shapes).map(([name, shape]) => ({
  name: name as KindName, // as: the keys of `shapes`
  ...shape,
}));

/** The name of a row, for people: `0198…/12`. */
export function nameOf({ keyColumns }: Kind, row: Row): string {
  return row.slice(0, keyColumns).join("/");
}
