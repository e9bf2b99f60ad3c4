import { ValueError } from "./errors.ts";
import { type LogLevel, type OnLog, withConsole } from "./log.ts";

const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_FIRST_BYTE_TIMEOUT_MS = 60_000;
const DEFAULT_IDLE_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RETRIES = 2;

/** Headers that callers cannot set: the SDK's own, and those that would speak for someone else. */
const RESERVED_HEADERS = /^(authorization|x-noukai-api-version|user-agent|x-request-id|content-type|cookie)$/;

/** Makes one HTTP request. The global `fetch` is one; so is a Hono app's `app.fetch`. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** How requests are made, whoever they speak for. */
export interface ConnectionOptions {
  /** Milliseconds that a whole call may take, its retries, reconnects and body included. Default 300 000. `Infinity`: no limit. */
  readonly timeout?: number | undefined;
  /** Milliseconds until the first byte of a stream, from sending its request. Default 60 000. `Infinity`: no limit. */
  readonly firstByteTimeout?: number | undefined;
  /** Milliseconds between two bytes of a stream; the server's heartbeats, every 10 s, are bytes. Default 30 000. `Infinity`: no limit. */
  readonly idleTimeout?: number | undefined;
  /** How often a failed request is repeated. Only requests that are safe to repeat are. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Makes the requests. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: Fetch | undefined;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each request, answer, retry and reconnect; never of a key, and of bodies only with `logPayloads`. */
  readonly onLog?: OnLog | undefined;
  /** Writes to the console what `onLog` is told: nothing, faults of the server, trouble that passes, answers, everything. Default `"off"`. */
  readonly logLevel?: LogLevel | undefined;
  /** Hands JSON bodies to `onLog` and to the console too. They hold what your users wrote. Default `false`. */
  readonly logPayloads?: boolean | undefined;
  /** Sent with every request. Names that the SDK keeps for itself (`Authorization`, `Cookie` …) are left out. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
}

/** Gives what follows `Bearer` in the `Authorization` header of the next request, a retry's too; `undefined` for none. */
export type Authorization = () => string | undefined | Promise<string | undefined>;

/** Options with every default filled in and every value checked. */
export interface Config {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Asked once per request. Absent: requests go out without an `Authorization` header. */
  readonly authorization?: Authorization | undefined;
  readonly timeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch;
  readonly signal: AbortSignal | undefined;
  readonly onLog: OnLog | undefined;
  readonly logPayloads: boolean;
  /** Lower-case names, reserved ones removed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where requests go, and as whom. */
export interface Target {
  /** An absolute address: see `parseUrl`. */
  readonly baseUrl: string;
  readonly authorization?: Authorization | undefined;
}

/** Fills in the defaults, for a client with or without a key; reads no environment. Throws `ValueError` when a value is wrong. */
export function makeConfig(target: Target, options: ConnectionOptions): Config {
  const { timeout, firstByteTimeout, idleTimeout, maxRetries, fetch, signal, defaultHeaders = {} } = options;
  const { onLog, logLevel, logPayloads = false } = options;
  return {
    baseUrl: target.baseUrl,
    authorization: target.authorization,
    timeoutMs: parseTimeout(timeout ?? DEFAULT_TIMEOUT_MS),
    firstByteTimeoutMs: parseTimeout(firstByteTimeout ?? DEFAULT_FIRST_BYTE_TIMEOUT_MS, "firstByteTimeout"),
    idleTimeoutMs: parseTimeout(idleTimeout ?? DEFAULT_IDLE_TIMEOUT_MS, "idleTimeout"),
    maxRetries: parseMaxRetries(maxRetries ?? DEFAULT_MAX_RETRIES),
    fetch: fetch ?? ((request) => globalThis.fetch(request)),
    signal,
    onLog: withConsole(onLog, logLevel),
    logPayloads,
    headers: allowedHeaders(defaultHeaders),
  };
}

/** Checks a time option: milliseconds above 0, or `Infinity`. */
export function parseTimeout(timeout: number, name = "timeout"): number {
  if (timeout > 0) return timeout;
  throw new ValueError(`\`${name}\` is ${timeout}. Give milliseconds above 0, or Infinity for no limit.`);
}

/** Reads a web address; in a page it may be relative to it, such as `/api/v1`. Throws `ValueError`, naming the option. */
export function parseUrl(text: string, { name, example }: { readonly name: string; readonly example: string }): URL {
  let cause: unknown;
  try {
    const url = new URL(text, globalThis.location?.href);
    if (/^https?:$/.test(url.protocol)) return url; // "localhost:8080" reads as a scheme
  } catch (error) {
    cause = error;
  }
  throw new ValueError(`${name} is not a web address. It looks like ${example}.`, { cause });
}

function parseMaxRetries(maxRetries: number): number {
  if (Number.isInteger(maxRetries) && maxRetries >= 0) return maxRetries;
  throw new ValueError(`\`maxRetries\` is ${maxRetries}. Give a whole number from 0.`);
}

function allowedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lowered.filter(([name]) => !RESERVED_HEADERS.test(name)));
}
