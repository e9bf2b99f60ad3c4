import { RequestError } from "./errors.ts";
import type { Json, JsonObject } from "./flow/definition.ts";
import { isList, isObject } from "./flow/json.ts";
import type { ToolCall } from "./events.ts";
import type { ChatMessage } from "./models/model.ts";

/**
 * The messages of a tool conversation as callers see and echo them: those of OpenAI's chat API. They are opaque to callers; what the log
 * holds is believed, and of what comes back only the answers to the calls that wait are read.
 */

/** The assistant's message that asks for `calls`. */
export function askingMessage(text: string, calls: readonly ToolCall[]): JsonObject {
  return {
    role: "assistant",
    content: text === "" ? null : text,
    tool_calls: calls.map(({ id, name, arguments: text }) => ({
      id,
      type: "function",
      function: { name, arguments: text },
    })),
  };
}

/** The log's messages as a model takes them. */
export function toChatMessages(messages: readonly JsonObject[]): readonly ChatMessage[] {
  return messages.map((message) => {
    const content = textOf(message["content"]);
    if (message["role"] === "tool") return { role: "tool", toolCallId: textOf(message["tool_call_id"]), content };
    const calls = message["tool_calls"];
    return { role: "assistant", content, toolCalls: isList(calls) ? calls.flatMap(toToolCall) : [] };
  });
}

function toToolCall(call: Json): readonly ToolCall[] {
  if (!isObject(call)) return [];
  const about = call["function"];
  return isObject(about)
    ? [{ id: textOf(call["id"]), name: textOf(about["name"]), arguments: textOf(about["arguments"]) }]
    : [];
}

/**
 * The caller's answers to `calls`, one message per call in the order of the calls. Reads the tool messages at the end of what was sent, and
 * both spellings that clients in the field use: `tool_call_id` and `toolCallId`, `content` and `output`. Throws `TOOL_RESULTS_MISMATCH`.
 */
export function readToolResults(sent: readonly Json[], calls: readonly ToolCall[]): readonly JsonObject[] {
  const results = new Map<string, string>();
  const issues: { path: string; message: string }[] = [];
  for (const [index, message] of trailingToolMessages(sent)) {
    const path = `toolCallMessages[${index}]`;
    const id = message["tool_call_id"] ?? message["toolCallId"];
    if (typeof id !== "string" || !calls.some((call) => call.id === id)) {
      issues.push({
        path: `${path}.tool_call_id`,
        message: `answers no call that waits. These do: ${calls.map((call) => call.id).join(", ")}.`,
      });
    } else if (results.has(id)) {
      issues.push({
        path: `${path}.tool_call_id`,
        message: `answers "${id}" a second time. Send one message per call.`,
      });
    } else {
      results.set(id, toContent(message["content"] ?? message["output"] ?? ""));
    }
  }
  for (const { id, name } of calls) {
    if (!results.has(id))
      issues.push({ path: "toolCallMessages", message: `has no answer to call "${id}" of "${name}".` });
  }
  if (issues.length > 0) {
    const text = issues.map(({ path, message }) => `${path} ${message}`).join(" ");
    throw new RequestError("TOOL_RESULTS_MISMATCH", `The tool results do not fit the calls that wait: ${text}`, issues);
  }
  return calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: results.get(id) ?? "" }));
}

/** The tool messages behind the last message of another role, each with its place in what was sent. */
function trailingToolMessages(sent: readonly Json[]): readonly (readonly [number, JsonObject])[] {
  const lastOther = sent.findLastIndex((message) => !isObject(message) || message["role"] !== "tool");
  return sent
    .slice(lastOther + 1)
    .flatMap((message, offset) => (isObject(message) ? [[lastOther + 1 + offset, message]] : []));
}

function toContent(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
