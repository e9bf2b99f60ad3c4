import { RetryableError, TerminalError } from "../errors.ts";
import type { Usage } from "../events.ts";
import type { JsonObject, JsonSchema } from "../flow/definition.ts";
import { defaultEchoOptions, type EchoOptions, parseEchoOptions } from "./echo-options.ts";
import { parseObject } from "./json.ts";
import type { ToolCall } from "../events.ts";
import type { ChatMessage, ModelProvider, ModelRequest, ModelResponse, ToolDefinition } from "./model.ts";
import { sampleObject, SampleError } from "./sample.ts";

export const echoModel = "noukai/echo";

/**
 * The built-in model: no network, no cost, and always the same answer to the same request.
 *
 * - It answers with the text of the last user message; once tools were called, with their results, one a line, as `name: result`.
 * - With an `outputSchema` it answers with an object of that schema, made from the same text (`sampleObject`).
 * - With tools, unless `toolChoice` is `none`, it first calls each of them once, or the one that `toolChoice` names, with
 *   arguments that fit the tool's schema, under the ids `call_1`, `call_2` … counted through the conversation.
 * - It streams word by word. A token is four UTF-16 units, rounded up per text: the system prompt, each message and each
 *   call's arguments. `temperature` and `maxOutputTokens` change nothing.
 * - The model string's query, such as `noukai/echo?delayMs=200&failAttempts=1`, asks for delays, failures or a given text:
 *   `EchoOptions`.
 */
export const echo: ModelProvider = { generate };

/** What is wrong with a model string that names the echo model; `undefined` when nothing is. */
export function echoFault(model: string): string | undefined {
  const parsed = optionsOf(model);
  return "fault" in parsed ? `${echoModel} cannot be asked like this: ${parsed.fault}` : undefined;
}

async function generate(request: ModelRequest): Promise<ModelResponse> {
  const { signal } = request;
  signal.throwIfAborted();
  const options = readOptions(request.model);
  const answer = answerTo(request, options);
  const promptTokens = countPrompt(request);
  const isFailing = request.attempt <= options.failAttempts;
  if (options.delayMs > 0) await pause(options.delayMs, signal);
  const said = await speak(answer.text, request, {
    ...options,
    maxWords: isFailing ? options.failAfterWords : Infinity,
  });
  if (isFailing) throw failure(options, usageOf(promptTokens, tokensIn(said)));
  const completionTokens = tokensIn(said) + sum(answer.toolCalls, (call) => tokensIn(call.arguments));
  return { ...answer, usage: usageOf(promptTokens, completionTokens), modelUsed: echoModel };
}

type Answer = Pick<ModelResponse, "text" | "object" | "toolCalls">;

function answerTo(request: ModelRequest, { text }: EchoOptions): Answer {
  const { outputSchema } = request;
  if (text !== undefined) return { text, toolCalls: [], ...(outputSchema && parseObject(text)) };
  const toolCalls = callsFor(request);
  if (toolCalls.length > 0) return { text: "", toolCalls };
  const heard = hear(request.messages);
  if (outputSchema === undefined) return { text: heard, toolCalls };
  const object = makeUp(outputSchema, heard);
  return { text: JSON.stringify(object), object, toolCalls };
}

/** What there is to answer: the tools' results when the turn has come to them, else what the user said last. */
function hear(messages: readonly ChatMessage[]): string {
  const turn = currentTurn(messages);
  const calls = new Map(turn.flatMap((message) => (message.role === "assistant" ? callNames(message.toolCalls) : [])));
  const results = turn.filter((message) => message.role === "tool");
  if (results.length === 0) return turn[0]?.content ?? "";
  return results.map((result) => `${calls.get(result.toolCallId) ?? "tool"}: ${result.content}`).join("\n");
}

function callNames(calls: readonly ToolCall[] = []): readonly (readonly [string, string])[] {
  return calls.map((call) => [call.id, call.name]);
}

/** From the last user message on. */
function currentTurn(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const start = messages.findLastIndex((message) => message.role === "user");
  return messages.slice(Math.max(0, start));
}

function callsFor({ messages, tools = [], toolChoice = "auto" }: ModelRequest): readonly ToolCall[] {
  if (toolChoice === "none" || currentTurn(messages).some((message) => message.role === "tool")) return [];
  const wanted = typeof toolChoice === "string" ? tools : tools.filter((tool) => tool.name === toolChoice.name);
  if (typeof toolChoice !== "string" && wanted.length === 0) {
    throw new TerminalError(
      "MODEL_PROVIDER_ERROR",
      `${echoModel}: toolChoice names "${toolChoice.name}", which is not offered.`,
    );
  }
  const earlier = sum(messages, (message) => (message.role === "assistant" ? (message.toolCalls?.length ?? 0) : 0));
  return wanted.map((tool, index) => callOf(tool, `call_${earlier + index + 1}`, hear(messages)));
}

function callOf(tool: ToolDefinition, id: string, text: string): ToolCall {
  return { id, name: tool.name, arguments: JSON.stringify(makeUp(tool.parameters ?? {}, text)) };
}

function makeUp(schema: JsonSchema, text: string): JsonObject {
  try {
    return sampleObject(schema, text);
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    throw new TerminalError("OUTPUT_SCHEMA_MISMATCH", `${echoModel} cannot make up a value: ${error.message}.`);
  }
}

/** Says the first `maxWords` words of `text`, in time, and gives back what it said. */
async function speak(
  text: string,
  { onDelta, signal }: ModelRequest,
  { deltaMs, maxWords }: Pick<EchoOptions, "deltaMs"> & { readonly maxWords: number },
): Promise<string> {
  if (onDelta === undefined && deltaMs === 0 && maxWords === Infinity) return text;
  // White space belongs to the word before it, or to the first one.
  const words = (text.match(/^\s*\S+\s*|\S+\s*|^\s+$/g) ?? []).slice(0, maxWords);
  for (const [index, word] of words.entries()) {
    if (index > 0 && deltaMs > 0) await pause(deltaMs, signal);
    signal.throwIfAborted();
    onDelta?.(word);
  }
  return words.join("");
}

function failure({ code, retryAfterMs, terminal }: EchoOptions, tokens: Usage): Error {
  const message = `${echoModel} failed because it was told to.`;
  const cost = { modelUsed: echoModel, tokens, costUsd: "0" };
  return terminal
    ? new TerminalError(code, message, { cost })
    : new RetryableError(code, message, { retryAfterMs, cost });
}

/** Rejects with the signal's reason as soon as it aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function readOptions(model: string): EchoOptions {
  const parsed = optionsOf(model);
  if ("fault" in parsed) throw new TerminalError("MODEL_PROVIDER_ERROR", `${echoModel}: ${parsed.fault}`);
  return parsed.options;
}

function optionsOf(model: string): ReturnType<typeof parseEchoOptions> {
  if (model === echoModel) return { options: defaultEchoOptions };
  const [name, ...query] = model.split("?");
  if (name !== echoModel) return { fault: `There is no model "${name}"; the only built-in one is ${echoModel}.` };
  return parseEchoOptions(query.join("?"));
}

function countPrompt({ system = "", messages }: ModelRequest): number {
  const ofMessage = (message: ChatMessage): number =>
    tokensIn(message.content) +
    (message.role === "assistant" ? sum(message.toolCalls ?? [], (call) => tokensIn(call.arguments)) : 0);
  return tokensIn(system) + sum(messages, ofMessage);
}

function usageOf(prompt: number, completion: number): Usage {
  return { prompt, completion, total: prompt + completion };
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}

function sum<T>(values: readonly T[], amount: (value: T) => number): number {
  return values.reduce((total, value) => total + amount(value), 0);
}
