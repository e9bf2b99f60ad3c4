import {
  createRecordingFetch,
  createReplayFetch,
  type Fetch,
  FlowExecutionError,
  Noukai,
  ReplayForbiddenError,
  ReplayNoSnapshotsError,
  replayScope,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
  type StreamEvent,
} from "@noukai/sdk";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { zCreatedKey } from "../src/generated/zod.gen.ts";
import { startTestServer, type TestServer, weatherTools } from "./harness.ts";

beforeEach(() => void vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1"));
afterEach(() => void vi.unstubAllEnvs());

function clientOf(server: TestServer, fetch?: Fetch, apiKey = server.key): Noukai {
  const client = new Noukai({
    apiKey,
    baseUrl: `http://127.0.0.1:${server.port}/api/v1`,
    org: "acme",
    project: "spelling",
    ...(fetch && { fetch }),
  });
  onTestFinished(() => client.close());
  return client;
}

/** What a user's program does with its flows, and what came of it. */
async function program(client: Noukai) {
  const [grading, failing] = [client.flow("grade-3"), client.flow("failing")];
  const graded = await grading.execute({ message: "hous" });
  const refused = await failing.execute({ message: "a" }).catch((error: unknown) => error);
  const again = await grading.execute({ message: "mous", parameters: { difficulty: "hard" } });
  const streamed = await Array.fromAsync<StreamEvent>(grading.events({ message: "kat" }));
  const stopped = await Array.fromAsync<StreamEvent>(failing.events({ message: "a" }));
  return { graded, refused, again, streamed, stopped };
}

/** As far as a session's recording tells them: no prices, no tokens, text in one piece. */
function recordable(events: readonly StreamEvent[]): readonly object[] {
  return events
    .filter(({ type }) => type !== "step_output")
    .map((event) => {
      if (event.type === "flow_completed") return { ...event, summary: { stepCount: event.summary.stepCount } };
      if (event.type !== "step_completed") return event;
      const { tokens: _tokens, costUsd: _costUsd, modelUsed: _modelUsed, durationMs: _durationMs, ...rest } = event;
      return rest;
    });
}

function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === "step_output" ? String(event.outputData["delta"]) : "")).join("");
}

test("a program that was captured is replayed with the network shut: equal results, equal failures, equal events", async () => {
  const server = await startTestServer();
  const { sessionId, live } = await replayScope(async (session) => ({
    sessionId: session.sessionId ?? "",
    live: await program(clientOf(server)),
  }));

  const asked: string[] = [];
  const shut = clientOf(server, (request) => {
    asked.push(new URL(request.url).pathname);
    if (asked.length > 1) throw new Error(`The network was asked: ${request.url}`);
    return globalThis.fetch(request);
  });
  const replayed = await replayScope(() => program(shut), { client: shut, replaySessionId: sessionId });
  expect(asked).toEqual([`/api/v1/seq/sessions/${sessionId}`]);

  for (const name of ["graded", "again"] as const) {
    expect(replayed[name].executionId).toBe(live[name].executionId);
    expect(replayed[name]).toMatchObject({
      ...(!live[name].requiresToolCalls && { result: live[name].result }),
      blockCount: 2,
    });
  }
  expect(live.refused).toBeInstanceOf(FlowExecutionError);
  const { message, code, statusCode, executionId } = live.refused as FlowExecutionError; // as just seen
  expect(replayed.refused).toMatchObject({ name: "FlowExecutionError", message, code, statusCode, executionId });
  expect(recordable(replayed.streamed)).toEqual(recordable(live.streamed));
  expect(textOf(replayed.streamed)).toBe(textOf(live.streamed));
  expect(recordable(replayed.stopped)).toEqual(recordable(live.stopped));
});

test("a replayed run's trace is the server's, but for tokens and prices", async () => {
  const server = await startTestServer();
  const client = clientOf(server);
  const run = async () => {
    const { executionId } = await client.flow("grade-3").execute({ message: "hous" });
    return client.flow("grade-3").run(executionId).trace();
  };
  const { id, live } = await replayScope(async ({ sessionId = "" }) => ({ id: sessionId, live: await run() }));
  const replayed = await replayScope(run, { client, replaySessionId: id });
  const { totalTokens: _tokens, totalCostUsd: _cost, version: _version, durationMs: _ms, ...flowRun } = live.flowRun;
  expect(replayed.flowRun).toMatchObject(flowRun);
  expect(
    replayed.steps.map(({ stepId, inputContext, outputContext, status }) => [
      stepId,
      inputContext,
      outputContext,
      status,
    ]),
  ).toEqual(
    live.steps.map(({ stepId, inputContext, outputContext, status }) => [stepId, inputContext, outputContext, status]),
  );
  expect(replayed.steps.map(({ outputSizeBytes }) => outputSizeBytes)).toEqual(
    live.steps.map(({ outputSizeBytes }) => outputSizeBytes),
  );
});

test("a run that asked for tools is replayed to its end: what was asked on the way is not part of a recording", async () => {
  const client = clientOf(await startTestServer());
  const asked: string[] = [];
  const tools = weatherTools.map((tool) => ({ ...tool, type: "function" as const }));
  const run = () =>
    client.flow("asking").execute({
      message: "Lyon",
      tools,
      toolHandler: (calls) =>
        calls.map(({ id, function: { name } }) => {
          asked.push(name);
          return { toolCallId: id, output: "sunny" };
        }),
    });
  const { id, live } = await replayScope(async ({ sessionId = "" }) => ({ id: sessionId, live: await run() }));
  expect(asked).toEqual(["get_weather", "get_time"]);
  const replayed = await replayScope(run, { client, replaySessionId: id });
  const { executionId, requiresToolCalls } = live;
  expect(requiresToolCalls).toBe(false);
  expect(replayed).toMatchObject({
    requiresToolCalls,
    executionId,
    ...(!live.requiresToolCalls && { result: live.result }),
  });
  expect(asked).toHaveLength(2);
});

test("a run that was walked step by step is walked step by step again", async () => {
  const client = clientOf(await startTestServer());
  const run = () => Array.fromAsync<StreamEvent>(client.flow("grade-3").events({ message: "a", stepwise: true }));
  const { id, live } = await replayScope(async ({ sessionId = "" }) => ({ id: sessionId, live: await run() }));
  expect(live.some(({ type }) => type === "step_paused")).toBe(true);
  expect(recordable(await replayScope(run, { client, replaySessionId: id }))).toEqual(recordable(live));
});

test("a session that was recorded without its scope has no snapshots to replay", async () => {
  const client = clientOf(await startTestServer());
  const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
  await client.flow("grade-3").execute({ message: "a", sessionId });
  expect((await client.sessions.get(sessionId)).executions).toHaveLength(1);
  await expect(replayScope(() => {}, { client, replaySessionId: sessionId })).rejects.toThrow(ReplayNoSnapshotsError);
});

test("a key that may not read traces may not replay", async () => {
  const server = await startTestServer();
  const sessionId = await replayScope(async (session) => {
    await clientOf(server).flow("grade-3").execute({ message: "a" });
    return session.sessionId;
  });
  const made = await server.call("POST", "/api/v1/keys", { body: { name: "runner", scopes: ["run"] } });
  const { secret } = zCreatedKey.parse(await made.json());
  const replay = replayScope(() => {}, { client: clientOf(server, undefined, secret), replaySessionId: sessionId });
  await expect(replay).rejects.toThrow(ReplayForbiddenError);
});

test("sessions that are another's, expired or not there at all are told apart as the server does", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  const client = clientOf(server);
  const sessionId = await replayScope(async (session) => {
    await client.flow("grade-3").execute({ message: "a" });
    return session.sessionId;
  });
  const replayBy = (noukai: Noukai, id = sessionId) => replayScope(() => {}, { client: noukai, replaySessionId: id });
  await expect(replayBy(clientOf(server, undefined, server.otherKey))).rejects.toThrow(ReplaySessionNotFoundError);
  await expect(replayBy(client, "00000000-0000-4000-8000-000000000000")).rejects.toThrow(ReplaySessionNotFoundError);
  now += 31 * 24 * 60 * 60 * 1000;
  await expect(replayBy(client)).rejects.toThrow(ReplaySessionExpiredError);
});

test("a cassette of the whole program answers without the server, byte for byte", async () => {
  const server = await startTestServer();
  const recording = createRecordingFetch();
  const live = await program(clientOf(server, recording));
  const text = JSON.stringify(recording);
  expect(text).not.toContain(server.key);
  const replay = createReplayFetch(text);
  const replayed = await program(clientOf(server, replay));
  expect(replayed.streamed).toEqual(live.streamed);
  expect(replayed.stopped).toEqual(live.stopped);
  expect(replayed.graded.executionId).toBe(live.graded.executionId);
  expect(replayed.refused).toMatchObject({ name: "FlowExecutionError", code: "MODEL_PROVIDER_ERROR" });
  replay.assertDrained();
});
