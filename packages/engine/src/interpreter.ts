import { StoppedAttemptError } from "./errors.ts";
import type { ErrorInfo, RunEventBody, Segment } from "./events.ts";
import type { CompiledFlow, CompiledStep } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import { isObject } from "./flow/json.ts";
import type { RunEnd, RunPause, ToolPause } from "./run-end.ts";
import { addSpent, type OpenStep, type RunPast } from "./run-log.ts";
import { StepAttempts, type StepSurroundings, type StepWalk } from "./step-attempts.ts";
import type { AttemptResult } from "./steps/step.ts";
import { askingMessage } from "./tool-messages.ts";

/** Everything that the walk depends on; it knows no store and no clock but these. */
export interface Interpretation extends StepSurroundings {
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
interface Walk extends StepWalk {
  /** Facts that go out together with the opening of the next step, or with the end. */
  facts: RunEventBody[];
}

/** The walk as it stands behind the steps that the log knows as completed. */
function replay({ flow, input, past, segment }: Pick<Interpretation, "flow" | "input" | "past" | "segment">): Walk {
  const walk: Walk = { outputs: Object.create(null), input, spent: past.spent, facts: [] };
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
export async function interpret(run: Interpretation): Promise<InterpretationEnd> {
  const walk = replay(run);
  const startedAt = run.past.startedAt ?? run.now();
  const stopsBehindStep = run.segment?.runRemaining === false;
  for (const step of run.flow.steps) {
    if (run.past.outputs.has(step.id)) continue;
    if (run.isStopping()) {
      await run.log.release(walk.facts);
      return { status: "released" };
    }
    const end = await runStep(run, walk, step);
    if (end !== undefined) return end;
    const isLast = step.stepIndex === run.flow.steps.length - 1;
    if (stopsBehindStep && !isLast) return stopBehind(run, walk, step);
  }
  const durationMs = Math.max(0, run.now() - startedAt - run.past.pausedMs);
  const summary = {
    durationMs,
    stepCount: run.flow.steps.length,
    tokens: walk.spent.tokens,
    costUsd: walk.spent.costUsd,
  };
  await run.log.append([...walk.facts, { type: "flow_completed", result: walk.input, summary }], "completed");
  return { status: "completed", result: walk.input, summary };
}

/** Works one step off; its completion waits in `walk.facts`. Undefined when the walk goes on. */
async function runStep(run: Interpretation, walk: Walk, step: CompiledStep): Promise<InterpretationEnd | undefined> {
  const begun = run.past.open?.stepId === step.id ? run.past : undefined;
  const from = startOf(step, run);
  if (begun === undefined) walk.facts.push(...stepOpening(step, walk.input));
  else if (run.isInterrupted)
    walk.facts.push({ type: "step_retrying", ...from, error: interrupted, delayMs: 0, ...begun.spentInAttempt });
  if (begun !== undefined && run.isInterrupted) walk.spent = addSpent(walk.spent, begun.spentInAttempt);
  if (walk.facts.length > 0) await run.log.append(walk.facts);
  walk.facts = [];

  const startedAt = begun === undefined ? run.now() : begun.openTimes.startedAt + begun.openTimes.pausedMs;
  const attempts = new StepAttempts(run, walk, {
    step,
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
  if (end.outcome === "failed") {
    await run.log.append(
      [{ type: "step_error", ...about, name: step.name, error: end.error, ...attempts.carry(end.cost) }],
      "failed",
    );
    return { status: "failed", stepId: step.id, error: end.error };
  }
  if (end.result.kind === "toolCalls")
    return pauseForTools(run, walk, { step, at: end.at, result: end.result, attempts });
  const { kind: _, output, ...lastCost } = end.result;
  const cost = attempts.carry(lastCost);
  walk.spent = addSpent(walk.spent, cost);
  walk.facts.push({
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
  if (past.open?.stepId !== step.id) return { stepId: step.id, attempt: 1, tries: 1, modelIndex: 0 };
  // The same try under the next attempt number: a lost worker is not the step's fault.
  return isInterrupted ? { ...past.open, attempt: past.open.attempt + 1 } : past.open;
}

async function stopBehind(run: Interpretation, walk: Walk, { id: stepId, stepIndex }: CompiledStep): Promise<RunPause> {
  const nextStepIndex = stepIndex + 1;
  await run.log.append([...walk.facts, { type: "step_paused", stepId, stepIndex, nextStepIndex }], "paused");
  return { status: "paused", reason: "step", nextStepIndex };
}

interface Asking {
  readonly step: CompiledStep;
  readonly at: OpenStep;
  readonly result: AttemptResult & { readonly kind: "toolCalls" };
  readonly attempts: StepAttempts;
}

/** Leaves the run to its caller, or ends it when it has asked too often. */
async function pauseForTools(
  run: Interpretation,
  walk: Walk,
  { step, at, result, attempts }: Asking,
): Promise<InterpretationEnd> {
  const { kind: _, text, toolCalls, ...cost } = result;
  const about = { stepId: step.id, attempt: at.attempt };
  const { messages, iterationsUsed: earlier } = attempts.rounds;
  const iterationsUsed = earlier + 1;
  if (iterationsUsed > maxToolRounds) {
    const error = {
      code: "TOOL_ITERATION_LIMIT",
      message: `Step "${step.id}" asked for tools more than ${maxToolRounds} times.`,
    };
    await run.log.append([{ type: "step_error", ...about, name: step.name, error, ...attempts.carry(cost) }], "failed");
    return { status: "failed", stepId: step.id, error };
  }
  const pause: ToolPause = {
    stepId: step.id,
    stepIndex: step.stepIndex,
    iterationsUsed,
    toolCalls,
    toolCallMessages: [...messages, askingMessage(text, toolCalls)],
    accumulatedOutputs: { ...walk.outputs },
  };
  await run.log.append([{ type: "step_paused_for_tool_calls", ...pause, attempt: at.attempt, ...cost }], "paused");
  return { status: "paused", reason: "toolCalls", ...pause };
}

/** Rounds of tool calls that one step may ask for. Source: `contract.md` §7. */
const maxToolRounds = 25;

const interrupted: ErrorInfo = {
  code: "WORKER_LOST",
  message: "The process that made this attempt stopped before the attempt ended; the step is tried again.",
};

function stepOpening(step: CompiledStep, input: JsonObject, segment?: Segment): readonly RunEventBody[] {
  const { id: stepId, name, stepIndex } = step;
  return [
    { type: "step_started", stepId, name, stepIndex, ...(segment !== undefined && { segment }) },
    { type: "step_input", stepId, inputData: input },
  ];
}
