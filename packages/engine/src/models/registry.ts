import { costOf, freePrice, listPrice, type ModelPrice } from "../cost.ts";
import { TerminalError } from "../errors.ts";
import { createAiSdkModels } from "./ai-sdk.ts";
import type { ModelsConfig } from "./config.ts";
import { echo, echoFault } from "./echo.ts";
import type { Dialect, Endpoint, Endpoints } from "./endpoint.ts";
import { unreadableBy } from "./modalities.ts";
import type { ModelProvider, ModelResponse, Models } from "./model.ts";
import { modelIdOf, providerOf, splitModel } from "./names.ts";

/** Every model that `config` gives access to, and the built-in one. `now`, milliseconds since 1970, decides which list prices hold. */
export function createModels(config: ModelsConfig = {}, now: () => number = Date.now): Models {
  const endpoints = endpointsOf(config);
  const aiSdk = createAiSdkModels(endpoints);
  const unavailable = (model: string): string | undefined => faultOf(model, endpoints);
  return {
    unavailable,
    unreadable: unreadableBy,
    async generate(request) {
      const fault = unavailable(request.model);
      if (fault !== undefined) throw new TerminalError("MODEL_PROVIDER_ERROR", fault);
      return providerFor(request.model, aiSdk).generate(request);
    },
    costUsd(response) {
      if (response.isUsageUnknown === true) return null;
      const override = overrideFor(response, config.prices ?? {});
      if (override === undefined && response.reportedCostUsd !== undefined) return response.reportedCostUsd;
      const price = override ?? listPriceFor(response, endpoints, now());
      return price === undefined ? null : costOf(response, price);
    },
  };
}

const builtIn = "noukai";

/** Services with a name of their own: where they are, and what they speak. */
const services = {
  openai: { baseUrl: "https://api.openai.com/v1", dialect: "openai" },
  anthropic: { baseUrl: "https://api.anthropic.com/v1", dialect: "anthropic" },
  google: { baseUrl: "https://generativelanguage.googleapis.com/v1beta", dialect: "google" },
  openrouter: { baseUrl: "https://openrouter.ai/api/v1", dialect: "openrouter" },
} as const satisfies { readonly [name: string]: { readonly baseUrl: string; readonly dialect: Dialect } };

function endpointsOf(config: ModelsConfig): Endpoints {
  const set = Object.entries(services).flatMap(([name, service]): readonly (readonly [string, Endpoint])[] => {
    const { apiKey, baseUrl = service.baseUrl } = config[name as keyof typeof services] ?? {}; // reason: `entries` forgets the keys' type
    const isSet = apiKey !== undefined || baseUrl !== service.baseUrl;
    return isSet ? [[name, { baseUrl, dialect: service.dialect, ...(apiKey !== undefined && { apiKey }) }]] : [];
  });
  return { ...config.providers, ...Object.fromEntries(set) };
}

function providerFor(model: string, aiSdk: ModelProvider): ModelProvider {
  return providerOf(model) === builtIn ? echo : aiSdk;
}

/** What to do about a provider that is known and has not been set up. */
const remedies: { readonly [provider: string]: string } = {
  openai: "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server that needs no key.",
  openrouter: "Set OPENROUTER_API_KEY.",
  anthropic: "Set ANTHROPIC_API_KEY.",
  google: "Set GOOGLE_GENERATIVE_AI_API_KEY.",
};

function faultOf(model: string, endpoints: Endpoints): string | undefined {
  const [provider, modelId] = splitModel(model);
  if (provider === "" || modelId === "")
    return `"${model}" is not a model: write provider/model, such as openai/gpt-5-mini.`;
  if (provider === builtIn) return echoFault(model);
  if (Object.hasOwn(endpoints, provider)) return undefined;
  const remedy = Object.hasOwn(remedies, provider) ? remedies[provider] : undefined;
  if (remedy !== undefined) return `"${model}" cannot be called here. ${remedy}`;
  const known = [builtIn, ...Object.keys(endpoints)].join(", ");
  return `"${model}" names the unknown provider "${provider}". Known here: ${known}. NOUKAI_PROVIDERS adds one: {"${provider}": {"baseUrl": "https://…/v1", "apiKey": "…"}}.`;
}

/** The model that answered, then the one that was asked. */
function namesOf({ modelUsed, model = modelUsed }: ModelResponse): readonly string[] {
  return [modelUsed, model];
}

/** The operator's price, of the model that was asked before that of the one that answered. */
function overrideFor(
  response: ModelResponse,
  overrides: { readonly [model: string]: ModelPrice },
): ModelPrice | undefined {
  const name = namesOf(response).findLast((name) => Object.hasOwn(overrides, name));
  return name === undefined ? undefined : overrides[name];
}

/** The list price at the service that answered. */
function listPriceFor(response: ModelResponse, endpoints: Endpoints, at: number): ModelPrice | undefined {
  const provider = providerOf(response.modelUsed);
  if (provider === builtIn) return freePrice;
  const baseUrl = endpoints[provider]?.baseUrl;
  if (baseUrl === undefined) return undefined;
  const promptTokens = response.usage.prompt;
  const listed = namesOf(response).map((name) => listPrice({ baseUrl, modelId: modelIdOf(name), promptTokens, at }));
  return listed.find((price) => price !== undefined);
}
