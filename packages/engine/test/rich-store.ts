import { newRunId } from "../src/run-id.ts";
import { append, completed, definitionOf, furnish, seize, started, written } from "../src/store/contract/subject.ts";
import type { ApiKeyRecord, JournalEntry, NewRun, Store } from "../src/store/store.ts";

/** Runs of a store that has something of everything, by what became of them. */
export interface RichStore {
  readonly projectId: string;
  readonly completed: string;
  readonly pruned: string;
  readonly paused: string;
  readonly waiting: string;
  readonly later: string;
  /** In work when the store is left, with one completed step. */
  readonly inWork: string;
  /** In work when the store is left, before its first step, and so is its execution. */
  readonly execution: string;
  readonly edited: string;
  readonly deleted: string;
}

/** What is hard to keep: keys out of order, a NUL, half a character, a long text. */
export const hard = {
  z: 1,
  a: { "10": "ten", "2": "two" },
  nul: "\0",
  half: "\ud800",
  emoji: "🗼",
  long: `${"x".repeat(40_000)}é`,
};

const api: Omit<ApiKeyRecord, "id"> = {
  projectId: "",
  name: "Key 🗝",
  mode: "live",
  secretHash: "ab".repeat(32),
  scopes: ["run", "trace:read"],
  createdAt: 5,
  expiresAt: 9_999,
  revokedAt: null,
};

/** Fills an empty store, as its methods allow. */
export async function enrich(store: Store): Promise<RichStore> {
  const { project, flow, newRun, write } = await furnish(store);
  const must = async (entry: JournalEntry): Promise<void> => {
    const outcome = await write(entry);
    if (outcome.outcome !== written.outcome) throw new Error(JSON.stringify(outcome));
  };
  const create = async (
    changes: Partial<NewRun>,
    more: Partial<JournalEntry & { kind: "create" }> = {},
  ): Promise<string> => {
    const run = newRun(changes);
    await must({ kind: "create", run, events: [started()], ...more });
    return run.id;
  };
  const beginExecution = async (changes: Partial<NewRun> = {}): Promise<string> => {
    const id = newRunId();
    const execution = { id, runNumber: 1, modifiedBy: "key-1", webhookUrl: "https://hooks.example.org/a" };
    return create({ ...changes, id }, { execution });
  };

  await fillCatalog(store, project.id);
  await store.publish(flow.id, "first 🗼", 20);
  await store.publish(flow.id, null, 21);
  await store.promote(flow.id, 1, 22);

  const completedRun = await create({
    input: hard,
    options: { hard },
    traced: true,
    flowVersion: 1,
    trigger: "job",
    priority: -3,
    sessionId: "3f1c7f7e-6d3c-4f5e-9a43-1c51b0b1c001",
    idempotency: { key: "call/1 é", requestHash: "hash-1" },
    webhook: { url: "https://hooks.example.org/a", host: "hooks.example.org:443" },
  });
  await must(append(completedRun, 1, completed(2, hard), completed(3)));
  await must({ ...append(completedRun, 1, completed(4)), status: "completed", chargeUsd: "0.000000012345" });

  const pruned = await create({ capture: "off" });
  await must({ ...append(pruned, 1, completed(2, hard)), status: "failed" });
  await store.prune(pruned, [started(), completed(2, {})]);

  const paused = await create({ capture: "full" });
  await must({ ...append(paused, 1, completed(2)), status: "paused" });
  const givenUp = await create({ webhook: { url: "https://hooks.example.org/b", host: "hooks.example.org:443" } });
  await must({ ...append(givenUp, 1, completed(2)), status: "cancelled" });
  const [delivery] = await store.claimDeliveries({
    projectIds: [project.id],
    exceptHosts: [],
    limit: 1,
    leaseMs: 1_000,
  });
  if (delivery !== undefined) await store.settleDelivery(delivery, { end: "failed", retryInMs: 60_000 });

  const waiting = await create({
    owner: null,
    webhook: { url: "https://hooks.example.org/c", host: "hooks.example.org:443" },
  });
  const later = await create({ owner: null, priority: 5, readyAt: Date.now() + 3_600_000 });
  const inWork = await create({});
  await must(append(inWork, 1, completed(2)));
  const lost = await create({ owner: null });
  await must(seize(lost, 0, "running", completed(2)));

  const edited = await beginExecution();
  await must({ ...append(edited, 1, completed(2)), status: "completed", isOfExecution: true });
  const edit = { stepIndex: 0, output: hard };
  await store.commandExecution(edited, "key-2", { kind: "edit", runId: edited, stepId: "a", edit, isStale: true });
  const deleted = await beginExecution();
  await must({ ...append(deleted, 1, completed(2)), status: "failed", isOfExecution: true });
  await create({ owner: null }, { execution: { id: deleted, runNumber: 2, modifiedBy: "key-3", webhookUrl: null } });
  await store.commandExecution(deleted, "key-3", { kind: "requestCancel" });
  await store.commandExecution(deleted, "key-3", { kind: "delete" });
  const execution = await beginExecution();
  return {
    projectId: project.id,
    completed: completedRun,
    pruned,
    paused,
    waiting,
    later,
    inWork,
    execution,
    edited,
    deleted,
  };
}

/** Projects, flows, keys and credits, beside those that the runs are of. */
async function fillCatalog(store: Store, projectId: string): Promise<void> {
  const other = await store.ensureProject("émile", "zoo");
  await store.saveSettings(other.id, { capture: "redacted", creditsUsd: "5.00" });
  await store.saveDraft({
    projectId: other.id,
    slug: "archived",
    name: "Archived 🗼",
    description: "No longer in use",
    definition: definitionOf(JSON.stringify({ steps: [], z: hard, a: 1 })),
    retentionDays: 30,
    fromFile: true,
    at: 30,
  });
  const archived = await store.flow(other.id, "archived");
  await store.archive(archived?.id ?? "", 31);
  await store.saveKey({ ...api, id: "abcd0001", projectId });
  await store.saveKey({
    ...api,
    id: "abcd0002",
    projectId: other.id,
    mode: "test",
    opensOrganisation: true,
    expiresAt: null,
  });
  await store.revokeKey("abcd0001", 77);
  await store.setCredits(projectId, "12.500");
  await store.addCredits(projectId, { key: "grant é", amountUsd: "0.10", at: 40 });
  await store.grantFromFile(other.id, "5.00");
}
