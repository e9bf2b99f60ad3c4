import type { JsonObject } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { loaded } from "../loaded.ts";
import { pagewise } from "../pagewise.ts";
import type { RequestOptions } from "../request-json.ts";
import { Run } from "../run.ts";
import { type CreatedExecution, Execution } from "./execution.ts";
import type { ExecutionPage } from "./execution-list.ts";
import type {
  CreateExecutionOptions,
  EditOutputOptions,
  ExecutionChangesOptions,
  ExecutionEventsOptions,
  ExecutionWaitOptions,
  GetExecutionOptions,
  ListExecutionsOptions,
  ReexecuteOptions,
} from "./execution-options.ts";
import type * as Part from "./execution-part.ts";
import type { ExecutionChange, FlowExecution, TaskExecution } from "./execution-shapes.ts";

type Calls = typeof Part;
type Arguments<Name extends keyof Calls> = Parameters<Calls[Name]> extends [unknown, ...infer Rest] ? Rest : never;

type Answer<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

/** Executions by their id: work that outlives the call that began it, and that can be mended and run again. */
export class Executions {
  readonly #context: ClientContext;

  /** Obtained as `noukai.executions`. */
  constructor(context: ClientContext) {
    this.#context = context;
  }

  /**
   * Makes an execution and starts it; resolves as soon as it is stored, before its first step. Throws `ValidationError` for an input that does
   * not fit, `FlowNotFoundError`, and `InsufficientCreditsError`: then nothing ran.
   */
  create(options: CreateExecutionOptions): Promise<CreatedExecution> {
    // The handle is made here: a part that is loaded later must not lead to a class that the package exports (see `streaming.ts`).
    return this.#call("create", options, (id) => new Execution(this, id));
  }

  /**
   * Executions of one flow, the newest first, without those that were deleted. Await it for the first page, or go through all of them:
   * `for await (const execution of noukai.executions.list({ flowId }))` asks for each page when it is needed.
   */
  list(options: ListExecutionsOptions): Promise<ExecutionPage> & AsyncIterable<FlowExecution> {
    return pagewise(this.#call("list", options));
  }

  /** The execution, with what came of its latest run. Throws `FlowNotFoundError`, as all that take an id do, also for one that was deleted. */
  get(id: string, options?: GetExecutionOptions): Promise<FlowExecution> {
    return this.#call("get", id, options);
  }

  /**
   * Waits until the execution has come to rest (`completed`, `failed`, `cancelled` or `stale`), and gives it: that it failed is no error here.
   * Throws `APITimeoutError` and `AbortError`; the execution goes on.
   */
  wait(id: string, options?: ExecutionWaitOptions): Promise<FlowExecution> {
    return this.#call("wait", id, options);
  }

  /** Waits, and gives the execution's result. Throws its error when it failed, and `FlowExecutionError` when it was cancelled or is stale. */
  result(id: string, options?: ExecutionWaitOptions): Promise<JsonObject> {
    return this.#call("result", id, options);
  }

  /** The execution's latest run, whose `trace()` says what it did and cost. */
  async run(id: string, options?: RequestOptions): Promise<Run> {
    return new Run(this.#context, { executionId: (await this.get(id, options)).runId });
  }

  /** Ends the run that is under way, the model call in flight included. An execution that is over stays as it is. */
  cancel(id: string, options?: RequestOptions): Promise<void> {
    return this.#call("cancel", id, options);
  }

  /**
   * Runs the execution again, as a new run under the same id; resolves once that is stored. A run under way is cancelled first. With `onlyStale`,
   * outputs that stand are kept, and not paid for again. Throws `FlowExecutionError`: `EXECUTION_BUSY` when the run under way cannot be ended,
   * `OUTPUTS_EXPIRED` a day after its end unless that was captured.
   */
  reexecute(id: string, options?: ReexecuteOptions): Promise<void> {
    return this.#call("reexecute", id, options);
  }

  /** Hides the execution from lists and reads. Stops nothing; its runs and their traces stay. */
  delete(id: string, options?: RequestOptions): Promise<void> {
    return this.#call("delete", id, options);
  }

  /** The execution's top-level steps, in the flow's order, as its latest run left them. */
  tasks(id: string, options?: RequestOptions): Promise<readonly TaskExecution[]> {
    return this.#call("tasks", id, options);
  }

  /** One task, by the `id` that tasks have. */
  task(taskId: string, options?: RequestOptions): Promise<TaskExecution> {
    return this.#call("task", taskId, options);
  }

  /**
   * Puts `output` in place of what a task gave. Everything behind the task becomes `stale`, and with it the execution. Throws
   * `FlowExecutionError`: `EXECUTION_BUSY` while a run is under way, `TASK_NOT_EDITABLE` for a task that has not run, `OUTPUTS_EXPIRED`.
   */
  editOutput(taskId: string, output: object, options?: EditOutputOptions): Promise<TaskExecution> {
    return this.#call("editOutput", taskId, output, options);
  }

  /**
   * The execution's changes of status, from the first one or behind `after`, each once and in order, through any number of lost connections.
   * Ends when the execution is completed, failed, cancelled or deleted. Throws `AbortError` when `signal` aborts, and `StreamTruncatedError` when a
   * lost connection cannot be taken up again.
   */
  async *events(id: string, options?: ExecutionEventsOptions): AsyncGenerator<ExecutionChange, void, undefined> {
    yield* await this.#call("events", id, options);
  }

  /**
   * The changes of all executions that the key opens, over a WebSocket, each once and in order, through any number of lost connections.
   * Ends when the loop is left. Throws `AbortError` when `signal` aborts, `StreamTruncatedError` as `events` does, and `ValueError` where the runtime
   * has no WebSocket.
   */
  async *changes(options?: ExecutionChangesOptions): AsyncGenerator<ExecutionChange, void, undefined> {
    yield* await this.#call("changes", options);
  }

  async #call<Name extends keyof Calls>(name: Name, ...given: Arguments<Name>): Promise<Answer<Name>> {
    type AnyCall = (context: ClientContext, ...given: unknown[]) => Answer<Name>; // what stands under this name
    return ((await loaded(import("./execution-part.ts")))[name] as AnyCall)(this.#context, ...given);
  }
}
