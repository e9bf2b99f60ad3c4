import { APICallError } from "@ai-sdk/provider";
import { RetryableError, TerminalError } from "../errors.ts";
import { hasMembers } from "./json.ts";
import { type ProviderFault, readProviderFault } from "./provider-fault.ts";

/**
 * A provider's fault as the engine knows it. It is made of the model's name, the status and codes from lists of our own, and has
 * no `cause`: what the AI SDK throws carries the request's body, the answer's body and URLs.
 */
export function toModelError(error: unknown, model: string): TerminalError | RetryableError {
  const fault = readProviderFault(error);
  const { status, retryAfterMs } = fault;
  const code = fault.codes.find((code) => Object.hasOwn(hints, code));
  if (status === undefined)
    return new RetryableError("MODEL_PROVIDER_ERROR", `${model}: ${brokenOff(error, code)}`, { retryAfterMs });
  const what = `${model}: HTTP ${status}${code === undefined ? "" : ` ${code}`}.`;
  if (isRejectedKey(status, fault)) {
    const message = `${what} The provider rejected the API key: is it right, and may it use this model?`;
    return new TerminalError("BYOK_KEY_REJECTED", message);
  }
  const message = `${what} ${explain(status, fault, code)}`;
  const isPassing = (status === 408 || status === 429 || status >= 500) && !lasting.has(code);
  return isPassing
    ? new RetryableError("MODEL_PROVIDER_ERROR", message, { retryAfterMs })
    : new TerminalError("MODEL_PROVIDER_ERROR", message);
}

/** An answer that began and did not end as the provider's protocol wants it. */
export class TruncatedAnswerError extends Error {
  override readonly name = "TruncatedAnswerError";
}

const refusedPrompt = "The provider's content filter refused the prompt.";
const noCredit = "The account at the provider has no credit left.";
const tooOften = "The provider limits how often it is called.";

/** Codes of the providers' own, with what to do. Only these are repeated: any other text may hold a prompt. */
const hints: { readonly [code: string]: string } = {
  RESOURCE_EXHAUSTED: tooOften,
  billing_error: noCredit,
  content_filter: refusedPrompt,
  content_policy_violation: refusedPrompt,
  context_length_exceeded: "Prompt and answer together are too long for this model.",
  insufficient_quota: noCredit,
  model_not_found: "Is the model's name right, and may this key use it?",
  overloaded_error: "The provider is overloaded.",
  rate_limit_error: tooOften,
  rate_limit_exceeded: tooOften,
  request_too_large: "The prompt is too large for this provider.",
  unsupported_country_region_territory: "The provider does not serve this server's region.",
  unsupported_parameter: "The model does not take one of the step's settings, such as its temperature.",
  unsupported_value: "The model does not take the value of one of the step's settings, such as its temperature.",
};

/** What no wait of a run's length mends, whatever its status: OpenAI says 429 for an account without credit. */
const lasting: ReadonlySet<string | undefined> = new Set(["billing_error", "insufficient_quota"]);

/** Google says 400 for a key that it does not know. */
function isRejectedKey(status: number, { codes, isModerated }: ProviderFault): boolean {
  if (codes.includes("API_KEY_INVALID")) return true;
  const isForbidden = status === 403 && !isModerated && !codes.includes("unsupported_country_region_territory");
  return status === 401 || isForbidden;
}

function explain(status: number, { isModerated }: ProviderFault, code: string | undefined): string {
  if (isModerated) return refusedPrompt;
  const hint = code === undefined ? undefined : hints[code];
  if (hint !== undefined) return hint;
  if (status === 402) return noCredit;
  if (status === 429) return tooOften;
  return status === 408 || status >= 500
    ? "The provider failed."
    : "The provider refuses this request: check the model's name and the step's settings.";
}

function brokenOff(error: unknown, code: string | undefined): string {
  if (error instanceof TruncatedAnswerError) return "the answer ended before it was complete.";
  const systemCode = systemCodeOf(error);
  if (systemCode !== undefined) return `the connection to the provider failed (${systemCode}).`;
  if (code !== undefined) return `the provider broke off its answer: ${code}. ${hints[code] ?? ""}`;
  return APICallError.isInstance(error) && error.statusCode === undefined
    ? "the connection to the provider failed."
    : "the provider's answer broke off or is not what its protocol says.";
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET` and their like, from wherever in the chain of causes Node put it. */
function systemCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; hasMembers(at) && depth < 5; at = Reflect.get(at, "cause"), depth += 1) {
    const code: unknown = Reflect.get(at, "code");
    if (typeof code === "string" && /^(E[A-Z]{3,20}|UND_ERR_[A-Z_]{1,30})$/.test(code)) return code;
  }
  return undefined;
}
