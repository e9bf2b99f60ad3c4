import type { Tool } from "@noukai/core/schema";
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** What a tool's `execute` is told beside its arguments. */
export interface ToolContext {
  /** Aborts when the call is given up or the tool's time is over: the result is of no use then. */
  readonly signal: AbortSignal;
  readonly executionId: string;
  /** The step that asks. */
  readonly stepId: string;
  readonly toolCallId: string;
}

/** A tool that runs here: a wire tool, and what it does. */
// Methods, so that tools of different arguments go into one list.
export interface ExecutableTool<Args = unknown, Result = unknown> extends Tool {
  readonly input: StandardSchemaV1<unknown, Args>;
  readonly timeoutMs: number | undefined;
  execute(args: Args, context: ToolContext): Result | Promise<Result>;
  needsApproval(args: Args): boolean | Promise<boolean>;
}

/** Does the SDK run it? Else it is described alone, and a handler or the caller answers its calls. */
export function isExecutable(candidate: object): candidate is ExecutableTool {
  return "execute" in candidate && typeof candidate.execute === "function";
}
