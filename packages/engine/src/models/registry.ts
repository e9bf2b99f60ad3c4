import { costOf, freePrice, listPrice, type ModelPrice } from "../cost.ts";
import { TerminalError } from "../errors.ts";
import { createAiSdkModels, type Endpoint } from "./ai-sdk.ts";
import type { ModelsConfig } from "./config.ts";
import { echo, echoFault } from "./echo.ts";
import type { ModelProvider, ModelResponse, Models } from "./model.ts";

/** Every model that `config` gives access to, and the built-in one. `now`, milliseconds since 1970, decides which list prices hold. */
export function createModels(config: ModelsConfig = {}, now: () => number = Date.now): Models {
  const endpoints = endpointsOf(config);
  const aiSdk = createAiSdkModels(endpoints);
  const unavailable = (model: string): string | undefined => faultOf(model, endpoints);
  return {
    unavailable,
    async generate(request) {
      const fault = unavailable(request.model);
      if (fault !== undefined) throw new TerminalError("MODEL_PROVIDER_ERROR", fault);
      return providerFor(request.model, aiSdk).generate(request);
    },
    costUsd(response) {
      if (response.isUsageUnknown === true) return null;
      const price = priceOf(response, { overrides: config.prices ?? {}, endpoints, at: now() });
      return price === undefined ? null : costOf(response, price);
    },
  };
}

type Endpoints = { readonly [provider: string]: Endpoint };

const builtIn = "noukai";

function endpointsOf({ openai, openrouter, providers }: ModelsConfig): Endpoints {
  const openaiUrl = openai?.baseUrl ?? "https://api.openai.com/v1";
  return {
    ...providers,
    ...((openai?.apiKey ?? openai?.baseUrl) !== undefined && {
      openai: { ...openai, baseUrl: openaiUrl, dialect: "openai" as const },
    }),
    ...(openrouter !== undefined && { openrouter: { ...openrouter, baseUrl: "https://openrouter.ai/api/v1" } }),
  };
}

function providerFor(model: string, aiSdk: ModelProvider): ModelProvider {
  return split(model)[0] === builtIn ? echo : aiSdk;
}

/** What to do about a provider that is known and has not been set up. */
const remedies: { readonly [provider: string]: string } = {
  openai: "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server that needs no key.",
  openrouter: "Set OPENROUTER_API_KEY.",
  anthropic: "This version does not speak Anthropic's own API: use it through openrouter/anthropic/….",
  google: "This version does not speak Google's own API: use it through openrouter/google/….",
};

function faultOf(model: string, endpoints: Endpoints): string | undefined {
  const [provider, modelId] = split(model);
  if (provider === "" || modelId === "")
    return `"${model}" is not a model: write provider/model, such as openai/gpt-5-mini.`;
  if (provider === builtIn) return echoFault(model);
  if (Object.hasOwn(endpoints, provider)) return undefined;
  const remedy = Object.hasOwn(remedies, provider) ? remedies[provider] : undefined;
  if (remedy !== undefined) return `"${model}" cannot be called here. ${remedy}`;
  const known = [builtIn, ...Object.keys(endpoints)].join(", ");
  return `"${model}" names the unknown provider "${provider}". Known here: ${known}. NOUKAI_PROVIDERS adds one: {"${provider}": {"baseUrl": "https://…/v1", "apiKey": "…"}}.`;
}

interface PriceSources {
  readonly overrides: { readonly [model: string]: ModelPrice };
  readonly endpoints: Endpoints;
  readonly at: number;
}

/** The operator's price for the model that was asked or that answered, else the list price at the service that answered. */
function priceOf(response: ModelResponse, { overrides, endpoints, at }: PriceSources): ModelPrice | undefined {
  const names = [response.modelUsed, response.model ?? response.modelUsed];
  const override = names.findLast((name) => Object.hasOwn(overrides, name));
  if (override !== undefined) return overrides[override];
  const [provider] = split(response.modelUsed);
  if (provider === builtIn) return freePrice;
  const baseUrl = endpoints[provider]?.baseUrl;
  if (baseUrl === undefined) return undefined;
  const promptTokens = response.usage.prompt;
  const listed = names.map((name) => listPrice({ baseUrl, modelId: split(name)[1], promptTokens, at }));
  return listed.find((price) => price !== undefined);
}

/** `provider/model`; the model's own name may have slashes. */
function split(model: string): readonly [provider: string, modelId: string] {
  const slash = model.indexOf("/");
  return slash === -1 ? ["", model] : [model.slice(0, slash), model.slice(slash + 1)];
}
