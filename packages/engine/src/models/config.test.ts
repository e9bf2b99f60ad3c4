import { describe, expect, it } from "vitest";
import { modelsConfigFromEnv } from "./config.ts";

describe("models from the environment", () => {
  it("reads every variable", () => {
    const env = {
      OPENAI_API_KEY: "sk-1",
      OPENAI_BASE_URL: "https://gateway.example.com/v1",
      ANTHROPIC_API_KEY: "sk-ant-1",
      GOOGLE_GENERATIVE_AI_API_KEY: "AIza-1",
      OPENROUTER_API_KEY: "sk-2",
      NOUKAI_PROVIDERS:
        '{"groq":{"baseUrl":"https://api.groq.com/openai/v1","apiKey":"sk-3"},"vllm":{"baseUrl":"http://localhost:8000/v1"}}',
      NOUKAI_PRICES:
        '{"vllm/llama":{"promptPerMillion":"0.1","completionPerMillion":"0.2","cachedPromptPerMillion":"0.05","cacheWritePerMillion":"0.2"}}',
    };
    expect(modelsConfigFromEnv(env)).toEqual({
      faults: [],
      config: {
        openai: { apiKey: "sk-1", baseUrl: "https://gateway.example.com/v1" },
        anthropic: { apiKey: "sk-ant-1" },
        google: { apiKey: "AIza-1" },
        openrouter: { apiKey: "sk-2" },
        providers: {
          groq: { baseUrl: "https://api.groq.com/openai/v1", apiKey: "sk-3" },
          vllm: { baseUrl: "http://localhost:8000/v1" },
        },
        prices: {
          "vllm/llama": {
            promptPerMillion: "0.1",
            completionPerMillion: "0.2",
            cachedPromptPerMillion: "0.05",
            cacheWritePerMillion: "0.2",
          },
        },
      },
    });
  });

  it("takes an empty variable for one that is not set", () => {
    const env = {
      OPENAI_API_KEY: "",
      OPENAI_BASE_URL: "",
      ANTHROPIC_API_KEY: "",
      GOOGLE_GENERATIVE_AI_API_KEY: "",
      OPENROUTER_API_KEY: "",
      NOUKAI_PROVIDERS: "",
      NOUKAI_PRICES: "",
    };
    expect(modelsConfigFromEnv(env)).toEqual({ config: {}, faults: [] });
    expect(modelsConfigFromEnv({})).toEqual({ config: {}, faults: [] });
  });

  it("reports every fault at once, and keeps what is right", () => {
    const env = {
      OPENAI_API_KEY: "sk-canary\n",
      OPENAI_BASE_URL: "localhost:11434",
      ANTHROPIC_API_KEY: "canary key",
      OPENROUTER_API_KEY: "sk-2",
      NOUKAI_PROVIDERS: JSON.stringify({
        openai: { baseUrl: "https://example.com" },
        anthropic: { baseUrl: "https://example.com" },
        "Not A Name": { baseUrl: "https://example.com" },
        bare: {},
        text: "https://example.com",
        secret: { baseUrl: "https://canary:pw@example.com/", apiKey: 5, region: "eu" },
      }),
      NOUKAI_PRICES: JSON.stringify({
        gpt: { promptPerMillion: 0.25, completionPerMillion: "2", currency: "EUR" },
        "a/b": { promptPerMillion: "1" },
      }),
    };
    const { config, faults } = modelsConfigFromEnv(env);
    expect(faults.map((fault) => fault.replace(/[.;:,].*$/s, ""))).toEqual([
      "OPENAI_API_KEY is not a key",
      "OPENAI_BASE_URL is not an http or https URL",
      "ANTHROPIC_API_KEY is not a key",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PROVIDERS",
      "NOUKAI_PRICES",
      "NOUKAI_PRICES",
      "NOUKAI_PRICES",
      "NOUKAI_PRICES",
    ]);
    for (const part of [
      '"openai" is a built-in name',
      '"anthropic" is a built-in name',
      '"Not A Name" is not a name',
      '"bare" has no baseUrl',
      '"text" is not an object',
      '"secret" has the unknown member "region"',
      '"secret" has a baseUrl that has a user name',
      '"secret" has an apiKey that is not a key',
      '"gpt" is not a model',
      '"gpt" has the unknown member "currency"',
      '"gpt" has a promptPerMillion that is not',
      '"a/b" needs both',
    ]) {
      expect(faults.join("\n")).toContain(part);
    }
    expect(faults.join("\n")).not.toContain("canary");
    expect(config.openrouter).toEqual({ apiKey: "sk-2" });
    expect(config.openai).toBeUndefined();
    expect(config.anthropic).toBeUndefined();
  });

  it.each(["{", "[]", "null", '"groq"', "5"])("says that %s is not a JSON object", (text) => {
    const { faults } = modelsConfigFromEnv({ NOUKAI_PROVIDERS: text, NOUKAI_PRICES: text });
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain("NOUKAI_PROVIDERS is not a JSON object");
    expect(faults[1]).toContain("NOUKAI_PRICES is not a JSON object");
  });
});
