import { EngineError, keyReused } from "../errors.ts";
import type { CallKey, ErrorInfo } from "../events.ts";
import type { CompiledFlow } from "../flow/compile.ts";
import type { JsonObject } from "../flow/definition.ts";
import type { RunEnding } from "../run-ending.ts";
import { wholeLog } from "../run-log.ts";
import { readRunOptions } from "../run-options.ts";
import {
  type ExecutionChange,
  type ExecutionCommand,
  type ExecutionQuery,
  type ExecutionRecord,
  type FlowRecord,
  isOver,
  type RunRecord,
  type Store,
} from "../store/store.ts";
import type { Submission } from "../submission.ts";
import type { TraceReader } from "../trace-reader.ts";
import type { Worker } from "../worker.ts";
import { type ChangeSource, watchChanges } from "./changes.ts";
import { keptEvents } from "./kept.ts";
import { statusOf } from "./statuses.ts";
import { parseTaskId, type Task, tasksOf } from "./tasks.ts";

/** What is run again, and the name of the call. */
interface Reexecution {
  readonly onlyStale: boolean;
  readonly idempotency?: CallKey;
}

/** Who asks: the projects that are open to the caller, and the name under which its changes are kept. */
export interface ExecutionCaller {
  readonly projectIds: readonly string[];
  readonly by: string;
}

export interface ExecutionRequest {
  readonly flowId: string;
  readonly input: JsonObject;
  /** Told, signed, when a run of the execution is over. */
  readonly webhookUrl?: string;
  readonly idempotency?: CallKey;
}

/** An execution with what came of it. */
export interface ExecutionDetail {
  readonly execution: ExecutionRecord;
  /** Once it is completed; null also when the run's payloads were dropped. */
  readonly result: JsonObject | null;
  readonly error: (ErrorInfo & { readonly stepId: string }) | null;
}

export interface ExecutionsOptions extends Omit<ChangeSource, "store"> {
  readonly store: Store;
  readonly submission: Submission;
  readonly ending: RunEnding;
  readonly worker: Worker;
  readonly traces: TraceReader;
  readonly flowOf: (run: RunRecord) => Promise<CompiledFlow>;
}

/** Executions: runs under an id that outlives each of them. What belongs to others is what does not exist. */
export class Executions {
  readonly #options: ExecutionsOptions;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /**
   * Makes an execution and begins its first run; resolves when both are durable. Throws `FLOW_NOT_FOUND`, `FLOW_NOT_PUBLISHED`,
   * `INPUT_INVALID` with every fault, and what `Engine.submit` throws.
   */
  async create({ projectIds, by }: ExecutionCaller, request: ExecutionRequest): Promise<ExecutionRecord> {
    const { submission } = this.#options;
    const { webhookUrl = null, idempotency, input } = request;
    const flow = await this.#activeFlow(projectIds, request.flowId);
    const version = flow.productionVersion ?? latestVersion(flow);
    const { runId, made } = await submission.submit({
      projectId: flow.projectId,
      flow: flow.slug,
      version,
      trigger: "api",
      input,
      execution: { modifiedBy: by, webhookUrl },
      ...(webhookUrl !== null && { webhookUrl }),
      ...(idempotency !== undefined && { idempotency }),
    });
    if (made === undefined) return this.#madeBefore(runId);
    const run = made.owner === null ? "pending" : "running";
    return {
      id: runId,
      projectId: flow.projectId,
      flowId: flow.id,
      status: statusOf({ run, hasBegun: false, isCancelRequested: false, isStale: false, isDeleted: false }),
      runId,
      runNumber: 1,
      flowVersion: version,
      input: made.input,
      edits: {},
      webhookUrl,
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      modifiedBy: by,
      deletedAt: null,
    };
  }

  /** Executions of one flow. Throws `FLOW_NOT_FOUND`, `EXECUTION_NOT_FOUND` for one to begin behind that is none of that flow. */
  async list({ projectIds }: ExecutionCaller, query: ExecutionQuery): Promise<readonly ExecutionRecord[]> {
    const { store } = this.#options;
    const flow = await store.flowById(query.flowId);
    if (flow === undefined || !projectIds.includes(flow.projectId)) throw noSuchFlow();
    const behind = query.behind === undefined ? undefined : await store.execution(query.behind);
    if (query.behind !== undefined && behind?.flowId !== flow.id) throw noSuchExecution();
    return store.executions(query);
  }

  /** Throws `EXECUTION_NOT_FOUND`, as every method that names an execution does, for one that was deleted too. */
  async read(caller: ExecutionCaller, executionId: string): Promise<ExecutionDetail> {
    const execution = await this.#find(caller, executionId);
    const run = await this.#runOf(execution);
    // How a run ended stands in its last event: no other is read, however long its log.
    const [last] = await this.#options.store.eventsAfter(run.id, run.lastSeq - 1, 1);
    const isCompleted = execution.status === "completed" && last?.type === "flow_completed";
    const isFailed = execution.status === "failed" && last?.type === "step_error";
    return {
      execution,
      result: isCompleted ? await this.#resultOf(execution, run, last.result) : null,
      error: isFailed ? { ...last.error, stepId: last.stepId } : null,
    };
  }

  /** Hides the execution, and does not stop it. Idempotent. */
  async remove({ projectIds, by }: ExecutionCaller, executionId: string): Promise<void> {
    const { store } = this.#options;
    const known = await store.execution(executionId);
    if (known === undefined || !projectIds.includes(known.projectId)) throw noSuchExecution();
    if (known.deletedAt === null) await store.commandExecution(known.id, by, { kind: "delete" });
  }

  /** Ends the latest run as cancelled, in whatever process it is; one that is over stays as it is. */
  async cancel(caller: ExecutionCaller, executionId: string): Promise<void> {
    const execution = await this.#command(caller, executionId, { kind: "requestCancel" });
    await this.honourCancel(execution);
    await this.#options.store.nodes?.requestCancel(execution.runId);
  }

  /**
   * Makes a new run under the execution; an equal call with the same key makes no other. Throws `EXECUTION_BUSY` when the present one cannot
   * be ended, `OUTPUTS_EXPIRED`, `IDEMPOTENCY_KEY_REUSED`.
   */
  async reexecute(caller: ExecutionCaller, executionId: string, options: Reexecution): Promise<void> {
    try {
      await this.#reexecute(caller, executionId, options);
    } catch (error) {
      const isRefused = error instanceof EngineError && error.code === "EXECUTION_BUSY";
      // What was in the way may be the run of an equal call, made elsewhere at the same moment.
      if (!isRefused || !(await this.#isMade(await this.#find(caller, executionId), options.idempotency))) throw error;
    }
  }

  async #reexecute(
    caller: ExecutionCaller,
    executionId: string,
    { onlyStale, idempotency }: Reexecution,
  ): Promise<void> {
    const execution = await this.#find(caller, executionId);
    if (await this.#isMade(execution, idempotency)) return;
    const run = await this.#ended(caller, execution);
    if (run.isPruned) throw outputsExpired();
    const { webhookUrl } = execution;
    const key = idempotency === undefined ? {} : { idempotency };
    const place = { id: execution.id, runNumber: execution.runNumber + 1, modifiedBy: caller.by, webhookUrl };
    if (onlyStale) {
      const [log, flow, now] = await Promise.all([
        wholeLog(this.#options.store, run.id),
        this.#options.flowOf(run),
        this.#find(caller, executionId),
      ]);
      await this.#options.submission.repeat({ run, kept: keptEvents(now, flow, log), execution: place, ...key });
      return;
    }
    const flow = await this.#activeFlow([execution.projectId], execution.flowId);
    await this.#options.submission.submit({
      projectId: flow.projectId,
      flow: flow.slug,
      version: latestVersion(flow),
      trigger: "api",
      input: run.input,
      trace: run.traced,
      execution: place,
      ...key,
      ...(webhookUrl !== null && { webhookUrl }),
    });
  }

  /** Of the latest run, in the flow's order. */
  async tasks(caller: ExecutionCaller, executionId: string): Promise<readonly Task[]> {
    const execution = await this.#find(caller, executionId);
    return this.#tasksOf(execution);
  }

  /** Throws `TASK_NOT_FOUND`. */
  async task(caller: ExecutionCaller, id: string): Promise<Task> {
    const named = parseTaskId(id);
    const execution = named === undefined ? undefined : await this.#known(caller, named.executionId);
    const tasks = execution === undefined ? [] : await this.#tasksOf(execution);
    const task = tasks.find(({ stepId }) => stepId === named?.stepId);
    if (task === undefined) throw noSuchTask();
    return task;
  }

  /**
   * Puts `output` in place of what the task gave: everything behind it is out of date then. Throws `EXECUTION_BUSY` while a run is under way,
   * `TASK_NOT_EDITABLE` for a task that has not ended, `OUTPUTS_EXPIRED`.
   */
  async editOutput(caller: ExecutionCaller, id: string, output: JsonObject): Promise<Task> {
    const { stepId, executionId, runId, index, startedAt } = await this.task(caller, id);
    const run = await this.#options.store.run(runId);
    if (run === undefined || !isOver(run.status)) throw busy();
    if (run.isPruned) throw outputsExpired();
    if (startedAt === null) {
      const message = `Task ${id} has not run, so that there is no output to replace. Edit one before it.`;
      throw new EngineError("TASK_NOT_EDITABLE", message);
    }
    const { steps } = await this.#options.flowOf(run);
    const isStale = index < steps.length - 1 || run.status !== "completed";
    const edit = { stepIndex: index, output };
    await this.#command(caller, executionId, { kind: "edit", runId, stepId, edit, isStale });
    return this.task(caller, id);
  }

  /** Pages of changes behind `after`; an empty one whenever the reader has caught up. Throws `HandedOverError` when this process stops. */
  changes(
    { projectIds }: ExecutionCaller,
    query: { readonly executionId?: string; readonly after: string },
    signal: AbortSignal,
  ): AsyncGenerator<readonly ExecutionChange[], void, undefined> {
    return watchChanges(this.#options, { ...query, projectIds }, signal);
  }

  /** The cursor behind every change so far. */
  latestChange(): Promise<string> {
    return this.#options.store.latestChange();
  }

  /** Cancels the run if that is for this process to do: one that another process holds is that one's. */
  async honourCancel({ projectId, runId }: { readonly projectId: string; readonly runId: string }): Promise<void> {
    const { store, worker, ending } = this.#options;
    const here = worker.cancel(runId);
    if (here !== undefined) return void (await here);
    const run = await store.run(runId);
    if (run?.owner === null && !isOver(run.status)) await ending.cancel({ projectId, runId });
  }

  /** Was the run that the call asks for made by an equal one? */
  async #isMade({ projectId }: ExecutionRecord, idempotency: CallKey | undefined): Promise<boolean> {
    if (idempotency === undefined) return false;
    const earlier = await this.#options.store.runByKey(projectId, idempotency.key);
    if (earlier === undefined) return false;
    if (readRunOptions(earlier.options).requestHash !== idempotency.requestHash) throw keyReused();
    return true;
  }

  /** The latest run, ended. */
  async #ended(caller: ExecutionCaller, execution: ExecutionRecord): Promise<RunRecord> {
    const run = await this.#runOf(execution);
    if (isOver(run.status)) return run;
    await this.#command(caller, execution.id, { kind: "requestCancel" });
    const { projectId } = execution;
    const ended = await this.#options.ending.cancel({ projectId, runId: run.id });
    if (ended === undefined || !isOver(ended.status)) throw busy();
    return ended;
  }

  async #command(caller: ExecutionCaller, executionId: string, command: ExecutionCommand): Promise<ExecutionRecord> {
    const { id } = await this.#find(caller, executionId);
    const outcome = await this.#options.store.commandExecution(id, caller.by, command);
    if (outcome === undefined) throw noSuchExecution();
    if (outcome.outcome === "conflict") throw busy();
    return outcome.execution;
  }

  async #find(caller: ExecutionCaller, executionId: string): Promise<ExecutionRecord> {
    const execution = await this.#known(caller, executionId);
    if (execution === undefined) throw noSuchExecution();
    return execution;
  }

  async #known({ projectIds }: ExecutionCaller, executionId: string): Promise<ExecutionRecord | undefined> {
    const execution = await this.#options.store.execution(executionId);
    const isOpen = execution !== undefined && projectIds.includes(execution.projectId);
    return isOpen && execution.deletedAt === null ? execution : undefined;
  }

  async #runOf({ runId }: ExecutionRecord): Promise<RunRecord> {
    const run = await this.#options.store.run(runId);
    if (run === undefined) throw noSuchExecution();
    return run;
  }

  async #tasksOf(execution: ExecutionRecord): Promise<readonly Task[]> {
    const { traces, flowOf } = this.#options;
    const run = await this.#runOf(execution);
    const [trace, flow] = await Promise.all([traces.trace(run), flowOf(run)]);
    return tasksOf({ execution, trace, flow });
  }

  /** The last step's output, also when it was edited since. */
  async #resultOf({ edits }: ExecutionRecord, run: RunRecord, result: JsonObject | null): Promise<JsonObject | null> {
    if (Object.keys(edits).length === 0) return result;
    const last = (await this.#options.flowOf(run)).steps.at(-1);
    return (last !== undefined && Object.hasOwn(edits, last.id) ? edits[last.id]?.output : undefined) ?? result;
  }

  /** The execution that an equal call made; its present state is the answer. */
  async #madeBefore(runId: string): Promise<ExecutionRecord> {
    const { store } = this.#options;
    const run = await store.run(runId);
    const execution = run?.execution === undefined ? undefined : await store.execution(run.execution.id);
    if (execution === undefined || execution.deletedAt !== null) throw noSuchExecution();
    return execution;
  }

  async #activeFlow(projectIds: readonly string[], flowId: string): Promise<FlowRecord> {
    const flow = await this.#options.store.flowById(flowId);
    if (flow === undefined || flow.archivedAt !== null || !projectIds.includes(flow.projectId)) throw noSuchFlow();
    return flow;
  }
}

function latestVersion({ latestVersion: version, slug }: FlowRecord): number {
  if (version > 0) return version;
  throw new EngineError("FLOW_NOT_PUBLISHED", `Flow "${slug}" has no published version yet. Publish one.`);
}

function noSuchFlow(): EngineError {
  const message = "There is no active flow of this flow_id here. It is the UUID that answers call flow_id or flowId.";
  return new EngineError("FLOW_NOT_FOUND", message);
}

function noSuchExecution(): EngineError {
  const message = "There is no such execution here. Is the id right, and does the key open the execution's project?";
  return new EngineError("EXECUTION_NOT_FOUND", message);
}

function noSuchTask(): EngineError {
  const message = "There is no such task here. Is the id one that /task-executions gave?";
  return new EngineError("TASK_NOT_FOUND", message);
}

function busy(): EngineError {
  const message = "A run of this execution is under way and could not be ended. Try again in a moment.";
  return new EngineError("EXECUTION_BUSY", message);
}

function outputsExpired(): EngineError {
  const message = "The inputs and outputs of this execution were dropped a day after it ended. Create a new one.";
  return new EngineError("OUTPUTS_EXPIRED", message);
}
