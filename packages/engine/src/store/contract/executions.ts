import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { ExecutionChange, ExecutionQuery, JournalEntry, NewExecutionRun, NewRun, Store } from "../store.ts";
import { firstChange } from "../store.ts";
import { executionStatuses } from "../../executions/statuses.ts";
import { append, completed, seize, started, type Subject, written } from "./subject.ts";

const workerId = "worker-1";

/** The entry that makes a run of an execution, of a new one unless said otherwise. */
function creation(run: NewRun, place: Partial<NewExecutionRun> = {}): JournalEntry {
  const execution = { id: run.id, runNumber: 1, modifiedBy: "key-1", webhookUrl: null, ...place };
  return { kind: "create", run, events: [started()], execution };
}

async function begin({ newRun, write }: Subject, changes: Partial<NewRun> = {}): Promise<string> {
  const run = newRun(changes);
  expect(await write(creation(run))).toEqual(written);
  return run.id;
}

/** An append that an execution's status follows. */
function told(runId: string, epoch: number, seq: number, status: "running" | "completed" | "failed"): JournalEntry {
  return { ...append(runId, epoch, completed(seq)), status, isOfExecution: true };
}

async function changes(
  { store, project }: Subject,
  query: { readonly executionId?: string; readonly after?: string; readonly limit?: number } = {},
): Promise<readonly ExecutionChange[]> {
  return store.executionChanges({ projectIds: [project.id], after: firstChange, limit: 100, ...query });
}

async function statuses(subject: Subject, executionId: string): Promise<readonly string[]> {
  return (await changes(subject, { executionId })).map(({ status }) => status);
}

async function listed(store: Store, query: ExecutionQuery): Promise<readonly string[]> {
  return (await store.executions(query)).map(({ id }) => id);
}

export function describeExecutions(subject: () => Subject): void {
  it("come to be with their first run, under its id, in the same write", async () => {
    const { store, project, flow, newRun, write } = subject();
    const run = newRun({ flowVersion: 3 });
    await write(creation(run, { webhookUrl: "https://hooks.example.org/" }));
    expect(await store.execution(run.id)).toEqual({
      id: run.id,
      projectId: project.id,
      flowId: flow.id,
      status: "running",
      runId: run.id,
      runNumber: 1,
      flowVersion: 3,
      input: run.input,
      edits: {},
      webhookUrl: "https://hooks.example.org/",
      createdAt: run.createdAt,
      updatedAt: run.createdAt,
      modifiedBy: "key-1",
      deletedAt: null,
    });
    expect(await store.run(run.id)).toMatchObject({ execution: { id: run.id, runNumber: 1 } });
    expect(await store.execution(newRunId())).toBeUndefined();
    expect(await store.execution("none")).toBeUndefined();
  });

  it("are none of runs that were made without one", async () => {
    const { store, start } = subject();
    const id = await start();
    expect(await store.execution(id)).toBeUndefined();
    expect(await store.run(id)).not.toHaveProperty("execution");
  });

  it("are made once when the same entry is written twice", async () => {
    const { store, newRun } = subject();
    const entry = creation(newRun());
    expect(await store.append([entry])).toEqual([written]);
    expect(await store.append([entry])).toEqual([written]);
    expect(await changes(subject())).toHaveLength(1);
  });

  it("follow how their run stands, and tell each status once", async () => {
    const id = await begin(subject());
    const { write } = subject();
    await write(told(id, 1, 2, "running"));
    await write(told(id, 1, 3, "running"));
    await write(told(id, 1, 4, "completed"));
    expect(await statuses(subject(), id)).toEqual(["running", "in_progress", "completed"]);
    expect(await subject().store.execution(id)).toMatchObject({ status: "completed" });
  });

  it("follow many runs in one write", async () => {
    const { store, newRun } = subject();
    const runs = Array.from({ length: 20 }, () => newRun());
    await store.append(runs.map((run) => creation(run)));
    const outcomes = await store.append(runs.map(({ id }, index) => told(id, index === 7 ? 9 : 1, 2, "completed")));
    expect(outcomes.filter(({ outcome }) => outcome !== "written")).toEqual([{ outcome: "staleEpoch" }]);
    const all = await Promise.all(runs.map(({ id }) => store.execution(id)));
    expect(all.filter((execution) => execution?.status === "completed")).toHaveLength(19);
    expect(all[7]).toMatchObject({ status: "running" });
  });

  it("wait as queued for a worker, and are queued again when that is lost before a step", async () => {
    const { store, restart } = subject();
    const id = await begin(subject(), { owner: null });
    expect((await store.claim(workerId, 10)).map((run) => run.id)).toEqual([id]);
    const next = await restart();
    await next.recover();
    const now = { ...subject(), store: next };
    expect(await statuses(now, id)).toEqual(["queued", "running", "queued"]);
    await next.claim(workerId, 10);
    expect(await next.execution(id)).toMatchObject({ status: "running" });
  });

  it("stay in progress when their worker is lost behind a first step", async () => {
    const { restart, write } = subject();
    const id = await begin(subject());
    await write(told(id, 1, 2, "running"));
    const next = await restart();
    await next.recover();
    expect(await statuses({ ...subject(), store: next }, id)).toEqual(["running", "in_progress"]);
  });

  it("go on with a later run once the one before it is over, and with no other", async () => {
    const { store, newRun, write } = subject();
    const id = await begin(subject());
    const second = { id, runNumber: 2, modifiedBy: "key-2" };
    expect(await write(creation(newRun(), second))).toMatchObject({ outcome: "refused" });
    await write(told(id, 1, 2, "failed"));
    const [run, other] = [newRun({ owner: null }), newRun()];
    const outcomes = await store.append([creation(run, second)]);
    expect(outcomes).toEqual([written]);
    expect(await write(creation(other, second))).toMatchObject({ outcome: "refused" });
    expect(await write(creation(newRun(), { id, runNumber: 4 }))).toMatchObject({ outcome: "refused" });
    expect(await store.run(other.id)).toBeUndefined();
    expect(await store.execution(id)).toMatchObject({
      runId: run.id,
      runNumber: 2,
      status: "queued",
      modifiedBy: "key-2",
    });
    expect((await changes(subject())).map(({ runNumber }) => runNumber)).toEqual([1, 1, 2]);
  });

  it("follow their latest run alone", async () => {
    const { store, newRun, write } = subject();
    const id = await begin(subject());
    await write(told(id, 1, 2, "failed"));
    const run = newRun();
    await write(creation(run, { id, runNumber: 2 }));
    await write(told(run.id, 1, 2, "completed"));
    expect(await store.execution(id)).toMatchObject({ status: "completed", createdAt: 1_000 });
  });

  it("show the wish to cancel, find the run for it, and end with it", async () => {
    const { store, project, write } = subject();
    const id = await begin(subject());
    expect(await store.commandExecution(id, "key-2", { kind: "requestCancel" })).toMatchObject({
      outcome: "done",
      execution: { status: "cancel_requested", modifiedBy: "key-2" },
    });
    expect(await store.runsToCancel(10)).toEqual([{ projectId: project.id, runId: id }]);
    await write(told(id, 1, 2, "completed"));
    expect(await store.runsToCancel(10)).toEqual([]);
    await store.commandExecution(id, "key-2", { kind: "requestCancel" });
    expect(await statuses(subject(), id)).toEqual(["running", "cancel_requested", "completed"]);
  });

  it("end by a seizure too", async () => {
    const { write } = subject();
    const id = await begin(subject(), { owner: null });
    await write({ ...seize(id, 0, "cancelled", completed(2)), isOfExecution: true });
    expect(await statuses(subject(), id)).toEqual(["queued", "cancelled"]);
  });

  it("keep edits of an ended run, and are stale by them until they run again", async () => {
    const { store, newRun, write } = subject();
    const id = await begin(subject());
    const edit = {
      kind: "edit",
      runId: id,
      stepId: "a",
      edit: { stepIndex: 0, output: { text: "\0\ud800" } },
      isStale: true,
    } as const;
    expect(await store.commandExecution(id, "key-2", edit)).toMatchObject({ outcome: "conflict" });
    await write(told(id, 1, 2, "completed"));
    const { outcome, execution } = (await store.commandExecution(id, "key-2", edit)) ?? {};
    expect([outcome, execution?.status]).toEqual(["done", "stale"]);
    expect((await store.execution(id))?.edits).toMatchObject({ a: { stepIndex: 0, output: { text: "\0\ud800" } } });
    expect(await store.commandExecution(id, "k", { ...edit, runId: newRunId() })).toMatchObject({
      outcome: "conflict",
    });
    await write(creation(newRun(), { id, runNumber: 2 }));
    expect(await store.execution(id)).toMatchObject({ edits: {}, status: "running" });
  });

  it("lose their edits with the payloads of their run", async () => {
    const { store, write } = subject();
    const id = await begin(subject());
    await write(told(id, 1, 2, "completed"));
    const edit = { stepIndex: 0, output: { text: "secret" } };
    await store.commandExecution(id, "k", { kind: "edit", runId: id, stepId: "a", edit, isStale: true });
    await store.prune(id, [started(), { ...completed(2), output: null } as ReturnType<typeof completed>]);
    expect((await store.execution(id))?.edits).toEqual({});
    const again = await store.commandExecution(id, "k", { kind: "edit", runId: id, stepId: "a", edit, isStale: true });
    expect(again).toMatchObject({ outcome: "conflict" });
  });

  it("are hidden when they are deleted, once, whatever becomes of their run", async () => {
    const { store, flow, write } = subject();
    const id = await begin(subject());
    expect(await store.commandExecution(id, "k", { kind: "delete" })).toMatchObject({ outcome: "done" });
    expect(await store.commandExecution(id, "k", { kind: "delete" })).toBeUndefined();
    await write(told(id, 1, 2, "completed"));
    expect(await statuses(subject(), id)).toEqual(["running", "deleted"]);
    expect(await store.execution(id)).toMatchObject({ status: "deleted", deletedAt: expect.any(Number) as number });
    expect(await listed(store, everyOne(flow.id))).toEqual([]);
  });

  it("are listed by creation and by their last change, either way, page by page", async () => {
    const { store, flow, write, passTime } = subject();
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push(await begin(subject(), { createdAt: 1_000 + index }));
    await passTime(1_000);
    for (const index of [3, 0]) {
      await write(told(ids[index] ?? "", 1, 2, "completed"));
      await passTime(1_000);
    }
    const byCreation = { ...everyOne(flow.id), sortField: "createdAt" } as const;
    expect(await listed(store, { ...byCreation, isDescending: false })).toEqual(ids);
    expect(await listed(store, byCreation)).toEqual(ids.toReversed());
    const byUpdate = await listed(store, everyOne(flow.id));
    expect(byUpdate).toEqual([ids[0], ids[3], ids[4], ids[2], ids[1]]);
    expect(await listed(store, { ...everyOne(flow.id), isDescending: false })).toEqual(byUpdate.toReversed());
    expect(await listed(store, { ...byCreation, offset: 1, limit: 2 })).toEqual([ids[3], ids[2]]);
    expect(await listed(store, { ...byCreation, behind: ids[3] ?? "", limit: 2 })).toEqual([ids[2], ids[1]]);
    expect(await listed(store, { ...everyOne(flow.id), behind: ids[3] ?? "" })).toEqual([ids[4], ids[2], ids[1]]);
  });

  it("are listed by status, by time and by flow", async () => {
    const { store, flow, write } = subject();
    const [first, second] = [
      await begin(subject(), { createdAt: 1_000 }),
      await begin(subject(), { createdAt: 2_000 }),
    ];
    await write(told(first, 1, 2, "completed"));
    const query = { ...everyOne(flow.id), sortField: "createdAt" } as const;
    expect(await listed(store, { ...query, statuses: ["completed"] })).toEqual([first]);
    expect(await listed(store, { ...query, statuses: [] })).toEqual([]);
    expect(await listed(store, { ...query, createdAfter: 1_000 })).toEqual([second]);
    expect(await listed(store, { ...query, createdBefore: 2_000 })).toEqual([first]);
    expect(await listed(store, { ...query, updatedBefore: 1 })).toEqual([]);
    expect(await listed(store, { ...query, updatedAfter: 1_999, statuses: ["running"] })).toEqual([second]);
    expect(await listed(store, everyOne(newRunId()))).toEqual([]);
  });

  it("tell their changes in order, from any of them on, to whom they belong", async () => {
    const { store, project, write } = subject();
    const [a, b] = [await begin(subject()), await begin(subject())];
    await write(told(a, 1, 2, "completed"));
    const all = await changes(subject());
    expect(all.map(({ executionId }) => executionId)).toEqual([a, b, a]);
    expect(await changes(subject(), { after: all[0]?.cursor ?? "" })).toEqual(all.slice(1));
    expect(await changes(subject(), { limit: 2 })).toEqual(all.slice(0, 2));
    expect(await changes(subject(), { executionId: b })).toEqual([all[1]]);
    const other = await store.ensureProject("acme", "other");
    const query = { after: firstChange, limit: 10 };
    expect(await store.executionChanges({ ...query, projectIds: [other.id] })).toEqual([]);
    expect(await store.executionChanges({ ...query, projectIds: [other.id], executionId: a })).toEqual([]);
    expect(await store.executionChanges({ ...query, projectIds: [other.id, project.id] })).toEqual(all);
    const now = await store.latestChange();
    expect(await changes(subject(), { after: now })).toEqual([]);
    await write(told(b, 1, 2, "failed"));
    expect(await changes(subject(), { after: now })).toMatchObject([{ executionId: b, status: "failed" }]);
  });

  it("wake who waits for a change", async () => {
    const { store, write } = subject();
    const id = await begin(subject());
    const changed = store.executionsChanged(new AbortController().signal);
    await write(told(id, 1, 2, "completed"));
    await changed;
  });

  it("go with their latest run when that is forgotten", async () => {
    const { store, flow, write } = subject();
    const id = await begin(subject());
    await write(told(id, 1, 2, "completed"));
    expect(await store.forget(flow.id, Date.now() * 2, 1_000)).toBe(1);
    expect(await store.execution(id)).toBeUndefined();
    expect(await changes(subject())).toEqual([]);
  });

  it("have keys that open a whole organisation, which are kept as that", async () => {
    const { store, project } = subject();
    const key = {
      id: "abcdefgh",
      projectId: project.id,
      name: "k",
      mode: "live",
      secretHash: "hash",
      scopes: ["run"],
      createdAt: 1,
      expiresAt: null,
      revokedAt: null,
    } as const;
    await store.saveKey({ ...key, opensOrganisation: true });
    await store.saveKey({ ...key, id: "ijklmnop" });
    expect(await store.key("abcdefgh")).toEqual({ ...key, opensOrganisation: true });
    expect(await store.key("ijklmnop")).toEqual({ ...key, id: "ijklmnop" });
  });
}

/** All executions of the flow, the one that changed last first. */
function everyOne(flowId: string): ExecutionQuery {
  return { flowId, statuses: executionStatuses, sortField: "updatedAt", isDescending: true, offset: 0, limit: 100 };
}
