import type { ErrorInfo, RunEvent, RunSummary, ToolCall } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";

/** How a run ended. */
export type RunEnd =
  /** `result` is null once the run's payloads were dropped. */
  | { readonly status: "completed"; readonly result: JsonObject | null; readonly summary: RunSummary }
  | { readonly status: "failed"; readonly stepId: string; readonly error: ErrorInfo };

/** What a run waits for when its model asked for tools. */
export interface ToolPause {
  readonly stepId: string;
  readonly stepIndex: number;
  /** Rounds of tool calls so far in this step, this one included. */
  readonly iterationsUsed: number;
  readonly toolCalls: readonly ToolCall[];
  /** The step's conversation behind its prompt, opaque to callers; ends with the message that asks. */
  readonly toolCallMessages: readonly JsonObject[];
  readonly accumulatedOutputs: JsonObject;
}

/** How a run stands that waits for a call, held by nobody. */
export type RunPause =
  | ({ readonly status: "paused"; readonly reason: "toolCalls" } & ToolPause)
  | { readonly status: "paused"; readonly reason: "step"; readonly nextStepIndex: number };

/** What an event says of how its run stands; undefined while it goes on. */
export function standingOf(event: RunEvent): RunEnd | RunPause | undefined {
  switch (event.type) {
    case "flow_completed":
      return { status: "completed", result: event.result, summary: event.summary };
    case "step_error":
      return { status: "failed", stepId: event.stepId, error: event.error };
    case "step_paused":
      return { status: "paused", reason: "step", nextStepIndex: event.nextStepIndex };
    case "step_paused_for_tool_calls": {
      const { stepId, stepIndex, iterationsUsed, toolCalls, toolCallMessages, accumulatedOutputs } = event;
      return {
        status: "paused",
        reason: "toolCalls",
        stepId,
        stepIndex,
        iterationsUsed,
        toolCalls,
        toolCallMessages,
        accumulatedOutputs,
      };
    }
    case "run_started":
    case "step_started":
    case "step_input":
    case "step_retrying":
    case "step_progress":
    case "loop_completed":
    case "step_resumed":
    case "step_completed":
      return undefined;
  }
}
