import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, completed, seize, started } from "../contract/subject.ts";
import { toJournalRow } from "../journal-rows.ts";
import type { JournalEntry, NewRun } from "../store.ts";
import { type CreateRow, dealRounds, type MoveRow, type Placed, type Round } from "./rounds.ts";

function place(entries: readonly JournalEntry[]): readonly Placed<CreateRow | MoveRow>[] {
  return entries.flatMap((entry, index) => {
    const row = toJournalRow(entry);
    return row.kind === "refused" ? [] : [{ index, row }];
  });
}

function create(id: string, key: string | null = null): JournalEntry {
  const run: NewRun = {
    id,
    projectId: "project",
    flowId: "flow",
    flowVersion: 0,
    definitionHash: "hash",
    trigger: "execute",
    sessionId: null,
    capture: "metadata_only",
    traced: false,
    input: {},
    options: {},
    owner: null,
    priority: 0,
    readyAt: 1,
    createdAt: 1,
    idempotency: key === null ? null : { key, requestHash: "hash" },
  };
  return { kind: "create", run, events: [started()] };
}

/** The rounds as indices of entries; those of a continuation together. */
function deal(...entries: readonly JournalEntry[]) {
  return dealRounds(place(entries)).map(indices);
}

function indices({ creations, continuations }: Round): readonly (readonly number[])[] {
  return [...creations.map((entry) => [entry]), ...continuations].map((group) => group.map(({ index }) => index));
}

describe("rounds", () => {
  it("are one for entries of different runs", () => {
    expect(deal(create("a"), append("b", 1, completed(2)), create("c", "key"), append("d", 1))).toEqual([
      [[0], [2], [1], [3]],
    ]);
  });

  it("take appends that go on from one another together", () => {
    expect(
      deal(append("a", 1, completed(2)), append("b", 1, completed(2)), append("a", 1, completed(3), completed(4)), {
        ...append("a", 1, completed(5)),
        status: "completed",
      }),
    ).toEqual([[[0, 2, 3], [1]]]);
  });

  it.each<[string, JournalEntry, JournalEntry]>([
    ["leaves events out", append("a", 1, completed(2)), append("a", 1, completed(4))],
    ["comes again", append("a", 1, completed(2)), append("a", 1, completed(2))],
    ["is under another epoch", append("a", 1, completed(2)), append("a", 2, completed(3))],
    [
      "comes after a move of the status",
      { ...append("a", 1, completed(2)), status: "paused" },
      append("a", 1, completed(3)),
    ],
    ["has no events", append("a", 1, completed(2)), { ...append("a", 1), status: "completed" }],
    ["comes after one without events", append("a", 1), append("a", 1, completed(2))],
    ["comes after the creation of its run", create("a"), append("a", 1, completed(2))],
    ["seizes it after an append", append("a", 1, completed(2)), seize("a", 1, "running", completed(3))],
    ["comes after a seizure", seize("a", 0, "running", completed(2)), append("a", 1, completed(3))],
    ["seizes it as well", seize("a", 1, "running"), seize("a", 1, "cancelled")],
  ])("are two when an entry of the same run %s", (_, first, second) => {
    expect(deal(first, second)).toEqual([[[0]], [[1]]]);
  });

  it("are two for calls with one idempotency key", () => {
    expect(deal(create("a", "key"), create("b", "key"), create("c", "other"))).toEqual([[[0], [2]], [[1]]]);
  });

  it("are none for nothing", () => {
    expect(deal()).toEqual([]);
  });

  it("hold each entry once, no run twice, and each run's entries in their order", () => {
    const runs = fc.constantFrom("a", "b", "c");
    const creations = fc
      .record({ id: runs, key: fc.constantFrom(null, "key", "other") })
      .map(({ id, key }) => create(id, key));
    const appends = fc
      .record({ id: runs, epoch: fc.nat({ max: 1 }), seq: fc.integer({ min: 1, max: 4 }), isOver: fc.boolean() })
      .map(({ id, epoch, seq, isOver }): JournalEntry => ({
        ...append(id, epoch, completed(seq)),
        ...(isOver ? { status: "completed" } : {}),
      }));
    const seizures = fc
      .record({ id: runs, epoch: fc.nat({ max: 1 }), seq: fc.integer({ min: 1, max: 4 }) })
      .map(({ id, epoch, seq }) => seize(id, epoch, "running", completed(seq)));
    const property = fc.property(fc.array(fc.oneof(creations, appends, seizures)), (entries) => {
      const dealt = dealRounds(place(entries)).map((round) =>
        indices(round).map((group) => group.map((index) => ({ index, run: runOf(entries[index]) }))),
      );
      expect(
        dealt
          .flat(2)
          .map(({ index }) => index)
          .toSorted((a, b) => a - b),
      ).toEqual(entries.map((_, index) => index));
      for (const round of dealt) {
        const names = round.map((group) => group[0]?.run);
        expect(new Set(names).size).toBe(names.length);
      }
      for (const run of ["a", "b", "c"]) {
        const order = dealt
          .flat(2)
          .filter((entry) => entry.run === run)
          .map(({ index }) => index);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    });
    expect(() => fc.assert(property)).not.toThrow();
  });
});

function runOf(entry: JournalEntry | undefined): string | undefined {
  return entry?.kind === "create" ? entry.run.id : entry?.runId;
}
