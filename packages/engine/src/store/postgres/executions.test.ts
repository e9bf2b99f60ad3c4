import { describePostgres, execute } from "@noukai/postgres-for-tests";
import { Client } from "pg";
import { expect, it, onTestFinished, vi } from "vitest";
import { append, completed, furnish, started, written } from "../contract/subject.ts";
import { firstChange, type JournalEntry } from "../store.ts";
import { roomSpace, turnSpace } from "./locks.ts";
import { openPostgresStore } from "./postgres-store.ts";

describePostgres("changes of executions", (postgres) => {
  it("of one execution are told in the order in which they were made, whichever transaction began first", async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const store = await openPostgresStore({ url });
    onTestFinished(() => store.close());
    const { project, newRun } = await furnish(store);
    const runs = [newRun(), newRun(), newRun()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const run of runs) {
      const execution = { id: run.id, runNumber: 1, modifiedBy: "tester", webhookUrl: null };
      expect(await store.append([{ kind: "create", run, events: [started()], execution }])).toEqual([written]);
    }
    const [first = "", second = "", third = ""] = runs.map(({ id }) => id);
    const ends = runs.map(({ id }): JournalEntry => ({
      ...append(id, 1, completed(2)),
      status: "completed",
      isOfExecution: true,
    }));

    const holder = new Client({ connectionString: url });
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query("BEGIN");
    await holder.query("SELECT FROM executions WHERE id = $1 FOR UPDATE", [second]);
    // All end in one transaction, which has the first execution and waits for the second; meanwhile somebody asks for the third to be cancelled.
    const ending = store.append(ends);
    await vi.waitFor(async () => {
      const sql = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
      expect((await holder.query(sql)).rowCount).toBe(1);
    });
    await store.commandExecution(third, "tester", { kind: "requestCancel" });
    await holder.query("ROLLBACK");
    expect(await ending).toEqual([written, written, written]);

    const query = { projectIds: [project.id], after: firstChange, limit: 100 };
    const told = async (executionId: string): Promise<readonly string[]> =>
      (await store.executionChanges({ ...query, executionId })).map(({ status }) => status);
    expect(await told(third)).toEqual(["running", "cancel_requested", "completed"]);
    expect(await told(first)).toEqual(["running", "completed"]);
    const all = await store.executionChanges(query);
    expect(all.filter(({ executionId }) => executionId === third).map(({ status }) => status)).toEqual(
      await told(third),
    );
    expect((await store.execution(third))?.status).toBe("completed");
  });

  it("are not waited for by whoever keeps others from counting a project's runs, or from filing its tickets", async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const store = await openPostgresStore({ url });
    onTestFinished(() => store.close());
    const { newRun } = await furnish(store);
    const run = newRun();
    const execution = { id: run.id, runNumber: 1, modifiedBy: "tester", webhookUrl: null };
    await store.append([{ kind: "create", run, events: [started()], execution }]);

    const holder = new Client({ connectionString: url });
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query("BEGIN");
    await holder.query("SELECT FROM executions WHERE id = $1 FOR UPDATE", [run.id]);
    const writing = store.append([
      { ...append(run.id, 1, completed(2)), release: true, isOfExecution: true },
      { kind: "create", run: newRun({ concurrentRuns: 10 }), events: [started()] },
    ]);
    await vi.waitFor(async () => {
      const sql = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
      expect((await holder.query(sql)).rowCount).toBe(1);
    });
    const free =
      "SELECT pg_try_advisory_xact_lock(space, no) AS free FROM projects, unnest($1::integer[]) AS spaces (space)";
    const { rows } = await holder.query(free, [[roomSpace, turnSpace]]);
    await holder.query("ROLLBACK");
    expect(await writing).toEqual([written, written]);
    expect(rows).toEqual([{ free: true }, { free: true }]);
  });

  it("of one execution are told in the order of numbers, and not of the digits that they are written with", async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    const store = await openPostgresStore({ url });
    onTestFinished(() => store.close());
    const { project, newRun } = await furnish(store);
    const run = newRun();
    const execution = { id: run.id, runNumber: 1, modifiedBy: "tester", webhookUrl: null };
    await store.append([{ kind: "create", run, events: [started()], execution }]);
    await store.append([{ ...append(run.id, 1, completed(2)), status: "completed", isOfExecution: true }]);
    await execute(url, "UPDATE execution_changes SET xid = CASE status WHEN 'running' THEN '9' ELSE '10' END::xid8");
    const query = { projectIds: [project.id], executionId: run.id, limit: 1 };
    const [first] = await store.executionChanges({ ...query, after: firstChange });
    const [second] = await store.executionChanges({ ...query, after: first?.cursor ?? firstChange });
    expect([first?.status, second?.status]).toEqual(["running", "completed"]);
  });
});
