import type { Connection, PostgresDatabase } from "./connection.ts";
import { lockSpace } from "./locks.ts";
import { type Presence, quietAfterLossMs } from "./presence.ts";
import type { PostgresRuns } from "./runs.ts";
import { settleWaiting } from "./settling.ts";
import { prepare } from "./statement.ts";

/** A process that was not heard of for so long is taken for gone although it still has its connection, in milliseconds: it stands still, or its host vanished. */
export const silentAfterMs = 10_000;

/**
 * Time from one process's look to the next one's, and between two looks of one process at least, in milliseconds. They look in turn, so that the
 * database is asked as often by a hundred of them as by two, and the place of one that is gone in their row delays the others by one turn.
 */
const turnMs = 125;
const shortestRoundMs = 250;

/** How much more time may have passed for the database between two looks than here, in milliseconds: past that its clock was set, or this process's host slept. */
const clockStepMs = 5_000;

interface Look {
  /** Is this process's own lock to be had? Then its connection is gone, as that of others may be, and it does not know yet. */
  readonly isLost: boolean;
  /** Whose runs are to be handed to others. */
  readonly gone: readonly number[];
  /** Whose rows are to go: nobody is there, whatever it held. */
  readonly absent: readonly number[];
  /** How many of those that live have a lower number than this process, and how many there are with it. */
  readonly rank: number;
  readonly count: number;
  readonly now: number;
}

/**
 * Looks at each process that holds runs or beats: one step in an index each, however many runs they hold. A lock that is to be had is nobody's;
 * whoever takes it, in a transaction, keeps its process from coming back until that ends.
 */
const lookAround = prepare<Look>(
  "look_around",
  `WITH RECURSIVE clock AS MATERIALIZED (
     SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
   ), found AS (
     (SELECT holder AS no FROM run_states WHERE holder IS NOT NULL ORDER BY holder LIMIT 1)
     UNION ALL
     SELECT (SELECT holder FROM run_states WHERE holder > found.no ORDER BY holder LIMIT 1) FROM found WHERE found.no IS NOT NULL
   ), holders AS MATERIALIZED (
     SELECT no FROM found WHERE no IS NOT NULL
   ), others AS MATERIALIZED (
     SELECT no, no IN (SELECT no FROM holders) AS holds,
            coalesce((SELECT beat_at FROM workers WHERE workers.no = known.no) < (SELECT now FROM clock) - ${silentAfterMs}, false) AS is_silent,
            pg_try_advisory_xact_lock($2, no) AS is_absent
     FROM (SELECT no FROM holders UNION SELECT no FROM workers) AS known WHERE no <> $1
   ), living AS MATERIALIZED (
     SELECT no FROM others WHERE NOT is_silent AND NOT is_absent
   )
   SELECT (SELECT pg_try_advisory_xact_lock($2, $1)) AS "isLost",
          array(SELECT no FROM others WHERE holds AND (is_absent OR is_silent)) AS gone,
          array(SELECT no FROM others WHERE is_absent) AS absent,
          (SELECT count(*) FROM living WHERE no < $1)::integer AS rank, (SELECT count(*) FROM living)::integer + 1 AS count,
          (SELECT now FROM clock) AS now`,
);

const forgetWorkers = prepare("forget_workers", "DELETE FROM workers WHERE no = ANY ($1::integer[])");

const giveUpWorkers = prepare(
  "give_up_workers",
  "UPDATE workers SET is_given_up = true WHERE no = ANY ($1::integer[])",
);

/** The processes' watch over each other. */
export interface PostgresRecovery {
  /** See `Store.recover`. */
  recover(): Promise<number>;
  /** See `Nodes`. */
  nextLookMs(): number;
  /** See `Nodes`. */
  isFirst(): boolean;
}

export interface PostgresRecoveryOptions {
  readonly database: PostgresDatabase;
  readonly presence: Pick<Presence, "number" | "quietMs" | "join">;
  readonly runs: Pick<PostgresRuns, "makeReady">;
  /** The store's clock, where null is the database's. */
  readonly now: () => number | null;
}

export function createPostgresRecovery({ database, presence, runs, now }: PostgresRecoveryOptions): PostgresRecovery {
  let isFirst = false;
  let nextLookMs = 0;
  /** By the database's clock, and before it was begun by this process's. */
  let lastLook = { now: Infinity, begunAt: 0 };

  async function look(connection: Connection): Promise<Look> {
    const seen = await lookAround.get(connection, presence.number, lockSpace);
    if (seen === undefined) throw new Error("The database said nothing about the processes.");
    return seen;
  }

  /** Does the age of beats say nothing, because all of them look old at once? */
  function isClockSet(seen: Look, begunAt: number): boolean {
    const passedMs = performance.now() - lastLook.begunAt;
    const isSet = seen.now - lastLook.now > passedMs + clockStepMs;
    lastLook = { now: seen.now, begunAt };
    return isSet;
  }

  /** In one transaction, with the locks of those that are gone in hand from its first statement to its end. */
  async function handOver(connection: Connection): Promise<number> {
    const { isLost, gone, absent } = await look(connection);
    if (isLost) return 0;
    const count = await runs.makeReady(connection, gone);
    if (absent.length > 0) await forgetWorkers.run(connection, absent);
    if (gone.length > 0) await giveUpWorkers.run(connection, gone);
    return count;
  }

  return {
    async recover() {
      await presence.join();
      nextLookMs = presence.quietMs;
      if (nextLookMs > 0) return 0;
      const begunAt = performance.now();
      const seen = await look(database);
      if (isClockSet(seen, begunAt)) {
        nextLookMs = quietAfterLossMs;
        return 0;
      }
      isFirst = seen.rank === 0;
      nextLookMs = untilTurn(seen);
      if (seen.isLost || seen.gone.length + seen.absent.length === 0) return 0;
      const count = await database.transaction(handOver);
      // By itself: what it locks, writers lock before the runs.
      if (count > 0) await database.transaction((connection) => settleWaiting(connection, now()));
      return count;
    },
    nextLookMs: () => nextLookMs,
    isFirst: () => isFirst,
  };
}

/** How long until this process's place in the round, in milliseconds: each has one of its own, by the database's clock and its rank. */
export function untilTurn({ rank, count, now }: Pick<Look, "rank" | "count" | "now">): number {
  const roundMs = Math.max(shortestRoundMs, count * turnMs);
  const untilPlace = ((roundMs * rank) / count - (now % roundMs) + roundMs) % roundMs;
  // A timer that was a little early does not have its turn twice.
  return untilPlace < roundMs / 4 ? untilPlace + roundMs : untilPlace;
}
