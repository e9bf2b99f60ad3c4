import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAiSdkModels } from "./ai-sdk.ts";
import type { Endpoints } from "./endpoint.ts";
import type { ModelRequest } from "./model.ts";
import { providerOf } from "./names.ts";
import { createModels } from "./registry.ts";
import { estimateUsage } from "./usage.ts";

/** What a provider says that a call used, in its own form. Each file of `fixtures/` is one, with where it is from. */
interface Fixture {
  readonly source: string;
  readonly model: string;
  /** The provider's own name for it. */
  readonly answeredBy: string;
  readonly usage: object;
  /** What a stream of Anthropic's says first, before the rest. */
  readonly usageAtStart?: object;
  readonly expected: { readonly usage: object; readonly costUsd: string | null };
}

const directory = join(import.meta.dirname, "fixtures");
const fixtures = readdirSync(directory).map((file): readonly [string, Fixture] => [
  file,
  JSON.parse(readFileSync(join(directory, file), "utf8")),
]);

/** Prices as of then: the list is dated. */
const models = createModels(
  {
    openai: { apiKey: "sk-1" },
    anthropic: { apiKey: "sk-2" },
    google: { apiKey: "sk-3" },
    openrouter: { apiKey: "sk-4" },
    providers: { local: { baseUrl: "http://localhost:8000/v1" } },
  },
  () => Date.UTC(2026, 8, 1),
);

describe.each(fixtures)("%s", (_file, { source, model, expected, ...fixture }) => {
  it.each(["asked at once", "streamed"])("is counted and priced right, %s", async (way) => {
    expect(source).not.toBe("");
    const url = await serve(providerOf(model), { ...fixture, source, model, expected });
    const request = ask(model, way === "streamed" ? { onDelta: () => {} } : {});
    const response = await createAiSdkModels(endpointsAt(url)).generate(request);
    const { costUsd, ...counts } = expected;
    expect(response).toMatchObject({ text: "four", ...counts });
    expect(models.costUsd(response)).toBe(costUsd);
  });
});

it("takes for a call on a key of one's own at the provider behind OpenRouter what both of them ask", async () => {
  // The figures of openrouter.ai/docs/use-cases/usage-accounting.
  const usage = {
    prompt_tokens: 194,
    completion_tokens: 2,
    total_tokens: 196,
    cost: 0.95,
    is_byok: true,
    cost_details: { upstream_inference_cost: 19 },
  };
  const expected = { usage: {}, costUsd: "19.95" };
  const url = await serve("openrouter", { source: "", model: "", answeredBy: "openai/gpt-5-mini", usage, expected });
  const response = await createAiSdkModels(endpointsAt(url)).generate(ask("openrouter/openai/gpt-5-mini"));
  expect(models.costUsd(response)).toBe("19.95");
});

it("believes no other service what it says that a call cost", async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 1_000 };
  const expected = { usage: {}, costUsd: null };
  const url = await serve("local", { source: "", model: "", answeredBy: "llama", usage, expected });
  const response = await createAiSdkModels(endpointsAt(url)).generate(ask("local/llama"));
  expect(models.costUsd(response)).toBeNull();
});

it("estimates a token for about four characters of what was asked and of what was written", () => {
  const messages = [{ role: "user", content: "12345" }] as const;
  const request = ask("local/llama", { system: "123", messages });
  expect(estimateUsage(request, 9)).toEqual({ prompt: 2, completion: 3, total: 5 });
});

function ask(model: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const signal = AbortSignal.timeout(10_000);
  const messages = [{ role: "user", content: "2 + 2?" }] as const;
  return { model, messages, attempt: 1, idempotencyKey: "run:step:1", signal, ...more };
}

function endpointsAt(baseUrl: string): Endpoints {
  const apiKey = "sk-1";
  return {
    openai: { baseUrl, apiKey, dialect: "openai" },
    anthropic: { baseUrl, apiKey, dialect: "anthropic" },
    google: { baseUrl, apiKey, dialect: "google" },
    openrouter: { baseUrl, apiKey, dialect: "openrouter" },
    local: { baseUrl },
  };
}

/** How a provider answers: at once, and as the frames of a stream. */
interface Envelope {
  readonly whole: object;
  readonly frames: readonly object[];
}

/** Answers "four" in the provider's wire format, with the usage of the fixture. */
async function serve(provider: string, fixture: Fixture): Promise<string> {
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const isResponses = request.url?.endsWith("/responses") === true;
      const { whole, frames } = envelopes[isResponses ? "responses" : provider]?.(fixture) ?? chat(fixture);
      const isStream = (body as { stream?: boolean }).stream === true || request.url?.includes("alt=sse") === true; // reason: the SDKs send objects
      const text = isStream
        ? frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("")
        : JSON.stringify(whole);
      response.setHeader("content-type", isStream ? "text/event-stream" : "application/json").end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is one of these
  return `http://127.0.0.1:${port}`;
}

function chat({ answeredBy: model, usage }: Fixture): Envelope {
  const about = { id: "1", created: 1, model };
  const chunk = { ...about, object: "chat.completion.chunk" };
  return {
    whole: {
      ...about,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "four" }, finish_reason: "stop" }],
      usage,
    },
    frames: [
      { ...chunk, choices: [{ index: 0, delta: { role: "assistant", content: "four" } }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      { ...chunk, choices: [], usage },
    ],
  };
}

const envelopes: { readonly [wire: string]: (fixture: Fixture) => Envelope } = {
  responses({ answeredBy: model, usage }) {
    const item = { type: "message", id: "msg_1", role: "assistant" };
    const about = { id: "resp_1", created_at: 1, model };
    const content = [{ type: "output_text", text: "four", annotations: [] }];
    const whole = { ...about, output: [{ ...item, content }], usage, incomplete_details: null };
    return {
      whole,
      frames: [
        { type: "response.created", response: about },
        { type: "response.output_item.added", output_index: 0, item },
        { type: "response.output_text.delta", item_id: "msg_1", delta: "four" },
        { type: "response.output_item.done", output_index: 0, item },
        { type: "response.completed", response: whole },
      ],
    };
  },
  anthropic({ answeredBy: model, usage, usageAtStart = usage }) {
    const about = { id: "msg_1", type: "message", role: "assistant", model, stop_sequence: null };
    const content = [{ type: "text", text: "four" }];
    return {
      whole: { ...about, content, stop_reason: "end_turn", usage },
      frames: [
        { type: "message_start", message: { ...about, content: [], stop_reason: null, usage: usageAtStart } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "four" } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
        { type: "message_stop" },
      ],
    };
  },
  google({ usage: usageMetadata }) {
    const content = { role: "model", parts: [{ text: "four" }] };
    const whole = { candidates: [{ content, finishReason: "STOP", index: 0 }], usageMetadata };
    return { whole, frames: [whole] };
  },
};
