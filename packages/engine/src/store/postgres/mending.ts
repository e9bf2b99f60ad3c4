import type { PostgresDatabase } from "./connection.ts";
import { mendKept } from "./kept-tickets.ts";
import { prepare } from "./statement.ts";
import { laterQueue, readyQueue, type Tickets, ticketSchema } from "./tickets.ts";
import { fileArrivals } from "./turns.ts";

/** Waiting runs that are looked at in one go: some tens of milliseconds of the database's time. */
const pageSize = 5_000;

interface PendingRow {
  readonly id: string;
  readonly readyAt: number;
  readonly hasTicket: boolean;
}

/** What state a ticket is in is asked apart from where it is, kept so by the OFFSET: each look is into one place of the index of all tickets. */
const pendingRuns = prepare<PendingRow>(
  "pending_runs",
  `WITH pending AS MATERIALIZED (
     SELECT run_id, ready_at FROM run_states
     WHERE status = 'pending' AND (ready_at, run_id) > ($1::bigint, $2::uuid)
     ORDER BY ready_at, run_id LIMIT ${pageSize}
   )
   SELECT run_id AS id, ready_at AS "readyAt", EXISTS (
     SELECT FROM (
       SELECT state, blocked FROM ${ticketSchema}.job
       WHERE name IN ('${readyQueue}', '${laterQueue}') AND job.id = pending.run_id OFFSET 0) AS ticket
     WHERE state < 'active' AND NOT blocked)
     OR (SELECT true FROM kept_tickets WHERE kept_tickets.run_id = pending.run_id LIMIT 1) IS TRUE AS "hasTicket"
   FROM pending ORDER BY ready_at, run_id`,
);

/** Looks for what must not be: pending runs that nobody will ever be given. */
export interface Mending {
  /** Looks through the next few thousand runs that wait, from the first ones again after the last ones, and at what is kept of full projects. Gives how much was mended. */
  mendSome(): Promise<number>;
  /** Looks through all that wait; gives how many have a ticket now that had none. */
  mendAll(): Promise<number>;
}

const start = { id: "00000000-0000-0000-0000-000000000000", readyAt: Number.MIN_SAFE_INTEGER };

export interface MendingOptions {
  readonly database: PostgresDatabase;
  readonly tickets: Tickets;
  /** The store's clock; null: the database's. */
  readonly now: () => number | null;
}

export function createMending({ database, tickets, now }: MendingOptions): Mending {
  let last: Pick<PendingRow, "id" | "readyAt"> = start;

  async function mend(lost: readonly string[]): Promise<number> {
    return database.transaction(async (connection) => {
      // One that pg-boss would not hand out is in the way of another.
      for (const queue of [readyQueue, laterQueue]) await tickets.remove(connection, queue, lost);
      const arrivals = lost.map((runId) => ({ runId, at: "end" as const }));
      return fileArrivals(connection, tickets, { arrivals, now: now() });
    });
  }

  async function mendPage(): Promise<number> {
    const page = await pendingRuns.all(database, last.readyAt, last.id);
    last = page.length === pageSize ? (page.at(-1) ?? start) : start;
    const lost = page.filter(({ hasTicket }) => !hasTicket).map(({ id }) => id);
    return lost.length === 0 ? 0 : mend(lost);
  }

  return {
    async mendSome() {
      return (await mendKept(database)) + (await mendPage());
    },
    async mendAll() {
      let count = 0;
      do count += await mendPage();
      while (last !== start);
      return count;
    },
  };
}
