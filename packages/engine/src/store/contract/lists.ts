import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { FlowRecord, NewRun, RunQuery, RunRecord, RunStatus, Store } from "../store.ts";
import { append, completed, definitionOf, seize, started, type Subject, written } from "./subject.ts";

const dayMs = 24 * 60 * 60 * 1000;

function idsOf(runs: readonly RunRecord[]): readonly string[] {
  return runs.map(({ id }) => id);
}

async function listed(store: Store, query: RunQuery): Promise<readonly string[]> {
  return idsOf(await store.runs(query));
}

/** Another flow, in this project or another one. */
function addFlow({ store, project }: Subject, slug: string, projectId = project.id): Promise<FlowRecord> {
  const definition = definitionOf(JSON.stringify({ steps: [{ id: slug, type: "passthrough" }] }));
  return store.saveDraft({
    projectId,
    slug,
    name: slug,
    description: null,
    definition,
    retentionDays: null,
    fromFile: false,
    at: 1,
  });
}

function ofFlow({ id, projectId, draftHash }: FlowRecord): Partial<NewRun> {
  return { flowId: id, projectId, definitionHash: draftHash };
}

async function startMany({ start }: Subject, count: number, changes: Partial<NewRun> = {}): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await start(changes));
  return ids;
}

/** Runs of several flows in several statuses, some flows and statuses rarer than others. */
async function startMixed(subject: Subject, flows: readonly FlowRecord[], count: number): Promise<readonly string[]> {
  const statuses: readonly RunStatus[] = ["completed", "completed", "failed", "completed", "paused", "running"];
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const flow = flows[index % 11 === 3 ? 1 : index % 7 === 2 ? 2 : 0];
    const isWaiting = index % 13 === 5;
    const id = await subject.start({ ...(flow && ofFlow(flow)), ...(isWaiting ? { owner: null } : {}) });
    const status = statuses[index % statuses.length] ?? "running";
    if (!isWaiting) expect(await subject.write({ ...append(id, 1, completed(2)), status })).toEqual(written);
    ids.push(id);
  }
  return ids;
}

/** All pages in one. A list without an end fails once the last run of a page comes again. */
async function readPages(store: Store, query: RunQuery): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let page = await listed(store, query); page.length > 0;) {
    expect(page.length).toBeLessThanOrEqual(query.limit);
    expect(seen).not.toContain(page.at(-1));
    seen.push(...page);
    page = await listed(store, { ...query, before: page.at(-1) ?? "" });
  }
  return seen;
}

export function describeLists(subject: () => Subject): void {
  it("give whole runs, newest first, at most as many as asked for", async () => {
    const { store, project } = subject();
    const ids = await startMany(subject(), 5, { input: { message: "whole" }, options: { tools: [] } });
    const runs = await store.runs({ projectId: project.id, limit: 3 });
    expect(idsOf(runs)).toEqual(ids.toReversed().slice(0, 3));
    expect(runs).toEqual(await Promise.all(idsOf(runs).map((id) => store.run(id))));
  });

  it("show each run once, page by page, while new ones arrive", async () => {
    const { store, project } = subject();
    const ids = await startMany(subject(), 8);
    const seen: string[] = [];
    const query = { projectId: project.id, limit: 3 };
    for (let page = await listed(store, query); page.length > 0;) {
      seen.push(...page);
      expect(seen.length).toBeLessThanOrEqual(ids.length);
      await startMany(subject(), 2);
      page = await listed(store, { ...query, before: page.at(-1) ?? "" });
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it("hold the runs of one flow, page by page, when one is named", async () => {
    const { store, project, flow } = subject();
    const other = await addFlow(subject(), "other");
    const ids: string[] = [];
    const others: string[] = [];
    for (let index = 0; index < 4; index++) {
      ids.push(...(await startMany(subject(), 1)));
      others.push(...(await startMany(subject(), 2, ofFlow(other))));
    }
    const query = { projectId: project.id, flowId: flow.id, limit: 3 };
    expect(await listed(store, query)).toEqual(ids.toReversed().slice(0, 3));
    expect(await listed(store, { ...query, before: ids[1] ?? "" })).toEqual(ids.slice(0, 1));
    expect(await listed(store, { ...query, before: others[3] ?? "" })).toEqual(ids.slice(0, 2).toReversed());
    expect(await store.runs({ projectId: project.id, limit: 100 })).toHaveLength(12);
    expect(await store.runs({ projectId: project.id, flowId: newRunId(), limit: 3 })).toEqual([]);
  });

  it("hold the runs of one project only, also when another one's flow is named", async () => {
    const { store, project, start } = subject();
    const other = await store.ensureProject("acme", "other");
    const flow = await addFlow(subject(), "grade-3", other.id);
    const [ours, theirs] = [await start(), await start(ofFlow(flow))];
    expect(await listed(store, { projectId: project.id, limit: 10 })).toEqual([ours]);
    expect(await listed(store, { projectId: other.id, limit: 10 })).toEqual([theirs]);
    expect(await listed(store, { projectId: project.id, flowId: flow.id, limit: 10 })).toEqual([]);
  });

  it("show the runs of archived flows", async () => {
    const { store, project, flow, start } = subject();
    const id = await start();
    await store.archive(flow.id, 2);
    expect(await listed(store, { projectId: project.id, limit: 10 })).toEqual([id]);
  });

  it("hold the runs of the statuses that are named, as they are now", async () => {
    const { store, project, start, write } = subject();
    const running = await start();
    const pending = await start({ owner: null });
    const [failed, paused, completedId] = [await start(), await start(), await start()];
    await write({ ...append(failed, 1, completed(2)), status: "failed" });
    await write({ ...append(paused, 1, completed(2)), status: "paused" });
    await write({ ...append(completedId, 1, completed(2)), status: "completed" });
    const query = { projectId: project.id, limit: 10 };
    expect(await listed(store, { ...query, statuses: ["running"] })).toEqual([running]);
    expect(await listed(store, { ...query, statuses: ["failed", "pending", "paused"] })).toEqual([
      paused,
      failed,
      pending,
    ]);
    expect(await listed(store, { ...query, statuses: ["running", "completed"], before: completedId })).toEqual([
      running,
    ]);
    expect(await listed(store, { ...query, statuses: ["stale"] })).toEqual([]);
    expect(await listed(store, { ...query, statuses: [] })).toEqual([]);
    await write(seize(paused, 1, "cancelled", completed(3)));
    expect(await listed(store, { ...query, statuses: ["paused"] })).toEqual([]);
    expect(await listed(store, { ...query, statuses: ["cancelled"] })).toEqual([paused]);
  });

  it("agree with a filter over all runs, page by page, whatever is asked for", async () => {
    const { store, project, flow } = subject();
    const flows = [flow, await addFlow(subject(), "second"), await addFlow(subject(), "third")];
    const all: RunRecord[] = [];
    for (const id of await startMixed(subject(), flows, 60)) {
      const run = await store.run(id);
      if (run !== undefined) all.unshift(run);
    }
    const flowIds = [undefined, ...flows.map(({ id }) => id)];
    const statusSets = [undefined, ["completed"], ["running", "pending"], ["failed", "paused", "completed"]] as const;
    for (const flowId of flowIds) {
      for (const statuses of statusSets) {
        const wanted = all.filter(
          (run) =>
            (flowId ?? run.flowId) === run.flowId && (statuses ?? [run.status]).some((one) => one === run.status),
        );
        for (const limit of [1, 2, 7, 25, 100]) {
          const query = {
            projectId: project.id,
            limit,
            ...(flowId === undefined ? {} : { flowId }),
            ...(statuses === undefined ? {} : { statuses }),
          };
          expect(await readPages(store, query)).toEqual(idsOf(wanted));
        }
      }
    }
  });

  it("of a session hold its runs, oldest first, across projects", async () => {
    const { store, start } = subject();
    const other = await store.ensureProject("acme", "other");
    const flow = await addFlow(subject(), "grade-3", other.id);
    const sessionId = newRunId();
    const first = await start({ sessionId });
    await start();
    const second = await start({ sessionId, ...ofFlow(flow) });
    await start({ sessionId: newRunId() });
    const third = await start({ sessionId, owner: null });
    const runs = await store.sessionRuns(sessionId);
    expect(idsOf(runs)).toEqual([first, second, third]);
    expect(runs[1]).toEqual(await store.run(second));
    expect(await store.sessionRuns(newRunId())).toEqual([]);
  });

  it("find a run by its project's idempotency key, until that expires or names another", async () => {
    const { store, project, newRun, write, passTime } = subject();
    const other = await store.ensureProject("acme", "other");
    const create = async (): Promise<string> => {
      const run = newRun({ idempotency: { key: "call-1", requestHash: "hash-1" } });
      expect(await write({ kind: "create", run, events: [started()] })).toEqual(written);
      return run.id;
    };
    const first = await create();
    expect(await store.runByKey(project.id, "call-1")).toEqual(await store.run(first));
    expect(await store.runByKey(project.id, "call-2")).toBeUndefined();
    expect(await store.runByKey(other.id, "call-1")).toBeUndefined();
    await passTime(dayMs + 1_000);
    expect(await store.runByKey(project.id, "call-1")).toBeUndefined();
    const second = await create();
    expect(await store.runByKey(project.id, "call-1")).toMatchObject({ id: second });
  });
}
