import type { Client } from "pg";
import { isUuid } from "../run-id.ts";
import { bigintArray, integerArray, textArray } from "../store/postgres/array.ts";
import { type ColumnType, type Kind, nameOf, type Row, type Value } from "./kinds.ts";
import { postgresKinds } from "./postgres-kinds.ts";
import { MoveError } from "./side.ts";

type Numbers = readonly (number | null)[];
type Texts = readonly (string | null)[];

/** How a column travels: as one array of all its values. */
interface Carrier {
  readonly type: string;
  readonly toArray: (values: readonly Value[]) => Buffer;
}

// as: `faultOf` has looked at each value.
const asText: Carrier = { type: "text", toArray: (values) => textArray(values as Texts) };
const carriers: Readonly<Record<ColumnType, Carrier>> = {
  text: asText,
  long: asText,
  decimal: asText,
  uuid: { ...asText, type: "text[]::uuid" },
  integer: { type: "integer", toArray: (values) => integerArray(values as Numbers) },
  bigint: { type: "bigint", toArray: (values) => bigintArray(values as Numbers) },
};

/** Writes rows in one statement. Throws a `MoveError` for what PostgreSQL cannot keep, and when one of them belongs to nothing. */
export async function writePostgres(client: Client, kind: Kind, rows: readonly Row[]): Promise<void> {
  for (const row of rows) refuseFaulty(kind, row);
  const columns = Object.entries(kind.columns).map(([name, type], index) => ({ name, ...carriers[type], index }));
  const arrays = columns.map(({ type, index }) => `$${index + 1}::${type}[]`);
  const moved = `WITH moved AS MATERIALIZED (
    SELECT * FROM unnest(${arrays.join(", ")}) AS moved (${columns.map(({ name }) => `"${name}"`).join(", ")}))`;
  const { rowCount } = await client.query({
    name: `move ${kind.name}`,
    text: `${moved} ${postgresKinds[kind.name].insert}`,
    values: columns.map(({ toArray, index }) => toArray(rows.map((row) => row[index] ?? null))),
  });
  if (rowCount !== rows.length)
    throw new MoveError(
      `Of ${rows.length} ${kind.name} ${rows.length - (rowCount ?? 0)} belong to nothing in the target.`,
    );
}

function refuseFaulty(kind: Kind, row: Row): void {
  for (const [index, [column, type]] of Object.entries(kind.columns).entries()) {
    const fault = faultOf(type, row[index] ?? null);
    if (fault !== undefined)
      throw new MoveError(`PostgreSQL cannot keep ${column} of ${kind.name} ${nameOf(kind, row)}: ${fault}.`);
  }
}

/** PostgreSQL's `integer` ends here. */
const maxInteger = 0x7fff_ffff;

function faultOf(type: ColumnType, value: Value): string | undefined {
  if (typeof value === "string") {
    if (value.includes("\0")) return "there is a NUL in it";
    return type === "uuid" && !isUuid(value) ? "it is no UUID" : undefined;
  }
  return type === "integer" && value !== null && Math.abs(value) > maxInteger
    ? `${value} is too far from 0`
    : undefined;
}
