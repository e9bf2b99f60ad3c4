import { describePostgres, execute } from "@noukai/postgres-for-tests";
import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import { furnish, started } from "../contract/subject.ts";
import { firstChange, type Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

/** Makes an execution, whose first change is told. */
async function beginExecution({ newRun, write }: Awaited<ReturnType<typeof furnish>>): Promise<void> {
  const id = newRunId();
  const execution = { id, runNumber: 1, modifiedBy: "key-1", webhookUrl: null };
  await write({ kind: "create", run: newRun({ id }), events: [started()], execution });
}

describePostgres("a dump that was restored on another server", (postgres) => {
  it("tells its changes, and those that come, in order", async () => {
    const { url, drop } = await postgres.createDatabase();
    const opened: Store[] = [];
    const open = async (): Promise<Store> => {
      const store = await openPostgresStore({ url });
      opened.push(store);
      return store;
    };
    try {
      const world = await furnish(await open());
      for (const _ of [1, 2]) await beginExecution(world);
      await world.store.close();
      // The other server had seen more transactions than this one.
      await execute(url, "UPDATE execution_changes SET xid = (xid::text::bigint + 1000000)::text::xid8");
      const store = await open();
      await beginExecution(await furnish(store));
      const query = { projectIds: [world.project.id], after: firstChange, limit: 10 };
      await expect.poll(async () => (await store.executionChanges(query)).length).toBe(3);
      const changes = await store.executionChanges(query);
      expect(changes.map(({ cursor }) => cursor).slice(0, 2)).toEqual(["0-1", "0-2"]);
    } finally {
      for (const store of opened) await store.close();
      await drop();
    }
  });
});
