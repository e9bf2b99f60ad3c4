import type { JournalRow } from "./journal-rows.ts";

type AppendRow = JournalRow & { readonly kind: "append" };

/**
 * A row as it crosses to the thread. The names of an object's members are written and read again with each object: most rows are appends,
 * and these go without.
 */
export type PackedRow = Exclude<JournalRow, AppendRow> | PackedAppend;

type PackedAppend = readonly [
  runId: string,
  epoch: number,
  /** Null without events; the three numbers are then nothing. */
  text: string | null,
  firstSeq: number,
  lastSeq: number,
  lastAt: number,
  status: AppendRow["status"],
  chargeUsd: string | null,
  isOfExecution: boolean,
];

export function packRow(row: JournalRow): PackedRow {
  if (row.kind !== "append") return row;
  const { runId, epoch, batch, status, chargeUsd, isOfExecution } = row;
  const { text = null, firstSeq = 0, lastSeq = 0, lastAt = 0 } = batch ?? {};
  return [runId, epoch, text, firstSeq, lastSeq, lastAt, status, chargeUsd, isOfExecution];
}

export function unpackRow(packed: PackedRow): JournalRow {
  if (!isAppend(packed)) return packed;
  const [runId, epoch, text, firstSeq, lastSeq, lastAt, status, chargeUsd, isOfExecution] = packed;
  const batch = text === null ? null : { firstSeq, lastSeq, lastAt, text };
  return { kind: "append", runId, epoch, batch, status, chargeUsd, isOfExecution };
}

function isAppend(packed: PackedRow): packed is PackedAppend {
  return Array.isArray(packed);
}
