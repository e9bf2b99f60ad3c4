import type { ChatMessage, RunRequest, ToolCall } from "@noukai/engine";
import { z } from "zod";
import { parseValue, refusal } from "./body.ts";
import { ApiError, type Issue } from "./errors.ts";
import { zMessages } from "./generated/zod.gen.ts";

/** Source: `contract.md` §4. */
const maxBytes = 1_000_000;

/** The member of a body that holds a conversation; `readConversation` judges it, with codes of its own. */
export const conversationMember = { messages: z.unknown().optional() };

type Entry = NonNullable<z.infer<typeof zMessages>>[number];

/**
 * A conversation as a run takes it: the text of the last user entry is its message, the entries before it are the turns before its first
 * prompt. Throws 413 `MESSAGES_TOO_LARGE` and 400 `MESSAGES_ROLE_INVALID`, `MISSING_MESSAGE`, `INVALID_REQUEST`.
 */
export function readConversation(messages: unknown): Required<Pick<RunRequest, "message" | "history">> {
  if (Buffer.byteLength(JSON.stringify(messages)) > maxBytes) {
    throw new ApiError(
      "MESSAGES_TOO_LARGE",
      `messages is larger than ${maxBytes} bytes. Send its latest entries only.`,
    );
  }
  const spelled = Array.isArray(messages) ? messages.map(spellAsDocumented) : messages;
  const entries =
    parseValue(spelled, zMessages, {
      at: ["messages"],
      codeOf: (paths) => (paths.every(([, member]) => member === "role") ? "MESSAGES_ROLE_INVALID" : "INVALID_REQUEST"),
    }) ?? [];
  requireText(entries);
  const last = entries.findLastIndex(({ role }) => role === "user");
  const lastEntry = entries[last];
  if (lastEntry === undefined) {
    throw refusal("MISSING_MESSAGE", [
      { path: "messages", message: "has no entry of the role user, whose text is the flow's message" },
    ]);
  }
  return { message: textOf(lastEntry), history: entries.slice(0, last).map(toTurn) };
}

/** Clients in the field send the snake_case names of OpenAI's API. */
function spellAsDocumented(entry: unknown): unknown {
  if (typeof entry !== "object" || entry === null) return entry;
  const { tool_calls: toolCalls, tool_call_id: toolCallId, ...rest } = entry as Readonly<Record<string, unknown>>; // the schema judges what is in it
  return { ...(toolCalls !== undefined && { toolCalls }), ...(toolCallId !== undefined && { toolCallId }), ...rest };
}

/** Images and files in a conversation are not passed on yet, and must not be lost in silence. */
function requireText(entries: readonly Entry[]): void {
  const issues: Issue[] = [];
  for (const [index, { content }] of entries.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [place, { type }] of content.entries()) {
      if (type !== "text") issues.push({ path: `messages[${index}].content[${place}]`, message: "is not built yet" });
    }
  }
  if (issues.length === 0) return;
  throw new ApiError("NOT_IMPLEMENTED", "This server passes on parts of the type text only. Leave the others out.", {
    issues,
  });
}

function textOf({ content }: Entry): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n");
}

function toTurn(entry: Entry, index: number): ChatMessage {
  const { role, toolCalls, toolCallId } = entry;
  const content = textOf(entry);
  switch (role) {
    case "user":
      return { role, content };
    case "assistant":
      return { role, content, ...(toolCalls?.length && { toolCalls: toolCalls.map(toToolCall) }) };
    case "tool": {
      if (toolCallId == null || toolCallId === "") {
        throw refusal("INVALID_REQUEST", [
          { path: `messages[${index}].toolCallId`, message: "is missing; must be the id of the call that is answered" },
        ]);
      }
      return { role, toolCallId, content };
    }
  }
}

function toToolCall({ id, function: { name, arguments: text } }: NonNullable<Entry["toolCalls"]>[number]): ToolCall {
  return { id, name, arguments: text };
}
