import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteStore } from "./sqlite-store.ts";
import { SqliteThread, startSqliteThread } from "./sqlite-thread.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "noukai-thread-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function startWorker(): Worker {
  return new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData: { dataDir } });
}

const unavailable = { name: "StoreUnavailableError" };

describe("the database thread", () => {
  it("answers calls in the order in which they were made", async () => {
    const thread = await startSqliteThread({ dataDir });
    const answers: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map(async (slug) => {
        await thread.call("ensureProject", "acme", slug);
        answers.push(slug);
      }),
    );
    expect(answers).toEqual(["a", "b", "c"]);
    expect(await thread.call("projects")).toMatchObject([{ slug: "a" }, { slug: "b" }, { slug: "c" }]);
    await thread.close();
  });

  it("carries the database's own faults over with their message", async () => {
    const thread = await startSqliteThread({ dataDir });
    await expect(thread.call("publish", "no-such-flow", null, 1)).rejects.toThrow(
      "There is no flow no-such-flow in the store.",
    );
    await expect(thread.call("publish", "no-such-flow", null, 1)).rejects.not.toMatchObject(unavailable);
    await thread.close();
  });

  it("rejects a call whose arguments cannot cross, and goes on", async () => {
    const thread = await startSqliteThread({ dataDir });
    // @ts-expect-error: a function is no slug.
    await expect(thread.call("ensureProject", "acme", () => "spelling")).rejects.toThrow(/could not be cloned/);
    expect(await thread.call("projects")).toEqual([]);
    await thread.close();
  });

  it("rejects what is under way and what comes later when it dies", async () => {
    const worker = startWorker();
    const thread = new SqliteThread(worker);
    await thread.opened;
    const store = createSqliteStore(thread);
    const underWay = store.ping();
    const dead = worker.terminate();
    await expect(underWay).rejects.toMatchObject(unavailable);
    await dead;
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    await expect(store.append([])).rejects.toMatchObject(unavailable);
    await store.close();
  });

  it("lets the next one in after it died", async () => {
    const worker = startWorker();
    await new SqliteThread(worker).opened;
    await worker.terminate();
    const next = await startSqliteThread({ dataDir });
    expect(await next.call("projects")).toEqual([]);
    await next.close();
  });

  it("answers what was asked before it was closed, and nothing after", async () => {
    const thread = await startSqliteThread({ dataDir });
    const before = thread.call("ensureProject", "acme", "spelling");
    const closing = thread.close();
    await expect(thread.call("projects")).rejects.toMatchObject(unavailable);
    expect(await before).toMatchObject({ slug: "spelling" });
    await closing;
    await thread.close();
  });
});
