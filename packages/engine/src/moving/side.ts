import { addDecimals } from "../decimal.ts";
import type { Kind, Row, Value } from "./kinds.ts";

/** A database that is read, and that nobody else works on meanwhile. */
export interface Source {
  /** How many of the kind there are. */
  count(kind: Kind): Promise<number>;
  /** All of the kind, in the order of its key. One at a time: a database is read by one reader. */
  read(kind: Kind): AsyncIterable<Row>;
  /** No change of an execution that comes later may have a place before this one. */
  lastPlace(): Promise<number>;
  close(): Promise<void>;
}

/** An empty database that is filled. Nothing of it is there for anybody until `finish`; whoever ends before leaves it empty. */
export interface Target {
  write(kind: Kind, rows: readonly Row[]): Promise<void>;
  /** What was written. */
  read(kind: Kind): AsyncIterable<Row>;
  /** Gives what was in work back to the workers, and makes all of it durable at once. */
  finish(end: { readonly lastPlace: number; readonly now: number }): Promise<{ readonly givenBack: number }>;
  /** Idempotent. Before `finish`: leaves the target empty. */
  close(): Promise<void>;
}

/** A move that cannot be made, or go on; `message` says what to do. */
export class MoveError extends Error {
  override readonly name: string = "MoveError";
}

/** A row as both databases agree to write it. */
export function toRow({ columns }: Kind, values: readonly unknown[]): Row {
  const types = Object.values(columns);
  return values.map((value, index) => {
    if (types[index] === "decimal" && typeof value === "string") return addDecimals(value, "0");
    return value as Value; // as: each `select` gives text and numbers, or null
  });
}

/** What both databases need to be of: nothing would be left out, and nothing misunderstood. */
export function checkSchema(version: number, known: number, howToStart: string): void {
  if (version === known) return;
  if (version > known) {
    throw new MoveError(`has schema version ${version}, this release knows ${known}. Move with the newer release.`);
  }
  throw new MoveError(
    `has schema version ${version}, this release has ${known}. Start the server on it once (${howToStart}), stop it, and move then.`,
  );
}
