import { idempotencyMs, isOver } from "../store.ts";
import { bigintArray, booleanArray, integerArray, textArray, uuidArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type Continuation, epochOfLog, type Round } from "./rounds.ts";
import { prepare } from "./statement.ts";

/**
 * A round in one statement, one round trip and, alone, one commit: whoever may be written, is. Gives the places of the others in the round.
 * The fence and the gap check are the condition of the UPDATE: it locks the run, so a claim by another process comes before or after, not
 * in between. Runs and keys are looked for before they are inserted: who takes them at the same moment makes the statement fail
 * (`WrittenMeanwhileError`), which costs less than ON CONFLICT, for which each row is logged twice.
 * Accounts are charged in the order of their numbers, so that two processes never wait for each other.
 * `(… IN (…)) IS TRUE` rather than plain IN: a hashed look-up instead of a join, which would compare all with all.
 */
const roundStatement = prepare<{ place: number }>(
  "write_round",
  `WITH clock AS MATERIALIZED (
     SELECT ${clock("$1")} AS now
   ), asked AS MATERIALIZED (
     SELECT new.*, projects.no AS project_no, flows.no AS flow_no, definitions.no AS definition_no,
            (SELECT expires_at FROM idempotency_keys AS held WHERE held.project_no = projects.no AND held.key = new.key) AS held_until
     FROM unnest($4::integer[], $5::uuid[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[],
                 $13::boolean[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::bigint[], $19::bigint[], $20::integer[],
                 $21::text[], $22::text[], $23::text[], $24::text[])
       AS new (place, id, project_id, flow_id, flow_version, definition_hash, trigger, session_id, capture,
               traced, input, options, owner, priority, ready_at, created_at, last_seq, key, request_hash, webhook_url, webhook_host)
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
     SELECT id, flow_no, priority, ready_at, created_at, CASE WHEN owner IS NOT NULL THEN created_at END, last_seq, (owner IS NOT NULL)::integer,
            CASE WHEN owner IS NOT NULL THEN $2::integer END, owner, CASE WHEN owner IS NULL THEN 'pending' ELSE 'running' END,
            NOT traced AND capture <> 'full'
     FROM asked WHERE (id IN (SELECT id FROM created)) IS TRUE
   ), moved AS (
     UPDATE run_states AS state
     SET last_seq = coalesce(next.last_seq, state.last_seq), status = coalesce(next.status, state.status),
         epoch = state.epoch + next.seizes::integer,
         owner = CASE WHEN next.keeps_hold THEN state.owner ELSE next.owner END,
         holder = CASE WHEN next.keeps_hold THEN state.holder WHEN next.owner IS NOT NULL THEN $2::integer END,
         started_at = CASE WHEN next.owner IS NULL THEN state.started_at ELSE coalesce(state.started_at, (SELECT now FROM clock)) END,
         paused_at = CASE coalesce(next.status, state.status)
           WHEN 'paused' THEN coalesce(state.paused_at, next.at, (SELECT now FROM clock)) END,
         completed_at = CASE WHEN next.ends_run THEN coalesce(next.at, (SELECT now FROM clock)) END
     FROM unnest($25::integer[], $26::uuid[], $27::integer[], $28::integer[], $29::integer[], $30::text[], $31::boolean[], $32::text[],
                 $33::boolean[], $34::boolean[], $35::bigint[])
       AS next (place, run_id, epoch, first_seq, last_seq, status, seizes, owner, keeps_hold, ends_run, at)
     WHERE state.run_id = next.run_id AND state.epoch = next.epoch AND state.completed_at IS NULL
       AND state.last_seq = coalesce(next.first_seq - 1, state.last_seq)
       AND (NOT next.seizes OR state.status IN ('pending', 'paused'))
     RETURNING next.place, next.run_id, next.ends_run
   ), done AS MATERIALIZED (
     SELECT place FROM asked WHERE (id IN (SELECT id FROM created)) IS TRUE
     UNION ALL
     SELECT place FROM moved
   ), logged AS (
     INSERT INTO log (run_id, last_seq, epoch, events)
     SELECT run_id, last_seq, epoch, events
     FROM unnest($36::integer[], $37::uuid[], $38::integer[], $39::integer[], $40::text[]) AS batch (place, run_id, last_seq, epoch, events)
     WHERE (place IN (SELECT place FROM done)) IS TRUE
   ), charged AS (
     INSERT INTO credits AS account (project_no, spent_usd)
     SELECT runs.project_no, sum(charge.amount::numeric)
     FROM unnest($41::integer[], $42::uuid[], $43::text[]) AS charge (place, run_id, amount)
     JOIN runs ON runs.id = charge.run_id
     WHERE (charge.place IN (SELECT place FROM done)) IS TRUE
     GROUP BY runs.project_no ORDER BY runs.project_no
     ON CONFLICT (project_no) DO UPDATE
     SET spent_usd = account.spent_usd + excluded.spent_usd, balance_usd = account.balance_usd - excluded.spent_usd
   ), watched AS (
     INSERT INTO deliveries (run_id, project_no, url, host)
     SELECT id, project_no, webhook_url, webhook_host
     FROM asked WHERE webhook_url IS NOT NULL AND (id IN (SELECT id FROM created)) IS TRUE
   ), rung AS (
     UPDATE deliveries AS delivery SET due_at = (SELECT now FROM clock)
     FROM moved WHERE moved.ends_run AND delivery.run_id = moved.run_id AND delivery.attempts = 0
   )
   SELECT place FROM generate_series(0, $3::integer - 1) AS place WHERE place NOT IN (SELECT place FROM done)`,
);

export interface WriteContext {
  /** The store's clock; null: the database's. */
  readonly now: number | null;
  /** This process's number. */
  readonly holder: number;
}

/** Writes what may be written of a round; gives what was not. */
export async function writeRound(connection: Connection, round: Round, { now, holder }: WriteContext): Promise<Round> {
  const { creations, continuations } = round;
  const count = creations.length + continuations.length;
  const others = await roundStatement.all(
    connection,
    now,
    holder,
    count,
    ...creationColumns(round),
    ...continuationColumns(round),
    ...batchColumns(round),
    ...chargeColumns(round),
  );
  const places = new Set(others.map(({ place }) => place));
  return {
    creations: creations.filter((_, place) => places.has(place)),
    continuations: continuations.filter((_, index) => places.has(creations.length + index)),
  };
}

function creationColumns({ creations }: Round): readonly Buffer[] {
  const rows = creations.map(({ row }) => row);
  const runs = rows.map(({ run }) => run);
  return [
    integerArray(creations.map((_, place) => place)),
    uuidArray(runs.map(({ id }) => id)),
    textArray(runs.map(({ projectId }) => projectId)),
    textArray(runs.map(({ flowId }) => flowId)),
    integerArray(runs.map(({ flowVersion }) => flowVersion)),
    textArray(runs.map(({ definitionHash }) => definitionHash)),
    textArray(runs.map(({ trigger }) => trigger)),
    textArray(runs.map(({ sessionId }) => sessionId)),
    textArray(runs.map(({ capture }) => capture)),
    booleanArray(runs.map(({ traced }) => traced)),
    textArray(rows.map(({ input }) => input)),
    textArray(rows.map(({ options }) => options)),
    textArray(runs.map(({ owner }) => owner)),
    integerArray(runs.map(({ priority }) => priority)),
    bigintArray(runs.map(({ readyAt }) => readyAt)),
    bigintArray(runs.map(({ createdAt }) => createdAt)),
    integerArray(rows.map(({ batch }) => batch?.lastSeq ?? 0)),
    textArray(runs.map(({ idempotency }) => idempotency?.key ?? null)),
    textArray(runs.map(({ idempotency }) => idempotency?.requestHash ?? null)),
    textArray(runs.map(({ webhook }) => webhook?.url ?? null)),
    textArray(runs.map(({ webhook }) => webhook?.host ?? null)),
  ];
}

function continuationColumns({ creations, continuations }: Round): readonly Buffer[] {
  const ends = continuations.map(endOf);
  return [
    integerArray(ends.map((_, index) => creations.length + index)),
    uuidArray(ends.map(({ runId }) => runId)),
    integerArray(ends.map(({ epoch }) => epoch)),
    integerArray(ends.map(({ firstSeq }) => firstSeq)),
    integerArray(ends.map(({ lastSeq }) => lastSeq)),
    textArray(ends.map(({ status }) => status)),
    booleanArray(ends.map(({ seizes }) => seizes)),
    textArray(ends.map(({ owner }) => owner)),
    booleanArray(ends.map(({ status, seizes }) => !seizes && (status === null || status === "running"))),
    booleanArray(ends.map(({ status }) => status !== null && isOver(status))),
    bigintArray(ends.map(({ lastAt }) => lastAt)),
  ];
}

/** What the entries do to their run, taken together. */
function endOf(entries: Continuation) {
  const first = entries[0]?.row;
  const last = entries.at(-1)?.row;
  if (first === undefined || last === undefined) throw new Error("A continuation has at least one entry.");
  return {
    runId: last.runId,
    epoch: last.epoch,
    firstSeq: first.batch?.firstSeq ?? null,
    lastSeq: last.batch?.lastSeq ?? null,
    lastAt: last.batch?.lastAt ?? null,
    status: last.status,
    seizes: last.kind === "seize",
    owner: last.kind === "seize" ? last.owner : null,
  };
}

/** What the entries take from their projects' credits. */
function chargeColumns({ creations, continuations }: Round): readonly Buffer[] {
  const charges = continuations.flatMap((entries, index) =>
    entries.flatMap(({ row }) =>
      row.kind === "append" && row.chargeUsd !== null
        ? [{ place: creations.length + index, runId: row.runId, chargeUsd: row.chargeUsd }]
        : [],
    ),
  );
  return [
    integerArray(charges.map(({ place }) => place)),
    uuidArray(charges.map(({ runId }) => runId)),
    textArray(charges.map(({ chargeUsd }) => chargeUsd)),
  ];
}

/** The rows for the log, one per entry that has events. */
function batchColumns({ creations, continuations }: Round): readonly Buffer[] {
  const batches = [
    ...creations.map(({ row }, place) => ({ place, runId: row.run.id, row })),
    ...continuations.flatMap((entries, index) =>
      entries.map(({ row }) => ({ place: creations.length + index, runId: row.runId, row })),
    ),
  ].flatMap(({ place, runId, row }) =>
    row.batch === null ? [] : [{ place, runId, epoch: epochOfLog(row), ...row.batch }],
  );
  return [
    integerArray(batches.map(({ place }) => place)),
    uuidArray(batches.map(({ runId }) => runId)),
    integerArray(batches.map(({ lastSeq }) => lastSeq)),
    integerArray(batches.map(({ epoch }) => epoch)),
    textArray(batches.map(({ text }) => text)),
  ];
}
