import type { JsonObject } from "@noukai/core/schema";
import type { RequestOptions } from "../request-json.ts";
import type { Run } from "../run.ts";
import type {
  EditOutputOptions,
  ExecutionEventsOptions,
  ExecutionWaitOptions,
  GetExecutionOptions,
  ReexecuteOptions,
} from "./execution-options.ts";
import type { ExecutionChange, FlowExecution, TaskExecution } from "./execution-shapes.ts";
import type { Executions } from "./executions.ts";

/** A handle to one execution, by its id. Making one sends nothing. Each method is that of `noukai.executions` with this id. */
export class Execution {
  readonly id: string;
  readonly #all: Executions;

  /** Obtained from `noukai.execution(id)` or `noukai.executions.create(…)`. */
  constructor(all: Executions, id: string) {
    this.#all = all;
    this.id = id;
  }

  /** The execution as it stands, with what came of its latest run. */
  get(options?: GetExecutionOptions): Promise<FlowExecution> {
    return this.#all.get(this.id, options);
  }

  /** Waits until the execution has come to rest, and gives it: that it failed is no error here. */
  wait(options?: ExecutionWaitOptions): Promise<FlowExecution> {
    return this.#all.wait(this.id, options);
  }

  /** Waits, and gives the execution's result. Throws its error when it failed, and `FlowExecutionError` when it was cancelled or is stale. */
  result(options?: ExecutionWaitOptions): Promise<JsonObject> {
    return this.#all.result(this.id, options);
  }

  /** The latest run, whose `trace()` says what it did and cost. */
  run(options?: RequestOptions): Promise<Run> {
    return this.#all.run(this.id, options);
  }

  /** Ends the run that is under way. An execution that is over stays as it is. */
  cancel(options?: RequestOptions): Promise<void> {
    return this.#all.cancel(this.id, options);
  }

  /** Runs it again, as a new run under the same id. */
  reexecute(options?: ReexecuteOptions): Promise<void> {
    return this.#all.reexecute(this.id, options);
  }

  /** Hides it from lists and reads. Stops nothing. */
  delete(options?: RequestOptions): Promise<void> {
    return this.#all.delete(this.id, options);
  }

  /** Its top-level steps, in the flow's order. */
  tasks(options?: RequestOptions): Promise<readonly TaskExecution[]> {
    return this.#all.tasks(this.id, options);
  }

  /** One of them, by the step's id in the flow. */
  task(stepId: string, options?: RequestOptions): Promise<TaskExecution> {
    return this.#all.task(`${this.id}:${stepId}`, options);
  }

  /** Puts `output` in place of what the step gave; what lies behind becomes `stale`. `stepId`: the step's id in the flow. */
  editOutput(stepId: string, output: object, options?: EditOutputOptions): Promise<TaskExecution> {
    return this.#all.editOutput(`${this.id}:${stepId}`, output, options);
  }

  /** Its changes of status, each once and in order, until it is over. */
  events(options?: ExecutionEventsOptions): AsyncGenerator<ExecutionChange, void, undefined> {
    return this.#all.events(this.id, options);
  }
}

/** An execution that this program has made: a handle to it, and how it stood then. */
export interface CreatedExecution extends Execution, Omit<FlowExecution, "result" | "error" | "runNumber"> {}
