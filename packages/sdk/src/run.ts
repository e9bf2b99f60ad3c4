import type { CancelAccepted, RunSummary, StepAttempts, StepTrace, Trace } from "@noukai/core/schema";
import type { ClientContext } from "./context.ts";
import { deferredSource } from "./deferred-source.ts";
import { EventStream } from "./event-stream.ts";
import { checkExecutionId, flowName } from "./identifiers.ts";
import type { LiveTraceOptions } from "./live-trace.ts";
import { loaded } from "./loaded.ts";
import { callThrough, type Operation, streamThrough } from "./middleware.ts";
import type { RequestOptions } from "./request-json.ts";
import type { PausedResult } from "./results.ts";
import type { RunAddress } from "./routes.ts";
import type * as RunRequests from "./run-requests.ts";
import type { StepTraceOptions } from "./step-trace.ts";
import type { FlowSchemas } from "./typed-flow/flow-schemas.ts";

type Calls = typeof RunRequests.runCalls;
type Answer<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

/** One execution of a flow, under way or long over. Making one sends nothing. */
export class Run {
  readonly executionId: string;
  readonly #place: RunRequests.RunPlace;

  /** Obtained from `noukai.run(id)` or `flow.run(id)`. */
  constructor(context: ClientContext, address: RunAddress, schemas?: FlowSchemas) {
    this.executionId = checkExecutionId(address.executionId);
    this.#place = { context, address, schemas };
  }

  /** The run's status, times and totals, with its result, its error, or what it is waiting for. */
  summary(options?: RequestOptions): Promise<RunSummary> {
    return this.#call("summary", options);
  }

  /**
   * The tool calls that the run waits for, wherever it was begun: `paused.resume({ toolResults })` answers them, and
   * `noukai.resume(paused, { tools })` has tools answer them. `undefined` when it waits for none. Throws `ValueError` for a run without its
   * flow: use `flow.run(id)`.
   */
  pause(options?: RequestOptions): Promise<PausedResult | undefined> {
    return this.#call("pause", options);
  }

  /** The run's steps with times, tokens and costs (`costUsd` is a decimal string), as far as it has got; of each step the latest attempt. */
  trace(options?: RequestOptions): Promise<Trace> {
    return this.#call("trace", options);
  }

  /** All attempts of one step, in their order. */
  stepTrace(stepId: string, options: StepTraceOptions & { readonly attempt: "all" }): Promise<StepAttempts>;
  /**
   * One attempt of one step: the latest, or the one of that number. Throws `ValueError` for a number that no attempt or pass can have, and
   * `FlowNotFoundError` (`STEP_NOT_FOUND`) when the run has not started such a step, attempt or pass.
   */
  stepTrace(
    stepId: string,
    options?: StepTraceOptions & { readonly attempt?: "latest" | number | undefined },
  ): Promise<StepTrace>;
  stepTrace(stepId: string, options?: StepTraceOptions): Promise<StepTrace | StepAttempts>;
  stepTrace(stepId: string, options?: StepTraceOptions): Promise<StepTrace | StepAttempts> {
    return this.#call("stepTrace", options, stepId);
  }

  /**
   * The run's events: what has happened, then what happens, until the run is over. It stays open through pauses, survives lost connections,
   * and has no total timeout. Throws `StreamTruncatedError` when a lost connection cannot be taken up again, and
   * `ValueError` at the first event for an `after` that no event has. Of a flow with an `output` schema, the result is read as `flow.events`
   * does, and throws as it does.
   */
  liveTrace(options: LiveTraceOptions = {}): EventStream {
    const { context } = this.#place;
    return new EventStream(
      streamThrough(context.middleware, this.#operation("liveTrace", options), (given) =>
        deferredSource(
          async () => (await loaded(import("./live-trace.ts"))).openRunTrace(this.#place, given),
          this.executionId,
        ),
      ),
    );
  }

  /** The run's events behind the one with this `seq`: `liveTrace({ after })` in fewer words. */
  events(after = 0, options?: Omit<LiveTraceOptions, "after">): EventStream {
    return this.liveTrace({ ...options, after });
  }

  /** Ends the run, the model call under way included. A run that is over stays as it is. What it has used until then is charged. */
  cancel(options?: RequestOptions): Promise<CancelAccepted> {
    return this.#call("cancel", options);
  }

  #call<Name extends keyof Calls>(name: Name, options: RequestOptions = {}, stepId = ""): Promise<Answer<Name>> {
    const { middleware } = this.#place.context;
    return callThrough(middleware, this.#operation(name, options), async (given): Promise<Answer<Name>> => {
      type AnyCall = (...given: unknown[]) => Answer<Name>; // each takes as many of these as it needs
      return ((await loaded(import("./run-requests.ts"))).runCalls[name] as AnyCall)(this.#place, given, stepId);
    });
  }

  #operation<Options extends object>(
    name: Operation["name"],
    options: Options,
  ): Operation & { readonly options: Options } {
    const { flow, executionId } = this.#place.address;
    return {
      name,
      flow: flow && flowName(flow),
      executionId,
      options: options as Options & Operation["options"], // any object can be read by name
    };
  }
}
