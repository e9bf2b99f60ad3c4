import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import {
  type Delivery,
  type DeliveryQuery,
  heldForWebhookMs,
  type NewRun,
  type RunStatus,
  type Store,
} from "../store.ts";
import { append, completed, seize, started, type Subject, written } from "./subject.ts";

const leaseMs = 30_000;

function hook(host = "hooks.example.org"): Pick<NewRun, "webhook"> {
  return { webhook: { url: `https://${host}/told`, host } };
}

export function describeDeliveries(subject: () => Subject): void {
  function claim(changes: Partial<DeliveryQuery> = {}, where: Store = subject().store): Promise<readonly Delivery[]> {
    const { project } = subject();
    return where.claimDeliveries({ projectIds: [project.id], exceptHosts: [], limit: 10, leaseMs, ...changes });
  }

  /** Ends a run that `worker-1` holds. */
  async function end(runId: string, status: RunStatus = "completed"): Promise<void> {
    expect(await subject().write({ ...append(runId, 1, completed(2)), status })).toEqual(written);
  }

  /** A run that asked for a webhook, and is over. */
  async function ended(host?: string): Promise<string> {
    const id = await subject().start(hook(host));
    await end(id);
    return id;
  }

  it("hands a webhook out once its run is over, and not before", async () => {
    const { project, start } = subject();
    const id = await start(hook());
    expect(await claim()).toEqual([]);
    await end(id);
    const delivery = { runId: id, projectId: project.id, attempt: 1, ...hook().webhook };
    expect(await claim()).toEqual([delivery]);
    expect(await claim()).toEqual([]);
  });

  it("hands nothing out for a run that asked for no webhook, or that only pauses or is given back", async () => {
    const { start, write } = subject();
    await end(await start());
    const [paused, released] = [await start(hook()), await start(hook())];
    await write({ ...append(paused, 1, completed(2)), status: "paused" });
    await write({ ...append(released, 1, completed(2)), release: true });
    expect(await claim()).toEqual([]);
  });

  it.each(["completed", "failed", "cancelled", "stale"] as const)("tells of a run that ends as %s", async (status) => {
    const id = await subject().start(hook());
    await end(id, status);
    expect(await claim()).toMatchObject([{ runId: id }]);
  });

  it("tells of a run that somebody ends who seizes it", async () => {
    const { start, write } = subject();
    const id = await start({ owner: null, ...hook() });
    await write(seize(id, 0, "cancelled", completed(2)));
    expect(await claim()).toMatchObject([{ runId: id, attempt: 1 }]);
  });

  it("falls due once, however often the answer to the end is lost", async () => {
    const { start, store, write } = subject();
    const id = await start(hook());
    const entry = { ...append(id, 1, completed(2)), status: "completed" } as const;
    await write(entry);
    const [delivery] = await claim();
    await write(entry);
    expect(await claim()).toEqual([]);
    await store.settleDelivery({ runId: id, attempt: delivery?.attempt ?? 0 }, { end: "delivered" });
    await write(entry);
    expect(await claim()).toEqual([]);
  });

  it("keeps none for a run that was not created", async () => {
    const { newRun, write, store } = subject();
    const idempotency = { key: "call-1", requestHash: "hash" };
    const [first, second] = [newRun({ idempotency }), newRun({ idempotency, ...hook() })];
    await store.append([first, second].map((run) => ({ kind: "create", run, events: [started()] })));
    expect(await write({ kind: "create", run: newRun({ flowId: newRunId(), ...hook() }), events: [] })).toMatchObject({
      outcome: "refused",
    });
    await end(first.id);
    expect(await claim()).toEqual([]);
  });

  it("keeps webhooks of many runs in one commit apart", async () => {
    const { newRun, store } = subject();
    const runs = Array.from({ length: 20 }, (_, index) => newRun(index % 2 === 0 ? hook(`h${index}.example.org`) : {}));
    await store.append(runs.map((run) => ({ kind: "create", run, events: [started()] })));
    await store.append(runs.map(({ id }) => ({ ...append(id, 1, completed(2)), status: "completed" })));
    const told = await claim({ limit: 100 });
    expect(new Map(told.map(({ runId, host }) => [runId, host]))).toEqual(
      new Map(runs.flatMap(({ id, webhook }) => (webhook === undefined ? [] : [[id, webhook.host]]))),
    );
  });

  it("hands out again what was not settled in time, as the next attempt, and lets go of the one before", async () => {
    const { passTime, store } = subject();
    const runId = await ended();
    await claim();
    await passTime(leaseMs - 1);
    expect(await claim()).toEqual([]);
    await passTime(1);
    expect(await claim()).toMatchObject([{ runId, attempt: 2 }]);
    expect(await store.settleDelivery({ runId, attempt: 1 }, { end: "delivered" })).toBe(false);
    expect(await store.settleDelivery({ runId, attempt: 1 }, { end: "givenUp" })).toBe(false);
    expect(await store.settleDelivery({ runId, attempt: 2 }, { end: "delivered" })).toBe(true);
    await passTime(leaseMs * 2);
    expect(await claim()).toEqual([]);
  });

  it("puts a failed attempt off, for as long as is said", async () => {
    const { passTime, store } = subject();
    const runId = await ended();
    await claim();
    expect(await store.settleDelivery({ runId, attempt: 1 }, { end: "failed", retryInMs: 90_000 })).toBe(true);
    await passTime(89_999);
    expect(await claim()).toEqual([]);
    await passTime(1);
    expect(await claim()).toMatchObject([{ runId, attempt: 2 }]);
  });

  it("never hands out again what was given up", async () => {
    const { passTime, store } = subject();
    const runId = await ended();
    await claim();
    expect(await store.settleDelivery({ runId, attempt: 1 }, { end: "givenUp" })).toBe(true);
    await passTime(leaseMs * 100);
    expect(await claim()).toEqual([]);
  });

  it("hands out no more than is wanted, longest due first, none of other projects and none to hosts that are left out", async () => {
    const { passTime, store } = subject();
    const ids: string[] = [];
    for (const host of ["slow.example.org", "slow.example.org", "a.example.org", "b.example.org"]) {
      ids.push(await ended(host));
      await passTime(1);
    }
    const other = await store.ensureProject("acme", "other");
    expect(await claim({ projectIds: [other.id] })).toEqual([]);
    expect(await claim({ projectIds: [] })).toEqual([]);
    expect(await claim({ limit: 1 })).toMatchObject([{ runId: ids[0] }]);
    expect(await claim({ exceptHosts: ["slow.example.org"], limit: 1 })).toMatchObject([{ runId: ids[2] }]);
    expect((await claim()).map(({ runId }) => runId).toSorted()).toEqual([ids[1], ids[3]].toSorted());
  });

  it("gives each webhook to one of many who ask at the same moment", async () => {
    const ids = [];
    for (let count = 0; count < 12; count += 1) ids.push(await ended());
    const claimed = await Promise.all(Array.from({ length: 6 }, () => claim({ limit: 4 })));
    expect(
      claimed
        .flat()
        .map(({ runId }) => runId)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });

  it("remembers what is to be sent over a restart", async () => {
    const { restart } = subject();
    const runId = await ended();
    const store = await restart();
    expect(await claim({}, store)).toMatchObject([{ runId, attempt: 1 }]);
  });

  it("keeps the payloads of a run until its webhook was sent or given up, but not for ever", async () => {
    const { store } = subject();
    const [sent, dead] = [await ended(), await ended()];
    // The runs ended a second after 1970 began.
    const prunable = async (at = heldForWebhookMs) => (await store.prunable(at, 10)).map(({ id }) => id);
    expect(await prunable()).toEqual([]);
    await claim();
    expect(await prunable()).toEqual([]);
    await store.settleDelivery({ runId: sent, attempt: 1 }, { end: "delivered" });
    await store.settleDelivery({ runId: dead, attempt: 1 }, { end: "givenUp" });
    expect((await prunable()).toSorted()).toEqual([sent, dead].toSorted());
    const unsigned = await ended();
    expect(await prunable()).not.toContain(unsigned);
    expect(await prunable(heldForWebhookMs + 10_000)).toContain(unsigned);
  });

  it("forgets webhooks with their runs", async () => {
    const { store, flow, passTime } = subject();
    await ended();
    await passTime(1);
    expect(await store.forget(flow.id, Date.now() * 2, 10)).toBe(1);
    expect(await claim()).toEqual([]);
    // Its number may be given again.
    await end(await subject().start());
    expect(await claim()).toEqual([]);
  });

  it("settles nothing that is not there", async () => {
    const { store } = subject();
    expect(await store.settleDelivery({ runId: newRunId(), attempt: 1 }, { end: "delivered" })).toBe(false);
    expect(await store.settleDelivery({ runId: "1", attempt: 1 }, { end: "delivered" })).toBe(false);
  });
}
