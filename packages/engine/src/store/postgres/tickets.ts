import type { ConstructorOptions, Db, PgBoss } from "pg-boss";
import type { Client } from "pg";
import { StoreUnavailableError } from "../../errors.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";

/** pg-boss keeps its tables here, apart from any other program's. */
export const ticketSchema = "noukai_pgboss";

/** Tickets of runs whose time has come, and of those whose time has not. */
export const readyQueue = "ready";
export const laterQueue = "later";

/** Says that a run wants a worker, and no more: whether it still does, its row tells. There is one at most for each run in each queue. */
export interface Ticket {
  readonly runId: string;
  /** Higher ones are taken out first, equal ones in the order in which they were filed. */
  readonly priority: number;
}

/** A ticket that is not taken out before its time. */
export interface NewTicket extends Ticket {
  /** Milliseconds since 1970; absent: at once. */
  readonly readyAt?: number;
}

/** Which tickets to take out. */
export interface TicketQuery {
  readonly limit: number;
  readonly minPriority?: number;
  /** Also those whose time has not come. */
  readonly isEarly?: boolean;
}

/** The waiting room. All of it happens in the caller's transaction, so that nobody ever sees a ticket that is neither waiting nor gone. */
export interface Tickets {
  /** Files tickets; a run that has one in the queue keeps that. */
  file(on: Connection, queue: string, tickets: readonly NewTicket[]): Promise<void>;
  /** Takes tickets out, those left out that somebody else is taking at this moment. */
  take(on: Connection, queue: string, query: TicketQuery): Promise<readonly Ticket[]>;
  /** Takes out the runs' tickets, if they have any, in whatever state they are. */
  remove(on: Connection, queue: string, runIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * pg-boss only ever answers here. It looks for nothing to retry, expire or archive (`supervise`), keeps no schedules (`schedule`), and listens to
 * nothing: tickets are deleted by whoever takes them, so that there is nothing to look after.
 */
const quiet = {
  schema: ticketSchema,
  supervise: false,
  schedule: false,
  useListenNotify: false,
} satisfies ConstructorOptions;

/** A table of its own for each queue, whose size is what the planner goes by. Sixty years: a ticket is never too old, should somebody let pg-boss look after its tables after all. */
const queueOptions = { policy: "standard", partition: true, retentionSeconds: 60 * 365 * 24 * 60 * 60 } as const;

/** Makes pg-boss's schema, or brings it up to date, and makes the queues that are always there. Whoever calls has made sure to be alone. */
export async function installTickets(client: Client): Promise<void> {
  const executeSql: Db["executeSql"] = (text, values) => client.query(text, values);
  const boss = await startBoss({ ...quiet, db: { executeSql }, migrate: true });
  for (const queue of [readyQueue, laterQueue]) await boss.createQueue(queue, queueOptions);
  await boss.stop({ graceful: false });
}

/** Has every run that waited when the schema was made got its ticket? The schema itself says so, and goes, is dumped and is restored with that. */
export async function isFilled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ isFilled: boolean }>(
    `SELECT obj_description(to_regnamespace($1), 'pg_namespace') IS NOT NULL AS "isFilled"`,
    [ticketSchema],
  );
  return rows[0]?.isFilled === true;
}

export async function markFilled(client: Client): Promise<void> {
  await client.query(`COMMENT ON SCHEMA ${ticketSchema} IS 'Every run that waited when this was made has its ticket.'`);
}

/** Rejects with `StoreUnavailableError` unless the schema is there, and of this release. */
export async function openTickets(database: PostgresDatabase): Promise<Tickets> {
  const boss = await startBoss({ ...quiet, db: adapt(database), migrate: false }).catch((error: unknown) => {
    if (error instanceof StoreUnavailableError) throw error;
    throw new StoreUnavailableError(
      `The tickets in schema ${ticketSchema} are not of this release. Start the newer release, or restore a backup made before it.`,
      { cause: error },
    );
  });
  return {
    async file(on, queue, tickets) {
      if (tickets.length === 0) return;
      const jobs = tickets.map(({ runId, priority, readyAt }) => ({
        id: runId,
        priority,
        ...(readyAt !== undefined && { startAfter: new Date(readyAt) }),
      }));
      await boss.insert(queue, jobs, { db: adapt(on) });
    },
    async take(on, queue, { limit, minPriority, isEarly = false }) {
      const bounds = minPriority === undefined ? {} : { minPriority };
      const within = { db: adapt(on) };
      const options = { ...within, batchSize: limit, ignoreStartAfter: isEarly, ...bounds };
      const jobs = await boss.fetch(queue, { ...options, includeMetadata: true });
      if (jobs.length === 0) return [];
      await boss.deleteJob(
        queue,
        jobs.map(({ id }) => id),
        within,
      );
      const inOrder = jobs.toSorted((a, b) => b.priority - a.priority || Number(a.createdOn) - Number(b.createdOn));
      return inOrder.map(({ id, priority }) => ({ runId: id, priority }));
    },
    async remove(on, queue, runIds) {
      if (runIds.length > 0) await boss.deleteJob(queue, [...runIds], { db: adapt(on) });
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** Loaded when it is wanted: it takes as long to load as an embedded server to start. */
async function startBoss(options: ConstructorOptions): Promise<PgBoss> {
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss(options);
  // It tells of what it could not refresh, and tries again by itself.
  boss.on("error", () => undefined);
  return boss.start();
}

/**
 * Lets pg-boss's statements run on a connection of the store. Planned each time: they join tables that are empty now and full in a second, and a
 * plan for few tickets reads all of many.
 */
function adapt(on: Connection): Db {
  return { executeSql: (text, values = []) => on.execute({ name: "", text }, values) };
}
