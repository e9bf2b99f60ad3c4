import type { RunRecord } from "../store.ts";
import { integerArray, uuidArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { offer, setAside } from "./kept-tickets.ts";
import { capOf, cappedProjects, holders, inWork, lockRooms } from "./room.ts";
import { type RunRow, runColumns, runTables, toRunRecord } from "./run-rows.ts";
import { prepare } from "./statement.ts";
import { laterQueue, readyQueue, type Tickets, ticketSchema } from "./tickets.ts";
import { fileArrivals, sortedByTime } from "./turns.ts";

/** Tickets of delayed runs that are dealt with at once, and tickets looked through at once where many are of projects that are full, or of runs that wait no longer. */
const dueBatch = 500;
const searchBatch = 500;

/** Projects with room again that are let back at once; which ones is left to chance, so that none is always behind others. */
const mostOffers = 20;

/** How often one hand-out looks before it lets its worker look up: each time takes up to some hundred milliseconds. */
const mostRounds = 10;

interface Waiting {
  readonly isReady: boolean;
  readonly isDue: boolean;
  /** By which delayed runs' tickets are sorted whose time has come. */
  readonly dueFrom: number;
  readonly isAnyFull: boolean;
  /** Some of the projects with tickets in a line of their own that have room again. */
  readonly roomy: readonly { readonly no: number; readonly room: number }[];
}

/** What there is to do before, and in, a hand-out: looks, changes nothing. The LATERAL goes from the few that are full to their projects, and the order by priority to the index that has it. */
const whatWaits = prepare<Waiting>(
  "what_waits",
  `WITH RECURSIVE clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   ), due AS MATERIALIZED (
     SELECT ${sortedByTime("(SELECT now FROM clock)")} AS priority
   ), ${holders}, roomy AS MATERIALIZED (
     SELECT project_no AS no, project.room - offered AS room
     FROM full_projects CROSS JOIN LATERAL (
       SELECT coalesce(${capOf("projects", "$2")} - ${inWork("projects")}, $3) AS room
       FROM projects WHERE no = full_projects.project_no LIMIT 1) AS project
   )
   SELECT EXISTS (SELECT FROM ${ticketSchema}.job WHERE name = '${readyQueue}' AND state < 'active' AND NOT blocked) AS "isReady",
          (SELECT true FROM ${ticketSchema}.job
           WHERE name = '${laterQueue}' AND state < 'active' AND NOT blocked AND priority >= (SELECT priority FROM due)
             AND start_after <= to_timestamp((SELECT now FROM clock) / 1000.0)
           ORDER BY priority DESC LIMIT 1) IS TRUE AS "isDue",
          (SELECT priority FROM due) AS "dueFrom",
          EXISTS (SELECT FROM full_projects) AS "isAnyFull",
          (SELECT coalesce(json_agg(json_build_object('no', no, 'room', room)), '[]')
           FROM (SELECT no, room FROM roomy WHERE room > 0 ORDER BY random() LIMIT ${mostOffers}) AS chosen) AS roomy`,
);

/** What becomes of a ticket: `full`: its project has no room; `gone`: its run does not wait; the others go back, `busy` because somebody writes to the run. */
type Verdict = "claimed" | "full" | "gone" | "busy" | "surplus";

interface TicketRow extends RunRow {
  readonly ticketId: string;
  readonly projectNo: number;
  readonly verdict: Verdict;
}

/**
 * The run row decides. Rows that somebody writes to at this moment are passed over, not waited for; those that are no longer pending are locked
 * too, so that none becomes so before its ticket is gone.
 */
const claimRuns = prepare<TicketRow>(
  "claim_runs",
  `WITH RECURSIVE clock AS MATERIALIZED (
     SELECT ${clock("$4")} AS now
   ), ${holders}, ticket AS MATERIALIZED (
     SELECT asked.id, asked.place, runs.project_no
     FROM unnest($5::uuid[]) WITH ORDINALITY AS asked (id, place) LEFT JOIN runs ON runs.id = asked.id
   ), rooms AS MATERIALIZED (
     SELECT no, ${capOf("projects", "$6")} - ${inWork("projects")} AS room
     FROM projects WHERE no IN (SELECT project_no FROM ticket) AND ${capOf("projects", "$6")} IS NOT NULL
   ), seen AS MATERIALIZED (
     SELECT ticket.id, ticket.place, ticket.project_no, state.status
     FROM ticket CROSS JOIN LATERAL (SELECT status FROM run_states WHERE run_id = ticket.id FOR UPDATE SKIP LOCKED) AS state
   ), ranked AS MATERIALIZED (
     SELECT id, place, row_number() OVER (PARTITION BY project_no ORDER BY place) AS nth,
            (SELECT room FROM rooms WHERE rooms.no = seen.project_no) AS room
     FROM seen WHERE status = 'pending'
   ), chosen AS MATERIALIZED (
     SELECT id FROM ranked WHERE room IS NULL OR nth <= room ORDER BY place LIMIT $2
   ), state AS (
     UPDATE run_states
     SET status = 'running', owner = $1, holder = $3, epoch = epoch + 1, started_at = coalesce(started_at, (SELECT now FROM clock))
     FROM chosen WHERE run_states.run_id = chosen.id
     RETURNING run_states.*
   ), taken_back AS (
     UPDATE full_projects SET offered = greatest(offered - taken.count, 0)
     FROM (SELECT project_no, count(*)::integer AS count FROM ticket GROUP BY project_no) AS taken
     WHERE full_projects.project_no = taken.project_no
   ), run AS MATERIALIZED (
     SELECT ${runColumns} FROM state ${runTables}
   )
   SELECT ticket.id AS "ticketId", ticket.project_no AS "projectNo", run.*,
          CASE WHEN run.id IS NOT NULL THEN 'claimed'
               WHEN ranked.nth > ranked.room THEN 'full'
               WHEN ranked.id IS NOT NULL THEN 'surplus'
               WHEN seen.id IS NULL AND ticket.project_no IS NOT NULL THEN 'busy'
               ELSE 'gone' END AS verdict
   FROM ticket LEFT JOIN seen ON seen.id = ticket.id LEFT JOIN ranked ON ranked.id = ticket.id LEFT JOIN run ON run.id = ticket.id
   ORDER BY ticket.place`,
);

/** To whom, and how many. */
export interface HandOutRequest {
  readonly worker: string;
  readonly limit: number;
  /** For projects whose settings say nothing; null: no bound. */
  readonly concurrentRuns: number | null;
}

export interface HandedOut {
  readonly runs: readonly RunRecord[];
  /** Other processes are to look as well: a project came to be full, whose runs may end there, or tickets were put back that they may have missed. */
  readonly isNews: boolean;
  /** Some projects are full. */
  readonly isAnyFull: boolean;
  /** Somebody was writing to a run that would have been handed out. */
  readonly isAnyBusy: boolean;
  /** There was more to look through. */
  readonly isUnfinished: boolean;
}

export interface HandOutOptions {
  readonly database: PostgresDatabase;
  readonly tickets: Tickets;
  /** This process's number. */
  readonly holder: number;
  /** The store's clock; null: the database's. */
  readonly now: () => number | null;
}

/** What one round of a hand-out came to. */
interface Round {
  readonly runs: readonly RunRecord[];
  /** Were tickets dealt with for good, so that others may come to light? */
  readonly isProgress: boolean;
  readonly isNewlyFull: boolean;
  /** Were tickets put back that came to light because many were looked through? */
  readonly isAnySurplus: boolean;
  readonly isAnyBusy: boolean;
}

const nothing: Round = { runs: [], isProgress: false, isNewlyFull: false, isAnySurplus: false, isAnyBusy: false };

/**
 * Takes tickets out and claims their runs, in rounds of one transaction each, until there is a run: at first as many tickets as runs are wanted, and
 * more of them where some came to nothing: of projects that were full, which each ticket is found to be once, or of runs that wait no longer.
 * Nobody who got a run waits for the next round.
 */
export async function handOut(options: HandOutOptions, request: HandOutRequest): Promise<HandedOut> {
  const rounds: Round[] = [];
  let batch = request.limit;
  let isAnyFull = false;
  let isUnfinished = true;
  while (isUnfinished && rounds.length < mostRounds) {
    const way = await makeWay(options, request, batch);
    const round = way.isReady ? await handOutRound(options, request, batch) : nothing;
    rounds.push(round);
    isAnyFull = way.isAnyFull;
    isUnfinished = round.runs.length === 0 && (way.isMoving || round.isProgress);
    if (way.isInVain || round.isProgress) batch = Math.max(searchBatch, request.limit);
  }
  const isNewlyFull = rounds.some((round) => round.isNewlyFull);
  return {
    runs: rounds.flatMap(({ runs }) => runs),
    isNews: isNewlyFull || rounds.some((round) => round.isAnySurplus),
    isAnyFull: isAnyFull || isNewlyFull,
    isAnyBusy: rounds.some((round) => round.isAnyBusy),
    isUnfinished,
  };
}

interface Way {
  readonly isReady: boolean;
  readonly isMoving: boolean;
  /** Was a project with room found to have only tickets of runs that wait no longer, as far as was looked? */
  readonly isInVain: boolean;
  readonly isAnyFull: boolean;
}

/** Puts tickets among those that are ready whose time has come, or whose project has room again. */
async function makeWay(options: HandOutOptions, request: HandOutRequest, batch: number): Promise<Way> {
  const { database, tickets, now } = options;
  const { limit, concurrentRuns } = request;
  const waiting = await whatWaits.get(database, now(), concurrentRuns, limit);
  if (waiting === undefined) throw new Error("A SELECT of EXISTS gives a row.");
  const { isReady, isDue, dueFrom, isAnyFull, roomy } = waiting;
  if (isDue) await moveDue(options, dueFrom);
  let isInVain = false;
  for (const { no, room } of roomy) {
    const count = Math.min(room, limit);
    const isOffered = await offer(database, { tickets, now: now(), projectNo: no, count, window: batch });
    isInVain ||= !isOffered;
  }
  const isMoving = isDue || roomy.length > 0;
  return { isReady: isReady || isMoving, isMoving, isInVain, isAnyFull };
}

/** The tickets of delayed runs get their turn when their time has come: one of an hour ago would go before everybody. */
async function moveDue({ database, tickets, now }: HandOutOptions, dueFrom: number): Promise<void> {
  await database.transaction(async (connection) => {
    // pg-boss goes by the database's clock: where the store has another one, whoever files them again looks at that.
    const query = { limit: dueBatch, minPriority: dueFrom, isEarly: now() !== null };
    const due = await tickets.take(connection, laterQueue, query);
    const arrivals = due.map(({ runId }) => ({ runId, at: "end" as const }));
    await fileArrivals(connection, tickets, { arrivals, now: now() });
  });
}

async function handOutRound(options: HandOutOptions, request: HandOutRequest, batch: number): Promise<Round> {
  const { database, tickets, holder, now } = options;
  const { worker, limit, concurrentRuns } = request;
  return database.transaction(async (connection) => {
    const taken = await tickets.take(connection, readyQueue, { limit: batch });
    if (taken.length === 0) return nothing;
    const ids = uuidArray(taken.map(({ runId }) => runId));
    const capped = await cappedProjects.all(connection, ids, concurrentRuns);
    if (capped.length > 0) await lockRooms.run(connection, integerArray(capped.map(({ no }) => no)));
    const rows = await claimRuns.all(connection, worker, limit, holder, now(), ids, concurrentRuns);
    const judged = rows.map(({ ticketId, projectNo, verdict, ...run }, index) => ({
      ticket: taken[index] ?? { runId: ticketId, priority: 0 },
      projectNo,
      verdict,
      run,
    }));
    const isNewlyFull = await setAside(
      connection,
      judged.filter(({ verdict }) => verdict === "full"),
    );
    const back = judged.filter(({ verdict }) => verdict === "busy" || verdict === "surplus");
    await tickets.file(
      connection,
      readyQueue,
      back.map(({ ticket }) => ticket),
    );
    return {
      runs: judged.filter(({ verdict }) => verdict === "claimed").map(({ run }) => toRunRecord(run)),
      isProgress: back.length < judged.length,
      isNewlyFull,
      isAnySurplus: judged.some(({ verdict }) => verdict === "surplus"),
      isAnyBusy: judged.some(({ verdict }) => verdict === "busy"),
    };
  });
}
