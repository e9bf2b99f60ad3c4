import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describePostgres } from "@noukai/postgres-for-tests";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parseEgressAllow } from "../egress/allow-list.ts";
import { createEgress, type Egress } from "../egress/egress.ts";
import { StoreUnavailableError } from "../errors.ts";
import { append, completed, furnish, type Furnished } from "../store/contract/subject.ts";
import { openPostgresStore } from "../store/postgres/postgres-store.ts";
import { openMemoryStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { Deliverer, type DelivererOptions } from "./deliverer.ts";
import { messageId } from "./message.ts";
import { maxAttempts } from "./retries.ts";

const secret = `whsec_${Buffer.from("a secret of the deliverer's test").toString("base64")}`;

function egressTo(allow: string): Egress {
  const parsed = parseEgressAllow(allow);
  if ("faults" in parsed) throw new Error(parsed.faults.join());
  return createEgress({ allow: parsed.rules });
}

const toLoopback = egressTo("http://127.0.0.0/8");

interface Told {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

function idsOf(told: readonly Told[]): readonly string[] {
  return told.map(({ headers }) => String(headers["webhook-id"]));
}

/** A receiver that answers as it is told to; by default with 204. */
async function receive(answer: (told: Told, count: number) => number | Promise<number> = () => 204, port = 0) {
  const told: Told[] = [];
  const listener: RequestListener = (request, response) => {
    void text(request).then(async (body) => {
      const message = { headers: request.headers, body };
      response.writeHead(await answer(message, told.push(message))).end();
    });
  };
  const server = createServer(listener).listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // as: it listens on a port
  return { told, close, host, url: `http://${host}/told` };
}

interface World extends Furnished {
  readonly passTime: (ms: number) => void;
  /** A run that is over and asked to be told of at `url`. */
  readonly end: (url: string) => Promise<string>;
  readonly faults: { readonly runId?: string; readonly error: unknown }[];
  /** A process that sends webhooks, stopped after the test. */
  readonly deliver: (changes?: Partial<DelivererOptions>) => {
    readonly deliverer: Deliverer;
    readonly stop: (timeoutMs?: number) => Promise<void>;
  };
}

async function openWorld(open: (now: () => number) => Promise<Store> | Store): Promise<World> {
  let ms = Date.now();
  const now = (): number => ms;
  const store = await open(now);
  onTestFinished(() => store.close());
  const furnished = await furnish(store);
  const faults: World["faults"] = [];
  const end: World["end"] = async (url) => {
    const id = await furnished.start({ webhook: { url, host: new URL(url).host } });
    await furnished.write({ ...append(id, 1, { ...completed(2), at: now() }), status: "completed" });
    return id;
  };
  const deliver: World["deliver"] = (changes = {}) => {
    const stopping = new AbortController();
    const deliverer = new Deliverer({
      store,
      projects: { webhookSecret: () => secret, signingProjects: () => [furnished.project.id] },
      egress: toLoopback,
      describe: (run, last) => ({ type: `job.${run.status}`, data: { executionId: run.id, last: last?.type } }),
      now,
      random: () => 0,
      rest: () => new Promise((resolve) => void setTimeout(resolve, 5)),
      onFault: (fault) => faults.push(fault),
      ...changes,
    });
    deliverer.start(stopping.signal);
    const stop = (timeoutMs = 0): Promise<void> => {
      stopping.abort();
      return deliverer.drain(timeoutMs);
    };
    onTestFinished(() => stop());
    return { deliverer, stop };
  };
  return { ...furnished, passTime: (by) => void (ms += by), end, faults, deliver };
}

function describeDelivering(world: () => Promise<World>): void {
  test("tells once of a run that ended, signed, with an id that stays", async () => {
    const { end, deliver, store } = await world();
    const receiver = await receive();
    const runId = await end(receiver.url);
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts).toEqual({ delivered: 1, failed: 0, givenUp: 0, underWay: 0 }));
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.told;
    const { completedAt } = (await store.run(runId)) ?? {};
    expect(JSON.parse(body)).toEqual({
      type: "job.completed",
      timestamp: new Date(completedAt ?? 0).toISOString(),
      data: { executionId: runId, last: "step_completed" },
    });
    expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": messageId(runId) });
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signed = [headers["webhook-id"], headers["webhook-timestamp"], body].join(".");
    const signature = createHmac("sha256", key).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
    expect(receiver.told).toHaveLength(1);
  });

  test("of two processes one tells", async () => {
    const { end, deliver } = await world();
    const receiver = await receive();
    const ids = await Promise.all(Array.from({ length: 30 }, () => end(receiver.url)));
    const [one, other] = [deliver().deliverer, deliver().deliverer];
    await vi.waitFor(() => expect(one.counts.delivered + other.counts.delivered).toBe(ids.length));
    expect(idsOf(receiver.told).toSorted()).toEqual(ids.map(messageId).toSorted());
  });

  test("a receiver that is down is told when it is up, the same thing under the same id", async () => {
    const { end, deliver, passTime } = await world();
    const failing = await receive(() => 503);
    const runId = await end(failing.url);
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.failed).toBe(1));
    failing.close();
    passTime(5_000);
    await vi.waitFor(() => expect(deliverer.counts.failed).toBe(2));
    const up = await receive(() => 200, Number(failing.host.split(":")[1]));
    passTime(30_000);
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(1));
    const [before, after] = [failing.told[0], up.told[0]];
    expect(after?.body).toBe(before?.body);
    expect([before, after].map((told) => told?.headers["webhook-id"])).toEqual([messageId(runId), messageId(runId)]);
    const at = (told: Told | undefined): number => Number(told?.headers["webhook-timestamp"]);
    expect(at(after) - at(before)).toBe(35);
  });

  test("a process that died between the end of a run and its webhook, or in the middle of it, is followed by another", async () => {
    const { end, deliver, passTime, project, store } = await world();
    const receiver = await receive();
    const ids = [await end(receiver.url), await end(receiver.url)];
    // Taken by a process of which nothing more is heard.
    await store.claimDeliveries({ projectIds: [project.id], exceptHosts: [], limit: 1, leaseMs: 30_000 });
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(1));
    passTime(30_000);
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(2));
    expect(idsOf(receiver.told).toSorted()).toEqual(ids.map(messageId).toSorted());
  });

  test("a process that stops lets what it is at end in time, and begins nothing more", async () => {
    const { end, deliver } = await world();
    const answer = Promise.withResolvers<number>();
    const receiver = await receive(() => answer.promise);
    await end(receiver.url);
    const { deliverer, stop } = deliver();
    await vi.waitFor(() => expect(receiver.told).toHaveLength(1));
    const stopped = stop(30_000);
    await end(receiver.url);
    answer.resolve(204);
    await stopped;
    expect(deliverer.counts).toEqual({ delivered: 1, failed: 0, givenUp: 0, underWay: 0 });
    expect(receiver.told).toHaveLength(1);
  });

  test("a process that stops breaks off what it is at, and the next one does it over at once", async () => {
    const { end, deliver } = await world();
    const hanging = await receive((_, count) => (count === 1 ? new Promise<number>(() => undefined) : 204));
    await end(hanging.url);
    const first = deliver();
    await vi.waitFor(() => expect(hanging.told).toHaveLength(1));
    await first.stop();
    expect(first.deliverer.counts).toMatchObject({ failed: 1, underWay: 0 });
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(1));
  });
}

describe("webhooks on SQLite", () => {
  const world = (): Promise<World> => openWorld((now) => openMemoryStore({ now }));
  describeDelivering(world);

  test("a receiver that wants no more is told no more", async () => {
    const { end, deliver, faults } = await world();
    const receiver = await receive(() => 410);
    const runId = await end(receiver.url);
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.givenUp).toBe(1));
    const message = "The webhook was given up after 1 attempt: it was answered with 410.";
    expect(faults).toEqual([{ runId, error: expect.objectContaining({ code: "WEBHOOK_GIVEN_UP", message }) }]);
  });

  test("what nobody takes is tried so many times, given up, and told to the log without its address", async () => {
    const { end, deliver, passTime, faults } = await world();
    const receiver = await receive(() => 500);
    const runId = await end(`${receiver.url}?token=canary`);
    const { deliverer } = deliver();
    for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
      await vi.waitFor(() => expect(deliverer.counts).toMatchObject({ failed: attempt, underWay: 0 }));
      passTime(12 * 60 * 60 * 1000);
    }
    await vi.waitFor(() => expect(deliverer.counts).toMatchObject({ failed: maxAttempts - 1, givenUp: 1 }));
    expect(faults).toMatchObject([{ runId, error: { message: expect.stringMatching(/after 8 attempts: .* 500/) } }]);
    expect(JSON.stringify(faults)).not.toContain("canary");
    expect(receiver.told).toHaveLength(maxAttempts);
  });

  test("a redirect into the cloud's metadata is not followed", async () => {
    const { end, deliver } = await world();
    const asked: string[] = [];
    const watched: Egress = {
      ...toLoopback,
      request: (request) => (asked.push(request.url), toLoopback.request(request)),
    };
    const server = createServer((_, response) => {
      response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // as: it listens on a port
    await end(url);
    const { deliverer } = deliver({ egress: watched });
    await vi.waitFor(() => expect(deliverer.counts).toMatchObject({ failed: 1, underWay: 0 }));
    expect(asked).toEqual([url]);
  });

  test("an address that leads inside when its time has come is not called", async () => {
    const { end, deliver, faults } = await world();
    const receiver = await receive();
    await end(receiver.url);
    const { deliverer } = deliver({ egress: createEgress() });
    await vi.waitFor(() => expect(deliverer.counts.failed).toBe(1));
    expect([receiver.told, faults]).toEqual([[], []]);
  });

  test("a receiver that never answers holds up neither others of its project nor more than its share", async () => {
    const { end, deliver } = await world();
    const slow = await receive(() => new Promise<number>(() => undefined));
    const quick = await receive();
    for (let count = 0; count < 40; count += 1) await end(slow.url);
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(slow.told.length).toBeGreaterThan(0));
    for (let count = 0; count < 10; count += 1) await end(quick.url);
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(10));
    expect(slow.told.length).toBeLessThan(8);
    expect(deliverer.counts.underWay).toBe(slow.told.length);
  });

  test("a project whose receivers never answer takes up no more than its share", async () => {
    const { end, deliver } = await world();
    const receivers = await Promise.all(
      Array.from({ length: 12 }, () => receive(() => new Promise<number>(() => undefined))),
    );
    for (const { url } of receivers) for (let count = 0; count < 6; count += 1) await end(url);
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.underWay).toBeGreaterThanOrEqual(24));
    // Several looks later.
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(deliverer.counts.underWay).toBeLessThan(28);
  });

  test("a process that does not know what signs a project's webhooks leaves them to one that does", async () => {
    const { end, deliver, store } = await world();
    const receiver = await receive();
    const other = await store.ensureProject("acme", "other");
    await end(receiver.url);
    const lost = deliver({ projects: { webhookSecret: () => undefined, signingProjects: () => [other.id] } });
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(lost.deliverer.counts).toEqual({ delivered: 0, failed: 0, givenUp: 0, underWay: 0 });
    const { deliverer } = deliver();
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(1));
  });

  test("a webhook of which nothing can be said is tried again, and its fault told", async () => {
    const { end, deliver, faults } = await world();
    const runId = await end((await receive()).url);
    const error = new Error("nothing to say");
    const { deliverer } = deliver({ describe: () => Promise.reject(error) });
    await vi.waitFor(() => expect(deliverer.counts.failed).toBe(1));
    expect(faults).toEqual([{ runId, error }]);
  });

  test("a store that does not answer for a moment loses nothing", async () => {
    const { end, deliver, passTime, store } = await world();
    const receiver = await receive();
    await end(receiver.url);
    let isGone = true;
    const unsure = {
      ...store,
      settleDelivery: (...args: Parameters<Store["settleDelivery"]>) =>
        isGone ? Promise.reject(new StoreUnavailableError("gone")) : store.settleDelivery(...args),
    };
    const { deliverer } = deliver({ store: unsure });
    await vi.waitFor(() => expect(receiver.told).toHaveLength(1));
    await vi.waitFor(() => expect(deliverer.counts.underWay).toBe(0));
    isGone = false;
    passTime(30_000);
    await vi.waitFor(() => expect(deliverer.counts.delivered).toBe(1));
    expect(new Set(idsOf(receiver.told)).size).toBe(1);
  });
});

describePostgres("webhooks on PostgreSQL", (postgres) => {
  describeDelivering(async () => {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    return openWorld((now) => openPostgresStore({ url, now }));
  });
});
