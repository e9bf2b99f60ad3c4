import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { RunStatus } from "../store.ts";
import { append, completed, seize, started, staleEpoch, type Subject, written } from "./subject.ts";

/** A run that `worker-1` paused with its second event. */
async function pausedRun({ start, write }: Subject): Promise<string> {
  const id = await start();
  expect(await write({ ...append(id, 1, completed(2)), status: "paused" })).toEqual(written);
  return id;
}

export function describePauses(subject: () => Subject): void {
  it("end the hold and survive a restart", async () => {
    const { store, restart } = subject();
    const id = await pausedRun(subject());
    const paused = await store.run(id);
    expect(paused).toMatchObject({
      status: "paused",
      owner: null,
      epoch: 1,
      lastSeq: 2,
      startedAt: 1_000,
      pausedAt: completed(2).at,
      completedAt: null,
    });
    const reopened = await restart();
    expect(await reopened.recover()).toBe(0);
    expect(await reopened.run(id)).toEqual(paused);
    expect(await reopened.claim("worker-2", 10)).toEqual([]);
  });

  it("may come without events, at the time of the store's clock, and once", async () => {
    const { store, start, write, passTime } = subject();
    const id = await start();
    expect(await write({ ...append(id, 1), status: "paused" })).toEqual(written);
    const paused = await store.run(id);
    expect(paused).toMatchObject({ status: "paused", owner: null, lastSeq: 1 });
    expect(paused?.pausedAt).toEqual(expect.any(Number));
    await passTime(5_000);
    expect(await write({ ...append(id, 1), status: "paused" })).toEqual(written);
    expect(await store.run(id)).toEqual(paused);
  });

  it("count as written when their answer was lost, also after the run was resumed", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const pause = { ...append(id, 1, completed(2)), status: "paused" } as const;
    await write(pause);
    expect(await write(pause)).toEqual(written);
    await write(seize(id, 1, "running", completed(3)));
    const running = await store.run(id);
    expect(await write(pause)).toEqual(written);
    expect(await store.run(id)).toEqual(running);
  });

  it("are over once the run is seized, which moves it under the next epoch", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    expect(await write(seize(id, 1, "running", completed(3)))).toEqual(written);
    expect(await store.run(id)).toMatchObject({
      status: "running",
      owner: "worker-2",
      epoch: 2,
      lastSeq: 3,
      startedAt: 1_000,
      pausedAt: null,
    });
    expect(await write(append(id, 1, completed(4)))).toEqual(staleEpoch);
    expect(await write(append(id, 2, completed(4)))).toEqual(written);
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started(), completed(2), completed(3), completed(4)]);
  });

  it("may follow one another", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    await write(seize(id, 1, "running", completed(3)));
    expect(await write({ ...append(id, 2, completed(4)), status: "paused" })).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "paused", owner: null, epoch: 2, pausedAt: completed(4).at });
    expect(await write(seize(id, 2, "running", completed(5)))).toEqual(written);
  });
}

export function describeSeizing(subject: () => Subject): void {
  it("lets one of two in the same commit win", async () => {
    const { store } = subject();
    const id = await pausedRun(subject());
    const other = { ...seize(id, 1, "running", completed(3, { text: "other" })), owner: "worker-3" };
    expect(await store.append([seize(id, 1, "running", completed(3)), other])).toEqual([written, staleEpoch]);
    expect(await store.run(id)).toMatchObject({ owner: "worker-2", epoch: 2 });
    expect(await store.eventsAfter(id, 2, 10)).toEqual([completed(3)]);
  });

  it("lets one of many at once win, also when they come with the same events", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    const owners = ["worker-2", "worker-3", "worker-4", "worker-5"];
    const outcomes = await Promise.all(
      owners.map((owner) => write({ ...seize(id, 1, "running", completed(3)), owner })),
    );
    const winners = owners.filter((_, index) => outcomes[index]?.outcome === "written");
    expect(winners).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === "staleEpoch")).toHaveLength(3);
    expect(await store.run(id)).toMatchObject({ owner: winners[0], epoch: 2, lastSeq: 3 });
  });

  it("lets one of a claim and a cancel at once win", async () => {
    const { store, start, write } = subject();
    const ids = await Promise.all(Array.from({ length: 20 }, () => start({ owner: null })));
    const [claimed, outcomes] = await Promise.all([
      store.claim("worker-3", ids.length),
      Promise.all(ids.map((id) => write(seize(id, 0, "cancelled", completed(2))))),
    ]);
    const taken = claimed.map(({ id }) => id);
    const cancelled = ids.filter((_, index) => outcomes[index]?.outcome === "written");
    expect([...taken, ...cancelled].toSorted()).toEqual(ids.toSorted());
  });

  it("takes no run from its holder", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const held = await store.run(id);
    expect(await write(seize(id, 1, "running", completed(2)))).toEqual(staleEpoch);
    expect(await write(seize(id, 1, "cancelled", completed(2)))).toEqual(staleEpoch);
    expect(await store.run(id)).toEqual(held);
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started()]);
  });

  it("takes no run under another epoch, and none that is over", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    for (const epoch of [0, 2]) expect(await write(seize(id, epoch, "running", completed(3)))).toEqual(staleEpoch);
    expect(await write({ ...append(id, 1), status: "cancelled" })).toEqual(written);
    const over = await store.run(id);
    expect(await write(seize(id, 1, "running", completed(3)))).toEqual(staleEpoch);
    expect(await store.run(id)).toEqual(over);
  });

  it.each([
    ["leaves an event out", [completed(4)]],
    ["repeats one with another content", [completed(2, { text: "other" })]],
    ["has a hole inside", [completed(3), completed(5)]],
  ])("refuses an entry that %s, and leaves the run paused", async (_, events) => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    const paused = await store.run(id);
    expect(await write(seize(id, 1, "running", ...events))).toMatchObject({ outcome: "refused" });
    expect(await store.run(id)).toEqual(paused);
    expect(await store.eventsAfter(id, 2, 10)).toEqual([]);
  });

  it("refuses a run that does not exist, and one that would run without an owner, and only those", async () => {
    const { store } = subject();
    const [orphan, good] = [await pausedRun(subject()), await pausedRun(subject())];
    const refused = { outcome: "refused", reason: expect.any(String) };
    const outcomes = await store.append([
      seize(newRunId(), 1, "cancelled", completed(3)),
      { ...seize(orphan, 1, "running", completed(3)), owner: null },
      seize(good, 1, "running", completed(3)),
    ]);
    expect(outcomes).toEqual([refused, refused, written]);
    expect(await store.run(orphan)).toMatchObject({ status: "paused", epoch: 1, lastSeq: 2 });
  });

  it("counts as written when its answer was lost, whatever happened to the run since", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    const resume = seize(id, 1, "running", completed(3));
    await write(resume);
    expect(await write(resume)).toEqual(written);
    await write({ ...append(id, 2, completed(4)), release: true });
    await store.claim("worker-3", 1);
    expect(await write(resume)).toEqual(written);
    await write({ ...append(id, 3, completed(5)), status: "completed" });
    const over = await store.run(id);
    expect(await write(resume)).toEqual(written);
    expect(await store.run(id)).toEqual(over);
    expect(await store.eventsAfter(id, 0, 10)).toHaveLength(5);
  });

  it("works without events, and counts as written for the same owner when the answer was lost", async () => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    const resume = seize(id, 1, "running");
    expect(await write(resume)).toEqual(written);
    expect(await write(resume)).toEqual(written);
    expect(await write({ ...resume, owner: "worker-3" })).toEqual(staleEpoch);
    expect(await store.run(id)).toMatchObject({ status: "running", owner: "worker-2", epoch: 2, lastSeq: 2 });
  });

  it.each<RunStatus>(["failed", "cancelled"])("ends a paused run as %s", async (status) => {
    const { store, write } = subject();
    const id = await pausedRun(subject());
    expect(await write(seize(id, 1, status, completed(3)))).toEqual(written);
    expect(await store.run(id)).toMatchObject({
      status,
      owner: null,
      epoch: 2,
      lastSeq: 3,
      pausedAt: null,
      completedAt: completed(3).at,
    });
    expect(await write(append(id, 2, completed(4)))).toEqual(staleEpoch);
  });

  it("cancels a run that waits, without events at the time of the store's clock", async () => {
    const { store, start, write } = subject();
    const [told, silent] = [await start({ owner: null }), await start({ owner: null })];
    expect(await write(seize(told, 0, "cancelled", completed(2)))).toEqual(written);
    expect(await write(seize(silent, 0, "cancelled"))).toEqual(written);
    const cancelled = { status: "cancelled", owner: null, epoch: 1, startedAt: null };
    expect(await store.run(told)).toMatchObject({ ...cancelled, lastSeq: 2, completedAt: completed(2).at });
    expect(await store.run(silent)).toMatchObject({ ...cancelled, lastSeq: 1, completedAt: expect.any(Number) });
    expect(await store.claim("worker-2", 10)).toEqual([]);
  });

  it("begins a run that waited", async () => {
    const { store, start, write } = subject();
    const id = await start({ owner: null });
    expect(await write(seize(id, 0, "running", completed(2)))).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "running", epoch: 1, startedAt: expect.any(Number) });
    expect(await store.claim("worker-3", 10)).toEqual([]);
  });

  it("puts a paused run into the waiting room, where its priority counts", async () => {
    const { store, start, write } = subject();
    const first = await start({ owner: null });
    const id = await start({ priority: 2 });
    await write({ ...append(id, 1, completed(2)), status: "paused" });
    expect(await write(seize(id, 1, "pending", completed(3)))).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "pending", owner: null, epoch: 2, pausedAt: null });
    expect(await store.claim("worker-3", 10)).toMatchObject([
      { id, epoch: 3, owner: "worker-3", lastSeq: 3 },
      { id: first, epoch: 1 },
    ]);
  });

  it("leaves a run that its worker loses again to be recovered", async () => {
    const { write, restart } = subject();
    const id = await pausedRun(subject());
    await write(seize(id, 1, "running", completed(3)));
    const store = await restart();
    expect(await store.recover()).toBe(1);
    expect(await store.claim("worker-3", 1)).toMatchObject([{ id, epoch: 3, losses: 1, lastSeq: 3 }]);
  });
}
