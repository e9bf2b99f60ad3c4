import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import { addUsd, isUsd } from "../cost.ts";
import type { Usage } from "../events.ts";
import { hasMembers } from "./json.ts";
import type { ModelRequest, ModelResponse } from "./model.ts";

/** What a call used. */
export type ReportedUsage = Pick<
  ModelResponse,
  "usage" | "cachedPromptTokens" | "cacheWritePromptTokens" | "reasoningTokens"
>;

/** What the provider says that the call used; nothing where it says nothing, as some local servers do. */
export function readUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): ReportedUsage | undefined {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  const prompt = inputTokens.total ?? 0;
  const completion = outputTokens.total ?? 0;
  return {
    usage: { prompt, completion, total: prompt + completion },
    ...(inputTokens.cacheRead !== undefined && { cachedPromptTokens: inputTokens.cacheRead }),
    ...(inputTokens.cacheWrite !== undefined && { cacheWritePromptTokens: inputTokens.cacheWrite }),
    ...(outputTokens.reasoning !== undefined && { reasoningTokens: outputTokens.reasoning }),
  };
}

/**
 * What OpenRouter says that the call cost, in its usage's own form. For a call on the caller's own key at the provider behind it, `cost` is
 * OpenRouter's fee alone, and what that provider asks stands beside it. Source: openrouter.ai/docs/use-cases/usage-accounting.
 */
export function readOpenRouterCost({ raw = {} }: LanguageModelV4Usage): Pick<ModelResponse, "reportedCostUsd"> {
  const fee = amountOf(raw["cost"]);
  if (fee === undefined) return {};
  const details = raw["cost_details"];
  const upstream =
    raw["is_byok"] === true && hasMembers(details) ? amountOf(Reflect.get(details, "upstream_inference_cost")) : "0";
  return { reportedCostUsd: addUsd(fee, upstream ?? "0") };
}

function amountOf(value: unknown): string | undefined {
  return typeof value === "number" && isUsd(String(value)) ? String(value) : undefined;
}

/** About what a call used whose provider does not say. Source of the ratio: OpenAI's help, "What are tokens": about four characters each. */
export function estimateUsage({ system = "", messages }: ModelRequest, writtenLength: number): Usage {
  const asked = messages.reduce((length, { content }) => length + content.length, system.length);
  const prompt = Math.ceil(asked / charactersPerToken);
  const completion = Math.ceil(writtenLength / charactersPerToken);
  return { prompt, completion, total: prompt + completion };
}

const charactersPerToken = 4;
