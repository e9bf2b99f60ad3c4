import type { StreamEvent } from "@noukai/sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldRun } from "./fold-run.ts";
import { NO_RUN, type RunState, textKey, textOf } from "./run-state.ts";

const TOKENS = { prompt: 1, completion: 2, total: 3 };

/** An event of which not every member matters. */
function eventOf(members: object): StreamEvent {
  return members as StreamEvent;
}

/** What one step does: attempts of pieces, of which the last counts; inside a container, passes of that. */
interface ScriptedStep {
  readonly attempts: readonly (readonly string[])[];
  readonly passes: readonly (readonly (readonly string[])[])[];
}

const attempts = fc.array(fc.array(fc.string(), { maxLength: 8 }), { minLength: 1, maxLength: 2 });
const scripts = fc.array(fc.record({ attempts, passes: fc.array(attempts, { maxLength: 2 }) }), {
  minLength: 1,
  maxLength: 3,
});

/** The events of a run that does this, as a server tells them. */
function eventsOf(steps: readonly ScriptedStep[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  let seq = 0;
  const log = (event: object): void => void events.push(eventOf({ ...event, seq: ++seq }));
  log({ type: "run_started", runId: "run", executionId: "run", flowId: "flow", stepCount: steps.length });
  for (const [stepIndex, step] of steps.entries()) {
    const stepId = `step${stepIndex}`;
    log({ type: "step_started", stepId, name: stepId, stepIndex });
    const isContainer = step.passes.length > 0;
    for (const [pass, written] of step.passes.entries()) writeInside(stepId, pass, written);
    const text = isContainer ? "" : write({ stepId, loopPath: [] }, step.attempts, "step_output");
    log({
      type: "step_completed",
      stepId,
      name: stepId,
      stepIndex,
      durationMs: 1,
      tokens: TOKENS,
      costUsd: "0",
      ...(isContainer ? { output: { items: [] }, modelUsed: null } : { output: { text }, modelUsed: "test/model" }),
    });
  }
  log({ type: "flow_completed", runId: "run", executionId: "run", result: 1, summary: {} });
  return events;

  function writeInside(parentStepId: string, loopIndex: number, written: ScriptedStep["attempts"]): void {
    const place = { stepId: `${parentStepId}in`, parentStepId, loopIndex, loopPath: [loopIndex] };
    log({ type: "step_progress", ...place, phase: "started", attempt: 1 });
    const text = write(place, written, "step_progress");
    const ended = { attempt: written.length, output: { text }, durationMs: 1, tokens: TOKENS };
    log({ type: "step_progress", ...place, phase: "completed", ...ended });
  }

  function write(
    place: { readonly stepId: string; readonly loopPath: readonly number[] },
    all: ScriptedStep["attempts"],
    type: string,
  ): string {
    let text = "";
    for (const [index, pieces] of all.entries()) {
      const attempt = index + 1;
      if (attempt > 1)
        log({ type: "step_retrying", ...place, attempt, delayMs: 0, error: { code: "X", message: "x" } });
      text = "";
      for (const delta of pieces) {
        const piece = { ...place, attempt, offset: text.length, outputData: { delta } };
        events.push(eventOf({ type, phase: "output", ...piece }));
        text += delta;
      }
    }
    return text;
  }
}

function fold(events: readonly StreamEvent[], from: RunState = NO_RUN): RunState {
  return foldRun(from, events);
}

/** A run that is looked at before its end, or at it. */
const beginnings = fc.tuple(scripts, fc.nat()).map(([steps, end]) => {
  const events = eventsOf(steps);
  return events.slice(0, 1 + (end % events.length));
});

describe("the fold of a run's events", () => {
  test("is the same however the events are split, and changes no state that it was given", () => {
    fc.assert(
      fc.property(beginnings, fc.array(fc.nat(200)), (events, cuts) => {
        const inside = cuts.map((cut) => cut % events.length);
        const places = [...new Set([0, ...inside, events.length])].toSorted((a, b) => a - b);
        let state: RunState = NO_RUN;
        for (const [index, place] of places.entries()) {
          state = frozen(fold(events.slice(place, places[index + 1]), state));
        }
        expect(state).toEqual(fold(events));
      }),
    );
  });

  test("is not changed by what a server tells again after a reconnect", () => {
    fc.assert(
      fc.property(beginnings, fc.nat(200), fc.nat(200), fc.nat(5), (events, at, from, length) => {
        const cut = at % (events.length + 1);
        const again = events.slice(0, cut).slice(from % (cut + 1), (from % (cut + 1)) + length);
        expect(fold([...events.slice(0, cut), ...again, ...events.slice(cut)])).toEqual(fold(events));
      }),
    );
  });

  test("of a reader who was away, or comes late, is that of one who saw all", () => {
    fc.assert(
      fc.property(beginnings, fc.nat(200), fc.nat(200), (events, left, back) => {
        const cut = back % (events.length + 1);
        const seen = fold(events.slice(0, left % (cut + 1)));
        // What a live trace tells: what is logged behind the cursor, then the text of what is open at once, then what follows.
        const before = events.slice(0, cut);
        const missed = before.filter(({ seq = 0 }) => seq > seen.lastSeq);
        const returned = fold([...missed, ...openTexts(fold(before), before), ...events.slice(cut)], seen);
        expect(withoutVoid(returned)).toEqual(withoutVoid(fold(events)));
      }),
    );
  });

  test("holds the text of each step as its last attempt wrote it", () => {
    fc.assert(
      fc.property(scripts, (steps) => {
        const state = fold(eventsOf(steps));
        const expected = steps.map(({ attempts: all, passes }) =>
          passes.length > 0 ? "" : (all.at(-1)?.join("") ?? ""),
        );
        expect(state.text).toBe(expected.join(""));
        for (const [index, { passes }] of steps.entries()) {
          const inner = passes.map(
            (all, pass) => textOf(state, { id: `step${index}in`, loopPath: [pass] }) === all.at(-1)?.join(""),
          );
          expect(inner.every(Boolean)).toBe(true);
        }
      }),
    );
  });
});

/** Fails where anybody changes it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** Without texts that hold nothing: who joins late is not told of them. */
function withoutVoid(state: RunState): RunState {
  return { ...state, texts: Object.fromEntries(Object.entries(state.texts).filter(([, { text }]) => text !== "")) };
}

/** One piece with all the text of each step that is being written. */
function openTexts({ texts }: RunState, seen: readonly StreamEvent[]): StreamEvent[] {
  return Object.entries(texts).flatMap(([key, { attempt, text, isWhole }]): StreamEvent[] => {
    const piece = seen.findLast(
      (event) =>
        (event.type === "step_output" || event.type === "step_progress") &&
        textKey(event.stepId, event.loopPath) === key,
    );
    if (isWhole || text === "" || !piece) return [];
    return [eventOf({ ...piece, seq: undefined, phase: "output", attempt, offset: 0, outputData: { delta: text } })];
  });
}

describe("a state", () => {
  const opening = eventsOf([{ attempts: [["Roses "]], passes: [] }]).slice(0, 2);
  const state = fold(opening);
  const piece = {
    type: "step_output",
    stepId: "step0",
    attempt: 1,
    loopPath: [],
    offset: 0,
    outputData: { delta: "Roses" },
  };

  test("keeps what an event does not touch", () => {
    const after = fold([eventOf(piece)], state);
    expect(after.text).toBe("Roses");
    expect(after.steps).toBe(state.steps);
    expect(after.events).toBe(state.events);
  });

  test("is the same object when nothing is new", () => {
    expect(fold(opening, state)).toBe(state);
  });

  test("drops what a failed attempt wrote, before the next has written", () => {
    const retrying = {
      type: "step_retrying",
      seq: 3,
      stepId: "step0",
      attempt: 2,
      loopPath: [],
      delayMs: 5,
      error: { code: "X", message: "x" },
    };
    const after = fold([piece, retrying].map(eventOf), state);
    expect(after.text).toBe("");
    expect(after.steps).toMatchObject([{ attempt: 2, status: "running" }]);
  });

  test("tells a cancelled run from a failed one", () => {
    const ended = (code: string): RunState =>
      fold([{ type: "step_error", seq: 3, stepId: "step0", name: "step0", error: { code, message: "no" } }], state);
    expect(ended("CANCELLED")).toMatchObject({ status: "cancelled" });
    expect(ended("STEP_FAILED")).toMatchObject({
      status: "failed",
      error: { code: "STEP_FAILED" },
      steps: [{ status: "failed" }],
    });
  });

  test("waits while tool calls are open, and goes on when they are answered", () => {
    const asking = eventOf({
      type: "tool_calls_required",
      seq: 3,
      stepId: "step0",
      toolCalls: [],
      toolCallMessages: [],
    });
    const resumed = eventOf({ type: "step_resumed", seq: 4, stepId: "step0", iterationsUsed: 1 });
    const paused = fold([asking], state);
    expect(paused).toMatchObject({ status: "paused", pause: { stepId: "step0" }, steps: [{ status: "waiting" }] });
    expect(fold([resumed], paused)).toMatchObject({
      status: "running",
      pause: undefined,
      steps: [{ status: "running" }],
    });
  });

  test("keeps what was said ahead of tool calls, also for a reader who did not see it written", () => {
    const said = { role: "assistant", content: "Roses", tool_calls: [] };
    const asking = { type: "tool_calls_required", seq: 3, stepId: "step0", toolCalls: [], toolCallMessages: [said] };
    const resumed = { type: "step_resumed", seq: 4, stepId: "step0", iterationsUsed: 1 };
    const more = { ...piece, offset: 5, outputData: { delta: " are" } };
    const completed = {
      type: "step_completed",
      seq: 5,
      stepId: "step0",
      name: "step0",
      stepIndex: 0,
      durationMs: 1,
      tokens: TOKENS,
      costUsd: "0",
      output: { text: " are red" },
      modelUsed: "test/model",
    };
    const seen = fold([piece, asking, resumed, more].map(eventOf), state);
    const joined = fold([asking, resumed, more].map(eventOf), state);
    expect([seen.text, joined.text]).toEqual(["Roses are", "Roses are"]);
    expect(fold([eventOf(completed)], seen).text).toBe("Roses are red");
    expect(fold([asking, resumed, completed].map(eventOf), state).text).toBe("Roses are red");
    const silent = { ...asking, toolCallMessages: [{ ...said, content: null }] };
    expect(fold([piece, silent, resumed, completed].map(eventOf), state).text).toBe("Roses are red");
  });

  test("shows what was said ahead of tool calls once, though it is told again when the step goes on", () => {
    const say = (offset: number, delta: string): object => ({ ...piece, offset, outputData: { delta } });
    const asking = {
      type: "tool_calls_required",
      seq: 3,
      stepId: "step0",
      stepIndex: 0,
      toolCalls: [],
      toolCallMessages: [{ role: "assistant", content: "Let me look. " }],
    };
    const resumed = { type: "step_resumed", seq: 4, stepId: "step0" };
    const goesOn = [say(0, "Let me look. "), say(13, "It "), say(16, "rains.")];
    const completed = {
      type: "step_completed",
      seq: 5,
      stepId: "step0",
      name: "step0",
      stepIndex: 0,
      durationMs: 1,
      tokens: TOKENS,
      costUsd: "0",
      output: { text: "It rains." },
      modelUsed: "test/model",
    };
    const whole = "Let me look. It rains.";
    const starter = fold([say(0, "Let me look. "), asking, resumed, ...goesOn].map(eventOf), state);
    const joiner = fold([asking, resumed, say(0, whole)].map(eventOf), state);
    const laggard = fold([say(0, "Let "), asking, resumed, ...goesOn].map(eventOf), state);
    for (const seen of [starter, joiner, laggard]) {
      expect(seen.text).toBe(whole);
      expect(fold([eventOf(completed)], seen).text).toBe(whole);
    }
    expect(fold([asking, resumed, completed].map(eventOf), state).text).toBe(whole);
  });

  test("does not put pieces that come again behind an output that is spaced otherwise", () => {
    const raw = { ...piece, outputData: { delta: '{"mistakes": 2}' } };
    const completed = {
      type: "step_completed",
      seq: 3,
      stepId: "step0",
      name: "step0",
      stepIndex: 0,
      durationMs: 1,
      tokens: TOKENS,
      costUsd: "0",
      output: { mistakes: 2 },
      modelUsed: "test/model",
    };
    const after = fold([raw, completed, { ...raw, offset: 14, outputData: { delta: "}" } }].map(eventOf), state);
    expect(after.text).toBe('{"mistakes":2}');
  });

  test("shows the output of a step inside a container whose text was never seen", () => {
    const place = {
      type: "step_progress",
      stepId: "in",
      parentStepId: "step0",
      loopIndex: 1,
      loopPath: [1],
      attempt: 1,
    };
    const ended = { ...place, seq: 4, phase: "completed", output: { text: "Roses" }, tokens: TOKENS, durationMs: 1 };
    const after = fold([{ ...place, seq: 3, phase: "started" }, ended].map(eventOf), state);
    expect(textOf(after, { id: "in", loopPath: [1] })).toBe("Roses");
    expect(after.steps).toMatchObject([{ inner: [{ id: "in", status: "completed", parentId: "step0" }] }]);
  });

  test("shows the output of a step whose text was never seen", () => {
    const completed = {
      type: "step_completed",
      seq: 3,
      stepId: "step0",
      name: "step0",
      stepIndex: 0,
      durationMs: 1,
      tokens: TOKENS,
      costUsd: "0",
    };
    const after = (output: unknown, modelUsed: string | null): string =>
      fold([eventOf({ ...completed, output, modelUsed })], state).text;
    expect(after({ text: "Roses" }, "test/model")).toBe("Roses");
    expect(after({ mistakes: 2 }, "test/model")).toBe('{"mistakes":2}');
    expect(after({ text: "handed through" }, null)).toBe("");
  });
});
