import { textArray, uuidArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { turnSpace } from "./locks.ts";
import { prepare } from "./statement.ts";
import { laterQueue, type NewTicket, readyQueue, type Tickets, ticketSchema } from "./tickets.ts";

/**
 * Start-time fair queueing: tickets of one priority are tagged with turns, and the lowest turn is handed out first, equal ones in order of arrival.
 * A project's tickets are two turns apart from each other, and its first one comes one turn behind that which is being handed out: before the
 * second one of whoever else waits, however many these have. Nothing is ever put at the turn that is being handed out, so that this goes on and
 * nobody is overtaken for ever by those who come later. When nothing waits the turns begin anew.
 * After: Goyal, Vin, Cheng, "Start-time Fair Queueing" (SIGCOMM 1996).
 */
const turnStep = 2;

/** Of a ticket that waits alone; there is room before it for one that comes back. */
const firstTurn = turnStep;

/** Turns that fit beside one of the 201 priorities into the 32 bits that pg-boss sorts by. At the last one, tickets are in order of arrival until nothing waits. */
const turnsPerPriority = 2 ** 24;

const lowest = (priority: string): string => `${priority} * ${turnsPerPriority}`;
const highest = (priority: string): string => `${lowest(priority)} + ${turnsPerPriority - 1}`;

/** What pg-boss sorts a ticket by; `${highest} - turn` is its own inverse. */
const sorted = (priority: string, turn: string): string => `${highest(priority)} - ${turn}`;

const waitsReady = `job.name = '${readyQueue}' AND job.state < 'active' AND NOT job.blocked`;

/** Times of the waiting room's other half count from here, in seconds. */
const epochSeconds = Date.UTC(2020, 0, 1) / 1000;

/** What a ticket of a later time is sorted by: the earliest first, in whole seconds, so that whoever looks for those whose time has come passes by no other. */
export const sortedByTime = (ms: string): string =>
  `-least(greatest(${ms} / 1000 - ${epochSeconds}, 0), 2147483647)::integer`;

/** Whoever files tickets of the same project meanwhile waits: each sees the turns that the one before it took. */
const lockTurns = prepare(
  "lock_turns",
  `SELECT pg_advisory_xact_lock(${turnSpace}, project_no)
   FROM (SELECT DISTINCT project_no FROM runs WHERE id = ANY ($1::uuid[]) ORDER BY project_no OFFSET 0) AS projects`,
);

interface PlaceRow {
  readonly runId: string;
  readonly isDue: boolean;
  readonly priority: number;
  readonly readyAt: number;
}

/** The LIMIT keeps the look-up of a project's last ticket apart, by all of its index: as a plain join it would read every ticket that is ready. */
const placeTickets = prepare<PlaceRow>(
  "place_tickets",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   ), asked AS MATERIALIZED (
     SELECT new.place, new.at, state.run_id, runs.project_no, state.priority, state.ready_at,
            state.ready_at <= (SELECT now FROM clock) AS is_due
     FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS new (run_id, at, place)
     JOIN run_states AS state ON state.run_id = new.run_id
     JOIN runs ON runs.id = new.run_id
     WHERE state.status = 'pending'
   ), heads AS MATERIALIZED (
     SELECT priority, coalesce(
       (SELECT ${highest("wanted.priority")} - job.priority FROM ${ticketSchema}.job
        WHERE ${waitsReady} AND job.priority BETWEEN ${lowest("wanted.priority")} AND ${highest("wanted.priority")}
        ORDER BY job.priority DESC LIMIT 1), ${firstTurn - 1}) AS turn
     FROM (SELECT DISTINCT priority FROM asked) AS wanted
   ), projects_asked AS MATERIALIZED (
     SELECT wanted.project_no, wanted.priority, greatest(
       (SELECT turn + 1 FROM heads WHERE heads.priority = wanted.priority),
       (SELECT next FROM turns
        WHERE turns.project_no = wanted.project_no AND turns.priority = wanted.priority AND ${sorted("turns.priority", `(next - ${turnStep})`)} =
          (SELECT job.priority FROM ${ticketSchema}.job WHERE job.name = '${readyQueue}' AND job.id = turns.last_run_id LIMIT 1))) AS turn
     FROM (SELECT DISTINCT project_no, priority FROM asked WHERE is_due AND at = 'end') AS wanted
   ), placed AS MATERIALIZED (
     SELECT asked.place, asked.run_id, asked.project_no, asked.priority,
            least((SELECT turn FROM projects_asked WHERE projects_asked.project_no = asked.project_no AND projects_asked.priority = asked.priority)
              + ${turnStep} * (row_number() OVER (PARTITION BY asked.project_no, asked.priority ORDER BY asked.place) - 1),
              ${turnsPerPriority - 1})::integer AS turn
     FROM asked WHERE is_due AND at = 'end'
   ), kept AS (
     INSERT INTO turns (project_no, priority, next, last_run_id)
     SELECT DISTINCT ON (project_no, priority) project_no, priority, turn + ${turnStep}, run_id
     FROM placed ORDER BY project_no, priority, place DESC
     ON CONFLICT (project_no, priority) DO UPDATE SET next = excluded.next, last_run_id = excluded.last_run_id
   )
   SELECT run_id AS "runId", true AS "isDue", ${sorted("priority", "turn")} AS priority, 0::bigint AS "readyAt", place FROM placed
   UNION ALL
   SELECT run_id, true, ${sorted(
     "asked.priority",
     `least(greatest(heads.turn + CASE at WHEN 'front' THEN -1 ELSE 1 + ${turnStep} *
            (row_number() OVER (PARTITION BY asked.project_no, asked.priority, at ORDER BY place) - 1) END, 0), ${turnsPerPriority - 1})::integer`,
   )},
          0, place
   FROM asked JOIN heads ON heads.priority = asked.priority WHERE is_due AND at <> 'end'
   UNION ALL
   SELECT run_id, false, ${sortedByTime("ready_at")}, ready_at, place FROM asked WHERE NOT is_due
   ORDER BY place`,
);

/** A run that waits from now on. */
export interface Arrival {
  readonly runId: string;
  /** Behind its project's others; where a project with none comes, since it was its turn when there was no room; or before everybody, since it had its turn and comes back unfinished. */
  readonly at: "end" | "turn" | "front";
}

/** Files tickets for those of the runs that are pending; gives how many. `now` is the store's clock; null: the database's. */
export async function fileArrivals(
  on: Connection,
  tickets: Tickets,
  { arrivals, now }: { readonly arrivals: readonly Arrival[]; readonly now: number | null },
): Promise<number> {
  if (arrivals.length === 0) return 0;
  // A run may have come to wait twice within one commit.
  const wishes = new Map(arrivals.map(({ runId, at }) => [runId, at]));
  const runIds = uuidArray([...wishes.keys()]);
  await lockTurns.run(on, runIds);
  const places = await placeTickets.all(on, now, runIds, textArray([...wishes.values()]));
  await tickets.file(on, readyQueue, places.filter(({ isDue }) => isDue).map(toTicket));
  await tickets.file(on, laterQueue, places.filter(({ isDue }) => !isDue).map(toTicket));
  return places.length;
}

function toTicket({ runId, isDue, priority, readyAt }: PlaceRow): NewTicket {
  return isDue ? { runId, priority } : { runId, priority, readyAt };
}
