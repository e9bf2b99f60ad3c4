import { type AttemptsEnd, runAttempts } from "./attempts.ts";
import { TerminalError } from "./errors.ts";
import type { AttemptCost, RunEventBody } from "./events.ts";
import type { CompiledFlow, CompiledStep } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Attachment, ChatMessage, Models } from "./models/model.ts";
import { retryPolicy } from "./retry.ts";
import { isRunnable } from "./runnable.ts";
import { addSpent, joinCosts, type OpenStep, type Spent, type ToolRounds } from "./run-log.ts";
import { llm } from "./steps/llm.ts";
import { passthrough } from "./steps/passthrough.ts";
import type { AttemptContext, AttemptResult, Toolbox } from "./steps/step.ts";
import type { RunStatus } from "./store/store.ts";
import { toChatMessages } from "./tool-messages.ts";

/** What the interpreter may do to the run's log. */
export interface RunLog {
  /** Resolves when the events are durable; a step begins only then. */
  append(events: readonly RunEventBody[], status?: RunStatus): Promise<void>;
  /** The same, and leaves the run to whoever takes it next. */
  release(events: readonly RunEventBody[]): Promise<void>;
  delta(stepId: string, attempt: number, text: string): void;
}

/** What of a run surrounds its steps. */
export interface StepSurroundings {
  readonly runId: string;
  readonly flow: CompiledFlow;
  /** The flow's input, completed. */
  readonly input: JsonObject;
  /** What the caller of the run can be asked to do. */
  readonly toolbox: Toolbox | undefined;
  /** Turns before the prompt of the first top-level llm step. */
  readonly history: readonly ChatMessage[];
  /** Files beside that prompt. */
  readonly attachments: readonly Attachment[];
  readonly log: RunLog;
  readonly models: Models;
  /** Bound of one attempt of a step that sets none. */
  readonly stepTimeoutMs: number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the run must leave this process at once. */
  readonly signal: AbortSignal;
  /** Told the cause of every failed attempt. */
  readonly onFailure: (error: unknown, step: { readonly stepId: string; readonly attempt: number }) => void;
}

/** What a step is given by those before it, and adds to. */
export interface StepWalk {
  /** Outputs of the steps before, as later steps see them. */
  readonly outputs: Record<string, JsonObject>;
  /** Input of the next step. */
  input: JsonObject;
  /** Over all attempts that have ended. */
  spent: Spent;
}

interface StepState {
  readonly step: CompiledStep;
  readonly rounds: ToolRounds | undefined;
  /** What the rounds of the attempt in flight used before this. */
  readonly carried: AttemptCost | undefined;
}

/** The attempts of one step, with what outlives them: the rounds of tool calls, and the cost of those of the attempt in flight. */
export class StepAttempts {
  readonly rounds: ToolRounds;
  readonly #run: StepSurroundings;
  readonly #walk: StepWalk;
  readonly #step: CompiledStep;
  #carried: AttemptCost;

  constructor(run: StepSurroundings, walk: StepWalk, { step, rounds, carried }: StepState) {
    this.#run = run;
    this.#walk = walk;
    this.#step = step;
    this.rounds = rounds ?? { messages: [], iterationsUsed: 0 };
    this.#carried = carried ?? {};
  }

  /** The cost of the attempt as a whole, given that of its last call. The next attempt begins from nothing. */
  carry(cost: AttemptCost): AttemptCost {
    const whole = joinCosts(this.#carried, cost);
    this.#carried = {};
    return whole;
  }

  run(from: OpenStep): Promise<AttemptsEnd> {
    const run = this.#run;
    const step = this.#step;
    return runAttempts({
      stepId: step.id,
      retry: retryPolicy(step.kind === "llm" ? step.node.retry : undefined),
      timeoutMs: step.kind === "llm" ? (step.node.timeoutMs ?? run.stepTimeoutMs) : undefined,
      models: step.kind === "llm" ? 1 + (step.node.fallback?.length ?? 0) : 1,
      from,
      signal: run.signal,
      random: run.random,
      sleep: run.sleep,
      attempt: (at, signal) => runAttempt(step, this.#context(at, signal)),
      record: (retrying) => {
        const whole = { ...retrying, ...this.carry(retrying) };
        this.#walk.spent = addSpent(this.#walk.spent, whole);
        return run.log.append([whole]);
      },
      onFailure: (error, { stepId, attempt }) => run.onFailure(error, { stepId, attempt }),
    });
  }

  #context({ attempt, modelIndex }: OpenStep, signal: AbortSignal): AttemptContext {
    const { runId, input: initial, models, toolbox, history, attachments, log, flow } = this.#run;
    const { id, kind, node } = this.#step;
    const { messages, iterationsUsed } = this.rounds;
    const round = iterationsUsed === 0 ? "" : `:${iterationsUsed}`;
    const isFirst = flow.steps.find((step) => step.kind === "llm")?.id === id;
    return {
      runId,
      attempt,
      modelIndex,
      idempotencyKey: `${runId}:${id}:${attempt}${round}`,
      input: this.#walk.input,
      scope: { input: this.#walk.input, initial, steps: this.#walk.outputs },
      models,
      signal,
      onDelta: (text) => log.delta(id, attempt, text),
      history: isFirst ? history : [],
      attachments: isFirst ? attachments : [],
      rounds: toChatMessages(messages),
      toolbox: kind === "llm" && node.tools === true ? toolbox : undefined,
    };
  }
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
