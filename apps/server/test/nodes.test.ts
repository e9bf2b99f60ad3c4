import { expect, test } from "vitest";
import { zSseEventData } from "../src/generated/sse-events.gen.ts";
import { zSessionRecording, zStepAttempts, zStepTrace, zTrace } from "../src/generated/zod.gen.ts";
import { type Frame, logged, parseFrames, seq, startTestServer, type TestServer } from "./harness.ts";

const flows = {
  "acme/spelling/words.yaml": `
input: { type: object, properties: { word: { type: string } }, required: [word] }
steps:
  - { id: check, type: llm, model: noukai/echo, prompt: "Check {{word}}" }
  - { id: keep, type: passthrough }
`,
  "acme/spelling/all.yaml": `
input: { type: object, properties: { message: { type: string }, list: { type: array } }, required: [list] }
steps:
  - id: each
    type: loop
    over: list
    concurrency: 2
    onError: skip
    steps:
      - id: fan
        type: parallel
        branches:
          say: [{ id: say, type: llm, model: noukai/echo, prompt: "Say {{item}}" }]
          retry: [{ id: flaky, type: llm, model: "noukai/echo?failAttempts=1", prompt: "{{item}}", retry: { initialMs: 1 } }]
      - id: route
        type: branch
        when: [{ if: "size(item) > 1", steps: [{ id: long, type: flow, flow: words, input: { word: "{{item}}" } }] }]
        else: [{ id: bad, type: llm, model: "noukai/echo?failAttempts=9&terminal=1", prompt: "no" }]
  - { id: last, type: passthrough }
`,
  "acme/spelling/counting.yaml": `
steps:
  - { id: count, type: code, code: "return { length: initial.message.length }" }
`,
};

async function run(server: TestServer): Promise<{ readonly frames: readonly Frame[]; readonly runId: string }> {
  const response = await server.call("POST", `${seq}/all/step`, {
    body: { parameters: { list: ["a", "bc", "def"] }, runRemaining: true, trace: true },
    headers: { "x-session-id": "0199f3c2-7a41-4e0c-9b1d-4f6a2c8e5d10" },
  });
  expect(response.status).toBe(200);
  const runId = response.headers.get("x-noukai-execution-id") ?? "";
  return { frames: parseFrames(await response.text()), runId };
}

test("a run of all containers: every frame is what the document says, and each top-level node reports once", async () => {
  const { frames } = await run(await startTestServer({ flows }));
  for (const { event, data } of frames) {
    const schema = (zSseEventData as Record<string, { parse(data: unknown): unknown }>)[event]; // by the frame's own name
    expect(() => schema?.parse(data), event).not.toThrow();
  }
  expect(logged(frames).map(({ id }) => id)).toEqual(logged(frames).map((_, index) => index + 1));
  const told = (event: string): readonly unknown[] =>
    frames.filter((frame) => frame.event === event).map(({ data }) => data["stepId"]);
  for (const event of ["step_started", "step_input", "step_completed"]) expect(told(event)).toEqual(["each", "last"]);
  expect(frames.find(({ event }) => event === "loop_completed")?.data).toMatchObject({ itemCount: 3, failedCount: 1 });
  expect(frames.find(({ event, data }) => event === "step_retrying" && data["stepId"] === "flaky")?.data).toMatchObject(
    {
      attempt: 2,
      loopPath: [expect.any(Number) as number],
    },
  );
  const phases = frames
    .filter(({ data }) => data["stepId"] === "long.check")
    .map(({ data }) => [data["phase"], data["loopPath"]]);
  expect(phases.filter(([phase]) => phase === "completed")).toEqual([
    ["completed", [1]],
    ["completed", [2]],
  ]);
  expect(phases.some(([phase]) => phase === "output")).toBe(true);
});

test("its trace has a row per step and pass, and adds up; a pass is asked for by its index", async () => {
  const server = await startTestServer({ flows });
  const { frames, runId } = await run(server);
  const answer = async (path: string): Promise<unknown> =>
    (await server.call("GET", `${seq}/all/runs/${runId}${path}`)).json();
  const { flowRun, steps } = zTrace.parse(await answer("/trace"));
  expect(flowRun).toMatchObject({ stepCount: 2 });
  const row = (stepId: string, index: number | null) =>
    steps.find((step) => step.stepId === stepId && step.loopIndex === index);
  expect(row("each", null)).toMatchObject({ kind: "loop", parentStepId: null, tokens: null, costUsd: null });
  expect(row("bad", 0)).toMatchObject({ parentStepId: "route", status: "failed", loopPath: [0] });
  expect(row("bad", 1)).toMatchObject({ status: "skipped", startedAt: null, durationMs: null });
  expect(row("long", 0)).toMatchObject({ status: "skipped", kind: "flow" });
  expect(row("long.check", 2)).toMatchObject({
    parentStepId: "long",
    kind: "llm",
    outputContext: { text: "Check def" },
  });
  const path = "/steps/flaky/trace?loop_index=2&attempt=";
  const { attempts } = zStepAttempts.parse(await answer(`${path}all`));
  expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, "failed"],
    [2, "completed"],
  ]);
  expect(zStepTrace.parse(await answer("/steps/long.check/trace?loop_index=1"))).toMatchObject({ loopPath: [1] });
  const end = frames.at(-1)?.data as { summary: { tokens: { total: number } } }; // as: the frame of a finished run
  expect(flowRun.totalTokens?.total).toBe(end.summary.tokens.total);
});

test("its recording has top-level nodes only, a container with its own output", async () => {
  const server = await startTestServer({ flows });
  await run(server);
  const response = await server.call("GET", "/api/v1/seq/sessions/0199f3c2-7a41-4e0c-9b1d-4f6a2c8e5d10");
  const [execution] = zSessionRecording.parse(await response.json()).executions;
  expect(execution?.steps.map(({ stepId }) => stepId)).toEqual(["each", "last"]);
  expect(execution).toMatchObject({ snapshotsAvailable: true, steps: [{ outputSnapshot: { items: [{}, {}] } }, {}] });
});

test("a step of the protocol is a whole container", async () => {
  const server = await startTestServer({ flows });
  const parameters = { list: ["bc"] };
  const first = await server.call("POST", `${seq}/all/step`, { body: { parameters } });
  const runId = first.headers.get("x-noukai-execution-id");
  const frames = parseFrames(await first.text());
  expect(frames.at(-1)).toMatchObject({ event: "step_paused", data: { stepId: "each", nextStepIndex: 1 } });
  const second = await server.call("POST", `${seq}/all/step`, { body: { executionId: runId, stepIndex: 1 } });
  expect(parseFrames(await second.text()).at(-1)).toMatchObject({
    event: "flow_completed",
    data: { result: { items: [{ text: "Check bc" }] } },
  });
});

test("a code step runs on the server as it comes, and code that cannot be read is refused with its place", async () => {
  const server = await startTestServer({ flows });
  const response = await server.call("POST", `${seq}/counting/v1/execute`, { body: { message: "abc" } });
  expect(await response.json()).toMatchObject({ status: "completed", result: { length: 3 } });
  const definition = { steps: [{ id: "count", type: "code", language: "javascript", code: "return {" }] };
  const path = "/api/v1/projects/acme/spelling/flows/counting/validate";
  const report = await server.call("POST", path, { body: { definition } });
  expect(await report.json()).toMatchObject({ valid: false, issues: [{ path: "steps[0].code" }] });
});
