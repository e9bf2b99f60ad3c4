import { LLMock } from "@copilotkit/aimock";
import { type EventStream, type Fetch, Noukai, type NoukaiError } from "@noukai/sdk";
import { createTestServer, fault, flow, step } from "@noukai/sdk/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { operations } from "../src/contract/operations.ts";
import { zSseEventData } from "../src/generated/sse-events.gen.ts";
import * as validators from "../src/generated/zod.gen.ts";
import { startTestServer, weatherTools } from "./harness.ts";

// The scripted server of `@noukai/sdk/testing` must not drift from this one: both are asked the same, by the real SDK.

const session = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const echo = { model: "noukai/echo", costUsd: "0" };

const tools = weatherTools.map(({ function: about }) => ({ type: "function" as const, function: about }));

/** The harness's flows as scripts. */
const scripts = {
  "acme/spelling/grade-3": flow(
    ({ message = "", parameters: { difficulty } }) => [
      step("check", { ...echo, text: ["Check ", `(${String(difficulty)}): `, message] }),
      step("keep"),
    ],
    { defaults: { difficulty: "easy" } },
  ),
  "acme/spelling/failing": flow([
    step("fail", { ...echo, text: "", error: { code: "MODEL_PROVIDER_ERROR", message: "m" } }),
  ]),
  "acme/spelling/retried": flow(({ message = "" }) => [
    step("flaky", { ...echo, retries: [{ code: "MODEL_PROVIDER_ERROR", message: "m" }], text: message }),
  ]),
  "acme/spelling/asking": flow([
    step("keep"),
    step("ask", {
      ...echo,
      toolCalls: ["get_weather", "get_time"].map((name) => ({ name, arguments: { place: "Lyon" } })),
      onResults: (results) => ({
        ...echo,
        text: results.map(({ name, content }) => `${name}: ${content}`).join("\n"),
      }),
    }),
    step("last", { ...echo, text: ["After: ", "…"] }),
  ]),
  "acme/spelling/endless": flow([step("wait", { ...echo, text: "a", after: 600_000 })]),
};

/** One exchange, as far as both servers must agree. */
interface Exchange {
  readonly request: string;
  readonly status: number;
  readonly headers: readonly string[];
  /** The shape of the JSON, or of the frames. */
  readonly shape: unknown;
}

/** Values whose form counts, and not what they are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, shapeOf(member)]),
  );
}

interface Frame {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: object;
}

function framesOf(text: string): readonly Frame[] {
  return text
    .split("\n\n")
    .filter((frame) => frame !== "" && !frame.startsWith(":"))
    .map((frame) => {
      const [, id, event = "", data = "{}"] = /^(?:id: (\d+)\n)?event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      return { id, event, data: JSON.parse(data) as object }; // the contract has objects
    });
}

/** How text is cut into pieces is up to each; that there is some is not, but to a reader who joins: a step may be over by then. */
function frameShapes(text: string, { isJoined }: { readonly isJoined: boolean }): readonly unknown[] {
  const shapes = framesOf(text).map(({ id, event, data }) => ({ id, event, data: shapeOf(data) }));
  return shapes.filter(
    ({ event }, index) => event !== "step_output" || (!isJoined && shapes[index - 1]?.event !== event),
  );
}

/** Keeps what goes through. */
function recording(fetch: Fetch) {
  const exchanges: Exchange[] = [];
  const answers: {
    readonly request: Request;
    readonly status: number;
    readonly type: string;
    readonly text: string;
  }[] = [];
  const recorded: Fetch = async (request) => {
    // The SDK lets go of a stream with its last event; the copy is read to its end all the same.
    const response = await fetch(new Request(request, { signal: null }));
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const copy = response.clone();
    const path = new URL(request.url).pathname.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}");
    const index =
      exchanges.push({ request: `${request.method} ${path}`, status: response.status, headers: [], shape: undefined }) -
      1;
    // A stream that its reader leaves never ends here.
    void copy.text().then(
      (text) => {
        answers.push({ request, status: response.status, type, text });
        const shape =
          type === "text/event-stream"
            ? frameShapes(text, { isJoined: request.method === "GET" })
            : shapeOf(JSON.parse(text));
        const headers = ["content-type", "x-request-id", "x-noukai-execution-id", "x-should-retry"].filter((name) =>
          response.headers.has(name),
        );
        exchanges[index] = { request: `${request.method} ${path}`, status: response.status, headers, shape };
      },
      () => {},
    );
    return response;
  };
  return { fetch: recorded, exchanges, answers };
}

type Served = { readonly fetch: Fetch; readonly key: string };

function clientOf({ fetch, key }: Served): Noukai {
  const noukai = new Noukai({
    apiKey: key,
    baseUrl: "https://server.test/api/v1",
    org: "acme",
    project: "spelling",
    fetch,
  });
  onTestFinished(() => noukai.close());
  return noukai;
}

async function drain(events: EventStream): Promise<string> {
  await Array.fromAsync(events);
  return events.executionId ?? "";
}

function codeOf(error: unknown): string | undefined {
  return (error as NoukaiError).code; // the SDK throws nothing else
}

/** What a program may do with flows. */
const programs: Readonly<Record<string, (noukai: Noukai) => Promise<unknown>>> = {
  "executes, reads traces and a session": async (noukai) => {
    const flow = noukai.flow("grade-3");
    const parameters = { difficulty: "hard" };
    const { executionId } = await flow.execute({ message: "hous", parameters, trace: true, sessionId: session });
    const plain = await flow.execute({ message: "hous", sessionId: session });
    for (const id of [executionId, plain.executionId]) {
      await flow.run(id).trace();
      await noukai.run(id).stepTrace("check");
      await noukai.run(id).stepTrace("keep", { attempt: "all" });
    }
    return [plain.requiresToolCalls];
  },
  "reads events, live and once more": async (noukai) => {
    const flow = noukai.flow("grade-3");
    const executionId = await drain(flow.events({ message: "hous" }));
    await drain(flow.run(executionId).liveTrace());
    await drain(noukai.run(executionId).liveTrace({ after: 5 }));
    return [];
  },
  "walks step by step": async (noukai) => {
    const flow = noukai.flow("grade-3");
    await drain(flow.events({ message: "hous", stepwise: true, inputOverrides: { check: { text: "other" } } }));
    return [];
  },
  "meets failures": async (noukai) => {
    const flow = noukai.flow("failing");
    const code = codeOf(await flow.execute({ message: "a" }).catch((error: unknown) => error));
    const executionId = await drain(flow.events({ message: "a" }));
    await flow.run(executionId).trace();
    return [
      code,
      codeOf(
        await noukai
          .flow("nope")
          .execute({})
          .catch((error: unknown) => error),
      ),
    ];
  },
  "meets retries": async (noukai) => {
    const executionId = await drain(noukai.flow("retried").events({ message: "a" }));
    await noukai.run(executionId).stepTrace("flaky", { attempt: "all" });
    await noukai.run(executionId).trace();
    return [];
  },
  "answers tool calls, of an execute and of a stream": async (noukai) => {
    const flow = noukai.flow("asking");
    const toolHandler = (calls: readonly { readonly id: string }[]) =>
      calls.map(({ id }) => ({ toolCallId: id, output: "sunny" }));
    const result = await flow.execute({ message: "Lyon", tools, toolHandler });
    await drain(flow.events({ message: "Lyon", tools, toolHandler }));
    const paused = await flow.execute({ message: "Lyon", tools });
    await noukai.run(paused.executionId).trace();
    return [result.requiresToolCalls, paused.requiresToolCalls];
  },
  "queues a job, waits for it and cancels another": async (noukai) => {
    const job = await noukai.flow("grade-3").executeAsync({ message: "hous" });
    const { status } = await job.wait();
    const endless = await noukai.flow("endless").executeAsync({ message: "a" });
    await endless.cancel();
    const cancelled = await endless.wait();
    return [status, cancelled.status, cancelled.state];
  },
  // One after the other: which of two requests goes out first is nobody's promise.
  "is refused": async (noukai) => [
    await noukai.flow("acme/nowhere/grade-3").execute({ message: "a" }).catch(codeOf),
    await noukai.run("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10").trace().catch(codeOf),
  ],
  "uses a key twice": async (noukai) => {
    const flow = noukai.flow("grade-3");
    const idempotencyKey = "key-1";
    const first = await flow.execute({ message: "a", idempotencyKey });
    const again = await flow.execute({ message: "a", idempotencyKey });
    const other = await flow.execute({ message: "b", idempotencyKey }).catch((error: unknown) => error);
    return [first.executionId === again.executionId, codeOf(other)];
  },
};

async function run(program: (noukai: Noukai) => Promise<unknown>, { fetch, key }: Served) {
  const recorded = recording(fetch);
  const result = await program(clientOf({ fetch: recorded.fetch, key }));
  await vi.waitFor(() => expect(recorded.answers).toHaveLength(recorded.exchanges.length));
  return { result, exchanges: recorded.exchanges, answers: recorded.answers };
}

test.each(Object.entries(programs))(
  "the scripted server answers as this one does a program that %s",
  async (_, program) => {
    const real = await startTestServer();
    const expected = await run(program, { fetch: async (request) => real.app.fetch(request), key: real.key });
    const scripted = createTestServer({ flows: scripts });
    const actual = await run(program, { fetch: scripted.fetch, key: scripted.apiKey });
    expect(actual.result).toEqual(expected.result);
    expect(actual.exchanges).toEqual(expected.exchanges);
  },
);

test("what a model says ahead of its tool calls is told as this server tells it", async () => {
  const mock = await LLMock.create({ host: "127.0.0.1", port: 0, chunkSize: 4 });
  onTestFinished(() => mock.stop());
  const offered = tools.slice(0, 1);
  const toolCalls = [{ name: "get_weather", arguments: "{}" }];
  mock.on({ hasToolResult: false }, { content: "Let me look. ", toolCalls });
  mock.on({ hasToolResult: true }, { content: "It rains." });
  const asking = `
steps:
  - { id: ask, type: llm, model: openai/gpt-5-mini, prompt: "{{message}}", tools: true }
`;
  const models = { openai: { baseUrl: `${mock.url}/v1`, apiKey: "sk-test" } };
  const real = await startTestServer({ flows: { "acme/spelling/saying.yaml": asking }, models });
  const script = step("ask", {
    text: "Let me look. ",
    toolCalls: [{ name: "get_weather" }],
    onResults: () => ({ text: "It rains." }),
  });
  const scripted = createTestServer({ flows: { "acme/spelling/saying": flow([script]) } });
  const said = async (served: Served) => {
    const flow = clientOf(served).flow("saying");
    const toolHandler = (calls: readonly { readonly id: string }[]) =>
      calls.map(({ id }) => ({ toolCallId: id, output: "rain" }));
    const paused = await flow.execute({ message: "Lyon", tools: offered });
    const events = await Array.fromAsync(flow.events({ message: "Lyon", tools: offered, toolHandler }));
    return {
      exchange: paused.requiresToolCalls && paused.toolCallMessages.map(({ role, content }) => ({ role, content })),
      text: events.map((event) => (event.type === "step_output" ? event.outputData["delta"] : "")).join(""),
      output: events.find((event) => event.type === "step_completed")?.output,
    };
  };
  const expected = await said({ fetch: async (request) => real.app.fetch(request), key: real.key });
  expect(expected).toEqual({
    exchange: [{ role: "assistant", content: "Let me look. " }],
    text: "Let me look. It rains.",
    output: { text: "It rains." },
  });
  expect(await said({ fetch: scripted.fetch, key: scripted.apiKey })).toEqual(expected);
});

/** The validator of a success, by operation. */
const validatorOf: Readonly<Record<string, keyof typeof validators>> = {
  executeFlow: "zExecuteResponse",
  submitJob: "zJobAccepted",
  getJob: "zJobStatus",
  cancelRun: "zCancelAccepted",
  cancelRunByKey: "zCancelAccepted",
  cancelJob: "zCancelAccepted",
  getRun: "zRunSummary",
  getRunTrace: "zTrace",
  getRunStepTrace: "zStepTraceResponse",
  getSession: "zSessionRecording",
  listFlowRuns: "zFlowRunList",
};

function operationOf(request: Request): string {
  const { pathname } = new URL(request.url);
  const isAt = (path: string): boolean => new RegExp(`^${path.replace(/v?\{\w+\}/g, "[^/]+")}$`).test(pathname);
  const { operationId = "" } =
    operations.find(({ method, path }) => method === request.method.toLowerCase() && isAt(path)) ?? {};
  // A run's paths by flow and by id alone lead to the same answers.
  return operationId.replace(/Version$/, "").replace(/^(get|stream|cancel)Flow(?=Run)/, "$1");
}

test("all that the scripted server says is the contract's", async () => {
  const inner = [0, 1].map((loopIndex) => ({ id: "explain", loopIndex, text: ["a", "b"] }));
  const error = { code: "STEP_FAILED", message: "m" };
  const server = createTestServer({
    flows: {
      ...scripts,
      "acme/spelling/looping": flow([
        step("each", { inner: [...inner, { id: "explain", loopIndex: 2, error }], output: { items: [] } }),
        step("fan", { inner: [{ id: "tone" }], kind: "parallel" }),
      ]),
    },
  });
  const recorded = recording(server.fetch);
  const noukai = clientOf({ fetch: recorded.fetch, key: server.apiKey });
  for (const program of Object.values(programs)) await program(noukai);
  const looping = await drain(noukai.flow("looping").events());
  await noukai.run(looping).trace();
  await noukai.runs.list();
  const abort = new AbortController();
  const endless = noukai.flow("endless").execute({ signal: abort.signal });
  await vi.waitFor(() => expect(server.requests.at(-1)?.flow).toContain("endless"));
  abort.abort();
  await expect(endless).rejects.toMatchObject({ code: "ABORTED" });
  await noukai.close();
  const asked = [
    ["GET", "seq/sessions/5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c"],
    ["GET", `seq/acme/spelling/looping/runs/${looping}`],
    ["POST", `seq/acme/spelling/looping/jobs/${looping}/cancel`],
  ] as const;
  for (const [method, path] of asked) {
    const headers = { authorization: `Bearer ${server.apiKey}` };
    await recorded.fetch(new Request(`${server.baseUrl}/${path}`, { method, headers }));
  }
  await vi.waitFor(() => expect(recorded.answers).toHaveLength(recorded.exchanges.length));
  const unchecked = new Set([...Object.keys(validatorOf), "stepFlow", "streamRunTrace"]);
  for (const { request, status, type, text } of recorded.answers) {
    const operation = operationOf(request);
    unchecked.delete(operation);
    if (type === "text/event-stream") checkFrames(text);
    else checkJson(status < 400 ? validatorOf[operation] : "zErrorResponse", text);
  }
  expect([...unchecked]).toEqual([]);
});

function checkFrames(text: string): void {
  for (const { id, event, data } of framesOf(text)) {
    const validator = zSseEventData[event as keyof typeof zSseEventData]; // it must be one of them
    expect(validator?.safeParse(data).error, event).toBeUndefined();
    const isPartial = event === "step_output" || ("phase" in data && data.phase === "output");
    if (event !== "run_started") expect(id === undefined, event).toBe(isPartial);
  }
}

function checkJson(name: keyof typeof validators | undefined, text: string): void {
  const validator = name === undefined ? undefined : validators[name];
  if (!validator || !("safeParse" in validator)) throw new Error(`Nothing validates ${text}.`);
  expect(validator.safeParse(JSON.parse(text)).error).toBeUndefined();
}

test("a reader of the scripted server who is cut off sees what a reader of this one sees", async () => {
  const real = await startTestServer();
  const types = async (served: Served) => {
    const events = await Array.fromAsync(clientOf(served).flow("grade-3").events({ message: "hous" }));
    return events.filter(({ seq }) => seq !== undefined).map(({ seq, type }) => `${seq} ${type}`);
  };
  const expected = await types({ fetch: async (request) => real.app.fetch(request), key: real.key });
  const scripted = createTestServer({
    flows: scripts,
    faults: [fault.reset({ insideEvent: 2 }), fault.cleanEnd({ afterEvent: 5 })],
  });
  expect(await types({ fetch: scripted.fetch, key: scripted.apiKey })).toEqual(expected);
  scripted.assertDone();
});
