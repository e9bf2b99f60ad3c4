import type { JournalRow } from "../journal-rows.ts";
import type { AppendOutcome } from "../store.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { explainCreations, explainMoves, explainTurned, refused, type Verdict } from "./fates.ts";
import { boundOf, findTurnedAway } from "./room.ts";
import { type Continuation, type CreateRow, dealRounds, type MoveRow, type Placed, type Round } from "./rounds.ts";
import { faultOf } from "./row-faults.ts";
import { beginExecutionRuns, type ExecutionRow, findBusy, lockConcerned, settleExecutions } from "./settling.ts";
import type { Tickets } from "./tickets.ts";
import { type Arrival, fileArrivals } from "./turns.ts";
import { WrittenMeanwhileError } from "./unavailable.ts";
import { writeRound } from "./write-round.ts";

/** The write side of the log. */
export interface PostgresJournal {
  /** Writes all rows in one transaction and gives one outcome per row, in order. `now` is the store's clock; null: the database's. */
  append(rows: readonly JournalRow[], now: number | null): Promise<readonly AppendOutcome[]>;
}

export interface PostgresJournalOptions {
  readonly database: PostgresDatabase;
  readonly tickets: Tickets;
  /** This process's number: it stands for every worker in it. */
  readonly holder: number;
}

export function createPostgresJournal({ database, tickets, holder }: PostgresJournalOptions): PostgresJournal {
  async function workOffAll(connection: Connection, entries: Entries, now: number | null): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const round of dealRounds(entries)) verdicts.push(...(await workOff(connection, round, { now, holder })));
    return verdicts;
  }

  /** What one statement does; nobody waits for a worker because of it. */
  async function write(entries: Entries, now: number | null): Promise<readonly Verdict[]> {
    if (isOneCommit(dealRounds(entries))) return workOffAll(database, entries, now);
    return database.transaction((connection) => workOffAll(connection, entries, now));
  }

  /** The same where tickets are filed for what is written, or projects may have no room for it. */
  async function writeWithTickets(
    connection: Connection,
    entries: Entries,
    now: number | null,
  ): Promise<readonly Verdict[]> {
    const turned = await findTurnedAway(connection, entries);
    const outside = new Set<Entries[number]>(turned.map(({ entry }) => entry));
    const inside = entries.filter((entry) => !outside.has(entry));
    const verdicts = [
      ...(await explainTurned(connection, turned, now)),
      ...(await workOffAll(connection, inside, now)),
    ];
    const arrivals = writtenOf(inside, verdicts).flatMap(({ row }) => toArrival(row));
    await fileArrivals(connection, tickets, { arrivals, now });
    return verdicts;
  }

  /** The same where executions follow from what is written: in one transaction with it. */
  async function writeWithExecutions(entries: Entries, now: number | null): Promise<readonly Verdict[]> {
    return database.transaction(async (connection) => {
      await lockConcerned(
        connection,
        entries.filter(isOfExecution).map(({ row }) => row),
        movedRuns(entries),
      );
      const busy = new Set(await findBusy(connection, entries.filter(isOfExecution)));
      const verdicts: Verdict[] = [];
      for (const { index, row } of busy)
        verdicts.push([index, refused(`execution ${row.execution.id} is not free for run ${row.execution.runNumber}`)]);
      const free = entries.filter((entry) => !(isOfExecution(entry) && busy.has(entry)));
      verdicts.push(...(await writeWithTickets(connection, free, now)));
      const lost = new Set(verdicts.flatMap(([index, { outcome }]) => (outcome === "written" ? [] : [index])));
      const written = free.filter(({ index }) => !lost.has(index));
      const begun = written.filter(isOfExecution).map(({ row }) => row);
      await beginExecutionRuns(connection, begun);
      await settleExecutions(connection, movedRuns(written), now);
      return verdicts;
    });
  }

  async function writeAll(entries: Entries, now: number | null): Promise<readonly Verdict[]> {
    if (entries.some(concernsExecution)) return writeWithExecutions(entries, now);
    if (entries.some(concernsWaiting))
      return database.transaction((connection) => writeWithTickets(connection, entries, now));
    return write(entries, now);
  }

  return {
    async append(rows, now) {
      const { entries, refusals } = sift(rows);
      const verdicts = await writeAll(entries, now).catch((error: unknown) => {
        if (!(error instanceof WrittenMeanwhileError)) throw error;
        return writeAll(entries, now);
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

/** May a run wait for a worker once this is written, or may its project have no room for it? */
function concernsWaiting({ row }: Entries[number]): boolean {
  return toArrival(row).length > 0 || boundOf(row) !== null;
}

/** What the row makes wait. A run that its worker gives back had its turn before. */
function toArrival(row: CreateRow | MoveRow): readonly Arrival[] {
  if (row.kind === "create") return row.run.owner === null ? [{ runId: row.run.id, at: "end" }] : [];
  return row.status === "pending" ? [{ runId: row.runId, at: row.kind === "append" ? "front" : "end" }] : [];
}

/** The entries that were written just now: what became of the others is known. */
function writtenOf(entries: Entries, verdicts: readonly Verdict[]): Entries {
  const others = new Set(verdicts.map(([index]) => index));
  return entries.filter(({ index }) => !others.has(index));
}

function concernsExecution(entry: Placed<CreateRow | MoveRow>): boolean {
  return entry.row.kind === "create" ? isOfExecution(entry) : entry.row.isOfExecution;
}

/** The runs of executions that are there and that the entries write to. */
function movedRuns(entries: Entries): readonly string[] {
  return entries.flatMap(({ row }) => (row.kind !== "create" && row.isOfExecution ? [row.runId] : []));
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
