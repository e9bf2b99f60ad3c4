import { ReplayMissError } from "@noukai/core";
import type { SessionExecution, SessionStep, SseEventDataByName } from "@noukai/core/schema";
import { durationOf, failureOf, outputOf, resultOf, stepCount } from "./replay-answers.ts";

const NO_TOKENS = { prompt: 0, completion: 0, total: 0 };

/** A frame before it has its number. */
interface RecordedEvent {
  readonly name: keyof SseEventDataByName;
  readonly data: object;
  /** Takes part in the numbering of the run's log. */
  readonly isLogged: boolean;
}

/** Which part of a run is told. */
export interface SegmentPlace {
  /** The index of its first step. */
  readonly from: number;
  /** To the end of the run; else one step. */
  readonly isWhole: boolean;
}

/** The stream that `/step` gave, as far as snapshots tell it: no retries, no inner steps, text in one piece. */
export function segmentAnswer(execution: SessionExecution, place: SegmentPlace): Response {
  const { from } = place;
  const { steps, executionId } = execution;
  if (from > 0 && from >= steps.length) {
    const message = `The replay has no step ${from} of the run ${executionId}: ${steps.length} are recorded.`;
    throw new ReplayMissError(message, { code: "REPLAY_MISS", executionId });
  }
  // Each step before this one was a segment of its own, and ended with a pause.
  const before = steps.slice(0, from).flatMap((step, index) => segmentEvents(execution, step, index));
  const events = eventsOf(execution, place);
  return streamAnswer(execution, frames(events, 1 + logged(from > 0 ? [runStarted(execution), ...before] : []).length));
}

/** All of the run's events behind one of them. A replayed run is over, so that nothing follows them. */
export function traceStreamAnswer(execution: SessionExecution, after: number): Response {
  const events = logged(eventsOf(execution, { from: 0, isWhole: true }));
  return streamAnswer(execution, frames(events.slice(after), 1 + after));
}

function eventsOf(execution: SessionExecution, { from, isWhole }: SegmentPlace): readonly RecordedEvent[] {
  const { steps } = execution;
  const until = isWhole ? steps.length : from + 1;
  const events: RecordedEvent[] = [{ ...runStarted(execution), isLogged: from === 0 }];
  const failure = failureOf(execution);
  for (const [index, step] of steps.entries()) {
    if (index < from || index >= until) continue;
    if (step.stepId === failure?.stepId) return [...events, ...startEvents(step, index), stepError(failure)];
    if (isWhole || index === steps.length - 1) events.push(...stepEvents(step, index));
    else events.push(...segmentEvents(execution, step, index));
  }
  if (until < steps.length) return events;
  return [...events, failure ? stepError(failure) : flowCompleted(execution)];
}

function runStarted(execution: SessionExecution): RecordedEvent {
  const { executionId, flowId } = execution;
  const data = { runId: executionId, executionId, flowId: flowId ?? "", stepCount: stepCount(execution) };
  return { name: "run_started", data, isLogged: true };
}

/** A step that was a segment of its own, its pause included. */
function segmentEvents({ steps }: SessionExecution, step: SessionStep, stepIndex: number): readonly RecordedEvent[] {
  const nextStepIndex = Math.min(stepIndex + 1, steps.length);
  const data = { stepId: step.stepId, stepIndex, nextStepIndex };
  return [...stepEvents(step, stepIndex), { name: "step_paused", data, isLogged: true }];
}

function stepEvents(step: SessionStep, stepIndex: number): readonly RecordedEvent[] {
  const { stepId, durationMs } = step;
  const output = outputOf(step);
  const figures = { durationMs: durationMs ?? 0, tokens: NO_TOKENS, costUsd: "0" };
  const completed = { stepId, name: stepId, output, ...figures, stepIndex };
  return [
    ...startEvents(step, stepIndex),
    ...textEvents(step, output),
    { name: "step_completed", data: completed, isLogged: true },
  ];
}

function startEvents({ stepId, inputSnapshot }: SessionStep, stepIndex: number): readonly RecordedEvent[] {
  const started: RecordedEvent = { name: "step_started", data: { stepId, name: stepId, stepIndex }, isLogged: true };
  if (inputSnapshot === null) return [started];
  return [started, { name: "step_input", data: { stepId, inputData: inputSnapshot }, isLogged: true }];
}

/**
 * The text of an llm step, whole: programs that show text as it comes would show nothing otherwise. Which kind of step it was is not
 * recorded; an output of exactly `{text}` that was not just handed through is what llm steps give.
 */
function textEvents({ stepId, attempt, inputSnapshot }: SessionStep, output: unknown): readonly RecordedEvent[] {
  const isText = typeof output === "object" && output !== null && Object.keys(output).join() === "text";
  const delta = isText && "text" in output ? output.text : undefined;
  if (typeof delta !== "string" || delta === "" || delta === inputSnapshot?.["text"]) return [];
  const data = { stepId, attempt, loopPath: [], offset: 0, outputData: { delta } };
  return [{ name: "step_output", data, isLogged: false }];
}

function stepError({ stepId, code, message }: NonNullable<ReturnType<typeof failureOf>>): RecordedEvent {
  return { name: "step_error", data: { stepId, name: stepId, error: { code, message } }, isLogged: true };
}

function flowCompleted(execution: SessionExecution): RecordedEvent {
  const { executionId } = execution;
  const figures = { durationMs: durationOf(execution), stepCount: stepCount(execution), tokens: NO_TOKENS };
  const data = { runId: executionId, executionId, result: resultOf(execution), summary: { ...figures, costUsd: "0" } };
  return { name: "flow_completed", data, isLogged: true };
}

function logged(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return events.filter(({ isLogged }) => isLogged);
}

/** Numbers the logged events from `first` on. */
function frames(events: readonly RecordedEvent[], first: number): string {
  let seq = first;
  const texts = events.map(({ name, data, isLogged }) => {
    const id = isLogged ? `id: ${seq++}\n` : "";
    return `${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  return texts.join("");
}

function streamAnswer({ executionId }: SessionExecution, text: string): Response {
  const headers = { "content-type": "text/event-stream", "x-noukai-execution-id": executionId };
  return new Response(text, { headers });
}
