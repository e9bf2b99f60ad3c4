import {
  APIConnectionError,
  type CallScope,
  errorFromRun,
  FlowExecutionError,
  NoukaiError,
  ValueError,
} from "@noukai/core";
import type { ExecutionStatus, JsonObject } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { show } from "../streaming.ts";
import { checkId, throughLayers } from "./execution-call.ts";
import type { ExecutionWaitOptions } from "./execution-options.ts";
import { requestOne } from "./execution-requests.ts";
import type { FlowExecution } from "./execution-shapes.ts";
import { events } from "./execution-watch.ts";

const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_POLL_INTERVAL_MS = 2_000;
/** The longest delay that timers take; a longer one would be over at once, again and again. */
const MAX_POLL_INTERVAL_MS = 2 ** 31 - 1;

/** Nothing more happens by itself. */
const AT_REST: ReadonlySet<ExecutionStatus> = new Set(["completed", "failed", "cancelled", "stale", "deleted"]);

/** Waits until the execution has come to rest. */
export function wait(context: ClientContext, id: string, options: ExecutionWaitOptions = {}): Promise<FlowExecution> {
  return throughLayers(context, { name: "waitForExecution", executionId: id, options }, async (given) => {
    const { timeout = DEFAULT_TIMEOUT_MS, pollInterval = DEFAULT_POLL_INTERVAL_MS, signal, onChange } = given;
    checkPollInterval(pollInterval);
    const operation = `GET flow-executions/${checkId("execution's id", id)}`;
    const scope = context.openScope({ operation, timeout, signal, billed: "no" });
    try {
      return await new ExecutionWait({ context, id, scope, onChange }).settled(pollInterval);
    } finally {
      scope.close();
    }
  });
}

/** The output of the execution's last step. */
export async function result(
  context: ClientContext,
  id: string,
  options: ExecutionWaitOptions = {},
): Promise<JsonObject> {
  const execution = await wait(context, id, options);
  if (execution.status === "completed" && execution.result) return execution.result;
  throw errorOf(execution);
}

function errorOf({ id, status, runId, error }: FlowExecution): NoukaiError {
  const operation = `Execution ${id}`;
  if (status === "stale" || status === "completed") {
    const why = {
      stale: "is stale. Run what is out of date with `reexecute({ onlyStale: true })`.",
      completed: "is completed, and its outputs are no longer kept: only captured ones are kept longer than a day.",
    }[status];
    const code = status === "stale" ? "EXECUTION_STALE" : "OUTPUTS_EXPIRED";
    return new FlowExecutionError(`${operation} ${why}`, { code, executionId: runId, billed: "yes" });
  }
  const cancelled = { code: "CANCELLED", message: "It was cancelled." };
  const { code, message } = error ?? (status === "cancelled" ? cancelled : { code: undefined, message: undefined });
  return errorFromRun({ operation, code, message, executionId: runId });
}

function checkPollInterval(pollInterval: unknown): void {
  if (typeof pollInterval === "number" && pollInterval >= 0 && pollInterval <= MAX_POLL_INTERVAL_MS) return;
  throw new ValueError(
    `\`pollInterval\` is ${show(pollInterval)}. Give milliseconds from 0 to ${MAX_POLL_INTERVAL_MS}.`,
  );
}

interface WaitContext {
  readonly context: ClientContext;
  readonly id: string;
  readonly scope: CallScope;
  readonly onChange: ExecutionWaitOptions["onChange"];
}

/** One wait for one execution. */
class ExecutionWait {
  readonly #wait: WaitContext;
  #canWatch = true;

  constructor(wait: WaitContext) {
    this.#wait = wait;
  }

  async settled(pollIntervalMs: number): Promise<FlowExecution> {
    const { context, scope } = this.#wait;
    for (;;) {
      const execution = await this.#read();
      if (execution && AT_REST.has(execution.status)) return execution;
      if (execution && this.#canWatch) await this.#watch(execution.runNumber ?? 1);
      else await context.transport.clock.sleep(pollIntervalMs, scope.signal);
    }
  }

  /** Follows the execution until this run of it, or a later one, has come to rest: changes of runs before are history. */
  async #watch(runNumber: number): Promise<void> {
    const { context, id, scope, onChange } = this.#wait;
    const changes = events(context, id, { signal: scope.signal });
    try {
      for (;;) {
        // A server that does not offer it, a key that may not, a connection that breaks too often: all of them can be polled.
        const { value: change } = await changes.next().catch(() => this.#cannotWatch());
        if (!change) return;
        if (change.runNumber < runNumber) continue;
        onChange?.(change);
        if (AT_REST.has(change.status)) return;
      }
    } finally {
      await changes.return();
    }
  }

  #cannotWatch(): { readonly value: undefined } {
    this.#wait.scope.signal.throwIfAborted();
    this.#canWatch = false;
    return { value: undefined };
  }

  /** `undefined` when there was no answer and the next try may have one. */
  async #read(): Promise<FlowExecution | undefined> {
    const { context, id, scope } = this.#wait;
    try {
      return await requestOne(context, id, { includeRunNumber: true, signal: scope.signal, timeout: Infinity });
    } catch (error) {
      scope.signal.throwIfAborted();
      const isPassing = error instanceof NoukaiError && (error.retryable || error instanceof APIConnectionError);
      if (isPassing) return undefined;
      throw error;
    }
  }
}
