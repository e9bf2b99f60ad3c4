import { addSpent, nothingSpent } from "./run-log.ts";
import type { AttemptCost, ErrorInfo, RunEvent, RunSummary, Usage } from "./events.ts";
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
  /** How the run ended; undefined while it has not. */
  readonly end: RunEnd | undefined;
}

/** How a run ended. */
export type RunEnd =
  | { readonly status: "completed"; readonly result: JsonObject; readonly summary: RunSummary }
  | { readonly status: "failed"; readonly stepId: string; readonly error: ErrorInfo };

/** What a terminal event says of its run. */
export function runEnd(event: Extract<RunEvent, { type: "flow_completed" | "step_error" }>): RunEnd {
  return event.type === "flow_completed"
    ? { status: "completed", result: event.result, summary: event.summary }
    : { status: "failed", stepId: event.stepId, error: event.error };
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
  const startedAt = events[0]?.at;
  return {
    run,
    stepCount: fold.stepCount,
    durationMs: run.completedAt === null || startedAt === undefined ? null : run.completedAt - startedAt,
    totalTokens: fold.spent.tokens,
    totalCostUsd: fold.spent.costUsd,
    attempts: fold.attempts,
    end: fold.end,
  };
}

type Draft = { -readonly [Member in keyof StepTrace]: StepTrace[Member] };

class TraceFold {
  readonly attempts: Draft[] = [];
  stepCount = 0;
  spent = nothingSpent;
  end: RunEnd | undefined;
  readonly #run: RunRecord;
  readonly #kindOf: (stepId: string) => StepKind;
  /** The attempt in flight of each step, and its whole input. */
  readonly #open = new Map<string, Draft>();
  readonly #inputs = new Map<string, JsonObject>();

  constructor(run: RunRecord, kindOf: (stepId: string) => StepKind) {
    this.#run = run;
    this.#kindOf = kindOf;
  }

  add(event: RunEvent): void {
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
        this.end = runEnd(event);
        break;
      case "flow_completed":
        this.end = runEnd(event);
        break;
    }
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

  #end(event: { stepId: string; at: number } & AttemptCost, status: "completed" | "failed"): Draft | undefined {
    this.spent = addSpent(this.spent, event);
    const draft = this.#open.get(event.stepId);
    if (draft === undefined) return undefined;
    draft.status = status;
    draft.completedAt = event.at;
    draft.durationMs = Math.max(0, event.at - draft.startedAt);
    draft.modelUsed = event.modelUsed ?? null;
    draft.tokens = event.tokens ?? null;
    draft.costUsd = event.costUsd ?? null;
    return draft;
  }

  #complete(event: Extract<RunEvent, { type: "step_completed" }>): void {
    const draft = this.#end(event, "completed");
    this.#open.delete(event.stepId);
    if (draft === undefined) return;
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
