import { expect, it } from "vitest";
import { append, completed, seize, started, staleEpoch, type Subject, written } from "./subject.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export function describeHandOut(subject: () => Subject): void {
  it("claims runs in order of arrival, each under a new epoch", async () => {
    const { store, start } = subject();
    const first = await start({ owner: null, readyAt: 3_000 });
    const second = await start({ owner: null, readyAt: 1_000 });
    const third = await start({ owner: null, readyAt: 2_000, input: { message: "third" } });
    await start({ readyAt: 500 });
    const claimed = await store.claim("worker-2", 2);
    expect(claimed.map(({ id }) => id)).toEqual([first, second]);
    expect(claimed).toMatchObject([
      { status: "running", epoch: 1, owner: "worker-2", lastSeq: 1 },
      { status: "running", epoch: 1, owner: "worker-2", lastSeq: 1 },
    ]);
    expect(claimed[0]).toEqual(await store.run(first));
    expect(claimed[0]?.startedAt).toEqual(expect.any(Number));
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: third, input: { message: "third" } }]);
    expect(await store.claim("worker-2", 10)).toEqual([]);
  });

  it("claims higher priorities first, and runs of one priority in order of arrival", async () => {
    const { store, start } = subject();
    const low = await start({ owner: null, priority: -100, readyAt: 1 });
    const middle = [await start({ owner: null }), await start({ owner: null }), await start({ owner: null })];
    const high = await start({ owner: null, priority: 100, readyAt: 9_000 });
    const claimed = [
      await store.claim("worker-2", 1),
      await store.claim("worker-2", 2),
      await store.claim("worker-2", 9),
    ];
    expect(claimed.map((runs) => runs.map(({ id }) => id))).toEqual([[high], middle.slice(0, 2), [middle[2], low]]);
  });

  it("takes no run of a priority beyond those that a call may ask for", async () => {
    const { write, newRun } = subject();
    for (const priority of [-101, 101]) {
      const run = newRun({ owner: null, priority });
      expect(await write({ kind: "create", run, events: [] })).toMatchObject({ outcome: "refused" });
    }
  });

  it("claims nothing before its time, whatever its priority, and tells when that comes", async () => {
    const { store, start, passTime } = subject();
    const soon = Date.now() + hourMs;
    const later = soon + hourMs;
    const last = await start({ owner: null, priority: 5, readyAt: later });
    const next = await start({ owner: null, priority: 1, readyAt: soon });
    const ready = await start({ owner: null });
    expect(await store.nextReadyAt()).toBe(soon);
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: ready }]);
    expect(await store.claim("worker-2", 10)).toEqual([]);
    await passTime(hourMs + minuteMs);
    expect(await store.nextReadyAt()).toBe(later);
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: next, readyAt: soon, priority: 1 }]);
    await passTime(hourMs);
    expect(await store.nextReadyAt()).toBeUndefined();
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: last }]);
  });

  it("claims what nobody delays, though its time is to come by a clock that was ahead", async () => {
    const { store, start } = subject();
    const ahead = Date.now() + hourMs;
    const waiting = await start({ owner: null, createdAt: ahead, readyAt: ahead });
    const held = await start({ createdAt: ahead, readyAt: ahead });
    await store.append([{ kind: "append", runId: held, epoch: 1, events: [], release: true }]);
    expect((await store.claim("worker-2", 10)).map(({ id }) => id).toSorted()).toEqual([waiting, held].toSorted());
  });

  it("waits for no run that is not pending", async () => {
    const { store, start, write } = subject();
    const readyAt = Date.now() + hourMs;
    await start({ readyAt });
    const cancelled = await start({ owner: null, readyAt });
    await write(seize(cancelled, 0, "cancelled", completed(2)));
    expect(await store.nextReadyAt()).toBeUndefined();
  });

  it("gives each run to one of two workers that claim at once", async () => {
    const { store, start } = subject();
    const ids = await Promise.all(Array.from({ length: 50 }, () => start({ owner: null })));
    const claims = await Promise.all(["a", "b", "a", "b", "a", "b"].map((worker) => store.claim(worker, 10)));
    const claimed = claims.flat().map(({ id }) => id);
    expect(claimed.toSorted()).toEqual(ids.toSorted());
  });

  it("lets the claimer write under its epoch and nobody under the one before", async () => {
    const { store, start, write } = subject();
    const id = await start({ owner: null });
    await store.claim("worker-2", 1);
    expect(await write(append(id, 0, completed(2)))).toEqual(staleEpoch);
    expect(await write(append(id, 1, completed(2)))).toEqual(written);
  });

  it("lets a waiting run be ended by whoever saw it waiting, unless it was claimed meanwhile", async () => {
    const { store, start, write } = subject();
    const [taken, idle] = [await start({ owner: null }), await start({ owner: null })];
    await store.claim("worker-2", 1);
    expect(await write({ ...append(idle, 0, completed(2)), status: "cancelled" })).toEqual(written);
    expect(await write({ ...append(taken, 0, completed(2)), status: "cancelled" })).toEqual(staleEpoch);
    expect(await store.claim("worker-2", 10)).toEqual([]);
  });

  it("hands a released run out again, keeps its first start, and counts no loss", async () => {
    const { store, start, write, passTime } = subject();
    const id = await start();
    expect(await write({ ...append(id, 1, completed(2)), release: true })).toEqual(written);
    expect(await store.run(id)).toMatchObject({ status: "pending", owner: null, epoch: 1, losses: 0, lastSeq: 2 });
    await passTime(5_000);
    expect(await store.claim("worker-2", 10)).toMatchObject([
      { id, epoch: 2, owner: "worker-2", losses: 0, startedAt: 1_000 },
    ]);
  });

  it("takes the status `pending` for a release", async () => {
    const { store, start, write } = subject();
    const id = await start();
    await write({ ...append(id, 1), status: "pending" });
    expect(await store.run(id)).toMatchObject({ status: "pending", owner: null });
  });

  it("recovers nothing from workers that are there", async () => {
    const { store, start } = subject();
    const born = await start();
    const claimed = await start({ owner: null });
    await store.claim("worker-2", 1);
    expect(await store.recover()).toBe(0);
    expect(await store.run(born)).toMatchObject({ status: "running", owner: "worker-1" });
    expect(await store.run(claimed)).toMatchObject({ status: "running", owner: "worker-2" });
  });

  it("makes the runs of vanished workers ready again and counts the loss", async () => {
    const { start, write, restart } = subject();
    const lost = await start();
    const over = await start();
    const paused = await start();
    const waiting = await start({ owner: null, readyAt: 9_000 });
    await write({ ...append(over, 1, completed(2)), status: "completed" });
    await write({ ...append(paused, 1, completed(2)), status: "paused" });
    const store = await restart();
    expect(await store.recover()).toBe(1);
    expect(await store.recover()).toBe(0);
    expect(await store.run(lost)).toMatchObject({ status: "pending", owner: null, losses: 1, epoch: 1 });
    expect(await store.run(over)).toMatchObject({ status: "completed", losses: 0 });
    expect(await store.run(paused)).toMatchObject({ status: "paused", losses: 0 });
    expect(await store.claim("worker-1", 10)).toMatchObject([
      { id: lost, epoch: 2 },
      { id: waiting, epoch: 1 },
    ]);
    expect(await write(append(lost, 1, completed(2)), store)).toEqual(staleEpoch);
    expect(await write(append(lost, 2, completed(2)), store)).toEqual(written);
  });

  it("counts each loss of a run", async () => {
    const { start, restart } = subject();
    const id = await start();
    for (let losses = 1; losses <= 3; losses++) {
      const store = await restart();
      await store.recover();
      expect(await store.claim("worker-1", 1)).toMatchObject([{ id, losses, epoch: losses + 1 }]);
    }
  });

  it("keeps everything across a restart", async () => {
    const { store, start, write, restart, flow } = subject();
    const id = await start();
    await write({ ...append(id, 1, completed(2)), status: "completed" });
    const before = await store.run(id);
    const reopened = await restart();
    expect(await reopened.run(id)).toEqual(before);
    expect(await reopened.eventsAfter(id, 0, 10)).toEqual([started(), completed(2)]);
    expect(await reopened.flowById(flow.id)).toEqual(flow);
  });
}
