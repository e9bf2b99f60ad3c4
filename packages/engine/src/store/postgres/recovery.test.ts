import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import fc from "fast-check";
import pg from "pg";
import { afterEach, beforeEach, expect, it, test } from "vitest";
import { append, type Furnished, furnish, never } from "../contract/subject.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { untilTurn } from "./recovery.ts";

test("each process looks once a round, at a place of its own, wherever in the round it asks", () => {
  const world = fc.record({ count: fc.integer({ min: 1, max: 60 }), now: fc.integer({ min: 1e12, max: 2e12 }) });
  fc.assert(
    fc.property(world, ({ count, now }) => {
      const roundMs = Math.max(250, count * 125);
      const places = Array.from({ length: count }, (_, rank) => {
        const waitMs = untilTurn({ rank, count, now });
        expect(waitMs).toBeGreaterThanOrEqual(roundMs / 4);
        expect(waitMs).toBeLessThan(roundMs * 1.25);
        return ((now + waitMs) % roundMs) / (roundMs / count);
      });
      // As many places as processes, evenly apart.
      expect(new Set(places.map((place) => Math.round(place) % count)).size).toBe(count);
    }),
  );
});

/** What the store asks for the time says what it would if the database's clock had been set. */
const clockThatCanBeSet = `
  CREATE TABLE clock_steps (ms bigint);
  CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.clock_timestamp() + coalesce((SELECT sum(ms) FROM public.clock_steps), 0) * interval '1 millisecond'
  $$`;

describePostgres("processes that watch over each other", (postgres) => {
  let database: TestDatabase;
  let here: Store;
  let there: Store;
  let subject: Furnished;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    [here, there] = (await Promise.all(
      [1, 2].map(() => openPostgresStore({ url: database.url, rereadMs: 600_000 })),
    )) as [Store, Store]; // as many as were opened
    subject = await furnish(here);
    for (const store of [here, there]) await store.recover();
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  async function query(text: string, ...values: unknown[]): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(text, values);
    await client.end();
    return rows as Record<string, unknown>[]; // what `pg` gives
  }

  it("take one that was not heard of for long for gone although it has its lock, and it hears of that", async () => {
    const id = await subject.start();
    const doubted = here.nodes?.doubted(never());
    let recovered = 0;
    // It beats again meanwhile.
    while (recovered === 0) {
      await execute(
        database.url,
        "UPDATE workers SET beat_at = 0 WHERE no = (SELECT holder FROM run_states WHERE holder IS NOT NULL)",
      );
      recovered = await there.recover();
    }
    expect(await here.nodes?.held("worker-1")).toEqual([]);
    expect(await here.run(id)).toMatchObject({ status: "pending", losses: 1 });
    await doubted;
    await expect
      .poll(() => query("SELECT no FROM workers WHERE is_given_up OR beat_at = 0"), { timeout: 10_000 })
      .toEqual([]);
    expect(await there.recover()).toBe(0);
  }, 20_000);

  it("beat by the database's clock, and leave no row behind", async () => {
    const beats = await query(
      "SELECT abs(beat_at - extract(epoch FROM clock_timestamp()) * 1000) < 5000 AS fresh FROM workers",
    );
    expect(beats).toEqual([{ fresh: true }, { fresh: true }]);
    await here.close();
    await expect
      .poll(async () => {
        await there.recover();
        return (await query("SELECT no FROM workers")).length;
      })
      .toBe(1);
  });

  it("take nobody for gone for a while after they were away themselves", async () => {
    const id = await subject.start();
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await here.close();
    // At first it has not even heard of it.
    expect(await there.recover()).toBe(0);
    await expect.poll(async () => (await there.recover()) === 0 && there.nodes?.nextLookMs()).toBeGreaterThan(3_000);
    expect(await there.run(id)).toMatchObject({ status: "running" });
    await expect.poll(() => there.recover(), { timeout: 10_000 }).toBe(1);
  }, 20_000);

  it("take nobody for gone because the database's clock was set forward", async () => {
    await Promise.all([here.close(), there.close()]);
    await execute(database.url, clockThatCanBeSet);
    const url = `${database.url}&options=-c%20search_path%3Dpublic%2Cpg_catalog`;
    [here, there] = (await Promise.all([1, 2].map(() => openPostgresStore({ url })))) as [Store, Store]; // as many as were opened
    subject = await furnish(here);
    const id = await subject.start();
    for (const store of [here, there]) await store.recover();
    await execute(database.url, "INSERT INTO clock_steps VALUES (60000)");
    expect(await there.recover()).toBe(0);
    expect(there.nodes?.nextLookMs()).toBeGreaterThan(3_000);
    await expect
      .poll(
        () => query("SELECT no FROM workers WHERE beat_at < extract(epoch FROM clock_timestamp()) * 1000 + 30000"),
        {
          timeout: 10_000,
        },
      )
      .toEqual([]);
    expect([await there.recover(), await here.recover(), await there.recover()]).toEqual([0, 0, 0]);
    expect(await there.run(id)).toMatchObject({ status: "running", losses: 0 });
  }, 30_000);

  it("wait for nobody who writes to a run that they hand over", async () => {
    const [busy, idle] = [await subject.start(), await subject.start()];
    const writer = new pg.Client({ connectionString: database.url });
    await writer.connect();
    await writer.query("BEGIN");
    await writer.query("SELECT FROM run_states WHERE run_id = $1 FOR UPDATE", [busy]);
    await here.close();
    await expect.poll(() => there.recover()).toBe(1);
    expect(await there.run(idle)).toMatchObject({ status: "pending" });
    await writer.query("COMMIT");
    await writer.end();
    await expect.poll(() => there.recover()).toBe(1);
    expect(await there.run(busy)).toMatchObject({ status: "pending", losses: 1 });
  });

  it("are told of the wishes that they can fulfil: of a run that they hold, or nobody does", async () => {
    const [standing, lost, own] = [await subject.start(), await subject.start(), await subject.start()];
    for (const id of [standing, lost, own]) await subject.write({ ...append(id, 1), release: true });
    const runs = await Promise.all([here.claim("worker-1", 2), there.claim("worker-2", 3)]);
    const [hers, theirs] = runs.map((claimed) => claimed.map(({ id }) => id)) as [string[], string[]]; // as many as claimed
    expect([...hers, ...theirs].toSorted()).toEqual([standing, lost, own].toSorted());
    for (const id of [...hers, ...theirs]) await here.nodes?.requestCancel(id);
    const wanted = async (store: Store, limit: number): Promise<readonly string[]> =>
      (await store.runsToCancel(limit)).map(({ runId }) => runId);
    expect([await wanted(here, 10), await wanted(there, 10)]).toEqual([hers.toSorted(), theirs.toSorted()]);
    expect(await wanted(there, theirs.length)).toEqual(theirs.toSorted());
    await here.close();
    await expect.poll(() => there.recover()).toBe(hers.length);
    expect(await wanted(there, 10)).toEqual([...hers, ...theirs].toSorted());
  });

  it("remember a wish to cancel until the run is over, and tell each other of it", async () => {
    const id = await subject.start();
    const asked = here.nodes?.cancelRequested(never());
    await there.nodes?.requestCancel(id);
    await asked;
    const wish = { projectId: subject.project.id, runId: id };
    expect([await here.runsToCancel(10), await there.runsToCancel(10)]).toEqual([[wish], []]);
    await here.append([{ kind: "append", runId: id, epoch: 1, events: [], status: "cancelled" }]);
    expect(await here.runsToCancel(10)).toEqual([]);
    expect(await query("SELECT run_id FROM cancel_requests")).toEqual([]);
  });
});
