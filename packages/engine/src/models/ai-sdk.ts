import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { parseObject } from "./json.ts";
import { toModelError, TruncatedAnswerError } from "./model-error.ts";
import type { Attachment, ChatMessage, ModelProvider, ModelRequest, ModelResponse, ToolDefinition } from "./model.ts";

/** A service that speaks OpenAI's chat completions. */
export interface Endpoint {
  /** Such as `https://api.openai.com/v1`. Set by the operator, so it may be a local one. */
  readonly baseUrl: string;
  /** Absent: no `Authorization` header is sent. */
  readonly apiKey?: string;
  /**
   * `openai` knows OpenAI's own models: which of them want `max_completion_tokens`, refuse a temperature, call the system prompt
   * `developer`. `compatible`, the default, sends plain chat completions, as Ollama, vLLM and most others take them.
   */
  readonly dialect?: "openai" | "compatible";
}

/**
 * The AI SDK's provider registry over `endpoints`, by name. One call is one HTTP request: it goes to the model object's own
 * `doGenerate` or, with `onDelta`, `doStream`. The SDK's `generateText` and `streamText` are loops around these that retry, run
 * tools, download URLs of prompts, log to the console and re-serialise the arguments of tool calls, none of which may happen here.
 * The SDK is loaded at the first call, which keeps it out of the time to start.
 */
export function createAiSdkModels(endpoints: { readonly [name: string]: Endpoint }): ModelProvider {
  let registry: ReturnType<typeof loadRegistry> | undefined;
  return {
    async generate(request) {
      request.signal.throwIfAborted();
      registry ??= loadRegistry(endpoints);
      const model: LanguageModelV4 = (await registry).languageModel(`${providerOf(request)}/${modelIdOf(request)}`);
      return attempt(model, request);
    },
  };
}

async function loadRegistry(endpoints: { readonly [name: string]: Endpoint }) {
  const [{ createProviderRegistry }, { createOpenAI }, { createOpenAICompatible }] = await Promise.all([
    import("ai"),
    import("@ai-sdk/openai"),
    import("@ai-sdk/openai-compatible"),
  ]);
  const provider = (name: string, { baseUrl, apiKey, dialect }: Endpoint) => {
    if (dialect === "openai" && apiKey !== undefined) {
      const openai = createOpenAI({ baseURL: baseUrl, apiKey });
      // By itself it would use the Responses API, which stores every conversation at OpenAI.
      return { ...openai, languageModel: (modelId: string) => openai.chat(modelId) };
    }
    return createOpenAICompatible({
      name,
      baseURL: baseUrl,
      ...(apiKey !== undefined && { apiKey }),
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
  };
  const providers = Object.entries(endpoints).map(([name, endpoint]) => [name, provider(name, endpoint)] as const);
  return createProviderRegistry(Object.fromEntries(providers), { separator: "/" });
}

async function attempt(model: LanguageModelV4, request: ModelRequest): Promise<ModelResponse> {
  try {
    const options = callOptions(request);
    const answer =
      request.onDelta === undefined ? await ask(model, options) : await listen(model, options, request.onDelta);
    return toResponse(answer, request);
  } catch (error) {
    request.signal.throwIfAborted();
    throw toModelError(error, request.model);
  }
}

/** What both ways of asking come to. */
interface Answer {
  readonly content: readonly LanguageModelV4Content[];
  readonly usage: LanguageModelV4Usage;
  readonly modelId: string | undefined;
}

async function ask(model: LanguageModelV4, options: LanguageModelV4CallOptions): Promise<Answer> {
  const { content, usage, response } = await model.doGenerate(options);
  return { content, usage, modelId: response?.modelId };
}

async function listen(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  onDelta: (text: string) => void,
): Promise<Answer> {
  const { stream } = await model.doStream(options);
  const content: LanguageModelV4Content[] = [];
  let modelId: string | undefined;
  // Leaving the loop by an error cancels the stream, which closes the connection.
  for await (const part of stream) {
    if (part.type === "error") throw part.error;
    if (part.type === "response-metadata") modelId ??= part.modelId;
    if (part.type === "tool-call") content.push(part);
    if (part.type === "text-delta" && part.delta !== "") {
      content.push({ type: "text", text: part.delta });
      onDelta(part.delta);
    }
    if (part.type === "finish") {
      // A provider that ends well says why it ended.
      if (part.finishReason.raw === undefined) throw new TruncatedAnswerError();
      return { content, usage: part.usage, modelId };
    }
  }
  throw new TruncatedAnswerError();
}

function toResponse({ content, usage, modelId }: Answer, request: ModelRequest): ModelResponse {
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  const toolCalls = content.filter((part) => part.type === "tool-call").map(toToolCall);
  return {
    text,
    ...(request.outputSchema !== undefined && parseObject(text)),
    toolCalls,
    ...toUsage(usage),
    model: request.model,
    modelUsed: `${providerOf(request)}/${modelId ?? modelIdOf(request)}`,
  };
}

function toToolCall({ toolCallId, toolName, input }: LanguageModelV4ToolCall): ModelResponse["toolCalls"][number] {
  return { id: toolCallId, name: toolName, arguments: input };
}

type UsageParts = Pick<ModelResponse, "usage" | "cachedPromptTokens" | "reasoningTokens" | "isUsageUnknown">;

function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): UsageParts {
  const prompt = inputTokens.total ?? 0;
  const completion = outputTokens.total ?? 0;
  return {
    usage: { prompt, completion, total: prompt + completion },
    ...(inputTokens.total === undefined && outputTokens.total === undefined && { isUsageUnknown: true }),
    ...(inputTokens.cacheRead !== undefined && { cachedPromptTokens: inputTokens.cacheRead }),
    ...(outputTokens.reasoning !== undefined && { reasoningTokens: outputTokens.reasoning }),
  };
}

function callOptions(request: ModelRequest): LanguageModelV4CallOptions {
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
    // Strict mode refuses schemas with optional properties, which flows may have.
    providerOptions: { openai: { strictJsonSchema: false }, openaiCompatible: { strictJsonSchema: false } },
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
      // A string of JSON is sent as it is, so the model sees its own arguments to the letter.
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

function providerOf({ model }: ModelRequest): string {
  return model.slice(0, model.indexOf("/"));
}

function modelIdOf({ model }: ModelRequest): string {
  return model.slice(model.indexOf("/") + 1);
}
