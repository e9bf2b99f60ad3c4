import type { QueryResultRow } from "pg";
import type { Connection } from "./connection.ts";

/** A statement whose rows have the shape that its SELECT or RETURNING list says; each connection prepares it once. */
export interface Statement<Row = never> {
  get(on: Connection, ...values: readonly unknown[]): Promise<Row | undefined>;
  all(on: Connection, ...values: readonly unknown[]): Promise<readonly Row[]>;
  /** How many rows were written. */
  run(on: Connection, ...values: readonly unknown[]): Promise<number>;
}

/** Names `text`; the name is the statement's alone. `Row` is believed: keep it beside the column list it describes. */
export function prepare<Row extends QueryResultRow = never>(name: string, text: string): Statement<Row> {
  const statement = { name, text };
  const all = async (on: Connection, values: readonly unknown[]): Promise<readonly Row[]> =>
    (await on.execute(statement, values)).rows as Row[]; // as: PostgreSQL knows no row types; the column list is beside `Row`
  return {
    get: async (on, ...values) => (await all(on, values))[0],
    all: (on, ...values) => all(on, values),
    run: async (on, ...values) => (await on.execute(statement, values)).rowCount ?? 0,
  };
}
