import type { AttemptCost, ToolCall } from "../events.ts";
import type { CompiledStep } from "../flow/compile.ts";
import type { JsonObject, StepKind } from "../flow/definition.ts";
import type { Attachment, ChatMessage, Models, ToolChoice, ToolDefinition } from "../models/model.ts";
import type { TemplateScope } from "../template.ts";

/** What one attempt of a step is given. */
export interface AttemptContext {
  readonly runId: string;
  /** From 1. */
  readonly attempt: number;
  /** Position in the step's chain of models: 0 its own, then its fallbacks. */
  readonly modelIndex: number;
  /** `runId:stepPath:attempt`: the same whenever this attempt is made again after a crash. */
  readonly idempotencyKey: string;
  readonly input: JsonObject;
  readonly scope: TemplateScope;
  readonly models: Models;
  /** Aborts with a `STEP_TIMEOUT`, or with the reason for which the run leaves this process. */
  readonly signal: AbortSignal;
  /** Called with each piece of output text as it is produced. */
  readonly onDelta: (text: string) => void;
  /** Turns before the prompt; only the first llm step of a run has any. */
  readonly history: readonly ChatMessage[];
  /** Files beside the prompt; only the first llm step of a run has any. */
  readonly attachments: readonly Attachment[];
  /** The tool calls of this step so far, and their answers. */
  readonly rounds: readonly ChatMessage[];
  /** What the caller can be asked to do; undefined when this step may not ask. */
  readonly toolbox: Toolbox | undefined;
}

export interface Toolbox {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice | undefined;
}

/** A finished step, or one that waits until its caller has run tools. */
export type AttemptResult = AttemptCost &
  (
    | { readonly kind: "output"; readonly output: JsonObject }
    | { readonly kind: "toolCalls"; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  );

/** How one kind of node is worked off. One file per kind. */
export interface StepRunner<Kind extends StepKind> {
  readonly kind: Kind;
  /** Makes one attempt. Throws `TerminalError`, `RetryableError`, or anything else for the step's policy to judge. */
  run(step: Extract<CompiledStep, { kind: Kind }>, context: AttemptContext): Promise<AttemptResult> | AttemptResult;
}
