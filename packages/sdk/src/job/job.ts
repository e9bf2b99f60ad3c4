import type { CancelAccepted, JobAccepted } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { checkExecutionId, flowName } from "../identifiers.ts";
import type * as JobPart from "./job-part.ts";
import type { JobTarget } from "./job-poll.ts";
import type { JobStatus } from "./job-status.ts";
import type { JobWaitOptions } from "./job-wait.ts";
import { loaded } from "../loaded.ts";
import { callThrough, type Operation } from "../middleware.ts";
import type { RequestOptions } from "../request-json.ts";

type Calls = typeof JobPart.jobCalls;
type Answer<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

/** A run that was put into the queue, by its id. */
export class JobHandle<Output = unknown> {
  /** The run's id: what `flow.job(…)` takes later, or in another process. */
  readonly executionId: string;
  readonly #context: ClientContext;
  readonly #target: JobTarget;

  /** Obtained from `flow.job(id)`. */
  constructor(context: ClientContext, target: JobTarget) {
    this.executionId = checkExecutionId(target.executionId);
    this.#context = context;
    this.#target = target;
  }

  /**
   * Asks once where the job stands. That it failed is a status, not an error. Within 5 s of its submission, a job that the server does not
   * know yet is `pending`; later, and for one picked up by its id, that is a `FlowNotFoundError`.
   */
  poll(options?: RequestOptions): Promise<JobStatus<Output>> {
    return this.#call("poll", options) as Promise<JobStatus<Output>>; // the flow's schema has seen it
  }

  /**
   * Waits until the job is over and gives its status: that it failed, or was cancelled, is no error here. Watches the run where the server
   * lets it, and polls where it does not. Throws `APITimeoutError` after `timeout` and `AbortError` when `signal` aborts (the job goes on
   * either way), and what the server refuses; a server that cannot be reached for a while is waited for.
   */
  wait(options?: JobWaitOptions): Promise<JobStatus<Output>> {
    return this.#call("wait", options) as Promise<JobStatus<Output>>; // as above
  }

  /** Ends the run, the model call under way included. A job that is over stays as it is. What it has used until then is charged. */
  cancel(options?: RequestOptions): Promise<CancelAccepted> {
    return this.#call("cancel", options);
  }

  #call<Name extends keyof Calls>(name: Name, options: object = {}): Promise<Answer<Name>> {
    const { executionId, address } = this.#target;
    const operation = { name, flow: flowName(address), executionId, options: options as Operation["options"] }; // any object can be read by name
    return callThrough(this.#context.middleware, operation, async (given): Promise<Answer<Name>> => {
      type AnyCall = (...given: unknown[]) => Answer<Name>; // what stands under this name
      return ((await loaded(import("./job-part.ts"))).jobCalls[name] as AnyCall)(this.#context, this.#target, given);
    });
  }
}

/** A run that this program has put into the queue. */
export class Job<Output = unknown> extends JobHandle<Output> {
  readonly flowId: string;
  /** How many top-level steps the flow has. */
  readonly blockCount: number;

  /** Obtained from `flow.executeAsync(…)`. */
  constructor(context: ClientContext, target: JobTarget, { flowId, blockCount }: JobAccepted) {
    super(context, target);
    this.flowId = flowId;
    this.blockCount = blockCount;
  }
}
