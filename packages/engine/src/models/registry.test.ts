import { LLMock } from "@copilotkit/aimock";
import { describe, expect, it, onTestFinished } from "vitest";
import { TerminalError } from "../errors.ts";
import type { ModelsConfig } from "./config.ts";
import type { ModelRequest, ModelResponse } from "./model.ts";
import { createModels } from "./registry.ts";

const at = () => Date.UTC(2026, 8, 1);
const everything: ModelsConfig = {
  openai: { apiKey: "sk-1" },
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
    ["anthropic/claude-sonnet-4-6", "openrouter/anthropic"],
    ["google/gemini-2.5-pro", "openrouter/google"],
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
    expect(createModels(everything).unavailable("nope/x")).toContain("noukai, groq, openai, openrouter");
  });

  it("refuses to call what cannot be called, with the same words", async () => {
    const models = createModels();
    const error: unknown = await models.generate(ask("openai/gpt-5-mini")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: "MODEL_PROVIDER_ERROR", message: models.unavailable("openai/gpt-5-mini") });
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
    const models = createModels({ openai: { baseUrl, apiKey: "sk-1" }, providers: { local: { baseUrl } } });
    expect(await models.generate(ask("openai/gpt-5-mini"))).toMatchObject({ text: "Good day." });
    expect(await models.generate(ask("local/some/model:7b"))).toMatchObject({ text: "Good day." });
    expect(mock.getRequests().map(({ body }) => body?.["model"])).toEqual(["gpt-5-mini", "some/model:7b"]);
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
