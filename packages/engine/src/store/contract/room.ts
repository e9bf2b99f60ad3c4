import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunRecord } from "../store.ts";
import { claimEach, startMany } from "./fairness.ts";
import {
  append,
  completed,
  furnish,
  type Furnished,
  never,
  seize,
  staleEpoch,
  started,
  type Subject,
  written,
} from "./subject.ts";

const idsOf = (runs: readonly RunRecord[]): readonly string[] => runs.map(({ id }) => id);

/** Sets the most runs that the project may have in work. */
async function bound({ store, project }: Furnished, concurrentRuns: number): Promise<void> {
  await store.saveSettings(project.id, { limits: { concurrentRuns } });
}

async function end({ write }: Furnished, runId: string, epoch = 1): Promise<void> {
  expect(await write({ ...append(runId, epoch, completed(2)), status: "completed" })).toEqual(written);
}

export function describeRoom(subject: () => Subject): void {
  it("hands out no more runs of a project than its settings allow, and all others'", async () => {
    const full = subject();
    const other = await furnish(full.store, "other");
    await bound(full, 2);
    const mine = await startMany(full, 5);
    const others = await startMany(other, 3);
    const claimed = idsOf(await full.store.claim("worker-2", 10));
    expect(claimed.toSorted()).toEqual([...mine.slice(0, 2), ...others].toSorted());
    expect(await full.store.claim("worker-2", 10)).toEqual([]);
  });

  it("hands out the next run of a full project once one of its own is over, pauses, or is given back", async () => {
    const full = subject();
    await bound(full, 1);
    const [a, b, c, d] = await startMany(full, 4);
    expect(await claimEach(full.store, 2)).toEqual([a, undefined]);
    await end(full, a ?? "");
    expect(await claimEach(full.store, 2)).toEqual([b, undefined]);
    await full.write({ ...append(b ?? "", 1, completed(2)), status: "paused" });
    expect(await claimEach(full.store, 2)).toEqual([c, undefined]);
    await full.write({ ...append(c ?? "", 1, completed(2)), release: true });
    expect(await claimEach(full.store, 2)).toEqual([c, undefined]);
    await full.write({ ...append(c ?? "", 2, completed(3)), status: "completed" });
    expect(await claimEach(full.store, 2)).toEqual([d, undefined]);
  });

  it("wakes workers when a run of a full project is over", async () => {
    const full = subject();
    await bound(full, 1);
    const [a, b] = await startMany(full, 2);
    await full.store.claim("worker-2", 10);
    const woken = full.store.claimable(never());
    await end(full, a ?? "");
    await woken;
    expect(idsOf(await full.store.claim("worker-2", 10))).toEqual([b]);
  });

  it("hands out what waited when a project may have more runs in work, and wakes workers", async () => {
    const full = subject();
    await bound(full, 1);
    const ids = await startMany(full, 4);
    await full.store.claim("worker-2", 10);
    const woken = full.store.claimable(never());
    await bound(full, 3);
    await woken;
    expect(idsOf(await full.store.claim("worker-2", 10))).toEqual(ids.slice(1, 3));
    await full.store.saveSettings(full.project.id, {});
    expect(idsOf(await full.store.claim("worker-2", 10))).toEqual(ids.slice(3));
  });

  it("takes the bound of whoever asks where the project's settings say nothing", async () => {
    const [one, two] = [subject(), await furnish(subject().store, "two")];
    await bound(two, 3);
    await startMany(one, 4);
    await startMany(two, 4);
    const claimed = await one.store.claim("worker-2", 10, 1);
    expect(claimed.filter(({ projectId }) => projectId === one.project.id)).toHaveLength(1);
    expect(claimed.filter(({ projectId }) => projectId === two.project.id)).toHaveLength(3);
  });

  it("knows the bound of a project whatever else its settings say", async () => {
    const full = subject();
    const redact = ["a NUL \0", "half a pair \ud800", 'a quote " and a backslash \\', "\\u0000"].map((name) => ({
      name,
      pattern: "a",
    }));
    await full.store.saveSettings(full.project.id, { redact, limits: { concurrentRuns: 1 } });
    const [first] = await startMany(full, 2);
    expect(await claimEach(full.store, 2)).toEqual([first, undefined]);
  });

  it("counts runs that began without waiting", async () => {
    const full = subject();
    await bound(full, 2);
    const born = await full.start();
    const ids = await startMany(full, 3);
    expect(idsOf(await full.store.claim("worker-2", 10))).toEqual(ids.slice(0, 1));
    await end(full, born);
    expect(idsOf(await full.store.claim("worker-2", 10))).toEqual(ids.slice(1, 2));
  });

  it("keeps the priorities of a full project's runs", async () => {
    const full = subject();
    await bound(full, 1);
    const [low] = [await full.start({ owner: null, priority: -1 }), await full.start({ owner: null })];
    const [first] = await claimEach(full.store, 2);
    const urgent = await full.start({ owner: null, priority: 5 });
    expect(await full.store.claim("worker-2", 1)).toEqual([]);
    await end(full, first ?? "");
    expect(await claimEach(full.store, 2)).toEqual([urgent, undefined]);
    await end(full, urgent);
    expect(await claimEach(full.store, 1)).toEqual([low]);
  });

  it("lets a full project with room again take turns with the others", async () => {
    const full = subject();
    const other = await furnish(full.store, "other");
    await bound(full, 2);
    const mine = await startMany(full, 6);
    expect(idsOf(await full.store.claim("worker-2", 3))).toEqual(mine.slice(0, 2));
    const others = await startMany(other, 6);
    await end(full, mine[0] ?? "");
    await end(full, mine[1] ?? "");
    const claimed = new Set(await claimEach(full.store, 4));
    expect(claimed).toEqual(new Set([...mine.slice(2, 4), ...others.slice(0, 2)]));
  });

  it("is not held up by 10 000 waiting runs of a full project", async () => {
    const full = subject();
    const other = await furnish(full.store, "other");
    await bound(full, 1);
    const mine = new Set(await startMany(full, 10_000));
    const [first] = await claimEach(full.store, 1);
    expect(mine.has(first ?? "")).toBe(true);
    expect(await full.store.claim("worker-2", 1)).toEqual([]);
    for (let round = 0; round < 10; round++) {
      const theirs = await other.start({ owner: null });
      expect(await claimEach(full.store, 2)).toEqual([theirs, undefined]);
    }
    await end(full, first ?? "");
    const [next] = await claimEach(full.store, 1);
    expect(mine.has(next ?? "")).toBe(true);
  }, 60_000);

  it("makes no run that its project has no room for, and says how many it has in work", async () => {
    const { store, newRun, write } = subject();
    const runs = Array.from({ length: 3 }, () => newRun({ concurrentRuns: 2 }));
    const entries = runs.map((run) => ({ kind: "create", run, events: [started()] }) as const);
    const noRoom = { outcome: "noRoom", runsInWork: 2 };
    expect(await store.append(entries)).toEqual([written, written, noRoom]);
    expect(await write({ kind: "create", run: newRun({ owner: null, concurrentRuns: 2 }), events: [] })).toEqual(
      noRoom,
    );
    expect(await store.run(runs[2]?.id ?? "")).toBeUndefined();
    expect(await store.append(entries)).toEqual([written, written, noRoom]);
    expect(await write({ kind: "create", run: newRun({ concurrentRuns: 3 }), events: [] })).toEqual(written);
    expect(await write({ kind: "create", run: newRun({ owner: null }), events: [] })).toEqual(written);
  });

  it("lets no paused run go on that its project has no room for, but lets it wait, or be ended", async () => {
    const { start, write } = subject();
    const [resumed, queued, ended] = [await start(), await start(), await start()];
    for (const id of [resumed, queued, ended]) await write({ ...append(id, 1, completed(2)), status: "paused" });
    await start();
    const noRoom = { outcome: "noRoom", runsInWork: 1 };
    const resume = { ...seize(resumed, 1, "running", completed(3)), concurrentRuns: 1 };
    expect(await write(resume)).toEqual(noRoom);
    expect(await write({ ...seize(resumed, 7, "running", completed(3)), concurrentRuns: 1 })).toEqual(staleEpoch);
    expect(await write({ ...seize(queued, 1, "pending", completed(3)), concurrentRuns: 1 })).toEqual(written);
    expect(await write({ ...seize(ended, 1, "cancelled", completed(3)), concurrentRuns: 1 })).toEqual(written);
    expect(await write({ ...resume, concurrentRuns: 2 })).toEqual(written);
    expect(await write({ ...resume, concurrentRuns: 2 })).toEqual(written);
  });

  it("tells who calls again of its earlier run, whether there is room for another or not", async () => {
    const { newRun, write } = subject();
    const idempotency = { key: "call-1", requestHash: "hash" };
    const first = newRun({ concurrentRuns: 1, idempotency });
    expect(await write({ kind: "create", run: first, events: [] })).toEqual(written);
    const again = newRun({ concurrentRuns: 1, idempotency });
    const duplicate = { outcome: "duplicate", runId: first.id, sameRequest: true };
    expect(await write({ kind: "create", run: again, events: [] })).toEqual(duplicate);
  });

  it("hands every run out once, and never too many of a project, whatever happens in between", async () => {
    const projects = [subject(), await furnish(subject().store, "two"), await furnish(subject().store, "three")];
    const command = fc.record({
      kind: fc.constantFrom("start", "start", "claim", "end", "giveBack", "bound"),
      project: fc.nat(2),
      count: fc.integer({ min: 1, max: 6 }),
      priority: fc.integer({ min: -2, max: 2 }),
    });
    const property = fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
      await playCommands(projects, commands);
    });
    await expect(fc.assert(property, { numRuns: 25 })).resolves.toBeUndefined();
  }, 90_000);
}

interface Command {
  readonly kind: string;
  readonly project: number;
  readonly count: number;
  readonly priority: number;
}

/** Does what the commands say, then ends everything. */
async function playCommands(projects: readonly Furnished[], commands: readonly Command[]): Promise<void> {
  const caps = new Map(projects.map(({ project }) => [project.id, Infinity]));
  const held = new Map<string, RunRecord>();
  const waiting = new Set<string>();
  const [{ store, write } = subjectMissing()] = projects;

  async function claim(count: number): Promise<number> {
    const claimed = await store.claim("worker-2", count);
    for (const run of claimed) {
      expect(waiting.delete(run.id)).toBe(true);
      held.set(run.id, run);
    }
    for (const [id, cap] of caps) {
      const inWork = [...held.values()].filter(({ projectId }) => projectId === id).length;
      if (claimed.some(({ projectId }) => projectId === id)) expect(inWork).toBeLessThanOrEqual(cap);
    }
    return claimed.length;
  }

  async function leave(
    run: RunRecord,
    change: { readonly status: "completed" } | { readonly release: true },
  ): Promise<void> {
    held.delete(run.id);
    if ("release" in change) waiting.add(run.id);
    expect(await write({ ...append(run.id, run.epoch), ...change })).toEqual(written);
  }

  for (const { kind, project, count, priority } of commands) {
    const where = projects[project] ?? subjectMissing();
    const some = [...held.values()].slice(0, count);
    if (kind === "claim") await claim(count);
    else if (kind === "end") for (const run of some) await leave(run, { status: "completed" });
    else if (kind === "giveBack") for (const run of some) await leave(run, { release: true });
    else if (kind === "start")
      for (let n = 0; n < count; n++) waiting.add(await where.start({ owner: null, priority }));
    else {
      caps.set(where.project.id, count);
      await bound(where, count);
    }
  }
  while (waiting.size + held.size > 0) {
    const claimed = await claim(3);
    expect(claimed + held.size).toBeGreaterThan(0);
    for (const run of held.values()) await leave(run, { status: "completed" });
  }
  for (const { project } of projects) await store.saveSettings(project.id, {});
}

function subjectMissing(): never {
  throw new Error("There is no such project.");
}
