import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailableError } from "./errors.ts";
import type { JsonObject } from "./flow/definition.ts";
import { createJournal, type Journal } from "./journal.ts";
import { append, completed, type Furnished, furnish, staleEpoch, started, written } from "./store/contract/subject.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";
import type { JournalEntry, Store } from "./store/store.ts";

let store: Store;
let subject: Furnished;

beforeEach(async () => {
  store = openMemoryStore();
  subject = await furnish(store);
});
afterEach(() => store.close());

function create(id: string): JournalEntry {
  return { kind: "create", run: subject.newRun({ id }), events: [started()] };
}

/** The store, with its commits written down, and whatever `around` does to each. */
function watched(
  around: (commit: () => ReturnType<Store["append"]>, flush: number) => ReturnType<Store["append"]> = (commit) =>
    commit(),
) {
  const commits: (readonly JournalEntry[])[] = [];
  return {
    commits,
    append: (entries: readonly JournalEntry[]) => {
      commits.push(entries);
      return around(() => store.append(entries), commits.length);
    },
  };
}

/** A clock that `sleep` moves. */
function fastClock() {
  let ms = 0;
  const pauses: number[] = [];
  const sleep = (by: number): Promise<void> => {
    pauses.push(by);
    ms += by;
    return Promise.resolve();
  };
  return { pauses, now: () => ms, sleep };
}

async function lose(commit: () => ReturnType<Store["append"]>): Promise<never> {
  await commit();
  throw new StoreUnavailableError("The answer was lost.");
}

function seqsOf(events: readonly { readonly seq: number }[]): readonly number[] {
  return events.map(({ seq }) => seq);
}

describe("a journal", () => {
  it("sends what one turn of the event loop appends as one commit", async () => {
    const { commits, append: appendWatched } = watched();
    const journal = createJournal({ append: appendWatched });
    const ids = await Promise.all(Array.from({ length: 20 }, () => subject.start()));
    const outcomes = await Promise.all(
      ids.map(async (id) => {
        await Promise.resolve();
        return journal.append(append(id, 1, completed(2)));
      }),
    );
    expect(outcomes).toEqual(ids.map(() => written));
    expect(commits.map(({ length }) => length)).toEqual([20]);
  });

  it("collects what arrives during a flush and never has two under way", async () => {
    const gates: (() => void)[] = [];
    let underWay = 0;
    let mostUnderWay = 0;
    const { commits, append: appendWatched } = watched(async (commit) => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise<void>((resolve) => gates.push(resolve));
      underWay--;
      return commit();
    });
    const journal = createJournal({ append: appendWatched });
    const id = await subject.start();
    const first = journal.append(append(id, 1, completed(2)));
    await expect.poll(() => gates.length).toBe(1);
    const others = [3, 4, 5].map((seq) => journal.append(append(id, 1, completed(seq))));
    gates[0]?.();
    expect(await first).toEqual(written);
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.();
    expect(await Promise.all(others)).toEqual([written, written, written]);
    expect(commits.map(({ length }) => length)).toEqual([1, 3]);
    expect(mostUnderWay).toBe(1);
  });

  it("gives each entry its own outcome", async () => {
    const journal = createJournal(store);
    const id = await subject.start();
    const outcomes = await Promise.all([
      journal.append(append(id, 1, completed(2))),
      journal.append(append(id, 9, completed(3))),
      journal.append(append(id, 1, completed(7))),
      journal.append(append(id, 1, completed(3))),
    ]);
    expect(outcomes).toEqual([written, staleEpoch, { outcome: "refused", reason: expect.any(String) }, written]);
  });

  it("refuses what is no JSON without harm to its neighbours", async () => {
    const journal = createJournal(store);
    const ids = await Promise.all([subject.start(), subject.start(), subject.start()]);
    let deep: JsonObject = {};
    for (let depth = 0; depth < 100_000; depth++) deep = { deep };
    const loop: Record<string, JsonObject> = {};
    loop["again"] = loop;
    loop["andAgain"] = loop;
    const outputs = [deep, loop, { text: "fine" }];
    const outcomes = await Promise.all(
      ids.map((id, index) => journal.append(append(id, 1, completed(2, outputs[index])))),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "written"]);
  });

  it("asks again when the answer to a flush was lost, and writes once", async () => {
    const { commits, append: appendWatched } = watched((commit, flush) => (flush === 1 ? lose(commit) : commit()));
    const journal = createJournal({ append: appendWatched }, fastClock());
    const id = subject.newRun().id;
    const outcomes = await Promise.all([journal.append(create(id)), journal.append(append(id, 1, completed(2)))]);
    expect(outcomes).toEqual([written, written]);
    expect(commits[1]).toEqual(commits[0]);
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started(), completed(2)]);
  });

  it("asks again with the same entries while later ones wait", async () => {
    let later: Promise<unknown> | undefined;
    const id = await subject.start();
    const { commits, append: appendWatched } = watched((commit, flush) => {
      if (flush > 1) return commit();
      later = journal.append(append(id, 1, completed(3)));
      return lose(commit);
    });
    const journal: Journal = createJournal({ append: appendWatched }, fastClock());
    expect(await journal.append(append(id, 1, completed(2)))).toEqual(written);
    expect(await later).toEqual(written);
    expect(commits.map((entries) => entries.flatMap(({ events }) => seqsOf(events)))).toEqual([[2], [2], [3]]);
  });

  it("doubles its pauses up to a second and gives up in time, with the store's error", async () => {
    const { append: appendWatched } = watched(() => Promise.reject(new StoreUnavailableError("The disk is full.")));
    const clock = fastClock();
    const journal = createJournal({ append: appendWatched }, { ...clock, retryForMs: 5_000 });
    const id = await subject.start();
    const giving = [journal.append(append(id, 1, completed(2))), journal.append(append(id, 1, completed(3)))];
    const results = await Promise.allSettled(giving);
    expect(results).toMatchObject([
      { status: "rejected", reason: { name: "StoreUnavailableError", message: "The disk is full." } },
      { status: "rejected", reason: { name: "StoreUnavailableError", message: "The disk is full." } },
    ]);
    expect(clock.pauses.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 320, 640, 1_000]);
    expect(clock.now()).toBeGreaterThan(4_000);
    expect(clock.now()).toBeLessThanOrEqual(5_000);
  });

  it("goes on with later entries after it gave up earlier ones", async () => {
    const { append: appendWatched } = watched((commit, flush) =>
      flush === 1 ? Promise.reject(new StoreUnavailableError("Gone.")) : commit(),
    );
    const journal = createJournal({ append: appendWatched }, { ...fastClock(), retryForMs: 0 });
    const id = await subject.start();
    await expect(journal.append(append(id, 1, completed(2)))).rejects.toThrow("Gone.");
    expect(await journal.append(append(id, 1, completed(3)))).toMatchObject({ outcome: "refused" });
    expect(await journal.append(append(id, 1, completed(2)))).toEqual(written);
  });

  it("does not ask again when the fault is not the store's absence", async () => {
    const { commits, append: appendWatched } = watched(() => Promise.reject(new TypeError("A fault of ours.")));
    const journal = createJournal({ append: appendWatched }, fastClock());
    await expect(journal.append(append("any", 1, completed(2)))).rejects.toThrow(TypeError);
    expect(commits).toHaveLength(1);
  });

  it("bounds a flush by its number of entries", async () => {
    const { commits, append: appendWatched } = watched();
    const journal = createJournal({ append: appendWatched });
    const id = await subject.start();
    const outcomes = await Promise.all(
      Array.from({ length: 2_500 }, (_, index) => journal.append(append(id, 1, completed(2 + index)))),
    );
    expect(outcomes.every(({ outcome }) => outcome === "written")).toBe(true);
    expect(commits.map(({ length }) => length)).toEqual([1_024, 1_024, 452]);
  });

  it("bounds a flush by its bytes, and sends an entry above the bound alone", async () => {
    const { commits, append: appendWatched } = watched();
    const journal = createJournal({ append: appendWatched });
    const id = await subject.start();
    const megabytes = [3, 3, 3, 9, 1].map((count) => ({ text: "x".repeat(count * 1024 * 1024) }));
    const outcomes = await Promise.all(
      megabytes.map((output, index) => journal.append(append(id, 1, completed(2 + index, output)))),
    );
    expect(outcomes.every(({ outcome }) => outcome === "written")).toBe(true);
    expect(commits.map(({ length }) => length)).toEqual([2, 1, 1, 1]);
  });

  it("is idle once everything has its answer, and at once when there was nothing", async () => {
    const journal = createJournal(store);
    await journal.idle();
    const id = await subject.start();
    let answers = 0;
    for (const seq of [2, 3]) void journal.append(append(id, 1, completed(seq))).then(() => answers++);
    await journal.idle();
    expect(answers).toBe(2);
    expect(await store.run(id)).toMatchObject({ lastSeq: 3 });
  });

  it("leaves each run's log whole and in order, whatever answers are lost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 10 })),
        fc.array(fc.nat({ max: 4 }), { maxLength: 60 }),
        async (lostFlushes, steps) => {
          const { append: appendWatched } = watched((commit, flush) =>
            lostFlushes.includes(flush) ? lose(commit) : commit(),
          );
          const journal = createJournal({ append: appendWatched }, fastClock());
          const runs = await Promise.all(
            Array.from({ length: 5 }, async () => ({ id: await subject.start(), lastSeq: 1 })),
          );
          const outcomes = steps.map((index) => {
            const run = runs[index];
            if (run === undefined) throw new Error(`There is no run ${index}.`);
            return journal.append(append(run.id, 1, completed(++run.lastSeq)));
          });
          expect(await Promise.all(outcomes)).toEqual(steps.map(() => written));
          for (const { id, lastSeq } of runs) {
            expect(seqsOf(await store.eventsAfter(id, 0, 100))).toEqual(
              Array.from({ length: lastSeq }, (_, index) => index + 1),
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
