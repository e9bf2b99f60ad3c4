import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import {
  type CallOptions,
  makeDirectory,
  parseFrames,
  seq,
  startTestServer,
  type TestServer,
  weatherTools,
} from "../harness.ts";
import { storeKey } from "./world.ts";

/** Is in every value that is to stay where it was put. */
const canary = "c4n4ry";
const secret = (name: string): string => `${canary}-${name}`;

/** Answers every call with an error that tells all that it was told, as careless services do. */
async function startLeakyProvider(): Promise<string> {
  const provider = createServer((incoming, outgoing) => {
    let body = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (chunk: string) => (body += chunk));
    incoming.on("end", () => {
      const message = `Incorrect API key provided: ${incoming.headers.authorization}. You sent: ${body}`;
      outgoing.writeHead(401, { "content-type": "application/json", "x-echo": secret("upstream-header") });
      outgoing.end(JSON.stringify({ error: { message, code: "invalid_api_key" }, stack: secret("upstream-stack") }));
    });
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  onTestFinished(() => void provider.close());
  return `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`; // as: a TCP server that listens has one
}

interface Watched {
  readonly server: TestServer;
  readonly dataDir: string;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  /** A call whose answer is kept among `answers`. */
  readonly call: (path: string, body: unknown, options?: CallOptions) => Promise<string>;
  readonly answers: readonly { readonly status: number; readonly text: string; readonly headers: string }[];
}

async function startWatchedServer(): Promise<Watched> {
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line) => void lines.push(line) });
  const dataDir = await makeDirectory();
  const upstream = { baseUrl: await startLeakyProvider(), apiKey: `sk-${secret("provider-key")}` };
  const server = await startTestServer({ log, dataDir, models: { providers: { upstream } } });
  const answers: { status: number; text: string; headers: string }[] = [];
  const call: Watched["call"] = async (path, body, options = {}) => {
    const response = await server.request("POST", path, { ...options, body });
    const text = await response.text();
    answers.push({ status: response.status, text, headers: JSON.stringify([...response.headers]) });
    return text;
  };
  return { server, dataDir, lines, call, answers };
}

const attachments = [
  { url: `https://files.example/${secret("url")}.png?sig=${secret("signature")}`, mimeType: "image/png" },
];

const secretDefinition = {
  description: secret("description"),
  steps: [
    {
      id: "ask",
      type: "llm",
      model: "upstream/some-model",
      name: secret("name"),
      retry: { maxAttempts: 1 },
      system: secret("system"),
      prompt: `${secret("prompt")} {{message}}`,
    },
  ],
};

/** Puts a secret into whatever a caller can fill, in calls that go well, that are refused, and that fail. */
async function tellSecrets({ call, server }: Watched): Promise<void> {
  const headers = {
    "idempotency-key": secret("idempotency"),
    "user-agent": secret("agent"),
    "x-noukai-api-version": secret("version"),
    "x-forwarded-for": secret("forwarded"),
    cookie: secret("cookie"),
  };
  const body = { message: secret("message"), parameters: { difficulty: secret("parameter") }, trace: true };
  const blockOverrides = { check: { prompt: secret("override") } };
  await call(`${seq}/grade-3/execute`, { ...body, blockOverrides, attachments }, { headers });
  await call(`${seq}/grade-3/jobs`, body);
  await call(`${seq}/grade-3/step`, { ...body, runRemaining: true });
  await call("/api/v1/projects/acme/spelling/flows", { slug: "secret", definition: secretDefinition });
  await call(`${seq}/secret/execute`, body);
  await call(`${seq}/secret/step`, { ...body, runRemaining: true });
  await call("/api/v1/keys", { name: secret("key-name") });
  await refuseSecrets({ call, server });
  await answerTools({ call, server });
}

async function refuseSecrets({ call }: Pick<Watched, "call" | "server">): Promise<void> {
  const execute = `${seq}/grade-3/execute`;
  const refused: readonly unknown[] = [
    `{"message": "${secret("not-json")}`,
    `"${secret("no-object")}"`,
    { message: { deep: secret("wrong-type") } },
    { message: "a", messages: [{ role: "user", content: secret("both") }] },
    { messages: [{ role: secret("role"), content: secret("content") }] },
    { message: "a", attachments: [{ url: `http://${secret("host")}.example/x`, mimeType: "image/png" }] },
    {
      message: "a",
      attachments: [{ url: `https://a.example/`, mimeType: secret("mime"), filename: `../${secret("file")}` }],
    },
    { message: "a", tools: [{ type: "function", function: { name: "x y", description: secret("tool") } }] },
    { message: "a", toolChoice: secret("choice") },
    { message: "a", blockOverrides: { check: { temperature: secret("temperature") } } },
    { executionId: secret("id"), pausedAtStep: secret("step"), toolCallMessages: [{ content: secret("result") }] },
  ];
  for (const body of refused) await call(execute, body);
  const hooks = [
    `https://${secret("user")}:x@a.example/`,
    `https://${canary}.internal/`,
    `https://a.example/${secret("path")}`,
  ];
  for (const webhookUrl of hooks) await call(`${seq}/grade-3/jobs`, { message: "a", webhookUrl });
  await call(execute, { message: "a" }, { headers: { "x-session-id": secret("session") } });
  await call(execute, { message: "a" }, { headers: { "x-noukai-on-disconnect": secret("disconnect") } });
  await call(execute, { message: "a" }, { headers: { "content-type": `text/${canary}` } });
  const guesses = [`nk_live_${canary}xx_${"0".repeat(32)}`, `nk_${secret("malformed")}`, secret("no-key")];
  for (const key of guesses) await call(execute, { message: "a" }, { key });
  await call(
    execute,
    { message: secret("basic") },
    { key: null, headers: { authorization: `Basic ${secret("basic")}` } },
  );
}

async function answerTools({ call }: Pick<Watched, "call" | "server">): Promise<void> {
  const execute = `${seq}/asking/execute`;
  const pause = JSON.parse(await call(execute, { message: "a", tools: weatherTools })) as {
    executionId: string;
    pausedAtStep: string;
    toolCallMessages: object[];
    toolCalls: { id: string }[];
  }; // as: the contract's
  const { executionId, pausedAtStep, toolCalls } = pause;
  const resume = (messages: readonly object[]) =>
    call(execute, { executionId, pausedAtStep, toolCallMessages: [...pause.toolCallMessages, ...messages] });
  await resume([{ role: "tool", tool_call_id: secret("call-id"), content: secret("result") }]);
  await resume(toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: secret("result") })));
}

test("no secret of a caller's is in a log line, a metric, a refusal, or what another tenant is told", async () => {
  const watched = await startWatchedServer();
  await tellSecrets(watched);
  const { server, lines, answers } = watched;
  const statuses = new Set(answers.map(({ status }) => status));
  expect([200, 201, 202, 400, 401, 415, 422].filter((status) => !statuses.has(status))).toEqual([]);
  expect(lines.filter((line) => line.includes(canary))).toEqual([]);
  expect(lines.length).toBeGreaterThan(answers.length);
  const refusals = answers.filter(({ status }) => status >= 400);
  expect(refusals.filter(({ text }) => text.includes(canary))).toEqual([]);
  expect(answers.filter(({ headers }) => headers.includes(canary))).toEqual([]);
  expect(await (await server.call("GET", "/metrics")).text()).not.toContain(canary);
  const others = ["/api/v1/flow-runs", "/api/v1/keys", "/api/v1/projects/acme/other/flows", "/readyz", "/healthz"];
  for (const path of others) {
    const text = await (await server.call("GET", path, { key: server.otherKey })).text();
    expect([path, text.includes(canary)]).toEqual([path, false]);
  }
});

test("what a model's service tells of itself is in no event, trace or log, only that it refused its key", async () => {
  const { server, call, lines } = await startWatchedServer();
  await call("/api/v1/projects/acme/spelling/flows", {
    slug: "secret",
    definition: { steps: [{ id: "ask", type: "llm", model: "upstream/some-model", prompt: "hello {{message}}" }] },
  });
  const frames = parseFrames(await call(`${seq}/secret/step`, { message: "hello", runRemaining: true, trace: true }));
  expect(frames.at(-1)?.event).toBe("step_error");
  expect(JSON.stringify(frames)).not.toContain(canary);
  const runId = String(frames[0]?.data["executionId"]);
  const trace = await server.call("GET", `/api/v1/flow-runs/${runId}/trace`);
  expect(await trace.text()).not.toContain(canary);
  expect(lines.filter((line) => line.includes(canary))).toEqual([]);
});

/** The bytes of every file of the database. */
function filesOf(directory: string): readonly string[] {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), "latin1"));
}

test("neither a key nor a provider's credential is in any row", async () => {
  const watched = await startWatchedServer();
  const { server, dataDir, call } = watched;
  await tellSecrets(watched);
  const made = JSON.parse(await call("/api/v1/keys", { name: "made" })) as { secret: string }; // as: the contract's
  const keys = [server.key, server.otherKey, made.secret, await storeKey(server, { project: "spelling" })];
  await server.close();
  const files = filesOf(dataDir);
  // What is kept is found this way; so what is not found is not kept.
  expect(files.some((text) => text.includes(secret("message")))).toBe(true);
  for (const key of keys) expect(files.some((text) => text.includes(key.slice(-32)))).toBe(false);
  expect(files.some((text) => text.includes(secret("provider-key")))).toBe(false);
  expect(files.some((text) => text.includes(secret("upstream-stack")))).toBe(false);
});
