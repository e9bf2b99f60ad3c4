import { DatabaseSync } from "node:sqlite";
import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, it } from "vitest";
import { connect } from "../store/postgres/connection.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { ticketSchema } from "../store/postgres/tickets.ts";
import { migrations } from "../store/migrations/sqlite/all.ts";
import { migrate } from "../store/sqlite-migrations.ts";
import { postgresKinds } from "./postgres-kinds.ts";
import { sqliteKinds } from "./sqlite-kinds.ts";

/**
 * What a move leaves out, and why: a whole table, or one column of it. Whoever adds a table or a column to a schema adds it to both
 * `…-kinds.ts`, or here.
 */
const everywhere: Readonly<Record<string, string>> = {
  schema_version: "the target's schema is made by its own migrations",
  pulse: "says that a write is possible, of one database",
  "projects.no": "each database gives its own numbers",
};

const leftOutOfSqlite: Readonly<Record<string, string>> = {
  ...everywhere,
  "runs.owner": "nobody works on the source: what was in work is given back",
  "runs.waits": "what a run waits for: found anew when the store is opened",
  "runs.turn": "when its turn is: found anew when the store is opened",
  "runs.no": "each database gives its own numbers, here in the order of ids, which is that of arrival",
  "log.no": "each database gives its own numbers",
  "executions.no": "each database gives its own numbers",
};

const leftOutOfPostgres: Readonly<Record<string, string>> = {
  ...everywhere,
  [ticketSchema]: "tickets: the first server makes one for each run that waits",
  turns: "where a project's next ticket comes: made with the tickets",
  full_projects: "which projects' tickets are kept apart: made with the tickets",
  kept_tickets: "tickets that are kept apart: made like the others",
  workers: "processes of the source's servers, none of which lives",
  cancel_requests: "a source in which a run is still to be cancelled is refused",
  rate_tokens: "what may still be called within the minute",
  partial_chunks: "text of steps in flight, of which there are none",
  "definitions.no": "each database gives its own numbers",
  "flows.no": "each database gives its own numbers",
  "run_states.owner": "nobody works on the source: what was in work is given back",
  "run_states.holder": "a process of the source's servers, none of which lives",
};

/** `table.column` of all that the statements write. */
function writtenBy(statements: readonly string[]): ReadonlySet<string> {
  const written = new Set<string>();
  for (const sql of statements) {
    for (const [, table = "", columns = ""] of sql.matchAll(/INSERT INTO (\w+) \(([^)]*)\)/g)) {
      for (const column of columns.split(",")) written.add(`${table}.${column.trim()}`);
    }
    for (const [, table = "", changes = ""] of sql.matchAll(/UPDATE (\w+) SET (.*?) (?:FROM|WHERE)/gs)) {
      for (const [, column = ""] of changes.matchAll(/(\w+) = /g)) written.add(`${table}.${column}`);
    }
  }
  return written;
}

interface Coverage {
  /** `table.column` of all that a fresh database has. */
  readonly columns: readonly string[];
  readonly written: ReadonlySet<string>;
  readonly leftOut: Readonly<Record<string, string>>;
}

function forgotten({ columns, written, leftOut }: Coverage): readonly string[] {
  const isLeftOut = (column: string): boolean =>
    Object.keys(leftOut).some((name) => column === name || column.startsWith(`${name}.`));
  return columns.filter((column) => !written.has(column) && !isLeftOut(column));
}

/** What is named as left out, and is not there or is written all the same. */
function superfluous({ columns, written, leftOut }: Coverage): readonly string[] {
  return Object.keys(leftOut).filter(
    (name) => !columns.some((column) => column === name || column.startsWith(`${name}.`)) || written.has(name),
  );
}

function sqliteCoverage(): Coverage {
  const database = new DatabaseSync(":memory:");
  migrate(database, migrations);
  const rows = database
    .prepare(
      `SELECT tables.name || '.' || columns.name AS name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
       WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'`,
    )
    .all();
  return {
    columns: rows.map(({ name }) => String(name)),
    written: writtenBy(Object.values(sqliteKinds).flatMap(({ inserts }) => inserts)),
    leftOut: leftOutOfSqlite,
  };
}

it("each table and column of the embedded schema is moved, or left out for a reason", () => {
  const coverage = sqliteCoverage();
  expect(coverage.columns.length).toBeGreaterThan(50);
  expect([forgotten(coverage), superfluous(coverage)]).toEqual([[], []]);
});

it("a column that nobody thought of is found", () => {
  const coverage = sqliteCoverage();
  const columns = [...coverage.columns, "runs.colour", "colours.name"];
  expect(forgotten({ ...coverage, columns })).toEqual(["runs.colour", "colours.name"]);
});

describePostgres("each table and column of the schema of PostgreSQL", (postgres) => {
  it("is moved, or left out for a reason", async () => {
    const database = await postgres.createDatabase();
    try {
      await (await openPostgresStore({ url: database.url })).close();
      const client = await connect(database.url);
      const { rows } = await client.query<{ name: string }>(
        `SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name || '.' || column_name AS name
         FROM information_schema.columns WHERE table_schema NOT IN ('information_schema', 'pg_catalog')`,
      );
      await client.end();
      const coverage = {
        columns: rows.map(({ name }) => name),
        written: writtenBy(Object.values(postgresKinds).map(({ insert }) => insert)),
        leftOut: leftOutOfPostgres,
      };
      expect(coverage.columns.length).toBeGreaterThan(50);
      expect([forgotten(coverage), superfluous(coverage)]).toEqual([[], []]);
    } finally {
      await database.drop();
    }
  });
});
