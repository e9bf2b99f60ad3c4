import { splitModel } from "./names.ts";

/**
 * Models that read text alone, by provider; what is not listed may read images. It errs on the side of asking: a model that refuses an
 * image says so itself, but one that is refused here in error could not be used at all.
 * Source: the `modalities` of models.dev (github.com/anomalyco/models.dev), read 2026-11-20: families of which no member
 * has another input there.
 */
const textOnly: { readonly [provider: string]: readonly RegExp[] } = {
  openai: [/^gpt-3\.5/, /^gpt-4(-0613|-0314|-32k.*)?$/, /^o1-(mini|preview)/, /^o3-mini/],
  openrouter: [
    /^deepseek\/deepseek-(chat|r1|v3)/,
    /^meta-llama\/llama-3(\.1|\.3)?-/,
    /^mistralai\/(mistral-7b|mistral-nemo|mixtral|codestral)/,
    /^moonshotai\/kimi-k2(-0905|-thinking)?(:|$)/,
    /^openai\/(gpt-3\.5|gpt-4(:|$)|gpt-oss|o1-mini|o3-mini)/,
    /^qwen\/(qwen3-coder|qwen-2\.5-coder|qwq)/,
    /^z-ai\/glm-4\.(5|6|7)(-air|-flash)?(:|$)/,
  ],
};

/** Why `model` cannot read a file of this type; `undefined` when it can, or when nobody here knows. */
export function unreadableBy(model: string, mimeType: string): string | undefined {
  const [provider, modelId] = splitModel(model);
  const listed = Object.hasOwn(textOnly, provider) ? textOnly[provider] : undefined;
  if (listed?.some((family) => family.test(modelId)) !== true) return undefined;
  return `"${model}" reads text alone, not ${mimeType}.`;
}
