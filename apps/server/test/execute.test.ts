import { expect, test } from "vitest";
import { zErrorResponse, zExecuteResponse } from "../src/generated/zod.gen.ts";
import { type CallOptions, runsInWork, seq, startTestServer } from "./harness.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

test("runs a flow and answers with its last step's output", async () => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "hous" } });
  expect(response.status).toBe(200);
  const answer = zExecuteResponse.parse(await response.json());
  expect(answer).toMatchObject({ status: "completed", result: { text: "Check (easy): hous" }, blockCount: 2 });
  expect(answer.executionId).toMatch(uuid);
  expect(response.headers.get("x-noukai-execution-id")).toBe(answer.executionId);
  expect(response.headers.get("x-request-id")).toMatch(/^req_/);
});

test("parameters, overrides and the snake_case spelling reach the run", async () => {
  const server = await startTestServer();
  const body = {
    parameters: { message: "hous", difficulty: "hard" },
    block_overrides: { check: { prompt: "{{difficulty}}!" } },
  };
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body });
  expect(await response.json()).toMatchObject({ result: { text: "hard!" } });
});

test("no segment runs production, /v0 the draft, /vN a version", async () => {
  const server = await startTestServer();
  const flows = "/api/v1/projects/acme/spelling/flows";
  const draft = { steps: [{ id: "say", type: "llm", model: "noukai/echo", prompt: "edited {{message}}" }] };
  await server.call("PUT", `${flows}/grade-3`, { body: { definition: draft } });
  const textOf = async (segment: string) => {
    const response = await server.call("POST", `${seq}/grade-3${segment}/execute`, { body: { message: "x" } });
    return ((await response.json()) as { result: { text: string } }).result.text; // the flow's own output
  };
  expect([await textOf(""), await textOf("/v0"), await textOf("/v1")]).toEqual([
    "Check (easy): x",
    "edited x",
    "Check (easy): x",
  ]);
  await server.call("POST", `${flows}/grade-3/versions`, { body: { note: "say" } });
  expect(await textOf("")).toBe("Check (easy): x");
  await server.call("PUT", `${flows}/grade-3/production`, { body: { version: 2 } });
  expect([await textOf(""), await textOf("/v1")]).toEqual(["edited x", "Check (easy): x"]);
});

test("a failed run is 422 with its execution and step, and asks not to be repeated", async () => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/failing/execute`, { body: { message: "x" } });
  const executionId = response.headers.get("x-noukai-execution-id");
  expect(response.status).toBe(422);
  expect(response.headers.get("x-should-retry")).toBe("false");
  expect(await response.json()).toEqual({
    detail: { code: "MODEL_PROVIDER_ERROR", message: expect.any(String), executionId, stepId: "fail" },
  });
});

test("a repeat with the same Idempotency-Key gets the same execution and answer, also while it runs", async () => {
  const server = await startTestServer();
  const call: CallOptions = { body: { message: "go" }, headers: { "idempotency-key": "k1" } };
  const calling = server.call("POST", `${seq}/slow/execute`, call);
  await runsInWork(server, 1);
  const [first, second] = await Promise.all([calling, server.call("POST", `${seq}/slow/execute`, call)]);
  expect(await second.text()).toBe(await first.text());
  const third = await server.call("POST", `${seq}/slow/execute`, call);
  expect(third.headers.get("x-noukai-execution-id")).toBe(first.headers.get("x-noukai-execution-id"));
});

test("the same Idempotency-Key with another body is 422", async () => {
  const server = await startTestServer();
  const headers = { "idempotency-key": "k2" };
  await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" }, headers });
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "b" }, headers });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ detail: { code: "IDEMPOTENCY_KEY_REUSED" } });
});

test.each<{ name: string; path: string; call?: CallOptions; status: number; code: string; names: RegExp }>([
  { name: "unknown flow", path: "/grade-9/execute", status: 404, code: "FLOW_NOT_FOUND", names: /grade-9.*slug/ },
  {
    name: "bad slug",
    path: "/Grade_3/execute",
    status: 400,
    code: "INVALID_REQUEST",
    names: /^flow must be lowercase/,
  },
  { name: "bad version", path: "/grade-3/vx/execute", status: 400, code: "INVALID_VERSION", names: /"vx".*v0.*v1/ },
  { name: "version by name", path: "/grade-3/main/execute", status: 400, code: "INVALID_VERSION", names: /"main".*v0/ },
  { name: "unknown version", path: "/grade-3/v7/execute", status: 404, code: "VERSION_NOT_FOUND", names: /7/ },
  {
    name: "missing required input",
    path: "/grade-3/execute",
    call: { body: {} },
    status: 400,
    code: "MISSING_MESSAGE",
    names: /message/,
  },
  {
    name: "input of the wrong type",
    path: "/grade-3/execute",
    call: { body: { parameters: { message: "a", difficulty: 3 } } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /difficulty/,
  },
  {
    name: "member of the wrong type",
    path: "/grade-3/execute",
    call: { body: { message: 7 } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /^message: must be a string/,
  },
  {
    name: "reserved input name",
    path: "/grade-3/execute",
    call: { body: { message: "a", parameters: { attachments: [] } } },
    status: 400,
    code: "PARAMETER_NAME_RESERVED",
    names: /attachments/,
  },
  {
    name: "override of an unknown step",
    path: "/grade-3/execute",
    call: { body: { message: "a", blockOverrides: { chekc: { prompt: "x" } } } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /chekc/,
  },
  {
    name: "override whose step only a prototype has",
    path: "/grade-3/execute",
    call: { body: '{"message": "a", "blockOverrides": {"__proto__": {"prompt": "x"}}}' },
    status: 400,
    code: "INVALID_REQUEST",
    names: /blockOverrides\.__proto__: names no step/,
  },
  {
    name: "override that is no object",
    path: "/grade-3/execute",
    call: { body: { message: "a", blockOverrides: "x" } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /^blockOverrides: must be an object/,
  },
  {
    name: "override with an unknown field and a wrong value",
    path: "/grade-3/execute",
    call: { body: { message: "a", blockOverrides: { check: { promt: "x", temperature: 9 } } } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /check\.promt: cannot.*check\.temperature: expected/,
  },
  {
    name: "attachment that is not https",
    path: "/grade-3/execute",
    call: { body: { message: "a", attachments: [{ url: "http://x.test/a.png", mimeType: "image/png" }] } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /^attachments\[0\]\.url: must begin with https:\/\/$/,
  },
  {
    name: "body of 2 MB",
    path: "/grade-3/execute",
    call: { body: { message: "x".repeat(2_000_000) } },
    status: 413,
    code: "BODY_TOO_LARGE",
    names: /larger than 1048576 bytes/,
  },
  {
    name: "broken JSON",
    path: "/grade-3/execute",
    call: { body: '{"message": "a",}' },
    status: 400,
    code: "INVALID_REQUEST",
    names: /line 1, column 17/,
  },
  {
    name: "not JSON",
    path: "/grade-3/execute",
    call: { body: "message=a", headers: { "content-type": "application/x-www-form-urlencoded" } },
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    names: /application\/json/,
  },
  {
    name: "no key",
    path: "/grade-3/execute",
    call: { key: null },
    status: 401,
    code: "UNAUTHENTICATED",
    names: /Bearer nk_/,
  },
  {
    name: "wrong key",
    path: "/grade-3/execute",
    call: { key: "nk_live_abcdefgh_0123456789abcdef0123456789abcdef" },
    status: 401,
    code: "UNAUTHENTICATED",
    names: /not valid/,
  },
  {
    name: "session that is no UUID",
    path: "/grade-3/execute",
    call: { headers: { "x-session-id": "s1" } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /^X-Session-Id must be a UUID/,
  },
  {
    name: "a wish for the connection's end that is none",
    path: "/grade-3/execute",
    call: { headers: { "x-noukai-on-disconnect": "stop" } },
    status: 400,
    code: "INVALID_REQUEST",
    names: /X-Noukai-On-Disconnect must be cancel or continue/,
  },
])("bad input: $name is $status $code", async ({ path, call, status, code, names }) => {
  const server = await startTestServer();
  const response = await server.request("POST", `${seq}${path}`, { body: { message: "a" }, ...call });
  const { detail } = zErrorResponse.parse(await response.json());
  expect([response.status, detail.code]).toEqual([status, code]);
  expect(detail.message).toMatch(names);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("x-request-id")).toMatch(/^req_/);
});

test("a model that cannot be called here is the definition's fault, 422, unless the caller's override names it, 400", async () => {
  const flow = (model: string) => `steps: [{ id: ask, type: llm, model: ${model}, prompt: "{{message}}" }]\n`;
  const server = await startTestServer({
    flows: { "acme/spelling/far.yaml": flow("openai/gpt-5-mini"), "acme/spelling/near.yaml": flow("noukai/echo") },
  });
  const codeOf = async (name: string, blockOverrides: object) => {
    const response = await server.call("POST", `${seq}/${name}/execute`, { body: { message: "a", blockOverrides } });
    const { detail } = zErrorResponse.parse(await response.json());
    expect(detail.message).toContain("OPENAI_API_KEY");
    return [response.status, detail.code];
  };
  expect(await codeOf("far", {})).toEqual([422, "INVALID_TREE"]);
  expect(await codeOf("near", { ask: { model: "openai/gpt-5-mini" } })).toEqual([400, "INVALID_REQUEST"]);
});

test("null and empty members are absent ones", async () => {
  const server = await startTestServer();
  const body = {
    message: "a",
    messages: null,
    tools: [],
    attachments: [],
    toolChoice: null,
    blockOverrides: {},
    executionId: "",
  };
  expect((await server.call("POST", `${seq}/grade-3/execute`, { body })).status).toBe(200);
});

test("a caller that leaves does not take its run with it", async () => {
  const server = await startTestServer();
  const leaving = new AbortController();
  const call: CallOptions = { body: { message: "a" }, headers: { "idempotency-key": "left" } };
  const answer = server.request("POST", `${seq}/slow/execute`, { ...call, signal: leaving.signal });
  await runsInWork(server, 1);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  const again = await server.request("POST", `${seq}/slow/execute`, call);
  expect(again.status).toBe(200);
  const runId = again.headers.get("x-noukai-execution-id");
  const trace = (await (await server.request("GET", `${seq}/slow/runs/${runId}/trace`)).json()) as {
    steps: { attempt: number }[];
  }; // the wire's shape
  expect(trace.steps.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
});
