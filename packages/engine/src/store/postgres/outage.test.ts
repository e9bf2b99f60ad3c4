import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describePostgres, execute, type PostgresServer, type TestDatabase } from "@noukai/postgres-for-tests";
import { createJournal } from "../../journal.ts";
import { append, completed, furnish, never, started, written } from "../contract/subject.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./postgres-store.ts";

describePostgres("a PostgreSQL server that goes and comes back", (postgres) => {
  let server: PostgresServer;
  let url: string;
  let store: Store;

  beforeAll(async () => {
    server = await postgres.startServer();
    url = server.url("postgres");
  });
  afterEach(async () => {
    await server.stop();
    await server.start();
    await store.close();
  });
  afterAll(() => server.dispose());

  it("makes the store unavailable meanwhile, and serves it again with all that was written", async () => {
    store = await openPostgresStore({ url });
    const { start, write } = await furnish(store);
    const id = await start();
    await server.stop();
    await expect(write(append(id, 1, completed(2)))).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(store.run(id)).rejects.toMatchObject({ name: "StoreUnavailableError" });
    await expect(store.ping()).rejects.toThrow(/^PostgreSQL cannot serve: it cannot be reached \(ENOENT\)\.$/);
    await server.start();
    expect(await write(append(id, 1, completed(2)))).toEqual(written);
    expect(await store.eventsAfter(id, 0, 10)).toEqual([started(), completed(2)]);
  });

  it("keeps what was answered when it crashes under load, and the journal goes on where it was", async () => {
    store = await openPostgresStore({ url });
    const { newRun } = await furnish(store);
    const journal = createJournal(store);
    const runs = Array.from({ length: 16 }, () => newRun());
    const load = { isOver: false };
    const writers = runs.map(async (run) => {
      expect(await journal.append({ kind: "create", run, events: [started()] })).toEqual(written);
      for (let seq = 2; !load.isOver || seq <= 20; seq++) {
        expect(await journal.append(append(run.id, 1, completed(seq)))).toEqual(written);
      }
    });
    await server.crash();
    await server.start();
    load.isOver = true;
    await Promise.all(writers);
    for (const { id } of runs) {
      const seqs = (await store.eventsAfter(id, 0, 10_000)).map(({ seq }) => seq);
      expect(seqs.length).toBeGreaterThanOrEqual(20);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    }
  });

  it("leaves the runs of a process that lives with it, and wakes those who slept through it", async () => {
    store = await openPostgresStore({ url, rereadMs: 600_000 });
    const other = await openPostgresStore({ url, rereadMs: 600_000 });
    const { start, write } = await furnish(store);
    // What the stores of the tests before this one left.
    await other.recover();
    const id = await start();
    const woken = [store.changed(id, never()), other.changed(id, never())];
    await server.stop();
    await server.start();
    await Promise.all(woken);
    expect(await other.recover()).toBe(0);
    const change = other.changed(id, never());
    expect(await write(append(id, 1, completed(2)))).toEqual(written);
    await change;
    await other.close();
  });

  it("lets a store close while it is gone", async () => {
    store = await openPostgresStore({ url });
    const { start } = await furnish(store);
    const woken = store.changed(await start(), never());
    await server.stop();
    await store.close();
    await woken;
    await server.start();
  });
});

describePostgres("a connection that breaks", (postgres) => {
  let database: TestDatabase;
  let proxy: Proxy;
  let store: Store;

  beforeAll(async () => {
    database = await postgres.createDatabase();
    proxy = await startProxy(database.url);
    store = await openPostgresStore({ url: proxy.url });
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  it("between a commit and its answer loses neither: the journal asks again and counts it as written once", async () => {
    const { newRun } = await furnish(store);
    const journal = createJournal(store);
    const run = newRun({ idempotency: { key: "call-1", requestHash: "hash" } });
    proxy.loseNextAnswer();
    expect(await journal.append({ kind: "create", run, events: [started()] })).toEqual(written);
    proxy.loseNextAnswer();
    expect(await journal.append(append(run.id, 1, completed(2)))).toEqual(written);
    proxy.loseNextAnswer();
    expect(await journal.append({ ...append(run.id, 1, completed(3)), status: "completed" })).toEqual(written);
    expect(proxy.lostAnswers).toBe(3);
    expect(await store.eventsAfter(run.id, 0, 10)).toEqual([started(), completed(2), completed(3)]);
    expect(await store.run(run.id)).toMatchObject({ status: "completed", lastSeq: 3 });
  });

  it("makes the store unavailable for the one who asked, and for nobody after", async () => {
    const { start, write } = await furnish(store);
    const id = await start();
    proxy.loseNextAnswer();
    const entry = append(id, 1, completed(2));
    await expect(write(entry)).rejects.toMatchObject({
      name: "StoreUnavailableError",
      message: expect.stringContaining("connection"),
    });
    expect(await write(entry)).toEqual(written);
    expect(await store.eventsAfter(id, 1, 10)).toEqual([completed(2)]);
  });
});

describePostgres("opening a PostgreSQL store", (postgres) => {
  it("says what is wrong with the database", async () => {
    const { url, drop } = await postgres.createDatabase();
    await execute(url, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    // A server that says that it is an old one.
    await execute(url, "CREATE SCHEMA old; CREATE FUNCTION old.current_setting(text) RETURNS text RETURN '140000'");
    const cases = [
      [url.replace(/\/test_\w+\?/, "/nowhere?"), "the database does not exist"],
      [url.replace(/\/test_\w+\?/, "/latin?"), "the database's encoding is LATIN1; create it with ENCODING 'UTF8'"],
      [url.replace("noukai@", "stranger@"), "it refused the user name or the password"],
      [`${url}&options=-c%20search_path%3Dold%2Cpg_catalog`, "it is older than version 15"],
      ["postgres://noukai@127.0.0.1:1/noukai", "it cannot be reached (ECONNREFUSED)"],
      ["postgres://noukai@localhost:1/noukai", "it cannot be reached (ECONNREFUSED)"],
    ] as const;
    for (const [wrong, reason] of cases) {
      await expect(openPostgresStore({ url: wrong })).rejects.toMatchObject({
        name: "StoreUnavailableError",
        message: `PostgreSQL cannot serve: ${reason}.`,
      });
    }
    await execute(url, "DROP SCHEMA old CASCADE");
    await execute(url, "DROP DATABASE latin");
    await drop();
  });

  it("keeps the password of a URL that cannot be read to itself", async () => {
    const opening = openPostgresStore({ url: "postgres://noukai:canary@host:port:5432/x" });
    const error: unknown = await opening.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "StoreUnavailableError",
      message: expect.stringContaining("postgres://user:password@host"),
    });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)).not.toContain("canary");
  });

  it("keeps time by the database's clock unless it is given one", async () => {
    const { url, drop } = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    const { start } = await furnish(store);
    await start({ owner: null });
    const [run] = await store.claim("worker-1", 1);
    expect(Math.abs((run?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await store.close();
    await drop();
  });
});

/** Lies between the store and the server, and breaks connections at the worst moment. */
interface Proxy {
  readonly url: string;
  readonly lostAnswers: number;
  /** The next statement of the journal reaches the server; its answer does not come back, nor does the connection. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

async function startProxy(serverUrl: string): Promise<Proxy> {
  const directory = mkdtempSync(join(tmpdir(), "noukai-proxy-"));
  const target = new URL(serverUrl.replace("@/", "@host/")).searchParams.get("host") ?? "";
  const socketName = ".s.PGSQL.5432";
  const sockets = new Set<Socket>();
  let isArmed = false;
  let lostAnswers = 0;

  const proxy: Server = createServer((near) => {
    const far = createConnection(join(target, socketName));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    let isDoomed = false;
    near.on("data", (bytes) => {
      // Messages that prepare or bind a statement carry its name.
      if (isArmed && bytes.includes("write_round")) {
        isArmed = false;
        isDoomed = true;
      }
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!isDoomed) near.write(bytes);
      // `Z`, ready for a query: the commit is through.
      else if (bytes.at(-6) === "Z".charCodeAt(0)) {
        lostAnswers += 1;
        near.destroy();
        far.destroy();
      }
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(join(directory, socketName), resolve));

  return {
    url: serverUrl.replace(encodeURIComponent(target), encodeURIComponent(directory)),
    get lostAnswers() {
      return lostAnswers;
    },
    loseNextAnswer: () => {
      isArmed = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
