import { expect, it } from "vitest";
import { describePostgres } from "@noukai/postgres-for-tests";
import { describePartials, partialsOf } from "../contract/partials.ts";
import { append, completed, furnish, never } from "../contract/subject.ts";
import type { PartialChunk, Store } from "../store.ts";
import { connect } from "./connection.ts";
import { openPostgresStore } from "./postgres-store.ts";

const chunkOf = (runId: string): PartialChunk => ({
  runId,
  stepId: "a",
  attempt: 1,
  loopPath: [],
  afterSeq: 1,
  offset: 0,
  delta: "so far",
});

describePostgres("partial output on PostgreSQL", (postgres) => {
  describePartials("PostgreSQL", async () => {
    const { url, drop } = await postgres.createDatabase();
    let store = await openPostgresStore({ url });
    const restart = async (): Promise<Store> => {
      await store.close();
      store = await openPostgresStore({ url });
      return store;
    };
    const dispose = async (): Promise<void> => {
      await store.close();
      await drop();
    };
    return { store, passTime: () => Promise.resolve(), restart, dispose };
  });

  it("wakes the readers of every run that was written, in other processes too", async () => {
    const { url, drop } = await postgres.createDatabase();
    // A reader that is woken by the clock here would hide a nudge that did not come.
    const options = { url, rereadMs: 600_000 };
    const [here, there] = await Promise.all([openPostgresStore(options), openPostgresStore(options)]);
    const { start } = await furnish(here);
    const ids = await Promise.all(Array.from({ length: 400 }, () => start()));
    const changes = ids.map((id) => partialsOf(there).changed(id, never()));
    await partialsOf(here).append(ids.map(chunkOf));
    await Promise.all(changes);
    expect(await partialsOf(there).read(ids[399] ?? "")).toHaveLength(1);
    await Promise.all([here.close(), there.close()]);
    await drop();
  });

  it("loses with the recovery of runs what nobody works on any more, and nothing else", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    const { start, write, newRun } = await furnish(store);
    const [running, paused, over] = [await start(), await start(), await start()];
    await partialsOf(store).append([running, paused, over].map(chunkOf));
    await write({ ...append(paused, 1, completed(2)), status: "paused" });
    await write({ ...append(over, 1, completed(2)), status: "completed" });
    const gone = await openPostgresStore({ url });
    await gone.append([{ kind: "create", run: newRun(), events: [] }]);
    await gone.close();
    expect(await store.recover()).toBe(1);
    expect(await Promise.all([running, paused, over].map((id) => partialsOf(store).read(id)))).toEqual([
      [chunkOf(running)],
      [],
      [],
    ]);
    await store.close();
    await drop();
  });

  it("is written without the log of the database", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    const client = await connect(url);
    const { rows } = await client.query(
      "SELECT relname, relpersistence FROM pg_class WHERE relname LIKE 'partial_chunks%' ORDER BY relname",
    );
    expect(rows).toEqual([
      { relname: "partial_chunks", relpersistence: "u" },
      { relname: "partial_chunks_pkey", relpersistence: "u" },
    ]);
    await Promise.all([client.end(), store.close()]);
    await drop();
  });
});
