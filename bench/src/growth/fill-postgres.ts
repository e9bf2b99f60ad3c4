import type { BenchDatabase } from "../postgres.ts";
import { chunks, copied, madeRun } from "./made-runs.ts";

const chunkRuns = 20_000;
const made = "unnest($2::uuid[], $3::bigint[]) AS made (id, at)";
const shiftedEnd = "made.at + (template.completed_at - template.created_at)";

/** Fills the store with copies of the run `templateId`, so that the runs numbered `from` to `to` of `total` are there; each as the store wrote its template. */
export async function fillPostgres(
  database: BenchDatabase,
  templateId: string,
  {
    from,
    to,
    total,
    until,
  }: { readonly from: number; readonly to: number; readonly total: number; readonly until: number },
): Promise<void> {
  // Only how it is filled: the servers' sessions wait for each commit as ever.
  await database.query("SET synchronous_commit = off");
  const inserts = [
    await insertOf(database, "runs", "id", {}),
    await insertOf(database, "run_states", "run_id", {
      created_at: "made.at",
      started_at: "made.at",
      ready_at: "made.at",
      completed_at: shiftedEnd,
    }),
    await insertOf(database, "log", "run_id", { events: "replace(template.events, $1::text, made.id::text)" }),
  ];
  for (const numbers of chunks(from, to, chunkRuns)) {
    const runs = numbers.map((number) => madeRun(number, total, until));
    const values = [templateId, runs.map(({ id }) => id), runs.map(({ at }) => at)];
    await database.query("BEGIN");
    for (const insert of inserts) await database.query(insert, values);
    await database.query("COMMIT");
  }
  // Autovacuum would, some minutes later.
  await database.query("VACUUM ANALYZE");
}

async function insertOf(
  database: BenchDatabase,
  table: string,
  key: string,
  replaced: Readonly<Record<string, string>>,
): Promise<string> {
  const rows = await database.query<{ readonly name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
    [table],
  );
  const { into, select } = copied(
    rows.map(({ name }) => name),
    { [key]: "made.id", ...replaced },
  );
  return `INSERT INTO ${table} (${into}) SELECT ${select} FROM ${table} AS template, ${made} WHERE template.${key} = $1::uuid`;
}
