import { type RunEnd, type RunPause, standingOf } from "./run-end.ts";
import { addSpent, joinCosts, nothingSpent } from "./run-log.ts";
import type { AttemptCost, ErrorInfo, RunEvent, Usage } from "./events.ts";
import type { Json, JsonObject, StepKind } from "./flow/definition.ts";
import type { RunRecord } from "./store/store.ts";

/** A context larger than this is shown as its beginning. Source: `contract.md` §5. */
export const snapshotLimitBytes = 64 * 1024;

/** One attempt of one step. Times are milliseconds since 1970. */
export interface StepTrace {
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  readonly stepIndex: number;
  /** From 1. */
  readonly attempt: number;
  readonly loopPath: readonly number[];
  readonly status: "running" | "completed" | "failed" | "skipped";
  readonly startedAt: number;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  readonly modelUsed: string | null;
  readonly tokens: Usage | null;
  readonly costUsd: string | null;
  /** What the capture mode allows; `{preview}` when it was too large; null otherwise. */
  readonly input: JsonObject | null;
  readonly output: JsonObject | null;
  readonly error: ErrorInfo | null;
  /** UTF-8 bytes of the JSON as it was, whatever the capture mode; null when there is none. */
  readonly inputSizeBytes: number | null;
  readonly outputSizeBytes: number | null;
  /** Was a context replaced by its preview? */
  readonly truncated: boolean;
}

export interface RunTrace {
  readonly run: RunRecord;
  readonly stepCount: number;
  /** Excludes pauses; null while the run has not ended. */
  readonly durationMs: number | null;
  /** Over all attempts. */
  readonly totalTokens: Usage;
  /** Decimal string over all attempts; null when a model of unknown price was called. */
  readonly totalCostUsd: string | null;
  /** Every attempt of every step that was started, in order of their start. */
  readonly attempts: readonly StepTrace[];
  /** How the run ended, or what it waits for; undefined while it goes on. */
  readonly standing: RunEnd | RunPause | undefined;
}

/** The latest attempt of each step, in order of the steps' first start. */
export function latestAttempts(trace: RunTrace): readonly StepTrace[] {
  const latest = new Map<string, StepTrace>();
  for (const attempt of trace.attempts) latest.set(attempt.stepId, attempt);
  return [...latest.values()];
}

/** Reads a run's log as a trace. `kindOf` names the kind of a step; contexts obey `run.capture` and `run.traced`. */
export function foldTrace(run: RunRecord, events: readonly RunEvent[], kindOf: (stepId: string) => StepKind): RunTrace {
  const fold = new TraceFold(run, kindOf);
  for (const event of events) fold.add(event);
  const startedAt = fold.attempts[0]?.startedAt;
  const spent = fold.attempts.reduce((sum, attempt) => addSpent(sum, costOf(attempt)), nothingSpent);
  return {
    run,
    stepCount: fold.stepCount,
    durationMs:
      run.completedAt === null || startedAt === undefined ? null : run.completedAt - startedAt - fold.pausedMs,
    totalTokens: spent.tokens,
    totalCostUsd: spent.costUsd,
    attempts: fold.attempts,
    standing: fold.standing,
  };
}

type Draft = { -readonly [Member in keyof StepTrace]: StepTrace[Member] };

class TraceFold {
  readonly attempts: Draft[] = [];
  stepCount = 0;
  pausedMs = 0;
  standing: RunEnd | RunPause | undefined;
  readonly #run: RunRecord;
  readonly #kindOf: (stepId: string) => StepKind;
  /** The attempt in flight of each step, and its whole input. */
  readonly #open = new Map<string, Draft>();
  readonly #inputs = new Map<string, JsonObject>();
  /** Time that the open attempt of a step has paused. */
  readonly #attemptPauses = new Map<string, number>();
  #pause: { readonly at: number; readonly stepId: string } | undefined;

  constructor(run: RunRecord, kindOf: (stepId: string) => StepKind) {
    this.#run = run;
    this.#kindOf = kindOf;
  }

  add(event: RunEvent): void {
    this.#endPause(event.at);
    this.standing = standingOf(event);
    switch (event.type) {
      case "run_started":
        this.stepCount = event.stepCount;
        break;
      case "step_started":
        this.#begin(event, 1, event.at);
        break;
      case "step_input":
        this.#inputs.set(event.stepId, event.inputData);
        this.#showInput(event.stepId, this.#showsContexts);
        this.#keepSize(event);
        break;
      case "step_retrying": {
        const failed = this.#fail(event);
        if (failed !== undefined) this.#begin(failed, event.attempt, event.at + event.delayMs);
        break;
      }
      case "step_completed":
        this.#complete(event);
        break;
      case "step_error":
        this.#fail(event);
        break;
      case "step_paused_for_tool_calls":
        this.#addRound(event);
        this.#pause = { at: event.at, stepId: event.stepId };
        break;
      case "step_paused":
        this.#pause = { at: event.at, stepId: event.stepId };
        break;
      case "step_resumed":
      case "flow_completed":
        break;
    }
  }

  /** Whatever follows a pause ends it. */
  #endPause(at: number): void {
    if (this.#pause === undefined) return;
    const pausedMs = at - this.#pause.at;
    this.pausedMs += pausedMs;
    this.#attemptPauses.set(this.#pause.stepId, (this.#attemptPauses.get(this.#pause.stepId) ?? 0) + pausedMs);
    this.#pause = undefined;
  }

  /** The attempt's cost so far; when it ends, its event tells the whole. */
  #addRound(event: { stepId: string } & AttemptCost): void {
    const draft = this.#open.get(event.stepId);
    if (draft === undefined) return;
    const joined = joinCosts(costOf(draft), event);
    draft.modelUsed = joined.modelUsed ?? null;
    draft.tokens = joined.tokens ?? null;
    draft.costUsd = joined.costUsd ?? null;
  }

  get #showsContexts(): boolean {
    return this.#run.traced || this.#run.capture === "full";
  }

  #begin(step: { stepId: string; name: string; stepIndex: number }, attempt: number, at: number): void {
    const draft: Draft = {
      stepId: step.stepId,
      name: step.name,
      kind: this.#kindOf(step.stepId),
      stepIndex: step.stepIndex,
      attempt,
      loopPath: [],
      status: "running",
      startedAt: at,
      completedAt: null,
      durationMs: null,
      modelUsed: null,
      tokens: null,
      costUsd: null,
      input: null,
      output: null,
      error: null,
      inputSizeBytes: null,
      outputSizeBytes: null,
      truncated: false,
    };
    this.attempts.push(draft);
    this.#open.set(step.stepId, draft);
    this.#showInput(step.stepId, this.#showsContexts);
  }

  #showInput(stepId: string, isShown: boolean): void {
    const draft = this.#open.get(stepId);
    const input = this.#inputs.get(stepId);
    if (draft === undefined || input === undefined) return;
    const shown = clip(input, isShown);
    draft.input = shown.value;
    draft.inputSizeBytes = shown.sizeBytes;
    draft.truncated = shown.isTruncated;
  }

  /** An input that was dropped keeps its size. */
  #keepSize({ stepId, sizeBytes }: { stepId: string; sizeBytes?: number }): void {
    const draft = this.#open.get(stepId);
    if (draft !== undefined && sizeBytes !== undefined) draft.inputSizeBytes = sizeBytes;
  }

  #end(event: { stepId: string; at: number } & AttemptCost, status: "completed" | "failed"): Draft | undefined {
    const draft = this.#open.get(event.stepId);
    if (draft === undefined) return undefined;
    draft.status = status;
    draft.completedAt = event.at;
    draft.durationMs = Math.max(0, event.at - draft.startedAt - (this.#attemptPauses.get(event.stepId) ?? 0));
    draft.modelUsed = event.modelUsed ?? null;
    draft.tokens = event.tokens ?? null;
    draft.costUsd = event.costUsd ?? null;
    return draft;
  }

  #complete(event: Extract<RunEvent, { type: "step_completed" }>): void {
    const draft = this.#end(event, "completed");
    this.#open.delete(event.stepId);
    if (draft === undefined) return;
    draft.outputSizeBytes = event.sizeBytes ?? null;
    if (event.output === null) return;
    const shown = clip(event.output, this.#showsContexts);
    draft.output = shown.value;
    draft.outputSizeBytes = shown.sizeBytes;
    draft.truncated ||= shown.isTruncated;
  }

  /** A failed attempt keeps what it was given and why it failed, unless the capture mode is `off`. */
  #fail(event: Extract<RunEvent, { type: "step_retrying" | "step_error" }>): Draft | undefined {
    const isShown = this.#run.traced || this.#run.capture !== "off";
    const draft = this.#end(event, "failed");
    this.#showInput(event.stepId, isShown);
    this.#open.delete(event.stepId);
    if (draft !== undefined && isShown) draft.error = event.error;
    return draft;
  }
}

function costOf({ modelUsed, tokens, costUsd }: StepTrace): AttemptCost {
  return tokens === null ? {} : { tokens, costUsd, ...(modelUsed !== null && { modelUsed }) };
}

/** `value` as a trace may show it, with its true size. */
function clip<T extends Json>(
  value: T,
  isShown: boolean,
): {
  readonly value: T | { readonly preview: string } | null;
  readonly sizeBytes: number;
  readonly isTruncated: boolean;
} {
  const text = JSON.stringify(value);
  const sizeBytes = Buffer.byteLength(text);
  if (!isShown) return { value: null, sizeBytes, isTruncated: false };
  if (sizeBytes <= snapshotLimitBytes) return { value, sizeBytes, isTruncated: false };
  const preview = new TextDecoder().decode(Buffer.from(text).subarray(0, snapshotLimitBytes), { stream: true });
  return { value: { preview }, sizeBytes, isTruncated: true };
}
