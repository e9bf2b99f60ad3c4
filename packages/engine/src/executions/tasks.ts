import type { ErrorInfo, Usage } from "../events.ts";
import type { CompiledFlow, CompiledStep } from "../flow/compile.ts";
import type { JsonObject, StepKind } from "../flow/definition.ts";
import { type ExecutionRecord, isOver } from "../store/store.ts";
import type { RunTrace, StepTrace } from "../trace.ts";
import { isOutdated } from "./edits.ts";

/** How a task stands. `stale`: it is to run again, or has yet to run, before the execution's result counts. */
export type TaskStatus = "queued" | "in_progress" | "awaiting_input" | "completed" | "failed" | "cancelled" | "stale";

/** A top-level step of an execution, as its latest run left it. Times are milliseconds since 1970. */
export interface Task {
  readonly id: string;
  readonly executionId: string;
  readonly runId: string;
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  /** Its place among the top-level steps, from 0. */
  readonly index: number;
  readonly status: TaskStatus;
  /** What the capture mode allows; an output that was edited is always shown. */
  readonly input: JsonObject | null;
  readonly output: JsonObject | null;
  readonly error: ErrorInfo | null;
  readonly tokens: Usage | null;
  readonly costUsd: string | null;
  readonly durationMs: number | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  /** The run whose output this one took over. */
  readonly keptFrom: string | null;
  readonly editedAt: number | null;
}

export interface TaskSource {
  readonly execution: ExecutionRecord;
  readonly trace: RunTrace;
  readonly flow: CompiledFlow;
}

const separator = ":";

export function taskId(executionId: string, stepId: string): string {
  return `${executionId}${separator}${stepId}`;
}

/** Undefined for what is no task's id. */
export function parseTaskId(id: string): { readonly executionId: string; readonly stepId: string } | undefined {
  const at = id.indexOf(separator);
  return at <= 0 ? undefined : { executionId: id.slice(0, at), stepId: id.slice(at + 1) };
}

/** One for each top-level step, in the flow's order. */
export function tasksOf(source: TaskSource): readonly Task[] {
  const latest = new Map<string, StepTrace>();
  for (const attempt of source.trace.attempts) {
    if (attempt.parentStepId === null) latest.set(attempt.stepId, attempt);
  }
  return source.flow.steps.map((step) => taskOf(source, step, latest.get(step.id)));
}

function taskOf({ execution, trace }: TaskSource, step: CompiledStep, attempt: StepTrace | undefined): Task {
  const { id: executionId, edits } = execution;
  const edit = Object.hasOwn(edits, step.id) ? edits[step.id] : undefined;
  return {
    id: taskId(executionId, step.id),
    executionId,
    runId: trace.run.id,
    stepId: step.id,
    name: step.name,
    kind: step.kind,
    index: step.stepIndex,
    status: statusOfTask({ execution, trace }, step, attempt),
    input: attempt?.input ?? null,
    output: edit?.output ?? attempt?.output ?? null,
    error: edit === undefined ? (attempt?.error ?? null) : null,
    tokens: attempt?.tokens ?? null,
    costUsd: attempt?.costUsd ?? null,
    durationMs: attempt?.durationMs ?? null,
    startedAt: attempt?.startedAt ?? null,
    completedAt: attempt?.completedAt ?? null,
    keptFrom: attempt?.keptFrom ?? null,
    editedAt: edit?.at ?? null,
  };
}

function statusOfTask(
  { execution: { edits }, trace: { run } }: Pick<TaskSource, "execution" | "trace">,
  { id, stepIndex }: CompiledStep,
  attempt: StepTrace | undefined,
): TaskStatus {
  if (Object.hasOwn(edits, id)) return "completed";
  if (isOutdated(edits, id, stepIndex)) return "stale";
  if (attempt === undefined) return isOver(run.status) ? "stale" : "queued";
  if (attempt.status === "running") return run.status === "paused" ? "awaiting_input" : "in_progress";
  if (attempt.status === "failed") return run.status === "cancelled" ? "cancelled" : "failed";
  return "completed";
}
