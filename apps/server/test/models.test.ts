import { LLMock } from "@copilotkit/aimock";
import { modelsConfigFromEnv, type ModelsConfig } from "@noukai/engine";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { type Flow, FlowExecutionError, Noukai, ValidationError } from "@noukai/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseFrames, seq, startTestServer, type TestServer } from "./harness.ts";

const key = "sk-canary-7f3a9c";

const flows = {
  "acme/spelling/chain.yaml": `
capture: full
steps:
  - { id: check, type: llm, model: openai/gpt-5-mini, prompt: "Check {{message}}", retry: { maxAttempts: 2, initialMs: 1 }, fallback: [anthropic/claude-sonnet-4-6] }
  - { id: tidy, type: llm, model: google/gemini-2.5-flash, prompt: "Tidy {{text}}" }
  - { id: last, type: llm, model: openrouter/openai/gpt-5-mini, prompt: "Last {{text}}" }
`,
  "acme/spelling/strict.yaml": `
steps:
  - id: list
    type: llm
    model: openai/gpt-5-mini
    prompt: "List {{message}}"
    output: { type: object, properties: { words: { type: array, items: { type: string } } }, required: [words] }
`,
  "acme/spelling/plain.yaml": `
steps:
  - { id: say, type: llm, model: mine/llama, prompt: "Say {{message}}", retry: { initialMs: 1 } }
`,
  "acme/spelling/old.yaml": `
steps:
  - { id: say, type: llm, model: openai/o3-mini, prompt: "Say {{message}}" }
`,
};

let mock: LLMock;

beforeEach(async () => {
  mock = await LLMock.create({ host: "127.0.0.1", port: 0, chunkSize: 4 });
});

afterEach(() => mock.stop());

/** Every provider at the mock; one of them by `NOUKAI_PROVIDERS`, as an operator adds it. */
function modelsAtMock(): ModelsConfig {
  const { config, faults } = modelsConfigFromEnv({
    NOUKAI_PROVIDERS: JSON.stringify({ mine: { baseUrl: `${mock.url}/v1`, apiKey: key } }),
    NOUKAI_PRICES: JSON.stringify({
      "openai/gpt-5-mini": { promptPerMillion: "1", completionPerMillion: "10" },
      "anthropic/claude-sonnet-4-6": { promptPerMillion: "3", completionPerMillion: "15" },
      "google/gemini-2.5-flash": { promptPerMillion: "0.5", completionPerMillion: "2" },
    }),
  });
  expect(faults).toEqual([]);
  return {
    ...config,
    openai: { baseUrl: `${mock.url}/v1`, apiKey: key },
    anthropic: { baseUrl: `${mock.url}/v1`, apiKey: key },
    google: { baseUrl: `${mock.url}/v1beta`, apiKey: key },
    openrouter: { baseUrl: `${mock.url}/api/v1`, apiKey: key },
  };
}

/** What each of the two stores is asked to show. */
function describeModels(databaseUrl: () => string | undefined): void {
  let server: TestServer;
  let noukai: Noukai;

  beforeEach(async () => {
    server = await startTestServer({ flows, models: modelsAtMock(), databaseUrl: databaseUrl() });
    noukai = new Noukai({ apiKey: server.key, baseUrl: `${server.url}/api/v1`, org: "acme", project: "spelling" });
    return () => noukai[Symbol.asyncDispose]();
  });

  function flow(slug: string): Flow {
    return noukai.flow(slug);
  }

  /** Every attempt of a step, as the wire tells them. */
  async function attemptsOf(executionId: string, slug: string, stepId: string): Promise<readonly unknown[]> {
    const path = `${seq}/${slug}/runs/${executionId}/steps/${stepId}/trace?attempt=all`;
    const response = await server.call("GET", path);
    const { attempts } = (await response.json()) as { attempts: readonly unknown[] }; // reason: the contract's shape, tested elsewhere
    return attempts;
  }

  test("a flow over four providers runs, and its trace says who answered, after how many attempts, at what cost", async () => {
    mock.on({ model: "gpt-5-mini" }, { error: { message: `upstream ${key}` }, status: 503 });
    mock.on({ model: "claude-sonnet-4-6" }, { content: "checked", usage: { input_tokens: 100, output_tokens: 20 } });
    mock.on(
      { model: "gemini-2.5-flash" },
      { content: "tidied", usage: { promptTokenCount: 50, candidatesTokenCount: 10, totalTokenCount: 60 } },
    );
    mock.on(
      { model: "openai/gpt-5-mini" },
      { content: "done", usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.0123 } },
    );
    const answer = await flow("chain").execute({ message: "me" });
    expect(answer).toMatchObject({ result: { text: "done" } });
    const { executionId } = answer;
    const trace = await flow("chain").run(executionId).trace();
    expect(
      trace.steps.map(({ stepId, attempt, modelUsed, tokens, costUsd }) => [
        stepId,
        attempt,
        modelUsed,
        tokens,
        costUsd,
      ]),
    ).toEqual([
      ["check", 3, "anthropic/claude-sonnet-4-6", { prompt: 100, completion: 20, total: 120 }, "0.0006"],
      ["tidy", 1, "google/gemini-2.5-flash", { prompt: 50, completion: 10, total: 60 }, "0.000045"],
      ["last", 1, "openrouter/openai/gpt-5-mini", { prompt: 10, completion: 5, total: 15 }, "0.0123"],
    ]);
    expect(await attemptsOf(executionId, "chain", "check")).toEqual([
      expect.objectContaining({ attempt: 1, status: "failed" }),
      expect.objectContaining({ attempt: 2, status: "failed" }),
      expect.objectContaining({ attempt: 3, status: "completed", modelUsed: "anthropic/claude-sonnet-4-6" }),
    ]);
    expect(JSON.stringify([trace, await attemptsOf(executionId, "chain", "check")])).not.toContain("canary");
  });

  test("an answer is repaired in view of its readers, and both turns are on the bill", async () => {
    mock.on(
      { userMessage: "List words" },
      { content: '{"words": [1]}', usage: { prompt_tokens: 100, completion_tokens: 10 } },
    );
    mock.on(
      { userMessage: /words\[0\]/ },
      { content: '{"words": ["one"]}', usage: { prompt_tokens: 150, completion_tokens: 10 } },
    );
    const events = [];
    for await (const event of flow("strict").events({ message: "words" })) events.push(event);
    expect(events.map(({ type }) => type).filter((type) => type !== "step_output")).toEqual([
      "run_started",
      "step_started",
      "step_input",
      "step_retrying",
      "step_completed",
      "flow_completed",
    ]);
    const texts = new Map<number, string>();
    for (const event of events) {
      if (event.type === "step_output")
        texts.set(event.attempt, (texts.get(event.attempt) ?? "") + String(event.outputData["delta"]));
    }
    expect([...texts]).toEqual([
      [1, '{"words": [1]}'],
      [2, '{"words": ["one"]}'],
    ]);
    expect(events.at(-1)).toMatchObject({
      result: { words: ["one"] },
      summary: { tokens: { prompt: 250, completion: 20, total: 270 }, costUsd: "0.00045" },
    });
  });

  test("an answer that fits no second time either fails the run with the place", async () => {
    mock.onMessage(/./, { content: '{"words": "none"}' });
    const error: unknown = await flow("strict")
      .execute({ message: "words" })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(FlowExecutionError);
    expect(error).toMatchObject({
      code: "OUTPUT_SCHEMA_MISMATCH",
      message: expect.stringContaining("words: expected array"),
    });
    expect(mock.getRequests()).toHaveLength(2);
  });

  test("a stream that is cut in the middle is asked for anew, and the text before it is void", async () => {
    const cut = { chunkSize: 4, truncateAfterChunks: 4, latency: 2 };
    mock.on({ userMessage: "Say it", sequenceIndex: 0 }, { content: "Good day to you all." }, cut);
    mock.onMessage("Say it", { content: "Good day." });
    const body = { message: "it", runRemaining: true };
    const response = await server.call("POST", `${seq}/plain/v0/step`, { body });
    const frames = parseFrames(await response.text());
    const retrying = frames.findIndex(({ event }) => event === "step_retrying");
    const written = (attempt: number): string =>
      frames
        .filter(({ event, data }) => event === "step_output" && data["attempt"] === attempt)
        .map(({ data }) => (data["outputData"] as { delta: string }).delta) // reason: the contract's shape
        .join("");
    expect("Good day to you all.").toContain(written(1));
    expect(retrying).toBeGreaterThan(0);
    expect(written(2)).toBe("Good day.");
    expect(frames.at(-1)).toMatchObject({ event: "flow_completed", data: { result: { text: "Good day." } } });
    // Nobody here knows what that service asks.
    const executionId = response.headers.get("x-noukai-execution-id") ?? "";
    const { flowRun } = await flow("plain").run(executionId).trace();
    expect(flowRun).toMatchObject({ totalCostUsd: null });
  });

  test("a rejected key fails the run as such, and is told to nobody", async () => {
    mock.onMessage(/./, {
      error: { message: `Incorrect API key provided: ${key}`, code: "invalid_api_key" },
      status: 401,
    });
    const response = await server.call("POST", `${seq}/plain/execute`, { body: { message: "it" } });
    const text = await response.text();
    expect([response.status, JSON.parse(text).detail.code]).toEqual([422, "BYOK_KEY_REJECTED"]);
    expect(mock.getRequests()).toHaveLength(1);
    const run = await server.engine.run(response.headers.get("x-noukai-execution-id") ?? "");
    const log = await server.engine.store.eventsAfter(run?.id ?? "", 0, 100);
    expect(JSON.stringify([text, run, log])).not.toContain("canary");
  });

  test("an image for a model that reads text alone is refused before there is a run", async () => {
    const attachments = [{ url: "https://images.invalid/a.png", mimeType: "image/png" }] as const;
    const call = flow("old").execute({ message: "it", attachments });
    await expect(call).rejects.toBeInstanceOf(ValidationError);
    await expect(call).rejects.toMatchObject({ code: "MODEL_MIME_INCOMPATIBLE" });
    expect(mock.getRequests()).toEqual([]);
  });

  test.each(["malformedRate", "dropRate", "disconnectRate", "rateLimitRate"])(
    "a provider that fails in the mock's way %s fails the run, not the server",
    async (rate) => {
      mock.onMessage(/./, { content: "Good day." });
      mock.setChaos({ [rate]: 1 });
      const blockOverrides = { say: { retry: { maxAttempts: 1 } } };
      const failure = flow("plain").execute({ message: "it", blockOverrides });
      await expect(failure).rejects.toMatchObject({ code: "MODEL_PROVIDER_ERROR" });
      mock.clearChaos();
      expect(await flow("plain").execute({ message: "it" })).toMatchObject({ result: { text: "Good day." } });
    },
  );
}

describe("models behind a server on SQLite", () => {
  describeModels(() => undefined);
});

describePostgres("models behind a server on PostgreSQL", (postgres) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    return () => database.drop();
  });

  describeModels(() => database.url);
});
