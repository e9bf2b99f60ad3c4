import { integerArray, uuidArray } from "./array.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { lockRooms } from "./room.ts";
import { prepare } from "./statement.ts";
import type { Ticket, Tickets } from "./tickets.ts";
import { fileArrivals } from "./turns.ts";

/** Gives how many of the projects were not full before. */
const markFull = prepare(
  "mark_full",
  "INSERT INTO full_projects (project_no) SELECT DISTINCT no FROM unnest($1::integer[]) AS new (no) ORDER BY no ON CONFLICT DO NOTHING",
);
const keepTickets = prepare(
  "keep_tickets",
  `INSERT INTO kept_tickets (run_id, project_no, priority)
   SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[]) ON CONFLICT DO NOTHING`,
);

/** Looks at so many of the first ones ($3): takes as many as are wanted ($2) of runs that wait, and all of runs that do not. */
const takeKept = prepare<Ticket>(
  "take_kept_tickets",
  `DELETE FROM kept_tickets WHERE run_id = ANY (ARRAY(
     SELECT run_id FROM (
       SELECT run_id, waits, count(*) FILTER (WHERE waits) OVER (ORDER BY priority DESC, run_id) AS nth
       FROM (
         SELECT run_id, priority, (SELECT status = 'pending' FROM run_states WHERE run_states.run_id = kept.run_id) IS TRUE AS waits
         FROM kept_tickets AS kept WHERE project_no = $1 ORDER BY priority DESC, run_id LIMIT $3) AS first
     ) AS numbered
     WHERE nth <= $2 OR NOT waits))
   RETURNING run_id AS "runId", priority`,
);
const unmarkFull = prepare("unmark_full", "DELETE FROM full_projects WHERE project_no = $1");
const addOffered = prepare("add_offered", "UPDATE full_projects SET offered = offered + $2 WHERE project_no = $1");

/** Passed over are those that are in other hands: whoever hands out locks several in an order of its own. */
const recountOffers = prepare(
  "recount_offers",
  `UPDATE full_projects SET offered = 0
   WHERE project_no = ANY (ARRAY(SELECT project_no FROM full_projects WHERE offered > 0 FOR UPDATE SKIP LOCKED))`,
);

/** One step in the index for each project. */
const markForgotten = prepare(
  "mark_forgotten",
  `WITH RECURSIVE keeps AS (
     (SELECT project_no FROM kept_tickets WHERE project_no > 0 ORDER BY project_no LIMIT 1)
     UNION ALL
     SELECT (SELECT project_no FROM kept_tickets WHERE project_no > keeps.project_no ORDER BY project_no LIMIT 1)
     FROM keeps WHERE keeps.project_no IS NOT NULL
   )
   INSERT INTO full_projects (project_no)
   SELECT project_no FROM keeps
   WHERE project_no IS NOT NULL AND NOT EXISTS (SELECT FROM full_projects WHERE full_projects.project_no = keeps.project_no)
   ORDER BY project_no ON CONFLICT DO NOTHING`,
);

/** The ticket of a run of a full project. */
export interface KeptTicket {
  readonly ticket: Ticket;
  readonly projectNo: number;
}

/** Keeps tickets of projects that are full apart; true when one of these was not before. */
export async function setAside(connection: Connection, kept: readonly KeptTicket[]): Promise<boolean> {
  if (kept.length === 0) return false;
  const projects = integerArray(kept.map(({ projectNo }) => projectNo));
  const runs = uuidArray(kept.map(({ ticket }) => ticket.runId));
  await keepTickets.run(connection, runs, projects, integerArray(kept.map(({ ticket }) => ticket.priority)));
  return (await markFull.run(connection, projects)) > 0;
}

export interface Offer {
  readonly tickets: Tickets;
  /** The store's clock; null: the database's. */
  readonly now: number | null;
  readonly projectNo: number;
  /** How many runs are to have turns, at most. */
  readonly count: number;
  /** How many tickets are looked at. */
  readonly window: number;
}

/** Lets the first tickets that are kept of a project have turns among the others'. False when there were none but of runs that do not wait any more. */
export async function offer(database: PostgresDatabase, request: Offer): Promise<boolean> {
  const { tickets, now, projectNo, count, window } = request;
  return database.transaction(async (connection) => {
    await lockRooms.run(connection, integerArray([projectNo]));
    const first = await takeKept.all(connection, projectNo, count, window);
    const inOrder = first.toSorted((a, b) => b.priority - a.priority);
    const arrivals = inOrder.map(({ runId }) => ({ runId, at: "turn" as const }));
    const offered = await fileArrivals(connection, tickets, { arrivals, now });
    if (first.length === 0) await unmarkFull.run(connection, projectNo);
    else if (offered > 0) await addOffered.run(connection, projectNo, offered);
    return first.length === 0 || offered > 0;
  });
}

/** Makes good what nobody would: tickets that count as let back and never came, and such as are kept of a project that does not count as full. Gives of how many projects. */
export async function mendKept(database: PostgresDatabase): Promise<number> {
  await recountOffers.run(database);
  return markForgotten.run(database);
}
