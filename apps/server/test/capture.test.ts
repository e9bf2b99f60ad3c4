import { expect, test } from "vitest";
import { seq, startTestServer, type TestServer } from "./harness.ts";

const flow = `
capture: redacted
redact:
  - { name: pupil-number, pattern: 'P-\\d{6}' }
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}" }
  - { id: keep, type: passthrough }
`;
const settings = `
redact:
  - { name: class, pattern: 'class \\d[a-z]' }
`;
const files = { "acme/spelling/grade-3.yaml": flow, "acme/spelling/project.yaml": settings };
const message = "P-123456 of class 3b, ann@example.com, 4111 1111 1111 1111, nk_live_abcd1234_0123456789abcdef";
const shown = "[redacted:pupil-number] of [redacted:class], [redacted:email], [redacted:card], [redacted:api-key]";

async function execute(server: TestServer, headers: Readonly<Record<string, string>> = {}, trace = false) {
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message, trace }, headers });
  return { answer: await response.json(), id: response.headers.get("x-noukai-execution-id") ?? "" };
}

test("traces and sessions of a flow under redacted show everything but secrets; the caller gets its answer whole", async () => {
  const server = await startTestServer({ flows: files });
  const sessionId = "0199f3c2-7a41-4e0c-9b1d-4f6a2c8e5d10";
  const { answer, id } = await execute(server, { "x-session-id": sessionId });
  expect(answer).toMatchObject({ result: { text: message } });
  const paths = [
    `${seq}/grade-3/runs/${id}/trace`,
    `/api/v1/flow-runs/${id}/trace`,
    `${seq}/grade-3/runs/${id}/steps/ask/trace?attempt=all`,
  ];
  for (const path of [...paths, `/api/v1/seq/sessions/${sessionId}`]) {
    const text = await (await server.call("GET", path)).text();
    expect([path, text.includes(shown), /ann@|P-123456|4111|nk_live/.test(text)]).toEqual([path, true, false]);
  }
  const session = await (await server.call("GET", `/api/v1/seq/sessions/${sessionId}`)).json();
  // What was taken out cannot be replayed.
  expect(session.executions[0]).toMatchObject({ traceCaptureMode: "redacted", snapshotsAvailable: false });
});

test("a caller who asks for a trace of its run gets all of it", async () => {
  const server = await startTestServer({ flows: files });
  const { id } = await execute(server, {}, true);
  expect(await (await server.call("GET", `${seq}/grade-3/runs/${id}/trace`)).text()).toContain("ann@example.com");
});
