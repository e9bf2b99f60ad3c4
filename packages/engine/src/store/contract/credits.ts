import { expect, it } from "vitest";
import { newRunId } from "../../run-id.ts";
import type { ApiKeyRecord, JournalEntry } from "../store.ts";
import { append, completed, seize, started, staleEpoch, type Subject, written } from "./subject.ts";

type Charge = JournalEntry & { readonly kind: "append" };

function charging(runId: string, seq: number, chargeUsd: string, epoch = 1): Charge {
  return { ...append(runId, epoch, completed(seq)), chargeUsd };
}

export function describeCredits(subject: () => Subject): void {
  it("knows no bound until one is set, and none of a project that does not exist", async () => {
    const { store, project } = subject();
    expect(await store.credits(project.id)).toEqual({ balanceUsd: null, spentUsd: "0" });
    expect(await store.credits(newRunId())).toEqual({ balanceUsd: null, spentUsd: "0" });
    await expect(store.setCredits(newRunId(), "1")).rejects.toThrow(/no project/);
  });

  it("sets a balance and takes the bound away again", async () => {
    const { store, project } = subject();
    expect(await store.setCredits(project.id, "25.50")).toEqual({ balanceUsd: "25.5", spentUsd: "0" });
    expect(await store.credits(project.id)).toEqual({ balanceUsd: "25.5", spentUsd: "0" });
    expect(await store.setCredits(project.id, null)).toEqual({ balanceUsd: null, spentUsd: "0" });
    expect(await store.credits(project.id)).toEqual({ balanceUsd: null, spentUsd: "0" });
  });

  it("takes a charge with the entry that carries it, exactly, also below zero", async () => {
    const { store, project, start, write } = subject();
    await store.setCredits(project.id, "0.3");
    const id = await start();
    await write(charging(id, 2, "0.1"));
    await write(charging(id, 3, "0.000000000000000001"));
    expect(await store.credits(project.id)).toEqual({
      balanceUsd: "0.199999999999999999",
      spentUsd: "0.100000000000000001",
    });
    await write(charging(id, 4, "0.2"));
    expect(await store.credits(project.id)).toEqual({
      balanceUsd: "-0.000000000000000001",
      spentUsd: "0.300000000000000001",
    });
  });

  it("counts what a project without a bound spends", async () => {
    const { store, project, start, write } = subject();
    await write(charging(await start(), 2, "0.25"));
    expect(await store.credits(project.id)).toEqual({ balanceUsd: null, spentUsd: "0.25" });
  });

  it("charges an entry once, however often its answer is lost", async () => {
    const { store, project, start, write } = subject();
    await store.setCredits(project.id, "10");
    const id = await start();
    const first = charging(id, 2, "1");
    const last = { ...charging(id, 3, "2"), status: "completed" } as const;
    for (const entry of [first, first, last, last, first]) expect(await write(entry)).toEqual(written);
    expect(await store.append([first, last])).toEqual([written, written]);
    expect(await store.credits(project.id)).toEqual({ balanceUsd: "7", spentUsd: "3" });
  });

  it("charges nothing for an entry that is not written", async () => {
    const { store, project, start, write } = subject();
    const id = await start();
    expect(await write(charging(id, 2, "1", 7))).toEqual(staleEpoch);
    expect(await write(charging(id, 3, "1"))).toMatchObject({ outcome: "refused" });
    expect(await write(charging(newRunId(), 1, "1"))).toMatchObject({ outcome: "refused" });
    for (const chargeUsd of ["0", "-1", "much"]) {
      expect(await write(charging(id, 2, chargeUsd))).toMatchObject({ outcome: "refused" });
    }
    expect(await write({ ...append(id, 1), chargeUsd: "1" })).toMatchObject({ outcome: "refused" });
    expect(await store.credits(project.id)).toMatchObject({ spentUsd: "0" });
  });

  it("adds the charges of many entries in one commit to each project's account", async () => {
    const { store, project, newRun } = subject();
    const other = await store.ensureProject("acme", "other");
    await store.setCredits(project.id, "1");
    await store.setCredits(other.id, "1");
    const runs = Array.from({ length: 20 }, (_, index) => newRun(index % 4 === 0 ? { projectId: other.id } : {}));
    const entries: readonly JournalEntry[] = runs.flatMap(({ id }, index) => [
      charging(id, 2, "0.01"),
      // One stale entry among them refuses only itself.
      charging(id, 3, "0.02", index === 1 ? 9 : 1),
    ]);
    await store.append(runs.map((run) => ({ kind: "create", run, events: [started()] })));
    const outcomes = await store.append(entries);
    expect(outcomes.filter(({ outcome }) => outcome === "written")).toHaveLength(39);
    expect(await store.credits(project.id)).toEqual({ balanceUsd: "0.57", spentUsd: "0.43" });
    expect(await store.credits(other.id)).toEqual({ balanceUsd: "0.85", spentUsd: "0.15" });
  });

  it("charges under the hold that follows as well", async () => {
    const { store, project, start, write } = subject();
    const id = await start();
    await write({ ...charging(id, 2, "1"), status: "paused" });
    await write(seize(id, 1, "running", completed(3)));
    await write({ ...charging(id, 4, "2", 2), release: true });
    expect(await store.credits(project.id)).toMatchObject({ spentUsd: "3" });
  });

  it("keeps accounts over a restart", async () => {
    const { store, project, start, write, restart } = subject();
    await store.setCredits(project.id, "5");
    await write(charging(await start(), 2, "1"));
    expect(await (await restart()).credits(project.id)).toEqual({ balanceUsd: "4", spentUsd: "1" });
  });

  it("adds credits once per key, and refuses a key that named another amount", async () => {
    const { store, project } = subject();
    const grant = { key: "topup-1", amountUsd: "10", at: 1 };
    expect(await store.addCredits(project.id, grant)).toEqual({ outcome: "unlimited" });
    await store.setCredits(project.id, "1");
    const account = { balanceUsd: "11", spentUsd: "0" };
    expect(await store.addCredits(project.id, grant)).toEqual({ outcome: "granted", account });
    const again = { ...grant, amountUsd: "10.00", at: 9 };
    expect(await store.addCredits(project.id, again)).toEqual({ outcome: "granted", account });
    expect(await store.addCredits(project.id, { ...grant, amountUsd: "11" })).toEqual({ outcome: "keyReused" });
    const other = await store.ensureProject("acme", "other");
    await store.setCredits(other.id, "0");
    expect(await store.addCredits(other.id, grant)).toMatchObject({ account: { balanceUsd: "10" } });
  });

  it("adds equal grants of one moment once", async () => {
    const { store, project } = subject();
    await store.setCredits(project.id, "0");
    const grant = { key: "topup-1", amountUsd: "10", at: 1 };
    await Promise.all(Array.from({ length: 5 }, () => store.addCredits(project.id, grant)));
    expect(await store.credits(project.id)).toMatchObject({ balanceUsd: "10" });
  });

  it("grants what the project's file says once, and moves by what is changed there", async () => {
    const { store, project, start, write } = subject();
    const balance = async () => (await store.credits(project.id)).balanceUsd;
    await store.grantFromFile(project.id, null);
    expect(await balance()).toBeNull();
    for (const _ of [1, 2]) await store.grantFromFile(project.id, "25.50");
    expect(await balance()).toBe("25.5");
    await write(charging(await start(), 2, "5"));
    await store.grantFromFile(project.id, "30");
    expect(await balance()).toBe("25");
    await store.grantFromFile(project.id, "1");
    expect(await balance()).toBe("-4");
    await store.grantFromFile(project.id, null);
    expect(await balance()).toBeNull();
    await store.grantFromFile(project.id, "2");
    expect(await balance()).toBe("2");
  });

  it("leaves a balance that was set by hand when the file says nothing, or what it said before", async () => {
    const { store, project } = subject();
    await store.setCredits(project.id, "3");
    await store.grantFromFile(project.id, null);
    expect(await store.credits(project.id)).toMatchObject({ balanceUsd: "3" });
    await store.grantFromFile(project.id, "10");
    expect(await store.credits(project.id)).toMatchObject({ balanceUsd: "13" });
    await store.setCredits(project.id, null);
    await store.grantFromFile(project.id, "10");
    expect(await store.credits(project.id)).toMatchObject({ balanceUsd: null });
  });

  it("lets charges and grants of one moment all count", async () => {
    const { store, project, start, write } = subject();
    await store.setCredits(project.id, "0");
    const ids = await Promise.all(Array.from({ length: 10 }, () => start()));
    const grants = ids.map((id) => store.addCredits(project.id, { key: id, amountUsd: "2", at: 1 }));
    await Promise.all([...ids.map((id) => write(charging(id, 2, "0.5"))), ...grants]);
    expect(await store.credits(project.id)).toEqual({ balanceUsd: "15", spentUsd: "5" });
  });
}

/** A project's keys, made at once. */
export function describeKeyLimit(subject: () => Subject): void {
  const makeKey = (projectId: string, id: string, changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
    id,
    projectId,
    name: "k",
    mode: "live",
    secretHash: id.repeat(8),
    scopes: [],
    createdAt: 10,
    expiresAt: null,
    revokedAt: null,
    ...changes,
  });
  const limit = { most: 10, at: 50 };

  it("takes one of two keys that are made at once where there is room for one", async () => {
    const { store, project } = subject();
    for (let count = 0; count < 9; count++) await store.saveKey(makeKey(project.id, `key0000${count}`), limit);
    const made = await Promise.all(["keyaaaaa", "keybbbbb"].map((id) => store.saveKey(makeKey(project.id, id), limit)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await store.keys(project.id)).toHaveLength(10);
  });

  it("counts neither revoked nor expired keys, nor those of other projects, and knows a key that it has", async () => {
    const { store, project } = subject();
    const other = await store.ensureProject("acme", "other");
    const two = { most: 2, at: 50 };
    await store.saveKey(makeKey(other.id, "other001"));
    await store.saveKey(makeKey(project.id, "revoked1", { revokedAt: 20 }));
    await store.saveKey(makeKey(project.id, "expired1", { expiresAt: 50 }));
    expect(await store.saveKey(makeKey(project.id, "valid001", { expiresAt: 51 }), two)).toBe(true);
    expect(await store.saveKey(makeKey(project.id, "valid002"), two)).toBe(true);
    expect(await store.saveKey(makeKey(project.id, "valid003"), two)).toBe(false);
    expect(await store.key("valid003")).toBeUndefined();
    expect(await store.saveKey(makeKey(project.id, "valid002"), two)).toBe(true);
  });
}
