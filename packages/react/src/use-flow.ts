"use client";
import { useMemo, useState } from "react";
import type { ExecuteOptions, ExecuteResult, PausedResult, ResumeOptions } from "@noukai/sdk";
import type { ArgumentsOf, AnyFlow, FlowOf, FlowSource, OutputOf } from "./flow-types.ts";
import type { Hub } from "./hub.ts";
import { useHub } from "./provider.ts";
import type { RunFault } from "./run-state.ts";

/** How the latest call stands. `cancelled`: by `abort`. */
export type CallStatus = "idle" | "running" | "paused" | "completed" | "failed" | "cancelled";

/** What is shown of the latest call. */
interface CallView<Output> {
  readonly status: CallStatus;
  readonly isRunning: boolean;
  /** What the flow gave. That of the call before stays until the next result. */
  readonly data: Output | undefined;
  readonly error: RunFault | undefined;
  /** What the run waits for, where no tool on the page answers it. */
  readonly paused: PausedResult<Output> | undefined;
}

type Answer<Output> = ExecuteResult<Output> | PausedResult<Output>;

/** A flow to be called from a component. The functions stay the same while the flow does. */
export interface UsedFlow<Flow extends AnyFlow> extends CallView<OutputOf<Flow>> {
  /** Runs the flow. Gives and throws what `flow.execute` does; nobody has to catch it, since it is shown as `error`. */
  readonly execute: (...given: ArgumentsOf<Flow, "execute">) => Promise<Answer<OutputOf<Flow>>>;
  /** Goes on from `paused`. */
  readonly resume: (options?: ResumeOptions) => Promise<Answer<OutputOf<Flow>>>;
  /** Gives the latest call up and cancels its run. */
  readonly abort: () => void;
  /** Shows nothing of the latest call any more; its run goes on. */
  readonly reset: () => void;
}

const IDLE: CallView<never> = {
  status: "idle",
  isRunning: false,
  data: undefined,
  error: undefined,
  paused: undefined,
};

/**
 * Calls a flow and waits for its result, for forms and buttons. Of several calls the latest is shown. Leaving the page leaves the run alone.
 */
export function useFlow<Source extends FlowSource = undefined>(flow?: Source): UsedFlow<FlowOf<Source>> {
  const hub = useHub();
  const [view, setView] = useState<CallView<unknown>>(IDLE);
  const [calls] = useState(() => new Calls(setView));
  const commands = useMemo(() => commandsOf(calls, hub, flow), [calls, hub, flow]);
  return useMemo(() => ({ ...view, ...commands }), [view, commands]) as unknown as UsedFlow<FlowOf<Source>>; // of the flow's own types
}

function commandsOf(calls: Calls, hub: Hub, source: FlowSource) {
  return {
    execute: (options: ExecuteOptions = {}) =>
      calls.make(options.signal, (signal) => {
        const flow = hub.flow(source);
        const tools = hub.toolsFor(flow);
        // A tool may wait for a person, who may take their time.
        return flow.execute({ ...(tools && { tools, timeout: Infinity }), ...options, signal });
      }),
    resume: (options: ResumeOptions = {}) =>
      calls.make(options.signal, async (signal) => {
        if (calls.paused) return calls.paused.resume({ ...options, signal });
        throw new Error("There is no pause to go on from. Resume while `status` is `paused`.");
      }),
    abort: calls.abort,
    reset: calls.reset,
  };
}

/** The calls of one component, of which the latest is shown. */
class Calls {
  paused: PausedResult | undefined;
  readonly #show: (change: (view: CallView<unknown>) => CallView<unknown>) => void;
  #latest: AbortController | undefined;

  constructor(show: (change: (view: CallView<unknown>) => CallView<unknown>) => void) {
    this.#show = show;
  }

  make(
    given: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<Answer<unknown>>,
  ): Promise<Answer<unknown>> {
    const controller = (this.#latest = new AbortController());
    const signal = given ? AbortSignal.any([given, controller.signal]) : controller.signal;
    const show = (changes: Partial<CallView<unknown>>): void => {
      if (this.#latest === controller) this.#show((view) => ({ ...view, ...changes }));
    };
    show({ status: "running", isRunning: true, error: undefined, paused: undefined });
    const answer = (async () => {
      try {
        const answered = await call(signal);
        if (this.#latest === controller) this.paused = answered.requiresToolCalls ? answered : undefined;
        show(
          answered.requiresToolCalls
            ? { status: "paused", paused: answered }
            : { status: "completed", data: answered.result },
        );
        return answered;
      } catch (error) {
        show(signal.aborted ? { status: "cancelled" } : { status: "failed", error: error as RunFault }); // what the SDK throws is an Error
        throw error;
      } finally {
        show({ isRunning: false });
      }
    })();
    answer.catch(() => {}); // it is shown: nobody has to catch it too
    return answer;
  }

  readonly abort = (): void => this.#latest?.abort();

  readonly reset = (): void => {
    this.#latest = undefined;
    this.paused = undefined;
    this.#show(() => IDLE);
  };
}
