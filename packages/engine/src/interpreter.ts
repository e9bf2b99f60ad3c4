import { runAttempts } from "./attempts.ts";
import { TerminalError } from "./errors.ts";
import type { AttemptCost, ErrorInfo, RunEventBody, RunSummary } from "./events.ts";
import type { CompiledFlow, CompiledStep } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Models } from "./models/model.ts";
import { retryPolicy } from "./retry.ts";
import { addSpent, type OpenStep, type RunPast, type Spent } from "./run-log.ts";
import { llm } from "./steps/llm.ts";
import { passthrough } from "./steps/passthrough.ts";
import type { AttemptContext, AttemptResult } from "./steps/step.ts";
import type { RunStatus } from "./store/store.ts";
import type { RunEnd } from "./trace.ts";

/** What the interpreter may do to the run's log. */
export interface RunLog {
  /** Resolves when the events are durable; a step begins only then. */
  append(events: readonly RunEventBody[], status?: RunStatus): Promise<void>;
  /** The same, and leaves the run to whoever takes it next. */
  release(events: readonly RunEventBody[]): Promise<void>;
  delta(stepId: string, attempt: number, text: string): void;
}

/** Everything that the walk depends on; it knows no store and no clock but these. */
export interface Interpretation {
  readonly runId: string;
  readonly flow: CompiledFlow;
  /** The flow's input, completed. */
  readonly input: JsonObject;
  readonly past: RunPast;
  /** Was the attempt that the log leaves open begun by a worker that is gone? It is then made anew. */
  readonly isResumed: boolean;
  readonly log: RunLog;
  readonly models: Models;
  /** Bound of one attempt of a step that sets none. */
  readonly stepTimeoutMs: number;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the run must leave this process at once. */
  readonly signal: AbortSignal;
  /** Must the run leave this process before its next step? */
  readonly isStopping: () => boolean;
  /** Told the cause of every failed attempt. */
  readonly onFailure: (error: unknown, step: { readonly stepId: string; readonly attempt: number }) => void;
}

/** `released`: given back before its end, because this process stops. */
export type InterpretationEnd = RunEnd | { readonly status: "released" };

/** Kinds of nodes that can be worked off so far. */
type RunnableStep = Extract<CompiledStep, { kind: "llm" | "passthrough" }>;

/** The first step of a kind that cannot be worked off yet. */
export function unrunnableStep(flow: CompiledFlow): CompiledStep | undefined {
  return flow.steps.find((step) => !isRunnable(step));
}

function isRunnable(step: CompiledStep): step is RunnableStep {
  return step.kind === "llm" || step.kind === "passthrough";
}

/** The events with which a run begins here: its first step may start as soon as they are durable. */
export function openingEvents(flow: CompiledFlow, input: JsonObject): readonly RunEventBody[] {
  const [first] = flow.steps;
  const started: RunEventBody = { type: "run_started", stepCount: flow.steps.length };
  return first === undefined ? [started] : [started, ...stepOpening(first, 0, input)];
}

/** Walks the flow from where its log stands to its end. Throws the signal's reason and what the log throws. */
export async function interpret(run: Interpretation): Promise<InterpretationEnd> {
  const outputs: Record<string, JsonObject> = Object.create(null);
  let input = run.input;
  let spent = run.past.spent;
  /** Facts that go out together with the opening of the next step, or with the end. */
  let facts: RunEventBody[] = [];

  for (const [stepIndex, step] of run.flow.steps.entries()) {
    const known = run.past.outputs.get(step.id);
    if (known !== undefined) {
      outputs[step.id] = known;
      input = known;
      continue;
    }
    if (run.isStopping()) {
      await run.log.release(facts);
      return { status: "released" };
    }
    const begun = run.past.open?.stepId === step.id ? run.past.open : undefined;
    const from = begun === undefined ? firstAttempt(step.id) : run.isResumed ? anew(begun) : begun;
    if (begun === undefined) facts.push(...stepOpening(step, stepIndex, input));
    else if (run.isResumed) facts.push({ type: "step_retrying", ...from, error: interrupted, delayMs: 0 });
    if (facts.length > 0) await run.log.append(facts);
    facts = [];

    const startedAt = run.now();
    const end = await tryStep(run, step, { from, input, outputs, onRetry: (cost) => (spent = addSpent(spent, cost)) });
    if (end.outcome === "failed") {
      await run.log.append(
        [
          {
            type: "step_error",
            stepId: step.id,
            name: step.name,
            attempt: end.at.attempt,
            error: end.error,
            ...end.cost,
          },
        ],
        "failed",
      );
      return { status: "failed", stepId: step.id, error: end.error };
    }
    const { output, ...cost } = end.result;
    spent = addSpent(spent, cost);
    facts.push({
      type: "step_completed",
      stepId: step.id,
      name: step.name,
      stepIndex,
      attempt: end.at.attempt,
      output,
      durationMs: run.now() - startedAt,
      ...cost,
    });
    outputs[step.id] = output;
    input = output;
  }

  const summary = summarise(run, spent);
  await run.log.append([...facts, { type: "flow_completed", result: input, summary }], "completed");
  return { status: "completed", result: input, summary };
}

const interrupted: ErrorInfo = {
  code: "WORKER_LOST",
  message: "The process that made this attempt stopped before the attempt ended; the step is tried again.",
};

function firstAttempt(stepId: string): OpenStep {
  return { stepId, attempt: 1, tries: 1, modelIndex: 0 };
}

/** The same try under the next attempt number: a lost worker is not the step's fault. */
function anew(open: OpenStep): OpenStep {
  return { ...open, attempt: open.attempt + 1 };
}

function stepOpening(step: CompiledStep, stepIndex: number, input: JsonObject): readonly RunEventBody[] {
  return [
    { type: "step_started", stepId: step.id, name: step.name, stepIndex },
    { type: "step_input", stepId: step.id, inputData: input },
  ];
}

interface StepTry {
  readonly from: OpenStep;
  readonly input: JsonObject;
  readonly outputs: { readonly [stepId: string]: JsonObject };
  /** Told what each failed attempt used. */
  readonly onRetry: (cost: AttemptCost) => void;
}

function tryStep(run: Interpretation, step: CompiledStep, { from, input, outputs, onRetry }: StepTry) {
  const scope = { input, initial: run.input, steps: outputs };
  return runAttempts({
    stepId: step.id,
    retry: retryPolicy(step.kind === "llm" ? step.node.retry : undefined),
    timeoutMs: step.kind === "llm" ? (step.node.timeoutMs ?? run.stepTimeoutMs) : undefined,
    models: step.kind === "llm" ? 1 + (step.node.fallback?.length ?? 0) : 1,
    from,
    signal: run.signal,
    random: run.random,
    sleep: run.sleep,
    attempt: ({ attempt, modelIndex }, signal) =>
      runAttempt(step, {
        runId: run.runId,
        attempt,
        modelIndex,
        idempotencyKey: `${run.runId}:${step.id}:${attempt}`,
        input,
        scope,
        models: run.models,
        signal,
        onDelta: (text) => run.log.delta(step.id, attempt, text),
      }),
    record: (retrying) => {
      onRetry(retrying);
      return run.log.append([retrying]);
    },
    onFailure: (error, { stepId, attempt }) => run.onFailure(error, { stepId, attempt }),
  });
}

function runAttempt(step: CompiledStep, context: AttemptContext): Promise<AttemptResult> | AttemptResult {
  if (!isRunnable(step)) throw new TerminalError("NOT_IMPLEMENTED", `Steps of type ${step.kind} do not run yet.`);
  switch (step.kind) {
    case "llm":
      return llm.run(step, context);
    case "passthrough":
      return passthrough.run(step, context);
  }
}

function summarise(run: Interpretation, spent: Spent): RunSummary {
  return {
    durationMs: run.now() - run.past.startedAt,
    stepCount: run.flow.steps.length,
    tokens: spent.tokens,
    costUsd: spent.costUsd,
  };
}
