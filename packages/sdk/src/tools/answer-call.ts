import type { ToolCall } from "@noukai/core/schema";
import type { ExecutableTool, ToolContext } from "./executable-tool.ts";
import { runTool } from "./run-tool.ts";
import type { ToolResult } from "./tool-handler.ts";
import { failureContent } from "./tool-results.ts";
import { readArguments } from "./tool-schema.ts";

/** What `answerToolCall` does, once it is loaded. */
export async function answerCall(
  call: ToolCall,
  tool: ExecutableTool,
  { signal, executionId, stepId }: Omit<ToolContext, "toolCallId">,
): Promise<ToolResult> {
  const read = await readArguments(call.function.arguments, tool.input);
  if ("fault" in read) return { toolCallId: call.id, content: failureContent(read.fault) };
  const kept = { outcomes: new Map<string, string>(), running: new Map<string, Promise<unknown>>() };
  await runTool({ call, tool, args: read.args }, { request: { executionId, stepId }, signal, ...kept });
  return { toolCallId: call.id, content: kept.outcomes.get(call.id) };
}
