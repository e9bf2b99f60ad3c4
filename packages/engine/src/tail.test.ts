import { expect, test } from "vitest";
import { HandedOverError } from "./errors.ts";
import type { RunEventBody, StreamItem } from "./events.ts";
import { Hold, numberEvents } from "./hold.ts";
import { createJournal } from "./journal.ts";
import { newRunId } from "./run-id.ts";
import { furnish } from "./store/contract/subject.ts";
import { openMemoryStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { tail, type TailSource } from "./tail.ts";

const never = new AbortController().signal;

const started: readonly RunEventBody[] = [
  { type: "run_started", stepCount: 1 },
  { type: "step_started", stepId: "a", name: "a", stepIndex: 0 },
];
const completed: RunEventBody = {
  type: "step_completed",
  stepId: "a",
  name: "a",
  stepIndex: 0,
  attempt: 1,
  output: {},
  durationMs: 1,
};
const ended: RunEventBody = {
  type: "flow_completed",
  result: {},
  summary: { durationMs: 1, stepCount: 1, tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" },
};

interface Scene {
  readonly store: Store;
  readonly runId: string;
  readonly hold: Hold;
  /** What the tail sees of this process. */
  readonly source: TailSource;
  /** Is the run in this process? */
  isHere: boolean;
  readonly stopping: AbortController;
}

/** A run that was created here and is held by this process. */
async function scene(): Promise<Scene> {
  const store = openMemoryStore();
  const { newRun } = await furnish(store);
  const run = newRun({ id: newRunId(), owner: "me" });
  await store.append([{ kind: "create", run, events: numberEvents(started, 0, 0) }]);
  const hold = new Hold(
    { id: run.id, epoch: 1, lastSeq: started.length },
    { journal: createJournal(store), now: () => 0 },
  );
  const stopping = new AbortController();
  const made: Scene = {
    store,
    runId: run.id,
    hold,
    isHere: true,
    stopping,
    source: {
      store,
      live: () => (made.isHere ? hold.live : undefined),
      begun: () => new Promise(() => undefined),
      draining: stopping.signal,
    },
  };
  return made;
}

/** Takes items until `count` have come. */
async function take(items: AsyncIterable<StreamItem>, count: number): Promise<readonly StreamItem[]> {
  const taken: StreamItem[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

test("what happens while the history is read comes once and in order, text of steps that ended meanwhile included", async () => {
  const { store, runId, hold, source } = await scene();
  const reading = Promise.withResolvers<void>();
  const slow: Store = {
    ...store,
    async eventsAfter(id, cursor, limit) {
      const events = await store.eventsAfter(id, cursor, limit);
      await reading.promise;
      return events;
    },
  };
  const seen = take(tail({ ...source, store: slow }, runId, { after: 0, signal: never }), 6);
  hold.delta({ stepId: "a", attempt: 1, loopPath: [] }, "old");
  await hold.append([
    {
      type: "step_retrying",
      stepId: "a",
      attempt: 2,
      tries: 2,
      modelIndex: 0,
      delayMs: 0,
      error: { code: "X", message: "x" },
    },
  ]);
  hold.delta({ stepId: "a", attempt: 2, loopPath: [] }, "new");
  reading.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  hold.delta({ stepId: "a", attempt: 2, loopPath: [] }, "er");
  expect(
    (await seen).map((item) => (item.type === "step_output" ? [item.attempt, item.offset, item.delta] : item.seq)),
  ).toEqual([1, 2, [1, 0, "old"], 3, [2, 0, "new"], [2, 3, "er"]]);
});

test("two steps that write at once are each folded whole, also for a reader that joins late", async () => {
  const { runId, hold, source } = await scene();
  const fold = (items: readonly StreamItem[]): Readonly<Record<string, string>> => {
    const texts: Record<string, string> = {};
    for (const item of items) {
      if (item.type === "step_output")
        texts[item.stepId] = (texts[item.stepId] ?? "").slice(0, item.offset) + item.delta;
    }
    return texts;
  };
  const early = take(tail(source, runId, { after: 2, signal: never }), 4);
  await new Promise((resolve) => setImmediate(resolve));
  hold.delta({ stepId: "left", attempt: 1, loopPath: [] }, "l1 ");
  hold.delta({ stepId: "right", attempt: 1, loopPath: [] }, "r1 ");
  const late = take(tail(source, runId, { after: 2, signal: never }), 4);
  await new Promise((resolve) => setImmediate(resolve));
  hold.delta({ stepId: "left", attempt: 1, loopPath: [] }, "l2");
  hold.delta({ stepId: "right", attempt: 1, loopPath: [] }, "r2");
  expect(fold(await early)).toEqual({ left: "l1 l2", right: "r1 r2" });
  expect(fold(await late)).toEqual({ left: "l1 l2", right: "r1 r2" });
});

test("a reader too far behind starts over from the store, and still sees each event once", async () => {
  const { runId, hold, source } = await scene();
  const iterator = tail(source, runId, { after: 0, signal: never })[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatchObject({ seq: 1 });
  expect((await iterator.next()).value).toMatchObject({ seq: 2 });
  const third = iterator.next();
  await new Promise((resolve) => setImmediate(resolve));
  for (let word = 0; word < 10_005; word += 1) hold.delta({ stepId: "a", attempt: 1, loopPath: [] }, ".");
  await hold.append([completed]);
  await hold.append([ended], "completed");
  const rest = [(await third).value];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) rest.push(next.value);
  expect(rest.filter((item) => item?.type !== "step_output").map((item) => item?.type)).toEqual([
    "step_completed",
    "flow_completed",
  ]);
});

test("a run that leaves this process is followed through the store", async () => {
  const made = await scene();
  const { store, runId, hold, source } = made;
  const seen = take(tail(source, runId, { after: 2, signal: never }), 2);
  await new Promise((resolve) => setImmediate(resolve));
  made.isHere = false;
  await hold.release([]);
  const [claimed] = await store.claim("other", 1);
  await store.append([
    {
      kind: "append",
      runId,
      epoch: claimed?.epoch ?? 0,
      events: numberEvents([completed, ended], 2, 0),
      status: "completed",
    },
  ]);
  expect((await seen).map(({ type }) => type)).toEqual(["step_completed", "flow_completed"]);
});

test("a reader of a run that is deleted meanwhile is told, and does not wait for ever", async () => {
  const made = await scene();
  const { store, runId, hold, source } = made;
  await hold.append([completed, ended], "completed");
  made.isHere = false;
  const [flow] = await store.flows((await store.run(runId))?.projectId ?? "");
  expect(await store.forget(flow?.id ?? "", Date.now() + 1_000, 10)).toBe(1);
  // What it has read of the run by then may be all but its last page.
  const rest = take(tail(source, runId, { after: 1, signal: never }), 1);
  await expect(rest).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});

test("a reader of a run that is not here is told when this process stops", async () => {
  const made = await scene();
  made.isHere = false;
  const seen = take(tail(made.source, made.runId, { after: 2, signal: never }), 1);
  await new Promise((resolve) => setImmediate(resolve));
  made.stopping.abort();
  await expect(seen).rejects.toBeInstanceOf(HandedOverError);
});

test("a reader that leaves is forgotten by the run", async () => {
  const { runId, hold, source } = await scene();
  await take(tail(source, runId, { after: 0, signal: never }), 1);
  expect(hold.live.listenerCount).toBe(0);
});
