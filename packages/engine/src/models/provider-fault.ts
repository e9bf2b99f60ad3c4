import { hasMembers, parseJson } from "./json.ts";

/** What the AI SDK's errors tell of a provider's fault, whatever the provider: numbers and short codes, never text for people. */
export interface ProviderFault {
  /** HTTP status, or one that the provider puts into an answer or a stream instead. */
  readonly status: number | undefined;
  /** Short codes of the provider's own, the most telling first. Unchecked: compare them, do not repeat them. */
  readonly codes: readonly string[];
  readonly retryAfterMs: number | undefined;
  /** Did OpenRouter's moderation keep the prompt back? It answers 403 then, as for a key that may not use the model. */
  readonly isModerated: boolean;
}

/** Reads an answer with an error status, an answer of 200 that holds an error, and an error in the middle of a stream. */
export function readProviderFault(error: unknown): ProviderFault {
  const body = bodyOf(error);
  const details = listOf(memberOf(body, "details"));
  return {
    status: statusOf(error, body),
    codes: [
      ...details.map((detail) => memberOf(detail, "reason")),
      ...[body, error].flatMap((from) => ["code", "type", "status"].map((name) => memberOf(from, name))),
    ].filter((code) => typeof code === "string"),
    retryAfterMs: retryAfterMs(error) ?? retryDelayMs(details),
    isModerated: listOf(memberOf(memberOf(body, "metadata"), "reasons")).length > 0,
  };
}

/** `{code, type, …}` of the body `{error: {…}}`. The SDK's own reading of it drops members. */
function bodyOf(error: unknown): unknown {
  const text = memberOf(error, "responseBody");
  return memberOf(typeof text === "string" ? parseJson(text) : memberOf(error, "data"), "error");
}

function statusOf(error: unknown, body: unknown): number | undefined {
  const status = memberOf(error, "statusCode");
  if (typeof status === "number" && status >= 300) return status;
  const inBody = [body, error].map((from) => memberOf(from, "code")).find((code) => typeof code === "number");
  return inBody !== undefined && inBody >= 400 && inBody < 600 ? inBody : undefined;
}

/** What `retry-after-ms` (OpenAI), or else `retry-after` in seconds or as a date, asks for. */
function retryAfterMs(error: unknown): number | undefined {
  const headers = memberOf(error, "responseHeaders");
  const header = (name: string): string => {
    const value = memberOf(headers, name);
    return typeof value === "string" ? value : "";
  };
  const exactMs = header("retry-after-ms");
  if (isCount(exactMs)) return Math.ceil(Number(exactMs));
  const after = header("retry-after");
  if (isCount(after)) return Math.ceil(Number(after) * 1_000);
  // Against the provider's own clock where it tells it: ours may be wrong.
  const nowMs = Date.parse(header("date")) || Date.now();
  const waitMs = Date.parse(after) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** Google puts it into the body, as `34.4s`. Source: google.rpc.RetryInfo. */
function retryDelayMs(details: readonly unknown[]): number | undefined {
  const delay = details.map((detail) => memberOf(detail, "retryDelay")).find((value) => typeof value === "string");
  const seconds = delay?.replace(/s$/, "") ?? "";
  return isCount(seconds) ? Math.ceil(Number(seconds) * 1_000) : undefined;
}

function isCount(text: string): boolean {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, name: string): unknown {
  return hasMembers(value) ? Reflect.get(value, name) : undefined;
}
