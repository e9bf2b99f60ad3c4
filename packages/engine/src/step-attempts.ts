import { type AttemptsEnd, runAttempts } from "./attempts.ts";
import type { AttemptCost, Spent } from "./events.ts";
import type { CompiledFlow, LeafStep } from "./flow/compile.ts";
import type { JsonObject } from "./flow/definition.ts";
import { jsonLength } from "./flow/weight.ts";
import type { RunLimits } from "./limits.ts";
import type { LogWriter, RunLog } from "./log-writer.ts";
import type { Attachment, ChatMessage, Models } from "./models/model.ts";
import { requirePayload } from "./payloads.ts";
import { retryPolicy } from "./retry.ts";
import { addSpent, joinCosts, type OpenStep, type ToolRounds } from "./run-log.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { code } from "./steps/code.ts";
import { llm } from "./steps/llm.ts";
import { passthrough } from "./steps/passthrough.ts";
import type { AttemptContext, AttemptResult, Place, Toolbox } from "./steps/step.ts";
import { toChatMessages } from "./tool-messages.ts";

/** What of a run surrounds its steps. */
export interface StepSurroundings {
  readonly runId: string;
  readonly flow: CompiledFlow;
  /** The flow's input, completed. */
  readonly input: JsonObject;
  readonly delta: RunLog["delta"];
  /** What the caller of the run can be asked to do. */
  readonly toolbox: Toolbox | undefined;
  /** Turns before the prompt of the first top-level llm step. */
  readonly history: readonly ChatMessage[];
  /** Files beside that prompt. */
  readonly attachments: readonly Attachment[];
  readonly writer: LogWriter;
  readonly spending: Spending;
  readonly limits: RunLimits;
  readonly models: Models;
  /** Undefined where no code may run. */
  readonly sandbox: Pick<Sandbox, "run"> | undefined;
  /** Bound of one attempt of a step that sets none. */
  readonly stepTimeoutMs: number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the run must leave this process at once. */
  readonly signal: AbortSignal;
  /** Told the cause of every failed attempt. */
  readonly onFailure: (error: unknown, step: { readonly stepId: string; readonly attempt: number }) => void;
}

/** What a run's attempts used so far. */
export class Spending {
  run: Spent;
  /** The same, of the top-level step in work alone. */
  step: Spent;

  constructor(run: Spent, step: Spent) {
    this.run = run;
    this.step = step;
  }

  add(attempt: AttemptCost): void {
    this.run = addSpent(this.run, attempt);
    this.step = addSpent(this.step, attempt);
  }
}

interface StepState {
  readonly step: LeafStep;
  readonly place: Place;
  /** Aborts the attempts. */
  readonly signal: AbortSignal;
  readonly rounds?: ToolRounds | undefined;
  /** What the rounds of the attempt in flight used before this. */
  readonly carried?: AttemptCost | undefined;
}

/** The attempts of one step, with what outlives them: the rounds of tool calls, and the cost of those of the attempt in flight. */
export class StepAttempts {
  readonly rounds: ToolRounds;
  readonly #run: StepSurroundings;
  readonly #state: StepState;
  #carried: AttemptCost;
  /** The attempt in flight, or the last one. */
  attempt = 1;

  constructor(run: StepSurroundings, state: StepState) {
    this.#run = run;
    this.#state = state;
    this.rounds = state.rounds ?? { messages: [], iterationsUsed: 0 };
    this.#carried = state.carried ?? {};
  }

  /** The cost of the attempt as a whole, given that of its last call. The next attempt begins from nothing. */
  carry(cost: AttemptCost): AttemptCost {
    const whole = joinCosts(this.#carried, cost);
    this.#carried = {};
    return whole;
  }

  run(from: OpenStep): Promise<AttemptsEnd> {
    const run = this.#run;
    const { step, place, signal } = this.#state;
    this.attempt = from.attempt;
    if (step.kind === "passthrough" && isPassedOn(run, this.#state)) return Promise.resolve(passedOn(from, place));
    return runAttempts({
      stepId: step.id,
      retry: retryPolicy(step.kind === "passthrough" ? undefined : step.node.retry),
      timeoutMs: step.kind === "llm" ? (step.node.timeoutMs ?? run.stepTimeoutMs) : undefined,
      models: step.kind === "llm" ? 1 + (step.node.fallback?.length ?? 0) : 1,
      from,
      signal,
      random: run.random,
      sleep: run.sleep,
      attempt: async (at, signal, repair) => {
        this.attempt = at.attempt;
        const context = this.#context(at, { signal, repair });
        // The text of an attempt goes on behind its tool calls. The readers of this hold have none of it yet, and the offsets count all.
        for (const { role, content } of context.rounds) if (role === "assistant") context.onDelta(content);
        const result = await runAttempt(step, context);
        requireOutput(step, result, run.limits);
        return result;
      },
      record: (retrying) => {
        const whole = { ...retrying, ...inLoops(place), ...this.carry(retrying) };
        run.spending.add(whole);
        return run.writer.append(whole);
      },
      onFailure: (error, { stepId, attempt }) => run.onFailure(error, { stepId, attempt }),
    });
  }

  #context(
    { attempt, modelIndex }: OpenStep,
    { signal, repair }: Pick<AttemptContext, "signal" | "repair">,
  ): AttemptContext {
    const { runId, models, sandbox, toolbox, history, attachments, delta, flow } = this.#run;
    const { step, place } = this.#state;
    const { id, kind, node, parentId } = step;
    const { messages, iterationsUsed } = this.rounds;
    const round = iterationsUsed === 0 ? "" : `:${iterationsUsed}`;
    const isFirst = flow.steps.find((top) => top.kind === "llm")?.id === id;
    const { loopPath } = place;
    const owner = { stepId: id, ...(parentId !== undefined && { parentStepId: parentId }), attempt, loopPath };
    return {
      runId,
      attempt,
      modelIndex,
      idempotencyKey: `${runId}:${[id, ...loopPath].join(".")}:${attempt}${round}`,
      input: place.input,
      scope: place,
      models,
      sandbox,
      signal,
      // A call that does not care for its signal may go on to write beside the next attempt's.
      onDelta: (text) => {
        if (!signal.aborted) delta(owner, text);
      },
      history: isFirst ? history : [],
      attachments: isFirst ? attachments : [],
      rounds: toChatMessages(messages),
      repair,
      toolbox: kind === "llm" && node.tools === true && parentId === undefined ? toolbox : undefined,
    };
  }
}

/** There is nothing to try about a step that passes its input on, save where it is stopped or its input is too long. */
function isPassedOn({ limits }: StepSurroundings, { place, signal }: StepState): boolean {
  return !signal.aborted && jsonLength(place.input) <= limits.payloadLength;
}

function passedOn(at: OpenStep, { input: output }: Place): AttemptsEnd {
  return { outcome: "completed", at, result: { kind: "output", output } };
}

function requireOutput({ id: stepId }: LeafStep, result: AttemptResult, limits: RunLimits): void {
  if (result.kind !== "output") return;
  const { kind: _, output, ...cost } = result;
  requirePayload(output, limits, { stepId, what: "output", cost });
}

/** Where an event of the step happened; nothing outside loops. */
export function inLoops({ loopPath }: Place): { readonly loopPath?: readonly number[] } {
  return loopPath.length === 0 ? {} : { loopPath };
}

function runAttempt(step: LeafStep, context: AttemptContext): Promise<AttemptResult> | AttemptResult {
  switch (step.kind) {
    case "llm":
      return llm.run(step, context);
    case "code":
      return code.run(step, context);
    case "passthrough":
      return passthrough.run(step, context);
  }
}
