import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import { describe, expect, onTestFinished, test } from "vitest";
import { forgetOldRuns, keepRetention } from "./retention.ts";
import { createRunIds } from "./run-id.ts";
import { append, completed, furnish, started } from "./store/contract/subject.ts";
import { openPostgresStore } from "./store/postgres/postgres-store.ts";
import { openMemoryStore, openSqliteStore } from "./store/sqlite-store.ts";
import type { JournalEntry, Store } from "./store/store.ts";

const dayMs = 24 * 60 * 60 * 1000;
const never = new AbortController().signal;
const now = (): number => 100 * dayMs;
const rest = async (): Promise<void> => new Promise(setImmediate);
const onFault = ({ error }: { readonly error: unknown }): never => {
  throw error;
};

/** So many ended runs of one flow, one in each second from `from` on. */
async function fill(store: Store, count: number, from: number) {
  const furnished = await furnish(store);
  const ids = createRunIds({ now: () => time });
  let time = from;
  for (let done = 0; done < count; done += 500) {
    const creates: JournalEntry[] = [];
    const ends: JournalEntry[] = [];
    for (let index = 0; index < Math.min(500, count - done); index += 1, time += 1_000) {
      const run = furnished.newRun({ id: ids(), createdAt: time, traced: true });
      creates.push({ kind: "create", run, events: [started()] });
      ends.push({ ...append(run.id, 1, { ...completed(2), at: time }), status: "completed" });
    }
    await store.append(creates);
    await store.append(ends);
  }
  return furnished;
}

/** The store, with what each call of `forget` deleted. */
function counted(store: Store) {
  const counts: number[] = [];
  const forget: Store["forget"] = async (...args) => {
    const count = await store.forget(...args);
    counts.push(count);
    return count;
  };
  return { counts, store: { ...store, forget } };
}

async function forgetTenThousand(store: Store): Promise<void> {
  const { project, newRun } = await fill(store, 10_000, now() - 30 * dayMs);
  const young = newRun({ id: createRunIds({ now })(), createdAt: now() });
  await store.append([{ kind: "create", run: young, events: [started()] }]);
  await store.saveSettings(project.id, { retention: { days: 7 } });
  const watched = counted(store);
  expect(await forgetOldRuns({ store: watched.store, now, rest, onFault }, never)).toBe(10_000);
  expect((await store.runs({ projectId: project.id, limit: 100 })).map(({ id }) => id)).toEqual([young.id]);
  // Bounded by what one call may delete, not by a clock, which would tell of the machine; the note on retention has figures.
  expect(Math.max(...watched.counts)).toBe(100);
}

describe("ten thousand old runs are deleted a few at a time, and young ones stay", () => {
  test("on SQLite", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "noukai-retention-"));
    const store = await openSqliteStore({ dataDir });
    onTestFinished(async () => {
      await store.close();
      await rm(dataDir, { recursive: true });
    });
    await forgetTenThousand(store);
  }, 60_000);
});

describePostgres("ten thousand old runs on PostgreSQL", (postgres) => {
  test("are deleted a few at a time, and young ones stay", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    await forgetTenThousand(store);
    await store.close();
    await drop();
  }, 120_000);
});

describe("how long runs are kept", () => {
  async function keptWith(days: { readonly flow?: number; readonly project?: number }): Promise<number> {
    const store = openMemoryStore();
    onTestFinished(() => store.close());
    const { project, flow } = await fill(store, 4, now() - 10 * dayMs);
    const definition = { hash: flow.draftHash, text: "" };
    const draft = {
      projectId: project.id,
      slug: flow.slug,
      name: "x",
      description: null,
      definition,
      fromFile: false,
      at: 1,
    };
    await store.saveDraft({ ...draft, retentionDays: days.flow ?? null });
    if (days.project !== undefined) await store.saveSettings(project.id, { retention: { days: days.project } });
    await forgetOldRuns({ store, now, rest, onFault }, never);
    return (await store.runs({ projectId: project.id, limit: 100 })).length;
  }

  test.each([
    ["nobody says: for ever", {}, 4],
    ["the project", { project: 5 }, 0],
    ["the flow", { flow: 5 }, 0],
    ["the flow, before the project", { flow: 30, project: 5 }, 4],
    ["long enough", { project: 11 }, 4],
  ])("is said by: %s", async (_, days, left) => {
    expect(await keptWith(days)).toBe(left);
  });

  test("a process that stops leaves the rest to the next one", async () => {
    const store = openMemoryStore();
    onTestFinished(() => store.close());
    const { project } = await fill(store, 250, now() - 30 * dayMs);
    await store.saveSettings(project.id, { retention: { days: 7 } });
    const stopping = new AbortController();
    const faults: unknown[] = [];
    const restOnce = async (): Promise<void> => stopping.abort();
    await keepRetention({ store, now, rest: restOnce, onFault: (fault) => faults.push(fault) }, stopping.signal);
    expect(await store.runs({ projectId: project.id, limit: 1000 })).toHaveLength(150);
    expect(faults).toEqual([]);
  });
});
