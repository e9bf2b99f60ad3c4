import type { Client } from "pg";
import { afterEach, expect, it } from "vitest";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { furnish, seize, started, written } from "../contract/subject.ts";
import { migrations } from "../migrations/postgres/all.ts";
import type { RunRecord, Store } from "../store.ts";
import { connect } from "./connection.ts";
import { migrate } from "./migrations.ts";
import { openPostgresStore } from "./postgres-store.ts";

const uuid = (digit: number): string => `00000000-0000-7000-8000-00000000000${digit}`;

/** A run of each status, as the release with that schema wrote it; the first took an idempotency key, the last is of another flow. */
const dataOfVersion1 = `
  INSERT INTO projects (id, org, slug) VALUES ('project-1', 'acme', 'spelling');
  INSERT INTO definitions (hash, text) VALUES ('hash-1', '{"steps":[]}');
  INSERT INTO flows (id, project_id, slug, name, draft_hash, created_at, updated_at)
    VALUES ('flow-1', 'project-1', 'first', 'First', 'hash-1', 1, 1), ('flow-2', 'project-1', 'second', 'Second', 'hash-1', 1, 1);
  INSERT INTO runs (id, project_no, flow_no, flow_version, definition_no, traced, trigger, capture, input, options)
    VALUES
      ('${uuid(1)}', 1, 1, 0, 1, false, 'execute', 'off', '{"message":"hello"}', '{}'),
      ('${uuid(2)}', 1, 1, 0, 1, true, 'execute', 'off', '{"message":"hello"}', '{}'),
      ('${uuid(3)}', 1, 1, 0, 1, false, 'execute', 'full', '{"message":"hello"}', '{}'),
      ('${uuid(4)}', 1, 1, 0, 1, false, 'execute', 'off', '{"message":"hello"}', '{}'),
      ('${uuid(5)}', 1, 2, 0, 1, false, 'job', 'off', '{"message":"hello"}', '{}');
  INSERT INTO run_states (run_id, created_at, started_at, completed_at, last_seq, epoch, holder, owner, status)
    VALUES
      ('${uuid(1)}', 10, 10, 90, 1, 1, NULL, NULL, 'completed'),
      ('${uuid(2)}', 15, 15, 95, 1, 1, NULL, NULL, 'failed'),
      ('${uuid(3)}', 30, 35, NULL, 1, 1, 1, 'gone', 'running'),
      ('${uuid(4)}', 40, 45, NULL, 1, 1, 1, 'gone', 'paused'),
      ('${uuid(5)}', 20, NULL, NULL, 1, 0, NULL, NULL, 'pending');
  SELECT nextval('holder_numbers');
  INSERT INTO log (run_id, last_seq, epoch, events)
    SELECT run_id, 1, epoch, '[{"seq":1,"at":1001,"type":"run_started","stepCount":1}]' FROM run_states;
  INSERT INTO idempotency_keys VALUES (1, 'call-1', '${uuid(1)}', 'hash', 1000);
`;

/** A run that waits and one that is over, as the release with that schema wrote them. */
const dataOfVersion2 = `
  INSERT INTO projects (id, org, slug) VALUES ('project-1', 'acme', 'spelling');
  INSERT INTO definitions (hash, text) VALUES ('hash-1', '{"steps":[]}');
  INSERT INTO flows (id, project_id, slug, name, draft_hash, created_at, updated_at)
    VALUES ('flow-1', 'project-1', 'first', 'First', 'hash-1', 1, 1);
  INSERT INTO runs (id, project_no, flow_no, flow_version, definition_no, traced, trigger, capture, input, options)
    VALUES
      ('${uuid(1)}', 1, 1, 0, 1, false, 'execute', 'off', '{"message":"hello"}', '{}'),
      ('${uuid(2)}', 1, 1, 0, 1, false, 'execute', 'off', '{"message":"hello"}', '{}');
  INSERT INTO run_states (run_id, created_at, started_at, completed_at, last_seq, epoch, status, flow_no, ready_at, is_prunable)
    VALUES
      ('${uuid(1)}', 10, NULL, NULL, 1, 0, 'pending', 1, 10, true),
      ('${uuid(2)}', 10, 10, 90, 1, 1, 'completed', 1, 10, true);
  INSERT INTO log (run_id, last_seq, epoch, events)
    SELECT run_id, 1, epoch, '[{"seq":1,"at":1001,"type":"run_started","stepCount":1}]' FROM run_states;
`;

const dataOfVersion4 = `${dataOfVersion2}
  UPDATE projects SET settings = '{"creditsUsd":5}';
  UPDATE flows SET retention_days = 30;
`;

/** What databases held before each migration, from version 0 on: a new migration needs one more. */
const dataOfVersions: readonly string[] = [
  "",
  dataOfVersion1,
  dataOfVersion2,
  dataOfVersion2,
  dataOfVersion4,
  dataOfVersion4,
  dataOfVersion4,
  dataOfVersion4,
  dataOfVersion4,
];

describePostgres("PostgreSQL migrations", (postgres) => {
  const databases: TestDatabase[] = [];
  const clients: Client[] = [];
  const stores: Store[] = [];

  async function newDatabase(): Promise<TestDatabase> {
    const database = await postgres.createDatabase();
    databases.push(database);
    return database;
  }

  async function connectTo({ url }: TestDatabase): Promise<Client> {
    const client = await connect(url);
    clients.push(client);
    return client;
  }

  const newClient = async (): Promise<Client> => connectTo(await newDatabase());

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await Promise.all(databases.splice(0).map((database) => database.drop()));
  });

  /** A database as the release with that schema left it. */
  async function leftBy(version: number, database: TestDatabase): Promise<Client> {
    const client = await connectTo(database);
    await migrate(client, migrations.slice(0, version));
    const data = dataOfVersions[version];
    if (data === undefined) throw new Error(`There are no data of schema version ${version} to migrate.`);
    await client.query(data);
    return client;
  }

  async function openMigrated(version: number): Promise<Store> {
    const database = await newDatabase();
    await leftBy(version, database);
    const store = await openPostgresStore({ url: database.url, now: () => 500 });
    stores.push(store);
    return store;
  }

  async function rowsOf(client: Client, sql: string): Promise<readonly unknown[]> {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  }

  /** Every column, constraint, index, sequence and storage option, as PostgreSQL remembers them. */
  async function schemaOf(client: Client): Promise<readonly unknown[]> {
    const questions = [
      `SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, identity_generation
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
      `SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS says
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
      "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef",
      "SELECT sequencename, data_type, cycle FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename",
      "SELECT relname, reloptions, relpersistence FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
    ];
    const answers: unknown[] = [];
    for (const question of questions) answers.push(await rowsOf(client, question));
    return answers;
  }

  async function versionsOf(client: Client): Promise<readonly unknown[]> {
    const { rows } = await client.query<{ version: number }>("SELECT version FROM schema_version ORDER BY version");
    return rows.map(({ version }) => version);
  }

  it.each(migrations.map((_, version) => version))(
    "lead from version %i to the schema of a fresh database",
    async (version) => {
      const fresh = await newClient();
      await migrate(fresh, migrations);
      const older = await leftBy(version, await newDatabase());
      await migrate(older, migrations);
      expect(await schemaOf(older)).toEqual(await schemaOf(fresh));
      expect(await versionsOf(older)).toEqual(migrations.map((_, index) => index + 1));
    },
  );

  it("keep the runs of version 1 and their logs, and those that were paused lose their holder", async () => {
    const store = await openMigrated(1);
    const ids = [1, 2, 3, 4, 5].map(uuid);
    const runs = await Promise.all(ids.map((id) => store.run(id)));
    const common = { lastSeq: 1, priority: 0, isPruned: false, input: { message: "hello" } };
    expect(runs).toMatchObject([
      { ...common, status: "completed", readyAt: 10, pausedAt: null, completedAt: 90 },
      { ...common, status: "failed", readyAt: 15, pausedAt: null, completedAt: 95 },
      { ...common, status: "running", readyAt: 30, pausedAt: null, owner: "gone" },
      { ...common, status: "paused", readyAt: 40, pausedAt: 45, owner: null, epoch: 1 },
      { ...common, status: "pending", readyAt: 20, pausedAt: null },
    ]);
    for (const id of ids) expect(await store.eventsAfter(id, 0, 10)).toEqual([started()]);
  });

  it("list the runs of version 1 as if they had been written today", async () => {
    const store = await openMigrated(1);
    const query = { projectId: "project-1", limit: 10 };
    const idsOf = (runs: readonly RunRecord[]): readonly string[] => runs.map(({ id }) => id);
    expect(idsOf(await store.runs(query))).toEqual([5, 4, 3, 2, 1].map(uuid));
    expect(idsOf(await store.runs({ ...query, statuses: ["paused", "completed"] }))).toEqual([4, 1].map(uuid));
    expect(idsOf(await store.runs({ ...query, flowId: "flow-2" }))).toEqual([uuid(5)]);
    expect(idsOf(await store.pausedBefore(50, 10))).toEqual([uuid(4)]);
    expect(idsOf(await store.prunable(100, 10))).toEqual([uuid(1)]);
    expect(await store.runByKey("project-1", "call-1")).toMatchObject({ id: uuid(1) });
  });

  it("let the runs of version 1 go on", async () => {
    const store = await openMigrated(1);
    expect(await store.recover()).toBe(1);
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: uuid(3), losses: 1 }, { id: uuid(5) }]);
    expect(await store.append([seize(uuid(4), 1, "running")])).toEqual([written]);
    await store.prune(uuid(1), [started()]);
    expect(await store.run(uuid(1))).toMatchObject({ isPruned: true, input: {} });
  });

  it("give the runs tickets that waited in version 7", async () => {
    const store = await openMigrated(7);
    expect(await store.claim("worker-2", 10)).toMatchObject([{ id: uuid(1), epoch: 1 }]);
    expect(await store.claim("worker-2", 10)).toEqual([]);
  });

  it("change nothing the second time", async () => {
    const client = await newClient();
    await migrate(client, migrations);
    const schema = await schemaOf(client);
    await migrate(client, migrations);
    expect(await schemaOf(client)).toEqual(schema);
    expect(await versionsOf(client)).toEqual(migrations.map((_, index) => index + 1));
  });

  it("are applied in order, each once, and keep what is stored", async () => {
    const client = await newClient();
    const first = ["CREATE TABLE words (text text)", "INSERT INTO words VALUES ('kept')"];
    await migrate(client, first);
    await migrate(client, [
      ...first,
      "ALTER TABLE words ADD COLUMN length integer; UPDATE words SET length = length(text)",
    ]);
    expect(await rowsOf(client, "SELECT text, length FROM words")).toEqual([{ text: "kept", length: 4 }]);
    expect(await versionsOf(client)).toEqual([1, 2, 3]);
  });

  it("leave the last whole version when one of them fails half-way, and keep nobody waiting", async () => {
    const database = await newDatabase();
    const client = await connectTo(database);
    const good = "CREATE TABLE words (text text)";
    const bad = "CREATE TABLE more (text text); INSERT INTO nowhere VALUES (1)";
    await expect(migrate(client, [good, bad])).rejects.toThrow(/nowhere/);
    expect(await versionsOf(client)).toEqual([1]);
    expect(await rowsOf(client, "SELECT to_regclass('words') AS words, to_regclass('more') AS more")).toEqual([
      { words: "words", more: null },
    ]);
    const other = await connectTo(database);
    await migrate(other, [good, "CREATE TABLE more (text text)"]);
    expect(await versionsOf(other)).toEqual([1, 2]);
  });

  it("refuse a database of a newer release and say what to do", async () => {
    const client = await newClient();
    await migrate(client, ["CREATE TABLE words (text text)", "CREATE TABLE more (text text)"]);
    const schema = await schemaOf(client);
    await expect(migrate(client, ["CREATE TABLE words (text text)"])).rejects.toThrow(
      /version 2.*knows 1.*newer release/,
    );
    expect(await schemaOf(client)).toEqual(schema);
  });

  it("are applied once by processes that start at the same moment", async () => {
    const database = await newDatabase();
    const slow = ["CREATE TABLE words (text text)", "INSERT INTO words SELECT 'once' FROM pg_sleep(0.05)"];
    const together = await Promise.all(Array.from({ length: 4 }, () => connectTo(database)));
    await Promise.all(together.map((client) => migrate(client, slow)));
    expect(await rowsOf(await connectTo(database), "SELECT text FROM words")).toEqual([{ text: "once" }]);
  });

  it("let stores open an empty database at the same moment", async () => {
    const { url } = await newDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openPostgresStore({ url })));
    await Promise.all(stores.map((store) => store.ping()));
    const [first, ...others] = stores;
    if (first === undefined) throw new Error("There is no store.");
    const id = await (await furnish(first)).start({ owner: null });
    const claims = await Promise.all(others.map((store) => store.claim("worker-2", 1)));
    expect(claims.flat()).toMatchObject([{ id }]);
    await Promise.all(stores.map((store) => store.close()));
  });
});
