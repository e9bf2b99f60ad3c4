import type { Segment } from "./events.ts";
import type { JsonObject } from "./flow/definition.ts";
import type { Attachment, ChatMessage, ToolChoice, ToolDefinition } from "./models/model.ts";
import type { Toolbox } from "./steps/step.ts";
import type { SubflowPins } from "./subflows.ts";

/** What a call brings beside its input and every later hold of its run needs; kept as the run's `options`. */
export interface RunOptions {
  readonly blockOverrides?: { readonly [stepId: string]: JsonObject };
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** Turns before the prompt of the first top-level llm step. */
  readonly history?: readonly ChatMessage[];
  /** Files beside the prompt of the first top-level llm step. */
  readonly attachments?: readonly Attachment[];
  /** Of the call that made the run, when that had an idempotency key. */
  readonly requestHash?: string;
  /** Present when the run is walked by the step protocol: what its first call asked for. */
  readonly segment?: Segment;
  /** The definitions that the sub-flows were pinned to. */
  readonly subflows?: SubflowPins;
}

export function storeRunOptions(options: RunOptions): JsonObject {
  return JSON.parse(JSON.stringify(options)) as JsonObject; // as: JSON is what comes of it
}

export function readRunOptions(options: JsonObject): RunOptions {
  return options; // written by `storeRunOptions`
}

export function toolboxOf({ tools = [], toolChoice }: RunOptions): Toolbox | undefined {
  return tools.length === 0 ? undefined : { tools, toolChoice };
}
