import type { StepPaused } from "./events.ts";
import type { ExecuteOptions } from "./options.ts";
import type { ConnectionState } from "./stream-source.ts";

/** Step id → what stands in for the output of that step, which is done, in the steps behind it. */
export type InputOverrides = Readonly<Record<string, unknown>>;

/** Options of `flow.events` and `flow.steps`. */
export interface EventsOptions<Input = Record<string, unknown>> extends ExecuteOptions<Input> {
  /**
   * Drives the run step by step: a request for each, and a `step_paused` event between them, behind which the run waits until the next event
   * is asked for. Default `false`: one request and one connection for the whole run.
   */
  readonly stepwise?: boolean | undefined;
  /**
   * Changes what the steps not yet run see of those that are done. A function is asked at each `step_paused`; what it throws, the reader
   * gets. Implies `stepwise`.
   */
  readonly inputOverrides?:
    | InputOverrides
    | ((pause: StepPaused) => InputOverrides | undefined | Promise<InputOverrides | undefined>)
    | undefined;
  /** Told how the stream stands to the server, each time that changes. What it throws is ignored. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
  /** The older name: `false` is `stepwise: true`. `stepwise` wins. */
  readonly runRemaining?: boolean | undefined;
}
