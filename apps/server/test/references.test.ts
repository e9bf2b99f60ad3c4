import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { LLMock } from "@copilotkit/aimock";
import { parseEgressAllow } from "@noukai/engine";
import { Noukai } from "@noukai/sdk";
import { expect, onTestFinished, test } from "vitest";
import { zFlowExecution } from "../src/generated/zod.gen.ts";
import { create, executions, reaches, tasks } from "./executions.ts";
import { seq, startTestServer, type TestServer } from "./harness.ts";

/** Every kind of node; the input goes through all of them as it is. */
const flows = {
  "acme/spelling/pass.yaml": "input: { type: object }\nsteps: [{ id: keep, type: passthrough }]\n",
  "acme/spelling/every.yaml": `
capture: full
input: { type: object, properties: { file_key: { type: string }, document_url: { type: string }, pages: { type: array, default: [] } } }
steps:
  - { id: tidy, type: code, language: javascript, code: "return input" }
  - { id: route, type: branch, when: [{ if: "document_url != ''", steps: [{ id: taken, type: passthrough }] }] }
  - { id: fan, type: parallel, branches: { one: [{ id: one, type: passthrough }], two: [{ id: two, type: flow, flow: pass }] } }
  - { id: each, type: loop, over: one.pages, steps: [{ id: page, type: passthrough }] }
  - { id: say, type: llm, model: openai/gpt-5-mini, prompt: "Read {{initial.document_url}} and {{initial.file_key}}" }
`,
};

/** Counts who comes, over whatever protocol. */
async function startListener(): Promise<{ readonly port: number; readonly count: () => number }> {
  let count = 0;
  const listener = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => void listener.close());
  return { port: (listener.address() as AddressInfo).port, count: () => count }; // as: it listens on a port
}

/** A server that could reach the listener if it wanted to. */
async function openWorld() {
  const { port, count } = await startListener();
  const mock = await LLMock.create({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => mock.stop());
  mock.onMessage(/.*/, { content: "read" });
  const allowed = parseEgressAllow(`http://127.0.0.1:${port},https://127.0.0.1:${port}`);
  if ("faults" in allowed) throw new Error(allowed.faults.join());
  const models = { openai: { baseUrl: `${mock.url}/v1`, apiKey: "none" } };
  const server = await startTestServer({ flows, models, egressAllow: allowed.rules });
  const input = {
    file_key: `http://127.0.0.1:${port}/a/b.pdf`,
    document_url: `http://127.0.0.1:${port}/letter.pdf`,
    pages: [`http://127.0.0.1:${port}/1.pdf`],
  };
  const asked = (): string => JSON.stringify(mock.getRequests());
  return { server, port, input, asked, count };
}

async function stepsOf({ call }: TestServer, runId: string): Promise<string> {
  return (await call("GET", `/api/v1/flow-runs/${runId}/trace`)).text();
}

test("references in an execution's input reach every step and the model as they are, and nobody fetches them", async () => {
  const { server, input, asked, count } = await openWorld();
  const made = await create(server, "every", input);
  expect(made.input).toEqual(input);
  await reaches(server, made.id, "completed");
  expect(asked()).toContain(`Read ${input.document_url} and ${input.file_key}`);
  const trace = await stepsOf(server, made.run_id);
  for (const step of ["tidy", "taken", "one", "two", "page"]) expect(trace).toContain(`"stepId":"${step}"`);
  expect(trace.split(input.document_url).length).toBeGreaterThan(5);

  const output = { ...input, document_url: `${input.document_url}?edited` };
  const edited = await server.call("PUT", `${tasks}/${made.id}:tidy?execute_flow=true`, { body: { output } });
  expect(edited.status).toBe(200);
  await reaches(server, made.id, "completed");
  const again = await server.call("POST", `${executions}/${made.id}/execute`);
  expect(again.status).toBe(204);
  expect(zFlowExecution.parse(await (await server.call("GET", `${executions}/${made.id}`)).json()).input).toEqual(
    input,
  );
  await reaches(server, made.id, "completed");
  expect(count()).toBe(0);
});

test("the same of parameters of execute, step and jobs", async () => {
  const { server, input, count } = await openWorld();
  for (const verb of ["execute", "step", "jobs"]) {
    const body = { parameters: input, trace: true, ...(verb === "step" && { runRemaining: true }) };
    const response = await server.call("POST", `${seq}/every/${verb}`, { body });
    await response.text();
    const runId = response.headers.get("x-noukai-execution-id") ?? "";
    for await (const item of server.engine.events(runId, { after: 0, signal: AbortSignal.timeout(10_000) })) {
      if (item.type === "step_error") throw new Error(item.error.message);
    }
    expect((await server.engine.run(runId))?.input).toEqual(input);
  }
  expect(count()).toBe(0);
});

test("attachments that the SDK sends reach the model by their address, and are not fetched on the way", async () => {
  const { server, port, asked, count } = await openWorld();
  const noukai = new Noukai({ apiKey: server.key, baseUrl: `${server.url}/api/v1` });
  const url = `https://127.0.0.1:${port}/a.png`;
  const input = {
    parameters: { document_url: "none", file_key: "none" },
    attachments: [{ url, mimeType: "image/png" as const }],
  };
  const { status } = await noukai.flow("acme/spelling/every").execute(input);
  expect(status).toBe("completed");
  expect(asked()).toContain(url);
  expect(count()).toBe(0);
});
