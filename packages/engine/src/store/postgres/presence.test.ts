import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePostgres } from "@noukai/postgres-for-tests";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { furnish } from "../contract/subject.ts";
import { lockSpace } from "./locks.ts";
import { openPostgresStore } from "./postgres-store.ts";

/** The lock by which others know that a process lives, if a connection has it. */
const presences = `
  SELECT pid, objid::bigint::integer AS no FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = ${lockSpace} AND objid > 0
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describePostgres("a process whose presence is lost", (postgres) => {
  async function start() {
    const { url, drop } = await postgres.createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(async () => {
      await client.end();
      await drop();
    });
    const present = async (): Promise<readonly { readonly pid: number; readonly no: number }[]> =>
      (await client.query<{ pid: number; no: number }>(presences)).rows;
    return { url, client, present };
  }

  test("is given no run until it is back: others would take it for lost at once", async () => {
    const { url, client, present } = await start();
    const store = await openPostgresStore({ url });
    onTestFinished(() => store.close());
    const { start: startRun } = await furnish(store);
    const id = await startRun({ owner: null });
    const [presence] = await present();
    // Whoever waits for the lock first has it next, and keeps the process from coming back.
    const blocked = client.query("SELECT pg_advisory_lock($1, $2)", [lockSpace, presence?.no]);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("SELECT pg_terminate_backend($1)", [presence?.pid]);
    await other.end();
    await blocked;
    await expect
      .poll(async () => (await store.recover()) === 0 && store.nodes?.nextLookMs(), { timeout: 5_000 })
      .toBe(5_000);
    const claimable = store.claimable(new AbortController().signal);
    expect(await store.claim("worker-1", 1)).toEqual([]);
    await client.query("SELECT pg_advisory_unlock($1, $2)", [lockSpace, presence?.no]);
    await claimable;
    expect(await store.claim("worker-1", 1)).toMatchObject([{ id, epoch: 1, losses: 0 }]);
  }, 20_000);

  test("comes back although the first connection that it made for that said nothing more", async () => {
    const { url, present } = await start();
    const proxy = await startProxy(url);
    const store = await openPostgresStore({ url: proxy.url });
    onTestFinished(() => store.close());
    await store.recover();
    proxy.muteAndCut();
    await proxy.muted;
    expect(await present()).toEqual([]);
    proxy.unmute();
    await expect.poll(present, { timeout: 15_000 }).toHaveLength(1);
  }, 30_000);
});

/** A server's message that it is ready for a statement. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Lies between the store and the server. */
interface Proxy {
  readonly url: string;
  /** Ends all connections; those that come afterwards are made, and then say nothing more. */
  muteAndCut(): void;
  /** A connection was made that says nothing. */
  readonly muted: Promise<void>;
  /** Those that come from here on are whole again. */
  unmute(): void;
}

async function startProxy(serverUrl: string): Promise<Proxy> {
  const directory = mkdtempSync(join(tmpdir(), "noukai-proxy-"));
  const target = new URL(serverUrl.replace("@/", "@host/")).searchParams.get("host") ?? "";
  const socketName = ".s.PGSQL.5432";
  const sockets = new Set<Socket>();
  const muted = Promise.withResolvers<void>();
  let isMuting = false;
  const server = createServer((client) => {
    const upstream = createConnection(join(target, socketName));
    const isMuted = isMuting;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream);
    let isReady = false;
    upstream.on("data", (chunk: Buffer) => {
      if (isMuted && isReady) return muted.resolve();
      isReady ||= chunk.includes(ready);
      client.write(chunk);
    });
  }).listen(join(directory, socketName));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  return {
    url: serverUrl.replace(encodeURIComponent(target), encodeURIComponent(directory)),
    muted: muted.promise,
    muteAndCut: () => {
      isMuting = true;
      for (const socket of sockets) socket.destroy();
    },
    unmute: () => {
      isMuting = false;
    },
  };
}
