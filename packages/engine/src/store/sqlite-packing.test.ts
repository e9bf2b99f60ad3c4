import { describe, expect, it } from "vitest";
import type { JournalRow } from "./journal-rows.ts";
import { packRow, unpackRow } from "./sqlite-packing.ts";

const batch = { firstSeq: 2, lastSeq: 4, lastAt: 1_000, text: "[]" };
const append = { kind: "append", runId: "run", epoch: 1, chargeUsd: null, isOfExecution: false } as const;

const rows: readonly JournalRow[] = [
  { ...append, batch, status: null },
  { ...append, batch: null, status: "paused" },
  { ...append, batch, status: "completed", chargeUsd: "0.25", isOfExecution: true },
  {
    kind: "seize",
    runId: "run",
    epoch: 1,
    batch,
    status: "running",
    owner: "worker",
    concurrentRuns: 2,
    isOfExecution: false,
  },
  { kind: "refused", reason: "no JSON" },
];

describe("a packed row", () => {
  it.each(rows)("comes out as it went in: $kind, $status", (row) => {
    expect(unpackRow(structuredClone(packRow(row)))).toEqual(row);
  });
});
