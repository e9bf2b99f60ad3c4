import { FlowExecutionError } from "@noukai/core";
import type { StepRetrying, StreamEvent } from "./events.ts";
import { type RunInfo, throwIfStopped } from "./stream-result.ts";

/** Options of `stream.text()`. */
export interface TextOptions {
  /** Only the text of this top-level step. Default: that of all of them, one after the other. */
  readonly stepId?: string | undefined;
  /**
   * Called when a step begins anew of which text was given already: what it wrote so far is void, and its text begins again. Without this
   * the iteration ends with a typed error there, for text cannot be taken back from who has printed it.
   */
  readonly onReset?: ((event: StepRetrying) => void) | undefined;
}

/** The text of the top-level steps as it is written. Throws the run's error when it fails or waits for an answer that nobody gives. */
export async function* textOf(
  events: AsyncIterable<StreamEvent>,
  { stepId, onReset }: TextOptions,
  run: () => RunInfo,
): AsyncGenerator<string, void> {
  /** The steps whose present attempt has given text. */
  const written = new Set<string>();
  let last: StreamEvent | undefined;
  for await (const event of events) {
    last = event;
    if (event.type === "step_retrying" && !event.loopPath?.length && written.delete(event.stepId)) {
      if (!onReset) throw voided(event, run());
      onReset(event);
    }
    const delta = event.type === "step_output" ? event.outputData?.delta : undefined;
    if (event.type !== "step_output" || typeof delta !== "string" || event.loopPath?.length) continue;
    if (stepId !== undefined && stepId !== event.stepId) continue;
    written.add(event.stepId);
    yield delta;
  }
  throwIfStopped(last, run());
}

function voided({ stepId, attempt }: StepRetrying, { operation, executionId }: RunInfo): FlowExecutionError {
  return new FlowExecutionError(
    `${operation}: the step ${stepId} begins anew (attempt ${attempt}), so that the text it gave is void. Pass \`onReset\` to drop that text and go on. The run goes on.`,
    { code: "TEXT_VOIDED", executionId, billed: "possibly" },
  );
}
