import { expect, test } from "vitest";
import { zErrorResponse, zExecutePausedResponse, zRunSummary } from "../src/generated/zod.gen.ts";
import { makeDirectory, refusal, seq, startTestServer, type TestServer, weatherTools } from "./harness.ts";

const tools = weatherTools;
const execute = `${seq}/asking/execute`;

interface Paused {
  readonly executionId: string;
  readonly pausedAtStep: string;
  readonly iterationsUsed: number;
  readonly toolCallMessages: readonly object[];
  readonly accumulatedOutputs: object;
}

async function pause(server: TestServer, headers: Readonly<Record<string, string>> = {}): Promise<Paused> {
  const response = await server.call("POST", execute, { body: { message: "Lyon", tools }, headers });
  return zExecutePausedResponse.parse(await response.json());
}

/** What a client sends back: the pause, echoed, with an answer to each call. */
function answered({ executionId, pausedAtStep, toolCallMessages }: Paused, results = ["sunny", "noon"]): object {
  const answers = results.map((content, index) => ({ role: "tool", tool_call_id: `call_${index + 1}`, content }));
  return { executionId, pausedAtStep, toolCallMessages: [...toolCallMessages, ...answers] };
}

test("a run whose model asks for tools answers with everything that a client needs to go on", async () => {
  const server = await startTestServer();
  const response = await server.call("POST", execute, { body: { message: "Lyon", tools } });
  const call = (id: string, name: string) => ({
    id,
    type: "function",
    function: { name, arguments: '{"place":"Lyon"}' },
  });
  const toolCalls = [call("call_1", "get_weather"), call("call_2", "get_time")];
  const executionId = response.headers.get("x-noukai-execution-id");
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      status: "tool_calls_required",
      executionId,
      pausedAtStep: "ask",
      iterationsUsed: 1,
      toolCallMessages: [{ role: "assistant", content: null, tool_calls: toolCalls }],
      toolCalls,
      accumulatedOutputs: { keep: { message: "Lyon" } },
      flowId: expect.any(String),
      blockCount: 3,
    },
  ]);
});

test("what a paused run waits for is in its summary, until it is answered", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const read = async () =>
    zRunSummary.parse(await (await server.call("GET", `${seq}/asking/runs/${paused.executionId}`)).json());
  expect(await read()).toMatchObject({ status: "paused", result: null, error: null, pause: paused, stepCount: 3 });
  await server.call("POST", execute, { body: answered(paused) });
  expect(await read()).toMatchObject({ status: "completed", pause: null });
});

test("a resume without the tools goes on to the end, under the same execution", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const response = await server.call("POST", execute, { body: answered(paused) });
  expect(response.headers.get("x-noukai-execution-id")).toBe(paused.executionId);
  expect(await response.json()).toMatchObject({
    status: "completed",
    executionId: paused.executionId,
    result: { text: "After: get_weather: sunny\nget_time: noon" },
    blockCount: 3,
  });
});

test("a resume that echoes the first call and uses other spellings is understood", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const answers = ["noon", "sunny"].map((output, index) => ({ role: "tool", toolCallId: `call_${2 - index}`, output }));
  const { executionId, pausedAtStep, iterationsUsed, accumulatedOutputs } = paused;
  const body = {
    message: null,
    messages: null,
    parameters: { message: "Lyon" },
    blockOverrides: {},
    attachments: [],
    tools,
    tool_choice: "auto",
    trace: false,
    execution_id: executionId,
    paused_at_step: pausedAtStep,
    iterationsUsed,
    accumulatedOutputs,
    toolCallMessages: [...paused.toolCallMessages, ...answers],
  };
  const response = await server.call("POST", execute, { body });
  expect(await response.json()).toMatchObject({ result: { text: "After: get_weather: sunny\nget_time: noon" } });
});

test("toolChoice decides whether and what a model may ask", async () => {
  const server = await startTestServer();
  const answerTo = async (toolChoice: unknown) =>
    (await server.call("POST", execute, { body: { message: "Lyon", tools, toolChoice } })).json();
  expect(await answerTo("none")).toMatchObject({ status: "completed", result: { text: "After: Lyon" } });
  expect(await answerTo("required")).toMatchObject({ toolCalls: [{ id: "call_1" }, { id: "call_2" }] });
  const named = { type: "function", function: { name: "get_time" } };
  expect(await answerTo(named)).toMatchObject({ toolCalls: [{ id: "call_1", function: { name: "get_time" } }] });
});

test("results that do not fit are refused, and the run can still be resumed", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const unfit = [["sunny"], ["sunny", "noon", "more"], []];
  for (const results of unfit) {
    const response = await server.call("POST", execute, { body: answered(paused, results) });
    expect(response.headers.get("x-noukai-execution-id")).toBe(paused.executionId);
    expect(await refusal(response)).toBe("400 TOOL_RESULTS_MISMATCH");
  }
  expect((await server.call("POST", execute, { body: answered(paused) })).status).toBe(200);
});

test("an identical repeat gets the same answer, other results come too late", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const texts: string[] = [];
  for (const _ of [1, 2]) texts.push(await (await server.call("POST", execute, { body: answered(paused) })).text());
  expect(texts[1]).toBe(texts[0]);
  const late = await server.call("POST", execute, { body: answered(paused, ["rain", "noon"]) });
  expect(await late.json()).toMatchObject({ detail: { code: "ALREADY_RESUMED", executionId: paused.executionId } });
  expect([late.status, late.headers.get("x-noukai-execution-id")]).toEqual([409, paused.executionId]);
});

test("of two resumes that race, equal ones share the answer and different ones have one winner", async () => {
  const server = await startTestServer();
  const race = async (first: object, second: object) =>
    Promise.all([first, second].map((body) => server.request("POST", execute, { body })));
  const [one, two] = [await pause(server), await pause(server)];
  const equal = await race(answered(one), answered(one));
  expect(await equal[1]?.text()).toBe(await equal[0]?.text());
  const different = await race(answered(two, ["rain", "noon"]), answered(two, ["sun", "noon"]));
  expect(new Set(different.map(({ status }) => status))).toEqual(new Set([200, 409]));
});

test("a resume of a cancelled run is 409 CANCELLED", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  await server.call("POST", `${seq}/asking/runs/${paused.executionId}/cancel`);
  expect(await refusal(await server.call("POST", execute, { body: answered(paused) }))).toBe("409 CANCELLED");
});

test("a pause outlives its process", async () => {
  const directory = await makeDirectory();
  const apiKey = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";
  const options = { dataDir: `${directory}/data`, apiKey };
  const first = await startTestServer(options);
  const paused = await pause(first);
  await first.close();
  const second = await startTestServer(options);
  const response = await second.call("POST", execute, { body: answered(paused) });
  expect(await response.json()).toMatchObject({ status: "completed", executionId: paused.executionId });
});

test("a resume names a run of this flow, of this project, that /execute began", async () => {
  const server = await startTestServer();
  const paused = await pause(server);
  const stepped = await server.call("POST", `${seq}/asking/step`, { body: { message: "Lyon" } });
  await stepped.text();
  const body = answered(paused);
  const codeOf = async (path: string, changes: object, key?: string) =>
    refusal(await server.call("POST", path, { body: { ...body, ...changes }, ...(key !== undefined && { key }) }));
  expect(
    await Promise.all([
      codeOf(execute, { executionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10" }),
      codeOf(execute, { executionId: "run-1" }),
      codeOf(execute, { executionId: stepped.headers.get("x-noukai-execution-id") }),
      codeOf(`${seq}/grade-3/execute`, {}),
      codeOf("/api/v1/seq/acme/other/elsewhere/execute", {}, server.otherKey),
    ]),
  ).toEqual(Array.from({ length: 5 }, () => "400 EXECUTION_ID_INVALID"));
});

test.each([
  [{ executionId: null }, "EXECUTION_ID_INVALID"],
  [{ pausedAtStep: null }, "PAUSED_STEP_INVALID"],
  [{ pausedAtStep: "last" }, "PAUSED_STEP_INVALID"],
  [{ toolCallMessages: [] }, "TOOL_RESULTS_MISMATCH"],
])("a resume with %j is 400 %s", async (changes, code) => {
  const server = await startTestServer();
  const body = { ...answered(await pause(server)), ...changes };
  expect(await refusal(await server.call("POST", execute, { body }))).toBe(`400 ${code}`);
});

test("an Idempotency-Key names one call, resumes included", async () => {
  const server = await startTestServer();
  const paused = await pause(server, { "idempotency-key": "made" });
  const resume = (key: string, body: object) =>
    server.call("POST", execute, { body, headers: { "idempotency-key": key } });
  expect(await refusal(await resume("made", answered(paused)))).toBe("422 IDEMPOTENCY_KEY_REUSED");
  const first = await resume("answer", answered(paused));
  const again = await resume("answer", answered(paused));
  expect(await again.text()).toBe(await first.text());
  const other = await resume("answer", answered(paused, ["rain", "noon"]));
  expect(await refusal(other)).toBe("422 IDEMPOTENCY_KEY_REUSED");
});

const named = (name: unknown) => ({ type: "function", function: { name } });

test.each([
  [
    "more than 64",
    { tools: Array.from({ length: 65 }, (_, index) => named(`f${index}`)) },
    "TOOLS_INVALID",
    /tools: must be at most 64/,
  ],
  ["no list", { tools: "get_weather" }, "TOOLS_INVALID", /tools: must be an array/],
  ["another kind", { tools: [{ type: "retrieval" }] }, "TOOLS_INVALID", /tools\[0\]\.type: must be "function"/],
  ["a bad name", { tools: [named("get weather")] }, "TOOL_NAME_INVALID", /tools\[0\]\.function\.name/],
  ["a name twice", { tools: [named("f"), named("f")] }, "TOOL_NAME_INVALID", /tools\[1\]\.function\.name: "f" is/],
  ["a choice of none", { tools: [named("f")], toolChoice: named("g") }, "TOOL_NAME_INVALID", /"g" is none of tools/],
  ["a choice without tools", { toolChoice: "required" }, "TOOLS_INVALID", /tools is empty/],
  ["a choice that is none", { tools: [named("f")], toolChoice: "maybe" }, "TOOLS_INVALID", /toolChoice/],
])("tools with %s are refused before a run exists", async (_, members, code, names) => {
  const server = await startTestServer();
  const response = await server.call("POST", execute, { body: { message: "Lyon", ...members } });
  const { detail } = zErrorResponse.parse(await response.json());
  expect([response.status, detail.code]).toEqual([400, code]);
  expect(detail.message).toMatch(names);
  expect(response.headers.has("x-noukai-execution-id")).toBe(false);
});

test("tools for a flow none of whose steps may ask are refused", async () => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a", tools } });
  expect(await refusal(response)).toBe("400 TOOLS_NOT_ENABLED");
});
