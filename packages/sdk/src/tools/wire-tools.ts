import type { Tool, ToolFunction } from "@noukai/core/schema";
import { type ExecutableTool, isExecutable } from "./executable-tool.ts";
import type { ToolHandler } from "./tool-handler.ts";

/** A tool by its description alone. `type` is `"function"`; it is wider here, so that a literal that stands apart will do. */
export interface DescribedTool {
  readonly type: string;
  readonly function: ToolFunction;
}

/** What a call may be told about tools. */
export interface CallTools {
  /**
   * Functions that the model may ask for, at most 64: those made with `tool()`, which run here by themselves, and plain ones, whose calls
   * `toolHandler` or the caller answers.
   */
  readonly tools?: readonly (DescribedTool | ExecutableTool)[] | undefined;
  /** Runs the calls that no `tool()` runs, all of one round at a time. Without it they come back as a `PausedResult`. */
  readonly toolHandler?: ToolHandler | undefined;
  /** How many rounds of tool calls are answered here before the call gives up with `ToolCallLimitError`. Default 10; the server's bound is 25. */
  readonly maxToolRounds?: number | undefined;
  /**
   * How many calls of one round run at a time. Default 5: enough to hide their waiting, few enough for the connection pools and rate limits
   * that tools of one program share.
   */
  readonly toolConcurrency?: number | undefined;
}

/** The tools as they are sent: without what they do. */
export function toWireTools(tools: readonly (DescribedTool | ExecutableTool)[]): Tool[] {
  return tools.map((each) => (isExecutable(each) ? { type: each.type, function: each.function } : (each as Tool))); // its type was checked
}
