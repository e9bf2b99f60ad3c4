import { APICallError } from "@ai-sdk/provider";
import { RetryableError, TerminalError } from "../errors.ts";

/**
 * A provider's fault as the engine knows it. It is made of the model's name, the status and codes from lists of our own, and has
 * no `cause`: what the AI SDK throws carries the request's body, the answer's body and URLs.
 */
export function toModelError(error: unknown, model: string): TerminalError | RetryableError {
  const status = statusOf(error);
  const code = providerCodeOf(error);
  const hint = hints[code ?? ""];
  if (status === undefined || status < 300)
    return new RetryableError("MODEL_PROVIDER_ERROR", `${model}: ${brokenOff(error)}`);
  const what = `${model}: HTTP ${status}${hint === undefined ? "" : ` ${code}`}.`;
  if (status === 401 || status === 403) {
    const message = `${what} The provider rejected the API key: is it right, and may it use this model?`;
    return new TerminalError("BYOK_KEY_REJECTED", message);
  }
  if (status === 408 || status === 429 || status >= 500) {
    const message = `${what} ${hint ?? (status === 429 ? "The provider limits how often it is called." : "The provider failed.")}`;
    return new RetryableError("MODEL_PROVIDER_ERROR", message, { retryAfterMs: retryAfterMs(error) });
  }
  const message = `${what} ${hint ?? "The provider refuses this request: check the model's name and the step's settings."}`;
  return new TerminalError("MODEL_PROVIDER_ERROR", message);
}

/** An answer that began and did not end as the provider's protocol wants it. */
export class TruncatedAnswerError extends Error {
  override readonly name = "TruncatedAnswerError";
}

/** Codes that providers of OpenAI's protocol use, with what to do. Only these are repeated: any other text may hold a prompt. */
const hints: { readonly [code: string]: string } = {
  context_length_exceeded: "Prompt and answer together are too long for this model.",
  content_filter: "The provider's content filter refused the prompt.",
  content_policy_violation: "The provider's content filter refused the prompt.",
  insufficient_quota: "The account at the provider has no credit left.",
  model_not_found: "Is the model's name right, and may this key use it?",
  rate_limit_exceeded: "The provider limits how often it is called.",
  unsupported_parameter: "The model does not take one of the step's settings, such as its temperature.",
  unsupported_value: "The model does not take the value of one of the step's settings, such as its temperature.",
};

function statusOf(error: unknown): number | undefined {
  const status = memberOf(error, "statusCode");
  return typeof status === "number" ? status : undefined;
}

/** From the answer's body, `{error: {code, type}}`, or from an error in the middle of a stream, `{code, type}`. */
function providerCodeOf(error: unknown): string | undefined {
  const body = memberOf(memberOf(error, "data"), "error");
  const codes = [body, error].flatMap((from) => [memberOf(from, "code"), memberOf(from, "type")]);
  return codes.find((code): code is string => typeof code === "string" && Object.hasOwn(hints, code));
}

function brokenOff(error: unknown): string {
  if (error instanceof TruncatedAnswerError) return "the answer ended before it was complete.";
  if (statusOf(error) !== undefined) return "the provider's answer is not what its protocol says.";
  const code = systemCodeOf(error);
  if (code !== undefined) return `the connection to the provider failed (${code}).`;
  const providerCode = providerCodeOf(error);
  if (providerCode !== undefined)
    return `the provider broke off its answer: ${providerCode}. ${hints[providerCode] ?? ""}`;
  return APICallError.isInstance(error)
    ? "the connection to the provider failed."
    : "the provider's answer broke off or is not what its protocol says.";
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET` and their like, from wherever in the chain of causes Node put it. */
function systemCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at !== undefined && depth < 5; at = memberOf(at, "cause"), depth += 1) {
    const code = memberOf(at, "code");
    if (typeof code === "string" && /^(E[A-Z]{3,20}|UND_ERR_[A-Z_]{1,30})$/.test(code)) return code;
  }
  return undefined;
}

/** What `retry-after-ms`, or else `retry-after` in seconds or as a date, asks for. */
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

function isCount(text: string): boolean {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
