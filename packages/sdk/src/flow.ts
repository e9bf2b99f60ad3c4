import type { ClientContext } from "./context.ts";
import { deferredSource } from "./deferred-source.ts";
import { EventStream } from "./event-stream.ts";
import { openFlowEvents, requireAnswerable } from "./events-call.ts";
import type { StepCompleted } from "./events.ts";
import type { FlowTarget } from "./flow-target.ts";
import { flowName } from "./identifiers.ts";
import type { ExecuteAsyncOptions } from "./job/job-options.ts";
import { type Job, JobHandle } from "./job/job.ts";
import { loaded } from "./loaded.ts";
import { callThrough, type Operation, streamThrough } from "./middleware.ts";
import type { ExecuteOptions } from "./options.ts";
import type { ExecuteResult, PausedResult } from "./results.ts";
import { Run } from "./run.ts";
import { ambientSession, beginInSession } from "./session/ambient.ts";
import type { EventsOptions } from "./stream-options.ts";
import type { EventSource } from "./stream-source.ts";
import type { AnyInput } from "./typed-flow/flow-schemas.ts";
import type { ArgumentsFor } from "./typed-flow/typed-options.ts";

// Modules that a streamed call does not need are loaded by the calls that do: a page that streams stays small.

/**
 * One flow of one project, ready to be called. Making one sends nothing. `Input` and `Output` are what its schemas say; without them any
 * inputs are taken, and results are `unknown`.
 */
export class Flow<Input = AnyInput, Output = unknown> {
  readonly org: string;
  readonly project: string;
  readonly slug: string;
  readonly #context: ClientContext;
  readonly #target: FlowTarget;

  /** Obtained from `noukai.flow(…)`. */
  constructor(context: ClientContext, target: FlowTarget) {
    this.org = target.address.org;
    this.project = target.address.project;
    this.slug = target.address.flow;
    this.#context = context;
    this.#target = target;
  }

  /**
   * Runs the flow and waits for its result, or for its request to have tools called. Throws `FlowExecutionError` when the run fails,
   * `ValueError` before any request, `AbortError` when a signal aborts (the run is cancelled), `APITimeoutError` after `timeout` (it is not).
   */
  execute(...given: ArgumentsFor<ExecuteOptions, Input>): Promise<ExecuteResult<Output> | PausedResult<Output>> {
    const operation = this.#operation("execute", optionsOf(given));
    return callThrough(this.#context.middleware, operation, (options) =>
      beginInSession(ambientSession(), async () => {
        return (await loaded(import("./execute-call.ts"))).executeFlow<Output>(this.#context, this.#target, options);
      }),
    );
  }

  /**
   * Runs the flow and tells what happens as it happens, up to the run's last event. A run that fails ends with a `step_error` event and
   * throws nothing. Where the run waits for tool calls, the loop gives the `tool_calls_required` event and goes on with what follows once it
   * is answered: by `tools` made with `tool()`, by `toolHandler`, or by `event.resume()` before the next event is asked for; unanswered, it
   * ends there. A lost connection is taken up again without repeating or losing an event; `StreamTruncatedError` when that cannot be done.
   * Leaving the loop leaves the run alone; aborting `signal` cancels it. Options that cannot be are a `ValueError`, at the latest when the
   * first event is asked for.
   */
  events(...given: ArgumentsFor<EventsOptions, Input>): EventStream<Output> {
    return this.#events("events", optionsOf(given));
  }

  /**
   * The top-level steps as they are done. Throws the run's error when it fails. `tools` must be answered by themselves (made with `tool()`) or
   * by `toolHandler`; others are a `ValueError` at once.
   */
  steps(...given: ArgumentsFor<EventsOptions, Input>): AsyncIterableIterator<StepCompleted, void> {
    const options = optionsOf(given);
    requireAnswerable(options);
    return stepsOf(this.#events("steps", options));
  }

  /**
   * Puts the flow into the queue and gives a handle to the run, without waiting for it. Throws `ValueError` for what a job cannot have:
   * tools, because nobody is there to be asked, and attachments. Aborting `signal` while this is under way cancels the run.
   */
  executeAsync(...given: ArgumentsFor<ExecuteAsyncOptions, Input>): Promise<Job<Output>> {
    const operation = this.#operation("executeAsync", optionsOf(given) as ExecuteAsyncOptions);
    return callThrough(this.#context.middleware, operation, async (options) => {
      return (await loaded(import("./job/job-call.ts"))).submitJob<Output>(this.#context, this.#target, options);
    });
  }

  /** A job of this flow that was submitted before, here or elsewhere. Sends nothing. */
  job(executionId: string): JobHandle<Output> {
    return new JobHandle(this.#context, { ...this.#target, executionId });
  }

  /** A run of this flow, by its id. Sends nothing. */
  run(executionId: string): Run {
    const { address, schemas } = this.#target;
    return new Run(this.#context, { executionId, flow: address }, schemas);
  }

  #events(name: "events" | "steps", options: EventsOptions): EventStream<Output> {
    const target = this.#target;
    const open = (given: EventsOptions): EventSource => openFlowEvents(this.#context, target, given);
    const openTyped = async (given: EventsOptions): Promise<EventSource> =>
      (await loaded(import("./typed-flow/typed-source.ts"))).openTyped({ target, options: given, open });
    const source = streamThrough(this.#context.middleware, this.#operation(name, options), (given) =>
      isTyped(target) ? deferredSource(() => openTyped(given)) : open(given),
    );
    return new EventStream(source);
  }

  #operation<Options extends { readonly version?: ExecuteOptions["version"] }>(
    name: Operation["name"],
    options: Options,
  ): Operation & { readonly options: Options } {
    const given = { ...options, version: options.version ?? this.#target.defaultVersion };
    return { name, flow: flowName(this.#target.address), options: given };
  }
}

async function* stepsOf(events: EventStream): AsyncGenerator<StepCompleted, void> {
  const { completedSteps } = await loaded(import("./stream-result.ts"));
  yield* completedSteps(events);
}

function isTyped({ schemas: { input, output } }: FlowTarget): boolean {
  return input !== undefined || output !== undefined;
}

/** The types of a flow's options are for its callers; inside they are options like any other. */
function optionsOf(given: readonly [options?: object]): EventsOptions {
  return given[0] ?? {};
}
