import { once } from "node:events";
import type { Client } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { newRunId } from "../../run-id.ts";
import { connect, type Connection, createPostgresDatabase, type PostgresDatabase } from "./connection.ts";
import { createNudgeSender } from "./sender.ts";

describePostgres("a sender of nudges", (postgres) => {
  let database: TestDatabase;
  let pool: PostgresDatabase;
  let listener: Client;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    pool = createPostgresDatabase(database.url);
    listener = await connect(database.url);
    await listener.query("LISTEN noukai_runs; LISTEN noukai_claimable");
  });
  afterEach(async () => {
    await Promise.all([listener.end(), pool.close()]);
    await database.drop();
  });

  it("tells all that one turn of the event loop brings in one statement, and the rest in the next", async () => {
    let statements = 0;
    const counting: Connection = {
      execute: (statement, values) => {
        statements += 1;
        return pool.execute(statement, values);
      },
    };
    const sender = createNudgeSender(counting, { number: 7, isAlone: false });
    const [first, second] = [newRunId(), newRunId()];
    const payloads: (string | undefined)[] = [];
    listener.on("notification", ({ channel, payload }) => payloads.push(`${channel} ${payload}`));

    sender.appended(first, 2);
    sender.appended(second, 9);
    sender.appended(first, 4);
    await Promise.resolve().then(() => Promise.resolve());
    expect(statements).toBe(1);
    for (let seq = 5; seq < 50; seq++) sender.appended(first, seq);
    sender.claimable();
    await sender.idle();

    expect(statements).toBe(2);
    while (payloads.length < 3) await once(listener, "notification");
    expect(payloads).toEqual([
      `noukai_runs 7 ${first}:4 ${second}:9`,
      `noukai_runs 7 ${first}:49`,
      "noukai_claimable 7",
    ]);
  });

  it("goes on after a statement that failed", async () => {
    let isGone = true;
    const failing: Connection = {
      execute: (statement, values) => (isGone ? Promise.reject(new Error("gone")) : pool.execute(statement, values)),
    };
    const sender = createNudgeSender(failing, { number: 7, isAlone: false });
    sender.claimable();
    await sender.idle();
    isGone = false;
    const told = once(listener, "notification");
    sender.claimable();
    expect(await told).toMatchObject([{ channel: "noukai_claimable", payload: "7" }]);
    await sender.idle();
  });
});
