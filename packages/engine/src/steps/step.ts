import type { AttemptCost, ErrorInfo, RunEventBody, SkippedStep, ToolCall } from "../events.ts";
import type { CompiledStep } from "../flow/compile.ts";
import type { JsonObject, StepKind } from "../flow/definition.ts";
import type { RunLimits } from "../limits.ts";
import type { Attachment, ChatMessage, Models, ToolChoice, ToolDefinition } from "../models/model.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
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
  /** Undefined where no code may run. */
  readonly sandbox: Pick<Sandbox, "run"> | undefined;
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
  /** The model's last answer and what is wrong with it, when this attempt is there to repair it; else empty. */
  readonly repair: readonly ChatMessage[];
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

/** Where a step stands in one run: what its templates and conditions may read, and the passes of the loops around it. */
export interface Place extends TemplateScope {
  readonly input: JsonObject;
  /** Outputs of the earlier steps that are visible here, by the ids of their own flow. */
  readonly steps: { readonly [stepId: string]: JsonObject };
  readonly loopPath: readonly number[];
}

/** A sequence that came to its end, to a step that failed, or to where this process stops. */
export type SequenceEnd =
  | { readonly kind: "output"; readonly output: JsonObject }
  | { readonly kind: "failed"; readonly error: ErrorInfo }
  | { readonly kind: "stopped" };

/** What a node that holds others is given. */
export interface ContainerContext {
  readonly place: Place;
  readonly limits: RunLimits;
  /** When the node began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly now: () => number;
  /** Aborts when the work inside is of no use any more. */
  readonly signal: AbortSignal;
  /** Works one of the node's sequences off. Throws the signal's reason. */
  sequence(steps: readonly CompiledStep[], place: Place, options?: SequenceOptions): Promise<SequenceEnd>;
  /** Takes a fact in that goes out together with what follows it. */
  tell(fact: RunEventBody): void;
  /** Resolves when everything told is durable. */
  flush(): Promise<void>;
}

export interface SequenceOptions {
  /** Instead of the node's own. */
  readonly signal?: AbortSignal;
  /** Told with the first step that begins. */
  readonly skipped?: readonly SkippedStep[];
}

/** What came of a node that holds others. */
export type ContainerEnd = SequenceEnd & { readonly skipped?: readonly SkippedStep[] };

/** How one kind of node that holds others is worked off. One file per kind. */
export interface ContainerRunner<Kind extends StepKind> {
  readonly kind: Kind;
  /** Throws `TerminalError` for a fault of the node itself, and the signal's reason. */
  run(step: Extract<CompiledStep, { kind: Kind }>, context: ContainerContext): Promise<ContainerEnd>;
}
