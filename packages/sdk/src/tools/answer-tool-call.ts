import type { ToolCall } from "@noukai/core/schema";
import { loaded } from "../streaming.ts";
import type { ExecutableTool, ToolContext } from "./executable-tool.ts";
import type { ToolResult } from "./tool-handler.ts";

/**
 * Runs one tool call by hand, as calls that are given `tools` run theirs: its arguments are checked, it has the tool's `timeoutMs`, and what
 * fails becomes what the model is told. The result is one of `toolResults` of `paused.resume()`. Does not ask `needsApproval`. Throws only the
 * signal's reason, as soon as it aborts.
 */
export async function answerToolCall(
  call: ToolCall,
  tool: ExecutableTool,
  context: Omit<ToolContext, "toolCallId">,
): Promise<ToolResult> {
  const { answerCall } = await loaded(import("./rounds.ts"), { executionId: context.executionId });
  return answerCall(call, tool, context);
}
