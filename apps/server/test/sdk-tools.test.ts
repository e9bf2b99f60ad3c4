import {
  AlreadyResumedError,
  type ExecuteResult,
  FlowExecutionError,
  Noukai,
  type PausedResult,
  pauseOf,
  tool,
  ToolCallLimitError,
} from "@noukai/sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { makeDirectory, startTestServer, type TestServer } from "./harness.ts";

/** The real SDK against the real server, without a port. */
function clientOf(server: TestServer): Noukai {
  const client = new Noukai({
    apiKey: server.key,
    baseUrl: "https://server.invalid/api/v1",
    org: "acme",
    project: "spelling",
    fetch: async (request) => server.app.fetch(request),
  });
  onTestFinished(() => client.close());
  return client;
}

const place = z.object({ place: z.string() });
const getWeather = tool({ name: "get_weather", input: place, execute: ({ place }) => `sunny in ${place}` });
const getTime = tool({ name: "get_time", input: place, execute: () => ({ hour: 12 }) });
/** As a model is told of them, with nothing that runs them. */
const plainTools = [getWeather, getTime].map(({ type, function: described }) => ({ type, function: described }));

async function untilPaused(result: Promise<ExecuteResult | PausedResult>): Promise<PausedResult> {
  const answer = await result;
  if (answer.requiresToolCalls) return answer;
  throw new Error("The run is over.");
}

function resultsOf({ toolCalls }: PausedResult, output: unknown) {
  return { toolResults: toolCalls.map(({ id }) => ({ toolCallId: id, output })) };
}

test("tools run by themselves, and their results reach the model", async () => {
  const flow = clientOf(await startTestServer()).flow("asking");
  const answer = await flow.execute({ message: "Lyon", tools: [getWeather, getTime] });
  expect(answer).toMatchObject({
    requiresToolCalls: false,
    output: { text: 'After: get_weather: sunny in Lyon\nget_time: {"hour":12}' },
  });
});

test("a tool that fails ends no run", async () => {
  const flow = clientOf(await startTestServer()).flow("asking");
  const failing = tool({
    name: "get_time",
    input: place,
    execute: () => {
      throw new Error("The clock has stopped.");
    },
  });
  expect(await flow.execute({ message: "Lyon", tools: [getWeather, failing] })).toMatchObject({
    result: { text: 'After: get_weather: sunny in Lyon\nget_time: {"error":"The clock has stopped."}' },
  });
});

test("a handler answers the plain tools beside them", async () => {
  const flow = clientOf(await startTestServer()).flow("asking");
  const answer = await flow.execute({
    message: "Lyon",
    tools: [getWeather, ...plainTools.slice(1)],
    toolHandler: async (toolCalls) =>
      toolCalls.map((call) => ({ tool_call_id: call.id, output: `noon, asked with ${call.function.arguments}` })),
  });
  expect(answer).toMatchObject({
    result: { text: 'After: get_weather: sunny in Lyon\nget_time: noon, asked with {"place":"Lyon"}' },
  });
});

const twice = `
steps:
  - { id: first, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: second, type: llm, model: noukai/echo, prompt: "{{text}}", tools: true }
`;

test("a limit of one allows one round, and the run can go on behind it", async () => {
  const server = await startTestServer({ flows: { "acme/spelling/twice.yaml": twice } });
  const flow = clientOf(server).flow("twice");
  const options = { message: "Lyon", tools: [getWeather], maxToolRounds: 1 };
  const thrown = await flow.execute(options).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ToolCallLimitError);
  const pause = pauseOf(thrown);
  expect(pause).toMatchObject({ pausedAtStep: "second" });
  expect(await pause?.resume()).toMatchObject({ result: { text: expect.stringContaining("get_weather: sunny in") } });
  expect(await flow.execute({ ...options, maxToolRounds: 2 })).toMatchObject({ status: "completed" });
});

test("a pause is resumed by hand", async () => {
  const flow = clientOf(await startTestServer()).flow("asking");
  const pause = await untilPaused(
    flow.execute({ message: "Lyon", tools: plainTools, parameters: { a: 1 }, trace: true }),
  );
  expect(await pause.resume(resultsOf(pause, "fine"))).toMatchObject({
    executionId: pause.executionId,
    result: { text: "After: get_weather: fine\nget_time: fine" },
  });
});

test("a pause that was written down is resumed in another process, by its results and by its tools", async () => {
  const directory = await makeDirectory();
  const apiKey = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";
  const options = { dataDir: `${directory}/data`, apiKey };
  const first = await startTestServer(options);
  const flow = clientOf(first).flow("asking");
  const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
  const call = { message: "Lyon", tools: plainTools, sessionId };
  const pauses = [await untilPaused(flow.execute(call)), await untilPaused(flow.execute(call))] as const;
  const [one, two] = pauses.map((pause) => JSON.stringify(pause));
  expect(one).not.toContain(apiKey);
  await first.close();

  const client = clientOf(await startTestServer(options));
  expect(await client.resume(one ?? "", resultsOf(pauses[0], "fine"))).toMatchObject({
    executionId: pauses[0].executionId,
    sessionId,
    result: { text: "After: get_weather: fine\nget_time: fine" },
  });
  expect(await client.resume(JSON.parse(two ?? ""), { tools: [getWeather, getTime] })).toMatchObject({
    executionId: pauses[1].executionId,
    result: { text: expect.stringContaining("sunny in Lyon") },
  });
});

test("of two resumes that race, one wins and the other learns that it came too late", async () => {
  const client = clientOf(await startTestServer());
  const pause = await untilPaused(client.flow("asking").execute({ message: "Lyon", tools: plainTools }));
  const json = JSON.stringify(pause);
  const settled = await Promise.allSettled([
    pause.resume(resultsOf(pause, "sun")),
    pause.resume(resultsOf(pause, "rain")),
    client.resume(json, resultsOf(pause, "snow")),
  ]);
  const won = settled.filter(({ status }) => status === "fulfilled");
  const lost = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(won).toHaveLength(1);
  for (const error of lost) {
    expect(error).toBeInstanceOf(AlreadyResumedError);
    expect(error).toMatchObject({ code: "ALREADY_RESUMED", executionId: pause.executionId });
    expect(pauseOf(error)).toBeUndefined();
  }
});

test("equal resumes are one, at once and later", async () => {
  const client = clientOf(await startTestServer());
  const pause = await untilPaused(client.flow("asking").execute({ message: "Lyon", tools: plainTools }));
  const again = (): Promise<ExecuteResult | PausedResult> => pause.resume(resultsOf(pause, "sun"));
  const [first, second] = await Promise.all([again(), again()]);
  expect(second).toEqual(first);
  expect(await again()).toEqual(first);
  expect(await client.resume(JSON.stringify(pause), resultsOf(pause, "sun"))).toEqual(first);
});

test("an abort while a tool runs aborts the tool and cancels the run", async () => {
  const client = clientOf(await startTestServer());
  const controller = new AbortController();
  let given: { readonly executionId: string; readonly signal: AbortSignal } | undefined;
  const slow = tool({
    name: "get_weather",
    input: place,
    execute: (_, context) => {
      given = context;
      return new Promise(() => {});
    },
  });
  const call = client.flow("asking").execute({ message: "Lyon", tools: [slow], signal: controller.signal });
  const thrown = call.catch((error: unknown) => error);
  await vi.waitFor(() => expect(given).toBeDefined());
  controller.abort();
  expect(await thrown).toMatchObject({ name: "AbortError", billed: "possibly" });
  expect(given?.signal.aborted).toBe(true);
  await vi.waitFor(async () => {
    const { flowRun } = await client.run(given?.executionId ?? "").trace();
    expect(flowRun.status).toBe("cancelled");
  });
});

test("what a handler throws leaves the run waiting", async () => {
  const client = clientOf(await startTestServer());
  const fault = new Error("no database");
  const call = client.flow("asking").execute({
    message: "Lyon",
    tools: plainTools,
    toolHandler: () => {
      throw fault;
    },
  });
  await expect(call).rejects.toBe(fault);
  const pause = pauseOf(fault);
  const resumed = pause?.resume({ toolResults: pause.toolCalls.map(({ id }) => ({ toolCallId: id, output: "fine" })) });
  expect(await resumed).toMatchObject({ result: { text: "After: get_weather: fine\nget_time: fine" } });
});

test("a tool that needs approval runs once a person agrees, here or elsewhere", async () => {
  const client = clientOf(await startTestServer());
  const book = vi.fn(() => "booked");
  const tools = [getWeather, tool({ name: "book", input: place, execute: book, needsApproval: true })];
  const ask = (): Promise<PausedResult> => untilPaused(client.flow("asking").execute({ message: "Lyon", tools }));

  const pause = await ask();
  const [pending] = pause.pendingApprovals;
  expect(pending).toMatchObject({ name: "book", args: { place: "Lyon" } });
  const id = pending?.toolCallId ?? "";
  expect(book).not.toHaveBeenCalled();
  expect(await pause.resume({ approvals: { [id]: true } })).toMatchObject({
    result: { text: "After: get_weather: sunny in Lyon\nbook: booked" },
  });

  const elsewhere = JSON.stringify(await ask());
  const approvals = { [id]: { approved: false, reason: "Too dear." } };
  expect(await client.resume(elsewhere, { approvals, tools })).toMatchObject({
    result: { text: expect.stringContaining('book: {"error":"A person refused this call: Too dear."}') },
  });
  expect(book).toHaveBeenCalledOnce();
});

test("tools for a flow that asks for none are the server's error", async () => {
  const flow = clientOf(await startTestServer()).flow("grade-3");
  const call = flow.execute({ message: "a", tools: [getWeather] });
  await expect(call).rejects.toBeInstanceOf(FlowExecutionError);
  await expect(call).rejects.toMatchObject({ code: "TOOLS_NOT_ENABLED", billed: "no" });
});
