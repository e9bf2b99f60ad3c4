import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, test } from "vitest";
import { migrations } from "./migrations/sqlite/all.ts";
import { furnish, seize, started } from "./contract/subject.ts";
import { createSqliteDatabase } from "./sqlite-database.ts";
import { migrate } from "./sqlite-migrations.ts";
import { createSqliteStore, hostHere } from "./sqlite-store.ts";
import type { RunStatus, Store } from "./store.ts";

function newDatabase(): DatabaseSync {
  return new DatabaseSync(":memory:");
}

/** Every table and index, as SQLite remembers it. */
function schemaOf(database: DatabaseSync): readonly unknown[] {
  return database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all();
}

function versionsOf(database: DatabaseSync): readonly unknown[] {
  return database
    .prepare("SELECT version FROM schema_version ORDER BY version")
    .all()
    .map((row) => row["version"]);
}

/** A run of each status, as the release with that schema wrote it; the one of `completed` took an idempotency key. */
const dataOfVersion1 = `
  INSERT INTO projects (id, org, slug) VALUES ('project-1', 'acme', 'spelling');
  INSERT INTO definitions VALUES ('hash-1', '{"steps":[]}');
  INSERT INTO flows (id, project_id, slug, name, draft_hash, created_at, updated_at)
    VALUES ('flow-2', 'project-1', 'second', 'Second', 'hash-1', 1, 1), ('flow-1', 'project-1', 'first', 'First', 'hash-1', 1, 1);
  INSERT INTO runs (id, project_id, flow_id, flow_version, definition_hash, trigger, capture, traced, status, epoch, owner,
                    created_at, started_at, completed_at)
    VALUES
      ('run-completed', 'project-1', 'flow-1', 0, 'hash-1', 'execute', 'off', 0, 'completed', 1, NULL, 10, 10, 90),
      ('run-pending', 'project-1', 'flow-2', 0, 'hash-1', 'job', 'full', 0, 'pending', 0, NULL, 20, NULL, NULL),
      ('run-running', 'project-1', 'flow-1', 0, 'hash-1', 'execute', 'full', 0, 'running', 1, 'gone', 30, 35, NULL),
      ('run-paused', 'project-1', 'flow-1', 0, 'hash-1', 'execute', 'full', 0, 'paused', 1, 'gone', 40, 45, NULL);
  INSERT INTO run_inputs SELECT no, '{"message":"hello"}', '{}', NULL, NULL FROM runs;
  UPDATE run_inputs SET request_hash = 'hash', key_expires_at = 1000 WHERE run_no = 1;
  INSERT INTO idempotency_keys VALUES (1, 'call-1', 1);
  INSERT INTO log (run_no, last_seq, epoch, events)
    SELECT no, 1, epoch, '[{"seq":1,"at":1001,"type":"run_started","stepCount":1}]' FROM runs;
`;

/** A run that is over and one that took its idempotency key since, as the release with that schema wrote them. */
const dataOfVersion2 = `
  INSERT INTO projects (id, org, slug) VALUES ('project-1', 'acme', 'spelling');
  INSERT INTO definitions VALUES ('hash-1', '{"steps":[]}');
  INSERT INTO flows (no, id, project_id, slug, name, draft_hash, created_at, updated_at)
    VALUES (1, 'flow-1', 'project-1', 'first', 'First', 'hash-1', 1, 1);
  INSERT INTO runs (id, project_id, flow_id, flow_no, flow_version, definition_hash, trigger, capture, traced, status, epoch, owner,
                    created_at, started_at, completed_at)
    VALUES
      ('00000000-0000-7000-8000-000000000001', 'project-1', 'flow-1', 1, 0, 'hash-1', 'execute', 'off', 0, 'completed', 1, NULL, 10, 10, 90),
      ('00000000-0000-7000-8000-000000000002', 'project-1', 'flow-1', 1, 0, 'hash-1', 'execute', 'off', 0, 'completed', 1, NULL, 10, 10, 90);
  INSERT INTO run_inputs (run_no, input, options, request_hash, key_expires_at) SELECT no, '{}', '{}', 'hash', 1000 FROM runs;
  INSERT INTO idempotency_keys VALUES (1, 'call-1', 2);
  INSERT INTO log (run_no, last_seq, epoch, events)
    SELECT no, 1, epoch, '[{"seq":1,"at":1001,"type":"run_started","stepCount":1}]' FROM runs;
`;

const dataOfVersion3 = `${dataOfVersion2}
  UPDATE projects SET settings = '{"creditsUsd":5}';
  UPDATE flows SET retention_days = 30;
`;

/** What databases held before each migration, from version 0 on: a new migration needs one more. */
const dataOfVersions: readonly string[] = [
  "",
  dataOfVersion1,
  dataOfVersion2,
  dataOfVersion3,
  dataOfVersion3,
  dataOfVersion3,
  dataOfVersion3,
];

/** A database as the release with that schema left it. */
function leftBy(version: number): DatabaseSync {
  const database = newDatabase();
  migrate(database, migrations.slice(0, version));
  const data = dataOfVersions[version];
  if (data === undefined) throw new Error(`There are no data of schema version ${version} to migrate.`);
  database.exec(data);
  return database;
}

function openMigrated(version: number): Store {
  const database = leftBy(version);
  return createSqliteStore(hostHere(createSqliteDatabase(database)), () => 500);
}

describe("a database of version 1", () => {
  const runIds = ["run-completed", "run-pending", "run-running", "run-paused"];

  it("keeps its runs and their logs, and those that were paused lose their holder", async () => {
    const store = openMigrated(1);
    const runs = await Promise.all(runIds.map((id) => store.run(id)));
    const common = { lastSeq: 1, priority: 0, isPruned: false, input: { message: "hello" }, owner: null };
    expect(runs).toMatchObject([
      { ...common, status: "completed", readyAt: 10, pausedAt: null, completedAt: 90 },
      { ...common, status: "pending", readyAt: 20, pausedAt: null },
      { ...common, status: "running", readyAt: 30, pausedAt: null },
      { ...common, status: "paused", readyAt: 40, pausedAt: 45, epoch: 1 },
    ]);
    for (const id of runIds) expect(await store.eventsAfter(id, 0, 10)).toEqual([started()]);
  });

  it("lists its runs as if they had been written today", async () => {
    const store = openMigrated(1);
    const listed = async (statuses?: readonly RunStatus[]) => {
      const runs = await store.runs({
        projectId: "project-1",
        limit: 10,
        ...(statuses === undefined ? {} : { statuses }),
      });
      return runs.map(({ id }) => id);
    };
    expect(await listed()).toEqual(runIds.toReversed());
    expect(await listed(["paused", "completed"])).toEqual(["run-paused", "run-completed"]);
    expect(await store.runs({ projectId: "project-1", flowId: "flow-2", limit: 10 })).toMatchObject([
      { id: "run-pending" },
    ]);
    expect(await store.pausedBefore(50, 10)).toMatchObject([{ id: "run-paused" }]);
    expect(await store.prunable(100, 10)).toMatchObject([{ id: "run-completed" }]);
    expect(await store.runByKey("project-1", "call-1")).toMatchObject({ id: "run-completed" });
  });

  it("goes on with its runs and takes new flows and runs", async () => {
    const store = openMigrated(1);
    expect(await store.recover()).toBe(1);
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: "run-running", losses: 1 }, { id: "run-pending" }]);
    const { project, start, write } = await furnish(store);
    expect(await write(seize("run-paused", 1, "running"))).toEqual({ outcome: "written" });
    const id = await start();
    expect(await store.runs({ projectId: project.id, limit: 1 })).toMatchObject([{ id }]);
  });
});

test("runs of version 2 are deleted with the idempotency keys that are theirs", async () => {
  const store = openMigrated(2);
  expect(await store.runByKey("project-1", "call-1")).toMatchObject({ id: "00000000-0000-7000-8000-000000000002" });
  expect(await store.forget("flow-1", 100, 1)).toBe(1);
  expect(await store.runByKey("project-1", "call-1")).toMatchObject({ id: "00000000-0000-7000-8000-000000000002" });
  expect(await store.forget("flow-1", 100, 1)).toBe(1);
  expect(await store.runByKey("project-1", "call-1")).toBeUndefined();
});

describe("migrations", () => {
  it.each(migrations.map((_, version) => version))(
    "lead from version %i to the schema of a fresh database",
    (version) => {
      const fresh = newDatabase();
      migrate(fresh, migrations);
      const older = leftBy(version);
      migrate(older, migrations);
      expect(older.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
      expect(older.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      expect(schemaOf(older)).toEqual(schemaOf(fresh));
      expect(versionsOf(older)).toEqual(migrations.map((_, index) => index + 1));
    },
  );

  it("change nothing the second time", () => {
    const database = newDatabase();
    migrate(database, migrations);
    const schema = schemaOf(database);
    migrate(database, migrations);
    expect(schemaOf(database)).toEqual(schema);
    expect(versionsOf(database)).toEqual(migrations.map((_, index) => index + 1));
  });

  it("are applied in order, each once, and keep what is stored", () => {
    const database = newDatabase();
    const first = ["CREATE TABLE words (text TEXT) STRICT", "INSERT INTO words VALUES ('kept')"];
    migrate(database, first);
    migrate(database, [
      ...first,
      "ALTER TABLE words ADD COLUMN length INTEGER; UPDATE words SET length = length(text)",
    ]);
    expect(database.prepare("SELECT text, length FROM words").all()).toEqual([{ text: "kept", length: 4 }]);
    expect(versionsOf(database)).toEqual([1, 2, 3]);
  });

  it("leave the last whole version when one of them fails half-way", () => {
    const database = newDatabase();
    const good = "CREATE TABLE words (text TEXT) STRICT";
    const bad = "CREATE TABLE more (text TEXT) STRICT; INSERT INTO nowhere VALUES (1)";
    expect(() => migrate(database, [good, bad])).toThrow(/nowhere/);
    expect(versionsOf(database)).toEqual([1]);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('words', 'more')").all()).toEqual([
      { name: "words" },
    ]);
  });

  it("refuse a database of a newer release and say what to do", () => {
    const database = newDatabase();
    migrate(database, ["CREATE TABLE words (text TEXT) STRICT", "CREATE TABLE more (text TEXT) STRICT"]);
    const schema = schemaOf(database);
    expect(() => migrate(database, ["CREATE TABLE words (text TEXT) STRICT"])).toThrow(
      /version 2.*knows 1.*newer release/,
    );
    expect(schemaOf(database)).toEqual(schema);
  });
});
