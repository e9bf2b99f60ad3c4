import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { RunStatus } from "../store.ts";
import { append, completed, started, staleEpoch, type Subject, written } from "./subject.ts";

export function describeAppend(subject: () => Subject): void {
  it("gives back the events after a cursor, in order, at most as many as asked for", async () => {
    const { store, start, write } = subject();
    const id = await start();
    await write(append(id, 1, completed(2), completed(3), completed(4)));
    await write(append(id, 1, completed(5)));
    const log = [started(), completed(2), completed(3), completed(4), completed(5)];
    expect(await store.eventsAfter(id, 0, 100)).toEqual(log);
    for (let cursor = 0; cursor <= 6; cursor++) {
      for (let limit = 1; limit <= 6; limit++) {
        expect(await store.eventsAfter(id, cursor, limit)).toEqual(log.slice(cursor, cursor + limit));
      }
    }
    expect(await store.run(id)).toMatchObject({ lastSeq: 5 });
  });

  it("takes many entries of one run in one commit, in order", async () => {
    const { store, newRun } = subject();
    const run = newRun();
    const outcomes = await store.append([
      { kind: "create", run, events: [started()] },
      append(run.id, 1, completed(2)),
      append(run.id, 1, completed(3)),
      { ...append(run.id, 1, completed(4)), status: "completed" },
      append(run.id, 1, completed(5)),
    ]);
    expect(outcomes).toEqual([written, written, written, written, staleEpoch]);
    expect(await store.run(run.id)).toMatchObject({ lastSeq: 4, status: "completed" });
  });

  it("gives no outcome for no entry", async () => {
    expect(await subject().store.append([])).toEqual([]);
  });

  it("refuses one stale entry among a hundred and writes the others", async () => {
    const { store, start } = subject();
    const ids = await Promise.all(Array.from({ length: 100 }, () => start()));
    const outcomes = await store.append(ids.map((id, index) => append(id, index === 41 ? 7 : 1, completed(2))));
    expect(outcomes).toEqual(ids.map((_, index) => (index === 41 ? staleEpoch : written)));
    const runs = await Promise.all(ids.map((id) => store.run(id)));
    expect(runs.map((run) => run?.lastSeq)).toEqual(ids.map((_, index) => (index === 41 ? 1 : 2)));
  });

  it.each([
    ["leaves one out", [3]],
    ["comes again with another content", [1]],
    ["has a hole inside", [2, 4]],
    ["goes backwards", [3, 2]],
  ])("refuses an entry whose first event %s", async (_, seqs) => {
    const { store, start, write } = subject();
    const id = await start();
    expect(await write(append(id, 1, ...seqs.map((seq) => completed(seq))))).toMatchObject({ outcome: "refused" });
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started()]);
  });

  it("refuses an entry of a run that does not exist", async () => {
    const { write } = subject();
    expect(await write(append(newRunId(), 1, completed(1)))).toMatchObject({ outcome: "refused" });
  });

  it("refuses an entry that is no JSON, and only that one", async () => {
    const { store, start } = subject();
    const [bad, good] = [await start(), await start()];
    // @ts-expect-error: what the type forbids still reaches a store, through a cast somewhere else.
    const outcomes = await store.append([append(bad, 1, completed(2, { big: 1n })), append(good, 1, completed(2))]);
    expect(outcomes).toEqual([{ outcome: "refused", reason: expect.any(String) }, written]);
  });

  it("counts an entry whose answer was lost as written, and writes it once", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const first = append(id, 1, completed(2), completed(3));
    const second = append(id, 1, completed(4));
    expect(await write(first)).toEqual(written);
    expect(await write(first)).toEqual(written);
    expect(await write(second)).toEqual(written);
    expect(await store.append([first, second])).toEqual([written, written]);
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started(), completed(2), completed(3), completed(4)]);
  });

  it("counts the last entry of a run as written when its answer was lost", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const last = { ...append(id, 1, completed(2)), status: "completed" } as const;
    await write(last);
    const over = await store.run(id);
    expect(await write(last)).toEqual(written);
    expect(await store.run(id)).toEqual(over);
  });

  it("counts a release with events as written when its answer was lost, also after another worker took the run", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const last = { ...append(id, 1, completed(2)), release: true } as const;
    await write(last);
    await store.claim("worker-2", 1);
    expect(await write(last)).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "running", owner: "worker-2", epoch: 2 });
  });

  it("refuses the old holder once another worker has the run", async () => {
    const { store, start, write } = subject();
    const id = await start();
    await write({ ...append(id, 1), release: true });
    await store.claim("worker-2", 1);
    expect(await write(append(id, 1, completed(2)))).toEqual(staleEpoch);
    expect(await write({ ...append(id, 1), status: "completed" })).toEqual(staleEpoch);
    expect(await write({ ...append(id, 1), release: true })).toEqual(staleEpoch);
    expect(await write(append(id, 1))).toEqual(staleEpoch);
    expect(await write(append(id, 2, completed(2)))).toEqual(written);
  });

  it.each<RunStatus>(["completed", "failed", "cancelled", "stale"])("writes nothing after %s", async (status) => {
    const { store, start, write } = subject();
    const id = await start();
    expect(await write({ ...append(id, 1, completed(2)), status })).toEqual(written);
    const over = await store.run(id);
    expect(over).toMatchObject({ status, owner: null, completedAt: completed(2).at });
    expect(await write(append(id, 1, completed(3)))).toEqual(staleEpoch);
    expect(await write({ ...append(id, 1), status: "running" })).toEqual(staleEpoch);
    expect(await write({ ...append(id, 1), release: true })).toEqual(staleEpoch);
    expect(await store.run(id)).toEqual(over);
    expect(await store.eventsAfter(id, 0, 10)).toHaveLength(2);
  });

  it("moves the status without events", async () => {
    const { store, start, write } = subject();
    const id = await start();
    expect(await write({ ...append(id, 1), status: "running" })).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "running", owner: "worker-1", lastSeq: 1, completedAt: null });
    expect(await write({ ...append(id, 1), status: "cancelled" })).toEqual(written);
    expect(await write({ ...append(id, 1), status: "cancelled" })).toEqual(written);
    const run = await store.run(id);
    expect(run).toMatchObject({ status: "cancelled", owner: null });
    expect(run?.completedAt).toEqual(expect.any(Number));
  });

  it("keeps a hold that is only asked after", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const before = await store.run(id);
    expect(await write(append(id, 1))).toEqual(written);
    expect(await store.run(id)).toEqual(before);
  });
}
