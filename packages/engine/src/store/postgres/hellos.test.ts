import { once } from "node:events";
import type { Client } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { append, completed, furnish, never } from "../contract/subject.ts";
import type { Store } from "../store.ts";
import { connect } from "./connection.ts";
import { lockSpace } from "./locks.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { Presence } from "./presence.ts";

const patience = { timeout: 10_000 };

describePostgres("a process that may be alone on PostgreSQL", (postgres) => {
  let database: TestDatabase;
  let listener: Client;
  /** What was told, the channel before the payload. */
  let told: string[];
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    database = await postgres.createDatabase();
    // Makes the schema.
    await openPostgresStore({ url: database.url }).then((store) => store.close());
    listener = await connect(database.url);
    told = [];
    listener.on("notification", ({ channel, payload }) => told.push(`${channel} ${payload}`));
    await listener.query("LISTEN noukai_runs; LISTEN noukai_hello");
  });
  afterEach(async () => {
    for (const { close } of open.splice(0)) await close();
    await listener.end();
    await database.drop();
  });

  async function openStore(): Promise<Store> {
    // A reader that is woken by the clock would hide a nudge that did not come.
    const store = await openPostgresStore({ url: database.url, rereadMs: 600_000 });
    open.push(store);
    return store;
  }

  async function countPresent(): Promise<number> {
    const locks = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid <> 0";
    return (await listener.query(locks, [lockSpace])).rows.length;
  }

  /** One that takes part in the watch, as the server's do. */
  async function appear(): Promise<Presence> {
    const nothing = (): undefined => undefined;
    const listeners = { onNotification: nothing, onReconnect: nothing, onGivenUp: nothing };
    const presence = await Presence.begin(await connect(database.url), database.url, listeners);
    open.push({ close: () => presence.close() });
    await presence.join();
    return presence;
  }

  it("tells nothing while nobody else is there, and whoever comes from then on", async () => {
    const here = await openStore();
    // The one that made the schema is gone when its connection is.
    await expect.poll(countPresent, patience).toBe(1);
    await here.recover();
    const subject = await furnish(here);
    const id = await subject.start();
    await subject.write(append(id, 1, completed(2)));
    const there = await openStore();
    const change = there.changed(id, never());
    await subject.write(append(id, 1, completed(3)));
    await change;
    await expect.poll(() => told.filter((line) => line.includes(id))).toEqual([expect.stringContaining(`${id}:3`)]);
  });

  it("tells everything as long as it does not know", async () => {
    const here = await openStore();
    const subject = await furnish(here);
    const id = await subject.start();
    await subject.write(append(id, 1, completed(2)));
    await expect.poll(() => told).toContainEqual(expect.stringContaining(`${id}:2`));
  });

  it("is alone until somebody says hello, and again when they are gone", async () => {
    const here = await appear();
    expect(here.isAlone).toBe(true);
    const there = await appear();
    await expect.poll(() => here.isAlone).toBe(false);
    expect(there.isAlone).toBe(false);
    await there.close();
    await expect.poll(() => here.isAlone, patience).toBe(true);
  });

  it("does not take itself for alone when it lost sight of the others", async () => {
    const here = await appear();
    expect(here.isAlone).toBe(true);
    await listener.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1::bigint::oid",
      [here.number],
    );
    await expect.poll(() => here.isAlone, { interval: 1 }).toBe(false);
  });

  it("answers who comes while it is alone, once, and looks again at everything when somebody says hello", async () => {
    const here = await openStore();
    await here.recover();
    told.length = 0;
    const change = here.changed("any run", never());
    await listener.query("SELECT pg_notify('noukai_hello', '1000000')");
    await change;
    while (told.length < 2) await once(listener, "notification");
    await listener.query("SELECT pg_notify('noukai_hello', '1000001')");
    const again = here.changed("any run", never());
    await listener.query("SELECT pg_notify('noukai_hello', '1000002')");
    await again;
    expect(told.toSpliced(1, 1)).toEqual(["1000000", "1000001", "1000002"].map((no) => `noukai_hello ${no}`));
    expect(told[1]).not.toContain("100000");
  });
});
