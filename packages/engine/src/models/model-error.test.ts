import { APICallError } from "@ai-sdk/provider";
import { expect, it } from "vitest";
import { RetryableError, TerminalError } from "../errors.ts";
import { toModelError } from "./model-error.ts";

/** An answer of the provider's, as the AI SDK throws it. */
function answered(statusCode: number, body: unknown, responseHeaders: Record<string, string> = {}): APICallError {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  const about = {
    message: "upstream canary",
    url: "https://provider.example",
    requestBodyValues: { prompt: "canary" },
  };
  return new APICallError({ ...about, statusCode, responseBody, responseHeaders });
}

it.each([
  [
    "a key that Google does not know, for which it says 400",
    answered(400, {
      error: {
        code: 400,
        status: "INVALID_ARGUMENT",
        details: [{ reason: "API_KEY_INVALID", domain: "googleapis.com" }],
      },
    }),
  ],
  ["Google's missing permission", answered(403, { error: { code: 403, status: "PERMISSION_DENIED" } })],
  ["Anthropic's rejected key", answered(401, { type: "error", error: { type: "authentication_error" } })],
  ["Anthropic's rejected key in the middle of a stream", { type: "authentication_error", statusCode: 401 }],
  ["OpenRouter's rejected key", answered(401, { error: { code: 401, message: "canary" } })],
])("takes %s for a rejected key", (_what, error) => {
  const mapped = toModelError(error, "some/model");
  expect(mapped).toBeInstanceOf(TerminalError);
  expect(mapped.code).toBe("BYOK_KEY_REJECTED");
  expect(mapped.message).not.toContain("canary");
});

it.each([
  ["an OpenAI account without credit", answered(429, { error: { code: "insufficient_quota" } }), /no credit left/],
  ["an OpenRouter account without credit", answered(402, { error: { code: 402 } }), /no credit left/],
  ["Anthropic's billing fault", answered(400, { error: { type: "billing_error" } }), /no credit left/],
  [
    "a prompt that OpenRouter's moderation keeps back",
    answered(403, { error: { code: 403, metadata: { reasons: ["violence"], flagged_input: "canary" } } }),
    /content filter refused/,
  ],
  [
    "a region that OpenAI does not serve",
    answered(403, { error: { code: "unsupported_country_region_territory" } }),
    /does not serve this server's region/,
  ],
  ["a request that is wrong", answered(404, "<h1>canary</h1>"), /HTTP 404\. The provider refuses this request/],
])("gives up at once for %s", (_what, error, says) => {
  const mapped = toModelError(error, "some/model");
  expect(mapped).toBeInstanceOf(TerminalError);
  expect(mapped).toMatchObject({ code: "MODEL_PROVIDER_ERROR", message: expect.stringMatching(says) });
  expect(mapped.message).not.toContain("canary");
});

it.each([
  ["Anthropic is overloaded", answered(529, { error: { type: "overloaded_error" } }), /HTTP 529 overloaded_error/],
  ["Anthropic becomes overloaded in the middle of a stream", { type: "overloaded_error", statusCode: 529 }, /HTTP 529/],
  ["OpenRouter's upstream fails in the middle of a stream", { code: 502, message: "canary" }, /HTTP 502/],
  ["an answer of 200 holds an error", answered(200, { error: { code: 503, message: "canary" } }), /HTTP 503/],
  ["an answer of 200 is something else", answered(200, { hello: "canary" }), /not what its protocol says/],
])("tries again when %s", (_what, error, says) => {
  const mapped = toModelError(error, "some/model");
  expect(mapped).toBeInstanceOf(RetryableError);
  expect(mapped.message).toMatch(says);
  expect(mapped.message).not.toContain("canary");
});

it("waits as long as Google asks for in the body of its answer", () => {
  const details = [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [] },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" },
  ];
  const error = answered(429, { error: { code: 429, status: "RESOURCE_EXHAUSTED", details } });
  expect(toModelError(error, "google/gemini-2.5-flash")).toMatchObject({ retryAfterMs: 34_400 });
});

it("waits as long as a header asks for before what the body says", () => {
  const details = [{ retryDelay: "34s" }];
  const error = answered(429, { error: { code: 429, details } }, { "retry-after": "7" });
  expect(toModelError(error, "google/gemini-2.5-flash")).toMatchObject({ retryAfterMs: 7_000 });
});
