import { inspect } from "node:util";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type JournalEntry, LLMock } from "@copilotkit/aimock";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RetryableError, TerminalError } from "../errors.ts";
import { createAiSdkModels } from "./ai-sdk.ts";
import type { ModelProvider, ModelRequest, ModelResponse } from "./model.ts";

const apiKey = "sk-canary-7f3a9c";
const prompt = "canary prompt: what is 2 + 2?";

let mock: LLMock;
let models: ModelProvider;

beforeEach(async () => {
  mock = await LLMock.create({ host: "127.0.0.1", port: 0, chunkSize: 4 });
  models = modelsAt(mock.url);
});

afterEach(() => mock.stop());

/** Every dialect at one server: `local/…` is plain chat completions with a key, `open/…` without. */
function modelsAt(url: string): ModelProvider {
  return createAiSdkModels({
    openai: { baseUrl: `${url}/v1`, apiKey, dialect: "openai" },
    anthropic: { baseUrl: `${url}/v1`, apiKey, dialect: "anthropic" },
    google: { baseUrl: `${url}/v1beta`, apiKey, dialect: "google" },
    openrouter: { baseUrl: `${url}/api/v1`, apiKey, dialect: "openrouter" },
    local: { baseUrl: `${url}/v1`, apiKey },
    open: { baseUrl: `${url}/v1` },
  });
}

/** One model per wire format; `gpt-5-pro` is served on OpenAI's Responses API alone. */
const everyDialect = [
  "openai/gpt-5-mini",
  "openai/gpt-5-pro",
  "anthropic/claude-sonnet-4-6",
  "google/gemini-2.5-flash",
  "openrouter/openai/gpt-5-mini",
  "local/gpt-5-mini",
];
/** Those that speak OpenAI's chat completions. */
const chatDialects = ["openai/gpt-5-mini", "openrouter/openai/gpt-5-mini", "local/gpt-5-mini"];

function ask(model: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const signal = AbortSignal.timeout(10_000);
  return {
    model,
    messages: [{ role: "user", content: prompt }],
    attempt: 1,
    idempotencyKey: "run:step:1",
    signal,
    ...more,
  };
}

/** The same request, asked for at once and streamed; with what was streamed. */
async function bothWays(
  request: ModelRequest,
): Promise<readonly (ModelResponse & { readonly deltas: readonly string[] })[]> {
  const deltas: string[] = [];
  const whole = await models.generate(request);
  const streamed = await models.generate({ ...request, onDelta: (text) => void deltas.push(text) });
  return [
    { ...whole, deltas: [whole.text] },
    { ...streamed, deltas },
  ];
}

async function failureOf(request: ModelRequest): Promise<TerminalError | RetryableError> {
  const error: unknown = await models.generate(request).then(
    () => "no failure",
    (error: unknown) => error,
  );
  if (!(error instanceof TerminalError) && !(error instanceof RetryableError))
    throw new Error(`not typed: ${inspect(error)}`);
  expectNoSecret(error);
  return error;
}

/** Nothing that a logger could print of an error holds the key, the prompt or what the provider wrote. */
function expectNoSecret(error: unknown): void {
  const everything = inspect(error, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null });
  expect(everything).not.toContain("canary");
  expect(everything).not.toContain("upstream");
}

const streamings: readonly (readonly [string, Pick<ModelRequest, "onDelta">])[] = [
  ["asked at once", {}],
  ["streamed", { onDelta: () => {} }],
];

const lastRequest = (): JournalEntry => {
  const entry = mock.getLastRequest();
  if (entry === null) throw new Error("no request came");
  return entry;
};

describe.each(everyDialect)("%s", (model) => {
  it("answers with the text, whole and in pieces that add up to it", async () => {
    mock.onMessage(/canary/, { content: "The answer is four." });
    for (const response of await bothWays(ask(model, { system: "Be brief." }))) {
      expect(response).toMatchObject({ text: "The answer is four.", toolCalls: [], model, modelUsed: model });
      expect(response.deltas.join("")).toBe(response.text);
    }
    expect(lastRequest().body).toMatchObject({ messages: [{ content: "Be brief." }, { role: "user" }] });
  });

  it("hands tool calls over, and sends a choice of tool along", async () => {
    const written = '{"city":"Kyoto"}';
    mock.onMessage(/canary/, { toolCalls: [{ id: "call_a", name: "weather", arguments: written }] });
    const tools = [{ name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }];
    for (const response of await bothWays(ask(model, { tools, toolChoice: { name: "weather" } }))) {
      expect(response.toolCalls).toEqual([{ id: expect.any(String), name: "weather", arguments: written }]);
    }
    expect(lastRequest().body).toMatchObject({ tools: [{ type: "function", function: { name: "weather" } }] });
  });

  it("sends a conversation with its tool calls and results back", async () => {
    const call = { id: "call_a", name: "weather", arguments: '{"city":"Kyoto"}' };
    mock.on({ hasToolResult: true, toolResultContains: "rain" }, { content: "It rains." });
    const messages = [
      { role: "user", content: "Kyoto?" },
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", toolCallId: "call_a", content: "rain" },
    ] as const;
    for (const response of await bothWays(ask(model, { messages }))) expect(response.text).toBe("It rains.");
    expect(lastRequest().body).toMatchObject({
      messages: [
        { role: "user", content: "Kyoto?" },
        { role: "assistant", tool_calls: [{ function: { name: "weather", arguments: call.arguments } }] },
        { role: "tool", content: expect.stringContaining("rain") },
      ],
    });
  });

  it("gives back the object that the model wrote for a schema", async () => {
    mock.onMessage(/canary/, { content: '{"sum": 4}' });
    const outputSchema = { type: "object", properties: { sum: { type: "number" } } };
    for (const response of await bothWays(ask(model, { outputSchema }))) {
      expect(response.object).toEqual({ sum: 4 });
      expect(JSON.parse(response.text)).toEqual({ sum: 4 });
    }
  });

  it.each(["four", '["four"]', "null", '{"sum": 4'])("gives no object back for the text %s", async (content) => {
    mock.onMessage(/canary/, { content });
    const response = await models.generate(ask(model, { outputSchema: { type: "object", properties: {} } }));
    expect(response).not.toHaveProperty("object");
    expect(response.text).toBe(content);
  });

  it("sends the key and the idempotency key as headers, and the key nowhere else", async () => {
    mock.onMessage(/canary/, { content: "4" });
    await models.generate(ask(model));
    expect(lastRequest().headers["idempotency-key"]).toBe("run:step:1");
    expect(lastRequest().path).not.toContain(apiKey);
    expect(JSON.stringify(lastRequest().body)).not.toContain(apiKey);
    const { port, headers } = await capturingServer();
    await modelsAt(`http://127.0.0.1:${port}`)
      .generate(ask(model))
      .catch(() => undefined);
    const [sent] = headers;
    const key = sent?.["x-api-key"] ?? sent?.["x-goog-api-key"] ?? sent?.["authorization"];
    expect(key).toMatch(new RegExp(`^(Bearer )?${apiKey}$`));
  });
});

describe.each(chatDialects)("%s, in chat completions,", (model) => {
  it("says which model answered, by its full name", async () => {
    mock.onMessage(/canary/, { content: "4", model: "gpt-5-mini-2025-08-07" });
    for (const response of await bothWays(ask(model))) {
      expect(response.modelUsed).toBe(`${model.slice(0, model.indexOf("/"))}/gpt-5-mini-2025-08-07`);
    }
  });

  it("hands the arguments of tool calls over, and back, as the model wrote them", async () => {
    const written = '{ "id": 12345678901234567890, "city":"Kyoto" }';
    const call = { id: "call_a", name: "weather", arguments: written };
    mock.onMessage(/canary/, { toolCalls: [call] });
    for (const response of await bothWays(ask(model))) expect(response.toolCalls).toEqual([call]);
    mock.onToolResult("call_a", { content: "It rains." });
    const messages = [
      { role: "user", content: "Kyoto?" },
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", toolCallId: "call_a", content: "rain" },
    ] as const;
    await models.generate(ask(model, { messages }));
    expect(lastRequest().body).toMatchObject({
      messages: [
        {},
        { tool_calls: [{ id: "call_a", type: "function", function: { name: "weather", arguments: written } }] },
        { tool_call_id: "call_a", content: "rain" },
      ],
    });
  });

  it("asks for an object of the schema, loosely", async () => {
    mock.onMessage(/canary/, { content: "{}" });
    const outputSchema = { type: "object", properties: { sum: { type: "number" } } };
    await models.generate(ask(model, { outputSchema, onDelta: () => {} }));
    expect(lastRequest().body).toMatchObject({
      response_format: { type: "json_schema", json_schema: { schema: outputSchema, strict: false } },
      stream_options: { include_usage: true },
    });
  });
});

it("keeps nothing at OpenAI where its Responses API would store the conversation", async () => {
  const { port, bodies } = await capturingServer();
  await modelsAt(`http://127.0.0.1:${port}`)
    .generate(ask("openai/gpt-5-pro"))
    .catch(() => undefined);
  expect(bodies).toEqual([expect.objectContaining({ model: "gpt-5-pro", store: false })]);
});

it("asks Anthropic for a schema natively, and by a tool where its own form would lose data", async () => {
  const { port, bodies } = await capturingServer();
  const closed = { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] };
  for (const outputSchema of [closed, { type: "object", additionalProperties: { type: "number" } }]) {
    const request = ask("anthropic/claude-sonnet-4-6", { outputSchema });
    await modelsAt(`http://127.0.0.1:${port}`)
      .generate(request)
      .catch(() => undefined);
  }
  expect(bodies).toEqual([
    expect.objectContaining({ output_config: { format: expect.objectContaining({ type: "json_schema" }) } }),
    expect.objectContaining({ tools: [expect.objectContaining({ name: "json" })] }),
  ]);
});

it.each([
  [{ "retry-after": "7" }, 7_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "7", "retry-after-ms": "1250" }, 1_250],
  [{ "retry-after": "Fri, 20 Nov 2026 10:00:30 GMT", date: "Fri, 20 Nov 2026 10:00:00 GMT" }, 30_000],
  [{ "retry-after": "Fri, 20 Nov 2026 10:00:00 GMT", date: "Fri, 20 Nov 2026 10:00:30 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("reads from the headers %j to wait for %s ms", async (headers, retryAfterMs) => {
  const { port } = await listen((_request, response) => void response.writeHead(503, headers).end());
  models = modelsAt(`http://127.0.0.1:${port}`);
  expect(await failureOf(ask("local/llama"))).toMatchObject({ retryAfterMs });
});

it.each([
  ["openai/gpt-5-mini", 400, "context_length_exceeded", "Prompt and answer"],
  ["openai/gpt-5-pro", 400, "context_length_exceeded", "Prompt and answer"],
  ["local/gpt-5-mini", 404, "model_not_found", "Is the model's name right"],
])(
  "says what is behind a refusal of %s, where the provider's code is one that is known",
  async (model, status, code, hint) => {
    mock.onMessage(/canary/, { error: { message: "upstream", code }, status });
    expect((await failureOf(ask(model))).message).toContain(`HTTP ${status} ${code}. ${hint}`);
  },
);

it("speaks to OpenAI's reasoning models as they want it, and plainly to others", async () => {
  mock.onMessage(/canary/, { content: "4" });
  const settings = { system: "Be brief.", temperature: 0.2, maxOutputTokens: 800 };
  await models.generate(ask("openai/gpt-5-mini", settings));
  expect(lastRequest().body).toMatchObject({ max_completion_tokens: 800, messages: [{ role: "developer" }, {}] });
  expect(lastRequest().body).not.toHaveProperty("temperature");
  await models.generate(ask("local/llama3.2:3b", settings));
  expect(lastRequest().body).toMatchObject({
    model: "llama3.2:3b",
    max_tokens: 800,
    temperature: 0.2,
    messages: [{ role: "system", content: "Be brief." }, {}],
  });
});

it("sends no key where there is none", async () => {
  const { port, headers } = await capturingServer();
  await modelsAt(`http://127.0.0.1:${port}`).generate(ask("open/llama"));
  expect(headers.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it.each(everyDialect)("hands the address of an attachment on to %s, and fetches nothing", async (model) => {
  const { port, bodies } = await capturingServer();
  const url = "https://files.invalid/cat.png";
  const messages = [{ role: "user", content: prompt, attachments: [{ url, mimeType: "image/png" }] }] as const;
  await modelsAt(`http://127.0.0.1:${port}`)
    .generate(ask(model, { messages }))
    .catch(() => undefined);
  expect(bodies).toHaveLength(1);
  expect(JSON.stringify(bodies)).toContain(url);
});

describe.each(streamings)("what a filter keeps back, %s,", (_way, streaming) => {
  it.each([
    [
      "openai/gpt-5-mini",
      chatChunk({ delta: {}, message: { role: "assistant", content: "" }, finish_reason: "content_filter" }),
    ],
    ["google/gemini-2.5-flash", { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 9 } }],
    ["google/gemini-2.5-flash", { candidates: [{ finishReason: "SAFETY" }], usageMetadata: { promptTokenCount: 9 } }],
  ])("is told as such by %s", async (model, answer) => {
    const { port } = await listen((_request, response) => {
      if (streaming.onDelta === undefined)
        response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
      else response.setHeader("content-type", "text/event-stream").end(sse(answer));
    });
    const response = await modelsAt(`http://127.0.0.1:${port}`).generate(ask(model, streaming));
    expect(response).toMatchObject({ isRefused: true, text: "" });
  });
});

it("estimates what a call used when the provider does not tell", async () => {
  const { port } = await capturingServer();
  for (const streaming of [{}, { onDelta: () => {} }]) {
    const request = ask("open/llama", streaming);
    const response = await modelsAt(`http://127.0.0.1:${port}`).generate(request);
    // A token is about four characters.
    expect(response).toMatchObject({ isUsageUnknown: true, usage: { prompt: 8, completion: 1, total: 9 } });
  }
});

describe.each(everyDialect)("%s, when the provider fails,", (model) => {
  describe.each(streamings)("%s", (_way, streaming) => {
    const request = () => ask(model, streaming);

    it.each([401, 403])("takes %i for a rejected key, with nothing to gain by a retry", async (status) => {
      mock.onMessage(/canary/, { error: { message: `upstream says ${apiKey} is wrong` }, status });
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.code).toBe("BYOK_KEY_REJECTED");
      expect(error.message).toContain(`${model}: HTTP ${status}.`);
    });

    it("takes 429 for a reason to come back when it is told to", async () => {
      mock.onMessage(/canary/, { error: { message: `upstream: ${prompt}` }, status: 429, retryAfter: 7 });
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(RetryableError);
      expect(error).toMatchObject({ code: "MODEL_PROVIDER_ERROR", retryAfterMs: 7_000 });
      expect(error.message).toContain("HTTP 429. The provider limits how often it is called.");
    });

    it.each([500, 503, 408])("takes %i for a reason to try again", async (status) => {
      mock.onMessage(/canary/, { error: { message: "upstream trouble" }, status });
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(RetryableError);
      expect(error.message).toContain(`HTTP ${status}.`);
    });

    it.each([400, 404, 422])("takes %i for a request that is wrong", async (status) => {
      mock.onMessage(/canary/, { error: { message: `upstream: ${prompt}`, code: "canary_code" }, status });
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(TerminalError);
      expect(error.code).toBe("MODEL_PROVIDER_ERROR");
      expect(error.message).toContain(`HTTP ${status}.`);
    });

    it("makes one request, whatever comes of it", async () => {
      mock.onMessage(/canary/, { error: { message: "upstream trouble" }, status: 500 });
      await failureOf(request());
      expect(mock.getRequests()).toHaveLength(1);
    });

    it("takes a rate limit that comes out of nowhere, and a server that drops calls, for reasons to try again", async () => {
      mock.onMessage(/canary/, { content: "4" });
      for (const chaos of [{ rateLimitRate: 1 }, { dropRate: 1 }]) {
        mock.setChaos(chaos);
        expect(await failureOf(request())).toBeInstanceOf(RetryableError);
      }
    });

    it("takes an answer that is not JSON for a reason to try again", async () => {
      mock.onMessage(/canary/, { content: "4" });
      mock.setChaos({ malformedRate: 1 });
      expect(await failureOf(request())).toBeInstanceOf(RetryableError);
    });

    it("takes a closed connection for a reason to try again", async () => {
      mock.onMessage(/canary/, { content: "4" });
      mock.setChaos({ disconnectRate: 1 });
      expect(await failureOf(request())).toBeInstanceOf(RetryableError);
    });

    it("takes a web page for a reason to try again", async () => {
      const { port } = await listen((_request, response) => {
        response.setHeader("content-type", "text/html").end("<h1>upstream gateway</h1>");
      });
      models = modelsAt(`http://127.0.0.1:${port}`);
      expect(await failureOf(request())).toBeInstanceOf(RetryableError);
    });

    it("names what refused the connection", async () => {
      const { port } = await listen(() => {});
      models = modelsAt(`http://127.0.0.1:${port}`);
      await closeServer(port);
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(RetryableError);
      expect(error.message).toContain("ECONNREFUSED");
    });

    it("gives the signal's reason and closes the connection when it is aborted", async () => {
      const { port, server } = await listen(() => {});
      const asked = once(server, "request");
      const gone = asked.then(([, response]) => once(response, "close"));
      const controller = new AbortController();
      const reason = new Error("the run was cancelled");
      const answer = modelsAt(`http://127.0.0.1:${port}`).generate({ ...request(), signal: controller.signal });
      const failure = answer.catch((error: unknown) => error);
      await asked;
      controller.abort(reason);
      expect(await failure).toBe(reason);
      await gone;
    });

    it("makes no request under a signal that has aborted", async () => {
      const reason = new Error("too late");
      await expect(models.generate({ ...request(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(mock.getRequests()).toHaveLength(0);
    });
  });

  it("takes a stream that is cut in the middle for a reason to try again, after its first words", async () => {
    mock.onMessage(
      /canary/,
      { content: "The answer is four, I think." },
      { chunkSize: 1, truncateAfterChunks: 15, latency: 5 },
    );
    const deltas: string[] = [];
    const error = await failureOf(ask(model, { onDelta: (text) => void deltas.push(text) }));
    expect(error).toBeInstanceOf(RetryableError);
    expect("The answer is four, I think.").toContain(deltas.join(""));
    expect(deltas.join("")).not.toBe("");
  });

  it.each([
    ["ends without saying why", ""],
    ["breaks into something that is not JSON", "data: {upstream canary\n\n"],
    ["carries an error", 'data: {"error":{"message":"upstream canary","type":"server_error"}}\n\n'],
  ])("takes a stream that %s for a reason to try again", async (_how, end) => {
    const { port } = await listen((_request, response) => {
      response.setHeader("content-type", "text/event-stream").end(firstWord(model) + end);
    });
    models = modelsAt(`http://127.0.0.1:${port}`);
    expect(await failureOf(ask(model, { onDelta: () => {} }))).toBeInstanceOf(RetryableError);
  });

  it("closes the connection when it is aborted between two words", async () => {
    const { port, server } = await listen((_request, response) => {
      response.setHeader("content-type", "text/event-stream").write(firstWord(model));
    });
    const gone = once(server, "request").then(([, response]) => once(response, "close"));
    const controller = new AbortController();
    const reason = new Error("the run was cancelled");
    const onDelta = (): void => controller.abort(reason);
    const answer = modelsAt(`http://127.0.0.1:${port}`).generate(ask(model, { onDelta, signal: controller.signal }));
    await expect(answer).rejects.toBe(reason);
    await gone;
  });
});

/** Frames of a stream up to its first word, in the wire format of `model`. */
function firstWord(model: string): string {
  if (model.startsWith("anthropic/")) return sse(...anthropicOpening);
  if (model.startsWith("google/")) return sse({ candidates: [{ content: { role: "model", parts: [{ text: "4" }] } }] });
  return model.includes("-pro") ? sse(...responsesOpening) : sse(chatChunk({ delta: { content: "4" } }));
}

function sse(...frames: readonly object[]): string {
  return frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("");
}

function chatChunk(choice: object) {
  return { id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, ...choice }] };
}

const anthropicOpening = [
  {
    type: "message_start",
    message: { id: "1", type: "message", role: "assistant", model: "m", content: [], usage: { input_tokens: 9 } },
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "4" } },
];

const responsesOpening = [
  { type: "response.created", response: { id: "1", created_at: 1, model: "m" } },
  { type: "response.output_item.added", output_index: 0, item: { type: "message", id: "2" } },
  { type: "response.output_text.delta", item_id: "2", delta: "4" },
];

const chatStream = `${sse(chatChunk({ delta: { content: "4" } }), chatChunk({ delta: {}, finish_reason: "stop" }))}data: [DONE]\n\n`;

const completion = {
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "4" }, finish_reason: "stop" }],
};

/** A server that answers every chat completion and keeps what it was sent, which the mock redacts and rewrites. */
async function capturingServer() {
  const headers: IncomingHttpHeaders[] = [];
  const bodies: { readonly stream?: boolean }[] = [];
  const { port } = await listen((request, response) => {
    headers.push(request.headers);
    void json(request).then((body) => {
      const sent = body as { readonly stream?: boolean }; // reason: the SDKs send objects
      bodies.push(sent);
      if (sent.stream === true) response.setHeader("content-type", "text/event-stream").end(chatStream);
      else response.setHeader("content-type", "application/json").end(JSON.stringify(completion));
    });
  });
  return { port, headers, bodies };
}

const closers = new Map<number, () => Promise<void>>();

/** Listens until the test is over. */
async function listen(handler: RequestListener): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is one of these
  closers.set(port, async () => {
    closers.delete(port);
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  onTestFinished(() => closeServer(port));
  return { port, server };
}

async function closeServer(port: number): Promise<void> {
  await closers.get(port)?.();
}
