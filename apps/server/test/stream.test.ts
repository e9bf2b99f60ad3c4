import { expect, test, vi } from "vitest";
import { zSseEventData } from "../src/generated/sse-events.gen.ts";
import { logged, parseFrames, runsInWork, seq, startTestServer, type TestServer } from "./harness.ts";
import { decodeChunked, openRaw, rawRequest } from "./raw.ts";

function stepRequest(server: TestServer, flow: string, headers: Readonly<Record<string, string>> = {}): string {
  const body = JSON.stringify({ message: "a", runRemaining: true });
  const fixed = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  return rawRequest("POST", `${seq}/${flow}/step`, { ...fixed, ...headers }, body);
}

async function streamed(server: TestServer, flow: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await server.call("POST", `${seq}/${flow}/step`, {
    body: { message: "a", runRemaining: true },
    headers,
  });
  const text = await response.text();
  return { response, text, frames: parseFrames(text), runId: response.headers.get("x-noukai-execution-id") ?? "" };
}

test("on the wire: headers and first bytes at once, LF only, ids, one step_completed per node, a blank line at the end", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write(stepRequest(server, "grade-3", { connection: "close" }));
  expect(await connection.gone).toBe("end");
  const response = connection.received();
  const head = response.slice(0, response.indexOf("\r\n\r\n")).toLowerCase();
  expect(head).toContain("http/1.1 200 ok");
  expect(head).toContain("content-type: text/event-stream; charset=utf-8");
  expect(head).toContain("cache-control: no-cache, no-transform");
  expect(head).toContain("x-accel-buffering: no");
  expect(head).toMatch(/x-noukai-execution-id: [0-9a-f-]{36}/);
  const { body, isWhole } = decodeChunked(response);
  expect(isWhole).toBe(true);
  expect(body).not.toContain("\r");
  expect(body.startsWith(":\n\n")).toBe(true);
  expect(body.endsWith("\n\n")).toBe(true);
  const frames = parseFrames(body);
  expect(logged(frames).map(({ id, event }) => [id, event])).toEqual([
    [1, "run_started"],
    [2, "step_started"],
    [3, "step_input"],
    [4, "step_completed"],
    [5, "step_started"],
    [6, "step_input"],
    [7, "step_completed"],
    [8, "flow_completed"],
  ]);
});

test("the head and a first byte arrive while the first step still works", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write(stepRequest(server, "endless"));
  await connection.until(":\n\n");
  expect(connection.received()).toMatch(/x-noukai-execution-id: [0-9a-f-]{36}/i);
  expect(connection.received()).not.toContain("step_completed");
});

test("every frame is what the document says, and partial output has no id", async () => {
  const server = await startTestServer();
  for (const flow of ["grade-3", "slow", "failing", "retried"]) {
    const { frames } = await streamed(server, flow);
    for (const { id, event, data } of frames) {
      const schema = (zSseEventData as Record<string, { parse(data: unknown): unknown }>)[event]; // by the frame's own name
      expect(() => schema?.parse(data), `${flow} ${event}`).not.toThrow();
      expect([event, id === undefined]).toEqual([event, event === "step_output"]);
      expect(data).not.toHaveProperty("type");
    }
    expect(["flow_completed", "step_error"]).toContain(frames.at(-1)?.event);
  }
});

test("costs are strings, times and tokens whole numbers", async () => {
  const server = await startTestServer();
  const { frames } = await streamed(server, "grade-3");
  const done = frames.find(({ event }) => event === "step_completed")?.data;
  expect(done).toMatchObject({
    stepId: "check",
    stepIndex: 0,
    costUsd: expect.any(String),
    tokens: { total: expect.any(Number) },
  });
  expect(Number.isInteger(done?.["durationMs"])).toBe(true);
});

test("a step that calls no model has figures in its event and null in its trace", async () => {
  const server = await startTestServer();
  const { frames, runId } = await streamed(server, "grade-3");
  expect(frames.find(({ event, data }) => event === "step_completed" && data["stepId"] === "keep")?.data).toMatchObject(
    {
      tokens: { prompt: 0, completion: 0, total: 0 },
      costUsd: "0",
    },
  );
  const trace = await server.call("GET", `${seq}/grade-3/runs/${runId}/steps/keep/trace`);
  expect(await trace.json()).toMatchObject({ tokens: null, costUsd: null });
});

test("the deltas of a step make up its text", async () => {
  const server = await startTestServer();
  const { frames } = await streamed(server, "slow");
  let text = "";
  for (const { event, data } of frames) {
    if (event !== "step_output") continue;
    const { offset, outputData } = data as { offset: number; outputData: { delta: string } }; // validated in the test above
    text = text.slice(0, offset) + outputData.delta;
  }
  expect(frames.find(({ data }) => data["stepIndex"] === 1 && "output" in data)?.data["output"]).toEqual({ text });
});

test("a failed run's stream ends with step_error, cleanly", async () => {
  const server = await startTestServer();
  const { response, frames } = await streamed(server, "failing");
  expect(response.status).toBe(200);
  expect(frames.at(-1)).toMatchObject({
    event: "step_error",
    data: { stepId: "fail", error: { code: "MODEL_PROVIDER_ERROR" } },
  });
});

test("a retry is step_retrying, not step_error", async () => {
  const server = await startTestServer();
  const { frames } = await streamed(server, "retried");
  expect(logged(frames).map(({ event }) => event)).toEqual([
    "run_started",
    "step_started",
    "step_input",
    "step_retrying",
    "step_completed",
    "flow_completed",
  ]);
});

test("the live trace gives what came after Last-Event-ID, each event once", async () => {
  const server = await startTestServer();
  const { frames, runId } = await streamed(server, "grade-3");
  for (let cursor = 0; cursor < 8; cursor += 1) {
    const response = await server.call("GET", `${seq}/grade-3/runs/${runId}/trace/stream`, {
      headers: { "last-event-id": String(cursor) },
    });
    expect(logged(parseFrames(await response.text()))).toEqual(logged(frames).slice(cursor));
  }
});

test.each(["8", "9", "4000000"])(
  "a reader that has seen the end (%s) gets the terminal event again, not silence",
  async (cursor) => {
    const server = await startTestServer();
    const { frames, runId } = await streamed(server, "grade-3");
    const response = await server.call("GET", `${seq}/grade-3/runs/${runId}/trace/stream`, {
      headers: { "last-event-id": cursor },
    });
    expect(parseFrames(await response.text())).toEqual(frames.slice(-1));
  },
);

test("a cursor that is no number is refused before anything is streamed", async () => {
  const server = await startTestServer();
  const { runId } = await streamed(server, "grade-3");
  const response = await server.call("GET", `${seq}/grade-3/runs/${runId}/trace/stream`, {
    headers: { "last-event-id": "last" },
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { detail: expect.objectContaining({ code: "INVALID_REQUEST" }) },
  ]);
});

test("a repeat of a step call streams the same run from its first event, or from where the caller was", async () => {
  const server = await startTestServer();
  const first = await streamed(server, "slow", { "idempotency-key": "k" });
  const again = await streamed(server, "slow", { "idempotency-key": "k" });
  const rest = await streamed(server, "slow", { "idempotency-key": "k", "last-event-id": "5" });
  expect(again.runId).toBe(first.runId);
  expect(logged(again.frames)).toEqual(logged(first.frames));
  expect(logged(rest.frames)).toEqual(logged(first.frames).slice(5));
  const past = await streamed(server, "slow", { "idempotency-key": "k", "last-event-id": "99" });
  expect(past.frames).toEqual(first.frames.slice(-1));
});

test("two readers of one running run see the same logged events", async () => {
  const server = await startTestServer();
  const response = await server.request("POST", `${seq}/slow/step`, { body: { message: "a", runRemaining: true } });
  const runId = response.headers.get("x-noukai-execution-id");
  const joined = await server.request("GET", `${seq}/slow/runs/${runId}/trace/stream`);
  const [first, second] = await Promise.all([response.text(), joined.text()]);
  expect(logged(parseFrames(second))).toEqual(logged(parseFrames(first)));
});

test("a reader that leaves stops its view, and the run goes on to its end", async () => {
  const server = await startTestServer();
  const response = await server.request("POST", `${seq}/slow/step`, { body: { message: "a", runRemaining: true } });
  const runId = response.headers.get("x-noukai-execution-id");
  await response.body?.cancel();
  const rest = await server.request("GET", `${seq}/slow/runs/${runId}/trace/stream`);
  expect(parseFrames(await rest.text()).at(-1)?.event).toBe("flow_completed");
});

test("a comment is sent while nothing happens", async () => {
  const server = await startTestServer({ heartbeatMs: 20 });
  const connection = openRaw(server.port);
  connection.socket.write(stepRequest(server, "endless"));
  await connection.until(": heartbeat\n\n");
});

test("HEAD of a stream opens none", async () => {
  const server = await startTestServer();
  const { runId } = await streamed(server, "grade-3");
  const response = await server.request("HEAD", `${seq}/grade-3/runs/${runId}/trace/stream`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
});

test("the contract's Accept does not matter", async () => {
  const server = await startTestServer();
  const { response } = await streamed(server, "grade-3", { accept: "application/json" });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
});

test("when the server stops, a stream that is not finished is reset, not ended", async () => {
  const errors = vi.spyOn(console, "error");
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write(stepRequest(server, "endless"));
  await connection.until("step_input");
  await server.close();
  expect(await connection.gone).toBe("ECONNRESET");
  expect(decodeChunked(connection.received()).isWhole).toBe(false);
  expect(errors).not.toHaveBeenCalled();
});

test("when the server stops, an execute whose run is not finished is reset without an answer", async () => {
  const errors = vi.spyOn(console, "error");
  const server = await startTestServer();
  const connection = openRaw(server.port);
  const body = '{"message": "a"}';
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  connection.socket.write(rawRequest("POST", `${seq}/endless/execute`, headers, body));
  await runsInWork(server, 1);
  await server.close();
  expect([await connection.gone, connection.received()]).toEqual(["ECONNRESET", ""]);
  expect(errors).not.toHaveBeenCalled();
});

test("called as a function, what cannot be finished rejects or errors instead", async () => {
  const server = await startTestServer();
  const executing = server.call("POST", `${seq}/endless/execute`, { body: { message: "a" } });
  const stream = await server.call("POST", `${seq}/endless/step`, { body: { message: "a", runRemaining: true } });
  const reading = stream.text();
  await runsInWork(server, 2);
  await Promise.all([server.close(), expect(executing).rejects.toThrow(), expect(reading).rejects.toThrow()]);
});
