import { inspect } from "node:util";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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
  models = modelsAt(`${mock.url}/v1`);
});

afterEach(() => mock.stop());

/** `openai/…` with OpenAI's own dialect, `local/…` with plain chat completions and a key, `open/…` without a key. */
function modelsAt(baseUrl: string): ModelProvider {
  return createAiSdkModels({
    openai: { baseUrl, apiKey, dialect: "openai" },
    local: { baseUrl, apiKey },
    open: { baseUrl },
  });
}

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

const streamings = [
  ["asked at once", {}],
  ["streamed", { onDelta: () => {} }],
] as const;

const lastRequest = (): JournalEntry => {
  const entry = mock.getLastRequest();
  if (entry === null) throw new Error("no request came");
  return entry;
};

describe.each(["openai/gpt-5-mini", "local/gpt-5-mini"])("%s", (model) => {
  it("answers with the text, whole and in pieces that add up to it", async () => {
    mock.onMessage(/canary/, { content: "The answer is four.", model: "gpt-5-mini-2025-08-07" });
    for (const response of await bothWays(ask(model))) {
      expect(response).toMatchObject({ text: "The answer is four.", toolCalls: [], model });
      expect(response.modelUsed).toBe(`${model}-2025-08-07`);
      expect(response.deltas.join("")).toBe(response.text);
    }
  });

  it("counts tokens with the cached and the reasoning ones beside", async () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 300,
      total_tokens: 1_300,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 120 },
    };
    // Only the mock's OpenRouter endpoint reports the parts.
    models = modelsAt(`${mock.url}/api/v1`);
    mock.onMessage(/canary/, { content: "4", usage });
    for (const response of await bothWays(ask(model))) {
      expect(response.usage).toEqual({ prompt: 1_000, completion: 300, total: 1_300 });
      expect(response).toMatchObject({ cachedPromptTokens: 800, reasoningTokens: 120 });
    }
    expect(lastRequest().body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it("hands tool calls over with their arguments as the model wrote them", async () => {
    const written = '{ "id": 12345678901234567890, "city":"Kyoto" }';
    mock.onMessage(/canary/, { toolCalls: [{ id: "call_a", name: "weather", arguments: written }] });
    const tools = [{ name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }];
    for (const response of await bothWays(ask(model, { tools, toolChoice: { name: "weather" } }))) {
      expect(response.toolCalls).toEqual([{ id: "call_a", name: "weather", arguments: written }]);
    }
    expect(lastRequest().body).toMatchObject({
      tools: [{ type: "function", function: { name: "weather", parameters: tools[0]?.parameters } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
  });

  it("sends a conversation with its tool calls and results back to the letter", async () => {
    const call = { id: "call_a", name: "weather", arguments: '{"id":12345678901234567890}' };
    mock.onToolResult("call_a", { content: "It rains." });
    const response = await models.generate(
      ask(model, {
        messages: [
          { role: "user", content: "Kyoto?" },
          { role: "assistant", content: "", toolCalls: [call] },
          { role: "tool", toolCallId: "call_a", content: "rain" },
        ],
      }),
    );
    expect(response.text).toBe("It rains.");
    expect(lastRequest().body).toMatchObject({
      messages: [
        { role: "user", content: "Kyoto?" },
        {
          role: "assistant",
          tool_calls: [{ id: "call_a", type: "function", function: { name: "weather", arguments: call.arguments } }],
        },
        { role: "tool", tool_call_id: "call_a", content: "rain" },
      ],
    });
  });

  it("asks for an object of the schema, loosely, and gives the parsed one back", async () => {
    mock.onMessage(/canary/, { content: '{"sum": 4}' });
    const outputSchema = { type: "object", properties: { sum: { type: "number" } } };
    for (const response of await bothWays(ask(model, { outputSchema }))) {
      expect(response.object).toEqual({ sum: 4 });
      expect(JSON.parse(response.text)).toEqual({ sum: 4 });
    }
    expect(lastRequest().body).toMatchObject({
      response_format: { type: "json_schema", json_schema: { schema: outputSchema, strict: false } },
    });
  });

  it.each(["four", '["four"]', "null", '{"sum": 4'])("gives no object back for the text %s", async (content) => {
    mock.onMessage(/canary/, { content });
    const response = await models.generate(ask(model, { outputSchema: { type: "object" } }));
    expect(response).not.toHaveProperty("object");
    expect(response.text).toBe(content);
  });

  it("sends the key and the idempotency key as headers", async () => {
    mock.onMessage(/canary/, { content: "4" });
    await models.generate(ask(model));
    expect(lastRequest().headers["idempotency-key"]).toBe("run:step:1");
    const { port, headers } = await capturingServer();
    await modelsAt(`http://127.0.0.1:${port}/v1`).generate(ask(model));
    expect(headers.map(({ authorization }) => authorization)).toEqual([`Bearer ${apiKey}`]);
  });
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
  models = modelsAt(`http://127.0.0.1:${port}/v1`);
  expect(await failureOf(ask("local/llama"))).toMatchObject({ retryAfterMs });
});

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
  await modelsAt(`http://127.0.0.1:${port}/v1`).generate(ask("open/llama"));
  expect(headers.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it("hands the address of an attachment on, and fetches nothing", async () => {
  const bodies: string[] = [];
  const { port } = await listen((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.setHeader("content-type", "application/json").end(JSON.stringify(completion));
    });
  });
  const url = "https://files.invalid/cat.png";
  const messages = [{ role: "user", content: prompt, attachments: [{ url, mimeType: "image/png" }] }] as const;
  await modelsAt(`http://127.0.0.1:${port}/v1`).generate(ask("open/llava", { messages }));
  expect(bodies.map((body) => JSON.parse(body).messages)).toEqual([
    [
      {
        role: "user",
        content: [
          { type: "text", text: prompt },
          { type: "image_url", image_url: { url } },
        ],
      },
    ],
  ]);
});

it("says so when the provider does not tell what a call used", async () => {
  const { port } = await capturingServer();
  const response = await modelsAt(`http://127.0.0.1:${port}/v1`).generate(ask("open/llama"));
  expect(response).toMatchObject({ isUsageUnknown: true, usage: { prompt: 0, completion: 0, total: 0 } });
});

describe.each(["openai/gpt-5-mini", "local/gpt-5-mini"])("%s, when the provider fails,", (model) => {
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
      mock.onMessage(/canary/, {
        error: { message: `upstream: ${prompt}`, code: "rate_limit_exceeded" },
        status: 429,
        retryAfter: 7,
      });
      const error = await failureOf(request());
      expect(error).toBeInstanceOf(RetryableError);
      expect(error).toMatchObject({ code: "MODEL_PROVIDER_ERROR", retryAfterMs: 7_000 });
      expect(error.message).toContain("HTTP 429 rate_limit_exceeded.");
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

    it("says what is behind a refusal, where the provider's code is one that is known", async () => {
      mock.onMessage(/canary/, { error: { message: "upstream", code: "context_length_exceeded" }, status: 400 });
      expect((await failureOf(request())).message).toContain("HTTP 400 context_length_exceeded. Prompt and answer");
    });

    it("makes one request, whatever comes of it", async () => {
      mock.onMessage(/canary/, { error: { message: "upstream trouble" }, status: 500 });
      await failureOf(request());
      expect(mock.getRequests()).toHaveLength(1);
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
      models = modelsAt(`http://127.0.0.1:${port}/v1`);
      expect(await failureOf(request())).toBeInstanceOf(RetryableError);
    });

    it("names what refused the connection", async () => {
      const { port } = await listen(() => {});
      models = modelsAt(`http://127.0.0.1:${port}/v1`);
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
      const answer = modelsAt(`http://127.0.0.1:${port}/v1`).generate({ ...request(), signal: controller.signal });
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
    mock.onMessage(/canary/, { content: "The answer is four, I think." }, { truncateAfterChunks: 3, latency: 5 });
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
      response.setHeader("content-type", "text/event-stream").end(firstFrame + end);
    });
    models = modelsAt(`http://127.0.0.1:${port}/v1`);
    expect(await failureOf(ask(model, { onDelta: () => {} }))).toBeInstanceOf(RetryableError);
  });

  it("closes the connection when it is aborted between two words", async () => {
    const { port, server } = await listen((_request, response) => {
      response.setHeader("content-type", "text/event-stream").write(firstFrame);
    });
    const gone = once(server, "request").then(([, response]) => once(response, "close"));
    const controller = new AbortController();
    const reason = new Error("the run was cancelled");
    const onDelta = (): void => controller.abort(reason);
    const answer = modelsAt(`http://127.0.0.1:${port}/v1`).generate(ask(model, { onDelta, signal: controller.signal }));
    await expect(answer).rejects.toBe(reason);
    await gone;
  });
});

const firstFrame = `data: ${JSON.stringify({
  id: "1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta: { content: "4" } }],
})}\n\n`;

const completion = {
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "4" }, finish_reason: "stop" }],
};

/** A server that answers everything and keeps the headers it was sent, which the mock redacts. */
async function capturingServer() {
  const headers: { readonly authorization?: string | undefined }[] = [];
  const { port } = await listen((request, response) => {
    headers.push(request.headers);
    response.setHeader("content-type", "application/json").end(JSON.stringify(completion));
  });
  return { port, headers };
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
