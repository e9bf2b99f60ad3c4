import { expect, test } from "vitest";
import { operations } from "../src/contract/operations.ts";
import { openapiDocument } from "../src/generated/openapi.gen.ts";
import * as schemas from "../src/generated/zod.gen.ts";
import { seq, startTestServer, type TestServer } from "./harness.ts";

const someId = "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10";

/** A path of each operation in which every parameter is well-formed. */
function pathOf({ path }: { readonly path: string }): string {
  const values: Record<string, string> = {
    org: "acme",
    project: "spelling",
    flow: "grade-3",
    version: "0",
    executionId: someId,
    flowRunId: someId,
    sessionId: someId,
    stepId: "check",
    keyId: "abcdefgh",
    flowExecutionId: someId,
    taskExecutionId: `${someId}:check`,
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json();
  const executionError = schemas.zExecutionErrorResponse.safeParse(body);
  return executionError.success ? executionError.data.error.code : schemas.zErrorResponse.parse(body).detail.code;
}

test("every operation of the document is mounted and built", async () => {
  const server = await startTestServer();
  const unbuilt: string[] = [];
  for (const operation of operations) {
    const isWithBody = operation.method === "post" || operation.method === "put";
    const response = await server.call(
      operation.method.toUpperCase(),
      pathOf(operation),
      isWithBody
        ? { body: { message: "a", ...(operation.operationId.startsWith("stepFlow") && { runRemaining: true }) } }
        : {},
    );
    if (response.status === 501) unbuilt.push(operation.operationId);
    expect([operation.operationId, response.status === 404 && (await codeOf(response.clone()))]).not.toContain(
      "ROUTE_NOT_FOUND",
    );
    await response.body?.cancel();
  }
  expect(unbuilt).toEqual([]);
});

test("an unknown path is 404 and a known one with another method 405, both in the envelope", async () => {
  const server = await startTestServer();
  const unknown = await server.call("GET", "/api/v1/nothing");
  expect([unknown.status, await codeOf(unknown)]).toEqual([404, "ROUTE_NOT_FOUND"]);
  const wrong = await server.call("GET", `${seq}/grade-3/execute`);
  expect([wrong.status, await codeOf(wrong), wrong.headers.get("allow")]).toEqual([405, "METHOD_NOT_ALLOWED", "POST"]);
  expect([unknown, wrong].map((response) => response.headers.get("x-request-id"))).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
});

test("serves the document itself", async () => {
  const server = await startTestServer();
  expect(await (await server.call("GET", "/openapi.json")).json()).toEqual(openapiDocument);
});

test("probes answer without a key", async () => {
  const server = await startTestServer();
  const health = await server.call("GET", "/healthz", { key: null });
  const ready = await server.call("GET", "/readyz", { key: null });
  expect(schemas.zHealth.parse(await health.json())).toEqual({ status: "ok" });
  expect([ready.status, schemas.zReadiness.parse(await ready.json())]).toEqual([
    200,
    { status: "ready", checks: { store: "ok" } },
  ]);
});

test("figures count answers and commits, and carry nothing of a tenant's", async () => {
  const server = await startTestServer();
  await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "canary" } });
  const text = await (await server.call("GET", "/metrics", { key: null })).text();
  expect(text).toContain('noukai_http_requests_total{operation="executeFlow",status="200"} 1');
  expect(text).toMatch(/^noukai_journal_commits_total [1-9]/m);
  expect(text).not.toMatch(/acme|spelling|grade-3|canary/);
});

async function runOf(server: TestServer, flow: string, trace: boolean): Promise<string> {
  const response = await server.call("POST", `${seq}/${flow}/execute`, { body: { message: "a", trace } });
  return response.headers.get("x-noukai-execution-id") ?? "";
}

test.each([
  ["grade-3", true],
  ["grade-3", false],
  ["failing", true],
  ["failing", false],
  ["retried", true],
])("what is told of a run of %s, traced: %s, is what the document says", async (flow, isTraced) => {
  const server = await startTestServer();
  const id = await runOf(server, flow, isTraced);
  const read = async (path: string) => (await server.call("GET", `${seq}/${flow}/runs/${id}${path}`)).json();
  const trace = schemas.zTrace.parse(await read("/trace"));
  const stepId = trace.steps[0]?.stepId ?? "";
  expect(schemas.zRunSummary.parse(await read(""))).toMatchObject(trace.flowRun);
  expect(schemas.zStepTrace.parse(await read(`/steps/${stepId}/trace`))).toEqual(trace.steps[0]);
  const { attempts } = schemas.zStepAttempts.parse(await read(`/steps/${stepId}/trace?attempt=all`));
  expect(attempts.map(({ attempt }) => attempt)).toEqual(flow === "retried" ? [1, 2] : [1]);
});

test("a run tells what came of it", async () => {
  const server = await startTestServer();
  const done = await server.call("GET", `${seq}/grade-3/runs/${await runOf(server, "grade-3", false)}`);
  expect(await done.json()).toMatchObject({
    status: "completed",
    result: { text: "Check (easy): a" },
    error: null,
    pause: null,
    version: 1,
    stepCount: 2,
  });
  const failed = await server.call("GET", `${seq}/failing/runs/${await runOf(server, "failing", false)}`);
  expect(await failed.json()).toMatchObject({
    status: "failed",
    result: null,
    error: { code: "MODEL_PROVIDER_ERROR", stepId: "fail" },
  });
});

test("contexts obey the capture mode from the first moment, and a traced run shows them", async () => {
  const server = await startTestServer();
  const contexts = async (isTraced: boolean) => {
    const response = await server.call("GET", `/api/v1/flow-runs/${await runOf(server, "grade-3", isTraced)}/trace`);
    const [step] = schemas.zTrace.parse(await response.json()).steps;
    return [step?.inputContext, step?.outputContext, step?.inputSizeBytes];
  };
  expect(await contexts(false)).toEqual([null, null, 35]);
  expect(await contexts(true)).toEqual([{ message: "a", difficulty: "easy" }, { text: "Check (easy): a" }, 35]);
});

test("the id-addressed twins answer as the paths do", async () => {
  const server = await startTestServer();
  const id = await runOf(server, "retried", true);
  for (const path of ["/trace", "/steps/flaky/trace", "/steps/flaky/trace?attempt=1", "/trace/stream"]) {
    const byPath = await server.call("GET", `${seq}/retried/runs/${id}${path}`);
    const byId = await server.call("GET", `/api/v1/flow-runs/${id}${path}`);
    expect([path, await byId.text()]).toEqual([path, await byPath.text()]);
  }
});

test.each([
  [`/runs/${someId}`, 404, "RUN_NOT_FOUND"],
  ["/runs/not-a-uuid/trace", 404, "RUN_NOT_FOUND"],
  ["/runs/{id}/steps/nope/trace", 404, "STEP_NOT_FOUND"],
  ["/runs/{id}/steps/check/trace?attempt=9", 404, "STEP_NOT_FOUND"],
  ["/runs/{id}/steps/check/trace?attempt=x", 400, "INVALID_REQUEST"],
  ["/runs/{id}/steps/check/trace?loop_index=-1", 400, "INVALID_REQUEST"],
])("GET …%s is %s %s", async (path, status, code) => {
  const server = await startTestServer();
  const response = await server.call(
    "GET",
    `${seq}/grade-3${path.replace("{id}", await runOf(server, "grade-3", false))}`,
  );
  expect([response.status, await codeOf(response)]).toEqual([status, code]);
});

test("a run is found under its own flow only", async () => {
  const server = await startTestServer();
  const response = await server.call("GET", `${seq}/slow/runs/${await runOf(server, "grade-3", false)}`);
  expect([response.status, await codeOf(response)]).toEqual([404, "RUN_NOT_FOUND"]);
});
