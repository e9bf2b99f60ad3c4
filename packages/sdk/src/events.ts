import { type Frame, StreamDecodeError, ValueError } from "@noukai/core";
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
import type { EventStream } from "./event-stream.ts";
import type { PendingApproval } from "./tools/approvals.ts";
import type { ToolAnswers } from "./tools/tool-handler.ts";

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
export interface ToolCallsRequired<Output = unknown> extends EventBase, StepPausedForToolCallsData {
  readonly type: "tool_calls_required";
  /**
   * Those of `toolCalls` that a person must decide on before any of them runs, for `resume({ approvals })`. Empty where none of the call's
   * own tools asks for it, and on streams that watch a run. Not enumerable, as `resume`.
   */
  readonly pendingApprovals: readonly PendingApproval[];
  /**
   * Answers the calls; resolves once the server has taken the answer. The loop that gave this event then goes on with what follows, and
   * `undefined` is given. Once that loop was left, or has asked for the next event without this, a stream of the rest is given instead.
   * Throws `AlreadyResumedError` for a second answer, `ValueError` for one that does not fit the calls; after any other error, such as a
   * refusal of the server's, the event may be answered again. Not enumerable: an event can be copied and sent elsewhere. Only events of
   * `flow.events()` can be answered; on those of streams that watch a run, this throws `ValueError`.
   */
  resume(answers: ToolAnswers): Promise<EventStream<Output> | undefined>;
}
/** The run is finished. Nothing follows. `summary.costUsd` as in `StepCompleted`. */
export interface FlowCompleted<Output = unknown> extends EventBase, FlowCompletedData {
  readonly type: "flow_completed";
  readonly result: Output;
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

/** Anything that a run tells. Switching on `type` narrows it. `Output` is the flow's result. */
export type StreamEvent<Output = unknown> =
  | RunStarted
  | StepStarted
  | StepInput
  | StepOutput
  | StepCompleted
  | StepFailed
  | StepPaused
  | ToolCallsRequired<Output>
  | FlowCompleted<Output>
  | StepProgress
  | LoopCompleted
  | StepRetrying
  | StepResumed
  | UnknownEvent;

/** The SDK's name of each event that the contract names. */
type KnownType = Exclude<StreamEvent["type"], "unknown">;

/** The SDK's names that are others on the wire: one of a pause, and an older one. */
const RENAMED: readonly (readonly [string, KnownType])[] = [
  ["step_paused_for_tool_calls", "tool_calls_required"],
  ["flow_started", "run_started"],
];
/** The names that are the same on both sides. */
const SAME: Readonly<Record<Exclude<SseEventName, "step_paused_for_tool_calls">, 0>> = {
  run_started: 0,
  step_started: 0,
  step_input: 0,
  step_output: 0,
  step_completed: 0,
  step_error: 0,
  step_paused: 0,
  flow_completed: 0,
  step_progress: 0,
  loop_completed: 0,
  step_retrying: 0,
  step_resumed: 0,
};
const TYPES: ReadonlyMap<string | undefined, KnownType> = new Map([
  ...(Object.keys(SAME) as (keyof typeof SAME)[]).map((name) => [name, name] as const), // a literal has no other keys than its type
  ...RENAMED,
]);

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
  if (type === "tool_calls_required") setHidden(event, { resume: onlyWatching, pendingApprovals: [] });
  return event as StreamEvent; // as above
}

/** Gives an event what it is answered by. The server did not say it: a copy, or its JSON, is what came. */
export function setHidden(
  event: object,
  members: Partial<Pick<ToolCallsRequired, "resume" | "pendingApprovals">>,
): void {
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(event, name, { value, configurable: true });
}

async function onlyWatching(): Promise<never> {
  throw new ValueError(
    "This stream only watches the run. Answer its tool calls where they were asked for: on the events of `flow.events()`, or with `paused.resume()`.",
  );
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
