import { LLMock } from "@copilotkit/aimock";
import { describe, expect, it, onTestFinished } from "vitest";
import { TerminalError } from "../errors.ts";
import type { ModelsConfig } from "./config.ts";
import type { ModelRequest, ModelResponse } from "./model.ts";
import { createModels } from "./registry.ts";

const at = () => Date.UTC(2026, 8, 1);
const everything: ModelsConfig = {
  openai: { apiKey: "sk-1" },
  anthropic: { apiKey: "sk-ant-1" },
  google: { apiKey: "AIza-1" },
  openrouter: { apiKey: "sk-2" },
  providers: { groq: { baseUrl: "https://api.groq.com/openai/v1", apiKey: "sk-3" } },
};

function ask(model: string): ModelRequest {
  const signal = new AbortController().signal;
  return { model, messages: [{ role: "user", content: "hello" }], attempt: 1, idempotencyKey: "run:step:1", signal };
}

function answer(more: Partial<ModelResponse> & Pick<ModelResponse, "modelUsed">): ModelResponse {
  return { text: "", toolCalls: [], usage: { prompt: 1_000, completion: 100, total: 1_100 }, ...more };
}

describe("which models can be called", () => {
  it.each([
    "noukai/echo",
    "openai/gpt-5-mini",
    "anthropic/claude-sonnet-4-6",
    "google/gemini-2.5-pro",
    "openrouter/anthropic/claude-sonnet-4-6",
    "groq/llama-3.3-70b-versatile",
  ])("can call %s once it is set up", (model) => {
    expect(createModels(everything).unavailable(model)).toBeUndefined();
  });

  it("can call OpenAI's models without a key where a base URL says which server wants none", () => {
    const models = createModels({ openai: { baseUrl: "http://localhost:11434/v1" } });
    expect(models.unavailable("openai/llama3.2")).toBeUndefined();
  });

  it.each([
    ["openai/gpt-5-mini", "OPENAI_API_KEY"],
    ["openai/gpt-5-mini", "OPENAI_BASE_URL"],
    ["openrouter/x/y", "OPENROUTER_API_KEY"],
    ["anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY"],
    ["google/gemini-2.5-pro", "GOOGLE_GENERATIVE_AI_API_KEY"],
    ["mistral/large", "Known here: noukai."],
    ["mistral/large", 'NOUKAI_PROVIDERS adds one: {"mistral"'],
    ["toString/x", "unknown provider"],
    ["gpt-5-mini", "write provider/model"],
    ["openai/", "write provider/model"],
    ["/gpt", "write provider/model"],
    ["", "write provider/model"],
    ["noukai/ecko", "noukai/echo"],
    ["noukai/echo?dealyMs=1", "delayMs"],
  ])("says of %j that it cannot be called and, among the rest, %j", (model, part) => {
    expect(createModels().unavailable(model)).toContain(part);
  });

  it("names the providers that there are beside one that is not", () => {
    expect(createModels(everything).unavailable("nope/x")).toContain(
      "noukai, groq, openai, anthropic, google, openrouter",
    );
  });

  it("refuses to call what cannot be called, with the same words", async () => {
    const models = createModels();
    const error: unknown = await models.generate(ask("openai/gpt-5-mini")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: "MODEL_PROVIDER_ERROR", message: models.unavailable("openai/gpt-5-mini") });
  });
});

describe("which files a model reads", () => {
  it.each([
    "openai/o3-mini",
    "openai/gpt-4",
    "openrouter/deepseek/deepseek-chat-v3.1",
    "openrouter/openai/gpt-oss-20b:free",
  ])("says of %s that it reads text alone", (model) => {
    expect(createModels().unreadable(model, "image/png")).toBe(`"${model}" reads text alone, not image/png.`);
  });

  it.each([
    "openai/gpt-4.1",
    "openai/gpt-4-turbo",
    "anthropic/claude-haiku-4-5",
    "openai/gpt-99",
    "local/o3-mini",
    "toString/x",
  ])("says nothing against %s, which reads images or is not known", (model) => {
    expect(createModels().unreadable(model, "image/png")).toBeUndefined();
  });
});

describe("calling", () => {
  it("answers by the built-in model without a network", async () => {
    expect(await createModels().generate(ask("noukai/echo"))).toMatchObject({
      text: "hello",
      modelUsed: "noukai/echo",
    });
  });

  it("asks the service that the provider's name stands for", async () => {
    const mock = await LLMock.create({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => mock.stop());
    mock.onMessage("hello", { content: "Good day." });
    const baseUrl = `${mock.url}/v1`;
    const apiKey = "sk-1";
    const models = createModels({
      openai: { baseUrl, apiKey },
      anthropic: { baseUrl, apiKey },
      google: { baseUrl: `${mock.url}/v1beta`, apiKey },
      openrouter: { baseUrl: `${mock.url}/api/v1`, apiKey },
      providers: { local: { baseUrl } },
    });
    const names = [
      "openai/gpt-5-mini",
      "anthropic/claude-sonnet-4-6",
      "google/gemini-2.5-flash",
      "openrouter/openai/gpt-5-mini",
      "local/some/model:7b",
    ];
    for (const name of names) expect(await models.generate(ask(name))).toMatchObject({ text: "Good day." });
    expect(mock.getRequests().map(({ path }) => path)).toEqual([
      "/v1/chat/completions",
      "/v1/messages",
      "/v1beta/models/gemini-2.5-flash:generateContent",
      "/api/v1/chat/completions",
      "/v1/chat/completions",
    ]);
    expect(mock.getRequests().map(({ body }) => body?.["model"])).toEqual(
      names.map((name) => name.slice(name.indexOf("/") + 1)),
    );
  });
});

describe("what a call costs", () => {
  it("is the list price of the service that answered", () => {
    const models = createModels(everything, at);
    const used = { modelUsed: "openai/gpt-5-mini-2025-08-07", cachedPromptTokens: 100, reasoningTokens: 64 };
    expect(models.costUsd(answer(used))).toBe("0.0004275");
    expect(models.costUsd(answer({ modelUsed: "groq/llama-3.3-70b-versatile" }))).toBe("0.000669");
    expect(models.costUsd(answer({ modelUsed: "openrouter/openai/gpt-5-mini" }))).toBe("0.00045");
  });

  it("is what the service itself says, where it is believed, but the operator's price before that", () => {
    const said = answer({ modelUsed: "openrouter/openai/gpt-5-mini", reportedCostUsd: "0.0123" });
    expect(createModels(everything, at).costUsd(said)).toBe("0.0123");
    const prices = { "openrouter/openai/gpt-5-mini": { promptPerMillion: "1", completionPerMillion: "10" } };
    expect(createModels({ ...everything, prices }, at).costUsd(said)).toBe("0.002");
  });

  it("is nothing for the built-in model, whose price is known", () => {
    expect(createModels().costUsd(answer({ modelUsed: "noukai/echo" }))).toBe("0");
  });

  it("is not known, rather than zero, for an unknown model, a local server or a service that does not say what was used", () => {
    const models = createModels({ ...everything, openai: { baseUrl: "http://127.0.0.1:11434/v1" } }, at);
    expect(models.costUsd(answer({ modelUsed: "openai/gpt-5-mini" }))).toBeNull();
    expect(models.costUsd(answer({ modelUsed: "groq/imaginary" }))).toBeNull();
    expect(models.costUsd(answer({ modelUsed: "gone/gpt-5-mini" }))).toBeNull();
    const modelUsed = "groq/llama-3.3-70b-versatile";
    expect(models.costUsd(answer({ modelUsed, isUsageUnknown: true }))).toBeNull();
  });

  it("is the operator's price where there is one, by the name that was asked or the one that answered", () => {
    const price = { promptPerMillion: "1", completionPerMillion: "10" };
    const asked = createModels({ ...everything, prices: { "groq/fast": price } }, at);
    expect(asked.costUsd(answer({ model: "groq/fast", modelUsed: "groq/llama-3.3-70b-versatile" }))).toBe("0.002");
    const answered = createModels({ ...everything, prices: { "groq/llama-3.3-70b-versatile": price } }, at);
    expect(answered.costUsd(answer({ model: "groq/fast", modelUsed: "groq/llama-3.3-70b-versatile" }))).toBe("0.002");
  });
});
