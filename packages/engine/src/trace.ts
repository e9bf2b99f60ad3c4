import { type RunEnd, type RunPause, standingOf } from "./run-end.ts";
import { addSpent, joinCosts, nothingSpent } from "./run-log.ts";
import {
  type AttemptCost,
  type ErrorInfo,
  passKey,
  type RunEvent,
  type RunEventBody,
  type SkippedStep,
  type Usage,
} from "./events.ts";
import type { Json, JsonObject, StepKind } from "./flow/definition.ts";
import type { RunRecord } from "./store/store.ts";

/** A context larger than this is shown as its beginning. Source: `contract.md` §5. */
export const snapshotLimitBytes = 64 * 1024;

/** One attempt of one step. Times are milliseconds since 1970. */
export interface StepTrace {
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  /** The container around the step; null at top level. */
  readonly parentStepId: string | null;
  /** Of the top-level node that the step is or lies in. */
  readonly stepIndex: number;
  /** From 1. */
  readonly attempt: number;
  /** Indices of the loops around the step, outermost first. */
  readonly loopPath: readonly number[];
  readonly status: "running" | "completed" | "failed" | "skipped";
  /** Null when the step was skipped. */
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  readonly modelUsed: string | null;
  /** Null for containers, as is the cost: what they used is that of the steps inside. */
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
  /** Id of the run whose output was taken over; absent for steps that ran. */
  readonly keptFrom?: string;
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

/** The latest attempt of each step in each pass of the loops around it, in order of their first start. */
export function latestAttempts(trace: RunTrace): readonly StepTrace[] {
  const latest = new Map<string, StepTrace>();
  for (const attempt of trace.attempts) latest.set(passKey(attempt.stepId, attempt.loopPath), attempt);
  return [...latest.values()];
}

/** Reads a run's log as a trace. `kindOf` names the kind of a top-level step; contexts obey `run.capture` and `run.traced`. Under `redacted` the events come redacted. */
export function foldTrace(run: RunRecord, events: readonly RunEvent[], kindOf: (stepId: string) => StepKind): RunTrace {
  const fold = new TraceFold(run, kindOf);
  for (const event of events) fold.add(event);
  const startedAt = fold.attempts[0]?.startedAt ?? undefined;
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

interface Input {
  readonly inputData: JsonObject;
  readonly sizeBytes?: number;
}

/** What is known of a step when its attempt begins. */
type Begun = Pick<StepTrace, "stepId" | "name" | "kind" | "parentStepId" | "stepIndex" | "loopPath">;

type Draft = { -readonly [Member in keyof StepTrace]: StepTrace[Member] };

class TraceFold {
  readonly attempts: Draft[] = [];
  stepCount = 0;
  pausedMs = 0;
  standing: RunEnd | RunPause | undefined;
  readonly #run: RunRecord;
  readonly #kindOf: (stepId: string) => StepKind;
  /** The attempt in flight of each step, and its whole input, by `passKey`. */
  readonly #open = new Map<string, Draft>();
  readonly #inputs = new Map<string, Input>();
  /** Time that the open attempt of a step has paused. */
  readonly #attemptPauses = new Map<string, number>();
  #pause: { readonly at: number; readonly stepId: string } | undefined;
  /** Of the top-level step in work. */
  #stepIndex = 0;

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
        this.#stepIndex = event.stepIndex;
        this.#begin({ ...event, kind: this.#kindOf(event.stepId), parentStepId: null, loopPath: [] }, 1, event.at);
        break;
      case "step_input":
        this.#takeInput(event.stepId, event);
        break;
      case "step_progress":
        this.#follow(event);
        break;
      case "step_retrying": {
        const failed = this.#fail(event);
        if (failed !== undefined) this.#begin(failed, event.attempt, event.at + event.delayMs);
        break;
      }
      case "step_completed":
        if (event.keptFrom !== undefined) this.#keep(event.stepId, event.keptFrom);
        this.#complete(event);
        this.#skip(event.skipped, []);
        this.#closeRest(event.at, calledOff);
        break;
      case "step_error":
        this.#fail(event);
        this.#closeRest(event.at, event.error);
        break;
      case "step_paused_for_tool_calls":
        this.#addRound(event);
        this.#pause = { at: event.at, stepId: event.stepId };
        break;
      case "step_paused":
        this.#pause = { at: event.at, stepId: event.stepId };
        break;
      case "loop_completed":
      case "step_resumed":
      case "flow_completed":
        break;
    }
  }

  #follow(event: RunEvent & { readonly type: "step_progress" }): void {
    switch (event.phase) {
      case "started":
        this.#skip(event.skipped, event.loopPath);
        this.#begin({ ...event, stepIndex: this.#stepIndex }, 1, event.at);
        this.#takeInput(passKey(event.stepId, event.loopPath), event);
        break;
      case "completed":
        this.#complete(event);
        this.#skip(event.skipped, event.loopPath);
        break;
      case "failed":
        this.#fail(event);
        break;
    }
  }

  #skip(steps: readonly SkippedStep[] | undefined, loopPath: readonly number[]): void {
    for (const step of steps ?? [])
      this.attempts.push({ ...newRow({ ...step, loopPath, stepIndex: this.#stepIndex }, 1, null), status: "skipped" });
  }

  /** Attempts that nothing in the log ends, because the process that made them was lost, are over with what they lay in. */
  #closeRest(at: number, error: ErrorInfo): void {
    for (const key of this.#open.keys()) this.#failAttempt(key, { at, error });
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
    return this.#run.traced || this.#run.capture === "full" || this.#run.capture === "redacted";
  }

  #begin(step: Begun, attempt: number, at: number): void {
    const row = newRow(step, attempt, at);
    const key = passKey(step.stepId, step.loopPath);
    this.attempts.push(row);
    this.#open.set(key, row);
    this.#showInput(key, this.#showsContexts);
  }

  #takeInput(key: string, { inputData, sizeBytes }: Input): void {
    this.#inputs.set(key, { inputData, ...(sizeBytes !== undefined && { sizeBytes }) });
    this.#showInput(key, this.#showsContexts);
  }

  #showInput(key: string, isShown: boolean): void {
    const row = this.#open.get(key);
    const input = this.#inputs.get(key);
    if (row === undefined || input === undefined) return;
    const shown = clip(input.inputData, isShown, input.sizeBytes);
    row.input = shown.value;
    row.inputSizeBytes = shown.sizeBytes;
    row.truncated = shown.isTruncated;
  }

  #end(key: string, event: { readonly at: number } & AttemptCost, status: "completed" | "failed"): Draft | undefined {
    const row = this.#open.get(key);
    if (row === undefined) return undefined;
    row.status = status;
    row.completedAt = event.at;
    row.durationMs = Math.max(0, event.at - (row.startedAt ?? event.at) - (this.#attemptPauses.get(key) ?? 0));
    row.modelUsed = event.modelUsed ?? null;
    row.tokens = event.tokens ?? null;
    row.costUsd = event.costUsd ?? null;
    return row;
  }

  #keep(stepId: string, keptFrom: string): void {
    const row = this.#open.get(stepId);
    if (row !== undefined) row.keptFrom = keptFrom;
  }

  #complete(event: Completion): void {
    const key = passKey(event.stepId, "loopPath" in event ? event.loopPath : []);
    const row = this.#end(key, event, "completed");
    this.#forget(key);
    if (row === undefined) return;
    row.outputSizeBytes = event.sizeBytes ?? null;
    if (event.output === null) return;
    const shown = clip(event.output, this.#showsContexts, event.sizeBytes);
    row.output = shown.value;
    row.outputSizeBytes = shown.sizeBytes;
    row.truncated ||= shown.isTruncated;
  }

  #fail(event: Failure): Draft | undefined {
    const key = passKey(event.stepId, event.loopPath);
    const row = this.#failAttempt(key, event);
    if (event.type !== "step_retrying") this.#forget(key);
    return row;
  }

  /** A failed attempt keeps what it was given and why it failed, unless the capture mode is `off`. */
  #failAttempt(key: string, event: FailedAttempt): Draft | undefined {
    const isShown = this.#run.traced || this.#run.capture !== "off";
    const row = this.#end(key, event, "failed");
    this.#showInput(key, isShown);
    this.#open.delete(key);
    if (row !== undefined && isShown) row.error = event.error;
    return row;
  }

  #forget(key: string): void {
    this.#open.delete(key);
    this.#inputs.delete(key);
  }
}

type Progress<Phase extends string> = RunEvent & { readonly type: "step_progress"; readonly phase: Phase };
type Completion = (RunEvent & { readonly type: "step_completed" }) | Progress<"completed">;

interface FailedAttempt extends AttemptCost {
  readonly at: number;
  readonly error: ErrorInfo;
}

interface Failure extends FailedAttempt {
  readonly type: RunEventBody["type"];
  readonly stepId: string;
  readonly loopPath?: readonly number[];
}

const calledOff: ErrorInfo = { code: "CANCELLED", message: "Stopped, because a step beside it failed." };

function newRow(
  { stepId, name, kind, parentStepId, stepIndex, loopPath }: Begun,
  attempt: number,
  at: number | null,
): Draft {
  return {
    stepId,
    name,
    kind,
    parentStepId,
    stepIndex,
    attempt,
    loopPath,
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
}

function costOf({ modelUsed, tokens, costUsd }: StepTrace): AttemptCost {
  return tokens === null ? {} : { tokens, costUsd, ...(modelUsed !== null && { modelUsed }) };
}

/** `value` as a trace may show it, with its true size: `knownBytes` when it is no longer, or not all, what it was. */
function clip<T extends Json>(
  value: T,
  isShown: boolean,
  knownBytes: number | undefined,
): {
  readonly value: T | { readonly preview: string } | null;
  readonly sizeBytes: number;
  readonly isTruncated: boolean;
} {
  const text = JSON.stringify(value);
  const sizeBytes = knownBytes ?? Buffer.byteLength(text);
  if (!isShown) return { value: null, sizeBytes, isTruncated: false };
  if (sizeBytes <= snapshotLimitBytes) return { value, sizeBytes, isTruncated: false };
  const preview = new TextDecoder().decode(Buffer.from(text).subarray(0, snapshotLimitBytes), { stream: true });
  return { value: { preview }, sizeBytes, isTruncated: true };
}
