import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** A prepared statement whose rows have the shape that its SELECT or RETURNING list says. */
export interface Statement<Row = never> {
  get(...values: readonly SQLInputValue[]): Row | undefined;
  all(...values: readonly SQLInputValue[]): Row[];
  iterate(...values: readonly SQLInputValue[]): Iterable<Row>;
  /** How many rows were written. */
  run(...values: readonly SQLInputValue[]): number;
  /** The number of the row that was inserted; undefined when none was. Half the time of `get` with RETURNING, which puts its rows aside first. */
  insert(...values: readonly SQLInputValue[]): number | undefined;
}

/** Prepares `sql`. `Row` is believed: keep it beside the column list it describes. */
export function prepare<Row = never>(database: DatabaseSync, sql: string): Statement<Row> {
  const statement = database.prepare(sql);
  return {
    get: (...values) => statement.get(...values) as Row | undefined, // as: SQLite knows no row types; the column list is beside `Row`
    all: (...values) => statement.all(...values) as Row[], // as: see `get`
    iterate: (...values) => statement.iterate(...values) as Iterable<Row>, // as: see `get`
    run: (...values) => Number(statement.run(...values).changes),
    insert: (...values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return changes === 0 ? undefined : Number(lastInsertRowid);
    },
  };
}

/** Runs a function as one transaction: what it wrote is durable when this returns, and gone when it throws. */
export type Transaction = <Result>(work: () => Result) => Result;

export function prepareTransaction(database: DatabaseSync): Transaction {
  // IMMEDIATE: waiting for another writer happens here or nowhere, never between two statements.
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (database.isTransaction) rollback.run();
      throw error;
    }
  };
}
