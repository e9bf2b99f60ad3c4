import type { ExecutionStatus, FlowExecution, JsonObject, RunStatus, TaskExecution } from "@noukai/core/schema";
import { ExecutionChanges } from "./execution-changes.ts";
import { Refusal } from "./refusal.ts";
import type { LogItem } from "./run-log.ts";
import type { ScriptedRun } from "./scripted-run.ts";
import type { StepScript } from "./script.ts";
import { asObject, type StepRow, toTime } from "./step-rows.ts";

/** What an execution is made of. */
export interface ScriptedExecutionOptions {
  readonly webhookUrl: string | undefined;
  readonly now: () => number;
  /** Begins a run of the execution's flow. `kept`: what steps gave before, which do not run again. */
  readonly begin: (kept: ReadonlyMap<string, unknown>) => ScriptedRun;
}

interface Edit {
  readonly output: JsonObject;
  readonly at: number;
}

const STATUSES: Readonly<Record<RunStatus, ExecutionStatus>> = {
  pending: "queued",
  running: "running",
  paused: "awaiting_input",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  stale: "stale",
};

/** Runs of a scripted flow under one id, with what was done to them. */
export class ScriptedExecution {
  readonly id: string;
  readonly changes = new ExecutionChanges();
  readonly #options: ScriptedExecutionOptions;
  readonly #createdAt: number;
  #updatedAt: number;
  #run: ScriptedRun;
  #runNumber = 1;
  /** Steps of the latest run that did not run → the run that they are of. */
  #keptFrom = new Map<string, string>();
  #edits = new Map<string, Edit>();
  #isStale = false;
  isDeleted = false;

  constructor(options: ScriptedExecutionOptions) {
    this.#options = options;
    this.#createdAt = this.#updatedAt = options.now();
    this.#run = options.begin(new Map());
    this.id = this.#run.options.executionId;
    this.#watch();
  }

  get flowId(): string {
    return this.#run.options.flowId;
  }

  get status(): ExecutionStatus {
    if (this.isDeleted) return "deleted";
    if (this.#run.isOver && this.#isStale) return "stale";
    const hasBegun = this.#run.status === "running" && this.#run.rows.all.length > 0;
    return hasBegun ? "in_progress" : STATUSES[this.#run.status];
  }

  /** As lists tell it; `isWhole`: with what came of it. */
  describe({ isWhole, hasRunNumber }: { readonly isWhole: boolean; readonly hasRunNumber: boolean }): FlowExecution {
    const { executionId, flow, version, input } = this.#run.options;
    const { webhookUrl } = this.#options;
    return {
      id: this.id,
      flow_id: this.flowId,
      flow_version: version,
      input: { ...input },
      organization_id: flow.split("/")[0] ?? "",
      status: this.status,
      created_at: toTime(this.#createdAt) ?? "",
      updated_at: toTime(this.#updatedAt) ?? "",
      modified_by: "scripted",
      run_id: executionId,
      ...(hasRunNumber && { run_number: this.#runNumber }),
      ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
      ...(isWhole && { result: this.#result, error: this.#error }),
    };
  }

  get tasks(): readonly TaskExecution[] {
    return this.#run.options.steps.map((step, index) => this.#task(step, index));
  }

  /** Puts an output in place of what a step gave. */
  edit(stepId: string, output: JsonObject): void {
    const { steps } = this.#run.options;
    const index = steps.findIndex(({ id }) => id === stepId);
    if (!this.#run.isOver) throw new Refusal(409, "EXECUTION_BUSY", { message: "A run is under way." });
    if (!this.#rowOf(stepId)) throw new Refusal(409, "TASK_NOT_EDITABLE", { message: `Step ${stepId} has not run.` });
    const before = [...this.#edits].filter(([id]) => steps.findIndex((step) => step.id === id) < index);
    this.#edits = new Map([...before, [stepId, { output, at: this.#options.now() }]]);
    this.#isStale ||= index < steps.length - 1 || this.#run.status !== "completed";
    this.#tell();
  }

  reexecute({ onlyStale }: { readonly onlyStale: boolean }): void {
    const standing = this.tasks.filter(({ status }) => onlyStale && status === "completed");
    const kept = new Map(standing.map(({ step_id: id }) => [id, this.#outputOf(id)]));
    this.#keptFrom = new Map(standing.map((task) => [task.step_id, task.kept_from_run_id ?? task.run_id]));
    this.#run.cancel();
    this.#edits = new Map();
    this.#isStale = false;
    this.#runNumber++;
    this.#run = this.#options.begin(kept);
    this.#watch();
  }

  cancel(): void {
    this.#run.cancel();
  }

  delete(): void {
    this.isDeleted = true;
    this.#tell();
  }

  /** Tells what becomes of the latest run. */
  #watch(): void {
    const run = this.#run;
    this.#tell("running");
    run.log.listen((item: LogItem) => {
      if (run !== this.#run || this.isDeleted || item.seq === undefined) return;
      if (item.name !== "run_started") this.#tell(run.status === "running" ? "in_progress" : undefined);
    });
  }

  #tell(status = this.status): void {
    this.#updatedAt = this.#options.now();
    this.changes.tell({
      flow_execution_id: this.id,
      flow_id: this.flowId,
      status,
      run_number: this.#runNumber,
      at: toTime(this.#updatedAt) ?? "",
    });
  }

  #task(step: StepScript, index: number): TaskExecution {
    const { id, name = id, kind } = step;
    const row = this.#rowOf(id);
    const edit = this.#edits.get(id);
    const status = this.#taskStatus(id, index, row);
    const keptFrom = this.#keptFrom.get(id) ?? null;
    const isPaid = keptFrom === null && row?.model !== undefined;
    return {
      id: `${this.id}:${id}`,
      flow_execution_id: this.id,
      run_id: this.#run.options.executionId,
      step_id: id,
      name,
      kind: row?.kind ?? kind ?? "passthrough",
      index,
      status,
      // As a run that nobody captures: what a failed step was given, and what was put there.
      input: row?.error ? asObject(row.input) : null,
      output: edit?.output ?? null,
      error: row?.error && !edit ? { ...row.error } : null,
      tokens: isPaid ? (row?.tokens ?? null) : null,
      cost_usd: isPaid ? (row?.costUsd ?? null) : null,
      duration_ms: row?.durationMs ?? null,
      started_at: toTime(row?.startedAt),
      completed_at: toTime(row?.completedAt),
      kept_from_run_id: keptFrom,
      edited_at: toTime(edit?.at),
    };
  }

  #taskStatus(id: string, index: number, row: StepRow | undefined): TaskExecution["status"] {
    const edited = this.#run.options.steps.findIndex((step) => this.#edits.has(step.id));
    if (edited !== -1 && edited < index && !this.#edits.has(id)) return "stale";
    if (this.#edits.has(id)) return "completed";
    if (!row) return this.#run.isOver ? "stale" : "queued";
    if (row.error) return this.#run.status === "cancelled" ? "cancelled" : "failed";
    if (row.completedAt !== undefined) return "completed";
    return this.#run.status === "paused" ? "awaiting_input" : "in_progress";
  }

  /** The latest attempt of a top-level step. */
  #rowOf(stepId: string): StepRow | undefined {
    return this.#run.rows.latest.find((row) => row.stepId === stepId && row.parentStepId === null);
  }

  #outputOf(stepId: string): unknown {
    return this.#edits.get(stepId)?.output ?? this.#rowOf(stepId)?.output;
  }

  get #result(): JsonObject | null {
    const last = this.#run.options.steps.at(-1);
    return this.status === "completed" && last ? asObject(this.#outputOf(last.id)) : null;
  }

  get #error(): NonNullable<FlowExecution["error"]> | null {
    const failed = this.#run.rows.latest.find(({ error }) => error !== undefined);
    if (this.status !== "failed" || !failed?.error) return null;
    return { ...failed.error, step_id: failed.stepId };
  }
}
