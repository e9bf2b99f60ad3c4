import type { ToolCall, Usage } from "../events.ts";
import type { JsonObject, JsonSchema } from "../flow/definition.ts";

/** A file beside a user's text. Its address is handed to the provider; nothing here fetches it. */
export interface Attachment {
  /** https. */
  readonly url: string;
  /** Such as `image/png`. */
  readonly mimeType: string;
  readonly filename?: string;
}

/** One turn of a conversation as models see it. */
export type ChatMessage =
  | { readonly role: "user"; readonly content: string; readonly attachments?: readonly Attachment[] }
  | { readonly role: "assistant"; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly toolCallId: string; readonly content: string };

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonSchema;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

export interface ModelRequest {
  /** `provider/model`. */
  readonly model: string;
  readonly system?: string;
  /** Ends with the turn to answer. */
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** The answer must be an object of this schema. */
  readonly outputSchema?: JsonSchema;
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** From 1. */
  readonly attempt: number;
  /** Stable per run, step and attempt; passed on where the provider takes one. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Called with each piece of text as it is produced, in order. */
  readonly onDelta?: (text: string) => void;
}

export interface ModelResponse {
  /** The whole text; for an `outputSchema`, the JSON text the model wrote. */
  readonly text: string;
  /** Present when the request had an `outputSchema` and the text is a JSON object. Whether it fits the schema is for the caller to check. */
  readonly object?: JsonObject;
  readonly toolCalls: readonly ToolCall[];
  /** The provider's content filter kept the whole answer back. */
  readonly isRefused?: boolean;
  readonly usage: Usage;
  /** The provider did not say what the call used: `usage` is estimated, and the cost is not known. */
  readonly isUsageUnknown?: boolean;
  /** Parts of `usage` that cost differently; absent when the provider does not say. Read from its cache, and written to it. */
  readonly cachedPromptTokens?: number;
  readonly cacheWritePromptTokens?: number;
  readonly reasoningTokens?: number;
  /** What the provider itself says that the call cost, as a decimal string. */
  readonly reportedCostUsd?: string;
  /** The model that was asked, as in the request. Absent: the same as `modelUsed`. */
  readonly model?: string;
  /** The model that answered, as `provider/model`: services answer to `gpt-5-mini` as `gpt-5-mini-2025-08-07`. */
  readonly modelUsed: string;
}

/**
 * A port: a family of models behind one provider name. One call is one attempt: a provider never retries by itself.
 * Throws `TerminalError` or `RetryableError` for the provider's faults and the signal's reason when aborted.
 */
export interface ModelProvider {
  generate(request: ModelRequest): Promise<ModelResponse>;
}

/** Every model that this engine can call. */
export interface Models extends ModelProvider {
  /** Why `model` cannot be called here (unknown provider, missing key), with the fix; `undefined` when it can. */
  unavailable(model: string): string | undefined;
  /** Why `model` cannot read a file of this type; `undefined` when it can, or when nobody here knows. */
  unreadable(model: string, mimeType: string): string | undefined;
  /** What a call cost, as a decimal string; `null` when the model's price is not known. */
  costUsd(response: ModelResponse): string | null;
}
