import { expect, it } from "vitest";
import { append, completed, never, seize, type Subject } from "./subject.ts";

/** Has the promise resolved by the time that everything else in this tick has? */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

export function describeWakeUps(subject: () => Subject): void {
  it("wake the readers of a run at its next append", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const changes = [store.changed(id, never()), store.changed(id, never())];
    await write(append(id, 1, completed(2)));
    await Promise.all(changes);
    expect(await store.eventsAfter(id, 1, 10)).toEqual([completed(2)]);
  });

  it("let the readers of a run sleep while others are written", async () => {
    const { store, start, write } = subject();
    const [id, other] = [await start(), await start()];
    const change = store.changed(id, never());
    await write(append(other, 1, completed(2)));
    expect(await isSettled(change)).toBe(false);
  });

  it("end when the signal aborts, also one that was aborted before", async () => {
    const { store, start } = subject();
    const id = await start();
    const caller = new AbortController();
    const waits = [store.changed(id, caller.signal), store.claimable(caller.signal)];
    caller.abort();
    const late = [store.changed(id, caller.signal), store.claimable(caller.signal)];
    await expect(Promise.all([...waits, ...late])).resolves.toHaveLength(4);
  });

  it("come when a run is created without an owner", async () => {
    const { store, start } = subject();
    const claimable = store.claimable(never());
    await start({ owner: null });
    await claimable;
    expect(await store.claim("worker-1", 1)).toHaveLength(1);
  });

  it("come when a run is given back", async () => {
    const { store, start, write } = subject();
    const id = await start();
    const claimable = store.claimable(never());
    await write({ ...append(id, 1), release: true });
    await claimable;
    expect(await store.claim("worker-1", 1)).toHaveLength(1);
  });

  it("come when a run is seized: to its readers, and to workers when it is to wait", async () => {
    const { store, start, write } = subject();
    const id = await start();
    await write({ ...append(id, 1, completed(2)), status: "paused" });
    const [change, claimable] = [store.changed(id, never()), store.claimable(never())];
    await write(seize(id, 1, "pending", completed(3)));
    await Promise.all([change, claimable]);
    expect(await store.claim("worker-1", 1)).toHaveLength(1);
  });

  it("come when a run is created whose time has not come, so that workers can wait for it", async () => {
    const { store, start } = subject();
    const claimable = store.claimable(never());
    const readyAt = Date.now() + 3_600_000;
    await start({ owner: null, readyAt });
    await claimable;
    expect(await store.nextReadyAt()).toBe(readyAt);
  });

  it("come when runs of vanished workers are recovered", async () => {
    const { start, restart } = subject();
    await start();
    const store = await restart();
    const claimable = store.claimable(never());
    await store.recover();
    await claimable;
    expect(await store.claim("worker-1", 1)).toHaveLength(1);
  });

  it("come when the store closes", async () => {
    const { store, start } = subject();
    const id = await start();
    const waits = [store.changed(id, never()), store.claimable(never())];
    await store.close();
    await expect(Promise.all(waits)).resolves.toHaveLength(2);
  });
}
