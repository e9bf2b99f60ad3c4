import { afterEach, expect, test } from "vitest";
import { createEngine, type Engine } from "./engine.ts";
import type { CaptureMode, JsonObject } from "./flow/definition.ts";
import { withoutPayloads } from "./capture/events.ts";
import { createRedactor } from "./capture/redactor.ts";
import { keepCancelling, keepRecovering, sweep } from "./housekeeping.ts";
import type { RunEventBody } from "./events.ts";
import { numberEvents } from "./hold.ts";
import { createModels } from "./models/registry.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { latestAttempts } from "./trace.ts";

const dayMs = 24 * 60 * 60 * 1000;
const never = new AbortController().signal;
const clock = { at: 1_000_000 };
const now = (): number => clock.at;
const open: { readonly engine: Engine; readonly store: Store }[] = [];

afterEach(async () => {
  for (const { engine, store } of open.splice(0)) {
    await engine.drain(0);
    await store.close();
  }
});

const definition: JsonObject = {
  steps: [
    { id: "flaky", type: "llm", model: "noukai/echo?failAttempts=1", prompt: "{{message}}" },
    { id: "keep", type: "passthrough" },
  ],
};

interface Finished {
  readonly engine: Engine;
  readonly store: Store;
  readonly runId: string;
}

/** A run that has just ended under `capture`. */
async function finishedRun(capture: CaptureMode, trace = false): Promise<Finished> {
  const store = openMemoryStore({ now });
  const engine = createEngine({ store, models: createModels(), now, sleep: () => Promise.resolve() });
  open.push({ engine, store });
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await engine.catalog.saveDraft(projectId, "flow", { ...definition, capture });
  const call = await engine.submit({
    projectId,
    flow: "flow",
    version: "draft",
    trigger: "execute",
    message: "secret",
    trace,
  });
  await engine.outcome(call, never);
  return { engine, store, runId: call.runId };
}

async function sweepAfter({ store }: Finished, ms: number): Promise<void> {
  clock.at += ms;
  const options = { store, now, pauseExpiryMs: Number.POSITIVE_INFINITY, rest: () => Promise.resolve() };
  const redactorOf = async () => createRedactor([{ name: "word", pattern: "magic\\w*" }]);
  await sweep({ ...options, redactorOf, expire: () => Promise.resolve(), onFault: () => undefined }, never);
}

test("a day after its end an uncaptured run has the same events without what they carried", async () => {
  const finished = await finishedRun("metadata_only");
  const { store, runId, engine } = finished;
  const before = await store.eventsAfter(runId, 0, 100);
  const traceOf = async () => {
    const run = await store.run(runId);
    if (run === undefined) throw new Error("no run");
    return latestAttempts(await engine.trace(run));
  };
  const traced = await traceOf();
  await sweepAfter(finished, dayMs + 1);
  const after = await store.eventsAfter(runId, 0, 100);
  expect(after.map(({ seq, at, type }) => [seq, at, type])).toEqual(before.map(({ seq, at, type }) => [seq, at, type]));
  expect(after.find((event) => event.type === "flow_completed")).toMatchObject({ result: null });
  expect(await store.run(runId)).toMatchObject({ input: {}, isPruned: true });
  // What a trace shows under this mode is the same: sizes, times, cost, and the input of the step that failed once.
  expect(await traceOf()).toEqual(traced);
  expect(JSON.stringify(after.filter((event) => "stepId" in event && event.stepId === "keep"))).not.toContain("secret");
});

test.for([
  ["within the day", "metadata_only", false, dayMs - 1],
  ["when it was traced", "metadata_only", true, dayMs * 30],
  ["under capture full", "full", false, dayMs * 30],
] as const)("nothing is dropped %s", async ([, capture, trace, ms]) => {
  const finished = await finishedRun(capture, trace);
  const before = await finished.store.eventsAfter(finished.runId, 0, 100);
  await sweepAfter(finished, ms);
  expect(await finished.store.eventsAfter(finished.runId, 0, 100)).toEqual(before);
});

test("dropping twice is dropping once, and sizes stay what they were", async () => {
  const { store, runId } = await finishedRun("metadata_only");
  const once = withoutPayloads(await store.eventsAfter(runId, 0, 100), "metadata_only");
  expect(withoutPayloads(once, "metadata_only")).toEqual(once);
});

test("under off nothing of it stays, not even the input of a step that failed", async () => {
  const finished = await finishedRun("off");
  await sweepAfter(finished, dayMs + 1);
  expect(JSON.stringify(await finished.store.eventsAfter(finished.runId, 0, 100))).not.toContain("secret");
});

test("what a segment replaced goes with the outputs that it replaced", () => {
  const overrides = { a: { text: "secret" } };
  const segment = { runRemaining: true, inputOverrides: overrides, blockOverrides: overrides };
  const [started] = withoutPayloads(
    [{ seq: 1, at: 0, type: "step_started", stepId: "b", name: "b", stepIndex: 1, segment }],
    "metadata_only",
  );
  expect(started).toHaveProperty("segment", { runRemaining: true, inputOverrides: {}, blockOverrides: {} });
});

test("a run that cannot be dealt with keeps no other from it", async () => {
  const finished = await finishedRun("metadata_only");
  const { store, runId } = finished;
  const faults: unknown[] = [];
  const [run] = [await store.run(runId)];
  if (run === undefined) throw new Error("no run");
  clock.at += dayMs + 1;
  const stubborn: Store = { ...store, pausedBefore: async () => [run] };
  await sweep(
    {
      store: stubborn,
      now,
      pauseExpiryMs: 0,
      rest: () => Promise.resolve(),
      redactorOf: async () => createRedactor([]),
      expire: () => Promise.reject(new Error("no")),
      onFault: (fault) => faults.push(fault),
    },
    never,
  );
  expect(faults).toEqual([{ runId, error: new Error("no") }]);
  expect(await store.run(runId)).toMatchObject({ isPruned: true });
});

test("workers that are gone are looked for again and again, also after a store that did not answer", async () => {
  const stopping = new AbortController();
  const faults: unknown[] = [];
  let looks = 0;
  const recover = async (): Promise<number> => {
    looks += 1;
    if (looks === 1) throw new Error("gone for a moment");
    if (looks === 3) stopping.abort();
    return 0;
  };
  const pauses: number[] = [];
  const rest = async (ms: number): Promise<void> => void pauses.push(ms);
  const onFault = ({ error }: { readonly error: unknown }): void => void faults.push(error);
  await keepRecovering({ store: { recover, nodes: { nextLookMs: () => 250 } }, rest, onFault }, stopping.signal);
  expect(looks).toBe(3);
  expect(pauses).toEqual([250, 1_000, 250]);
  expect(faults).toEqual([new Error("gone for a moment")]);
});

test("steps inside containers lose theirs too, but for the input of those that failed", () => {
  const inner = { stepId: "say", parentStepId: "each", name: "say", kind: "llm" } as const;
  const started = (index: number): RunEventBody => {
    return { type: "step_progress", phase: "started", ...inner, loopPath: [index], inputData: { item: index } };
  };
  const ended = { attempt: 1, durationMs: 1 };
  const error = { code: "STEP_FAILED", message: "no" };
  const log = numberEvents(
    [
      started(0),
      started(1),
      { type: "step_progress", phase: "completed", ...inner, loopPath: [0], output: { text: "secret" }, ...ended },
      { type: "step_progress", phase: "failed", ...inner, loopPath: [1], error, ...ended },
    ],
    0,
    0,
  );
  const [first, second, done, failed] = withoutPayloads(log, "metadata_only");
  expect(first).toMatchObject({ inputData: {}, sizeBytes: 10 });
  expect(second).toEqual(log[1]);
  expect(done).toMatchObject({ output: null, sizeBytes: 17 });
  expect(failed).toEqual(log[3]);
  expect(withoutPayloads(log, "off")[1]).toMatchObject({ inputData: {} });
});

test("a store that cannot say which runs are to be cancelled is asked again, whatever its fault is told to", async () => {
  const store = openMemoryStore();
  const stopping = new AbortController();
  const faults: unknown[] = [];
  let asked = 0;
  const runsToCancel: Store["runsToCancel"] = async () => {
    asked += 1;
    if (asked === 1) throw new Error("gone");
    stopping.abort();
    return [];
  };
  const onFault = ({ error }: { readonly error: unknown }): number => faults.push(error);
  const options = {
    store: { ...store, runsToCancel },
    rest: async () => undefined,
    onFault,
    honour: async () => undefined,
  };
  await keepCancelling(options, stopping.signal);
  expect([asked, faults]).toEqual([2, [new Error("gone")]]);
  await store.close();
});
