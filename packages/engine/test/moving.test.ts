import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Moved, MoveMismatchError, type MoveProgress, moveStore } from "../src/moving/move.ts";
import { append, completed, furnish, written } from "../src/store/contract/subject.ts";
import { migrations } from "../src/store/migrations/postgres/all.ts";
import { connect } from "../src/store/postgres/connection.ts";
import { migrate } from "../src/store/postgres/migrations.ts";
import { openPostgresStore } from "../src/store/postgres/postgres-store.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";
import type { ExecutionChange, Store } from "../src/store/store.ts";
import { enrich, hard, type RichStore } from "./rich-store.ts";

// Each makes several databases, on a disk that others may be busy with.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "noukai-moving-"));
  return () => rm(directory, { recursive: true, force: true });
});

const place = (name: string): string => join(directory, name);

async function withStore<Result>(store: Store, work: (store: Store) => Promise<Result>): Promise<Result> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const embedded = (name: string): Promise<Store> => openSqliteStore({ dataDir: place(name) });

/** A data directory as a server leaves it that died in the middle of its work, for the second time. */
async function leaveRich(name: string): Promise<RichStore> {
  const rich = await withStore(await embedded(name), enrich);
  await withStore(await embedded(name), async (store) => {
    await store.recover();
    await store.claim("worker-3", 10);
  });
  return rich;
}

type Dump = Readonly<Record<string, readonly string[]>>;

/** Every row of every table, numbers and all. */
function dumpOf(name: string): Dump {
  const database = new DatabaseSync(join(place(name), "noukai.db"), { readOnly: true });
  const dump: Record<string, string[]> = {};
  for (const { name: table } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    dump[String(table)] = database
      .prepare(`SELECT * FROM ${String(table)}`)
      .all()
      .map((row) => JSON.stringify(row))
      .toSorted();
  }
  database.close();
  return dump;
}

async function query(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = await connect(url);
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The same of a database on PostgreSQL. */
async function dumpOfPostgres(url: string): Promise<Dump> {
  const dump: Record<string, string[]> = {};
  const tables = await query(url, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
  for (const { name } of tables) {
    dump[String(name)] = (await query(url, `SELECT * FROM ${String(name)}`))
      .map((row) => JSON.stringify(row))
      .toSorted();
  }
  return dump;
}

function hashesOf({ checks }: Moved): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ kind, from, to }) => [kind, from.hash === to.hash ? from.hash : "differs"]));
}

function countsOf({ checks }: Moved): Readonly<Record<string, number>> {
  return Object.fromEntries(checks.map(({ kind, to }) => [kind, to.count]));
}

describe("a move from one data directory to another", () => {
  it("has everything there, and leaves what it moved from as it was", async () => {
    await leaveRich("a");
    const before = dumpOf("a");
    const moved = await moveStore({ from: place("a"), to: place("b") });
    expect(dumpOf("a")).toEqual(before);
    expect(countsOf(moved)).toEqual({
      projects: 2,
      definitions: 2,
      flows: 2,
      versions: 2,
      "production versions": 1,
      "API keys": 2,
      credits: 2,
      "credit grants": 1,
      runs: 12,
      log: 21,
      "idempotency keys": 1,
      webhooks: 3,
      executions: 3,
      "execution changes": 11,
    });
    expect(moved.givenBack).toBe(5);
    expect(Object.values(hashesOf(moved))).not.toContain("differs");
    expect((await readdir(place("b"))).toSorted()).toEqual(["lock.db", "lock.pid", "noukai.db"]);
  });

  it("is tried with something in every column", async () => {
    await leaveRich("a");
    const blank: readonly unknown[] = [null, 0, "", "{}", "[]"];
    const isFilled = new Map<string, boolean>();
    for (const [table, rows] of Object.entries(dumpOf("a"))) {
      for (const row of rows) {
        for (const [column, value] of Object.entries(JSON.parse(row) as Record<string, unknown>)) {
          const name = `${table}.${column}`;
          isFilled.set(name, isFilled.get(name) === true || !blank.includes(value));
        }
      }
    }
    expect(isFilled.size).toBeGreaterThan(80);
    expect([...isFilled.keys()].filter((name) => isFilled.get(name) === false)).toEqual([]);
  });

  it("tells how far it is, and stops when it is told to, with nothing in the target", async () => {
    await leaveRich("a");
    const told: MoveProgress[] = [];
    await moveStore({ from: place("a"), to: place("b"), onProgress: (progress) => void told.push(progress) });
    expect(told.map(({ share }) => share)).toEqual(told.map(({ share }) => share).toSorted((x, y) => x - y));
    expect(told.at(0)).toMatchObject({ phase: "copy", kind: "projects", done: 0, total: 2, share: 0 });
    for (const step of told.keys()) {
      const stopping = new AbortController();
      let count = 0;
      const onProgress = (): void => {
        if (count++ === step) stopping.abort();
      };
      const move = moveStore({ from: place("a"), to: place("c"), signal: stopping.signal, onProgress });
      await expect(move).rejects.toThrow(/abort/);
      expect(await readdir(place("c"))).toEqual(["lock.db", "lock.pid", "noukai.db"]);
    }
    expect(Object.values(hashesOf(await moveStore({ from: place("a"), to: place("c") })))).not.toContain("differs");
  });

  it("refuses a source that is in use, that is not there, or that is the target, and a target that is full", async () => {
    const store = await embedded("a");
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      new RegExp(`^--from: The data directory .*/a is in use by process ${process.pid}. Stop that one`),
    );
    await store.close();
    await expect(moveStore({ from: place("nowhere"), to: place("b") })).rejects.toThrow(
      /^--from: .*nowhere holds no embedded database. Is it the directory that NOUKAI_DATA_DIR named\?$/,
    );
    await expect(moveStore({ from: place("a"), to: `${place("a")}/` })).rejects.toThrow(
      /^--from and --to are the same place/,
    );
    await (await embedded("c")).close();
    await expect(moveStore({ from: place("a"), to: place("c") })).rejects.toThrow(
      /^--to: .*c holds a database. Name a directory/,
    );
    await expect(moveStore({ from: place("a"), to: "mysql://root:canary@host/db" })).rejects.toThrow(
      /^--to: .* is neither a directory nor a URL such as postgres:/,
    );
    expect(await readdir(directory)).toEqual(["a", "c"]);
  });

  it("refuses a target with the write-ahead log of a database that is gone, which would be written into the new one", async () => {
    await leaveRich("a");
    await withStore(await embedded("gone"), async (store) => {
      await store.ensureProject("acme", "gone");
      await mkdir(place("b"));
      await copyFile(join(place("gone"), "noukai.db-wal"), join(place("b"), "noukai.db-wal"));
    });
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      /^--to: .*b holds what is left of a database, noukai.db-wal. Name a directory/,
    );
    expect(await readdir(place("b"))).toEqual(["noukai.db-wal"]);
  });

  it("refuses a source of another release, and says what to do", async () => {
    await (await embedded("a")).close();
    const change = (sql: string): void => {
      const database = new DatabaseSync(join(place("a"), "noukai.db"));
      database.exec(sql);
      database.close();
    };
    change("UPDATE schema_version SET version = 99 WHERE version = 1");
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      /version 99.*Move with the newer release/,
    );
    change("DELETE FROM schema_version WHERE version > 3");
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      /version 3, this release has \d+. Start the server on it once \(NOUKAI_DATA_DIR=.*a npm run serve\), stop it, and move then/,
    );
    change("DROP TABLE schema_version");
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      /a database that is none of Noukai's/,
    );
  });

  it("refuses what belongs to nothing, instead of losing it in silence", async () => {
    const { completed } = await leaveRich("a");
    const database = new DatabaseSync(join(place("a"), "noukai.db"), { enableForeignKeyConstraints: false });
    database.prepare("DELETE FROM run_inputs WHERE run_no = (SELECT no FROM runs WHERE id = ?)").run(completed);
    database.close();
    await expect(moveStore({ from: place("a"), to: place("b") })).rejects.toThrow(
      /^The source holds 12 runs, of which 1 belong to nothing else in it/,
    );
    expect(await readdir(place("b"))).not.toContain("moving.db");
  });
});

describePostgres("a move to PostgreSQL and back", (postgres) => {
  let first: TestDatabase;
  let second: TestDatabase;

  beforeEach(async () => {
    [first, second] = [await postgres.createDatabase(), await postgres.createDatabase()];
    return () => Promise.all([first.drop(), second.drop()]);
  });

  const onFirst = (): Promise<Store> => openPostgresStore({ url: first.url });

  it("has everything there again, to the last column", async () => {
    await leaveRich("a");
    await moveStore({ from: place("a"), to: place("b") });
    const up = await moveStore({ from: place("b"), to: first.url });
    const down = await moveStore({ from: first.url, to: place("c") });
    const upAgain = await moveStore({ from: place("c"), to: second.url });
    expect(hashesOf(down)).toEqual(hashesOf(up));
    expect(hashesOf(upAgain)).toEqual(hashesOf(up));
    expect(Object.values(hashesOf(up))).not.toContain("differs");
    expect(dumpOf("c")).toEqual(dumpOf("b"));
    expect(await dumpOfPostgres(second.url)).toEqual(await dumpOfPostgres(first.url));
  });

  it("gives back what was in work without counting a loss, and all that waits is handed out", async () => {
    const rich = await leaveRich("a");
    // A server that found nothing to do left its waiting room.
    await (await onFirst()).close();
    await moveStore({ from: place("a"), to: first.url });
    await withStore(await onFirst(), async (store) => {
      expect(await store.recover()).toBe(0);
      expect(await store.run(rich.inWork)).toMatchObject({ status: "pending", owner: null, losses: 1, epoch: 2 });
      expect(await store.execution(rich.execution)).toMatchObject({ status: "queued" });
      const claimed = (await store.claim("worker-9", 100)).map(({ id }) => id);
      expect(claimed).toEqual(expect.arrayContaining([rich.inWork, rich.execution, rich.waiting]));
      expect(claimed).toHaveLength(5);
      expect(await store.run(rich.later)).toMatchObject({ status: "pending", priority: 5 });
      expect(await store.append([append(rich.inWork, 3, completed(3))])).toEqual([written]);
    });
  });

  it("keeps keys, logs, text to the last character and the order of keys", async () => {
    const rich = await leaveRich("a");
    await moveStore({ from: place("a"), to: first.url });
    await withStore(await onFirst(), async (store) => {
      const log = await store.eventsAfter(rich.completed, 0, 10);
      expect(JSON.stringify(log[1])).toBe(JSON.stringify(completed(2, hard)));
      expect(JSON.stringify((await store.run(rich.completed))?.input)).toBe(JSON.stringify(hard));
      expect(await store.runByKey(rich.projectId, "call/1 é")).toMatchObject({ id: rich.completed });
      expect(await store.key("abcd0001")).toMatchObject({ revokedAt: 77, name: "Key 🗝" });
      expect(await store.key("abcd0002")).toMatchObject({ mode: "test", opensOrganisation: true });
      expect(await store.credits(rich.projectId)).toEqual({
        balanceUsd: "12.599999987655",
        spentUsd: "0.000000012345",
      });
      expect(await store.run(rich.pruned)).toMatchObject({ isPruned: true, input: {} });
    });
  });

  it("leaves cursors of changes where they were on the way up, and misses none on the way down", async () => {
    const rich = await leaveRich("a");
    const query = { projectIds: [rich.projectId], limit: 100 };
    const changesAfter = (store: Store, after: string) => store.executionChanges({ ...query, after });
    const before = await withStore(await embedded("a"), (store) => changesAfter(store, "0-0"));
    const seen = before[4]?.cursor ?? "";
    await moveStore({ from: place("a"), to: first.url });
    const up = await withStore(await onFirst(), async (store) => {
      const rest = await changesAfter(store, seen);
      expect(rest.slice(0, before.length - 5)).toEqual(before.slice(5));
      expect(rest.length).toBeGreaterThan(before.length - 5);
      await store.commandExecution(rich.edited, "key-4", { kind: "delete" });
      await expect.poll(async () => (await changesAfter(store, seen)).length).toBe(rest.length + 1);
      return changesAfter(store, "0-0");
    });
    await moveStore({ from: first.url, to: place("b") });
    await withStore(await embedded("b"), async (store) => {
      const facts = (changes: readonly ExecutionChange[]) => changes.map(({ cursor: _cursor, ...change }) => change);
      for (const [index, { cursor }] of up.entries()) {
        expect(facts(await changesAfter(store, cursor)).slice(-(up.length - index - 1) || up.length)).toEqual(
          facts(up.slice(index + 1)),
        );
      }
      await store.commandExecution(rich.execution, "key-4", { kind: "delete" });
      expect(await changesAfter(store, up.at(-1)?.cursor ?? "")).toMatchObject([{ status: "deleted" }]);
    });
  });

  it("leaves out keys of runs that were forgotten, which PostgreSQL keeps until they are used again", async () => {
    const run = await withStore(await onFirst(), async (store) => {
      const { flow, start, write } = await furnish(store);
      const ids = [];
      for (const key of ["gone", "kept"]) {
        const id = await start({ createdAt: 1, idempotency: { key, requestHash: "hash" } });
        await write({ ...append(id, 1, completed(2)), status: "completed" });
        ids.push(id);
      }
      expect(await store.forget(flow.id, Date.now() + 1, 1)).toBe(1);
      return store.run(ids[1] ?? "");
    });
    const moved = await moveStore({ from: first.url, to: place("a") });
    expect(countsOf(moved)).toMatchObject({ runs: 1, "idempotency keys": 1 });
    await withStore(await embedded("a"), async (store) => {
      expect(await store.runByKey(run?.projectId ?? "", "kept")).toMatchObject({ id: run?.id });
    });
  });

  it("leaves a full database of an older release as that release knows it", async () => {
    const older = migrations.slice(0, -1);
    const client = await connect(first.url);
    await migrate(client, older);
    await client.query("INSERT INTO projects (id, org, slug, settings) VALUES ('p', 'acme', 'spelling', '{}')");
    await client.end();
    await (await embedded("a")).close();
    await expect(moveStore({ from: place("a"), to: first.url })).rejects.toThrow(/^--to: .* is not empty/);
    expect(await query(first.url, "SELECT max(version) AS version FROM schema_version")).toEqual([
      { version: older.length },
    ]);
  });

  it("refuses a database in use, a full one, an empty source, the same on both sides, and one that is not there", async () => {
    const url = first.url;
    await expect(moveStore({ from: url, to: place("b") })).rejects.toThrow(
      /^--from: the PostgreSQL database holds nothing of Noukai's. Is it the right database\?$/,
    );
    const store = await onFirst();
    const inUse = "the PostgreSQL database is in use by 1 process. Stop every server on it first.";
    await expect(moveStore({ from: url, to: place("b") })).rejects.toThrow(`--from: ${inUse}`);
    await (await embedded("a")).close();
    await expect(moveStore({ from: place("a"), to: url })).rejects.toThrow(`--to: ${inUse}`);
    await store.ensureProject("acme", "spelling");
    await store.close();
    await expect(moveStore({ from: place("a"), to: url })).rejects.toThrow(
      "--to: the PostgreSQL database is not empty: it holds projects (1). Name an empty database (createdb makes one).",
    );
    await expect(
      moveStore({
        from: url,
        to: url.replace("postgresql:", "postgres:").concat(url.includes("?") ? "&" : "?", "application_name=other"),
      }),
    ).rejects.toThrow("--to: the PostgreSQL database is the database that is moved from. Name another one.");
    await expect(moveStore({ from: place("a"), to: "postgres://noukai:canary@127.0.0.1:1/noukai" })).rejects.toThrow(
      /^--to: PostgreSQL cannot serve: it cannot be reached \(ECONNREFUSED\)\.$/,
    );
    await query(url, "DELETE FROM schema_version WHERE version > 5");
    await expect(moveStore({ from: url, to: place("b") })).rejects.toThrow(
      /version 5.*Start the server on it once \(DATABASE_URL=/,
    );
  });

  it("refuses a source in which a run is still to be cancelled", async () => {
    const runId = await withStore(await onFirst(), async (store) => (await furnish(store)).start({ owner: null }));
    await query(first.url, `INSERT INTO cancel_requests (run_id) VALUES ('${runId}')`);
    await expect(moveStore({ from: first.url, to: place("a") })).rejects.toThrow(
      "--from: the PostgreSQL database has runs that are still to be cancelled (1). Start a server on it until they are",
    );
  });

  it("keeps servers waiting until it is over", async () => {
    await leaveRich("a");
    let opening: Promise<Store> | undefined;
    let hasOpened = false;
    const onProgress = ({ phase }: MoveProgress): void => {
      expect(hasOpened).toBe(false);
      if (phase === "check") opening ??= onFirst().finally(() => (hasOpened = true));
    };
    await moveStore({ from: place("a"), to: first.url, onProgress });
    const store = await opening;
    expect(await store?.projects()).toHaveLength(2);
    await store?.close();
  });

  it("finds what differs, names it, and leaves the target empty", async () => {
    const rich = await leaveRich("a");
    await (await onFirst()).close();
    await query(
      first.url,
      `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN NEW.events := replace(NEW.events, 'fine', 'fin'); RETURN NEW; END $$;
       CREATE TRIGGER spoil BEFORE INSERT ON log FOR EACH ROW WHEN (NEW.run_id = '${rich.inWork}') EXECUTE FUNCTION spoil()`,
    );
    const move = moveStore({ from: place("a"), to: first.url });
    const error = await move.catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(MoveMismatchError);
    expect(error).toMatchObject({ message: expect.stringContaining(`The log differ, first in ${rich.inWork}/2.`) });
    expect(await query(first.url, "SELECT count(*) AS count FROM runs")).toEqual([{ count: 0 }]);
  });

  it("refuses text that PostgreSQL cannot keep, and says where it is", async () => {
    await withStore(await embedded("a"), async (store) => {
      const { flow } = await furnish(store);
      await store.publish(flow.id, "before\0after", 1);
    });
    const move = moveStore({ from: place("a"), to: first.url });
    await expect(move).rejects.toThrow(/^PostgreSQL cannot keep note of versions .*\/1: there is a NUL in it/);
  });
});
