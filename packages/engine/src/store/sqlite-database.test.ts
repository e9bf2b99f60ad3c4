import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { append, completed, furnish } from "./contract/subject.ts";
import { createSqliteDatabase, openFile } from "./sqlite-database.ts";
import { createSqliteStore, hostHere } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

let directory: string;
let path: string;
let file: DatabaseSync;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "noukai-database-"));
  path = join(directory, "noukai.db");
  file = openFile(path);
  store = createSqliteStore(hostHere(createSqliteDatabase(file)));
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

function pragma(name: string): unknown {
  return Object.values(file.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

describe("the SQLite database", () => {
  it("syncs every commit of its write-ahead log and checks foreign keys", () => {
    expect({
      journal: pragma("journal_mode"),
      synchronous: pragma("synchronous"),
      foreignKeys: pragma("foreign_keys"),
    }).toEqual({ journal: "wal", synchronous: 2, foreignKeys: 1 });
  });

  it("stays sound and small through a life of runs", async () => {
    const { start, write } = await furnish(store);
    for (let count = 0; count < 50; count++) {
      const id = await start({ idempotency: { key: `call-${count}`, requestHash: "hash" } });
      await write({ ...append(id, 1, completed(2)), status: "completed" });
    }
    expect(pragma("integrity_check")).toBe("ok");
    expect(file.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
    expect(file.prepare("SELECT count(*) AS count FROM log").get()).toEqual({ count: 100 });
  });

  it("is unavailable while another writer keeps it locked, and serves again afterwards", async () => {
    const { start, write } = await furnish(store);
    const id = await start();
    file.exec("PRAGMA busy_timeout = 0");
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await expect(write(append(id, 1, completed(2)))).rejects.toMatchObject({
      name: "StoreUnavailableError",
      message: "The embedded database cannot serve: the database is locked.",
    });
    await expect(store.ping()).rejects.toMatchObject({ name: "StoreUnavailableError" });
    expect(await store.run(id)).toMatchObject({ lastSeq: 1 });
    other.close();
    expect(await write(append(id, 1, completed(2)))).toEqual({ outcome: "written" });
  });

  it("is unavailable when the disk is full, changes nothing, and takes the same commit once there is room", async () => {
    const { newRun, start } = await furnish(store);
    const small = await start();
    const pages = Number(pragma("page_count"));
    file.exec(`PRAGMA max_page_count = ${pages + 20}`);
    const run = newRun({ input: { message: "x".repeat(200_000) } });
    const entries = [append(small, 1, completed(2)), { kind: "create", run, events: [] }] as const;
    const refused = store.append(entries);
    await expect(refused).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(refused).rejects.toThrow("the disk is full");
    expect(await store.run(small)).toMatchObject({ lastSeq: 1 });
    expect(await store.run(run.id)).toBeUndefined();
    file.exec(`PRAGMA max_page_count = ${pages + 1_000}`);
    expect(await store.append(entries)).toEqual([{ outcome: "written" }, { outcome: "written" }]);
  });

  it("looks at no more rows than it wants, whatever is stored", () => {
    const recorder = new RecordingDatabase(":memory:");
    createSqliteDatabase(recorder);
    // What waits for its turn is read from one end.
    const growing = /SCAN (?!runs USING INDEX waiting_runs)(runs|run_inputs|log|idempotency_keys|versions|definitions)/;
    // The plan of a plain INSERT lists look-ups for deferred foreign keys, of which there are none.
    const wanted = recorder.statements.filter((sql) => /^\s*(SELECT|UPDATE)/.test(sql));
    expect(wanted.length).toBeGreaterThan(20);
    for (const sql of wanted) {
      const plan = recorder.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      expect(plan.map((row) => row["detail"]).filter((detail) => growing.test(String(detail)))).toEqual([]);
    }
  });

  it("sorts nothing but the pages that a list of runs is made of", () => {
    const recorder = new RecordingDatabase(":memory:");
    createSqliteDatabase(recorder);
    const sorting = recorder.statements
      .filter((sql) => /^\s*SELECT[^]*ORDER BY/.test(sql))
      .filter((sql) =>
        recorder
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .some((row) => String(row["detail"]).includes("TEMP B-TREE")),
      );
    expect(sorting).toEqual([expect.stringContaining("groups AS MATERIALIZED")]);
  });
});

/** Remembers what is prepared. */
class RecordingDatabase extends DatabaseSync {
  readonly statements: string[] = [];

  override prepare(sql: string): StatementSync {
    this.statements.push(sql);
    return super.prepare(sql);
  }
}
