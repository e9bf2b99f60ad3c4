import { isOver } from "../store.ts";
import { bigintArray, booleanArray, integerArray, textArray, uuidArray } from "./array.ts";
import { type Continuation, epochOfLog, type Round } from "./rounds.ts";

/** A round as `write-round` sends it: arrays, each a column, in the order in which that statement names them. An entry's place in the round is its first column. */

/** The new runs. */
export function creationColumns({ creations }: Round): readonly Buffer[] {
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

/** What goes on with runs that are there. */
export function continuationColumns({ creations, continuations }: Round): readonly Buffer[] {
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
export function chargeColumns({ creations, continuations }: Round): readonly Buffer[] {
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
export function batchColumns({ creations, continuations }: Round): readonly Buffer[] {
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
