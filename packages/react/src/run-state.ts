import type { FlowCompleted, StreamEvent, ToolCallsRequired } from "@noukai/sdk";
import type { InnerStepState, StepState } from "./step-state.ts";

/**
 * Where a run stands on the screen. `idle`: none was begun. `starting`: asked for, not heard of yet. `paused`: it waits for answers to tool
 * calls, or for its next step. The other four are the run's own words.
 */
export type RunPhase = "idle" | "starting" | "running" | "paused" | "completed" | "failed" | "cancelled";

/** Why there is no result: the run's own fault, or what the SDK threw. */
export interface RunFault {
  readonly code?: string | undefined;
  readonly message: string;
}

/** What a step has written in its present attempt. */
export interface StepText {
  readonly attempt: number;
  readonly text: string;
  /** How much of it was written ahead of tool calls: the step's output does not hold that. */
  readonly spoken: number;
  /** The attempt is over, and nothing more is written. */
  readonly isWhole: boolean;
}

/** All that is known of a run: the fold of its events. Plain data, so that a server can hand it to a page. */
export interface RunState<Output = unknown> {
  readonly status: RunPhase;
  readonly executionId: string | undefined;
  /** How many top-level steps the flow has. */
  readonly stepCount: number | undefined;
  /** The logged events in their order, each once. Pieces of text are not among them: they are in `text`. */
  readonly events: readonly StreamEvent<Output>[];
  /** The top-level steps that have begun. Stays the same array while only text is written. */
  readonly steps: readonly StepState[];
  /** What the top-level steps have written, one after the other. Text of an attempt that failed is gone. */
  readonly text: string;
  /** The text of each step, also inside containers; `textOf` reads it. */
  readonly texts: Readonly<Record<string, StepText>>;
  /** What the run came to. */
  readonly data: Output | undefined;
  /** Time, tokens and cost of the whole run, once it is completed. */
  readonly summary: FlowCompleted["summary"] | undefined;
  readonly error: RunFault | undefined;
  /** What the run waits for. */
  readonly pause: ToolCallsRequired<Output> | undefined;
  /** The `seq` of the last logged event; 0 before the first. */
  readonly lastSeq: number;
}

/** No run yet. */
export const NO_RUN: RunState<never> = {
  status: "idle",
  executionId: undefined,
  stepCount: undefined,
  events: [],
  steps: [],
  text: "",
  texts: {},
  data: undefined,
  summary: undefined,
  error: undefined,
  pause: undefined,
  lastSeq: 0,
};

/** Is it over for good? */
export function isOver({ status }: Pick<RunState, "status">): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Where a step's text is kept: steps inside loops are told apart by their pass. */
export function textKey(stepId: string, loopPath: readonly number[] = []): string {
  return loopPath.length > 0 ? `${stepId} ${loopPath.join()}` : stepId;
}

/** What one step has written so far; `loopPath` for a step inside loops. Empty when it has written nothing. */
export function textOf(
  { texts }: Pick<RunState, "texts">,
  { id, loopPath }: Pick<StepState | InnerStepState, "id"> & { readonly loopPath?: readonly number[] },
): string {
  return texts[textKey(id, loopPath)]?.text ?? "";
}
