import { calcPrice, type ModelPrice as ListedPrice } from "@pydantic/genai-prices";
import { addDecimals, amountPattern, formatDecimal, parseDecimal } from "./decimal.ts";
import type { Usage } from "./events.ts";

/** What a model's tokens cost: US dollars as decimal strings, such as `"0.25"`. */
export interface ModelPrice {
  readonly promptPerMillion: string;
  readonly completionPerMillion: string;
  /** Default: `promptPerMillion`. */
  readonly cachedPromptPerMillion?: string;
  /** Tokens of the prompt that the provider puts into its cache. Default: `promptPerMillion`. */
  readonly cacheWritePerMillion?: string;
  /** Default: `completionPerMillion`. */
  readonly reasoningPerMillion?: string;
  /** For each call, whatever its length. Default: nothing. */
  readonly perRequest?: string;
}

export const freePrice: ModelPrice = { promptPerMillion: "0", completionPerMillion: "0" };

/** What a call used, as far as it matters for its price. */
export interface BilledUsage {
  readonly usage: Usage;
  /** Part of `usage.prompt`. Default 0. */
  readonly cachedPromptTokens?: number;
  /** Part of `usage.prompt`, beside the cached ones. Default 0. */
  readonly cacheWritePromptTokens?: number;
  /** Part of `usage.completion`. Default 0. */
  readonly reasoningTokens?: number;
}

/** Where and when a model was called: prices belong to the service that answers, not to the model's name. */
export interface PriceQuery {
  readonly baseUrl: string;
  /** The model's name as that service knows it. */
  readonly modelId: string;
  /** Tokens of the prompt; some models cost more past a threshold. */
  readonly promptTokens: number;
  /** Milliseconds since 1970; prices change. */
  readonly at: number;
}

/**
 * The price that the service behind `baseUrl` asks for a model; `undefined` when the table does not know it, as for any local
 * server. The table is the data of the pinned package `@pydantic/genai-prices` (MIT), gathered from the providers' price pages;
 * a newer one comes with a newer version, never over the network.
 */
export function listPrice(query: PriceQuery): ModelPrice | undefined {
  const found = calcPrice({}, query.modelId, { providerApiUrl: query.baseUrl, timestamp: new Date(query.at) });
  if (found === null) return undefined;
  const rate = (key: string): string | undefined => decimalOf(found.model_price[key], query.promptTokens);
  const prompt = rate("input_mtok");
  const completion = rate("output_mtok");
  if (prompt === undefined || completion === undefined) return undefined;
  const perThousandRequests = rate("requests_kcount");
  return {
    promptPerMillion: prompt,
    completionPerMillion: completion,
    cachedPromptPerMillion: rate("cache_read_mtok") ?? prompt,
    cacheWritePerMillion: rate("cache_write_mtok") ?? prompt,
    reasoningPerMillion: rate("output_reasoning_mtok") ?? completion,
    perRequest: perThousandRequests === undefined ? "0" : scaleDown(perThousandRequests, 3),
  };
}

type Rate = ListedPrice[string];

/** A tier's price holds for the whole call once its prompt is longer than the tier's start. */
function decimalOf(rate: Rate, promptTokens: number): string | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate === "number") return String(rate);
  const tier = rate.tiers.toSorted((a, b) => a.start - b.start).findLast((tier) => promptTokens > tier.start);
  return String(tier?.price ?? rate.base);
}

/** What a call cost, exactly, as a decimal string without trailing zeros. */
export function costOf({ usage, ...parts }: BilledUsage, price: ModelPrice): string {
  // A provider that reports a part larger than its whole must not make the rest negative.
  const cached = Math.min(parts.cachedPromptTokens ?? 0, usage.prompt);
  const cacheWrite = Math.min(parts.cacheWritePromptTokens ?? 0, usage.prompt - cached);
  const reasoning = Math.min(parts.reasoningTokens ?? 0, usage.completion);
  return [
    usd(usage.prompt - cached - cacheWrite, price.promptPerMillion),
    usd(cached, price.cachedPromptPerMillion ?? price.promptPerMillion),
    usd(cacheWrite, price.cacheWritePerMillion ?? price.promptPerMillion),
    usd(usage.completion - reasoning, price.completionPerMillion),
    usd(reasoning, price.reasoningPerMillion ?? price.completionPerMillion),
    price.perRequest ?? "0",
  ].reduce(addUsd);
}

/** `tokens` at a price per million of them, exactly. `tokens` is a whole number ≥ 0. */
export function usd(tokens: number, pricePerMillion: string): string {
  const price = parseDecimal(pricePerMillion);
  return formatDecimal({ units: BigInt(tokens) * price.units, scale: price.scale + 6 });
}

/** The exact sum of two amounts. */
export function addUsd(a: string, b: string): string {
  return addDecimals(requireAmount(a), requireAmount(b));
}

function requireAmount(text: string): string {
  if (isUsd(text)) return text;
  throw new RangeError(`"${text}" is not an amount: write digits and at most one point, such as "0.25".`);
}

/** Is `text` an amount that the functions here take: digits, perhaps a point and digits, perhaps an exponent; never negative? */
export function isUsd(text: string): boolean {
  return amountPattern.test(text);
}

function scaleDown(text: string, places: number): string {
  const { units, scale } = parseDecimal(text);
  return formatDecimal({ units, scale: scale + places });
}
