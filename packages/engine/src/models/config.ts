import { isUsd, type ModelPrice } from "../cost.ts";
import type { Endpoint } from "./endpoint.ts";
import { parseObject } from "./json.ts";

/** Which models this engine may call. Plain data; `modelsConfigFromEnv` reads it from the environment. */
export interface ModelsConfig {
  /** `openai/…`. Without a key only with the `baseUrl` of a server that wants none, such as a local Ollama. */
  readonly openai?: { readonly apiKey?: string; readonly baseUrl?: string };
  /** `anthropic/…`, `google/…` and `openrouter/…`. `baseUrl` is for a gateway in between; default: the service's own. */
  readonly anthropic?: KeyedService;
  readonly google?: KeyedService;
  readonly openrouter?: KeyedService;
  /** More services that speak OpenAI's chat completions, by the provider's name in model strings. */
  readonly providers?: { readonly [name: string]: Pick<Endpoint, "baseUrl" | "apiKey"> };
  /** Prices by `provider/model`, instead of the list's. */
  readonly prices?: { readonly [model: string]: ModelPrice };
}

/** A service that always wants a key. */
export type KeyedService = { readonly apiKey: string; readonly baseUrl?: string };

type Env = { readonly [variable: string]: string | undefined };

/** Names in model strings that have settings of their own. */
const reservedNames = ["noukai", "openai", "anthropic", "google", "openrouter"];

/** Where the keys of the services that want nothing else stand. */
const keyVariables = {
  anthropic: "ANTHROPIC_API_KEY",
  google: "GOOGLE_GENERATIVE_AI_API_KEY",
  openrouter: "OPENROUTER_API_KEY",
} as const;

/**
 * Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL`, the `keyVariables`, `NOUKAI_PROVIDERS` and `NOUKAI_PRICES`; an empty variable is one that
 * is not set. `faults` are all of them, for people, and never repeat a value: it may be a key. With faults, `config` is
 * what could be read.
 */
export function modelsConfigFromEnv(env: Env): { readonly config: ModelsConfig; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const reportOf = (variable: string) => (fault: string) => void faults.push(`${variable} ${fault}`);
  const apiKey = readKey(env["OPENAI_API_KEY"], reportOf("OPENAI_API_KEY"));
  const baseUrl = readUrl(env["OPENAI_BASE_URL"], reportOf("OPENAI_BASE_URL"));
  const keyed = Object.entries(keyVariables).flatMap(([service, variable]) => {
    const key = readKey(env[variable], reportOf(variable));
    return key === undefined ? [] : [[service, { apiKey: key }] as const];
  });
  const providers = readMembers(env["NOUKAI_PROVIDERS"], providersReader, faults);
  const prices = readMembers(env["NOUKAI_PRICES"], pricesReader, faults);
  const config: ModelsConfig = {
    ...((apiKey ?? baseUrl) !== undefined && {
      openai: { ...(apiKey !== undefined && { apiKey }), ...(baseUrl !== undefined && { baseUrl }) },
    }),
    ...Object.fromEntries(keyed),
    ...(providers !== undefined && { providers }),
    ...(prices !== undefined && { prices }),
  };
  return { config, faults };
}

function readKey(value: unknown, report: (fault: string) => void): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return value;
  report("is not a key: it has a space, a line break or another character that no key has.");
  return undefined;
}

function readUrl(value: unknown, report: (fault: string) => void): string | undefined {
  if (value === undefined || value === "") return undefined;
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (typeof value !== "string" || url === null || !["http:", "https:"].includes(url.protocol)) {
    report("is not an http or https URL, such as http://localhost:11434/v1.");
    return undefined;
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    report("has a user name, a password, a query or a fragment: give the bare URL, and a key as the key.");
    return undefined;
  }
  return value;
}

/** How to read a variable that holds a JSON object, member by member. */
interface MembersReader<T> {
  readonly variable: string;
  readonly example: string;
  readonly read: (name: string, value: Members, report: (fault: string) => void) => T | undefined;
}

type Members = { readonly [name: string]: unknown };

function readMembers<T>(
  text: string | undefined,
  { variable, example, read }: MembersReader<T>,
  faults: string[],
): { readonly [name: string]: T } | undefined {
  if (text === undefined || text === "") return undefined;
  const members = parseObject(text).object;
  if (members === undefined) {
    faults.push(`${variable} is not a JSON object, such as ${example}.`);
    return undefined;
  }
  const found = new Map<string, T>();
  for (const [name, value] of Object.entries(members)) {
    const report = (fault: string): number => faults.push(`${variable}: "${name}" ${fault}`);
    const member = isMembers(value) ? read(name, value, report) : void report(`is not an object; write ${example}.`);
    if (member !== undefined) found.set(name, member);
  }
  return Object.fromEntries(found);
}

const providersReader: MembersReader<Pick<Endpoint, "baseUrl" | "apiKey">> = {
  variable: "NOUKAI_PROVIDERS",
  example: '{"groq": {"baseUrl": "https://api.groq.com/openai/v1", "apiKey": "…"}}',
  read(name, { baseUrl, apiKey, ...others }, report) {
    if (reservedNames.includes(name)) report("is a built-in name; choose another one.");
    else if (!/^[a-z0-9-]{1,50}$/.test(name)) report("is not a name: use lowercase letters, digits and hyphens.");
    for (const other of Object.keys(others)) report(`has the unknown member "${other}"; there are baseUrl and apiKey.`);
    if (baseUrl === undefined) report("has no baseUrl.");
    const url = readUrl(baseUrl, (fault) => report(`has a baseUrl that ${fault}`));
    const key = readKey(apiKey, (fault) => report(`has an apiKey that ${fault}`));
    return url === undefined ? undefined : { baseUrl: url, ...(key !== undefined && { apiKey: key }) };
  },
};

const priceMembers = [
  "promptPerMillion",
  "completionPerMillion",
  "cachedPromptPerMillion",
  "cacheWritePerMillion",
  "reasoningPerMillion",
  "perRequest",
];

const pricesReader: MembersReader<ModelPrice> = {
  variable: "NOUKAI_PRICES",
  example: '{"openai/gpt-5-mini": {"promptPerMillion": "0.25", "completionPerMillion": "2"}}',
  read(name, members, report) {
    if (!/^[^/]+\/./.test(name)) report("is not a model: write provider/model.");
    for (const [member, value] of Object.entries(members)) {
      if (!priceMembers.includes(member))
        report(`has the unknown member "${member}"; there are ${priceMembers.join(", ")}.`);
      else if (!isAmount(value)) report(`has a ${member} that is not US dollars as a decimal string, such as "0.25".`);
    }
    const { promptPerMillion, completionPerMillion, ...others } = members;
    if (promptPerMillion === undefined || completionPerMillion === undefined) {
      report("needs both promptPerMillion and completionPerMillion.");
    }
    if (!isAmount(promptPerMillion) || !isAmount(completionPerMillion)) return undefined;
    const optional = Object.entries(others).filter(
      ([member, value]) => priceMembers.includes(member) && isAmount(value),
    );
    return { promptPerMillion, completionPerMillion, ...Object.fromEntries(optional) };
  },
};

function isAmount(value: unknown): value is string {
  return typeof value === "string" && isUsd(value);
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
