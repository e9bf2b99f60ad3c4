import type { JournalRow } from "../journal-rows.ts";
import type { AppendOutcome } from "../store.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { explainCreations, explainMoves, refused, type Verdict } from "./fates.ts";
import { type Continuation, type CreateRow, dealRounds, type MoveRow, type Placed, type Round } from "./rounds.ts";
import { faultOf } from "./row-faults.ts";
import { beginExecutionRuns, type ExecutionRow, findBusy, settleExecutions } from "./settling.ts";
import { WrittenMeanwhileError } from "./unavailable.ts";
import { writeRound } from "./write-round.ts";

/** The write side of the log. */
export interface PostgresJournal {
  /** Writes all rows in one transaction and gives one outcome per row, in order. `now` is the store's clock; null: the database's. */
  append(rows: readonly JournalRow[], now: number | null): Promise<readonly AppendOutcome[]>;
}

/** `holder` is this process's number: it stands for every worker in it. */
export function createPostgresJournal(database: PostgresDatabase, holder: number): PostgresJournal {
  async function write(rounds: readonly Round[], now: number | null): Promise<readonly Verdict[]> {
    const workOffAll = async (connection: Connection): Promise<readonly Verdict[]> => {
      const verdicts: Verdict[] = [];
      for (const round of rounds) verdicts.push(...(await workOff(connection, round, { now, holder })));
      return verdicts;
    };
    return isOneCommit(rounds) ? workOffAll(database) : database.transaction(workOffAll);
  }

  /** The same where executions follow from what is written: in one transaction with it. */
  async function writeWithExecutions(entries: Entries, now: number | null): Promise<readonly Verdict[]> {
    return database.transaction(async (connection) => {
      const busy = new Set(await findBusy(connection, entries.filter(isOfExecution)));
      const verdicts: Verdict[] = [];
      for (const { index, row } of busy)
        verdicts.push([index, refused(`execution ${row.execution.id} is not free for run ${row.execution.runNumber}`)]);
      const free = entries.filter((entry) => !(isOfExecution(entry) && busy.has(entry)));
      for (const round of dealRounds(free)) verdicts.push(...(await workOff(connection, round, { now, holder })));
      const lost = new Set(verdicts.flatMap(([index, { outcome }]) => (outcome === "written" ? [] : [index])));
      const written = free.filter(({ index }) => !lost.has(index));
      const begun = written.filter(isOfExecution).map(({ row }) => row);
      await beginExecutionRuns(connection, begun);
      const moved = written.flatMap(({ row }) => (row.kind !== "create" && row.isOfExecution ? [row.runId] : []));
      await settleExecutions(connection, moved, now);
      return verdicts;
    });
  }

  return {
    async append(rows, now) {
      const { entries, refusals } = sift(rows);
      const rounds = dealRounds(entries);
      const writeAll = (): Promise<readonly Verdict[]> =>
        entries.some(concernsExecution) ? writeWithExecutions(entries, now) : write(rounds, now);
      const verdicts = await writeAll().catch((error: unknown) => {
        if (!(error instanceof WrittenMeanwhileError)) throw error;
        return writeAll();
      });
      const outcomes: AppendOutcome[] = rows.map(() => ({ outcome: "written" }));
      for (const [index, outcome] of [...refusals, ...verdicts]) outcomes[index] = outcome;
      return outcomes;
    },
  };
}

type Entries = readonly Placed<CreateRow | MoveRow>[];

function isOfExecution(entry: Placed<CreateRow | MoveRow>): entry is Placed<ExecutionRow> {
  return entry.row.kind === "create" && entry.row.execution !== null;
}

function concernsExecution(entry: Placed<CreateRow | MoveRow>): boolean {
  return entry.row.kind === "create" ? isOfExecution(entry) : entry.row.isOfExecution;
}

/** Takes out what no statement must see. */
function sift(rows: readonly JournalRow[]) {
  const entries: Placed<CreateRow | MoveRow>[] = [];
  const refusals: Verdict[] = [];
  for (const [index, row] of rows.entries()) {
    const reason = row.kind === "refused" ? row.reason : faultOf(row);
    if (reason !== undefined) refusals.push([index, refused(reason)]);
    else if (row.kind !== "refused") entries.push({ index, row });
  }
  return { entries, refusals };
}

/** Will a single statement write all that can be written? Then it needs no transaction around it. */
function isOneCommit(rounds: readonly Round[]): boolean {
  return rounds.length === 1 && rounds.every(({ continuations }) => continuations.every(({ length }) => length === 1));
}

/** Writes a round; gives what became of the entries that were not written. */
async function workOff(
  connection: Connection,
  round: Round,
  context: { readonly now: number | null; readonly holder: number },
): Promise<readonly Verdict[]> {
  const left = await writeRound(connection, round, context);
  const verdicts = [
    ...(await explainCreations(connection, left.creations, context.now)),
    ...(await explainMoves(connection, left.continuations.filter(isSingle).flat())),
  ];
  // One of several is at fault, or was written before: each for itself now, in order.
  for (const step of inSteps(left.continuations.filter((continuation) => !isSingle(continuation)))) {
    verdicts.push(...(await workOff(connection, { creations: [], continuations: step }, context)));
  }
  return verdicts;
}

function isSingle(continuation: Continuation): boolean {
  return continuation.length === 1;
}

/** First the first entry of each continuation, then the second of each … */
function inSteps(continuations: readonly Continuation[]): readonly (readonly Continuation[])[] {
  const steps: Continuation[][] = [];
  for (const continuation of continuations) {
    for (const [number, entry] of continuation.entries()) (steps[number] ??= []).push([entry]);
  }
  return steps;
}
