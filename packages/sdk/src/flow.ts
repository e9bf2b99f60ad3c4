import { type CallScope, errorFromRun, FlowExecutionError, ValueError } from "@noukai/core";
import { cancelOnAbort } from "./cancel.ts";
import type { ClientContext } from "./context.ts";
import { Cursor } from "./cursor.ts";
import { EventStream } from "./event-stream.ts";
import type { StepCompleted, StreamEvent } from "./events.ts";
import { type FlowAddress, versionNumber } from "./identifiers.ts";
import { type ExecuteOptions, type FlowCall, prepareCall } from "./options.ts";
import { type ExecuteResult, type PausedResult, readAnswer } from "./results.ts";
import { flowOperation, postExecute, postStep } from "./routes.ts";
import { isTerminal, Run, RunWatch } from "./run.ts";

/** One flow of one project, ready to be called. Making one sends nothing. */
export class Flow {
  readonly org: string;
  readonly project: string;
  readonly slug: string;
  readonly #context: ClientContext;
  readonly #address: FlowAddress;

  /** Obtained from `noukai.flow(…)`. */
  constructor(context: ClientContext, address: FlowAddress) {
    this.org = address.org;
    this.project = address.project;
    this.slug = address.flow;
    this.#context = context;
    this.#address = address;
  }

  /**
   * Runs the flow and waits for its result, or for its request to have tools called. Throws `FlowExecutionError` when the run fails,
   * `ValueError` before any request, `AbortError` when a signal aborts (the run is cancelled), `APITimeoutError` after `timeout` (it is not).
   */
  async execute(options: ExecuteOptions = {}): Promise<ExecuteResult | PausedResult> {
    const call = prepareCall(options);
    const target = { flow: this.#address, version: call.version };
    const operation = flowOperation(target, "execute");
    const scope = this.#openScope(operation, options, call, () => undefined);
    try {
      const { data, response } = await this.#context.transport.json(
        { scope, headers: call.headers },
        postExecute(target, call.body),
      );
      return readAnswer(data, { operation, response });
    } finally {
      scope.close();
    }
  }

  /**
   * Runs the flow and tells what happens as it happens, up to the run's last event or its request to have tools called. A run that fails
   * ends with a `step_error` event and throws nothing. A lost connection is taken up again without repeating or losing an event;
   * `StreamTruncatedError` when that cannot be done. Leaving the loop leaves the run alone; aborting `signal` cancels it.
   */
  events(options: ExecuteOptions = {}): EventStream {
    const call = prepareCall(options);
    const target = { flow: this.#address, version: call.version };
    const cursor = new Cursor({ isStarter: true });
    const body = { ...call.body, runRemaining: true };
    return new EventStream(
      new RunWatch({
        context: this.#context,
        flow: this.#address,
        cursor,
        openScope: () => this.#openScope(flowOperation(target, "step"), options, call, () => cursor.executionId),
        open: (scope) => this.#context.transport.stream({ scope, headers: call.headers }, postStep(target, body)),
        isLast: (event) => isTerminal(event) || event.type === "tool_calls_required" || event.type === "step_paused",
      }),
    );
  }

  /** The top-level steps as they are done. Throws the run's error when it fails. `tools` are refused: a step cannot ask for them here. */
  steps(options: Omit<ExecuteOptions, "tools" | "toolChoice"> = {}): AsyncIterableIterator<StepCompleted, void> {
    const { tools }: ExecuteOptions = options; // untyped callers may give them all the same
    if (tools !== undefined) {
      throw new ValueError("`steps()` cannot answer tool calls. Use `events()` or `execute()` with `tools`.");
    }
    const operation = flowOperation({ flow: this.#address, version: versionNumber(options.version) }, "step");
    return completedSteps(this.events(options), operation);
  }

  /** A run of this flow, by its id. Sends nothing. */
  run(executionId: string): Run {
    return new Run(this.#context, { executionId, flow: this.#address });
  }

  #openScope(
    operation: string,
    options: ExecuteOptions,
    call: FlowCall,
    executionId: () => string | undefined,
  ): CallScope {
    const { signal, timeout } = options;
    const scope = this.#context.openScope({ operation, signal, timeout, billed: "possibly" });
    cancelOnAbort(this.#context, scope, { flow: this.#address, idempotencyKey: call.idempotencyKey, executionId });
    return scope;
  }
}

async function* completedSteps(events: EventStream, operation: string): AsyncGenerator<StepCompleted, void> {
  for await (const event of events) {
    if (event.type === "step_completed") yield event;
    else throwIfStopped(event, { operation, executionId: events.executionId });
  }
}

function throwIfStopped(
  event: StreamEvent,
  about: { readonly operation: string; readonly executionId: string | undefined },
): void {
  if (event.type === "step_error") throw errorFromRun({ ...about, ...event.error });
  if (event.type !== "tool_calls_required") return;
  throw new FlowExecutionError(`${about.operation}: the run waits for tool calls, which \`steps()\` cannot answer.`, {
    code: "TOOL_CALLS_REQUIRED",
    executionId: about.executionId,
    billed: "yes",
  });
}
