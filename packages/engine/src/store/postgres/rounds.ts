import type { JournalRow } from "../journal-rows.ts";

export type CreateRow = JournalRow & { readonly kind: "create" };
export type AppendRow = JournalRow & { readonly kind: "append" };
export type SeizeRow = JournalRow & { readonly kind: "seize" };

/** What goes on with a run that is there. */
export type MoveRow = AppendRow | SeizeRow;

/** The epoch that the row's events are logged under. */
export function epochOfLog(row: CreateRow | MoveRow): number {
  if (row.kind === "create") return row.run.owner === null ? 0 : 1;
  return row.kind === "seize" ? row.epoch + 1 : row.epoch;
}

/** An entry and its index in the commit. */
export interface Placed<Row> {
  readonly index: number;
  readonly row: Row;
}

/** A seizure, or appends to one run that go on from one another, so that one look at the run decides about all of them. Never empty. */
export type Continuation = readonly Placed<MoveRow>[];

/** Work on a commit that one statement can do: no run and no idempotency key comes twice. */
export interface Round {
  readonly creations: readonly Placed<CreateRow>[];
  readonly continuations: readonly Continuation[];
}

interface OpenRound {
  readonly creations: Placed<CreateRow>[];
  readonly continuations: Placed<MoveRow>[][];
}

/**
 * Deals the entries out to as few rounds as can be, so that what an entry depends on is in an earlier round. Almost always that is one:
 * more take two entries of one run that do not go on from one another, or two calls with one idempotency key.
 */
export function dealRounds(entries: readonly Placed<CreateRow | MoveRow>[]): readonly Round[] {
  const rounds: OpenRound[] = [];
  const usedRounds = new Map<string, number>();
  const latest = new Map<string, Placed<MoveRow>[]>();

  /** The first round after all that use one of the names. */
  function roundFor(names: readonly string[]): OpenRound {
    const number = Math.max(...names.map((name) => usedRounds.get(name) ?? 0));
    for (const name of names) usedRounds.set(name, number + 1);
    return (rounds[number] ??= { creations: [], continuations: [] });
  }

  function addMove(entry: Placed<MoveRow>): void {
    const { runId } = entry.row;
    const before = latest.get(runId);
    if (before !== undefined && goesOn(before, entry.row)) {
      before.push(entry);
      return;
    }
    const continuation = [entry];
    latest.set(runId, continuation);
    roundFor([runId]).continuations.push(continuation);
  }

  for (const { index, row } of entries) {
    if (row.kind === "create") {
      latest.delete(row.run.id);
      roundFor(namesOf(row)).creations.push({ index, row });
    } else {
      addMove({ index, row });
    }
  }
  return rounds;
}

/** What a creation must have to itself in its round. */
function namesOf({ run }: CreateRow): readonly string[] {
  return run.idempotency === null ? [run.id] : [run.id, `${run.projectId} ${run.idempotency.key}`];
}

function goesOn(entries: Continuation, next: MoveRow): boolean {
  const last = entries.at(-1)?.row;
  if (last === undefined || last.batch === null || next.kind === "seize" || next.batch === null) return false;
  return last.status === null && last.epoch === next.epoch && last.batch.lastSeq + 1 === next.batch.firstSeq;
}
