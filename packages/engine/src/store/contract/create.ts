import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { JournalEntry } from "../store.ts";
import { append, completed, started, type Subject, written } from "./subject.ts";

const dayMs = 24 * 60 * 60 * 1000;

function withKey(subject: Subject, requestHash: string): JournalEntry & { readonly kind: "create" } {
  return { kind: "create", run: subject.newRun({ idempotency: { key: "call-1", requestHash } }), events: [started()] };
}

export function describeCreate(subject: () => Subject): void {
  it("makes a run with an owner that is held, running and begun", async () => {
    const { store, newRun, write } = subject();
    const run = newRun({
      trigger: "step",
      sessionId: newRunId(),
      capture: "full",
      traced: true,
      options: { blockOverrides: {} },
      priority: -3,
      readyAt: 2_000,
    });
    expect(await write({ kind: "create", run, events: [started()] })).toEqual(written);
    const { idempotency, ...fields } = run;
    expect(idempotency).toBeNull();
    expect(await store.run(run.id)).toEqual({
      ...fields,
      status: "running",
      epoch: 1,
      losses: 0,
      lastSeq: 1,
      startedAt: 1_000,
      pausedAt: null,
      completedAt: null,
      isPruned: false,
    });
  });

  it("makes a run without an owner that waits", async () => {
    const { store, start } = subject();
    const id = await start({ owner: null });
    expect(await store.run(id)).toMatchObject({ status: "pending", epoch: 0, owner: null, startedAt: null });
  });

  it("makes a run with an empty log", async () => {
    const { store, newRun, write } = subject();
    const run = newRun();
    expect(await write({ kind: "create", run, events: [] })).toEqual(written);
    expect(await store.run(run.id)).toMatchObject({ lastSeq: 0 });
    expect(await write(append(run.id, 1, started()))).toEqual(written);
  });

  it("counts the same run, created again, as written, and leaves it as it is by then", async () => {
    const { store, write } = subject();
    const entry = withKey(subject(), "hash-1");
    await write(entry);
    await write({ ...append(entry.run.id, 1, completed(2)), status: "completed" });
    expect(await write(entry)).toEqual(written);
    expect(await store.run(entry.run.id)).toMatchObject({ status: "completed", lastSeq: 2 });
  });

  it("knows no run that was not created", async () => {
    const { store } = subject();
    expect(await store.run(newRunId())).toBeUndefined();
    expect(await store.eventsAfter(newRunId(), 0, 10)).toEqual([]);
  });

  it.each(["flowId", "definitionHash", "projectId"] as const)(
    "refuses a run whose %s is not stored",
    async (member) => {
      const { store, newRun, write } = subject();
      const run = newRun({ [member]: newRunId() });
      expect(await write({ kind: "create", run, events: [started()] })).toMatchObject({ outcome: "refused" });
      expect(await store.run(run.id)).toBeUndefined();
    },
  );

  it.each(["priority", "readyAt", "createdAt"] as const)(
    "refuses a run whose %s is no whole number, and only that one",
    async (member) => {
      const { store, newRun } = subject();
      const [bad, good] = [newRun({ [member]: 1.5 }), newRun()];
      const outcomes = await store.append([bad, good].map((run) => ({ kind: "create", run, events: [] })));
      expect(outcomes).toEqual([{ outcome: "refused", reason: expect.any(String) }, written]);
      expect(await store.run(bad.id)).toBeUndefined();
    },
  );

  it("refuses a log that does not begin at 1", async () => {
    const { store, newRun, write } = subject();
    const run = newRun();
    expect(await write({ kind: "create", run, events: [completed(2)] })).toMatchObject({ outcome: "refused" });
    expect(await store.run(run.id)).toBeUndefined();
  });

  it("gives the first run for the same call under a taken idempotency key", async () => {
    const { store, write } = subject();
    const first = withKey(subject(), "hash-1");
    const second = withKey(subject(), "hash-1");
    await write(first);
    expect(await write(second)).toEqual({ outcome: "duplicate", runId: first.run.id, sameRequest: true });
    expect(await store.run(second.run.id)).toBeUndefined();
  });

  it("tells another call under a taken idempotency key", async () => {
    const { write } = subject();
    const first = withKey(subject(), "hash-1");
    await write(first);
    expect(await write(withKey(subject(), "hash-2"))).toEqual({
      outcome: "duplicate",
      runId: first.run.id,
      sameRequest: false,
    });
  });

  it("lets one of two calls with one key in the same commit win", async () => {
    const { store } = subject();
    const first = withKey(subject(), "hash-1");
    const second = withKey(subject(), "hash-1");
    expect(await store.append([first, second])).toEqual([
      written,
      { outcome: "duplicate", runId: first.run.id, sameRequest: true },
    ]);
  });

  it("keeps idempotency keys apart by project", async () => {
    const { store, write, newRun } = subject();
    await write(withKey(subject(), "hash-1"));
    const other = await store.ensureProject("acme", "other");
    const run = newRun({ projectId: other.id, idempotency: { key: "call-1", requestHash: "hash-1" } });
    expect(await write({ kind: "create", run, events: [] })).toEqual(written);
  });

  it("remembers an idempotency key for 24 hours and gives it to the next call then", async () => {
    const { write, passTime } = subject();
    const first = withKey(subject(), "hash-1");
    const second = withKey(subject(), "hash-2");
    const third = withKey(subject(), "hash-2");
    await write(first);
    await passTime(dayMs - 1_000);
    expect(await write(second)).toMatchObject({ outcome: "duplicate", runId: first.run.id });
    await passTime(2_000);
    expect(await write(second)).toEqual(written);
    expect(await write(third)).toEqual({ outcome: "duplicate", runId: second.run.id, sameRequest: true });
    expect(await write(first)).toEqual(written);
  });
}
