import { readVariable } from "./environment.ts";
import { ValueError } from "./errors.ts";
import type { OnLog } from "./log.ts";

const BASE_URLS: Readonly<Record<string, string>> = {
  dev: "http://localhost:8080/api/v1",
  development: "http://localhost:8080/api/v1",
  production: "https://api.noukai.dev/api/v1",
};
const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_MAX_RETRIES = 2;

/** Headers that callers cannot set: the SDK's own, and those that would speak for someone else. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "x-noukai-api-version",
  "user-agent",
  "x-request-id",
  "content-type",
  "cookie",
]);

/** Makes one HTTP request. The global `fetch` is one; so is a Hono app's `app.fetch`. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** How the client speaks to the server. An option wins over its environment variable, which wins over the default. */
export interface ConfigOptions {
  /** An `nk_…` key. Default: `NOUKAI_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Which server: `dev` (or `development`) is `http://localhost:8080`, `production` is `https://api.noukai.dev`. Default: `NOUKAI_ENV`, then `production`. */
  readonly env?: "dev" | "development" | "production" | undefined;
  /** The server's address up to and including `/api/v1`; wins over `env`. Default: `NOUKAI_BASE_URL`. */
  readonly baseUrl?: string | undefined;
  /** Sends the key over plain http to hosts other than localhost, where anyone on the way can read it. Default `false`. */
  readonly allowInsecureBaseUrl?: boolean | undefined;
  /** Milliseconds that a whole call may take, its retries, reconnects and body included. Default 300 000. `Infinity`: no limit. */
  readonly timeout?: number | undefined;
  /** How often a failed request is repeated. Only requests that are safe to repeat are. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Makes the requests. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: Fetch | undefined;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each request, answer, retry and reconnect; never of a key, and of bodies only with `logPayloads`. */
  readonly onLog?: OnLog | undefined;
  /** Hands JSON bodies to `onLog` too. They hold what your users wrote. Default `false`. */
  readonly logPayloads?: boolean | undefined;
  /** Sent with every request. Names that the SDK keeps for itself (`Authorization`, `Cookie` …) are left out. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
}

/** Options with every default filled in and every value checked. */
export interface Config {
  readonly apiKey: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch;
  readonly signal: AbortSignal | undefined;
  readonly onLog: OnLog | undefined;
  readonly logPayloads: boolean;
  /** Lower-case names, reserved ones removed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Fills in the environment and the defaults. Throws `ValueError`, saying what to do, when a value is missing or wrong. */
export function resolveConfig(
  options: ConfigOptions,
  variable: (name: string) => string | undefined = readVariable,
): Config {
  const baseUrl = parseBaseUrl(
    options.baseUrl ?? variable("NOUKAI_BASE_URL") ?? baseUrlOf(options.env ?? variable("NOUKAI_ENV")),
  );
  if (!options.allowInsecureBaseUrl) requirePrivate(baseUrl);
  return {
    apiKey: parseApiKey(options.apiKey ?? variable("NOUKAI_API_KEY")),
    baseUrl: baseUrl.origin + baseUrl.pathname.replace(/\/+$/, ""),
    timeoutMs: parseTimeout(options.timeout ?? DEFAULT_TIMEOUT_MS),
    maxRetries: parseMaxRetries(options.maxRetries ?? DEFAULT_MAX_RETRIES),
    fetch: options.fetch ?? ((request) => globalThis.fetch(request)),
    signal: options.signal,
    onLog: options.onLog,
    logPayloads: options.logPayloads ?? false,
    headers: allowedHeaders(options.defaultHeaders ?? {}),
  };
}

/** Checks a `timeout` option: milliseconds above 0, or `Infinity`. */
export function parseTimeout(timeout: number): number {
  if (timeout > 0) return timeout;
  throw new ValueError(`\`timeout\` is ${timeout}. Give milliseconds above 0, or Infinity for no limit.`);
}

function parseApiKey(key: string | undefined): string {
  const trimmed = key?.trim();
  if (!trimmed) {
    throw new ValueError(
      "There is no API key. Pass `apiKey`, or set NOUKAI_API_KEY. The server prints one at its first start.",
    );
  }
  // The key itself stays out of the message: it may be a real one with a typing mistake.
  if (!/^nk_[\x21-\x7e]+$/.test(trimmed)) {
    throw new ValueError(
      "The API key is malformed: a key begins with `nk_` and holds no blanks. Copy it again, whole.",
    );
  }
  return trimmed;
}

function baseUrlOf(env: string = "production"): string {
  const url = Object.hasOwn(BASE_URLS, env) ? BASE_URLS[env] : undefined;
  if (url !== undefined) return url;
  throw new ValueError(
    `\`env\` (or NOUKAI_ENV) is "${env}". It is "dev", "development" or "production"; for any other server set \`baseUrl\`.`,
  );
}

function parseBaseUrl(text: string): URL {
  let cause: unknown;
  try {
    const url = new URL(text, globalThis.location?.href); // a page may name its own origin as "/api/v1"
    if (/^https?:$/.test(url.protocol)) return url; // "localhost:8080" reads as a scheme
  } catch (error) {
    cause = error;
  }
  throw new ValueError("`baseUrl` (or NOUKAI_BASE_URL) is not a web address. It looks like https://host/api/v1.", {
    cause,
  });
}

function requirePrivate({ protocol, hostname }: URL): void {
  const isLocal = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === "https:" || isLocal) return;
  throw new ValueError(
    `\`baseUrl\` leads to ${hostname} without https, where the key could be read on the way. Use https, or set \`allowInsecureBaseUrl: true\`.`,
  );
}

function parseMaxRetries(maxRetries: number): number {
  if (Number.isInteger(maxRetries) && maxRetries >= 0) return maxRetries;
  throw new ValueError(`\`maxRetries\` is ${maxRetries}. Give a whole number from 0.`);
}

function allowedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lowered.filter(([name]) => !RESERVED_HEADERS.has(name)));
}
