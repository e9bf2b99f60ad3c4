import { LLMock } from "@copilotkit/aimock";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../engine.ts";
import type { RunEvent } from "../events.ts";
import type { JsonObject } from "../flow/definition.ts";
import { createModels } from "../models/registry.ts";
import type { RunEnd, RunPause } from "../run-end.ts";
import type { RunRequest } from "../submission.ts";
import { openMemoryStore } from "../store/sqlite-store.ts";
import type { RunTrace } from "../trace.ts";

let mock: LLMock;

beforeEach(async () => {
  mock = await LLMock.create({ host: "127.0.0.1", port: 0, chunkSize: 4 });
});

afterEach(() => mock.stop());

/** Prices that make sums easy to see: a dollar for a million tokens of any kind. */
const dollar = { promptPerMillion: "1", completionPerMillion: "1" };

interface Played {
  readonly end: RunEnd | RunPause;
  readonly log: readonly RunEvent[];
  readonly trace: RunTrace;
  readonly sleptMs: readonly number[];
}

interface Bench {
  readonly engine: Engine;
  readonly request: RunRequest;
  readonly sleptMs: readonly number[];
}

/** A flow of one llm step, with every provider at the mock. */
async function open(step: JsonObject, options: Partial<EngineOptions> = {}): Promise<Bench> {
  const apiKey = "sk-canary";
  const baseUrl = `${mock.url}/v1`;
  const models = createModels({
    openai: { baseUrl, apiKey },
    anthropic: { baseUrl, apiKey },
    google: { baseUrl: `${mock.url}/v1beta`, apiKey },
    openrouter: { baseUrl: `${mock.url}/api/v1`, apiKey },
    providers: { local: { baseUrl } },
    prices: { "openai/gpt-5-mini": dollar, "anthropic/claude-sonnet-4-6": dollar, "openai/o3-mini": dollar },
  });
  const sleptMs: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    sleptMs.push(ms);
    return Promise.resolve();
  };
  const engine = createEngine({ store: openMemoryStore(), models, sleep, random: () => 0.5, ...options });
  onTestFinished(async () => {
    await engine.drain(0);
    await engine.store.close();
  });
  const { id: projectId } = await engine.store.ensureProject("acme", "demo");
  const definition = {
    steps: [{ id: "ask", type: "llm", model: "openai/gpt-5-mini", prompt: "{{message}}", ...step }],
  };
  await engine.catalog.saveDraft(projectId, "flow", definition);
  await engine.start();
  const request = { projectId, flow: "flow", version: "draft", trigger: "execute", message: "hello" } as const;
  return { engine, request, sleptMs };
}

async function play(step: JsonObject, options: Partial<EngineOptions> = {}): Promise<Played> {
  const { engine, request, sleptMs } = await open(step, options);
  const call = await engine.submit(request);
  const end = await engine.outcome(call, AbortSignal.timeout(10_000));
  const run = await engine.run(call.runId);
  if (run === undefined) throw new Error("the run is gone");
  const log = await engine.store.eventsAfter(call.runId, 0, 1_000);
  return { end, log, trace: await engine.trace(run), sleptMs };
}

/** What a trace tells of each attempt. */
function attemptsOf({ trace }: Played) {
  return trace.attempts.map(({ attempt, status, modelUsed, tokens, costUsd, error }) => ({
    attempt,
    status,
    modelUsed,
    total: tokens?.total ?? null,
    costUsd,
    code: error?.code ?? null,
  }));
}

/** The conversations that the provider was sent; the mock tells them all in OpenAI's form. */
function conversations(): readonly (readonly (readonly [role: string, content: unknown])[])[] {
  return mock.getRequests().map(({ body }) => {
    const { messages } = body as { readonly messages: readonly { readonly role: string; readonly content: unknown }[] }; // reason: see above
    return messages.map(({ role, content }) => [role, content] as const);
  });
}

const usage = (prompt: number, completion: number) => ({ prompt_tokens: prompt, completion_tokens: completion });
const mistakes: JsonObject = {
  type: "object",
  properties: { mistakes: { type: "array", items: { type: "string" } } },
  required: ["mistakes"],
};

describe("an answer that does not fit its schema", () => {
  test("goes back to the model once, with its own words and each fault by its path, and what then fits is the output", async () => {
    mock.on({ userMessage: "hello" }, { content: '{"mistakes": [1, "two", 3]}', usage: usage(100, 20) });
    mock.on({ userMessage: /does not fit/ }, { content: '{"mistakes": ["one"]}', usage: usage(150, 10) });
    const played = await play({ output: mistakes, system: "Be strict." });
    expect(played.end).toMatchObject({ status: "completed", result: { mistakes: ["one"] } });
    const [first, second] = conversations();
    expect(second?.slice(0, first?.length)).toEqual(first);
    expect(second?.slice(first?.length)).toEqual([
      ["assistant", '{"mistakes": [1, "two", 3]}'],
      ["user", expect.stringMatching(/mistakes\[0\].*\n.*mistakes\[2\]/)],
    ]);
    // Both turns are attempts of their own: seen, counted and paid for.
    const about = { modelUsed: "openai/gpt-5-mini" };
    expect(attemptsOf(played)).toEqual([
      { ...about, attempt: 1, status: "failed", total: 120, costUsd: "0.00012", code: "OUTPUT_SCHEMA_MISMATCH" },
      { ...about, attempt: 2, status: "completed", total: 160, costUsd: "0.00016", code: null },
    ]);
    expect(played.trace).toMatchObject({ totalTokens: { total: 280 }, totalCostUsd: "0.00028" });
    expect(played.sleptMs).toEqual([]);
  });

  test("is the step's failure the second time, naming where it does not fit; nothing is asked a third time", async () => {
    mock.onMessage(/./, { content: '{"mistakes": "none"}', usage: usage(100, 20) });
    const played = await play({ output: mistakes, retry: { maxAttempts: 3 } });
    expect(played.end).toMatchObject({
      status: "failed",
      error: { code: "OUTPUT_SCHEMA_MISMATCH", message: expect.stringContaining("mistakes: expected array") },
    });
    expect(mock.getRequests()).toHaveLength(2);
    expect(attemptsOf(played).map(({ status, costUsd }) => [status, costUsd])).toEqual([
      ["failed", "0.00012"],
      ["failed", "0.00012"],
    ]);
    expect(played.trace.totalCostUsd).toBe("0.00024");
  });

  test("is mended also where the answer is no JSON at all, and by Anthropic's models", async () => {
    mock.on({ userMessage: "hello" }, { content: "none that I see" });
    mock.on({ userMessage: /not a JSON object/ }, { content: '{"mistakes": []}' });
    const played = await play({ model: "anthropic/claude-sonnet-4-6", output: mistakes });
    expect(played.end).toMatchObject({ status: "completed", result: { mistakes: [] } });
  });

  test("voids the text that was streamed of it", async () => {
    mock.on({ userMessage: "hello" }, { content: '{"mistakes": 1}' });
    mock.on({ userMessage: /does not fit/ }, { content: '{"mistakes": []}' });
    const { log } = await play({ output: mistakes });
    expect(log.map(({ type }) => type)).toEqual([
      "run_started",
      "step_started",
      "step_input",
      "step_retrying",
      "step_completed",
      "flow_completed",
    ]);
  });

  test("has the next model of the chain begin anew when the repair fails as well", async () => {
    mock.on({ model: "gpt-5-mini" }, { content: "{}" });
    mock.on({ model: "claude-sonnet-4-6" }, { content: '{"mistakes": []}' });
    const played = await play({ output: mistakes, fallback: ["anthropic/claude-sonnet-4-6"] });
    expect(played.end).toMatchObject({ status: "completed", result: { mistakes: [] } });
    expect(attemptsOf(played).map(({ modelUsed }) => modelUsed)).toEqual([
      "openai/gpt-5-mini",
      "openai/gpt-5-mini",
      "anthropic/claude-sonnet-4-6",
    ]);
    expect(
      conversations()
        .at(-1)
        ?.map(([role]) => role),
    ).toEqual(["user"]);
  });
});

describe("a provider that fails", () => {
  test("is tried again by the policy, then the next model answers, as the trace says", async () => {
    mock.on({ model: "gpt-5-mini" }, { error: { message: "upstream" }, status: 500 });
    mock.on({ model: "claude-sonnet-4-6" }, { content: "Good day." });
    const played = await play({ fallback: ["anthropic/claude-sonnet-4-6"], retry: { maxAttempts: 2, initialMs: 100 } });
    expect(played.end).toMatchObject({ status: "completed", result: { text: "Good day." } });
    expect(played.sleptMs).toEqual([50]);
    expect(attemptsOf(played).map(({ status, modelUsed, code }) => [status, modelUsed, code])).toEqual([
      ["failed", null, "MODEL_PROVIDER_ERROR"],
      ["failed", null, "MODEL_PROVIDER_ERROR"],
      ["completed", "anthropic/claude-sonnet-4-6", null],
    ]);
  });

  test("is left at once when it rejects the key, which is told without the key", async () => {
    mock.on({ model: "gpt-5-mini" }, { error: { message: "Incorrect API key provided: sk-canary" }, status: 401 });
    mock.on({ model: "claude-sonnet-4-6" }, { content: "Good day." });
    const played = await play({ fallback: ["anthropic/claude-sonnet-4-6"] });
    expect(mock.getRequests()).toHaveLength(2);
    expect(attemptsOf(played).map(({ code }) => code)).toEqual(["BYOK_KEY_REJECTED", null]);
    const alone = await play({});
    expect(alone.end).toMatchObject({ status: "failed", error: { code: "BYOK_KEY_REJECTED" } });
    expect(JSON.stringify([played, alone])).not.toContain("canary");
  });

  test("is given the time that it asks for", async () => {
    mock.on(
      { sequenceIndex: 0, userMessage: "hello" },
      { error: { message: "slow down" }, status: 429, retryAfter: 7 },
    );
    mock.onMessage("hello", { content: "Good day." });
    expect((await play({})).sleptMs).toEqual([7_000]);
    mock.resetMatchCounts();
    expect((await play({ timeoutMs: 5_000 })).sleptMs).toEqual([5_000]);
  });

  test.each(["malformedRate", "dropRate", "disconnectRate", "rateLimitRate"])(
    "in every call, by the mock's %s, fails the step after its attempts",
    async (rate) => {
      mock.onMessage("hello", { content: "Good day." });
      mock.setChaos({ [rate]: 1 });
      const played = await play({ retry: { maxAttempts: 2 } });
      expect(played.end).toMatchObject({ status: "failed", error: { code: "MODEL_PROVIDER_ERROR" } });
      expect(attemptsOf(played)).toHaveLength(2);
    },
  );
});

describe("a stream that is cut", () => {
  test("is asked for anew; what was written by then is void, and paid for by estimate", async () => {
    const cut = { chunkSize: 4, truncateAfterChunks: 4, latency: 2 };
    mock.on({ userMessage: "hello", sequenceIndex: 0 }, { content: "Good day to you all." }, cut);
    mock.onMessage("hello", { content: "Good day.", usage: usage(100, 20) });
    const played = await play({});
    expect(played.end).toMatchObject({ status: "completed", result: { text: "Good day." } });
    const [first, second] = attemptsOf(played);
    expect(first).toMatchObject({ status: "failed", code: "MODEL_PROVIDER_ERROR", modelUsed: "openai/gpt-5-mini" });
    // 5 characters asked, some of the 20 written.
    expect(first?.total).toBeGreaterThan(2);
    expect(first?.total).toBeLessThan(8);
    expect(first?.costUsd).toMatch(/^0\.00000[3-7]$/);
    expect(second).toMatchObject({ status: "completed", total: 120, costUsd: "0.00012" });
    expect(played.log.filter(({ type }) => type === "step_retrying")).toHaveLength(1);
  });

  test("or too slow is a timeout of the attempt, paid for by estimate, and tried again", async () => {
    const slow = { chunkSize: 4, latency: 400 };
    mock.on({ userMessage: "hello", sequenceIndex: 0 }, { content: "Good day to you all." }, slow);
    mock.onMessage("hello", { content: "Good day." });
    const played = await play({ timeoutMs: 1_000 });
    expect(played.end).toMatchObject({ status: "completed", result: { text: "Good day." } });
    const [first] = attemptsOf(played);
    expect(first).toMatchObject({ status: "failed", code: "STEP_TIMEOUT", modelUsed: "openai/gpt-5-mini" });
    expect(first?.total).toBeGreaterThan(1);
  });
});

test("an answer that the provider's filter keeps back is a failure that is paid for, and the next model is asked", async () => {
  mock.on({ model: "gpt-5-mini" }, { content: "", finishReason: "content_filter", usage: usage(100, 0) });
  mock.on({ model: "claude-sonnet-4-6" }, { content: "Good day." });
  const played = await play({ fallback: ["anthropic/claude-sonnet-4-6"] });
  expect(played.end).toMatchObject({ status: "completed", result: { text: "Good day." } });
  expect(attemptsOf(played)[0]).toMatchObject({ status: "failed", total: 100, costUsd: "0.0001" });
});

test("a service that does not say what it used has its tokens estimated, and no cost made up", async () => {
  mock.onMessage("hello", { content: "Good day." });
  const played = await play({ model: "local/llama" });
  expect(attemptsOf(played)).toEqual([
    expect.objectContaining({ modelUsed: "local/llama", total: expect.any(Number), costUsd: null }),
  ]);
  expect(played.trace.totalCostUsd).toBeNull();
});

describe.each([
  "openai/gpt-5-mini",
  "openai/gpt-5-pro",
  "anthropic/claude-sonnet-4-6",
  "google/gemini-3-pro-preview",
  "openrouter/openai/gpt-5-mini",
  "local/llama",
])("tools of the caller, with %s,", (model) => {
  const tools = [{ name: "count", parameters: { type: "object", properties: { text: { type: "string" } } } }];

  test("are asked for, answered, and followed by an answer that may be repaired without asking again", async () => {
    mock.on({ userMessage: /does not fit/ }, { content: '{"mistakes": []}' });
    mock.on({ userMessage: "hello", hasToolResult: true }, { content: '{"mistakes": 2}' });
    mock.on(
      { userMessage: "hello", hasToolResult: false },
      { toolCalls: [{ name: "count", arguments: '{"text":"hello"}' }] },
    );
    const { engine, request } = await open({ model, tools: true, output: mistakes });
    const { projectId } = request;
    const { runId, ...call } = await engine.submit({ ...request, tools, toolChoice: "required" });
    const pause = await engine.outcome({ runId, ...call }, AbortSignal.timeout(10_000));
    if (pause.status !== "paused" || pause.reason !== "toolCalls") throw new Error(`It is ${pause.status}.`);
    expect(pause.toolCalls).toEqual([{ id: expect.any(String), name: "count", arguments: '{"text":"hello"}' }]);
    const answers = pause.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "5" }));
    const toolCallMessages = [...pause.toolCallMessages, ...answers];
    const resumed = await engine.resume({ projectId, runId, toolCallMessages });
    const end = await engine.outcome(resumed, AbortSignal.timeout(10_000));
    expect(end).toMatchObject({ status: "completed", result: { mistakes: [] } });
    expect(
      conversations()
        .at(-1)
        ?.map(([role]) => role),
    ).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });
});

describe("attachments", () => {
  const attachments = [{ url: "https://files.invalid/cat.png", mimeType: "image/png" }];

  test.each([
    ["the step's model", { model: "openai/o3-mini" }],
    ["one of its fallbacks", { fallback: ["openai/o3-mini"] }],
  ])("that %s cannot read are refused before anything runs", async (_which, step) => {
    const { engine, request } = await open(step);
    await expect(engine.submit({ ...request, attachments })).rejects.toMatchObject({
      code: "MODEL_MIME_INCOMPATIBLE",
      issues: [{ path: "attachments[0]", message: expect.stringContaining('"openai/o3-mini" reads text alone') }],
    });
    expect(await engine.store.runs({ projectId: request.projectId, limit: 10 })).toEqual([]);
    expect(mock.getRequests()).toEqual([]);
  });

  test("are handed to a model that reads them, or of which nobody knows", async () => {
    mock.onMessage("hello", { content: "A cat." });
    const { engine, request } = await open({ model: "local/o3-mini" });
    const call = await engine.submit({ ...request, attachments });
    expect(await engine.outcome(call, AbortSignal.timeout(10_000))).toMatchObject({ result: { text: "A cat." } });
    expect(JSON.stringify(mock.getLastRequest()?.body)).toContain("https://files.invalid/cat.png");
  });
});
