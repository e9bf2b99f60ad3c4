import { ValueError } from "@noukai/core";
import type { ToolCall, ToolCallMessage } from "@noukai/core/schema";
import { show } from "../identifiers.ts";
import type { ToolResult } from "./tool-handler.ts";

/**
 * Results by their calls' ids, as the text that goes to the model. Throws `ValueError` that names the calls: those that nobody asked for and
 * those answered twice. `source` names where the results come from.
 */
export function readResults(
  results: readonly ToolResult[],
  calls: readonly ToolCall[],
  source: string,
): ReadonlyMap<string, string> {
  if (!Array.isArray(results)) {
    throw new ValueError(
      `\`${source}\` is ${show(results)}. Give a list of { toolCallId, output }, one for each call.`,
    );
  }
  const contents = new Map<string, string>();
  for (const [index, result] of results.entries()) {
    const { toolCallId, content } = readResult(result, `\`${source}[${index}]\``);
    if (!calls.some(({ id }) => id === toolCallId)) {
      throw new ValueError(
        `\`${source}[${index}]\` answers ${show(toolCallId)}, which nobody asked for. These wait: ${namesOf(calls)}.`,
      );
    }
    if (contents.has(toolCallId)) {
      throw new ValueError(
        `\`${source}[${index}]\` answers ${show(toolCallId)} a second time. Give one result for each call.`,
      );
    }
    contents.set(toolCallId, content);
  }
  return contents;
}

function readResult(result: unknown, where: string): { readonly toolCallId: string; readonly content: string } {
  const members = (result ?? {}) as Readonly<Record<string, unknown>>; // anything else has members
  const toolCallId = members["tool_call_id"] ?? members["toolCallId"];
  if (typeof toolCallId !== "string")
    throw new ValueError(`${where} has no \`toolCallId\`. Give the \`id\` of its call.`);
  if (!("content" in members || "output" in members)) {
    throw new ValueError(`${where} has no \`output\`. Give what the tool came to; null will do.`);
  }
  try {
    return { toolCallId, content: toContent(members["content"] ?? members["output"]) };
  } catch (cause) {
    throw new ValueError(`${where}: the result of ${toolCallId} cannot be written as JSON. Give plain data.`, {
      cause,
    });
  }
}

/** What a tool came to, as text for the model. Throws `TypeError` for what JSON cannot hold. */
export function toContent(output: unknown): string {
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "null"); // functions and undefined have no JSON
}

/** What the model is told of a call that came to nothing, so that it can mend it or do without. */
export function failureContent(message: string): string {
  return JSON.stringify({ error: message });
}

/** The message that answers a call. */
export function toMessage(call: ToolCall, content: string): ToolCallMessage {
  return { role: "tool", tool_call_id: call.id, content };
}

/** As `call_1 (get_weather), call_2 (get_time)`. */
export function namesOf(calls: readonly ToolCall[]): string {
  return calls.map(({ id, function: { name } }) => `${id} (${name})`).join(", ");
}
