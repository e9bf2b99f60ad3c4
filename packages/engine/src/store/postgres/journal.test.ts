import { afterEach, beforeEach, expect, it } from "vitest";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { newRunId } from "../../run-id.ts";
import {
  append,
  completed,
  type Furnished,
  furnish,
  seize,
  staleEpoch,
  started,
  written,
} from "../contract/subject.ts";
import { toJournalRow } from "../journal-rows.ts";
import type { AppendOutcome, JournalEntry, Store } from "../store.ts";
import { type Connection, createPostgresDatabase, type PostgresDatabase } from "./connection.ts";
import { createPostgresJournal } from "./journal.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { prepare } from "./statement.ts";
import { openTickets, type Tickets } from "./tickets.ts";

describePostgres("the PostgreSQL journal", (postgres) => {
  let database: TestDatabase;
  let store: Store;
  let subject: Furnished;
  let pool: PostgresDatabase;
  let tickets: Tickets;
  /** What the journal asked the database for, in order. */
  let asked: string[];
  let write: (...entries: readonly JournalEntry[]) => Promise<readonly AppendOutcome[]>;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    store = await openPostgresStore({ url: database.url });
    subject = await furnish(store);
    pool = createPostgresDatabase(database.url);
    asked = [];
    tickets = await openTickets(pool);
    const journal = createPostgresJournal({ database: watched(pool), tickets, holder: 1 });
    write = (...entries) => journal.append(entries.map(toJournalRow), null);
  });
  afterEach(async () => {
    await tickets.close();
    await Promise.all([store.close(), pool.close()]);
    await database.drop();
  });

  /** The database, with what is asked of it written down. */
  function watched({ execute, transaction, close }: PostgresDatabase): PostgresDatabase {
    const watch = (connection: Connection): Connection => ({
      execute: (statement, values) => {
        asked.push(statement.name);
        return connection.execute(statement, values);
      },
    });
    return {
      ...watch({ execute }),
      close,
      transaction: (work) => {
        asked.push("transaction");
        return transaction((connection) => work(watch(connection)));
      },
    };
  }

  async function logOf(runId: string): Promise<readonly number[]> {
    return (await store.eventsAfter(runId, 0, 1_000)).map(({ seq }) => seq);
  }

  const create = (id: string, key?: string): JournalEntry => ({
    kind: "create",
    run: subject.newRun({ id, idempotency: key === undefined ? null : { key, requestHash: "hash" } }),
    events: [started()],
  });

  it("writes creations and appends of many runs with one statement and nothing around it", async () => {
    const [first, second] = [await subject.start(), await subject.start()];
    const third = newRunId();
    const outcomes = await write(append(first, 1, completed(2)), create(third, "call-1"), {
      ...append(second, 1, completed(2)),
      status: "completed",
    });
    expect(outcomes).toEqual([written, written, written]);
    expect(asked).toEqual(["write_round_creates_moves_ends"]);
    expect(await Promise.all([first, second, third].map(logOf))).toEqual([[1, 2], [1, 2], [1]]);
  });

  it("writes appends that go on from one another with one statement, each in a row of its own", async () => {
    const id = await subject.start();
    const entries = Array.from({ length: 256 }, (_, index) => append(id, 1, completed(2 + index)));
    expect(await write(...entries)).toEqual(entries.map(() => written));
    expect(asked).toEqual(["transaction", "write_round_moves"]);
    expect(await logOf(id)).toEqual(Array.from({ length: 257 }, (_, index) => index + 1));
    expect(await write(...entries.slice(100, 110))).toEqual(entries.slice(100, 110).map(() => written));
    expect(await logOf(id)).toHaveLength(257);
  });

  it("writes seizures with the statement that writes other moves", async () => {
    const [paused, waiting, other] = [
      await subject.start(),
      await subject.start({ owner: null }),
      await subject.start(),
    ];
    await write({ ...append(paused, 1, completed(2)), status: "paused" });
    asked = [];
    const outcomes = await write(
      seize(paused, 1, "running", completed(3)),
      seize(waiting, 0, "cancelled", completed(2)),
      append(other, 1, completed(2)),
    );
    expect(outcomes).toEqual([written, written, written]);
    expect(asked).toEqual(["write_round_moves_ends"]);
    expect(await Promise.all([paused, waiting, other].map(logOf))).toEqual([
      [1, 2, 3],
      [1, 2],
      [1, 2],
    ]);
  });

  it("asks what became of all entries that were not written at once", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => subject.start()));
    const known = await subject.start();
    const outcomes = await write(...ids.map((id) => append(id, 7, completed(2))), create(known, "call-1"));
    expect(outcomes).toEqual([...ids.map(() => staleEpoch), written]);
    expect(asked).toEqual(["write_round_creates_moves", "create_fates", "move_fates"]);
  });

  it("judges each of several appends for itself when one of them is at fault", async () => {
    const id = await subject.start();
    const before = append(id, 1, completed(2), completed(3));
    await write(before);
    const outcomes = await write(
      before,
      append(id, 1, completed(4)),
      append(id, 1, completed(5)),
      append(id, 1, completed(7)),
      { ...append(id, 1, completed(6)), status: "completed" },
      append(id, 1, completed(7)),
    );
    expect(outcomes).toEqual([
      written,
      written,
      written,
      { outcome: "refused", reason: expect.any(String) },
      written,
      staleEpoch,
    ]);
    expect(await logOf(id)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("writes what depends on each other in one commit, one after the other", async () => {
    const [first, second] = [newRunId(), newRunId()];
    const outcomes = await write(create(first, "call-1"), append(first, 1, completed(2)), create(second, "call-1"), {
      ...append(first, 1),
      status: "completed",
    });
    expect(outcomes).toEqual([written, written, { outcome: "duplicate", runId: first, sameRequest: true }, written]);
    expect(asked.filter((name) => name === "transaction")).toHaveLength(1);
    expect(await store.run(first)).toMatchObject({ status: "completed", lastSeq: 2 });
  });

  it("leaves nothing of a commit that breaks off", async () => {
    const id = await subject.start();
    let statements = 0;
    const failing: PostgresDatabase = {
      ...pool,
      transaction: (work) =>
        pool.transaction((connection) =>
          work({
            execute: (statement, values) =>
              ++statements === 2
                ? Promise.reject(new Error("The process dies here."))
                : connection.execute(statement, values),
          }),
        ),
    };
    const rows = [append(id, 1, completed(2)), append(id, 1, completed(2))].map(toJournalRow);
    const journal = createPostgresJournal({ database: failing, tickets, holder: 1 });
    await expect(journal.append(rows, null)).rejects.toThrow("The process dies here.");
    expect(await logOf(id)).toEqual([1]);
  });

  it.each<[string, (id: string) => JournalEntry]>([
    ["a run id that is no UUID", () => create("1")],
    ["an append to what is no UUID", () => append("1", 1, completed(2))],
    ["a NUL in an idempotency key", () => create(newRunId(), "a\0b")],
    ["an epoch beyond an integer", (id) => append(id, 2 ** 31, completed(2))],
    ["a seq beyond an integer", (id) => append(id, 1, completed(2 ** 31))],
    ["a time that is no whole number", (id) => append(id, 1, { ...completed(2), at: 0.5 })],
    [
      "a priority beyond an integer",
      () => ({ kind: "create", run: subject.newRun({ priority: 2 ** 31 }), events: [] }),
    ],
    ["an epoch whose next one is beyond an integer", (id) => seize(id, 2 ** 31 - 1, "running")],
    ["a NUL in the owner that seizes", (id) => ({ ...seize(id, 1, "running"), owner: "a\0b" })],
  ])("refuses only the entry with %s", async (_, bad) => {
    const [id, neighbour] = [await subject.start(), await subject.start()];
    const outcomes = await write(bad(id), append(neighbour, 1, completed(2)));
    expect(outcomes).toEqual([{ outcome: "refused", reason: expect.any(String) }, written]);
    expect(await logOf(id)).toEqual([1]);
  });

  it("keeps JSON text to the letter, with NUL and lone surrogates written out", async () => {
    const id = await subject.start();
    const event = completed(2, { z: "\u0000", a: "\ud800", "\udfff": 1 });
    await write(append(id, 1, event));
    const text = prepare<{ events: string }>("text", "SELECT events FROM log WHERE run_id = $1 AND last_seq = 2");
    expect(await text.get(pool, id)).toEqual({ events: JSON.stringify([event]) });
    expect(await store.eventsAfter(id, 1, 1)).toEqual([event]);
  });

  it.each<[string, (id: string) => JournalEntry]>([
    ["a run that is to wait", (id) => ({ kind: "create", run: subject.newRun({ id, owner: null }), events: [] })],
    [
      "a run of a project with a bound",
      (id) => ({ kind: "create", run: subject.newRun({ id, concurrentRuns: 9 }), events: [] }),
    ],
  ])("puts a transaction around the creation of %s, and around nothing else", async (_, create) => {
    const other = await subject.start();
    expect(await write(create(newRunId()), append(other, 1, completed(2)))).toEqual([written, written]);
    expect(asked.slice(0, 1)).toEqual(["transaction"]);
    expect(asked).toContain("write_round_creates_moves");
    asked = [];
    const paused = { ...append(other, 1, completed(3)), status: "paused" } as const;
    expect(await write(create(newRunId()), paused)).toEqual([written, written]);
    asked = [];
    expect(await write(seize(other, 1, "running", completed(4)))).toEqual([written]);
    expect(asked).toEqual(["write_round_moves"]);
  });

  it("prepares each statement once and plans it once", async () => {
    const id = await subject.start();
    const plans = prepare<{ custom: number; generic: number }>(
      "plans",
      "SELECT custom_plans AS custom, generic_plans AS generic FROM pg_prepared_statements WHERE name = 'write_round_moves'",
    );
    const uses = await pool.transaction(async (connection) => {
      const here = { ...pool, execute: connection.execute };
      const journal = createPostgresJournal({ database: here, tickets, holder: 1 });
      for (let seq = 2; seq < 12; seq++) await journal.append([toJournalRow(append(id, 1, completed(seq)))], null);
      return plans.get(connection);
    });
    expect(uses).toEqual({ custom: 0, generic: 10 });
    expect(await logOf(id)).toHaveLength(11);
  });
});
