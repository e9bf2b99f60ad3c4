import { expect, it } from "vitest";
import { append, completed, furnish, seize, type Subject, written } from "./subject.ts";

const hourMs = 60 * 60 * 1_000;

export function describeBacklog(subject: () => Subject): void {
  it("counts nothing where nothing waits, and this process", async () => {
    const { store, start } = subject();
    await start();
    await store.recover();
    const nothing = { ready: 0, delayed: 0, paused: 0, oldestReadyMs: 0 };
    expect(await store.backlog()).toEqual({ ...nothing, nodes: 1 });
  });

  it("counts pending runs by whether their time has come, and paused ones", async () => {
    const { store, start, write, passTime } = subject();
    const soon = Date.now() + hourMs;
    for (const readyAt of [1_000, 1_000, soon]) await start({ owner: null, readyAt });
    const paused = await start();
    expect(await write({ ...append(paused, 1, completed(2)), status: "paused" })).toEqual(written);
    expect(await store.backlog()).toMatchObject({ ready: 2, delayed: 1, paused: 1 });
    await passTime(2 * hourMs);
    expect(await store.backlog()).toMatchObject({ ready: 3, delayed: 0, paused: 1 });
    await store.claim("worker-2", 2);
    expect(await write(seize(paused, 1, "pending", completed(3)))).toEqual(written);
    expect(await store.backlog()).toMatchObject({ ready: 2, delayed: 0, paused: 0 });
  });

  it("knows since when the first of them has been ready, of all projects and priorities", async () => {
    const one = subject();
    const two = await furnish(one.store, "two");
    const minuteAgo = Date.now() - 60_000;
    await one.start({ owner: null, readyAt: minuteAgo - hourMs, priority: 5 });
    await one.start({ owner: null, readyAt: minuteAgo - 3 * hourMs, priority: -5 });
    await two.start({ owner: null, readyAt: minuteAgo - 2 * hourMs });
    await two.start({ owner: null, readyAt: minuteAgo + hourMs });
    const oldest = async (): Promise<number> => (await one.store.backlog()).oldestReadyMs;
    expect(await oldest()).toBeGreaterThan(3 * hourMs);
    expect(await oldest()).toBeLessThan(4 * hourMs);
    // The urgent one, then that of the second project: what is left is the oldest.
    await one.store.claim("worker-2", 2);
    expect(await oldest()).toBeGreaterThan(3 * hourMs);
    await one.store.claim("worker-2", 1);
    expect(await oldest()).toBe(0);
  });

  it("counts what waits for room in its project", async () => {
    const { store, project, start } = subject();
    await store.saveSettings(project.id, { limits: { concurrentRuns: 1 } });
    const readyAt = Date.now() - hourMs;
    for (let n = 0; n < 3; n++) await start({ owner: null, readyAt });
    expect(await store.claim("worker-2", 10)).toHaveLength(1);
    const { ready, oldestReadyMs } = await store.backlog();
    expect(ready).toBe(2);
    expect(oldestReadyMs).toBeGreaterThan(hourMs / 2);
  });
}
