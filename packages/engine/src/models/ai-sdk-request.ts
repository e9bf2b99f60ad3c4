import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { needsResponsesApi } from "./ai-sdk-providers.ts";
import type { Attachment, ChatMessage, ModelRequest, ToolDefinition } from "./model.ts";
import { modelIdOf } from "./names.ts";

/** A request as the AI SDK's model objects take it. */
export function callOptions(request: ModelRequest): LanguageModelV4CallOptions {
  const { temperature, maxOutputTokens, outputSchema, tools, toolChoice } = request;
  return {
    prompt: toPrompt(request),
    abortSignal: request.signal,
    headers: { "Idempotency-Key": request.idempotencyKey },
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(outputSchema !== undefined && { responseFormat: { type: "json", schema: outputSchema } }),
    ...(tools !== undefined && { tools: tools.map(toFunctionTool) }),
    ...(toolChoice !== undefined && {
      toolChoice: typeof toolChoice === "string" ? { type: toolChoice } : { type: "tool", toolName: toolChoice.name },
    }),
    providerOptions: providerOptions(modelIdOf(request.model)),
  };
}

function providerOptions(modelId: string): NonNullable<LanguageModelV4CallOptions["providerOptions"]> {
  return {
    // Strict mode refuses schemas with optional properties, which flows may have.
    openai: { strictJsonSchema: false, ...(needsResponsesApi(modelId) && { store: false }) },
    openaiCompatible: { strictJsonSchema: false },
  };
}

function toFunctionTool({ name, description, parameters }: ToolDefinition): LanguageModelV4FunctionTool {
  return {
    type: "function",
    name,
    ...(description !== undefined && { description }),
    inputSchema: parameters ?? { type: "object", properties: {} },
  };
}

function toPrompt({ system, messages }: ModelRequest): LanguageModelV4Prompt {
  const calls = messages.flatMap((message) => (message.role === "assistant" ? (message.toolCalls ?? []) : []));
  const names = new Map(calls.map((call) => [call.id, call.name]));
  const head: LanguageModelV4Prompt = system === undefined ? [] : [{ role: "system", content: system }];
  return [...head, ...messages.map((message) => toPromptMessage(message, names))];
}

function toFilePart({ url, mimeType, filename }: Attachment): LanguageModelV4FilePart {
  return {
    type: "file",
    data: { type: "url", url: new URL(url) },
    mediaType: mimeType,
    ...(filename !== undefined && { filename }),
  };
}

function toPromptMessage(message: ChatMessage, toolNames: ReadonlyMap<string, string>): LanguageModelV4Message {
  switch (message.role) {
    case "user":
      return {
        role: "user",
        content: [{ type: "text", text: message.content }, ...(message.attachments ?? []).map(toFilePart)],
      };
    case "assistant": {
      const text = message.content === "" ? [] : [{ type: "text" as const, text: message.content }];
      // As JSON text: OpenAI's protocol sends it as it is, so the model sees its own arguments to the letter; the others parse it.
      const calls = (message.toolCalls ?? []).map((call) => ({
        type: "tool-call" as const,
        toolCallId: call.id,
        toolName: call.name,
        input: call.arguments,
      }));
      return { role: "assistant", content: [...text, ...calls] };
    }
    case "tool":
    default: {
      const { toolCallId, content } = message;
      const toolName = toolNames.get(toolCallId) ?? toolCallId;
      return {
        role: "tool",
        content: [{ type: "tool-result", toolCallId, toolName, output: { type: "text", value: content } }],
      };
    }
  }
}
