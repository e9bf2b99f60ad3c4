import { idempotencyMs, isOver } from "../store.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { batchColumns, chargeColumns, continuationColumns, creationColumns } from "./round-columns.ts";
import type { Round } from "./rounds.ts";
import { prepare, type Statement } from "./statement.ts";

/** What there is in a round. Beginning a part of the statement costs as much as writing an entry, so that those with nothing to do are left out. */
interface Contents {
  readonly creates: boolean;
  /** A new run has a webhook. */
  readonly watches: boolean;
  readonly moves: boolean;
  readonly ends: boolean;
  readonly charges: boolean;
}

/** The columns of `round-columns`, in their order. */
const batches = columns("batch", {
  place: "integer",
  run_id: "uuid",
  last_seq: "integer",
  epoch: "integer",
  events: "text",
});
const creations = columns("new", {
  place: "integer",
  id: "uuid",
  project_id: "text",
  flow_id: "text",
  flow_version: "integer",
  definition_hash: "text",
  trigger: "text",
  session_id: "text",
  capture: "text",
  traced: "boolean",
  input: "text",
  options: "text",
  owner: "text",
  priority: "integer",
  ready_at: "bigint",
  created_at: "bigint",
  last_seq: "integer",
  key: "text",
  request_hash: "text",
  webhook_url: "text",
  webhook_host: "text",
});
const continuations = columns("next", {
  place: "integer",
  run_id: "uuid",
  epoch: "integer",
  first_seq: "integer",
  last_seq: "integer",
  status: "text",
  seizes: "boolean",
  owner: "text",
  keeps_hold: "boolean",
  ends_run: "boolean",
  at: "bigint",
});
const charges = columns("charge", { place: "integer", run_id: "uuid", amount: "text" });

/** `now`, `holder` and the number of entries come first, then the columns, those for the log first. */
const firstColumn = 4;

function columns(alias: string, types: Readonly<Record<string, string>>) {
  const names = Object.keys(types).join(", ");
  return {
    count: Object.keys(types).length,
    /** For FROM, where the first one is the parameter of that number. */
    from: (first: number) => {
      const arrays = Object.values(types).map((type, index) => `$${first + index}::${type}[]`);
      return `unnest(${arrays.join(", ")}) AS ${alias} (${names})`;
    },
  };
}

/**
 * New runs. Runs and keys are looked for before they are inserted: who takes them at the same moment makes the statement fail
 * (`WrittenMeanwhileError`), which costs less than ON CONFLICT, for which each row is logged twice. A run that is to begin at once is ready now:
 * the clock of whoever made it may be ahead.
 */
const creating = (first: number): string => `asked AS MATERIALIZED (
     SELECT new.*, projects.no AS project_no, flows.no AS flow_no, definitions.no AS definition_no,
            (SELECT expires_at FROM idempotency_keys AS held WHERE held.project_no = projects.no AND held.key = new.key) AS held_until
     FROM ${creations.from(first)}
     JOIN projects ON projects.id = new.project_id
     JOIN flows ON flows.id = new.flow_id
     JOIN definitions ON definitions.hash = new.definition_hash
     WHERE NOT EXISTS (SELECT FROM runs WHERE runs.id = new.id)
   ), keyed AS (
     INSERT INTO idempotency_keys (project_no, key, run_id, request_hash, expires_at)
     SELECT project_no, key, id, request_hash, (SELECT now FROM clock) + ${idempotencyMs}
     FROM asked WHERE key IS NOT NULL AND held_until IS NULL
     RETURNING run_id
   ), rekeyed AS (
     UPDATE idempotency_keys AS held
     SET run_id = asked.id, request_hash = asked.request_hash, expires_at = (SELECT now FROM clock) + ${idempotencyMs}
     FROM asked
     WHERE held.project_no = asked.project_no AND held.key = asked.key AND held.expires_at = asked.held_until
       AND asked.held_until <= (SELECT now FROM clock)
     RETURNING held.run_id
   ), created AS (
     INSERT INTO runs (id, project_no, flow_no, flow_version, definition_no, traced, trigger, capture, session_id, input, options)
     SELECT id, project_no, flow_no, flow_version, definition_no, traced, trigger, capture, session_id, input, options
     FROM asked WHERE key IS NULL OR (id IN (SELECT run_id FROM keyed UNION ALL SELECT run_id FROM rekeyed)) IS TRUE
     RETURNING id
   ), begun AS (
     INSERT INTO run_states (run_id, flow_no, priority, ready_at, created_at, started_at, last_seq, epoch, holder, owner, status, is_prunable)
     SELECT id, flow_no, priority, CASE WHEN ready_at = created_at THEN least(ready_at, (SELECT now FROM clock)) ELSE ready_at END,
            created_at, CASE WHEN owner IS NOT NULL THEN created_at END, last_seq, (owner IS NOT NULL)::integer,
            CASE WHEN owner IS NOT NULL THEN $2::integer END, owner, CASE WHEN owner IS NULL THEN 'pending' ELSE 'running' END,
            NOT traced AND capture <> 'full'
     FROM asked WHERE (id IN (SELECT id FROM created)) IS TRUE
   )`;

/**
 * What goes on with runs. The fence and the gap check are the condition of the UPDATE: it locks the run, so a claim by another process comes
 * before or after, not in between. What keeps its hold keeps its status, too: `running`, or `pending` when its process was taken for gone and
 * writes once more before anybody else has the run.
 */
const moving = (first: number): string => `moved AS (
     UPDATE run_states AS state
     SET last_seq = coalesce(next.last_seq, state.last_seq),
         status = CASE WHEN next.keeps_hold THEN state.status ELSE coalesce(next.status, state.status) END,
         epoch = state.epoch + next.seizes::integer,
         owner = CASE WHEN next.keeps_hold THEN state.owner ELSE next.owner END,
         holder = CASE WHEN next.keeps_hold THEN state.holder WHEN next.owner IS NOT NULL THEN $2::integer END,
         started_at = CASE WHEN next.owner IS NULL THEN state.started_at ELSE coalesce(state.started_at, (SELECT now FROM clock)) END,
         paused_at = CASE WHEN next.keeps_hold THEN state.paused_at
                          WHEN next.status = 'paused' THEN coalesce(state.paused_at, next.at, (SELECT now FROM clock)) END,
         completed_at = CASE WHEN next.ends_run THEN coalesce(next.at, (SELECT now FROM clock)) END
     FROM ${continuations.from(first)}
     WHERE state.run_id = next.run_id AND state.epoch = next.epoch AND state.completed_at IS NULL
       AND state.last_seq = coalesce(next.first_seq - 1, state.last_seq)
       AND (NOT next.seizes OR state.status IN ('pending', 'paused'))
     RETURNING next.place, next.run_id, next.ends_run
   )`;

/** Accounts are charged in the order of their numbers, so that two processes never wait for each other. */
const charging = (first: number): string => `charged AS (
     INSERT INTO credits AS account (project_no, spent_usd)
     SELECT runs.project_no, sum(charge.amount::numeric)
     FROM ${charges.from(first)}
     JOIN runs ON runs.id = charge.run_id
     WHERE (charge.place IN (SELECT place FROM done)) IS TRUE
     GROUP BY runs.project_no ORDER BY runs.project_no
     ON CONFLICT (project_no) DO UPDATE
     SET spent_usd = account.spent_usd + excluded.spent_usd, balance_usd = account.balance_usd - excluded.spent_usd
   )`;

const watching = `watched AS (
     INSERT INTO deliveries (run_id, project_no, url, host)
     SELECT id, project_no, webhook_url, webhook_host
     FROM asked WHERE webhook_url IS NOT NULL AND (id IN (SELECT id FROM created)) IS TRUE
   )`;

const ringing = `rung AS (
     UPDATE deliveries AS delivery SET due_at = (SELECT now FROM clock)
     FROM moved WHERE moved.ends_run AND delivery.run_id = moved.run_id AND delivery.attempts = 0
   )`;

/**
 * Gives the places of those entries in the round that were not written.
 * `(… IN (…)) IS TRUE` rather than plain IN: a hashed look-up instead of a join, which would compare all with all.
 */
function textOf(contents: Contents): string {
  const creationsAt = firstColumn + batches.count;
  const continuationsAt = creationsAt + (contents.creates ? creations.count : 0);
  const chargesAt = continuationsAt + (contents.moves ? continuations.count : 0);
  const done = [
    ...(contents.creates ? ["SELECT place FROM asked WHERE (id IN (SELECT id FROM created)) IS TRUE"] : []),
    ...(contents.moves ? ["SELECT place FROM moved"] : []),
  ];
  const parts = [
    `clock AS MATERIALIZED (SELECT ${clock("$1")} AS now)`,
    ...(contents.creates ? [creating(creationsAt)] : []),
    ...(contents.moves ? [moving(continuationsAt)] : []),
    `done AS MATERIALIZED (${done.join(" UNION ALL ")})`,
    `logged AS (
       INSERT INTO log (run_id, last_seq, epoch, events)
       SELECT run_id, last_seq, epoch, events FROM ${batches.from(firstColumn)} WHERE (place IN (SELECT place FROM done)) IS TRUE
     )`,
    ...(contents.charges ? [charging(chargesAt)] : []),
    ...(contents.watches ? [watching] : []),
    ...(contents.ends ? [ringing] : []),
  ];
  return `WITH ${parts.join(", ")}
    SELECT place FROM generate_series(0, $3::integer - 1) AS place WHERE place NOT IN (SELECT place FROM done)`;
}

const statements = new Map<string, Statement<{ place: number }>>();

/** Made when a round first needs it. */
function statementFor(contents: Contents): Statement<{ place: number }> {
  const parts = Object.entries(contents).flatMap(([part, isThere]) => (isThere ? [part] : []));
  const name = ["write_round", ...parts].join("_");
  const known = statements.get(name) ?? prepare<{ place: number }>(name, textOf(contents));
  statements.set(name, known);
  return known;
}

function contentsOf(round: Round): Contents {
  const moves = round.continuations.flat();
  return {
    creates: round.creations.length > 0,
    watches: round.creations.some(({ row }) => row.run.webhook !== undefined),
    moves: moves.length > 0,
    ends: moves.some(({ row }) => row.status !== null && isOver(row.status)),
    charges: moves.some(({ row }) => row.kind === "append" && row.chargeUsd !== null),
  };
}

export interface WriteContext {
  /** The store's clock; null: the database's. */
  readonly now: number | null;
  /** This process's number. */
  readonly holder: number;
}

/** Writes what may be written of a round, in one statement, one round trip and, alone, one commit; gives what was not. */
export async function writeRound(connection: Connection, round: Round, { now, holder }: WriteContext): Promise<Round> {
  const contents = contentsOf(round);
  const count = round.creations.length + round.continuations.length;
  const others = await statementFor(contents).all(
    connection,
    now,
    holder,
    count,
    ...batchColumns(round),
    ...(contents.creates ? creationColumns(round) : []),
    ...(contents.moves ? continuationColumns(round) : []),
    ...(contents.charges ? chargeColumns(round) : []),
  );
  const places = new Set(others.map(({ place }) => place));
  return {
    creations: round.creations.filter((_, place) => places.has(place)),
    continuations: round.continuations.filter((_, index) => places.has(round.creations.length + index)),
  };
}
