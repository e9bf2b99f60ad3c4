import { parseArgs } from "node:util";
import { type Moved, moveStore } from "@noukai/engine";
import { createMoveReport, type MoveReport } from "./migrate-report.ts";

const help = `Copies everything from one database to another, and reads both to see that they hold the same.

Usage: npm run migrate -- --from .noukai --to postgres://user:password@host:5432/database

  --from   where everything is: the data directory of an embedded database, or the URL of one on PostgreSQL
  --to     where it shall be: a directory or a database with nothing in it
  --json   a line of JSON for each step, for programs

No server may run on either side. The source stays as it is. The target is empty until everything is in it and was compared, also when
this is stopped or killed: then run it again. It ends with 0 when everything was moved, with 1 when nothing was, and why is said.
A password that shall not be seen in the list of processes goes into PGPASSWORD, and the URL does without.
`;

const example = "npm run migrate -- --from .noukai --to $DATABASE_URL";

/** `noukai-server migrate`: what a person, or a program, sees of a move. */
export async function migrate(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    // What stands alone may hold a password, and would be shown.
    allowPositionals: true,
    options: {
      from: { type: "string" },
      to: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return console.log(help);
  const { from = "", to = "", json = false } = values;
  if (positionals.length > 0) {
    throw new Error(`Each side goes behind its option, and something else is there, too: ${example}`);
  }
  if (from === "" || to === "") throw new Error(`--from and --to are both needed: ${example}`);
  const report = createMoveReport({ isJson: json, output: process.stdout, errors: process.stderr });
  const moved = await moveUntilStopped({ from, to }, report);
  if (moved !== undefined) report.moved(moved);
}

/** A terminal's Ctrl-C reaches this process directly and once more through npm; only a later signal is a second wish. */
const sameSignalMs = 500;

/** What came of the move; undefined, with the exit code set and the reason told, when nothing did. */
async function moveUntilStopped(
  places: { readonly from: string; readonly to: string },
  report: MoveReport,
): Promise<Moved | undefined> {
  const stopping = new AbortController();
  let stopped: { readonly code: number; readonly at: number } | undefined;
  const stop = (code: number) => (): void => {
    if (stopped !== undefined && performance.now() - stopped.at > sameSignalMs) process.exit(code);
    stopped ??= { code, at: performance.now() };
    stopping.abort();
  };
  const [interrupt, terminate] = [stop(130), stop(143)];
  process.on("SIGINT", interrupt).on("SIGTERM", terminate);
  try {
    // A signal that comes too late to stop it changes nothing about how it ended.
    return await moveStore({ ...places, signal: stopping.signal, onProgress: report.progress });
  } catch (error) {
    const isStopped = error === stopping.signal.reason;
    process.exitCode = (isStopped && stopped?.code) || 1;
    report.failed(isStopped ? new Error("Stopped. Nothing was moved: the target is left empty.") : error);
    return undefined;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate);
  }
}
