import { type AppendOutcome, isOver, type RunStatus } from "../store.ts";
import { integerArray, textArray, uuidArray } from "./array.ts";
import { clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type AppendRow, type CreateRow, epochOfLog, type MoveRow, type Placed, type SeizeRow } from "./rounds.ts";
import type { Turned } from "./room.ts";
import { prepare } from "./statement.ts";
import { WrittenMeanwhileError } from "./unavailable.ts";

/** An entry of the commit, by its index, and what became of it. */
export type Verdict = readonly [index: number, outcome: AppendOutcome];

const written: AppendOutcome = { outcome: "written" };
const staleEpoch: AppendOutcome = { outcome: "staleEpoch" };

export function refused(reason: string): AppendOutcome {
  return { outcome: "refused", reason };
}

interface CreateFate {
  readonly place: number;
  readonly isStored: boolean;
  /** Are its project, flow and definition stored? */
  readonly isKnown: boolean;
  /** The run that its idempotency key names; null when it names none. */
  readonly holderId: string | null;
  readonly requestHash: string | null;
}

/** The LATERAL, kept apart by its LIMIT, looks a key up by all of its index: as a plain join it would read every key of the project. */
const createFates = prepare<CreateFate>(
  "create_fates",
  `SELECT asked.place, runs.id IS NOT NULL AS "isStored", held.run_id AS "holderId", held.request_hash AS "requestHash",
          projects.no IS NOT NULL AND flows.no IS NOT NULL AND definitions.no IS NOT NULL AS "isKnown"
   FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
     AS asked (place, id, project_id, flow_id, definition_hash, key)
   LEFT JOIN runs ON runs.id = asked.id
   LEFT JOIN projects ON projects.id = asked.project_id
   LEFT JOIN flows ON flows.id = asked.flow_id
   LEFT JOIN definitions ON definitions.hash = asked.definition_hash
   LEFT JOIN LATERAL (
     SELECT run_id, request_hash FROM idempotency_keys
     WHERE project_no = projects.no AND key = asked.key AND expires_at > ${clock("$1")} LIMIT 1) AS held ON true`,
);

interface MoveFate {
  readonly place: number;
  /** Null, as are its status and the end of its log, when there is no such run. */
  readonly epoch: number | null;
  readonly status: RunStatus | null;
  readonly owner: string | null;
  readonly lastSeq: number | null;
  /** What is logged up to the entry's last event under the epoch that it would be written under. */
  readonly events: string | null;
}

const moveFates = prepare<MoveFate>(
  "move_fates",
  `SELECT asked.place, state.epoch, state.status, state.owner, state.last_seq AS "lastSeq", log.events
   FROM unnest($1::integer[], $2::uuid[], $3::integer[], $4::integer[]) AS asked (place, run_id, epoch, last_seq)
   LEFT JOIN run_states AS state ON state.run_id = asked.run_id
   LEFT JOIN log ON log.run_id = asked.run_id AND log.last_seq = asked.last_seq AND log.epoch = asked.epoch`,
);

/** Why these runs were not created just now. */
export async function explainCreations(
  connection: Connection,
  entries: readonly Placed<CreateRow>[],
  now: number | null,
): Promise<readonly Verdict[]> {
  return judge(entries, await fatesOf(connection, entries, now), explainCreation);
}

/** What becomes of entries that their projects have no room for: what was written before is, and who called before is told of the run that came of it. */
export async function explainTurned(
  connection: Connection,
  turned: readonly Turned[],
  now: number | null,
): Promise<readonly Verdict[]> {
  const counts = new Map<CreateRow | MoveRow, number>(turned.map(({ entry, runsInWork }) => [entry.row, runsInWork]));
  const noRoom = (row: CreateRow | MoveRow): AppendOutcome => ({ outcome: "noRoom", runsInWork: counts.get(row) ?? 0 });
  const creations = turned.flatMap(({ entry: { index, row } }) => (row.kind === "create" ? [{ index, row }] : []));
  const moves = turned.flatMap(({ entry: { index, row } }) => (row.kind === "create" ? [] : [{ index, row }]));
  return [
    ...judge(creations, await fatesOf(connection, creations, now), (row, fate) =>
      !fate.isStored && fate.holderId === null && fate.isKnown ? noRoom(row) : explainCreation(row, fate),
    ),
    ...judge(moves, await moveFatesOf(connection, moves), (row, fate) =>
      fate.epoch === row.epoch && (fate.status === "pending" || fate.status === "paused")
        ? noRoom(row)
        : explainMove(row, fate),
    ),
  ];
}

async function fatesOf(
  connection: Connection,
  entries: readonly Placed<CreateRow>[],
  now: number | null,
): Promise<readonly CreateFate[]> {
  if (entries.length === 0) return [];
  const runs = entries.map(({ row }) => row.run);
  return createFates.all(
    connection,
    now,
    integerArray(entries.map((_, place) => place)),
    uuidArray(runs.map(({ id }) => id)),
    textArray(runs.map(({ projectId }) => projectId)),
    textArray(runs.map(({ flowId }) => flowId)),
    textArray(runs.map(({ definitionHash }) => definitionHash)),
    textArray(runs.map(({ idempotency }) => idempotency?.key ?? null)),
  );
}

function explainCreation({ run }: CreateRow, { isStored, isKnown, holderId, requestHash }: CreateFate): AppendOutcome {
  if (isStored) return written;
  if (holderId !== null) {
    return { outcome: "duplicate", runId: holderId, sameRequest: requestHash === run.idempotency?.requestHash };
  }
  if (isKnown) throw new WrittenMeanwhileError();
  return refused(`project ${run.projectId}, flow ${run.flowId} or definition ${run.definitionHash} is not stored`);
}

/** Why these appends and seizures were not written just now; `written` when that is because they were written before. */
export async function explainMoves(
  connection: Connection,
  entries: readonly Placed<MoveRow>[],
): Promise<readonly Verdict[]> {
  return judge(entries, await moveFatesOf(connection, entries), explainMove);
}

async function moveFatesOf(connection: Connection, entries: readonly Placed<MoveRow>[]): Promise<readonly MoveFate[]> {
  if (entries.length === 0) return [];
  const rows = entries.map(({ row }) => row);
  return moveFates.all(
    connection,
    integerArray(entries.map((_, place) => place)),
    uuidArray(rows.map(({ runId }) => runId)),
    integerArray(rows.map(epochOfLog)),
    integerArray(rows.map(({ batch }) => batch?.lastSeq ?? null)),
  );
}

function explainMove(row: MoveRow, fate: MoveFate): AppendOutcome {
  if (fate.status === null) return refused(`there is no run ${row.runId}`);
  return row.kind === "append"
    ? explainAppend(row, { ...fate, status: fate.status })
    : explainSeizure(row, { ...fate, status: fate.status });
}

type FateOfRun = MoveFate & { readonly status: RunStatus };

function explainAppend(row: AppendRow, fate: FateOfRun): AppendOutcome {
  const { epoch, batch, status } = row;
  if (batch !== null && fate.events === batch.text) return written;
  if (batch === null && fate.epoch === epoch && fate.status === status) return written;
  if (fate.epoch !== epoch || isOver(fate.status)) return staleEpoch;
  return explainGap(row, fate);
}

function explainSeizure(row: SeizeRow, fate: FateOfRun): AppendOutcome {
  const { epoch, batch, status, owner } = row;
  const isUnderNext = fate.epoch === epoch + 1;
  // Two workers may seize with the same events: then the hold tells whose they are.
  const isHeldByOther = isUnderNext && fate.owner !== null && fate.owner !== owner;
  if (batch !== null && !isHeldByOther && fate.events === batch.text) return written;
  if (batch === null && isUnderNext && fate.status === status && fate.owner === owner) return written;
  const isHeldByNobody = fate.status === "pending" || fate.status === "paused";
  if (fate.epoch !== epoch || !isHeldByNobody) return staleEpoch;
  return explainGap(row, fate);
}

/** Of an entry whose epoch is right. */
function explainGap({ runId, batch }: MoveRow, { lastSeq }: FateOfRun): AppendOutcome {
  if (batch === null || lastSeq === batch.firstSeq - 1) throw new WrittenMeanwhileError();
  return refused(`the log of run ${runId} ends at ${lastSeq}, the entry begins at ${batch.firstSeq}`);
}

function judge<Row, Fate extends { readonly place: number }>(
  entries: readonly Placed<Row>[],
  fates: readonly Fate[],
  explain: (row: Row, fate: Fate) => AppendOutcome,
): readonly Verdict[] {
  const fateAt = new Map(fates.map((fate) => [fate.place, fate]));
  return entries.map(({ index, row }, place) => {
    const fate = fateAt.get(place);
    if (fate === undefined) throw new Error("The database said nothing about an entry.");
    return [index, explain(row, fate)];
  });
}
