import { expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "./events.ts";
import { numberEvents } from "./hold.ts";
import { PartialReader } from "./partial-reader.ts";
import type { PartialChunk } from "./store/store.ts";

const opened: readonly RunEventBody[] = [
  { type: "run_started", stepCount: 1 },
  { type: "step_started", stepId: "a", name: "a", stepIndex: 0 },
];
const error = { code: "X", message: "x" };
const retrying: RunEventBody = {
  type: "step_retrying",
  stepId: "a",
  attempt: 2,
  tries: 2,
  modelIndex: 0,
  delayMs: 0,
  error,
};
const failed: RunEventBody = { type: "step_error", stepId: "a", name: "a", attempt: 1, error };
const paused: RunEventBody = {
  type: "step_paused_for_tool_calls",
  stepId: "a",
  stepIndex: 0,
  attempt: 1,
  iterationsUsed: 1,
  toolCalls: [],
  toolCallMessages: [],
  accumulatedOutputs: {},
};
const resumed: RunEventBody = { type: "step_resumed", stepId: "a", iterationsUsed: 1, toolCallMessages: [] };

function text(afterSeq: number, delta: string, changes: Partial<PartialChunk> = {}): PartialChunk {
  return { runId: "run", stepId: "a", attempt: 1, loopPath: [], afterSeq, offset: 0, delta, ...changes };
}

/** A run whose log and texts are as the test says, read from another process. */
class Scene {
  log: readonly RunEvent[];
  texts: readonly PartialChunk[] = [];
  /** From which seqs on the log was read. */
  readonly reads: number[] = [];
  readonly reader = new PartialReader(
    {
      eventsAfter: (_, cursor, limit) => {
        this.reads.push(cursor);
        return Promise.resolve(this.log.slice(cursor, cursor + limit));
      },
    },
    { read: () => Promise.resolve(this.texts) },
    "run",
  );

  constructor(...bodies: readonly RunEventBody[]) {
    this.log = numberEvents([...opened, ...bodies], 0, 0);
  }

  /** What the reader is given when the last event it has is `cursor`. */
  async given(cursor: number): Promise<readonly string[]> {
    const partials = await this.reader.next(cursor);
    return partials.map(({ stepId, attempt, loopPath, offset, delta }) =>
      [stepId, ...loopPath, `#${attempt}`, `@${offset}`, delta].join(" "),
    );
  }
}

test("a text comes once, from its beginning and then as it grows", async () => {
  const scene = new Scene();
  scene.texts = [text(2, "one ")];
  expect(await scene.given(2)).toEqual(["a #1 @0 one "]);
  expect(await scene.given(2)).toEqual([]);
  scene.texts = [text(2, "one two")];
  expect(await scene.given(2)).toEqual(["a #1 @4 two"]);
});

const inner = { stepId: "b", parentStepId: "a", name: "b", kind: "llm" } as const;

function began(index: number): RunEventBody {
  return { type: "step_progress", phase: "started", ...inner, loopPath: [index], inputData: {} };
}

test("passes of a loop are texts of their own, each gone with its pass, and name their container", async () => {
  const ended = { durationMs: 1, attempt: 1, output: {} };
  const over: RunEventBody = { type: "step_progress", phase: "completed", ...inner, loopPath: [0], ...ended };
  const again: RunEventBody = { ...retrying, stepId: "b", loopPath: [1] };
  const scene = new Scene(began(0), began(1), over, again);
  const [first, second] = [0, 1].map((index) => ({ stepId: "b", loopPath: [index] }));
  scene.texts = [text(4, "one", first), text(4, "two", second)];
  expect(await scene.given(4)).toEqual(["b 0 #1 @0 one", "b 1 #1 @0 two"]);
  scene.texts = [text(4, "one more", first), text(4, "two more", second)];
  expect(await scene.given(5)).toEqual(["b 1 #1 @3  more"]);
  scene.texts = [text(4, "two more and more", second), text(6, "anew", { ...second, attempt: 2 })];
  expect(await scene.given(6)).toEqual(["b 1 #2 @0 anew"]);
  scene.texts = [text(6, "anew, inside", { ...second, attempt: 2 })];
  expect(await scene.reader.next(6)).toMatchObject([{ parentStepId: "a", loopPath: [1], offset: 4 }]);
});

test("a text waits for the event that opens it", async () => {
  const scene = new Scene(retrying);
  scene.texts = [text(2, "void"), text(3, "valid", { attempt: 2 })];
  expect(await scene.given(2)).toEqual(["a #1 @0 void"]);
  expect(await scene.given(3)).toEqual(["a #2 @0 valid"]);
});

test("a void text is not given behind the event that voids it, also to a reader that never saw it", async () => {
  const scene = new Scene(retrying);
  scene.texts = [text(2, "void")];
  expect(await scene.given(3)).toEqual([]);
});

test("text of a step that is over is not given", async () => {
  const scene = new Scene(failed);
  scene.texts = [text(2, "late")];
  expect(await scene.given(3)).toEqual([]);
});

test("a round behind a pause begins its text anew", async () => {
  const scene = new Scene(paused, resumed);
  scene.texts = [text(2, "asking")];
  expect(await scene.given(2)).toEqual(["a #1 @0 asking"]);
  expect(await scene.given(3)).toEqual([]);
  scene.texts = [text(2, "asking"), text(4, "answered")];
  expect(await scene.given(4)).toEqual(["a #1 @0 answered"]);
});

test("the log is read where the reader did not bring it, and only for a text", async () => {
  const scene = new Scene(retrying);
  expect(await scene.given(3)).toEqual([]);
  expect(scene.reads).toEqual([]);
  scene.texts = [text(3, "valid", { attempt: 2 })];
  await scene.given(3);
  expect(scene.reads).toEqual([0]);

  const brought = new Scene(retrying);
  for (const event of brought.log) brought.reader.follow(event);
  brought.texts = scene.texts;
  expect(await brought.given(3)).toEqual(["a #2 @0 valid"]);
  expect(brought.reads).toEqual([]);
});
