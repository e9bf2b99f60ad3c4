import type { Frame } from "@noukai/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cursor } from "./cursor.ts";
import type { StreamEvent } from "./events.ts";

function frame(event: string, data: object, id?: number): Frame {
  return { event, data: JSON.stringify(data), id: id === undefined ? undefined : String(id) };
}

function piece(offset: number, delta: string, { stepId = "a", attempt = 1, loopPath = [] as number[] } = {}): Frame {
  return frame("step_output", { stepId, attempt, loopPath, offset, outputData: { delta } });
}

function started(seq: number): Frame {
  return frame("step_started", { stepId: "a", name: "a", stepIndex: 0 }, seq);
}

const noTokens = { prompt: 0, completion: 0, total: 0 };

function completed(
  seq: number,
  output: unknown,
  about: object = { tokens: { prompt: 1, completion: 1, total: 2 }, modelUsed: "a/b" },
): Frame {
  return frame(
    "step_completed",
    { stepId: "a", name: "a", output, durationMs: 1, costUsd: "0", stepIndex: 0, ...about },
    seq,
  );
}

/** What the model said is in the message that asks. */
function asking(seq: number, content: string | null): Frame {
  const toolCallMessages = [{ role: "assistant", content, tool_calls: [] }];
  return frame("step_paused_for_tool_calls", { stepId: "a", stepIndex: 0, toolCalls: [], toolCallMessages }, seq);
}

function resumed(seq: number): Frame {
  return frame("step_resumed", { stepId: "a" }, seq);
}

function retrying(seq: number, attempt: number): Frame {
  return frame(
    "step_retrying",
    { stepId: "a", loopPath: [], attempt, delayMs: 0, error: { code: "C", message: "m" } },
    seq,
  );
}

function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === "step_output" ? event.outputData["delta"] : "")).join("");
}

describe("logged events", () => {
  test("are handed on once, in order", () => {
    const cursor = new Cursor();
    expect(cursor.take([started(1), started(2)]).events).toHaveLength(2);
    expect(cursor.take([started(1), started(2), started(3)]).events.map(({ seq }) => seq)).toEqual([3]);
    expect(cursor.position).toBe(3);
  });

  test("begin behind the given place", () => {
    expect(new Cursor({ after: 4 }).take([started(4), started(5)]).events.map(({ seq }) => seq)).toEqual([5]);
  });

  test("that are missing end the reading there", () => {
    const cursor = new Cursor();
    const { events, fault } = cursor.take([started(1), started(3), started(4)]);
    expect(events.map(({ seq }) => seq)).toEqual([1]);
    expect(fault).toMatchObject({ code: "STREAM_GAP", message: "Event 3 came after event 1: some are missing." });
    expect(cursor.position).toBe(1);
  });

  test("before one that cannot be read are handed on", () => {
    const { events, fault } = new Cursor().take([
      started(1),
      { event: "step_started", id: "2", data: "{" },
      started(3),
    ]);
    expect(events).toHaveLength(1);
    expect(fault).toMatchObject({ name: "StreamDecodeError" });
  });

  test("without a place mark a server that cannot be asked for what follows", () => {
    const cursor = new Cursor();
    cursor.take([frame("run_started", { runId: "r" }), frame("step_sighed", {})]);
    expect(cursor.isUnnumbered).toBe(false);
    cursor.take([frame("step_started", { stepId: "a" })]);
    expect(cursor.isUnnumbered).toBe(true);
  });
});

describe("run_started", () => {
  const data = { runId: "run-1", executionId: "run-1", flowId: "f", stepCount: 1 };

  test("names the run", () => {
    const cursor = new Cursor();
    cursor.take([frame("run_started", data, 1)]);
    expect(cursor.executionId).toBe("run-1");
  });

  test("names it by runId alone on older servers", () => {
    const cursor = new Cursor();
    cursor.take([frame("flow_started", { runId: "run-2" })]);
    expect(cursor.executionId).toBe("run-2");
  });

  test("is handed on once, though each segment opens with a copy", () => {
    const cursor = new Cursor();
    expect(cursor.take([frame("run_started", data, 1)]).events).toHaveLength(1);
    expect(cursor.take([frame("run_started", data), started(2)]).events.map(({ type }) => type)).toEqual([
      "step_started",
    ]);
    expect(new Cursor({ after: 5 }).take([frame("run_started", data)]).events).toEqual([]);
  });
});

describe("text", () => {
  test("that was seen is cut from what comes again", () => {
    const cursor = new Cursor();
    cursor.take([piece(0, "Hel"), piece(3, "lo")]);
    const { events } = cursor.take([piece(0, "Hello wo"), piece(8, "rld")]);
    expect(events).toMatchObject([
      { offset: 5, outputData: { delta: " wo" } },
      { offset: 8, outputData: { delta: "rld" } },
    ]);
  });

  test("that brings nothing new is dropped", () => {
    const cursor = new Cursor();
    cursor.take([piece(0, "Hello")]);
    expect(cursor.take([piece(0, "Hello"), piece(2, "ll"), piece(5, "")]).events).toEqual([]);
  });

  test("with a hole before it ends the reading there", () => {
    const { events, fault } = new Cursor().take([piece(0, "He"), piece(3, "lo")]);
    expect(textOf(events)).toBe("He");
    expect(fault).toMatchObject({ code: "STREAM_GAP" });
  });

  test("of a new attempt begins anew, and that of an older one is dropped", () => {
    const cursor = new Cursor();
    cursor.take([piece(0, "first"), retrying(1, 2)]);
    expect(cursor.take([piece(5, " more"), piece(0, "Sec", { attempt: 2 })]).events).toMatchObject([
      { attempt: 2, offset: 0 },
    ]);
    expect(cursor.take([piece(0, "Third", { attempt: 3 }), piece(3, "ond", { attempt: 2 })]).events).toMatchObject([
      { attempt: 3 },
    ]);
  });

  test("that was written ahead of tool calls goes on behind them, and is handed on once", () => {
    const cursor = new Cursor({ isStarter: true });
    cursor.take([piece(0, "Let me look. "), asking(1, "Let me look. "), resumed(2)]);
    const { events } = cursor.take([piece(0, "Let me look. "), piece(13, "It "), piece(16, "rains.")]);
    expect(textOf(events)).toBe("It rains.");
  });

  test("that was missed behind tool calls is taken from the exchange and the output, wherever it broke off", () => {
    for (const seen of ["Let me ", "Let me look. ", "Let me look. It "]) {
      const cursor = new Cursor({ isStarter: true });
      const ahead = seen.slice(0, 13);
      const { events } = cursor.take([piece(0, ahead), asking(1, "Let me look. "), resumed(2), piece(0, seen)]);
      cursor.mayHaveMissed = true;
      const rest = cursor.take([completed(3, { text: "It rains." })]).events;
      expect(textOf([...events, ...rest])).toBe("Let me look. It rains.");
    }
  });

  test("of two steps, or of two passes of one, is kept apart", () => {
    const cursor = new Cursor();
    const frames = [
      piece(0, "ab"),
      piece(0, "xy", { stepId: "b" }),
      piece(0, "01", { loopPath: [0] }),
      piece(0, "23", { loopPath: [1] }),
    ];
    expect(cursor.take(frames).events).toHaveLength(4);
    expect(cursor.take(frames).events).toEqual([]);
  });

  test("of a step in a container is folded likewise", () => {
    const inner = (phase: string, rest: object): Frame =>
      frame("step_progress", {
        stepId: "in",
        parentStepId: "a",
        loopIndex: 0,
        loopPath: [0],
        attempt: 1,
        phase,
        ...rest,
      });
    const cursor = new Cursor();
    cursor.take([inner("output", { offset: 0, outputData: { delta: "He" } })]);
    const { events } = cursor.take([inner("output", { offset: 0, outputData: { delta: "Hello" } })]);
    expect(events).toMatchObject([{ type: "step_progress", offset: 2, outputData: { delta: "llo" } }]);
  });

  test("without an offset, or output that is not text, passes as it is", () => {
    const cursor = new Cursor();
    const old = frame("step_output", { stepId: "a", outputData: { delta: "x" } });
    const rows = frame("step_output", { stepId: "a", attempt: 1, loopPath: [], offset: 0, outputData: { rows: 3 } });
    expect(cursor.take([old, old, rows, rows]).events).toHaveLength(4);
  });

  test("is whole however the server repeats it", () => {
    const property = fc.property(
      fc.string({ minLength: 1, maxLength: 30, unit: "binary" }),
      fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 20 }),
      (text, spans) => {
        const cursor = new Cursor();
        let known = 0;
        let folded = "";
        for (const [from, length] of [...spans, [0, 30] as const]) {
          const offset = Math.min(from, known); // a server repeats, and leaves nothing out
          const delta = text.slice(offset, offset + length);
          const { events, fault } = cursor.take([piece(offset, delta)]);
          expect(fault).toBeUndefined();
          folded += textOf(events);
          known = Math.max(known, offset + delta.length);
        }
        expect(folded).toBe(text);
      },
    );
    fc.assert(property, { seed: 20_261_120, numRuns: 1_000 });
  });
});

describe("text written while nobody was reading", () => {
  function afterAbsence(frames: readonly Frame[], cursor = new Cursor({ isStarter: true })): readonly StreamEvent[] {
    cursor.take([started(1), piece(0, "Hel")]);
    cursor.mayHaveMissed = true;
    return cursor.take(frames).events;
  }

  test("is taken from the step's output", () => {
    expect(afterAbsence([completed(2, { text: "Hello" })])).toMatchObject([
      { type: "step_output", stepId: "a", attempt: 1, loopPath: [], offset: 3, outputData: { delta: "lo" } },
      { type: "step_completed", seq: 2 },
    ]);
  });

  test.each([[{ tokens: noTokens, modelUsed: "a/b" }], [{ tokens: noTokens }]])(
    "is taken from it though the model's service counted no tokens (%j)",
    (about) => {
      expect(afterAbsence([completed(2, { text: "Hello" }, about)])).toMatchObject([
        { type: "step_output", outputData: { delta: "lo" } },
        { type: "step_completed" },
      ]);
    },
  );

  test("is that of the attempt that counted", () => {
    expect(afterAbsence([retrying(2, 2), completed(3, { text: "Hello" })])).toMatchObject([
      { type: "step_retrying" },
      { type: "step_output", attempt: 2, offset: 0, outputData: { delta: "Hello" } },
      { type: "step_completed" },
    ]);
  });

  test.each([
    [{ score: 1, why: "ö" }, '{"score":1,"why":"ö"}'],
    [{ text: 7 }, '{"text":7}'],
  ])("is the JSON of an output like %j", (output, whole) => {
    const [rest] = afterAbsence([
      retrying(2, 2),
      piece(0, whole.slice(0, 3), { attempt: 2 }),
      completed(3, output),
    ]).slice(2);
    expect(rest).toMatchObject({ type: "step_output", attempt: 2, offset: 3, outputData: { delta: whole.slice(3) } });
  });

  test.each([
    ["the step called no model", completed(2, { text: "Hello" }, { tokens: noTokens, modelUsed: null })],
    ["the step called no model, as an older server says it", completed(2, { text: "Hello" }, { tokens: null })],
    ["what was seen is not how its output begins", completed(2, { score: 1 })],
    ["its output is not an object", completed(2, 7)],
    ["its output is no longer kept", completed(2, null)],
    ["all of it was seen", completed(2, { text: "Hel" })],
  ])("is not made up when %s", (_why, frame) => {
    expect(afterAbsence([frame]).map(({ type }) => type)).toEqual(["step_completed"]);
  });

  test("is not made up for a container, whose text was its steps' own", () => {
    const inner = frame(
      "step_progress",
      { stepId: "in", parentStepId: "a", loopIndex: null, loopPath: [], attempt: 1, phase: "completed" },
      2,
    );
    expect(afterAbsence([inner, completed(3, { text: "Hello" })]).map(({ type }) => type)).toEqual([
      "step_progress",
      "step_completed",
    ]);
  });

  test("is not made up for a reader who never left", () => {
    const { events } = new Cursor({ isStarter: true }).take([started(1), completed(2, { text: "Hello" })]);
    expect(events.map(({ type }) => type)).toEqual(["step_started", "step_completed"]);
  });

  test("is not made up for one who joined, of steps that he saw none of", () => {
    const joined = new Cursor();
    expect(
      afterAbsence([completed(2, { text: "Hello" }), started(3), completed(4, { text: "there" })], joined).map(
        ({ type }) => type,
      ),
    ).toEqual(["step_output", "step_completed", "step_started", "step_completed"]);
  });
});
