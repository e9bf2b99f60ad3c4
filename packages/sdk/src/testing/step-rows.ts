import type { JsonObject, StepKind, StepTrace, TokenCounts } from "@noukai/core/schema";
import type { ScriptedError } from "./script.ts";

/** One attempt of one step, as the trace will tell it. */
export interface StepRow {
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  readonly attempt: number;
  readonly loopPath: readonly number[];
  readonly parentStepId: string | null;
  readonly startedAt: number;
  /** How much scripted time had passed by then. */
  readonly beganAtMs: number;
  readonly input: unknown;
  completedAt: number | undefined;
  /** The scripted time that it took. */
  durationMs: number | undefined;
  output: unknown;
  error: ScriptedError | undefined;
  model: string | undefined;
  tokens: TokenCounts | undefined;
  costUsd: string | undefined;
}

export type NewRow = Pick<StepRow, "stepId" | "name" | "kind" | "loopPath" | "parentStepId" | "input">;

/** A run's two clocks: the moment, and the scripted time that has passed. */
export interface RunTime {
  now(): number;
  workedMs(): number;
}

/** The attempts of one run's steps. */
export class StepRows {
  readonly all: StepRow[] = [];

  start(row: NewRow, time: RunTime): StepRow {
    const attempt = this.all.filter((other) => isSameStep(other, row)).length + 1;
    const started: StepRow = {
      ...row,
      attempt,
      startedAt: time.now(),
      beganAtMs: time.workedMs(),
      completedAt: undefined,
      durationMs: undefined,
      output: undefined,
      error: undefined,
      model: undefined,
      tokens: undefined,
      costUsd: undefined,
    };
    this.all.push(started);
    return started;
  }

  /** The latest attempt of each step. */
  get latest(): readonly StepRow[] {
    return this.all.filter((row, index) => !this.all.slice(index + 1).some((later) => isSameStep(later, row)));
  }
}

/** Notes when an attempt ended. */
export function finish(row: StepRow, time: RunTime): void {
  row.completedAt = time.now();
  row.durationMs = time.workedMs() - row.beganAtMs;
}

function isSameStep(a: NewRow, b: NewRow): boolean {
  return a.stepId === b.stepId && a.loopPath.join() === b.loopPath.join();
}

/** A row as the contract has it. Without `isTraced`, contents are left out, but for what a failed step was given. */
export function toStepTrace(row: StepRow, { isTraced }: { readonly isTraced: boolean }): StepTrace {
  const { error, completedAt, startedAt, output, input } = row;
  return {
    stepId: row.stepId,
    name: row.name,
    kind: row.kind,
    attempt: row.attempt,
    loopIndex: row.loopPath.at(-1) ?? null,
    loopPath: [...row.loopPath],
    parentStepId: row.parentStepId,
    status: error ? "failed" : completedAt === undefined ? "running" : "completed",
    startedAt: toTime(startedAt),
    completedAt: toTime(completedAt),
    durationMs: row.durationMs ?? null,
    modelUsed: row.model ?? null,
    tokens: row.tokens ?? null,
    costUsd: row.costUsd ?? null,
    inputContext: isTraced || error ? asObject(input) : null,
    outputContext: isTraced && completedAt !== undefined && !error ? asObject(output) : null,
    errorContext: error ? { ...error } : null,
    inputSizeBytes: sizeOf(input),
    outputSizeBytes: output === undefined ? null : sizeOf(output),
    truncated: false,
  };
}

/** ISO 8601; null for a moment that has not come. */
export function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** Contexts are objects, whatever a script gives. */
export function asObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject) // just checked
    : { value };
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "null").length;
}
