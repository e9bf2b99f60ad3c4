import type { Attachment, ConversationMessage, StepKind, TokenCounts, Tool } from "@noukai/core/schema";

/** Why a step fails. `code` as the contract has it, such as `STEP_FAILED` or `MODEL_PROVIDER_ERROR`. */
export interface ScriptedError {
  readonly code: string;
  readonly message: string;
}

/** The call that began a run, for scripts that answer by what they are asked. */
export interface ScriptedCall {
  readonly flow: string;
  readonly version: "draft" | "production" | number;
  readonly message: string | undefined;
  readonly messages: readonly ConversationMessage[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly attachments: readonly Attachment[];
  readonly tools: readonly Tool[];
}

/** A tool call that a step asks for. */
export interface ScriptedToolCall {
  readonly name: string;
  readonly arguments?: unknown;
}

/** What the caller answered to one tool call. */
export interface ScriptedToolResult {
  readonly id: string;
  readonly name: string;
  readonly content: string;
}

/** What a step does before it ends. */
interface Doing {
  /** What its model writes: whole, or in the pieces that it comes in. */
  readonly text?: string | readonly string[] | undefined;
  /** Default: `{ text }` of a step that writes, else what it was given. */
  readonly output?: unknown;
  /** The step fails, and with it the run. */
  readonly error?: ScriptedError | undefined;
  /** `provider/model`. Default: `test/model` for a step that writes or asks for tools, none for others. */
  readonly model?: string | undefined;
  /** Default: made up from the text's length; zeros without a model. */
  readonly tokens?: TokenCounts | undefined;
  /** A decimal string. Default `"0"`. */
  readonly costUsd?: string | undefined;
  /** Milliseconds before it does anything. Default 0. */
  readonly after?: number | undefined;
  /** Milliseconds before each piece of text. Default 0. */
  readonly every?: number | undefined;
}

/** How a step goes on once its tool calls are answered. It may ask again. */
export interface StepContinuation extends Doing {
  /** The step asks for these, and the run waits. */
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined;
  /** What follows the answers. Default: a text with the results, one a line. */
  readonly onResults?: ((results: readonly ScriptedToolResult[]) => StepContinuation) | undefined;
}

/** A step inside a container. */
export interface InnerStepScript extends Doing {
  readonly id: string;
  readonly name?: string | undefined;
  /** Which pass of a loop it belongs to. Default: none. */
  readonly loopIndex?: number | undefined;
}

/** A top-level step. */
export interface StepScript extends StepContinuation {
  readonly id: string;
  readonly name?: string | undefined;
  /** Default: `llm` with a model, else `passthrough`. */
  readonly kind?: StepKind | undefined;
  /** Attempts that fail before the one that counts, with what they wrote. */
  readonly retries?: readonly (ScriptedError & Pick<Doing, "text" | "every">)[] | undefined;
  /** What happens inside it. */
  readonly inner?: readonly InnerStepScript[] | undefined;
}

/** How a scripted flow is called, beside what its steps do. */
export interface FlowOptions {
  /** Inputs that a call may leave out. Default: none. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /** How often the status of a job is asked for, or its events, before it begins. Watching its live trace begins it at once. Default 0. */
  readonly pendingPolls?: number | undefined;
  /** How often it then reads `running` before it may end. Watching its live trace lets it end at once. Default 0. */
  readonly runningPolls?: number | undefined;
}

/** What a flow does when it runs. */
export interface FlowScript extends FlowOptions {
  readonly steps: (call: ScriptedCall) => readonly StepScript[];
}

/** One top-level step of a scripted flow: `step("check", { text: ["Die ", "Katze"] })`. */
export function step(id: string, script: Omit<StepScript, "id"> = {}): StepScript {
  return { ...script, id };
}

/** A flow of these steps, or of those that a function gives for each call. Every call may have its own outcome that way. */
export function flow(
  steps: readonly StepScript[] | ((call: ScriptedCall) => readonly StepScript[]),
  options: FlowOptions = {},
): FlowScript {
  return { ...options, steps: typeof steps === "function" ? steps : () => steps };
}
