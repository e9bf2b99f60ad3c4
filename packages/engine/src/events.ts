import type { JsonObject, StepKind } from "./flow/definition.ts";

/** Tokens of a model call. `prompt` includes cached tokens, `completion` includes reasoning; all are whole numbers ≥ 0. */
export interface Usage {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
}

/** A model's request that the caller run a function. `arguments` is JSON text, as the model wrote it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What goes into a log, a trace and an answer about a fault: never a stack, a key or an upstream body. */
export interface ErrorInfo {
  /** UPPER_SNAKE, from the contract's table. */
  readonly code: string;
  readonly message: string;
}

/** Sums of a finished run, over all attempts. */
export interface RunSummary {
  /** Excludes pauses. */
  readonly durationMs: number;
  /** Number of top-level nodes. */
  readonly stepCount: number;
  readonly tokens: Usage;
  /** Decimal string; `null` when the price of a model that was called is not known. */
  readonly costUsd: string | null;
}

/** What the call that began a segment of the step protocol asked for. */
export interface Segment {
  /** Go on to the end, or to a request for tools; else stop behind this step. */
  readonly runRemaining: boolean;
  /** Outputs that replace those of earlier steps, for the steps from here on. */
  readonly inputOverrides?: JsonObject;
  /** Overrides of steps' config, from here on. */
  readonly blockOverrides?: JsonObject;
}

/** What names a call that goes on with a run, where its caller gave it a name. */
export interface CallKey {
  /** Scope: the project. */
  readonly key: string;
  /** Equal for equal calls and for those only. */
  readonly requestHash: string;
}

/** What one attempt used, whether it ended well or not. Absent for steps that call no model. */
export interface AttemptCost {
  /** The model that answered, as `provider/model`. */
  readonly modelUsed?: string;
  readonly tokens?: Usage;
  /** Decimal string; `null` when the model's price is not known. */
  readonly costUsd?: string | null;
}

/** What only containers use, added up over all attempts of all steps inside. */
export interface Spent {
  readonly tokens: Usage;
  /** `null` once a model of unknown price was called. */
  readonly costUsd: string | null;
}

/** A step of a branch's path that was not taken. */
export interface SkippedStep {
  readonly stepId: string;
  readonly name: string;
  readonly kind: StepKind;
  readonly parentStepId: string;
}

/** A step inside a container, in one pass of the loops around it. */
export interface InnerStep {
  readonly stepId: string;
  /** The container that it lies in. */
  readonly parentStepId: string;
  readonly name: string;
  readonly kind: StepKind;
  /** Indices of the loops around the step, outermost first; empty outside loops. */
  readonly loopPath: readonly number[];
}

/**
 * One fact in a run's log. The names are the wire's; `server/src/wire.ts` turns the members into the wire's.
 * `seq` counts 1, 2, 3 … without gaps; nothing follows `step_error` or `flow_completed`.
 */
export type RunEvent = RunEventBody & {
  readonly seq: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly at: number;
};

export type RunEventBody =
  | { readonly type: "run_started"; readonly stepCount: number }
  | {
      readonly type: "step_started";
      readonly stepId: string;
      readonly name: string;
      readonly stepIndex: number;
      /** Present when a call of its own began at this step. */
      readonly segment?: Segment;
      readonly call?: CallKey;
      /** Present when the call left the run to whatever worker takes it: the epoch before the hold that may be the first to begin the step. */
      readonly leftUnder?: number;
    }
  | {
      readonly type: "step_input";
      readonly stepId: string;
      /** Empty once the run's payloads were dropped; `sizeBytes` then tells what they were. */
      readonly inputData: JsonObject;
      /** UTF-8 bytes of the JSON that was dropped. */
      readonly sizeBytes?: number;
    }
  /** A new attempt begins (`attempt` ≥ 2); text of the attempt before it is void. `error` and the costs are those of the attempt that ended. */
  | ({
      readonly type: "step_retrying";
      readonly stepId: string;
      /** Absent outside loops. */
      readonly loopPath?: readonly number[];
      readonly attempt: number;
      /** Attempts that count against the retry policy of the model now tried, this one included; a lost worker's does not. */
      readonly tries: number;
      /** The model now tried: 0 the step's own, then its fallbacks in order. */
      readonly modelIndex: number;
      readonly error: ErrorInfo;
      readonly delayMs: number;
    } & AttemptCost)
  /** The model asks the caller for tools; the run waits, held by nobody. The cost is that of this round. */
  | ({
      readonly type: "step_paused_for_tool_calls";
      readonly stepId: string;
      readonly stepIndex: number;
      readonly attempt: number;
      /** Rounds of tool calls so far in this step, this one included. */
      readonly iterationsUsed: number;
      readonly toolCalls: readonly ToolCall[];
      /** The step's conversation behind its prompt, in the form that callers echo; ends with the assistant's message that asks. */
      readonly toolCallMessages: readonly JsonObject[];
      readonly accumulatedOutputs: JsonObject;
    } & AttemptCost)
  /** The caller has answered; the step goes on within its attempt. */
  | {
      readonly type: "step_resumed";
      readonly stepId: string;
      readonly iterationsUsed: number;
      /** One message per tool call, in the order of the calls. */
      readonly toolCallMessages: readonly JsonObject[];
      readonly call?: CallKey;
      /** As with `step_started`. */
      readonly leftUnder?: number;
    }
  /** A segment ends behind this step; the run waits for the call that asks for the next one, held by nobody. */
  | {
      readonly type: "step_paused";
      readonly stepId: string;
      readonly stepIndex: number;
      readonly nextStepIndex: number;
    }
  | ({
      readonly type: "step_completed";
      readonly stepId: string;
      readonly name: string;
      readonly stepIndex: number;
      readonly attempt: number;
      /** Null once the run's payloads were dropped; `sizeBytes` then tells what they were. */
      readonly output: JsonObject | null;
      readonly sizeBytes?: number;
      readonly durationMs: number;
      /** Of a container, which uses nothing of its own: what the steps inside used. */
      readonly inside?: Spent;
      /** Of a branch none of whose paths was taken. */
      readonly skipped?: readonly SkippedStep[];
      /** Id of the run whose output this one took over; the step did not run here, and cost nothing here. */
      readonly keptFrom?: string;
    } & AttemptCost)
  /** A step inside a container begins, with attempt 1. */
  | ({
      readonly type: "step_progress";
      readonly phase: "started";
      readonly inputData: JsonObject;
      readonly sizeBytes?: number;
      /** Told with the first step of a branch's path: those of the other paths. */
      readonly skipped?: readonly SkippedStep[];
    } & InnerStep)
  | ({
      readonly type: "step_progress";
      readonly phase: "completed";
      readonly attempt: number;
      readonly output: JsonObject | null;
      readonly sizeBytes?: number;
      readonly durationMs: number;
      readonly skipped?: readonly SkippedStep[];
    } & InnerStep &
      AttemptCost)
  /** The step failed for good, or was stopped (`CANCELLED`) because the run or a step beside it was over. */
  | ({
      readonly type: "step_progress";
      readonly phase: "failed";
      readonly attempt: number;
      readonly error: ErrorInfo;
      readonly durationMs: number;
    } & InnerStep &
      AttemptCost)
  /** A loop went through its items. */
  | {
      readonly type: "loop_completed";
      readonly stepId: string;
      readonly loopPath: readonly number[];
      readonly itemCount: number;
      readonly failedCount: number;
      readonly durationMs: number;
    }
  /** The run ends by this step's fault. */
  | ({
      readonly type: "step_error";
      readonly stepId: string;
      readonly name: string;
      readonly attempt: number;
      readonly error: ErrorInfo;
    } & AttemptCost)
  | { readonly type: "flow_completed"; readonly result: JsonObject | null; readonly summary: RunSummary };

/** Text of a running step as it is produced. Never logged, so it has no `seq`. */
export interface PartialOutput {
  readonly type: "step_output";
  readonly stepId: string;
  /** The container around the step; absent at top level. */
  readonly parentStepId?: string;
  readonly attempt: number;
  /** Indices of the loops around the step, outermost first; empty outside loops. */
  readonly loopPath: readonly number[];
  /** UTF-16 units of this attempt's text before `delta`. */
  readonly offset: number;
  readonly delta: string;
}

/** What a reader of a run is given. */
export type StreamItem = RunEvent | PartialOutput;

/** Names a step in one pass of the loops around it. */
export function passKey(stepId: string, loopPath: readonly number[] = []): string {
  return loopPath.length === 0 ? stepId : `${stepId} ${loopPath.join(".")}`;
}

/** The step in its pass whose attempt an event ends: completed, failed, or about to be tried again. */
export function endedAttempt(event: RunEvent): string | undefined {
  switch (event.type) {
    case "step_completed":
    case "step_error":
      return event.stepId;
    case "step_retrying":
      return passKey(event.stepId, event.loopPath);
    case "step_progress":
      return event.phase === "started" ? undefined : passKey(event.stepId, event.loopPath);
    default:
      return undefined;
  }
}

/** Does a call end with this event: the run's end, or a pause? */
export function endsCall(event: { readonly type: string }): boolean {
  return isTerminal(event) || event.type === "step_paused" || event.type === "step_paused_for_tool_calls";
}

/** Does a run end with this event? */
export function isTerminal(event: { readonly type: string }): boolean {
  return event.type === "flow_completed" || event.type === "step_error";
}
