import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import { PgBoss } from "pg-boss";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startMany } from "../contract/fairness.ts";
import { append, completed, type Furnished, furnish, never, seize, started, written } from "../contract/subject.ts";
import type { JournalEntry, RunRecord, Store } from "../store.ts";
import { type Connection, createPostgresDatabase, type PostgresDatabase } from "./connection.ts";
import { createMending } from "./mending.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { createPostgresRuns } from "./runs.ts";
import { prepare } from "./statement.ts";
import { openTickets, readyQueue, type Tickets, ticketSchema } from "./tickets.ts";

interface TicketState {
  readonly queue: string;
  readonly runId: string;
  readonly state: string;
}

const ticketStates = prepare<TicketState>(
  "ticket_states",
  `SELECT name AS queue, id AS "runId", state FROM ${ticketSchema}.job ORDER BY name, priority DESC, created_on`,
);

const idsOf = (runs: readonly RunRecord[]): readonly string[] => runs.map(({ id }) => id);

describePostgres("the waiting room on PostgreSQL", (postgres) => {
  let database: TestDatabase;
  let here: Store;
  let there: Store;
  let subject: Furnished;
  let pool: PostgresDatabase;
  let tickets: Tickets;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    database = await postgres.createDatabase();
    const options = { url: database.url, rereadMs: 600_000 };
    [here, there] = await Promise.all([openPostgresStore(options), openPostgresStore(options)]);
    subject = await furnish(here);
    pool = createPostgresDatabase(database.url);
    tickets = await openTickets(pool);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await tickets.close();
    await Promise.all([here.close(), there.close(), pool.close()]);
    await database.drop();
  });

  const create = (changes: Parameters<Furnished["newRun"]>[0] = {}): JournalEntry => ({
    kind: "create",
    run: subject.newRun({ owner: null, ...changes }),
    events: [started()],
  });

  /** Claims as a store does, and counts the transactions of it. */
  function countTransactions() {
    let transactions = 0;
    const counting: PostgresDatabase = {
      ...pool,
      transaction: (work) => {
        transactions++;
        return pool.transaction(work);
      },
    };
    const runs = createPostgresRuns({ database: counting, tickets, holder: 1, now: () => null });
    return {
      claim: async (limit: number) => (await runs.claim({ worker: "worker-1", limit, concurrentRuns: null })).runs,
      count: () => transactions,
    };
  }

  it("has a ticket for each run that waits, and none for those that do not", async () => {
    const waiting = await subject.start({ owner: null });
    const delayed = await subject.start({ owner: null, readyAt: Date.now() + 3_600_000 });
    await subject.start();
    const givenBack = await subject.start();
    await subject.write({ ...append(givenBack, 1, completed(2)), release: true });
    const resumed = await subject.start();
    await subject.write({ ...append(resumed, 1, completed(2)), status: "paused" });
    await subject.write(seize(resumed, 1, "pending", completed(3)));
    expect(await ticketStates.all(pool)).toEqual([
      { queue: "later", runId: delayed, state: "created" },
      { queue: "ready", runId: givenBack, state: "created" },
      { queue: "ready", runId: waiting, state: "created" },
      { queue: "ready", runId: resumed, state: "created" },
    ]);
    expect(idsOf(await here.claim("worker-1", 10))).toEqual([givenBack, waiting, resumed]);
    expect(await ticketStates.all(pool)).toMatchObject([{ runId: delayed }]);
  });

  it("files no ticket for a run that is not made", async () => {
    const unknown = create({ flowId: "unknown" });
    expect(await here.append([unknown, create()])).toMatchObject([{ outcome: "refused" }, written]);
    expect(await ticketStates.all(pool)).toHaveLength(1);
  });

  it("throws the tickets of runs away that wait no longer, and hands none of these out", async () => {
    const [cancelled, taken, waiting] = await startMany(subject, 3);
    await subject.write({ ...append(cancelled ?? "", 0, completed(2)), status: "cancelled" });
    await subject.write(seize(taken ?? "", 0, "running", completed(2)));
    expect(idsOf(await here.claim("worker-1", 1))).toEqual([waiting]);
    expect(await here.claim("worker-1", 10)).toEqual([]);
    expect(await ticketStates.all(pool)).toEqual([]);
    expect(await here.run(taken ?? "")).toMatchObject({ owner: "worker-2", epoch: 1 });
  });

  it("hands a run out that was taken and waits again by the ticket that it had", async () => {
    const [id = ""] = await startMany(subject, 1);
    await subject.write(seize(id, 0, "paused", completed(2)));
    await subject.write(seize(id, 1, "pending", completed(3)));
    expect(await ticketStates.all(pool)).toHaveLength(1);
    expect(await here.claim("worker-1", 10)).toMatchObject([{ id, epoch: 3 }]);
  });

  it("passes over a run that somebody is writing to, and looks again soon", async () => {
    const [busy = "", free] = await startMany(subject, 2);
    const lock = prepare("lock_run", "SELECT FROM run_states WHERE run_id = $1 FOR UPDATE");
    const woken = await pool.transaction(async (connection) => {
      await lock.run(connection, busy);
      const claimable = here.claimable(never());
      expect(idsOf(await here.claim("worker-1", 10))).toEqual([free]);
      return { claimable };
    });
    await woken.claimable;
    expect(idsOf(await here.claim("worker-1", 10))).toEqual([busy]);
  });

  it("keeps the ticket of a process that is killed while it takes it, and shows it to nobody as taken", async () => {
    const [id] = await startMany(subject, 1);
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const source = `
      import { createPostgresDatabase } from ${url("./connection.ts")};
      import { openTickets, readyQueue } from ${url("./tickets.ts")};
      const database = createPostgresDatabase(process.argv[1]);
      const tickets = await openTickets(database);
      await database.transaction(async (connection) => {
        const taken = await tickets.take(connection, readyQueue, { limit: 1 });
        console.log(taken[0].runId);
        await new Promise(() => setInterval(() => undefined, 1_000));
      });
    `;
    const args = ["--no-warnings", "--input-type=module", "--eval", source, database.url];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    expect(await once(createInterface({ input: child.stdout }), "line")).toEqual([id]);
    expect(await ticketStates.all(pool)).toEqual([{ queue: readyQueue, runId: id, state: "created" }]);
    expect(await here.claim("worker-1", 10)).toEqual([]);
    child.kill("SIGKILL");
    await expect.poll(() => here.claim("worker-1", 10), { timeout: 10_000 }).toMatchObject([{ id, epoch: 1 }]);
    expect(await ticketStates.all(pool)).toEqual([]);
  }, 30_000);

  it("finds a pending run that has no ticket, and gives it one", async () => {
    const [lost = "", kept = ""] = await startMany(subject, 2);
    const delayed = await subject.start({ owner: null, readyAt: Date.now() + 3_600_000 });
    await execute(database.url, `DELETE FROM ${ticketSchema}.job WHERE id IN ('${lost}', '${delayed}')`);
    const mending = createMending({ database: pool, tickets, now: () => null });
    expect(await mending.mendSome()).toBe(2);
    expect(await mending.mendSome()).toBe(0);
    expect(await ticketStates.all(pool)).toMatchObject([{ runId: delayed }, { runId: kept }, { runId: lost }]);
    expect(idsOf(await here.claim("worker-1", 10))).toEqual([kept, lost]);
  });

  it("finds a pending run whose ticket pg-boss would hand out to nobody", async () => {
    const [id = ""] = await startMany(subject, 1);
    await execute(database.url, `UPDATE ${ticketSchema}.job SET state = 'failed'`);
    expect(await here.claim("worker-1", 10)).toEqual([]);
    expect(await createMending({ database: pool, tickets, now: () => null }).mendSome()).toBe(1);
    expect(idsOf(await here.claim("worker-1", 10))).toEqual([id]);
  });

  it("looks through all that waits, however much that is", async () => {
    const ids = await startMany(subject, 6_000);
    await execute(database.url, `DELETE FROM ${ticketSchema}.job WHERE id = '${ids.at(-1) ?? ""}'`);
    const mending = createMending({ database: pool, tickets, now: () => null });
    expect([await mending.mendSome(), await mending.mendSome()]).toEqual([0, 1]);
    await execute(database.url, `DELETE FROM ${ticketSchema}.job`);
    expect(await mending.mendAll()).toBe(6_000);
  }, 30_000);

  it("leaves a project that is being counted to the next look", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    await startMany(subject, 2);
    await here.claim("worker-1", 2);
    await execute(database.url, "UPDATE full_projects SET offered = 3");
    const mending = createMending({ database: pool, tickets, now: () => null });
    const lock = prepare("lock_full", "SELECT FROM full_projects FOR UPDATE");
    await pool.transaction(async (connection) => {
      await lock.run(connection);
      expect(await mending.mendSome()).toBe(0);
    });
    await mending.mendSome();
    const offers = prepare<{ offered: number }>("offers", "SELECT offered FROM full_projects");
    expect(await offers.all(pool)).toEqual([{ offered: 0 }]);
  });

  it("finds tickets that are kept of a project that is not known to be full", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    const [first = "", second] = await startMany(subject, 2);
    await here.claim("worker-1", 2);
    await here.append([{ ...append(first, 1, completed(2)), status: "completed" }]);
    await execute(database.url, "DELETE FROM full_projects");
    expect(await here.claim("worker-1", 2)).toEqual([]);
    expect(await createMending({ database: pool, tickets, now: () => null }).mendSome()).toBe(1);
    expect(idsOf(await here.claim("worker-1", 2))).toEqual([second]);
  });

  it("goes on giving tickets to runs that have none when the process that began to was killed", async () => {
    const ids = await startMany(subject, 20);
    const [kept, ...lost] = ids;
    await execute(database.url, `DELETE FROM ${ticketSchema}.job WHERE id <> '${kept ?? ""}'`);
    await execute(database.url, `COMMENT ON SCHEMA ${ticketSchema} IS NULL`);
    const later = await openPostgresStore({ url: database.url });
    await later.close();
    expect(idsOf(await here.claim("worker-1", 20))).toEqual([kept, ...lost]);
  });

  it.each([
    ["that nobody has analysed", "SELECT", "SELECT"],
    ["that was vacuumed when it was empty", "VACUUM ANALYZE", "SELECT"],
    ["that was analysed when it was full", "SELECT", "ANALYZE"],
  ])(
    "takes tickets out of a table %s by their ids, not by looking through all",
    async (_, before, after) => {
      await startMany(subject, 500);
      await here.claim("worker-1", 500);
      await execute(database.url, before);
      await startMany(subject, 3_000);
      await execute(database.url, after);
      const texts: string[] = [];
      const plans = await pool.transaction(async (connection) => {
        const recording: Connection = {
          execute: (statement, values) => {
            texts.push(statement.text);
            return connection.execute(statement, values);
          },
        };
        await tickets.take(recording, readyQueue, { limit: 10 });
        const explained: string[] = [];
        for (const text of texts) {
          const explain = { name: "", text: `EXPLAIN (GENERIC_PLAN) ${text}` };
          const { rows } = await connection.execute(explain, []);
          explained.push(rows.map((row: { readonly "QUERY PLAN": string }) => row["QUERY PLAN"]).join("\n"));
        }
        return explained;
      });
      expect(plans).toHaveLength(2);
      for (const plan of plans) {
        const lookUps = plan.match(/_pkey.*\n *Index Cond: .*/g);
        expect(lookUps).toHaveLength(1);
        expect(lookUps?.[0]).toMatch(/\(id = /);
        expect(plan).not.toContain("Seq Scan");
      }
    },
    30_000,
  );

  it("hands out nothing twice when many processes want the same runs", async () => {
    const ids = await startMany(subject, 300);
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? here : there).claim(`worker-${index}`, 10)),
    );
    const rest = await here.claim("worker-1", 300);
    expect([...claims.flat(), ...rest].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  it("lets projects take turns although several processes file their runs at once", async () => {
    const quiet = await furnish(here, "quiet");
    for (let round = 0; round < 10; round++)
      await Promise.all([here, there].map((store) => store.append([create(), create()])));
    const mine = await quiet.start({ owner: null });
    expect(idsOf(await there.claim("worker-2", 2))).toContain(mine);
  });

  it("never has more runs of a project in work than it may, in all processes together", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 3 } });
    const ids = new Set(await startMany(subject, 30));
    const done: string[] = [];
    const work = async (store: Store): Promise<void> => {
      for (let idle = 0; done.length < ids.size && idle < 500;) {
        const claimed = await store.claim("worker", 5);
        const running = await here.runs({ projectId: subject.project.id, statuses: ["running"], limit: 100 });
        expect(running.length).toBeLessThanOrEqual(3);
        idle = claimed.length === 0 ? idle + 1 : 0;
        for (const { id, epoch } of claimed) {
          await store.append([{ ...append(id, epoch, completed(2)), status: "completed" }]);
          done.push(id);
        }
        await delay(1);
      }
    };
    await Promise.all([here, there, here, there].map(work));
    expect(done.toSorted()).toEqual([...ids].toSorted());
  }, 30_000);

  it("makes no more runs of a project than it may have in work, whichever processes are asked at once", async () => {
    for (let round = 1; round <= 5; round++) {
      const entries = Array.from({ length: 8 }, () => create({ owner: "worker-1", concurrentRuns: 2 * round }));
      const outcomes = await Promise.all(
        entries.map((entry, index) => (index % 2 === 0 ? here : there).append([entry])),
      );
      expect(outcomes.flat().filter(({ outcome }) => outcome === "written")).toHaveLength(2);
    }
  });

  it("does not let creations and hand-outs of full projects wait for each other for ever", async () => {
    const others = await Promise.all(["two", "three"].map((slug) => furnish(here, slug)));
    const all = [subject, ...others];
    for (const { project } of all) await here.saveSettings(project.id, { limits: { concurrentRuns: 1_000 } });
    const busy = async (store: Store): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const entries = all.map(({ newRun }): JournalEntry => {
          const run = newRun({ owner: round % 2 === 0 ? null : "worker-1", concurrentRuns: 1_000 });
          return { kind: "create", run, events: [started()] };
        });
        await store.append(entries);
        const claimed = await store.claim("worker-1", 2);
        await store.append(claimed.map(({ id, epoch }) => ({ ...append(id, epoch), release: true })));
      }
    };
    await expect(Promise.all([here, there, here, there].map(busy))).resolves.toHaveLength(4);
  }, 30_000);

  it("tells the other processes that a project is full, whose runs may end there", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    const inWork = await subject.start();
    const [id] = await startMany(subject, 1);
    const told = there.claimable(never());
    expect(await here.claim("worker-1", 1)).toEqual([]);
    await told;
    expect(await there.claim("worker-2", 1)).toEqual([]);
    const woken = here.claimable(never());
    await there.append([{ ...append(inWork, 1, completed(2)), status: "completed" }]);
    await woken;
    expect(idsOf(await here.claim("worker-1", 1))).toEqual([id]);
  });

  it("passes by many runs that were cancelled in few steps, however few are wanted", async () => {
    const ids = await startMany(subject, 1_001);
    const cancelled = ids.slice(0, -1).map((id) => seize(id, 0, "cancelled", completed(2)));
    await here.append(cancelled);
    const { claim, count } = countTransactions();
    expect(idsOf(await claim(1))).toEqual(ids.slice(-1));
    expect(count()).toBeLessThan(10);
  }, 30_000);

  it("passes by many cancelled runs of a project that was full in few steps", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    const ids = await startMany(subject, 1_002);
    const [inWork] = await here.claim("worker-1", 1);
    await here.claim("worker-1", 1);
    await here.append(ids.slice(1, -1).map((id) => seize(id, 0, "cancelled", completed(2))));
    await here.append([{ ...append(inWork?.id ?? "", 1, completed(2)), status: "completed" }]);
    const { claim, count } = countTransactions();
    expect(idsOf(await claim(1))).toEqual(ids.slice(-1));
    expect(count()).toBeLessThan(15);
  }, 30_000);

  it("does not make way for all of many projects that have room again before it hands out a run", async () => {
    const all = await Promise.all(Array.from({ length: 60 }, (_, index) => furnish(here, `project-${index}`)));
    await here.append(
      all.flatMap(({ newRun }) =>
        [newRun(), newRun({ owner: null })].map((run) => ({ kind: "create", run, events: [] }) as const),
      ),
    );
    expect(await here.claim("worker-1", 60, 1)).toEqual([]);
    const { claim, count } = countTransactions();
    expect(await claim(1)).toHaveLength(1);
    expect(count()).toBeLessThan(30);
    const claimed = new Set<string>();
    for (let round = 0; round < 60; round++) for (const { projectId } of await claim(1)) claimed.add(projectId);
    expect(claimed.size).toBe(59);
  });

  it("gives up looking for a while where nothing but full projects waits, and goes on soon", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    const inWork = await subject.start();
    const ids = await startMany(subject, 8_000);
    const { claim, count } = countTransactions();
    expect(await claim(1)).toEqual([]);
    expect(count()).toBeLessThan(15);
    const left = async () => (await ticketStates.all(pool)).length;
    expect(await left()).toBeGreaterThan(0);
    while ((await left()) > 0) {
      const woken = here.claimable(never());
      expect(await here.claim("worker-1", 1)).toEqual([]);
      if ((await left()) > 0) await woken;
    }
    await here.append([{ ...append(inWork, 1, completed(2)), status: "completed" }]);
    expect(idsOf(await here.claim("worker-1", 1))).toEqual(ids.slice(0, 1));
  }, 60_000);

  it("wakes the other processes for what it looked at and put back", async () => {
    const free = await furnish(here, "free");
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 1 } });
    await subject.start();
    const told = there.claimable(never());
    await startMany(subject, 1);
    expect(await here.claim("worker-1", 1)).toEqual([]);
    await told;
    const toldAgain = there.claimable(never());
    await startMany(subject, 1);
    const ids = await startMany(free, 3);
    await toldAgain;
    await delay(100);
    const woken = there.claimable(never());
    expect(idsOf(await here.claim("worker-1", 1))).toEqual(ids.slice(0, 1));
    await woken;
    expect(idsOf(await there.claim("worker-2", 10))).toEqual(ids.slice(1));
  });

  it("is left alone by a release that is older than it, which says what to do", async () => {
    await execute(database.url, `UPDATE ${ticketSchema}.version SET version = version + 1`);
    await expect(openPostgresStore({ url: database.url })).rejects.toMatchObject({
      name: "StoreUnavailableError",
      message: expect.stringMatching(/not of this release\. Start the newer release/),
    });
  });

  it("walks over no delayed run to find out whether one is due", async () => {
    const readyAt = Date.now() + 3_600_000;
    const runs = Array.from({ length: 500 }, () => create({ readyAt }));
    await here.append(runs);
    const looked = await pool.transaction(async (connection) => {
      const texts: string[] = [];
      const recording: PostgresDatabase = {
        ...pool,
        execute: (statement, values) => {
          texts.push(statement.text);
          return connection.execute(statement, values);
        },
      };
      await createPostgresRuns({ database: recording, tickets, holder: 1, now: () => null }).claim({
        worker: "worker-1",
        limit: 1,
        concurrentRuns: null,
      });
      const explain = { name: "", text: `EXPLAIN (GENERIC_PLAN) ${texts[0] ?? ""}` };
      const { rows } = await connection.execute(explain, []);
      return rows.map((row: { readonly "QUERY PLAN": string }) => row["QUERY PLAN"]).join("\n");
    });
    expect(looked).toMatch(/Index Cond: .*name = 'later'.* AND \(priority >= .* AND \(start_after <= /);
  });

  it("leaves nothing behind of runs that were handed out", async () => {
    await here.saveSettings(subject.project.id, { limits: { concurrentRuns: 5 } });
    await startMany(subject, 200);
    for (
      let claimed = await here.claim("worker-1", 50);
      claimed.length > 0;
      claimed = await here.claim("worker-1", 50)
    ) {
      await here.append(claimed.map(({ id }) => ({ ...append(id, 1, completed(2)), status: "completed" })));
    }
    const tables = ["job", "job_dependency", "warning", "queue_stats", "schedule", "subscription", "bam"];
    const rows = tables.map((table) => `(SELECT count(*) FROM ${ticketSchema}.${table}) AS ${table}`);
    const count = prepare<Record<string, number>>("count_rows", `SELECT ${rows.join(", ")}`);
    expect(await count.get(pool)).toEqual(Object.fromEntries(tables.map((table) => [table, 0])));
    const full = prepare("full", "SELECT FROM full_projects");
    expect(await full.all(pool)).toEqual([]);
  });

  it("stays as it is when somebody lets pg-boss look after its tables, however old the tickets are", async () => {
    const ids = await startMany(subject, 2);
    const inWork = await subject.start();
    const aged = "created_on - interval '400 days'";
    await execute(
      database.url,
      `UPDATE ${ticketSchema}.job SET created_on = ${aged}, start_after = ${aged}, keep_until = keep_until - interval '400 days'`,
    );
    const boss = new PgBoss({
      connectionString: database.url,
      schema: ticketSchema,
      schedule: false,
      supervise: false,
    });
    await boss.start();
    await boss.supervise();
    await boss.stop({ graceful: false });
    expect(await here.run(inWork)).toMatchObject({ status: "running", epoch: 1 });
    expect(idsOf(await here.claim("worker-1", 10))).toEqual(ids);
  }, 30_000);
});
