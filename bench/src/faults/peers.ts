/**
 * Small adapters of the peers, for the matrix of faults: each makes one streamed call as its manual shows, with its deadlines for silence set
 * as low as ours where it has any, and everything else at its defaults.
 */
import Anthropic, { AnthropicError, APIUserAbortError as AnthropicAbort } from "@anthropic-ai/sdk";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AISDKError, streamText } from "ai";
import OpenAI, { APIUserAbortError as OpenAIAbort, OpenAIError } from "openai";
import {
  type Dialect,
  SILENCE_MS,
  type Subject,
  type WireEvent,
} from "../../../packages/sdk/conformance/client/dialect.ts";
import { noukaiSubject } from "../../../packages/sdk/conformance/client/noukai.ts";

const PIECES = ["Die ", "😀Kät", "zchen ", "schlafen ", "nicht."];
const TEXT = PIECES.join("");

function openAiChunk(delta: object, finish: string | null): WireEvent {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { data: JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices }) };
}

const openAi: Dialect = {
  events: [
    openAiChunk({ role: "assistant", content: "" }, null),
    ...PIECES.map((content) => openAiChunk({ content }, null)),
    openAiChunk({}, "stop"),
    { data: "[DONE]" },
  ],
  text: TEXT,
  after: undefined,
  unknown: { event: "moon_phase", data: '{"phase":"full"}' },
  headers: {},
};

function anthropicEvent(type: string, members: object): WireEvent {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}

const usage = { input_tokens: 1, output_tokens: 1 };
const anthropic: Dialect = {
  events: [
    anthropicEvent("message_start", {
      message: { id: "m", type: "message", role: "assistant", content: [], model: "m", stop_reason: null, usage },
    }),
    anthropicEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...PIECES.map((text) => anthropicEvent("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    anthropicEvent("content_block_stop", { index: 0 }),
    anthropicEvent("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage }),
    anthropicEvent("message_stop", {}),
  ],
  text: TEXT,
  after: undefined,
  unknown: { event: "moon_phase", data: '{"type":"moon_phase"}' },
  headers: {},
};

const messages = [{ role: "user" as const, content: "hello" }];

const openAiSubject: Subject = {
  name: "openai",
  dialect: openAi,
  async *read(url, signal) {
    const client = new OpenAI({ apiKey: "sk-test", baseURL: `${url}/v1`, timeout: SILENCE_MS });
    const stream = await client.chat.completions.create({ model: "m", messages, stream: true }, { signal });
    let text = "";
    for await (const chunk of stream) yield (text += chunk.choices[0]?.delta.content ?? "");
  },
  isTyped: (error) => error instanceof OpenAIError,
  isAbort: (error) => error instanceof OpenAIAbort,
};

const anthropicSubject: Subject = {
  name: "@anthropic-ai/sdk",
  dialect: anthropic,
  async *read(url, signal) {
    const client = new Anthropic({ apiKey: "sk-test", baseURL: url, timeout: SILENCE_MS });
    const stream = await client.messages.create({ model: "m", max_tokens: 99, messages, stream: true }, { signal });
    let text = "";
    for await (const event of stream) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") yield (text += event.delta.text);
    }
  },
  isTyped: (error) => error instanceof AnthropicError,
  isAbort: (error) => error instanceof AnthropicAbort,
};

const aiSubject: Subject = {
  name: "ai (AI SDK)",
  dialect: openAi,
  async *read(url, signal) {
    const provider = createOpenAICompatible({ name: "peer", baseURL: `${url}/v1`, apiKey: "sk-test" });
    const { fullStream } = streamText({
      model: provider("m"),
      prompt: "hello",
      timeout: { chunkMs: SILENCE_MS, firstChunkMs: SILENCE_MS },
      ...(signal && { abortSignal: signal }),
      onError: () => {}, // it would print what the stream tells too
    });
    let text = "";
    for await (const part of fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "abort") throw new DOMException(part.reason, "AbortError");
      if (part.type === "text-delta") yield (text += part.text);
    }
  },
  isTyped: (error) => AISDKError.isInstance(error),
  isAbort: (error) => error instanceof Error && error.name === "AbortError",
};

/** Ours first. */
export const SUBJECTS: readonly Subject[] = [noukaiSubject, openAiSubject, anthropicSubject, aiSubject];
