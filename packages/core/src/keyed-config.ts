import { type Config, type ConnectionOptions, makeConfig, parseUrl } from "./config.ts";
import { isBrowser, readVariable } from "./environment.ts";
import { ValueError } from "./errors.ts";

const LOCAL_URL = "http://localhost:8080/api/v1";
const BASE_URLS: Readonly<Record<string, string>> = {
  dev: LOCAL_URL,
  development: LOCAL_URL,
  production: "https://api.noukai.dev/api/v1",
};

/** How the client speaks to the server. An option wins over its environment variable, which wins over the default. */
export interface ConfigOptions extends ConnectionOptions {
  /** An `nk_…` key. Default: `NOUKAI_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Which server: `dev` (or `development`) is `http://localhost:8080`, `production` is `https://api.noukai.dev`. Default: `NOUKAI_ENV`, then `production`. */
  readonly env?: "dev" | "development" | "production" | undefined;
  /** The server's address up to and including `/api/v1`; wins over `env`. Default: `NOUKAI_BASE_URL`. */
  readonly baseUrl?: string | undefined;
  /** Sends the key over plain http to hosts other than localhost, where anyone on the way can read it. Default `false`. */
  readonly allowInsecureBaseUrl?: boolean | undefined;
  /** Takes a key in a browser, where everyone who opens the page can read it and spend your credits. Default `false`. */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

/** Fills in the environment and the defaults of a client with a key. Throws `ValueError`, saying what to do, when a value is missing or wrong. */
export function resolveConfig(
  options: ConfigOptions,
  variable: (name: string) => string | undefined = readVariable,
): Config {
  const baseUrl = parseUrl(
    options.baseUrl ?? variable("NOUKAI_BASE_URL") ?? baseUrlOf(options.env ?? variable("NOUKAI_ENV")),
    { name: "`baseUrl` (or NOUKAI_BASE_URL)", example: "https://host/api/v1" },
  );
  if (!options.allowInsecureBaseUrl) requirePrivate(baseUrl);
  const key = parseApiKey(options.apiKey ?? variable("NOUKAI_API_KEY"));
  if (!options.dangerouslyAllowBrowser) refuseBrowser();
  return makeConfig(
    { baseUrl: baseUrl.origin + baseUrl.pathname.replace(/\/+$/, ""), authorization: () => key },
    options,
  );
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

function refuseBrowser(): void {
  if (!isBrowser()) return;
  throw new ValueError(
    "An API key in a browser can be read by everyone who opens the page. Use `createRelayFlow`, which needs none, or set `dangerouslyAllowBrowser: true`.",
  );
}

function baseUrlOf(env: string = "production"): string {
  const url = Object.hasOwn(BASE_URLS, env) ? BASE_URLS[env] : undefined;
  if (url !== undefined) return url;
  throw new ValueError(
    `\`env\` (or NOUKAI_ENV) is "${env}". It is "dev", "development" or "production"; for any other server set \`baseUrl\`.`,
  );
}

function requirePrivate({ protocol, hostname }: URL): void {
  const isLocal = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === "https:" || isLocal) return;
  throw new ValueError(
    `\`baseUrl\` leads to ${hostname} without https, where the key could be read on the way. Use https, or set \`allowInsecureBaseUrl: true\`.`,
  );
}
