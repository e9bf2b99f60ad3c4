// Generated from openapi/ by `npm run generate`; do not edit.

import type { FlowCompletedData, LoopCompletedData, RunStartedData, StepCompletedData, StepErrorData, StepInputData, StepOutputData, StepPausedData, StepPausedForToolCallsData, StepProgressData, StepResumedData, StepRetryingData, StepStartedData } from "./openapi.ts";

/** The name behind `event:` in a frame, and what the JSON behind its `data:` is. */
export interface SseEventDataByName {
  run_started: RunStartedData;
  step_started: StepStartedData;
  step_input: StepInputData;
  step_output: StepOutputData;
  step_completed: StepCompletedData;
  step_error: StepErrorData;
  step_paused: StepPausedData;
  step_paused_for_tool_calls: StepPausedForToolCallsData;
  flow_completed: FlowCompletedData;
  step_progress: StepProgressData;
  loop_completed: LoopCompletedData;
  step_retrying: StepRetryingData;
  step_resumed: StepResumedData;
}
