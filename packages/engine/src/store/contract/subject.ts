import { createHash } from "node:crypto";
import type { RunEvent } from "../../events.ts";
import type { JsonObject } from "../../flow/definition.ts";
import { newRunId } from "../../run-id.ts";
import type {
  AppendOutcome,
  FlowRecord,
  JournalEntry,
  NewRun,
  Project,
  RunStatus,
  Store,
  StoredDefinition,
} from "../store.ts";

/** A store and the world around it, as the contract suite needs to move them. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Moves the store's clock forward. */
  readonly passTime: (ms: number) => Promise<void>;
  /** Ends every process that works on the store and gives the store as the next process sees it. */
  readonly restart: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

/** A store with a flow in it, and what tests of it say most often. */
export interface Furnished {
  readonly store: Store;
  readonly project: Project;
  readonly flow: FlowRecord;
  readonly newRun: (changes?: Partial<NewRun>) => NewRun;
  /** Creates the run with its first event, and gives its id. */
  readonly start: (changes?: Partial<NewRun>) => Promise<string>;
  /** Appends one entry. */
  readonly write: (entry: JournalEntry, where?: Store) => Promise<AppendOutcome>;
}

/** What each test of the suite is given. */
export type Subject = StoreUnderTest & Furnished;

export const written: AppendOutcome = { outcome: "written" };
export const staleEpoch: AppendOutcome = { outcome: "staleEpoch" };

export function definitionOf(text: string): StoredDefinition {
  return { hash: createHash("sha256").update(text).digest("hex"), text };
}

/** A step's completion, with whatever output. */
export function completed(seq: number, output: JsonObject = { text: "fine" }): RunEvent {
  return {
    seq,
    at: 1_000 + seq,
    type: "step_completed",
    stepId: "a",
    name: "a",
    stepIndex: 0,
    attempt: 1,
    output,
    durationMs: 1,
  };
}

export function started(): RunEvent {
  return { seq: 1, at: 1_001, type: "run_started", stepCount: 1 };
}

export function append(
  runId: string,
  epoch: number,
  ...events: readonly RunEvent[]
): JournalEntry & { readonly kind: "append" } {
  return { kind: "append", runId, epoch, events };
}

/** Takes a run that nobody holds, for `worker-2` when it is to run. */
export function seize(
  runId: string,
  epoch: number,
  status: RunStatus,
  ...events: readonly RunEvent[]
): JournalEntry & { readonly kind: "seize" } {
  return { kind: "seize", runId, epoch, events, status, owner: status === "running" ? "worker-2" : null };
}

/** An abort signal that nobody aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Puts a project and a flow into a store, by default the first ones. */
export async function furnish(store: Store, slug = "spelling"): Promise<Furnished> {
  const project = await store.ensureProject("acme", slug);
  const flow = await store.saveDraft({
    projectId: project.id,
    slug: "grade-3",
    name: "Grade 3",
    description: null,
    definition: definitionOf('{"steps":[{"id":"a","type":"passthrough"}]}'),
    retentionDays: null,
    fromFile: false,
    at: 1,
  });
  const newRun: Furnished["newRun"] = (changes = {}) => ({
    id: newRunId(),
    projectId: project.id,
    flowId: flow.id,
    flowVersion: 0,
    definitionHash: flow.draftHash,
    trigger: "execute",
    sessionId: null,
    capture: "metadata_only",
    traced: false,
    input: { message: "hello" },
    options: {},
    owner: "worker-1",
    priority: 0,
    readyAt: 1_000,
    createdAt: 1_000,
    idempotency: null,
    ...changes,
  });
  const write: Furnished["write"] = async (entry, where = store) => {
    const [outcome] = await where.append([entry]);
    if (outcome === undefined) throw new Error("The store gave no outcome.");
    return outcome;
  };
  return {
    store,
    project,
    flow,
    newRun,
    write,
    start: async (changes) => {
      const run = newRun(changes);
      const outcome = await write({ kind: "create", run, events: [started()] });
      if (outcome.outcome !== "written") throw new Error(`The run was not created: ${JSON.stringify(outcome)}`);
      return run.id;
    },
  };
}
