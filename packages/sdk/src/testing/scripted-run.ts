import type { Clock } from "@noukai/core";
import type { RunStatus, SseEventDataByName, TriggerType } from "@noukai/core/schema";
import { totalCostUsd, totalTokens } from "../trace-totals.ts";
import { deferred, unlessAborted } from "./deferred.ts";
import { Refusal } from "./refusal.ts";
import { endsCall, itemOf, type LogItem, RunLog } from "./run-log.ts";
import type { FlowOptions, ScriptedError, ScriptedToolCall, ScriptedToolResult, StepScript } from "./script.ts";
import { StepFailure, StepPlayer } from "./step-player.ts";
import { finish, StepRows } from "./step-rows.ts";
import { type AskingStep, type ToolAnswer, ToolExchange } from "./tool-exchange.ts";

export interface ScriptedRunOptions extends FlowOptions {
  readonly executionId: string;
  /** As `acme/spelling/grade-3`. */
  readonly flow: string;
  readonly flowId: string;
  readonly version: number;
  readonly trigger: TriggerType;
  readonly sessionId: string | undefined;
  readonly isTraced: boolean;
  /** Stops behind each step until the next one is asked for. */
  readonly isStepwise: boolean;
  readonly input: Readonly<Record<string, unknown>>;
  readonly steps: readonly StepScript[];
  readonly clock: Clock;
}

/** A later call of the step protocol. */
export interface SegmentRequest {
  readonly stepIndex: number;
  readonly runRemaining: boolean;
  readonly inputOverrides: Readonly<Record<string, unknown>>;
}

const CANCELLED: ScriptedError = { code: "CANCELLED", message: "The run was cancelled." };

/** One run of a scripted flow: plays its steps, waits where the contract has it wait, and is told to go on, or to end. */
export class ScriptedRun {
  readonly options: ScriptedRunOptions;
  readonly log = new RunLog();
  readonly rows = new StepRows();
  readonly tools = new ToolExchange();
  status: RunStatus = "pending";
  startedAt: number | undefined;
  completedAt: number | undefined;
  /** What the script itself threw. */
  fault: unknown;
  readonly #outputs = new Map<string, unknown>();
  readonly #stop = new AbortController();
  /** Index of a step → where its events begin in the log, and what was asked for there. */
  readonly #segments = new Map<number, { readonly index: number; readonly asked: string | undefined }>();
  #asked: string | undefined;
  #isStepwise: boolean;
  #goOn = deferred<void>();
  #workedMs = 0;
  #polls = 0;
  readonly #mayBegin = deferred<void>();
  readonly #mayEnd = deferred<void>();

  constructor(options: ScriptedRunOptions) {
    this.options = options;
    this.#isStepwise = options.isStepwise;
    if (!options.pendingPolls) this.#mayBegin.resolve();
    if (!options.runningPolls) this.#mayEnd.resolve();
    void this.#play();
  }

  get isOver(): boolean {
    return this.completedAt !== undefined;
  }

  /** Milliseconds of scripted time so far: no pause, and nothing that a script does not say. */
  get workedMs(): number {
    return this.#workedMs;
  }

  get outputs(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#outputs);
  }

  /** What ends the answer to a call whose events begin at `index`. */
  outcome(index: number, signal: AbortSignal): Promise<LogItem> {
    return this.log.find(endsCall, index, signal);
  }

  /** Hands the run its tool results; gives where its events go on. An equal repeat gives the same. */
  resume(answer: ToolAnswer): number {
    if (this.status === "cancelled") throw new Refusal(409, CANCELLED.code, CANCELLED);
    const { pause, results } = this.tools.match(answer);
    if (pause.results) return pause.index;
    pause.results = results;
    pause.index = this.log.items.length;
    this.status = "running";
    this.log.add("step_resumed", { stepId: pause.stepId, iterationsUsed: pause.iterationsUsed });
    pause.answered.resolve(results);
    return pause.index;
  }

  /** Begins the next segment, or finds the one that an equal call began; gives where its events begin. */
  goOn({ stepIndex, runRemaining, inputOverrides }: SegmentRequest): number {
    if (this.status === "cancelled") throw new Refusal(409, CANCELLED.code, CANCELLED);
    const asked = JSON.stringify([runRemaining, inputOverrides]);
    const begun = this.#segments.get(stepIndex);
    if (begun) {
      if (begun.asked === undefined || begun.asked === asked) return begun.index;
      throw new Refusal(409, "STALE_CURSOR", {
        message: `Step ${stepIndex} was begun by a call that asked otherwise.`,
      });
    }
    const paused = itemOf(this.log.items.at(-1), "step_paused");
    if (paused?.data.nextStepIndex !== stepIndex) {
      throw new Refusal(400, "INVALID_STEP_INDEX", { message: `stepIndex ${stepIndex} is not next.` });
    }
    for (const [stepId, output] of Object.entries(inputOverrides)) this.#outputs.set(stepId, output);
    const index = this.log.items.length;
    this.#asked = asked;
    this.#isStepwise = !runRemaining;
    this.status = "running";
    this.#goOn.resolve();
    return index;
  }

  /** Ends the run; one that is over stays as it is. */
  cancel(): void {
    if (this.isOver) return;
    this.#stop.abort();
    this.#end("cancelled", () => this.log.add("step_error", { ...this.#stepAtHand, error: CANCELLED }));
  }

  /** Somebody asks for the job's status. */
  poll(): void {
    const { pendingPolls = 0, runningPolls = 0 } = this.options;
    this.#polls++;
    if (this.#polls > pendingPolls) this.#mayBegin.resolve();
    if (this.#polls > pendingPolls + runningPolls) this.#mayEnd.resolve();
  }

  /** Somebody watches: nothing is held back any more. */
  watch(): void {
    this.#mayBegin.resolve();
    this.#mayEnd.resolve();
  }

  async #play(): Promise<void> {
    const { input, steps } = this.options;
    try {
      if (this.options.pendingPolls) await this.#unlessStopped(this.#mayBegin.promise);
      this.#begin();
      let before: string | undefined;
      for (const [stepIndex, script] of steps.entries()) {
        if (before !== undefined && this.#isStepwise) await this.#pauseBehind(before, stepIndex);
        this.#segments.set(stepIndex, { index: stepIndex === 0 ? 0 : this.log.items.length, asked: this.#asked });
        const at = { stepIndex, input: before === undefined ? input : this.#outputs.get(before) };
        this.#outputs.set(script.id, await new StepPlayer(this.#stage, script, at).play());
        before = script.id;
      }
      await this.#unlessStopped(this.#mayEnd.promise);
      this.#complete(this.#outputs.get(before ?? ""));
    } catch (error) {
      this.#fail(error);
    }
  }

  get #stage(): ConstructorParameters<typeof StepPlayer>[0] {
    const { log, rows } = this;
    const { clock } = this.options;
    return {
      log,
      rows,
      now: () => clock.now(),
      workedMs: () => this.#workedMs,
      rest: async (ms = 0) => {
        if (ms > 0) await clock.sleep(ms, this.#stop.signal);
        this.#workedMs += ms;
      },
      ask: (at, calls) => this.#ask(at, calls),
    };
  }

  #begin(): void {
    const { executionId, flowId, steps, clock } = this.options;
    this.status = "running";
    this.startedAt = clock.now();
    this.log.add("run_started", { runId: executionId, executionId, flowId, stepCount: steps.length });
  }

  async #pauseBehind(stepId: string, nextStepIndex: number): Promise<void> {
    this.status = "paused";
    this.#goOn = deferred();
    this.log.add("step_paused", { stepId, stepIndex: nextStepIndex - 1, nextStepIndex });
    await this.#unlessStopped(this.#goOn.promise);
  }

  async #ask(at: AskingStep, calls: readonly ScriptedToolCall[]): Promise<readonly ScriptedToolResult[]> {
    const { executionId } = this.options;
    const { stepId, stepIndex, iterationsUsed, toolCalls, messages, answered } = this.tools.ask(at, calls);
    this.status = "paused";
    this.log.add("step_paused_for_tool_calls", {
      runId: executionId,
      executionId,
      stepId,
      stepIndex,
      iterationsUsed,
      toolCallMessages: [...messages],
      toolCalls: [...toolCalls],
      accumulatedOutputs: this.outputs,
    });
    return this.#unlessStopped(answered.promise);
  }

  #complete(result: unknown): void {
    const { executionId, steps } = this.options;
    this.#end("completed", () => {
      const summary = { ...this.figures, stepCount: steps.length };
      this.log.add("flow_completed", { runId: executionId, executionId, result, summary });
    });
  }

  #fail(error: unknown): void {
    if (this.isOver) return;
    if (!(error instanceof StepFailure)) this.fault = error;
    const told = error instanceof StepFailure ? error.error : { code: "STEP_FAILED", message: String(error) };
    this.#end("failed", () => this.log.add("step_error", { ...this.#stepAtHand, error: told }));
  }

  #end(status: RunStatus, tell: () => void): void {
    const now = this.options.clock.now();
    this.status = status;
    this.completedAt = now;
    for (const row of this.rows.all) {
      if (row.completedAt !== undefined) continue;
      finish(row, this.#stage);
      row.error = status === "cancelled" ? CANCELLED : row.error;
    }
    tell();
  }

  /** The step in flight, or next. */
  get #stepAtHand(): Pick<SseEventDataByName["step_error"], "stepId" | "name"> {
    const step = this.options.steps.find(({ id }) => !this.#outputs.has(id)) ?? this.options.steps.at(-1);
    return { stepId: step?.id ?? "step", name: step?.name ?? step?.id ?? "step" };
  }

  /** The run in figures, over all attempts. */
  get figures(): Pick<SseEventDataByName["flow_completed"]["summary"], "durationMs" | "tokens" | "costUsd"> {
    const rows = this.rows.all.map(({ tokens = null, costUsd = null }) => ({ tokens, costUsd }));
    return { durationMs: this.#workedMs, tokens: totalTokens(rows), costUsd: totalCostUsd(rows).costUsd };
  }

  #unlessStopped<Value>(promise: Promise<Value>): Promise<Value> {
    return unlessAborted(promise, this.#stop.signal);
  }
}
