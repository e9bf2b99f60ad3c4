import { expect, test } from "vitest";
import { zSseEventData } from "../src/generated/sse-events.gen.ts";
import {
  type CallOptions,
  type Frame,
  logged,
  parseFrames,
  refusal,
  runsInWork,
  seq,
  startTestServer,
  type TestServer,
  weatherTools,
} from "./harness.ts";
import { decodeChunked, openRaw, rawRequest } from "./raw.ts";

interface Segment {
  readonly runId: string;
  readonly frames: readonly Frame[];
}

async function step(server: TestServer, flow: string, body: object, call: CallOptions = {}): Promise<Segment> {
  const response = await server.call("POST", `${seq}/${flow}/step`, { ...call, body });
  const frames = parseFrames(await response.text());
  return { runId: response.headers.get("x-noukai-execution-id") ?? "", frames };
}

/** `1 run_started`, or `run_started` for a frame without an id. */
function names(frames: readonly Frame[]): readonly string[] {
  return frames
    .filter(({ event }) => event !== "step_output")
    .map(({ id, event }) => (id === undefined ? event : `${id} ${event}`));
}

/** What a client sends back: the messages it was given, with an answer to each call. */
function answers(paused: Frame | undefined, results: readonly string[] = ["sunny", "noon"]): readonly unknown[] {
  const { toolCallMessages } = zSseEventData.step_paused_for_tool_calls.parse(paused?.data);
  return [
    ...toolCallMessages,
    ...results.map((content, index) => ({ role: "tool", tool_call_id: `call_${index + 1}`, content })),
  ];
}

/** One POST over a connection of its own, its body as the bytes came. */
async function rawStep(
  server: TestServer,
  flow: string,
  body: object,
): Promise<{ readonly head: string; readonly body: string }> {
  const connection = openRaw(server.port);
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    connection: "close",
  };
  connection.socket.write(rawRequest("POST", `${seq}/${flow}/step`, headers, text));
  expect(await connection.gone).toBe("end");
  const decoded = decodeChunked(connection.received());
  expect(decoded.isWhole).toBe(true);
  const head = connection.received().slice(0, connection.received().indexOf("\r\n\r\n"));
  return { head: head.toLowerCase(), body: decoded.body };
}

test("on the wire: segment by segment, LF only, ids that go on, a terminator each, one step_completed per node", async () => {
  const server = await startTestServer();
  const first = await rawStep(server, "slow", { message: "a" });
  const executionId = /x-noukai-execution-id: ([0-9a-f-]{36})/.exec(first.head)?.[1];
  const second = await rawStep(server, "slow", { executionId, stepIndex: 1 });
  const third = await rawStep(server, "slow", { executionId, stepIndex: 2 });
  for (const { head, body } of [first, second, third]) {
    expect(head).toContain(`x-noukai-execution-id: ${executionId}`);
    expect(body).not.toContain("\r");
    expect(body.endsWith("\n\n")).toBe(true);
    for (const block of body.split("\n\n").filter((block) => block !== "" && !block.startsWith(":"))) {
      expect(block).toMatch(/^(id: \d+\n)?event: [a-z_]+\ndata: \{.*\}$/);
    }
  }
  const segments = [first, second, third].map(({ body }) => parseFrames(body));
  expect(segments.map(names)).toEqual([
    ["1 run_started", "2 step_started", "3 step_input", "4 step_completed", "5 step_paused"],
    ["run_started", "6 step_started", "7 step_input", "8 step_completed", "9 step_paused"],
    ["run_started", "10 step_started", "11 step_input", "12 step_completed", "13 flow_completed"],
  ]);
  expect(segments[1]?.[0]?.data).toEqual(segments[0]?.[0]?.data);
  expect(segments[0]?.at(-1)?.data).toEqual({ stepId: "first", stepIndex: 0, nextStepIndex: 1 });
  for (const { event, data } of segments.flat()) {
    const schema = (zSseEventData as Record<string, { parse(data: unknown): unknown }>)[event]; // by the frame's own name
    expect(schema?.parse(data), event).toEqual(data);
  }
  const costs = segments.flat().flatMap(({ event, data }) => (event === "step_completed" ? [data["costUsd"]] : []));
  expect(costs).toEqual(["0", "0", "0"]);
});

test("runRemaining goes on to the end from any step, and never pauses between", async () => {
  const server = await startTestServer();
  const { runId: executionId, frames } = await step(server, "slow", { message: "a" });
  const rest = await step(server, "slow", { executionId, stepIndex: 1, runRemaining: true });
  expect(names(rest.frames)).toEqual([
    "run_started",
    "6 step_started",
    "7 step_input",
    "8 step_completed",
    "9 step_started",
    "10 step_input",
    "11 step_completed",
    "12 flow_completed",
  ]);
  const trace = await server.call("GET", `${seq}/slow/runs/${executionId}/trace/stream`);
  expect(logged(parseFrames(await trace.text()))).toEqual([...logged(frames), ...logged(rest.frames)]);
});

test("a client that moves on by each step_completed, as those in the field do, comes to the end", async () => {
  const server = await startTestServer();
  let stepIndex = 0;
  let executionId: unknown;
  const accumulatedOutputs: Record<string, unknown> = {};
  for (let last = ""; last !== "flow_completed";) {
    const body = stepIndex === 0 ? { message: "a" } : { executionId, stepIndex, accumulatedOutputs };
    const { frames } = await step(server, "slow", body);
    for (const { event, data } of frames) {
      if (event === "run_started") executionId = data["executionId"];
      if (event !== "step_completed") continue;
      stepIndex += 1;
      accumulatedOutputs[String(data["stepId"])] = data["output"];
    }
    last = frames.at(-1)?.event ?? "";
  }
  expect(stepIndex).toBe(3);
});

test("a repeated segment replays what is stored, and joins what is running", async () => {
  const server = await startTestServer();
  const { runId: executionId, frames } = await step(server, "slow", { message: "a" });
  expect(logged((await step(server, "slow", { executionId, stepIndex: 0 })).frames)).toEqual(logged(frames));
  const body = { executionId, stepIndex: 1 };
  const running = step(server, "slow", body);
  await runsInWork(server, 1);
  const [one, two] = await Promise.all([running, step(server, "slow", body)]);
  expect(logged(two.frames)).toEqual(logged(one.frames));
  await step(server, "slow", { executionId, stepIndex: 2 });
  expect(names((await step(server, "slow", body)).frames)).toEqual(names(one.frames));
});

test("a repeated segment goes on behind Last-Event-ID, and gives its terminator to who has seen it", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  const body = { executionId, stepIndex: 1 };
  const { frames } = await step(server, "slow", body);
  await step(server, "slow", { executionId, stepIndex: 2 });
  const behind = async (cursor: number) =>
    logged((await step(server, "slow", body, { headers: { "last-event-id": String(cursor) } })).frames);
  expect(await behind(2)).toEqual(logged(frames));
  expect(await behind(7)).toEqual(logged(frames).slice(2));
  for (const seen of [9, 10, 99]) expect(await behind(seen)).toEqual(logged(frames).slice(-1));
});

test("the log wins over accumulatedOutputs; inputOverrides and blockOverrides change the steps not yet run", async () => {
  const server = await startTestServer();
  const outputOf = async (members: object) => {
    const { runId: executionId } = await step(server, "slow", { message: "a" });
    const { frames } = await step(server, "slow", { executionId, stepIndex: 1, ...members });
    return frames.find(({ event }) => event === "step_completed")?.data["output"];
  };
  const prompt = { blockOverrides: { second: { prompt: "<{{message}}>" } } };
  expect(await outputOf({ ...prompt, accumulatedOutputs: { first: { message: "forged" } } })).toEqual({ text: "<a>" });
  expect(await outputOf({ ...prompt, inputOverrides: { first: { message: "b" } } })).toEqual({ text: "<b>" });
});

test("a completed step asked for again with something else is 409 STALE_CURSOR", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  await step(server, "slow", { executionId, stepIndex: 1 });
  const body = { executionId, stepIndex: 1, inputOverrides: { first: { message: "b" } } };
  const response = await server.call("POST", `${seq}/slow/step`, { body });
  expect(response.headers.get("x-noukai-execution-id")).toBe(executionId);
  expect(await refusal(response)).toBe("409 STALE_CURSOR");
});

test.each([
  [{ message: "a", stepIndex: 1 }, "400 INVALID_FIRST_CALL"],
  [{ message: "a", toolCallMessages: [{ role: "tool" }] }, "400 INVALID_FIRST_CALL"],
  [{ message: "a", inputOverrides: { first: {} } }, "400 INVALID_FIRST_CALL"],
  [{ message: "a", stepIndex: -1 }, "400 INVALID_REQUEST"],
  [{ executionId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10", stepIndex: 1 }, "400 EXECUTION_ID_INVALID"],
])("a call with %j is %s", async (body, expected) => {
  const server = await startTestServer();
  expect(await refusal(await server.call("POST", `${seq}/slow/step`, { body }))).toBe(expected);
});

test.each([
  [{ stepIndex: 2 }, "400 INVALID_STEP_INDEX"],
  [{ stepIndex: 3 }, "400 INVALID_STEP_INDEX"],
  [{ stepIndex: 1, inputOverrides: { third: {} } }, "400 INVALID_REQUEST"],
  [{ stepIndex: 1, blockOverrides: { fourth: {} } }, "400 INVALID_REQUEST"],
  [
    { stepIndex: 0, toolCallMessages: [{ role: "tool", tool_call_id: "call_1", content: "" }] },
    "400 PAUSED_STEP_INVALID",
  ],
])("behind the first step, a call with %j is %s and changes nothing", async (members, expected) => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  const response = await server.call("POST", `${seq}/slow/step`, { body: { executionId, ...members } });
  expect(await refusal(response)).toBe(expected);
  expect((await step(server, "slow", { executionId, stepIndex: 1 })).frames.at(-1)?.event).toBe("step_paused");
});

test("a step that asks for tools ends its segment with everything that a client needs to go on", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "asking", { message: "Lyon", tools: weatherTools });
  const { frames } = await step(server, "asking", { executionId, stepIndex: 1 });
  expect(names(frames)).toEqual(["run_started", "6 step_started", "7 step_input", "8 step_paused_for_tool_calls"]);
  const call = (id: string, name: string) => ({
    id,
    type: "function",
    function: { name, arguments: '{"place":"Lyon"}' },
  });
  const toolCalls = [call("call_1", "get_weather"), call("call_2", "get_time")];
  expect(frames.at(-1)?.data).toEqual({
    runId: executionId,
    executionId,
    stepId: "ask",
    stepIndex: 1,
    iterationsUsed: 1,
    toolCallMessages: [{ role: "assistant", content: null, tool_calls: toolCalls }],
    toolCalls,
    accumulatedOutputs: { keep: { message: "Lyon" } },
  });
  expect(zSseEventData.step_paused_for_tool_calls.parse(frames.at(-1)?.data)).toEqual(frames.at(-1)?.data);
});

test("an answered step goes on within its segment, whose step completes once", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "asking", { message: "Lyon", tools: weatherTools });
  const paused = await step(server, "asking", { executionId, stepIndex: 1 });
  const body = { executionId, stepIndex: 1, iterationsUsed: 1, toolCallMessages: answers(paused.frames.at(-1)) };
  const { frames } = await step(server, "asking", body);
  expect(names(frames)).toEqual(["run_started", "9 step_resumed", "10 step_completed", "11 step_paused"]);
  expect(frames[1]?.data).toEqual({ stepId: "ask", iterationsUsed: 1 });
  expect(logged((await step(server, "asking", body)).frames)).toEqual(logged(frames));
  const other = { ...body, toolCallMessages: answers(paused.frames.at(-1), ["rain", "noon"]) };
  expect(await refusal(await server.call("POST", `${seq}/asking/step`, { body: other }))).toBe("409 ALREADY_RESUMED");
  const last = await step(server, "asking", { executionId, stepIndex: 2 });
  expect(last.frames.at(-1)?.data["result"]).toEqual({ text: "After: get_weather: sunny\nget_time: noon" });
  const trace = await server.call("GET", `${seq}/asking/runs/${executionId}/trace/stream`);
  const completed = parseFrames(await trace.text()).filter(({ event }) => event === "step_completed");
  expect(completed.map(({ data }) => data["stepIndex"])).toEqual([0, 1, 2]);
});

test("with runRemaining a run pauses for tools only, and its resume goes on to the end", async () => {
  const server = await startTestServer();
  const first = await step(server, "asking", { message: "Lyon", tools: weatherTools, runRemaining: true });
  expect(first.frames.at(-1)?.event).toBe("step_paused_for_tool_calls");
  const body = { executionId: first.runId, stepIndex: 1, toolCallMessages: answers(first.frames.at(-1)) };
  expect(names((await step(server, "asking", body)).frames)).toEqual([
    "run_started",
    "8 step_resumed",
    "9 step_completed",
    "10 step_started",
    "11 step_input",
    "12 step_completed",
    "13 flow_completed",
  ]);
});

test("tool results at another step, or that do not fit, are refused; the run can still be resumed", async () => {
  const server = await startTestServer();
  const first = await step(server, "asking", { message: "Lyon", tools: weatherTools, runRemaining: true });
  const resume = (stepIndex: number, results?: readonly string[]) => {
    const toolCallMessages = answers(first.frames.at(-1), results);
    return server.call("POST", `${seq}/asking/step`, {
      body: { executionId: first.runId, stepIndex, toolCallMessages },
    });
  };
  expect(await refusal(await resume(2))).toBe("400 INVALID_STEP_INDEX");
  expect(await refusal(await resume(1, ["sunny"]))).toBe("400 TOOL_RESULTS_MISMATCH");
  expect((await resume(1)).status).toBe(200);
});

test("a pause that is asked for again and again and never answered is 409 in the end", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "asking", { message: "Lyon", tools: weatherTools });
  const body = { executionId, stepIndex: 1 };
  for (let repeat = 0; repeat <= 25; repeat += 1) {
    expect((await step(server, "asking", body)).frames.at(-1)?.event).toBe("step_paused_for_tool_calls");
  }
  const refused = await server.call("POST", `${seq}/asking/step`, { body });
  expect(await refusal(refused)).toBe("409 TOOL_ITERATION_LIMIT");
});

test("an Idempotency-Key names one segment", async () => {
  const server = await startTestServer();
  const headers = { "idempotency-key": "k" };
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  const body = { executionId, stepIndex: 1 };
  const { frames } = await step(server, "slow", body, { headers });
  expect(logged((await step(server, "slow", body, { headers })).frames)).toEqual(logged(frames));
  const other = await server.call("POST", `${seq}/slow/step`, { body: { executionId, stepIndex: 2 }, headers });
  expect(await refusal(other)).toBe("422 IDEMPOTENCY_KEY_REUSED");
});

test("a run of the draft walks the draft as it was when the run began", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow/v0", { message: "a" });
  const definition = { steps: [{ id: "other", type: "passthrough" }] };
  await server.call("PUT", "/api/v1/projects/acme/spelling/flows/slow", { body: { definition } });
  const second = await step(server, "slow/v0", { executionId, stepIndex: 1 });
  expect(second.frames.find(({ event }) => event === "step_completed")?.data).toMatchObject({ stepId: "second" });
});

test("a live trace stays open through the pauses of its run", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  const live = server.request("GET", `${seq}/slow/runs/${executionId}/trace/stream`);
  await step(server, "slow", { executionId, stepIndex: 1 });
  await step(server, "slow", { executionId, stepIndex: 2 });
  const frames = logged(parseFrames(await (await live).text()));
  expect(frames.map(({ id }) => id)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
});

test("when the server stops, a later segment that is not finished is reset, not ended", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  const connection = openRaw(server.port);
  const delayed = { second: { model: "noukai/echo?delayMs=600000" } };
  const text = JSON.stringify({ executionId, stepIndex: 1, blockOverrides: delayed });
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": String(text.length),
  };
  connection.socket.write(rawRequest("POST", `${seq}/slow/step`, headers, text));
  await connection.until("step_input");
  await server.close();
  expect(await connection.gone).toBe("ECONNRESET");
  expect(decodeChunked(connection.received()).isWhole).toBe(false);
});

test("a cancelled run ends its segment with step_error CANCELLED, and takes no further one", async () => {
  const server = await startTestServer();
  const { runId: executionId } = await step(server, "slow", { message: "a" });
  await server.call("POST", `${seq}/slow/runs/${executionId}/cancel`);
  const response = await server.call("POST", `${seq}/slow/step`, { body: { executionId, stepIndex: 1 } });
  expect(await refusal(response)).toBe("409 CANCELLED");
});
