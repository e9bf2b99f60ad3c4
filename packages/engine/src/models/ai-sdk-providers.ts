import type { LanguageModelV4, ProviderV4 } from "@ai-sdk/provider";
import type { Endpoint, Endpoints } from "./endpoint.ts";

/** The models behind some endpoints, by `provider/model`. */
export interface ModelRegistry {
  languageModel(model: `${string}/${string}`): LanguageModelV4;
}

/** The AI SDK's provider registry over `endpoints`, with the packages of the dialects that they speak and no other. */
export async function loadModelRegistry(endpoints: Endpoints): Promise<ModelRegistry> {
  const { createProviderRegistry } = await import("ai");
  const providers = await Promise.all(
    Object.entries(endpoints).map(async ([name, endpoint]) => [name, await loadProvider(name, endpoint)] as const),
  );
  return createProviderRegistry(Object.fromEntries(providers), { separator: "/" });
}

/** Every base URL is given: the packages would read others from the environment. */
async function loadProvider(name: string, { baseUrl: baseURL, apiKey, dialect }: Endpoint): Promise<ProviderV4> {
  if (dialect === "openai" && apiKey !== undefined) {
    const { createOpenAI } = await import("@ai-sdk/openai");
    const openai = createOpenAI({ baseURL, apiKey });
    // By itself it would use the Responses API for all, which stores every conversation at OpenAI unless told not to.
    return {
      ...openai,
      languageModel: (id: string) => (needsResponsesApi(id) ? openai.responses(id) : openai.chat(id)),
    };
  }
  if (dialect === "anthropic" && apiKey !== undefined) {
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    return createAnthropic({ baseURL, apiKey });
  }
  if (dialect === "google" && apiKey !== undefined) {
    const { createGoogle } = await import("@ai-sdk/google");
    return createGoogle({ baseURL, apiKey });
  }
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  const key = apiKey === undefined ? {} : { apiKey };
  return createOpenAICompatible({ name, baseURL, ...key, includeUsage: true, supportsStructuredOutputs: true });
}

/** OpenAI serves these models on its Responses API alone. Source: its models pages, "Supported endpoints", 2026-11. */
export function needsResponsesApi(modelId: string): boolean {
  return /(^|-)(pro|codex|deep-research)(-|$)/.test(modelId);
}
