import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { describeStore } from "./contract.ts";
import { startMany } from "./contract/fairness.ts";
import { append, completed, furnish, never, type StoreUnderTest } from "./contract/subject.ts";
import { createSqliteDatabase, openFile } from "./sqlite-database.ts";
import { createSqliteStore, hostHere, openMemoryStore, openSqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

const directories: string[] = [];

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "noukai-store-"));
  directories.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A clock that starts where the system's is and moves only when told. */
function createClock() {
  let ms = Date.now();
  return {
    now: () => ms,
    passTime: (by: number): Promise<void> => {
      ms += by;
      return Promise.resolve();
    },
  };
}

async function openOnDisk(): Promise<StoreUnderTest> {
  const dataDir = newDirectory();
  const { now, passTime } = createClock();
  let store = await openSqliteStore({ dataDir, now });
  const restart = async (): Promise<Store> => {
    await store.close();
    store = await openSqliteStore({ dataDir, now });
    return store;
  };
  return { store, passTime, restart, dispose: () => store.close() };
}

/** In memory a restart is a new store over the same open database. */
function openInMemory(): Promise<StoreUnderTest> {
  const { now, passTime } = createClock();
  const file = openFile(":memory:");
  const open = (): Store => createSqliteStore(hostHere(createSqliteDatabase(file)), now);
  const restart = (): Promise<Store> => Promise.resolve(open());
  const dispose = (): Promise<void> => {
    if (file.isOpen) file.close();
    return Promise.resolve();
  };
  return Promise.resolve({ store: open(), passTime, restart, dispose });
}

describeStore("SQLite in a directory", openOnDisk);
describeStore("SQLite in memory", openInMemory);

describe("the SQLite store", () => {
  it("sets aside what waits of a full project a few thousand at a time, and wakes workers to go on", async () => {
    const database = createSqliteDatabase(openFile(":memory:"));
    const host = hostHere(database);
    const store = createSqliteStore(host);
    const full = await furnish(store);
    await store.saveSettings(full.project.id, { limits: { concurrentRuns: 1 } });
    const inWork = await full.start();
    const ids = await startMany(full, 10_000);
    const request = { worker: "worker-1", limit: 1, concurrentRuns: undefined, now: Date.now() };
    expect(database.claim(request)).toMatchObject({ runs: [], isUnfinished: true });
    const woken = store.claimable(never());
    expect(await store.claim("worker-1", 1)).toEqual([]);
    await woken;
    let looks = 0;
    while (database.claim(request).isUnfinished) looks++;
    expect(looks).toBeLessThan(10);
    await full.write({ ...append(inWork, 1, completed(2)), status: "completed" });
    expect((await store.claim("worker-1", 1)).map(({ id }) => id)).toEqual(ids.slice(0, 1));
    await store.close();
  });

  it("keeps its directory and files for this user alone", async () => {
    const dataDir = join(newDirectory(), "a", "b");
    const store = await openSqliteStore({ dataDir });
    await store.ping();
    const modes = readdirSync(dataDir).map((name) => [name, (statSync(join(dataDir, name)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({
      "lock.db": "600",
      "lock.pid": "600",
      "noukai.db": "600",
      "noukai.db-shm": "600",
      "noukai.db-wal": "600",
    });
    expect((statSync(dataDir).mode & 0o777).toString(8)).toBe("700");
    await store.close();
  });

  it("leaves one database file behind when it is closed, with everything that was under way in it", async () => {
    const dataDir = newDirectory();
    const store = await openSqliteStore({ dataDir });
    const { newRun } = await furnish(store);
    const runs = Array.from({ length: 20 }, () => newRun());
    const writes = runs.map((run) => store.append([{ kind: "create", run, events: [] }]));
    await store.close();
    await Promise.all(writes);
    expect(readdirSync(dataDir).toSorted()).toEqual(["lock.db", "lock.pid", "noukai.db"]);
    const reopened = await openSqliteStore({ dataDir });
    for (const { id } of runs) expect(await reopened.run(id)).toBeDefined();
    await reopened.close();
  });

  it("refuses a directory that this process has open, and keeps its hold of it", async () => {
    const dataDir = newDirectory();
    const store = await openSqliteStore({ dataDir });
    for (let attempt = 0; attempt < 2; attempt++) {
      const opening = openSqliteStore({ dataDir });
      await expect(opening).rejects.toThrow(`${dataDir} is in use by process ${process.pid}`);
      await expect(opening).rejects.toMatchObject({ name: "StoreUnavailableError" });
    }
    await store.ping();
    await store.close();
    await (await openSqliteStore({ dataDir })).close();
  });

  it("refuses a file that is no database and says so", async () => {
    const dataDir = newDirectory();
    writeFileSync(join(dataDir, "noukai.db"), "This is no database, and long enough to be looked at. ".repeat(100));
    const opening = openSqliteStore({ dataDir });
    await expect(opening).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(opening).rejects.toThrow("the file is not a database");
  });

  it("says what is wrong with a directory that cannot be made", async () => {
    const opening = openSqliteStore({ dataDir: "/dev/null/noukai" });
    await expect(opening).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(opening).rejects.toThrow("/dev/null/noukai cannot be used: ENOTDIR");
  });
});

describe("the memory store", () => {
  it("shares nothing with what was put in or taken out", async () => {
    const store = openMemoryStore();
    const { start, write } = await furnish(store);
    const input = { message: "hello" };
    const id = await start({ input });
    const output = { text: "fine" };
    await write(append(id, 1, completed(2, output)));
    input.message = "changed";
    output.text = "changed";
    expect(await store.run(id)).toMatchObject({ input: { message: "hello" } });
    expect(await store.eventsAfter(id, 1, 1)).toEqual([completed(2, { text: "fine" })]);
    await store.close();
  });
});

describe("a store whose clock was ahead for a while", () => {
  it("hands webhooks out when they would have been due", async () => {
    const { store, passTime } = await openInMemory();
    const { project, start, write } = await furnish(store);
    const query = { projectIds: [project.id], exceptHosts: [], limit: 10, leaseMs: 30_000 };
    const hourMs = 3_600_000;
    await passTime(hourMs);
    const url = "https://hooks.example.org/told";
    const [failed, unsent] = [
      await start({ webhook: { url, host: "a" } }),
      await start({ webhook: { url, host: "b" } }),
    ];
    await write({ ...append(failed, 1, completed(2)), status: "completed" });
    await store.claimDeliveries(query);
    await store.settleDelivery({ runId: failed, attempt: 1 }, { end: "failed", retryInMs: 5_000 });
    await write({ ...append(unsent, 1, completed(2)), status: "completed" });
    await passTime(-hourMs);
    expect(await store.claimDeliveries(query)).toMatchObject([{ runId: unsent, attempt: 1 }]);
    await passTime(5_000);
    expect(await store.claimDeliveries(query)).toMatchObject([{ runId: failed, attempt: 2 }]);
    await store.close();
  });
});
