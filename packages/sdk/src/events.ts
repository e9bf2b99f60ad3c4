import { type Frame, StreamDecodeError } from "@noukai/core";
import type {
  FlowCompletedData,
  LoopCompletedData,
  RunStartedData,
  SseEventName,
  StepCompletedData,
  StepErrorData,
  StepInputData,
  StepOutputData,
  StepPausedData,
  StepPausedForToolCallsData,
  StepProgressData,
  StepResumedData,
  StepRetryingData,
  StepStartedData,
} from "@noukai/core/schema";

/** Common to all events. */
export interface EventBase {
  /** The event's place in the run's log, 1, 2, 3 …; absent on what is not logged, such as `step_output`. */
  readonly seq?: number;
}

/** The run exists; its first event. */
export interface RunStarted extends EventBase, RunStartedData {
  readonly type: "run_started";
}
/** A top-level step begins. */
export interface StepStarted extends EventBase, StepStartedData {
  readonly type: "step_started";
}
/** What the step was given. */
export interface StepInput extends EventBase, StepInputData {
  readonly type: "step_input";
}
/** A piece of output as it is produced; for an llm step `outputData.delta` is text. Each character comes once per `attempt`; a `step_retrying` voids the attempt before it. */
export interface StepOutput extends EventBase, StepOutputData {
  readonly type: "step_output";
}
/** A top-level step is done; its `output` is what counts, whatever pieces came before. `costUsd` is a decimal string, "0" also where a price is not known: the trace has null there. */
export interface StepCompleted extends EventBase, StepCompletedData {
  readonly type: "step_completed";
}
/** The run ended by this step's fault, or was cancelled (`error.code` is `CANCELLED`). Nothing follows. */
export interface StepFailed extends EventBase, StepErrorData {
  readonly type: "step_error";
}
/** A segment ended; the run waits for the next one. */
export interface StepPaused extends EventBase, StepPausedData {
  readonly type: "step_paused";
}
/** The run waits for the results of `toolCalls`. */
export interface ToolCallsRequired extends EventBase, StepPausedForToolCallsData {
  readonly type: "tool_calls_required";
}
/** The run is finished. Nothing follows. `summary.costUsd` as in `StepCompleted`. */
export interface FlowCompleted extends EventBase, FlowCompletedData {
  readonly type: "flow_completed";
}
/** A step inside a container moved on; `phase` says how. */
export interface StepProgress extends EventBase, StepProgressData {
  readonly type: "step_progress";
}
/** A loop went through its items. */
export interface LoopCompleted extends EventBase, LoopCompletedData {
  readonly type: "loop_completed";
}
/** An attempt failed and `attempt` follows in `delayMs`. Text of the attempts before it is void. */
export interface StepRetrying extends EventBase, StepRetryingData {
  readonly type: "step_retrying";
}
/** The tool calls were answered; the step goes on. */
export interface StepResumed extends EventBase, StepResumedData {
  readonly type: "step_resumed";
}
/** An event that this SDK does not know: a newer server's. */
export interface UnknownEvent extends EventBase {
  readonly type: "unknown";
  /** The name on the wire. */
  readonly name: string;
  readonly data: unknown;
}

/** Anything that a run tells. Switching on `type` narrows it. */
export type StreamEvent =
  | RunStarted
  | StepStarted
  | StepInput
  | StepOutput
  | StepCompleted
  | StepFailed
  | StepPaused
  | ToolCallsRequired
  | FlowCompleted
  | StepProgress
  | LoopCompleted
  | StepRetrying
  | StepResumed
  | UnknownEvent;

/** The SDK's name of each event that the contract names. */
type KnownType = Exclude<StreamEvent["type"], "unknown">;

const TYPE_BY_NAME: Readonly<Record<SseEventName | "flow_started", KnownType>> = {
  run_started: "run_started",
  flow_started: "run_started",
  step_started: "step_started",
  step_input: "step_input",
  step_output: "step_output",
  step_completed: "step_completed",
  step_error: "step_error",
  step_paused: "step_paused",
  step_paused_for_tool_calls: "tool_calls_required",
  flow_completed: "flow_completed",
  step_progress: "step_progress",
  loop_completed: "loop_completed",
  step_retrying: "step_retrying",
  step_resumed: "step_resumed",
};
const TYPES: ReadonlyMap<string | undefined, KnownType> = new Map(Object.entries(TYPE_BY_NAME));

/** Reads a frame as an event. Throws `StreamDecodeError` when its data is not JSON, or not an object where the contract has one. */
export function decodeFrame(frame: Frame): StreamEvent {
  const data = parseData(frame);
  const type = TYPES.get(frame.event);
  const id = Number(frame.id);
  const seq = id >= 1 && Number.isInteger(id) ? id : undefined;
  if (type === undefined)
    return { type: "unknown", name: frame.event ?? "message", data, ...(seq !== undefined && { seq }) };
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw decodeError(frame, "its data is not an object");
  // The parsed object becomes the event: copying it would double the cost of a stream. Its members are what the contract says for `type`.
  const event = data as { type: KnownType; seq?: number };
  event.type = type;
  if (seq !== undefined) event.seq = seq;
  return event as StreamEvent; // as above
}

function parseData(frame: Frame): unknown {
  try {
    return JSON.parse(frame.data);
  } catch (cause) {
    // The parser's message quotes the data, which is the user's: it stays in `cause`.
    throw decodeError(frame, "its data is not JSON", cause);
  }
}

function decodeError(frame: Frame, why: string, cause?: unknown): StreamDecodeError {
  const which = `event ${frame.event ?? "message"}${frame.id === undefined ? "" : ` (id ${frame.id})`}`;
  const message = `A stream's ${which} cannot be read: ${why}. Does a proxy change what passes through it?`;
  return new StreamDecodeError(message, { code: "STREAM_DECODE", billed: "possibly", cause });
}
