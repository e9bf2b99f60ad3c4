import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { loadModelRegistry, type ModelRegistry } from "./ai-sdk-providers.ts";
import { callOptions } from "./ai-sdk-request.ts";
import type { Endpoints } from "./endpoint.ts";
import { parseObject } from "./json.ts";
import { toModelError, TruncatedAnswerError } from "./model-error.ts";
import type { ModelProvider, ModelRequest, ModelResponse } from "./model.ts";
import { modelIdOf, providerOf } from "./names.ts";
import { estimateUsage, readOpenRouterCost, readUsage } from "./usage.ts";

/**
 * The AI SDK's models behind `endpoints`, by name. One call is one HTTP request: it goes to the model object's own `doGenerate` or, with
 * `onDelta`, `doStream`. The SDK's `generateText` and `streamText` are loops around these that retry, run tools, download URLs of
 * prompts, log to the console and re-serialise the arguments of tool calls, none of which may happen here. (Google's models alone may go
 * on in a further request, when an answer is longer than one may be; its usage is that of all of them.)
 * The SDK is loaded at the first call, which keeps it out of the time to start.
 */
export function createAiSdkModels(endpoints: Endpoints): ModelProvider {
  let registry: Promise<ModelRegistry> | undefined;
  return {
    async generate(request) {
      request.signal.throwIfAborted();
      registry ??= loadModelRegistry(endpoints);
      const provider = providerOf(request.model);
      const model = (await registry).languageModel(`${provider}/${modelIdOf(request.model)}`);
      const answer = await attempt(model, request);
      const isPriced = endpoints[provider]?.dialect === "openrouter";
      return { ...toResponse(answer, request), ...(isPriced && readOpenRouterCost(answer.usage)) };
    },
  };
}

async function attempt(model: LanguageModelV4, request: ModelRequest): Promise<Answer> {
  try {
    const options = callOptions(request);
    const { onDelta } = request;
    return onDelta === undefined ? await ask(model, options) : await listen(model, options, onDelta);
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
  readonly finish: LanguageModelV4FinishReason["unified"];
}

async function ask(model: LanguageModelV4, options: LanguageModelV4CallOptions): Promise<Answer> {
  const { content, usage, response, finishReason } = await model.doGenerate(options);
  return { content, usage, modelId: response?.modelId, finish: finishReason.unified };
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
      if (isCut(part.finishReason)) throw new TruncatedAnswerError();
      return { content, usage: part.usage, modelId, finish: part.finishReason.unified };
    }
  }
  throw new TruncatedAnswerError();
}

/** A provider that ends well says so, and on most APIs why. */
function isCut({ unified, raw }: LanguageModelV4FinishReason): boolean {
  return unified === "interrupted" || (unified === "other" && raw === undefined);
}

function toResponse({ content, usage, modelId, finish }: Answer, request: ModelRequest): ModelResponse {
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  const toolCalls = content.filter((part) => part.type === "tool-call").map(toToolCall);
  return {
    text,
    ...(request.outputSchema !== undefined && parseObject(text)),
    toolCalls,
    ...(finish === "content-filter" && text === "" && toolCalls.length === 0 && { isRefused: true }),
    ...(readUsage(usage) ?? { usage: estimateUsage(request, answerLength(text, toolCalls)), isUsageUnknown: true }),
    model: request.model,
    modelUsed: `${providerOf(request.model)}/${modelId ?? modelIdOf(request.model)}`,
  };
}

function toToolCall({ toolCallId, toolName, input }: LanguageModelV4ToolCall): ModelResponse["toolCalls"][number] {
  return { id: toolCallId, name: toolName, arguments: input };
}

function answerLength(text: string, toolCalls: ModelResponse["toolCalls"]): number {
  return toolCalls.reduce((length, call) => length + call.arguments.length, text.length);
}
