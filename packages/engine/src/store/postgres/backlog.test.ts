import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, it } from "vitest";
import { furnish } from "../contract/subject.ts";
import { createPostgresBacklog } from "./backlog.ts";
import { connect, createPostgresDatabase, type PostgresDatabase, statementSession } from "./connection.ts";
import { openPostgresStore } from "./postgres-store.ts";

describePostgres("what waits on PostgreSQL", (postgres) => {
  it("is told alike by every process, with how many of them live", async () => {
    const { url, drop } = await postgres.createDatabase();
    const [here, there] = [await openPostgresStore({ url }), await openPostgresStore({ url })];
    const { start } = await furnish(here);
    await start({ owner: null });
    for (const store of [here, there]) await store.recover();
    for (const store of [here, there]) expect(await store.backlog()).toMatchObject({ ready: 1, nodes: 2 });
    await there.close();
    await here.recover();
    expect(await here.backlog()).toMatchObject({ ready: 1, nodes: 1 });
    await here.close();
    await drop();
  });

  it("is read from indexes alone", async () => {
    const { url, drop } = await postgres.createDatabase();
    await (await openPostgresStore({ url })).close();
    const database = createPostgresDatabase(url);
    const texts: string[] = [];
    const recording: PostgresDatabase = {
      ...database,
      execute: (statement, values) => {
        texts.push(statement.text);
        return database.execute(statement, values);
      },
    };
    await createPostgresBacklog(recording, () => null).backlog();
    const client = await connect(url);
    await client.query(statementSession);
    const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN (GENERIC_PLAN) ${texts.join(" ")}`);
    const reads = rows.map((row) => row["QUERY PLAN"].trim()).filter((line) => line.includes(" on run_states"));
    expect(reads).toHaveLength(4);
    for (const read of reads) expect(read).toMatch(/Index Only Scan using (?:pending|paused)_runs/);
    await Promise.all([client.end(), database.close()]);
    await drop();
  });
});
