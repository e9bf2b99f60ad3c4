import { Containers } from "./containers.ts";
import { FatalRunError, StoppedAttemptError, toErrorInfo } from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEventBody, Segment } from "./events.ts";
import {
  type CompiledFlow,
  type CompiledStep,
  type ContainerStep,
  isContainer,
  type LeafStep,
} from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import { isObject } from "./flow/json.ts";
import { LogWriter, type RunLog } from "./log-writer.ts";
import { logFault } from "./payloads.ts";
import type { RunEnd, RunPause, ToolPause } from "./run-end.ts";
import { firstAttempt, interrupted, nothingSpent, type OpenStep, type RunPast } from "./run-log.ts";
import { Spending, StepAttempts, type StepSurroundings } from "./step-attempts.ts";
import type { AttemptResult, ContainerEnd, Place } from "./steps/step.ts";
import { askingMessage } from "./tool-messages.ts";

/** Everything that the walk depends on; it knows no store and no clock but these. */
export interface Interpretation extends Omit<StepSurroundings, "writer" | "spending" | "delta"> {
  readonly log: RunLog;
  readonly past: RunPast;
  /** Was the attempt that the log leaves open begun by a worker that is gone? It is then made anew. */
  readonly isInterrupted: boolean;
  /** What the calls of the step protocol ask for together; undefined outside of it. */
  readonly segment: Segment | undefined;
  readonly now: () => number;
  /** Must the run leave this process before its next step? */
  readonly isStopping: () => boolean;
}

/** `released`: given back before its end, because this process stops. `paused`: it waits for a call, held by nobody. */
export type InterpretationEnd = RunEnd | { readonly status: "released" } | RunPause;

/** The events with which a run begins here: its first step may start as soon as they are durable. */
export function openingEvents(flow: CompiledFlow, input: JsonObject, segment?: Segment): readonly RunEventBody[] {
  const [first] = flow.steps;
  const started: RunEventBody = { type: "run_started", stepCount: flow.steps.length };
  return first === undefined ? [started] : [started, ...stepOpening(first, input, segment)];
}

/** The events with which a later call of the step protocol begins at `step`; `told` is what that call alone asks for. */
export function segmentOpening(
  step: CompiledStep,
  walk: Pick<Interpretation, "flow" | "input" | "past" | "segment">,
  told: Segment,
): readonly RunEventBody[] {
  return stepOpening(step, replay(walk).input, told);
}

/** What the walk carries from step to step. */
interface Walk {
  /** Outputs of the steps before, as later steps see them. */
  readonly outputs: Record<string, JsonObject>;
  /** Input of the next step. */
  input: JsonObject;
}

/** The walk as it stands behind the steps that the log knows as completed. */
function replay({ flow, input, past, segment }: Pick<Interpretation, "flow" | "input" | "past" | "segment">): Walk {
  const walk: Walk = { outputs: Object.create(null), input };
  for (const { id } of flow.steps) {
    const output = past.outputs.get(id);
    if (output !== undefined) enter(walk, id, overridden(segment, id) ?? output);
  }
  return walk;
}

function overridden(segment: Segment | undefined, stepId: string): JsonObject | undefined {
  const output = segment?.inputOverrides?.[stepId];
  return isObject(output) ? output : undefined;
}

function enter(walk: Walk, stepId: string, output: JsonObject): void {
  walk.outputs[stepId] = output;
  walk.input = output;
}

/** Walks the flow from where its log stands to its end, or to a pause. Throws the signal's reason and what the log throws. */
export async function interpret(interpretation: Interpretation): Promise<InterpretationEnd> {
  const { log, past } = interpretation;
  const writer = new LogWriter(log, past.payloadLength);
  const spending = new Spending(past.spent, past.spentInStep);
  const run: Run = { ...interpretation, writer, spending, delta: (owner, text) => log.delta(owner, text) };
  try {
    return await walkThrough(run);
  } catch (error) {
    // What has ended is not to be done again, nor its cost forgotten. A log that takes nothing any more is told of by `error`.
    await writer.flush().catch(() => undefined);
    throw error;
  }
}

/** An interpretation with what it is carried out by. */
interface Run extends Interpretation, StepSurroundings {}

async function walkThrough(run: Run): Promise<InterpretationEnd> {
  const { flow, past, writer, spending } = run;
  const walk: Walk = { outputs: Object.create(null), input: run.input };
  const leaves = flow.steps.filter((step) => !isContainer(step)).length;
  const containers = new Containers(run, past.innerSteps + leaves);
  const startedAt = past.startedAt ?? run.now();
  const stopsBehindStep = run.segment?.runRemaining === false;
  for (const step of flow.steps) {
    const known = past.outputs.get(step.id);
    if (known !== undefined) {
      // In their order, since a run that took outputs over may know one behind a step that is still to run.
      enter(walk, step.id, overridden(run.segment, step.id) ?? known);
      continue;
    }
    if (run.isStopping()) return release(writer);
    const fault = logFault(writer.logged, run.limits);
    if (fault !== undefined) return failAt(writer, step, { error: toErrorInfo(fault) });
    const end = isContainer(step)
      ? await runContainer(run, walk, { step, containers })
      : await runLeaf(run, walk, step);
    if (end !== undefined) return end;
    const isLast = step.stepIndex === flow.steps.length - 1;
    if (stopsBehindStep && !isLast) return stopBehind(writer, step);
  }
  const durationMs = Math.max(0, run.now() - startedAt - past.pausedMs);
  const summary = { durationMs, stepCount: flow.steps.length, ...spending.run };
  await writer.end([{ type: "flow_completed", result: walk.input, summary }], "completed");
  return { status: "completed", result: walk.input, summary };
}

async function release(writer: LogWriter): Promise<InterpretationEnd> {
  await writer.release();
  return { status: "released" };
}

function placeOf({ input: initial }: Run, { input, outputs }: Walk): Place {
  return { input, initial, steps: outputs, loopPath: [] };
}

/** Works a step off that holds others; its completion waits in the writer. Undefined when the walk goes on. */
async function runContainer(
  run: Run,
  walk: Walk,
  { step, containers }: { readonly step: ContainerStep; readonly containers: Containers },
): Promise<InterpretationEnd | undefined> {
  const { past, writer, spending } = run;
  const isBegun = past.open?.stepId === step.id;
  if (!isBegun) {
    writer.tell(...stepOpening(step, walk.input));
    spending.step = nothingSpent;
  }
  const startedAt = isBegun ? past.openTimes.startedAt + past.openTimes.pausedMs : run.now();
  const about = { stepId: step.id, name: step.name, attempt: 1 };
  const end = await containers.run(step, { place: placeOf(run, walk), signal: run.signal, startedAt }).catch(failedBy);
  if (end.kind === "stopped") return release(writer);
  if (end.kind === "failed") return failAt(writer, step, { error: end.error });
  const { output, skipped } = end;
  const durationMs = Math.max(0, run.now() - startedAt);
  const { stepIndex } = step;
  const completed = { ...about, stepIndex, output, durationMs, inside: spending.step, ...(skipped && { skipped }) };
  writer.tell({ type: "step_completed", ...completed });
  enter(walk, step.id, output);
  return undefined;
}

interface Failure {
  readonly error: ErrorInfo;
  /** Default 1. */
  readonly attempt?: number;
  readonly cost?: AttemptCost;
}

/** Ends the run by a step that failed. */
async function failAt(
  writer: LogWriter,
  { id: stepId, name }: CompiledStep,
  { error, attempt = 1, cost = {} }: Failure,
): Promise<InterpretationEnd> {
  await writer.end([{ type: "step_error", stepId, name, attempt, error, ...cost }], "failed");
  return { status: "failed", stepId, error };
}

function failedBy(error: unknown): ContainerEnd {
  if (error instanceof FatalRunError) return { kind: "failed", error: toErrorInfo(error) };
  throw error;
}

/** Works one step off that does work of its own; its completion waits in the writer. Undefined when the walk goes on. */
async function runLeaf(run: Run, walk: Walk, step: LeafStep): Promise<InterpretationEnd | undefined> {
  const { past, writer, spending } = run;
  const begun = past.open?.stepId === step.id ? past : undefined;
  const from = startOf(step, run);
  if (begun === undefined) await writer.append(...stepOpening(step, walk.input));
  else if (run.isInterrupted) {
    spending.add(begun.spentInAttempt);
    await writer.append({ type: "step_retrying", ...from, error: interrupted, delayMs: 0, ...begun.spentInAttempt });
  }
  const startedAt = begun === undefined ? run.now() : begun.openTimes.startedAt + begun.openTimes.pausedMs;
  const attempts = new StepAttempts(run, {
    step,
    place: placeOf(run, walk),
    signal: run.signal,
    rounds: begun?.rounds,
    carried: run.isInterrupted ? {} : begun?.spentInAttempt,
  });
  const end = await attempts.run(from).catch((error: unknown) => {
    if (!run.signal.aborted) throw error;
    throw new StoppedAttemptError(
      run.signal.reason,
      attempts.carry(error instanceof StoppedAttemptError ? error.cost : {}),
    );
  });
  const about = { stepId: step.id, attempt: end.at.attempt };
  if (end.outcome === "failed")
    return failAt(writer, step, { attempt: end.at.attempt, error: end.error, cost: attempts.carry(end.cost) });
  if (end.result.kind === "toolCalls")
    return pauseForTools(run, walk, { step, at: end.at, result: end.result, attempts });
  const { kind: _, output, ...lastCost } = end.result;
  const cost = attempts.carry(lastCost);
  spending.add(cost);
  writer.tell({
    type: "step_completed",
    ...about,
    name: step.name,
    stepIndex: step.stepIndex,
    output,
    durationMs: Math.max(0, run.now() - startedAt),
    ...cost,
  });
  enter(walk, step.id, output);
  return undefined;
}

function startOf(step: CompiledStep, { past, isInterrupted }: Interpretation): OpenStep {
  if (past.open?.stepId !== step.id) return firstAttempt(step.id);
  // The same try under the next attempt number: a lost worker is not the step's fault.
  return isInterrupted ? { ...past.open, attempt: past.open.attempt + 1 } : past.open;
}

async function stopBehind(writer: LogWriter, { id: stepId, stepIndex }: CompiledStep): Promise<RunPause> {
  const nextStepIndex = stepIndex + 1;
  await writer.end([{ type: "step_paused", stepId, stepIndex, nextStepIndex }], "paused");
  return { status: "paused", reason: "step", nextStepIndex };
}

interface Asking {
  readonly step: LeafStep;
  readonly at: OpenStep;
  readonly result: AttemptResult & { readonly kind: "toolCalls" };
  readonly attempts: StepAttempts;
}

/** Leaves the run to its caller, or ends it when it has asked too often. */
async function pauseForTools(
  { writer }: Run,
  walk: Walk,
  { step, at, result, attempts }: Asking,
): Promise<InterpretationEnd> {
  const { kind: _, text, toolCalls, ...cost } = result;
  const { messages, iterationsUsed: earlier } = attempts.rounds;
  const iterationsUsed = earlier + 1;
  if (iterationsUsed > maxToolRounds) {
    const error = {
      code: "TOOL_ITERATION_LIMIT",
      message: `Step "${step.id}" asked for tools more than ${maxToolRounds} times.`,
    };
    return failAt(writer, step, { attempt: at.attempt, error, cost: attempts.carry(cost) });
  }
  const pause: ToolPause = {
    stepId: step.id,
    stepIndex: step.stepIndex,
    iterationsUsed,
    toolCalls,
    toolCallMessages: [...messages, askingMessage(text, toolCalls)],
    accumulatedOutputs: { ...walk.outputs },
  };
  await writer.end([{ type: "step_paused_for_tool_calls", ...pause, attempt: at.attempt, ...cost }], "paused");
  return { status: "paused", reason: "toolCalls", ...pause };
}

/** Rounds of tool calls that one step may ask for. Source: `contract.md` §7. */
const maxToolRounds = 25;

function stepOpening(step: CompiledStep, input: JsonObject, segment?: Segment): readonly RunEventBody[] {
  const { id: stepId, name, stepIndex } = step;
  return [
    { type: "step_started", stepId, name, stepIndex, ...(segment !== undefined && { segment }) },
    { type: "step_input", stepId, inputData: input },
  ];
}
