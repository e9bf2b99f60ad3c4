import { isUuid } from "../../run-id.ts";
import type { Nodes, StoredHold, TokenGrant } from "../store.ts";
import { clock } from "./clock.ts";
import type { PostgresDatabase } from "./connection.ts";
import { cancelsChannel } from "./nudges.ts";
import type { PostgresRecovery } from "./recovery.ts";
import type { Sleepers } from "./sleepers.ts";
import { prepare } from "./statement.ts";

const heldRuns = prepare<StoredHold>(
  "held_runs",
  `SELECT run_id AS "runId", epoch FROM run_states WHERE holder = $1 AND owner = $2`,
);

/** The nudge goes with the commit: such wishes are rare. */
const requestCancel = prepare(
  "request_run_cancel",
  `WITH asked AS (
     INSERT INTO cancel_requests (run_id) SELECT run_id FROM run_states WHERE run_id = $1 AND holder IS NOT NULL
     ON CONFLICT (run_id) DO NOTHING
   )
   SELECT pg_notify('${cancelsChannel}', $2)`,
);

/** Of runs that another process holds, that one is told, so that its wishes keep nobody's waiting when it stands still. Those of runs that are over, or deleted, go. The LATERAL, kept apart by its LIMIT, looks each run up: as a plain join it would read all that are open. */
const cancelRequests = prepare<{ projectId: string; runId: string }>(
  "cancel_requests",
  `WITH asked AS MATERIALIZED (
     SELECT request.run_id, open.run_id IS NOT NULL AS is_open, open.holder
     FROM cancel_requests AS request LEFT JOIN LATERAL (
       SELECT run_id, holder FROM run_states WHERE run_states.run_id = request.run_id AND completed_at IS NULL LIMIT 1) AS open ON true
   ), settled AS (
     DELETE FROM cancel_requests AS request USING asked WHERE request.run_id = asked.run_id AND NOT asked.is_open
   ), wanted AS MATERIALIZED (
     SELECT run_id FROM asked WHERE is_open AND (holder = $1 OR holder IS NULL) ORDER BY run_id LIMIT $2
   )
   SELECT projects.id AS "projectId", wanted.run_id AS "runId"
   FROM wanted JOIN runs ON runs.id = wanted.run_id JOIN projects ON projects.no = runs.project_no ORDER BY wanted.run_id`,
);

/** What a bucket holds by now, of those columns. */
function filled(tokens: string, filledAt: string): string {
  return `least($2::double precision, ${tokens} + $4 + greatest(0, (SELECT now FROM clock) - ${filledAt}) * $2::double precision / 60000)`;
}

/** What adding fractions up loses is no reason to refuse. */
const tolerance = "1e-6";

const takeTokens = prepare<{ granted: number; tokens: number }>(
  "take_tokens",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$5")} AS now
   )
   INSERT INTO rate_tokens AS bucket (name, tokens, filled_at, granted)
   SELECT $1, $2::double precision - least($3::integer, $2), (SELECT now FROM clock), least($3::integer, $2)
   ON CONFLICT (name) DO UPDATE
   SET granted = least($3::integer, floor(${filled("bucket.tokens", "bucket.filled_at")} + ${tolerance})),
       tokens = ${filled("bucket.tokens", "bucket.filled_at")}
                - least($3::integer, floor(${filled("bucket.tokens", "bucket.filled_at")} + ${tolerance})),
       filled_at = (SELECT now FROM clock)
   RETURNING granted, tokens`,
);

/** Reads the whole table, which holds what was asked for in the last minutes; those whose bucket cannot but be full. */
const dropFullBuckets = prepare(
  "drop_full_buckets",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   )
   DELETE FROM rate_tokens WHERE filled_at < (SELECT now FROM clock) - 60000`,
);

const minuteMs = 60_000;

/** Under what those sleep who wait for a wish to cancel, or for a doubt about what is held here. */
export const cancelsName = "cancels";
export const doubtsName = "doubts";

export interface PostgresNodesOptions {
  readonly database: PostgresDatabase;
  /** This process's number. */
  readonly holder: number;
  readonly recovery: PostgresRecovery;
  readonly sleepers: Sleepers;
  /** The store's clock, where null is the database's. */
  readonly now: () => number | null;
}

export interface PostgresNodes extends Nodes {
  /** Runs that somebody wants cancelled and that this process holds, or nobody does, in the order of their ids. */
  cancelRequests(limit: number): Promise<readonly { readonly projectId: string; readonly runId: string }[]>;
  /** Forgets buckets that are full. */
  sweep(): Promise<void>;
}

/** See `Nodes` for what each promises. */
export function createPostgresNodes({
  database,
  holder,
  recovery,
  sleepers,
  now,
}: PostgresNodesOptions): PostgresNodes {
  return {
    nextLookMs: recovery.nextLookMs,
    isFirst: recovery.isFirst,
    held: (worker) => heldRuns.all(database, holder, worker),
    doubted: (signal) => sleepers.next(doubtsName, signal),
    async requestCancel(runId) {
      if (!isUuid(runId)) return;
      await requestCancel.all(database, runId, `${holder}`);
      sleepers.wake(cancelsName);
    },
    cancelRequested: (signal) => sleepers.next(cancelsName, signal),
    cancelRequests: (limit) => cancelRequests.all(database, holder, limit),
    async takeTokens({ name, perMinute, want, unused }) {
      const bucket = await takeTokens.get(database, name, perMinute, want, unused, now());
      return bucket === undefined ? { granted: 0, waitMs: 0 } : toGrant(bucket, perMinute);
    },
    async sweep() {
      await dropFullBuckets.run(database, now());
    },
  };
}

function toGrant({ granted, tokens }: { granted: number; tokens: number }, perMinute: number): TokenGrant {
  return { granted, waitMs: granted > 0 ? 0 : (Math.max(0, 1 - tokens) * minuteMs) / perMinute };
}
