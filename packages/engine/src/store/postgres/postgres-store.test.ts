import { Client } from "pg";
import { expect, it } from "vitest";
import { describePostgres } from "@noukai/postgres-for-tests";
import { newRunId } from "../../run-id.ts";
import { describeStore } from "../contract.ts";
import { furnish, type StoreUnderTest, written } from "../contract/subject.ts";
import type { Store } from "../store.ts";
import { runsChannel } from "./nudges.ts";
import { openPostgresStore } from "./postgres-store.ts";

describePostgres("PostgreSQL", (postgres) => {
  describeStore("PostgreSQL", async (): Promise<StoreUnderTest> => {
    const { url, drop } = await postgres.createDatabase();
    let ms = Date.now();
    const now = (): number => ms;
    let store = await openPostgresStore({ url, now });
    const passTime = (by: number): Promise<void> => {
      ms += by;
      return Promise.resolve();
    };
    const restart = async (): Promise<Store> => {
      await store.close();
      store = await openPostgresStore({ url, now });
      return store;
    };
    const dispose = async (): Promise<void> => {
      await store.close();
      await drop();
    };
    return { store, passTime, restart, dispose };
  });

  it("is closed with everything that was under way in it", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    const { newRun } = await furnish(store);
    const runs = Array.from({ length: 20 }, () => newRun());
    const writes = runs.map((run) => store.append([{ kind: "create", run, events: [] }]));
    await store.close();
    expect(await Promise.all(writes)).toEqual(runs.map(() => [written]));
    const reopened = await openPostgresStore({ url });
    for (const { id } of runs) expect(await reopened.run(id)).toBeDefined();
    await reopened.close();
    await drop();
  });

  it("opens while other processes tell each other of their runs", async () => {
    const { url, drop } = await postgres.createDatabase();
    const other = new Client({ connectionString: url });
    await other.connect();
    const over = new AbortController();
    const telling = (async () => {
      while (!over.signal.aborted) await other.query(`NOTIFY ${runsChannel}, '0 ${newRunId()}:1'`);
    })();
    // What is told comes with every answer, so that some of it comes before this process has its number.
    for (let round = 0; round < 10; round += 1) await (await openPostgresStore({ url })).close();
    over.abort();
    await telling;
    await other.end();
    await drop();
  });

  it("knows nothing under an id that is no UUID", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    expect(await store.run("1")).toBeUndefined();
    expect(await store.eventsAfter("1", 0, 10)).toEqual([]);
    expect(await store.flowById("1")).toBeUndefined();
    await store.close();
    await drop();
  });
});
