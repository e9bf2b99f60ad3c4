import type { Client } from "pg";
import type { Kind, Row } from "./kinds.ts";
import { postgresKinds } from "./postgres-kinds.ts";
import { toRow } from "./side.ts";

/** Rows that are fetched at once, and the length up to which their long texts come with them: together what memory is taken. */
const fetchedRows = 500;
const fetchedBytes = 16_384;

/** All rows of the kind, in the order of its key, within the transaction that the connection is in. */
export async function* readPostgres(client: Client, kind: Kind): AsyncIterable<Row> {
  const { select, key } = postgresKinds[kind.name];
  const statement = `${select(ifShort)} ORDER BY ${key.join(", ")}`;
  const isLong = Object.values(kind.columns).map((type) => type === "long");
  const place = kind.name === "execution changes" ? placesInOrder() : undefined;
  await client.query(`DECLARE moving NO SCROLL CURSOR FOR ${statement}`);
  try {
    for (;;) {
      const rows = await fetchArrays(client, `FETCH ${fetchedRows} FROM moving`, []);
      for (const row of rows) {
        const whole = row.some((value, index) => value === null && isLong[index])
          ? await readWhole(client, kind, row)
          : row;
        yield toRow(kind, place === undefined ? whole : [place(whole[0]), ...whole.slice(1)]);
      }
      if (rows.length < fetchedRows) return;
    }
  } finally {
    // After a fault there is no transaction to close it in; then it is gone.
    await client.query("CLOSE moving").catch(() => undefined);
  }
}

function ifShort(column: string): string {
  return `CASE WHEN octet_length(${column}) <= ${fetchedBytes} THEN ${column} END`;
}

/** A row that has a long text, with it. */
async function readWhole(client: Client, kind: Kind, row: readonly unknown[]): Promise<readonly unknown[]> {
  const { select, key } = postgresKinds[kind.name];
  const isThisOne = key.map((column, index) => `${column} = $${index + 1}`).join(" AND ");
  const [whole = row] = await fetchArrays(
    client,
    `${select((column) => column)} WHERE ${isThisOne}`,
    row.slice(0, key.length),
  );
  return whole;
}

async function fetchArrays(client: Client, text: string, values: readonly unknown[]): Promise<readonly unknown[][]> {
  const { rows } = await client.query<unknown[]>({ text, values: [...values], rowMode: "array" });
  return rows;
}

/**
 * One number for a change's place among all, where PostgreSQL has two, of which the first is nobody else's: the transaction. Never below the
 * change's own number: whoever saw a change up to which its number counts sees all that came later, and may see again some that came before.
 */
export function placesInOrder(): (no: unknown) => number {
  let last = 0;
  return (no) => {
    last = Math.max(last + 1, Number(no));
    return last;
  };
}
