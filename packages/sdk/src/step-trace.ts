import { ValueError } from "@noukai/core";
import type { StepTraceResponse } from "@noukai/core/schema";
import type { JsonRequest, RequestOptions } from "./request-json.ts";
import { type RunAddress, runOperation } from "./routes.ts";
import { getStepTrace } from "./run-routes.ts";

/** Options of `run.stepTrace`. */
export interface StepTraceOptions extends RequestOptions {
  /** `"latest"` (the default), an attempt's number from 1, or `"all"` of them. */
  readonly attempt?: "latest" | "all" | number | undefined;
  /** Which pass of the innermost loop around the step, from 0. Default: the last one. */
  readonly loopIndex?: number | undefined;
}

/** The request for one step's rows. Throws `ValueError` for arguments that no row can have. */
export function stepTraceRequest(
  address: RunAddress,
  stepId: string,
  { attempt = "latest", loopIndex }: StepTraceOptions,
): JsonRequest<StepTraceResponse> {
  checkStepId(stepId);
  if (attempt !== "latest" && attempt !== "all" && !(Number.isInteger(attempt) && attempt >= 1)) {
    throw new ValueError(`\`attempt\` is ${String(attempt)}. It is "latest", "all", or a number from 1.`);
  }
  if (loopIndex !== undefined && !(Number.isInteger(loopIndex) && loopIndex >= 0)) {
    throw new ValueError(`\`loopIndex\` is ${String(loopIndex)}. Passes of a loop are numbered from 0.`);
  }
  return {
    operation: runOperation("GET", address, `/steps/${stepId}/trace`),
    route: getStepTrace(address, stepId, {
      attempt: attempt === "latest" ? undefined : attempt,
      loop_index: loopIndex,
    }),
  };
}

function checkStepId(stepId: string): void {
  // Dots alone would climb to another path.
  if (typeof stepId === "string" && !/^\.*$/.test(stepId)) return;
  throw new ValueError("The step's id is missing. It is the `id` of a step in the flow's definition.");
}
