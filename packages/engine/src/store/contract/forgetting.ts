import { expect, it } from "vitest";
import { createRunIds, newRunId } from "../../run-id.ts";
import type { NewRun, RunStatus } from "../store.ts";
import { append, completed, definitionOf, started, type Subject, written } from "./subject.ts";

/** A run that was created and ended at `at`, as far as its id and its log tell. */
async function endedAt(
  { newRun, write }: Subject,
  at: number,
  { status = "completed", ...changes }: Partial<NewRun> & { readonly status?: RunStatus } = {},
): Promise<string> {
  const run = newRun({ id: createRunIds({ now: () => at })(), createdAt: at, ...changes });
  expect(await write({ kind: "create", run, events: [started()] })).toEqual(written);
  expect(await write({ ...append(run.id, 1, { ...completed(2), at }), status })).toEqual(written);
  return run.id;
}

export function describeForgetting(subject: () => Subject): void {
  it("keeps a project's settings, and puts new ones in their place", async () => {
    const { store, project } = subject();
    expect(project.settings).toEqual({});
    await store.saveSettings(project.id, { capture: "redacted", retention: { days: 3 } });
    expect(await store.projectById(project.id)).toMatchObject({
      settings: { capture: "redacted", retention: { days: 3 } },
    });
    await store.saveSettings(project.id, { redact: [{ name: "a", pattern: "\\u0000'\"" }] });
    const settings = { redact: [{ name: "a", pattern: "\\u0000'\"" }] };
    expect(await store.project("acme", "spelling")).toMatchObject({ settings });
    expect(await store.projects()).toMatchObject([{ settings }]);
    expect(await store.ensureProject("acme", "spelling")).toMatchObject({ settings });
    await store.saveSettings(newRunId(), { capture: "off" });
    expect(await store.projects()).toMatchObject([{ settings }]);
  });

  it("tells how long each flow's draft keeps its runs, archived flows too", async () => {
    const { store, project, flow } = subject();
    const draft = {
      projectId: project.id,
      name: "x",
      description: null,
      definition: definitionOf("{}"),
      fromFile: false,
      at: 1,
    };
    const other = await store.saveDraft({ ...draft, slug: "other", retentionDays: 30 });
    expect(other.retentionDays).toBe(30);
    await store.archive(other.id, 2);
    const days = async () => new Map((await store.retentions(project.id)).map(({ flowId, days }) => [flowId, days]));
    expect(await days()).toEqual(
      new Map([
        [flow.id, null],
        [other.id, 30],
      ]),
    );
    await store.saveDraft({ ...draft, slug: "other", retentionDays: null });
    expect(await days()).toEqual(
      new Map([
        [flow.id, null],
        [other.id, null],
      ]),
    );
    expect(await store.retentions(newRunId())).toEqual([]);
  });

  it("deletes what ended before a time, with all that is known of it, and nothing else", async () => {
    const { store, project, flow, newRun, write } = subject();
    const other = await store.saveDraft({
      projectId: project.id,
      slug: "other",
      name: "x",
      description: null,
      definition: definitionOf("{}"),
      retentionDays: null,
      fromFile: false,
      at: 1,
    });
    const sessionId = "0199f3c2-7a41-4e0c-9b1d-4f6a2c8e5d10";
    const statuses = ["completed", "failed", "cancelled", "stale"] as const;
    const old = await Promise.all(
      statuses.map((status) =>
        endedAt(subject(), 5_000, { status, sessionId, traced: true, idempotency: { key: status, requestHash: "h" } }),
      ),
    );
    const paused = await endedAt(subject(), 5_000, { status: "paused" });
    const late = newRun({ id: createRunIds({ now: () => 5_000 })() });
    await write({ kind: "create", run: late, events: [started()] });
    await write({ ...append(late.id, 1, { ...completed(2), at: 9_000 }), status: "completed" });
    const young = await endedAt(subject(), 9_000);
    const elsewhere = await endedAt(subject(), 5_000, { flowId: other.id });

    let deleted = 0;
    for (let count = -1; count !== 0; deleted += count) count = await store.forget(flow.id, 8_000, 3);
    expect(deleted).toBe(4);
    for (const id of old) {
      expect(await store.run(id)).toBeUndefined();
      expect(await store.eventsAfter(id, 0, 10)).toEqual([]);
    }
    for (const status of statuses) expect(await store.runByKey(project.id, status)).toBeUndefined();
    expect(await store.sessionRuns(sessionId)).toEqual([]);
    const left = [paused, late.id, young, elsewhere];
    expect(new Set((await store.runs({ projectId: project.id, limit: 100 })).map(({ id }) => id))).toEqual(
      new Set(left),
    );
    for (const id of left) expect(await store.eventsAfter(id, 0, 10)).toHaveLength(2);
    expect(await store.forget(newRunId(), 8_000, 3)).toBe(0);
  });

  it("takes a run's idempotency key with it: the key, and the run's place, may be another one's at once", async () => {
    const { store, project, flow, newRun } = subject();
    const idempotency = { key: "call-1", requestHash: "old" };
    await endedAt(subject(), 5_000, { idempotency });
    await subject().passTime(25 * 60 * 60 * 1000);
    expect(await store.forget(flow.id, 8_000, 10)).toBe(1);
    const next = newRun();
    await store.append([{ kind: "create", run: next, events: [started()] }]);
    expect(await store.runByKey(project.id, "call-1")).toBeUndefined();
    const again = newRun({ idempotency: { ...idempotency, requestHash: "new" } });
    expect(await store.append([{ kind: "create", run: again, events: [started()] }])).toEqual([written]);
    expect(await store.runByKey(project.id, "call-1")).toMatchObject({ id: again.id });
  });

  it("leaves the key to a run that has taken it since", async () => {
    const { store, project, flow, newRun } = subject();
    await endedAt(subject(), 5_000, { idempotency: { key: "call-1", requestHash: "a" } });
    await subject().passTime(25 * 60 * 60 * 1000);
    const heir = newRun({ idempotency: { key: "call-1", requestHash: "b" } });
    expect(await store.append([{ kind: "create", run: heir, events: [started()] }])).toEqual([written]);
    expect(await store.forget(flow.id, 8_000, 10)).toBe(1);
    expect(await store.runByKey(project.id, "call-1")).toMatchObject({ id: heir.id });
  });

  it("deletes few entries at a time, but a long run whole", async () => {
    const { store, flow, newRun } = subject();
    for (let index = 0; index < 5; index += 1) await endedAt(subject(), 1_000 + index);
    expect([await store.forget(flow.id, 8_000, 5), await store.forget(flow.id, 8_000, 5)]).toEqual([2, 2]);
    const long = newRun({ id: createRunIds({ now: () => 500 })() });
    await store.append([{ kind: "create", run: long, events: [started()] }]);
    for (let seq = 2; seq < 20; seq += 1) await store.append([append(long.id, 1, completed(seq))]);
    await store.append([{ ...append(long.id, 1, { ...completed(20), at: 600 }), status: "completed" }]);
    expect([await store.forget(flow.id, 8_000, 5), await store.forget(flow.id, 8_000, 5)]).toEqual([1, 1]);
    expect(await store.forget(flow.id, 8_000, 5)).toBe(0);
  });
}
