import { DatabaseSync } from "node:sqlite";
import { chunks, copied, madeRun } from "./made-runs.ts";

const chunkRuns = 20_000;
const shiftedEnd = "made.at + (template.completed_at - template.created_at)";

/** As `fillPostgres`, on the file of a server that does not run meanwhile. */
export function fillSqlite(
  path: string,
  templateId: string,
  {
    from,
    to,
    total,
    until,
  }: { readonly from: number; readonly to: number; readonly total: number; readonly until: number },
): void {
  const database = new DatabaseSync(path);
  try {
    // Only how it is filled: the server opens the file with its own settings.
    database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
    database.exec("CREATE TEMP TABLE made (no INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL)");
    const last = database.prepare("SELECT max(no) AS no FROM runs").get() as { readonly no: number }; // as: the template is there
    const template = database.prepare("SELECT no FROM runs WHERE id = ?").get(templateId) as { readonly no: number }; // as: likewise
    const events = `replace(template.events, '${templateId}', made.id)`;
    const inserts = [
      insertOf(database, "runs", "no", template.no, {
        no: "made.no",
        id: "made.id",
        created_at: "made.at",
        started_at: "made.at",
        ready_at: "made.at",
        completed_at: shiftedEnd,
      }),
      insertOf(database, "run_inputs", "run_no", template.no, { run_no: "made.no" }),
      insertOf(database, "log", "run_no", template.no, { no: "NULL", run_no: "made.no", events }),
    ];
    const note = database.prepare("INSERT INTO made VALUES (?, ?, ?)");
    let no = last.no;
    for (const numbers of chunks(from, to, chunkRuns)) {
      database.exec("BEGIN");
      for (const number of numbers) {
        const { id, at } = madeRun(number, total, until);
        note.run((no += 1), id, at);
      }
      for (const insert of inserts) database.exec(insert);
      database.exec("DELETE FROM made; COMMIT");
    }
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}

function insertOf(
  database: DatabaseSync,
  table: string,
  key: string,
  templateNo: number,
  replaced: Readonly<Record<string, string>>,
): string {
  const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  const { into, select } = copied(
    columns.map(({ name }) => String(name)),
    replaced,
  );
  // In the order of the runs, as they would have come.
  return `INSERT INTO ${table} (${into}) SELECT ${select} FROM made CROSS JOIN ${table} AS template WHERE template.${key} = ${templateNo} ORDER BY made.no`;
}
