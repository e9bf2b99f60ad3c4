import { expect, it } from "vitest";
import type { JournalEntry, Store } from "../store.ts";
import { append, completed, furnish, type Furnished, seize, started, type Subject } from "./subject.ts";

const hourMs = 60 * 60_000;

/** Creates so many waiting runs in few commits, and gives their ids. */
export async function startMany({ store, newRun }: Furnished, count: number): Promise<readonly string[]> {
  const runs = Array.from({ length: count }, () => newRun({ owner: null }));
  for (let from = 0; from < count; from += 1_000) {
    const entries = runs
      .slice(from, from + 1_000)
      .map((run): JournalEntry => ({ kind: "create", run, events: [started()] }));
    await store.append(entries);
  }
  return runs.map(({ id }) => id);
}

/** The ids of the next so many runs, claimed one at a time. */
export async function claimEach(store: Store, count: number): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  for (let turn = 0; turn < count; turn++) ids.push((await store.claim("worker-2", 1))[0]?.id);
  return ids;
}

export function describeFairness(subject: () => Subject): void {
  it("lets projects take turns, however many runs each has waiting", async () => {
    const noisy = subject();
    const [quiet, other] = [await furnish(noisy.store, "quiet"), await furnish(noisy.store, "other")];
    const [a1, a2, a3, a4] = await startMany(noisy, 4);
    const [b1, b2] = await startMany(quiet, 2);
    const [c1] = await startMany(other, 1);
    expect(await claimEach(noisy.store, 8)).toEqual([a1, b1, c1, a2, b2, a3, a4, undefined]);
  });

  it("lets nobody's first run wait for more than one of a project with 10 000 waiting", async () => {
    const noisy = subject();
    const quiet = await furnish(noisy.store, "quiet");
    const ids = new Set(await startMany(noisy, 10_000));
    for (let round = 0; round < 20; round++) {
      const mine = await quiet.start({ owner: null });
      const [first, second] = await claimEach(noisy.store, 2);
      expect([first, second]).toContain(mine);
      // Neither does the project with many runs stand still for it.
      expect([first, second].filter((id) => ids.has(id ?? ""))).toHaveLength(1);
    }
    expect(await noisy.store.claim("worker-2", 100)).toHaveLength(100);
  }, 60_000);

  it("lets no project stand still for those that have but one run waiting at a time", async () => {
    const noisy = subject();
    const ids = new Set(await startMany(noisy, 20));
    const quiet = [await furnish(noisy.store, "quiet"), await furnish(noisy.store, "silent")];
    const waiting = new Map<string | undefined, Furnished>();
    for (const project of quiet) waiting.set(await project.start({ owner: null }), project);
    let noisyCount = 0;
    for (let turn = 0; turn < 30; turn++) {
      const [id] = await claimEach(noisy.store, 1);
      if (ids.has(id ?? "")) noisyCount += 1;
      const project = waiting.get(id);
      if (project !== undefined) waiting.set(await project.start({ owner: null }), project);
    }
    expect(noisyCount).toBeGreaterThanOrEqual(9);
    expect(noisyCount).toBeLessThanOrEqual(11);
  });

  it("lets no run be overtaken for ever by runs of projects that come later", async () => {
    const first = subject();
    const [, second, third] = await startMany(first, 3);
    const claimed: (string | undefined)[] = [];
    for (let newcomer = 0; newcomer < 12; newcomer++) {
      await startMany(await furnish(first.store, `newcomer-${newcomer}`), 1);
      claimed.push(...(await claimEach(first.store, 1)));
    }
    expect(claimed).toEqual(expect.arrayContaining([second, third]));
  });

  it("holds against nobody what was waiting before all was quiet", async () => {
    const noisy = subject();
    const quiet = await furnish(noisy.store, "quiet");
    await startMany(noisy, 50);
    await noisy.store.claim("worker-2", 50);
    const [b1, b2] = await startMany(quiet, 2);
    const [a1, a2] = await startMany(noisy, 2);
    expect(await claimEach(noisy.store, 4)).toEqual([b1, a1, b2, a2]);
  });

  it("lets projects take turns within each priority, and none across them", async () => {
    const one = subject();
    const two = await furnish(one.store, "two");
    const low = [await one.start({ owner: null }), await one.start({ owner: null })];
    const high = [await one.start({ owner: null, priority: 1 }), await one.start({ owner: null, priority: 1 })];
    const others = [await two.start({ owner: null, priority: 1 }), await two.start({ owner: null })];
    const expected = [high[0], others[0], high[1], low[0], others[1], low[1]];
    expect(await claimEach(one.store, 6)).toEqual(expected);
  });

  it("hands a run that was given back out before those that had no turn yet", async () => {
    const noisy = subject();
    const quiet = await furnish(noisy.store, "quiet");
    const [first, ...others] = await startMany(noisy, 5);
    const mine = await quiet.start({ owner: null });
    expect(await claimEach(noisy.store, 1)).toEqual([first]);
    await noisy.write({ ...append(first ?? "", 1, completed(2)), release: true });
    expect(await claimEach(noisy.store, 3)).toEqual([first, mine, others[0]]);
  });

  it("hands runs that lost their worker out before those that had no turn yet", async () => {
    const noisy = subject();
    const [lost] = await startMany(noisy, 5);
    await claimEach(noisy.store, 1);
    const store = await noisy.restart();
    await store.recover();
    expect(await claimEach(store, 1)).toEqual([lost]);
  });

  it("lets a run that is resumed wait for its turn like a new one", async () => {
    const noisy = subject();
    const paused = await noisy.start();
    await noisy.write({ ...append(paused, 1, completed(2)), status: "paused" });
    const waiting = await startMany(noisy, 2);
    await noisy.write(seize(paused, 1, "pending", completed(3)));
    expect(await claimEach(noisy.store, 3)).toEqual([...waiting, paused]);
  });

  it("gives delayed runs their turns when their time comes, not when they were asked for", async () => {
    const noisy = subject();
    const quiet = await furnish(noisy.store, "quiet");
    const readyAt = Date.now() + hourMs;
    const delayed = [
      await noisy.start({ owner: null, readyAt }),
      await noisy.start({ owner: null, readyAt: readyAt + 1 }),
    ];
    await startMany(noisy, 30);
    await noisy.store.claim("worker-2", 30);
    const waiting = await startMany(quiet, 2);
    await noisy.passTime(2 * hourMs);
    expect(await claimEach(noisy.store, 4)).toEqual([waiting[0], delayed[0], waiting[1], delayed[1]]);
    expect(await noisy.store.nextReadyAt()).toBeUndefined();
  });

  it("hands more delayed runs out than it looks at in one go, when their time comes together", async () => {
    const { store, newRun, passTime } = subject();
    const readyAt = Date.now() + hourMs;
    const runs = Array.from({ length: 1_200 }, () => newRun({ owner: null, readyAt }));
    await store.append(runs.map((run): JournalEntry => ({ kind: "create", run, events: [started()] })));
    // The first ones are cancelled meanwhile.
    const cancelled = runs.slice(0, 600);
    await store.append(cancelled.map(({ id }) => ({ ...append(id, 0, completed(2)), status: "cancelled" })));
    expect(await store.claim("worker-2", 10)).toEqual([]);
    await passTime(2 * hourMs);
    const claimed: string[] = [];
    for (let more = [""]; more.length > 0; claimed.push(...more))
      more = (await store.claim("worker-2", 2_000)).map(({ id }) => id);
    expect(claimed.toSorted()).toEqual(runs.slice(600).map(({ id }) => id));
  }, 30_000);
}
