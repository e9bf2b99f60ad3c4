import { expect, test } from "vitest";
import { zExecutePausedResponse, zSessionRecording } from "../src/generated/zod.gen.ts";
import { refusal, seq, startTestServer, type TestServer, weatherTools } from "./harness.ts";

const sessionId = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const headers = { "x-session-id": sessionId };

async function run(server: TestServer, path: string, members: object = {}): Promise<string> {
  const response = await server.call("POST", `${seq}/${path}`, { body: { message: "a", ...members }, headers });
  await response.text();
  return response.headers.get("x-noukai-execution-id") ?? "";
}

async function read(server: TestServer) {
  const response = await server.call("GET", `/api/v1/seq/sessions/${sessionId}`);
  return zSessionRecording.parse(await response.json());
}

test("a session tells what its runs did, in recording order, with the snapshots of traced ones", async () => {
  const server = await startTestServer();
  const ids = [await run(server, "grade-3/execute", { trace: true }), await run(server, "grade-3/execute")];
  const { executions, ...session } = await read(server);
  expect(session).toEqual({ sessionId });
  expect(executions.map(({ executionId }) => executionId)).toEqual(ids);
  const time = expect.stringMatching(/Z$/);
  const step = { attempt: 1, loopIndex: null, status: "completed", startedAt: time, completedAt: time };
  const measured = { ...step, durationMs: expect.any(Number), errorSnapshot: null, truncated: false };
  const text = { text: "Check (easy): a" };
  expect(executions[0]).toEqual({
    executionId: ids[0],
    flowId: expect.any(String),
    slug: "grade-3",
    triggerType: "execute",
    status: "completed",
    startedAt: time,
    completedAt: time,
    traceCaptureMode: "full",
    snapshotsAvailable: true,
    errorAtStep: null,
    steps: [
      { ...measured, stepId: "check", inputSnapshot: { message: "a", difficulty: "easy" }, outputSnapshot: text },
      { ...measured, stepId: "keep", inputSnapshot: text, outputSnapshot: text },
    ],
  });
  expect(executions[1]).toMatchObject({ traceCaptureMode: "metadata_only", snapshotsAvailable: false });
  expect(executions[1]?.steps.map((step) => [step.inputSnapshot, step.outputSnapshot])).toEqual([
    [null, null],
    [null, null],
  ]);
});

test("of a step that was tried again the latest attempt is told, of one that failed why", async () => {
  const server = await startTestServer();
  await run(server, "retried/execute", { trace: true });
  await run(server, "failing/execute");
  const { executions } = await read(server);
  expect(executions[0]?.steps).toEqual([expect.objectContaining({ stepId: "flaky", attempt: 2, status: "completed" })]);
  const error = { code: "MODEL_PROVIDER_ERROR", message: "noukai/echo failed because it was told to." };
  expect(executions[1]).toMatchObject({
    status: "failed",
    errorAtStep: "fail",
    steps: [{ status: "failed", inputSnapshot: { message: "a" }, outputSnapshot: null, errorSnapshot: error }],
  });
});

test("resumes, later segments and jobs are of the session, without naming it again", async () => {
  const server = await startTestServer();
  const call = (path: string, body: object) => server.call("POST", `${seq}/${path}`, { body });
  const first = { message: "Lyon", tools: weatherTools, trace: true };
  const response = await server.call("POST", `${seq}/asking/execute`, { body: first, headers });
  const { executionId, pausedAtStep, toolCallMessages } = zExecutePausedResponse.parse(await response.json());
  const { executions: paused } = await read(server);
  expect(paused).toMatchObject([{ status: "running", snapshotsAvailable: false, completedAt: null }]);
  const answers = ["call_1", "call_2"].map((id) => ({ role: "tool", tool_call_id: id, content: "x" }));
  await call("asking/execute", { executionId, pausedAtStep, toolCallMessages: [...toolCallMessages, ...answers] });
  const stepped = await run(server, "slow/step", { trace: true });
  await (await call("slow/step", { executionId: stepped, stepIndex: 1, runRemaining: true })).text();
  await run(server, "endless/jobs");
  await expect.poll(async () => (await read(server)).executions[2]?.steps.length).toBe(1);
  const { executions } = await read(server);
  expect(executions.map(({ slug, triggerType, status, steps }) => [slug, triggerType, status, steps.length])).toEqual([
    ["asking", "execute", "completed", 3],
    ["slow", "step", "completed", 3],
    ["endless", "job", "running", 1],
  ]);
  expect(executions.map(({ snapshotsAvailable }) => snapshotsAvailable)).toEqual([true, true, false]);
});

test("an output that is stored as a preview cannot be replayed", async () => {
  const server = await startTestServer();
  await run(server, "grade-3/execute", { message: "x".repeat(70_000), trace: true });
  const [execution] = (await read(server)).executions;
  expect(execution?.snapshotsAvailable).toBe(false);
  expect(execution?.steps[0]).toMatchObject({ truncated: true, outputSnapshot: { preview: expect.any(String) } });
});

test("a session is its project's: another one's, and one that never was, is 404; what is no UUID is 400", async () => {
  const server = await startTestServer();
  await run(server, "grade-3/execute");
  const get = (id: string, key = server.key) => server.call("GET", `/api/v1/seq/sessions/${id}`, { key });
  expect(await refusal(await get(sessionId, server.otherKey))).toBe("404 SESSION_NOT_FOUND");
  expect(await refusal(await get("00000000-0000-4000-8000-000000000000"))).toBe("404 SESSION_NOT_FOUND");
  expect(await refusal(await get("session-1"))).toBe("400 INVALID_REQUEST");
  expect((await get(sessionId.toUpperCase())).status).toBe(200);
});

test("thirty days after its latest run a session is 410, for its own project alone", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  await run(server, "grade-3/execute");
  now += 30 * 24 * 60 * 60 * 1000;
  const get = (key: string) => server.call("GET", `/api/v1/seq/sessions/${sessionId}`, { key });
  expect(await refusal(await get(server.key))).toBe("410 SESSION_EXPIRED");
  expect(await refusal(await get(server.otherKey))).toBe("404 SESSION_NOT_FOUND");
});
