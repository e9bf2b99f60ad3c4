import { FatalRunError, TerminalError } from "./errors.ts";
import type { AttemptCost, RunEventBody } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import { jsonLength } from "./flow/weight.ts";
import type { RunLimits } from "./limits.ts";

/** Characters, as JSON, of the inputs and outputs that an event carries. Small for small events, so that many of them count too. */
export function payloadLength(event: RunEventBody): number {
  switch (event.type) {
    case "step_input":
      return jsonLength(event.inputData);
    case "step_progress":
      if (event.phase === "started") return jsonLength(event.inputData);
      return event.phase === "completed" ? jsonLength(event.output) : 0;
    case "step_completed":
      return jsonLength(event.output);
    case "flow_completed":
      return jsonLength(event.result);
    case "step_paused_for_tool_calls":
      return jsonLength(event.accumulatedOutputs) + jsonLength(event.toolCallMessages);
    default:
      return 0;
  }
}

interface Payload {
  readonly stepId: string;
  readonly what: "input" | "output";
  /** What it cost to come by it. */
  readonly cost?: AttemptCost;
}

/** Throws `STEP_FAILED` for a value that is too long to be passed on. */
export function requirePayload(
  value: JsonObject,
  { payloadLength: limit }: RunLimits,
  { stepId, what, cost }: Payload,
): void {
  const length = jsonLength(value);
  if (length <= limit) return;
  throw new TerminalError(
    "STEP_FAILED",
    `Step "${stepId}": its ${what} has ${length} characters as JSON; the limit is ${limit}. Pass on less.`,
    { ...(cost && { cost }) },
  );
}

/** Why no further step of a run may begin that has logged so much; undefined when one may. */
export function logFault(logged: number, { logLength: limit }: RunLimits): FatalRunError | undefined {
  if (logged <= limit) return undefined;
  return new FatalRunError(
    "STEP_FAILED",
    `The inputs and outputs of the run's steps have more than ${limit} characters as JSON; no further step may begin. Pass on less, or split the work into several runs.`,
  );
}
