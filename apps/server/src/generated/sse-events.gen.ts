// Generated from openapi/ by `npm run generate`; do not edit.

import {
  zFlowCompletedData,
  zLoopCompletedData,
  zRunStartedData,
  zStepCompletedData,
  zStepErrorData,
  zStepInputData,
  zStepOutputData,
  zStepPausedData,
  zStepPausedForToolCallsData,
  zStepProgressData,
  zStepResumedData,
  zStepRetryingData,
  zStepStartedData,
} from "./zod.gen.ts";

/** The name behind `event:` in a frame → what the JSON behind its `data:` must be. */
export const zSseEventData = {
  run_started: zRunStartedData,
  step_started: zStepStartedData,
  step_input: zStepInputData,
  step_output: zStepOutputData,
  step_completed: zStepCompletedData,
  step_error: zStepErrorData,
  step_paused: zStepPausedData,
  step_paused_for_tool_calls: zStepPausedForToolCallsData,
  flow_completed: zFlowCompletedData,
  step_progress: zStepProgressData,
  loop_completed: zLoopCompletedData,
  step_retrying: zStepRetryingData,
  step_resumed: zStepResumedData,
} as const;
