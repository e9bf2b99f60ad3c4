import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import {
  append,
  completed,
  type Furnished,
  furnish,
  never,
  seize,
  staleEpoch,
  started,
  written,
} from "../contract/subject.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

describePostgres("stores of several processes on one PostgreSQL", (postgres) => {
  let database: TestDatabase;
  let here: Store;
  let there: Store;
  let subject: Furnished;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    database = await postgres.createDatabase();
    // A reader that is woken by the clock here would hide a nudge that did not come.
    const options = { url: database.url, rereadMs: 600_000 };
    [here, there] = await Promise.all([openPostgresStore(options), openPostgresStore(options)]);
    subject = await furnish(here);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  /** Ends the connections that stand for processes, or that of the process that holds the run. */
  async function cutPresences(heldRun?: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND ($1::uuid IS NULL OR objid = (SELECT holder FROM run_states WHERE run_id = $1)::oid)`,
      [heldRun ?? null],
    );
    await client.end();
  }

  it("wake each other's readers after the commit", async () => {
    const id = await subject.start();
    const change = there.changed(id, never());
    await subject.write(append(id, 1, completed(2)));
    await change;
    expect(await there.eventsAfter(id, 1, 10)).toEqual([completed(2)]);
  });

  it("wake the readers of many runs that were written in one commit", async () => {
    const ids = await Promise.all(Array.from({ length: 400 }, () => subject.start()));
    const changes = ids.map((id) => there.changed(id, never()));
    await here.append(ids.map((id) => append(id, 1, completed(2))));
    await expect(Promise.all(changes)).resolves.toHaveLength(400);
  });

  it("wake each other's workers", async () => {
    const created = there.claimable(never());
    const id = await subject.start({ owner: null });
    await created;
    expect(await there.claim("worker-2", 1)).toMatchObject([{ id, epoch: 1 }]);
    const givenBack = here.claimable(never());
    await there.append([{ ...append(id, 1), release: true }]);
    await givenBack;
    expect(await here.claim("worker-1", 1)).toMatchObject([{ id, epoch: 2 }]);
  });

  it("wake readers and workers when a paused run is seized, to run or to wait", async () => {
    const [resumed, queued] = [await subject.start(), await subject.start()];
    for (const id of [resumed, queued]) {
      const pausing = there.changed(id, never());
      await subject.write({ ...append(id, 1, completed(2)), status: "paused" });
      await pausing;
    }
    const changes = [there.changed(resumed, never()), there.changed(queued, never())];
    const claimable = there.claimable(never());
    await here.append([seize(resumed, 1, "running", completed(3)), seize(queued, 1, "pending", completed(3))]);
    await Promise.all([...changes, claimable]);
    expect(await there.claim("worker-3", 10)).toMatchObject([{ id: queued, epoch: 3 }]);
  });

  it("tell each other of a run whose time has not come, for workers to wait for", async () => {
    const claimable = there.claimable(never());
    const readyAt = Date.now() + 3_600_000;
    await subject.start({ owner: null, readyAt });
    await claimable;
    expect(await there.claim("worker-2", 1)).toEqual([]);
    expect(await there.nextReadyAt()).toBe(readyAt);
  });

  it("let one resume of a paused run win, whichever process it reaches", async () => {
    for (let round = 0; round < 10; round++) {
      const id = await subject.start();
      await subject.write({ ...append(id, 1, completed(2)), status: "paused" });
      const outcomes = await Promise.all(
        [here, there].map((store, index) =>
          subject.write({ ...seize(id, 1, "running", completed(3)), owner: `worker-${index}` }, store),
        ),
      );
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["staleEpoch", "written"]);
      const winner = outcomes.findIndex(({ outcome }) => outcome === "written");
      expect(await here.run(id)).toMatchObject({ owner: `worker-${winner}`, epoch: 2, lastSeq: 3 });
    }
  });

  it("count a run that reaches both of them at once as written, once", async () => {
    for (let round = 0; round < 10; round++) {
      const [run, neighbour] = [subject.newRun(), subject.newRun()];
      const entry = { kind: "create", run, events: [started()] } as const;
      const [outcomes, others] = await Promise.all([
        here.append([entry, { ...entry, run: neighbour }]),
        there.append([entry]),
      ]);
      expect([...outcomes, ...others]).toEqual([written, written, written]);
      expect(await here.eventsAfter(run.id, 0, 10)).toEqual([started()]);
      expect(await here.run(neighbour.id)).toMatchObject({ status: "running", epoch: 1 });
    }
  });

  it("tell in plain text which run reached which seq", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("LISTEN noukai_runs");
    const id = await subject.start();
    const told = once(client, "notification");
    await subject.write(append(id, 1, completed(2), completed(3)));
    expect(await told).toMatchObject([{ payload: expect.stringMatching(new RegExp(`^\\d+ ${id}:3$`)) }]);
    await client.end();
  });

  it("give each run to one of them", async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => subject.start({ owner: null })));
    const claims = await Promise.all([here, there, here, there, here, there].map((store) => store.claim("worker", 12)));
    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });

  it("let one call with an idempotency key win, whichever process it reaches", async () => {
    for (let round = 0; round < 10; round++) {
      const idempotency = { key: `call-${round}`, requestHash: "hash" };
      const runs = [subject.newRun({ idempotency }), subject.newRun({ idempotency })];
      const outcomes = await Promise.all(
        [here, there].map((store, index) =>
          subject.write({ kind: "create", run: runs[index] ?? subject.newRun(), events: [] }, store),
        ),
      );
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["duplicate", "written"]);
    }
  });

  it("give a key that expired to one of two calls", async () => {
    const expire = "UPDATE idempotency_keys SET expires_at = 0";
    for (let round = 0; round < 10; round++) {
      await execute(database.url, expire);
      const runs = [1, 2].map(() => subject.newRun({ idempotency: { key: "call-1", requestHash: "hash" } }));
      const outcomes = await Promise.all(
        [here, there].map((store, index) =>
          subject.write({ kind: "create", run: runs[index] ?? subject.newRun(), events: [] }, store),
        ),
      );
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["duplicate", "written"]);
    }
  });

  it("recover nothing from a process that is there", async () => {
    const id = await subject.start();
    expect(await there.recover()).toBe(0);
    expect(await here.run(id)).toMatchObject({ status: "running", owner: "worker-1" });
  });

  it("recover the runs of one that closed, and only those", async () => {
    const [lost, kept] = [await subject.start(), await subject.start({ owner: null })];
    await there.claim("worker-2", 1);
    await here.close();
    expect(await there.recover()).toBe(1);
    expect(await there.recover()).toBe(0);
    expect(await there.run(lost)).toMatchObject({ status: "pending", owner: null, losses: 1 });
    expect(await there.run(kept)).toMatchObject({ status: "running", owner: "worker-2", losses: 0 });
  });

  it("fence out one that was given up although it lives", async () => {
    const [taken, also] = [await subject.start(), await subject.start()];
    // Between the end of its connection and the next one its lock is free.
    let recovered = 0;
    while (recovered === 0) {
      await cutPresences(taken);
      recovered = await there.recover();
    }
    expect(recovered).toBe(2);
    const claimed = await there.claim("worker-2", 1);
    expect(claimed).toMatchObject([{ id: taken, epoch: 2, losses: 1 }]);
    expect(await here.append([append(taken, 1, completed(2)), append(also, 1, completed(2))])).toEqual([
      staleEpoch,
      written,
    ]);
    expect(await there.append([append(taken, 2, completed(2))])).toEqual([written]);
  });

  it("leave the run of one that was given up to others, whatever that one still writes", async () => {
    const id = await subject.start();
    let recovered = 0;
    while (recovered === 0) {
      await cutPresences(id);
      recovered = await there.recover();
    }
    // What a run of an execution says with its first step.
    expect(await here.append([{ ...append(id, 1, completed(2)), status: "running" }])).toEqual([written]);
    expect(await there.run(id)).toMatchObject({ status: "pending", owner: null });
    expect(await there.claim("worker-2", 1)).toMatchObject([{ id, epoch: 2, losses: 1 }]);
  });

  it("take at once what one whose clock is ahead made to begin at once", async () => {
    const ahead = Date.now() + 3_600_000;
    const id = await subject.start({ owner: null, createdAt: ahead, readyAt: ahead });
    const later = await subject.start({ owner: null, readyAt: ahead });
    expect(await there.claim("worker-2", 2)).toMatchObject([{ id }]);
    expect(await there.run(later)).toMatchObject({ status: "pending", readyAt: ahead });
  });

  it("are told from each other again once a lost connection is made anew", async () => {
    const id = await subject.start();
    const woken = [here.changed(id, never()), there.changed(id, never())];
    await cutPresences();
    await Promise.all(woken);
    expect(await there.recover()).toBe(0);
    const change = there.changed(id, never());
    await subject.write(append(id, 1, completed(2)));
    await change;
  });

  it("recover the runs of one that was killed", async () => {
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const source = `
      import { openPostgresStore } from ${url("./postgres-store.ts")};
      import { furnish } from ${url("../contract/subject.ts")};
      const store = await openPostgresStore({ url: process.argv[1] });
      const { start } = await furnish(store);
      console.log(await start({ owner: "worker-9" }));
    `;
    const args = ["--no-warnings", "--input-type=module", "--eval", source, database.url];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [id] = (await once(createInterface({ input: child.stdout }), "line")) as [string]; // as: a line is a string
    expect(await here.recover()).toBe(0);
    expect(await here.run(id)).toMatchObject({ status: "running", owner: "worker-9" });
    child.kill("SIGKILL");
    await expect.poll(() => here.recover(), { timeout: 10_000 }).toBe(1);
    expect(await here.run(id)).toMatchObject({ status: "pending", owner: null, losses: 1 });
  }, 30_000);
});
