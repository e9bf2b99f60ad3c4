import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  zExecutionChange,
  zFlowExecution,
  zFlowExecutionList,
  zTaskExecution,
  zTaskExecutionList,
} from "../src/generated/zod.gen.ts";
import { create, executions, flowId, read, reaches, refused, tasks, tasksOf } from "./executions.ts";
import { type CallOptions, parseFrames, startTestServer, type TestServer } from "./harness.ts";
import { storeKey } from "./security/world.ts";

const nobody = "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10";

test("an execution is made and started by one call, and read with what came of it", async () => {
  const server = await startTestServer();
  const made = await create(server, "grade-3", { message: "hi" });
  expect(made).toMatchObject({
    flow_id: await flowId(server, "grade-3"),
    flow_version: 1,
    input: { message: "hi", difficulty: "easy" },
    organization_id: "acme",
    status: "running",
    modified_by: server.key.split("_")[2],
    updated_at: made.created_at,
  });
  const done = await reaches(server, made.id, "completed");
  expect(done).toMatchObject({ result: { text: "Check (easy): hi" }, error: null });
  expect(done).not.toHaveProperty("run_number");
  expect(await read(server, made.id, "?include_run_number=true")).toMatchObject({ run_number: 1 });
  const trace = await server.call("GET", `/api/v1/flow-runs/${made.run_id}/trace`);
  expect(await trace.json()).toMatchObject({ flowRun: { id: made.id, triggerType: "api", status: "completed" } });
});

test("the key may come as X-API-Key, here and nowhere else", async () => {
  const server = await startTestServer();
  const call: CallOptions = { key: null, headers: { "x-api-key": server.key } };
  const { id } = await create(server, "grade-3", { message: "a" }, call);
  expect((await server.call("GET", `${executions}/${id}`, call)).status).toBe(200);
  expect((await server.call("GET", `/api/v1/flow-runs/${id}`, call)).status).toBe(401);
});

test("an equal call with one Idempotency-Key answers the same execution, another one is refused", async () => {
  const server = await startTestServer();
  const headers = { "idempotency-key": "one-call" };
  const first = await create(server, "grade-3", { message: "a" }, { headers });
  expect((await create(server, "grade-3", { message: "a" }, { headers })).id).toBe(first.id);
  const body = { flow_id: first.flow_id, input: { message: "b" } };
  const other = await server.call("POST", executions, { headers, body });
  expect(await refused(other)).toBe("422 IDEMPOTENCY_KEY_REUSED");
});

test("references in the input reach the steps, and nobody asks for what they name", async () => {
  const flows = { "acme/spelling/keep.yaml": "input: { type: object }\nsteps: [{ id: keep, type: passthrough }]\n" };
  const server = await startTestServer({ flows });
  let requests = 0;
  const files = createServer((_, response) => {
    requests += 1;
    response.end();
  });
  files.listen(0, "127.0.0.1");
  await once(files, "listening");
  onTestFinished(() => void files.close());
  const { port } = files.address() as AddressInfo; // as: it listens on a port
  const input = { file_key: "a/b.pdf", document_url: `http://127.0.0.1:${port}/letter.pdf` };
  const { id } = await create(server, "keep", input);
  expect(await reaches(server, id, "completed")).toMatchObject({ input, result: input });
  expect(requests).toBe(0);
});

test("a failed execution says why", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "failing");
  expect(await reaches(server, id, "failed")).toMatchObject({
    result: null,
    error: { code: "MODEL_PROVIDER_ERROR", step_id: "fail" },
  });
});

const refusals: readonly (readonly [string, string, unknown, string])[] = [
  ["POST", "", { input: {} }, "400 INVALID_REQUEST"],
  ["POST", "", { flow_id: "no-uuid", input: {} }, "400 INVALID_REQUEST"],
  ["POST", "", { flow_id: nobody, input: [] }, "400 INVALID_REQUEST"],
  ["POST", "", "{", "400 INVALID_REQUEST"],
  ["POST", "", { flow_id: nobody, input: {} }, "404 FLOW_NOT_FOUND"],
  ["POST", "", "x".repeat(1_100_000), "413 BODY_TOO_LARGE"],
  ["GET", "", undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}`, undefined, "404 FLOW_NOT_FOUND"],
  ["GET", `?flow_id=${nobody}&page=0`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&page=10001`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&page_size=1001`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&status[]=none`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&sort_field=id`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&sort_direction=up`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&created_after=today`, undefined, "400 INVALID_REQUEST"],
  ["GET", `?flow_id=${nobody}&include_run_number=2`, undefined, "400 INVALID_REQUEST"],
  ["GET", `/${nobody}`, undefined, "404 EXECUTION_NOT_FOUND"],
  ["GET", "/no-uuid", undefined, "404 EXECUTION_NOT_FOUND"],
  ["DELETE", `/${nobody}`, undefined, "404 EXECUTION_NOT_FOUND"],
  ["POST", `/${nobody}/cancel`, undefined, "404 EXECUTION_NOT_FOUND"],
  ["POST", `/${nobody}/execute`, undefined, "404 EXECUTION_NOT_FOUND"],
  ["POST", `/${nobody}/execute?only_stale=maybe`, undefined, "400 INVALID_REQUEST"],
  ["GET", `/${nobody}/events`, undefined, "404 EXECUTION_NOT_FOUND"],
  ["GET", "/ws", undefined, "400 INVALID_REQUEST"],
  ["PATCH", `/${nobody}`, undefined, "405 METHOD_NOT_ALLOWED"],
  ["GET", `/${nobody}/nothing`, undefined, "404 ROUTE_NOT_FOUND"],
];

test.each(refusals)("%s /flow-executions%s with %j is %s", async (method, path, body, code) => {
  const server = await startTestServer();
  const response = await server.call(method, `${executions}${path}`, body === undefined ? {} : { body });
  expect(await refused(response)).toBe(code);
});

test("what is refused is refused in the envelope of this API: keys, scopes, credits, inputs, drafts, rates", async () => {
  const server = await startTestServer();
  const body = { flow_id: await flowId(server, "grade-3"), input: {} };
  const post = async (options: CallOptions): Promise<string> =>
    refused(await server.call("POST", executions, { body, ...options }));
  expect(await post({ key: null })).toBe("401 UNAUTHENTICATED");
  expect(await post({ key: await storeKey(server, { project: "spelling", scopes: ["key:write"] }) })).toBe(
    "403 FORBIDDEN",
  );
  expect(await post({ headers: { "content-type": "text/plain" } })).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  const invalid = await server.call("POST", executions, { body });
  expect([invalid.status, await invalid.json()]).toMatchObject([
    422,
    { error: { code: "INPUT_INVALID", details: { issues: [{ path: "input.message", message: "is required" }] } } },
  ]);
  const draft = { slug: "draft", definition: { steps: [{ id: "keep", type: "passthrough" }] } };
  await server.call("POST", "/api/v1/projects/acme/spelling/flows", { body: draft });
  expect(await post({ body: { flow_id: await flowId(server, "draft"), input: {} } })).toBe("422 FLOW_NOT_PUBLISHED");
  await server.call("PUT", "/api/v1/projects/acme/spelling/credits", { body: { balanceUsd: "0" } });
  const fit = { ...body, input: { message: "a" } };
  expect(await post({ body: fit })).toBe("402 INSUFFICIENT_CREDITS");
});

test("a store that is gone is a 500 in the envelope of this API, which says nothing of it", async () => {
  const server = await startTestServer();
  expect((await server.call("GET", `${executions}/${nobody}`)).status).toBe(404);
  await server.engine.store.close();
  const answers = await Promise.all(
    ["", `/${nobody}`].map((path) => server.call("GET", `${executions}${path}?flow_id=${nobody}`)),
  );
  for (const response of answers) expect(await refused(response)).toBe("500 INTERNAL_ERROR");
});

test("too many requests are a 429 in the envelope of this API, with when to come again", async () => {
  const flows = {
    "acme/spelling/project.yaml": "limits: { requestsPerMinute: 1 }\n",
    "acme/spelling/grade-3.yaml": "steps: [{ id: keep, type: passthrough }]\n",
  };
  const server = await startTestServer({ flows });
  await create(server, "grade-3");
  const response = await server.call("GET", `${executions}/${nobody}`);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused(response)).toBe("429 RATE_LIMITED");
});

test("a server that stops takes no execution and no re-run: 503 in the envelope of this API", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "grade-3");
  await reaches(server, id, "completed");
  await server.engine.drain(0);
  const body = { flow_id: await flowId(server, "grade-3"), input: { message: "a" } };
  expect(await refused(await server.call("POST", executions, { body }))).toBe("503 SHUTTING_DOWN");
  for (const query of ["", "?only_stale=true"])
    expect(await refused(await server.call("POST", `${executions}/${id}/execute${query}`))).toBe("503 SHUTTING_DOWN");
});

test("a request for webhooks that could never be sent is refused, and names the member", async () => {
  const server = await startTestServer();
  const body = { flow_id: await flowId(server, "grade-3"), input: { message: "a" }, webhook_url: "http://127.0.0.1/" };
  const response = await server.call("POST", executions, { body });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { code: "INVALID_REQUEST", details: { issues: [{ path: "webhook_url" }] } } },
  ]);
});

test("executions of a flow are listed, filtered, sorted and paged", async () => {
  const server = await startTestServer();
  const ids: string[] = [];
  for (const message of ["a", "b", "c"]) ids.push((await create(server, "grade-3", { message })).id);
  for (const id of ids) await reaches(server, id, "completed");
  await create(server, "slow");
  const id = await flowId(server, "grade-3");
  const list = async (query: string): Promise<readonly string[]> => {
    const response = await server.call("GET", `${executions}?flow_id=${id}${query}`);
    return zFlowExecutionList.parse(await response.json()).map((execution) => execution.id);
  };
  expect((await list("")).toSorted()).toEqual(ids.toSorted());
  expect(await list("&sort_field=created_at&sort_direction=asc")).toEqual(ids);
  const down = "&sort_field=created_at&sort_direction=desc";
  expect(await list(`${down}&page_size=2&page=2`)).toEqual([ids[0]]);
  expect(await list(`${down}&page_size=1&start_from_execution_id=${ids[2]}`)).toEqual([ids[1]]);
  expect(await list("&status[]=failed&status[]=running")).toEqual([]);
  expect(await list("&status_exclude[]=completed")).toEqual([]);
  expect(await list("&status=completed&status_exclude=failed")).toHaveLength(3);
  expect(await list("&created_after=2100-01-01T00:00:00Z")).toEqual([]);
  expect(await list("&updated_before=2100-01-01T00:00:00%2B02:00")).toHaveLength(3);
  await server.call("DELETE", `${executions}/${ids[0]}`);
  expect(await list(down)).toEqual([ids[2], ids[1]]);
  const other = await server.call("GET", `${executions}?flow_id=${id}&start_from_execution_id=${nobody}`);
  expect(await refused(other)).toBe("404 EXECUTION_NOT_FOUND");
});

test("a deleted execution is 204 again, and 404 for everything else; its run goes on", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "slow");
  const remove = async () => (await server.call("DELETE", `${executions}/${id}`)).status;
  expect([await remove(), await remove()]).toEqual([204, 204]);
  for (const [method, path] of [
    ["GET", `${executions}/${id}`],
    ["POST", `${executions}/${id}/cancel`],
    ["POST", `${executions}/${id}/execute`],
    ["GET", `${executions}/${id}/events`],
    ["GET", `${tasks}?flow_execution_id=${id}`],
  ] as const) {
    expect(await refused(await server.call(method, path))).toBe("404 EXECUTION_NOT_FOUND");
  }
  expect(await refused(await server.call("GET", `${tasks}/${id}:first`))).toBe("404 TASK_NOT_FOUND");
  await vi.waitFor(async () => expect(await server.engine.run(id)).toMatchObject({ status: "completed" }), 10_000);
});

test("a cancelled execution ends as that; cancelling it again changes nothing", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "endless");
  const cancel = async () => (await server.call("POST", `${executions}/${id}/cancel`)).status;
  expect(await cancel()).toBe(204);
  await reaches(server, id, "cancelled");
  expect(await cancel()).toBe(204);
  expect((await tasksOf(server, id)).map(({ status }) => status)).toEqual(["cancelled"]);
});

test("an edited output makes what is behind it stale; a re-run runs that alone, in a run of its own", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "slow");
  await reaches(server, id, "completed");
  const put = (path: string, body: unknown) => server.call("PUT", `${tasks}/${id}:${path}`, { body });
  const edited = await put("second", { output: { text: "edited" } });
  expect([edited.status, zTaskExecution.parse(await edited.json())]).toMatchObject([
    200,
    { status: "completed", output: { text: "edited" }, edited_at: expect.any(String) as string },
  ]);
  expect((await tasksOf(server, id)).map(({ status }) => status)).toEqual(["completed", "completed", "stale"]);
  expect(await read(server, id)).toMatchObject({ status: "stale", run_id: id });
  expect((await server.call("POST", `${executions}/${id}/execute?only_stale=true`)).status).toBe(204);
  const done = await reaches(server, id, "completed");
  expect(done).toMatchObject({ result: { text: "edited" } });
  expect(done.run_id).not.toBe(id);
  expect((await tasksOf(server, id)).map((task) => task.kept_from_run_id)).toEqual([id, id, null]);
  const trace = await server.call("GET", `/api/v1/flow-runs/${done.run_id}/trace`);
  const { flowRun, steps } = (await trace.json()) as { flowRun: object; steps: readonly object[] }; // as: the contract's
  expect(flowRun).toMatchObject({ totalTokens: null, totalCostUsd: null, stepCount: 3 });
  expect(steps).toMatchObject([{ keptFrom: id, tokens: null }, { keptFrom: id }, { stepId: "third" }]);
  const again = await put("first?execute_flow=true", { output: { message: "more" } });
  expect(again.status).toBe(200);
  expect(await reaches(server, id, "completed")).toMatchObject({ status: "completed" });
  expect(await read(server, id, "?include_run_number=true")).toMatchObject({ run_number: 3 });
});

test("a full re-run moves to the newest published version, and is refused for an input that does not fit it", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "grade-3", { message: "a" });
  await reaches(server, id, "completed");
  const path = "/api/v1/projects/acme/spelling/flows/grade-3";
  const publish = async (definition: object): Promise<void> => {
    await server.call("PUT", path, { body: { definition } });
    await server.call("POST", `${path}/versions`, { body: { note: "next" } });
  };
  const execute = () => server.call("POST", `${executions}/${id}/execute`);
  const steps = [{ id: "other", type: "passthrough" }];
  await publish({ input: { type: "object" }, steps });
  expect((await execute()).status).toBe(204);
  expect(await reaches(server, id, "completed")).toMatchObject({ flow_version: 2 });
  await publish({ input: { type: "object", required: ["new"], properties: { new: { type: "string" } } }, steps });
  expect(await refused(await execute())).toBe("422 INPUT_INVALID");
});

test("a re-run with one Idempotency-Key is made once, however often it is asked for", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "slow");
  await reaches(server, id, "completed");
  const execute = (query: string) =>
    server.call("POST", `${executions}/${id}/execute${query}`, { headers: { "idempotency-key": "again" } });
  for (let call = 0; call < 3; call++) expect((await execute("?only_stale=true")).status).toBe(204);
  await reaches(server, id, "completed");
  expect(await read(server, id, "?include_run_number=true")).toMatchObject({ run_number: 2 });
  expect(await refused(await execute(""))).toBe("422 IDEMPOTENCY_KEY_REUSED");
});

test("tasks refuse what cannot be", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "endless");
  const put = (path: string, body: unknown = { output: {} }) => server.call("PUT", `${tasks}/${path}`, { body });
  expect(await refused(await put(`${id}:wait`))).toBe("409 EXECUTION_BUSY");
  expect(await refused(await put(`${id}:nothing`))).toBe("404 TASK_NOT_FOUND");
  expect(await refused(await put("nothing"))).toBe("404 TASK_NOT_FOUND");
  expect(await refused(await put(`${id}:wait`, { output: "text" }))).toBe("400 INVALID_REQUEST");
  expect(await refused(await put(`${id}:wait`, {}))).toBe("400 INVALID_REQUEST");
  expect(await refused(await put(`${id}:wait?execute_flow=1`))).toBe("400 INVALID_REQUEST");
  expect(await refused(await server.call("GET", tasks))).toBe("400 INVALID_REQUEST");
  const other = await create(server, "failing");
  await reaches(server, other.id, "failed");
  const [task] = zTaskExecutionList.parse(await tasksOf(server, other.id));
  expect(task).toMatchObject({ status: "failed", error: { code: "MODEL_PROVIDER_ERROR" }, kind: "llm", index: 0 });
  const one = await server.call("GET", `${tasks}/${task?.id}`);
  expect(zTaskExecution.parse(await one.json())).toEqual(task);
});

test("what came of an execution is told as server-sent events, from any of them on, and ends with its end", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "grade-3");
  const events = async (headers: Readonly<Record<string, string>> = {}) => {
    const response = await server.call("GET", `${executions}/${id}/events`, { headers });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    return (await response.text())
      .split("\n\n")
      .filter((frame) => frame.startsWith("id: "))
      .map((frame) => ({ cursor: /^id: (\S+)/.exec(frame)?.[1] ?? "", ...parseFrames(`${frame}\n\n`)[0] }));
  };
  const all = await events();
  expect(all.map(({ data }) => zExecutionChange.parse(data).status)).toEqual(["running", "in_progress", "completed"]);
  expect(all.every(({ event }) => event === "status_changed")).toBe(true);
  expect(await events({ "last-event-id": all[0]?.cursor ?? "" })).toEqual(all.slice(1));
  expect(await events({ "last-event-id": all[2]?.cursor ?? "" })).toEqual(all.slice(2));
  const wrong = await server.call("GET", `${executions}/${id}/events`, { headers: { "last-event-id": "x" } });
  expect(await refused(wrong)).toBe("400 INVALID_REQUEST");
});

test("a key of the organisation reaches the executions of all its projects, and only such a key makes another", async () => {
  const server = await startTestServer();
  const projectId = (await server.engine.store.project("acme", "spelling"))?.id ?? "";
  const { id } = await create(server, "grade-3");
  const secret = await storeKey(server, { project: "other", opensOrganisation: true });
  const stranger = await server.engine.store.ensureProject("globex", "other");
  expect((await server.call("GET", `${executions}/${id}`, { key: secret })).status).toBe(200);
  expect(await refused(await server.call("GET", `${executions}/${id}`, { key: server.otherKey }))).toBe(
    "404 EXECUTION_NOT_FOUND",
  );
  const made = await server.call("POST", "/api/v1/keys", { key: secret, body: { name: "k", organisation: true } });
  expect([made.status, await made.json()]).toMatchObject([201, { key: { org: "acme", project: null } }]);
  const body = { name: "k", organisation: true };
  expect((await server.call("POST", "/api/v1/keys", { body })).status).toBe(403);
  expect([projectId, stranger.org]).not.toContain("acme");
});

async function everyStatus(server: TestServer): Promise<void> {
  const slow = await create(server, "slow");
  expect(zFlowExecution.parse(slow).status).toBe("running");
  await reaches(server, slow.id, "in_progress");
  await reaches(server, slow.id, "completed");
}

test("an execution is running, in progress and completed in turn for whoever reads it", async () => {
  await everyStatus(await startTestServer());
});

test("an edit stands where the run that it asks for is refused, and the same call may be made again", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "grade-3");
  await reaches(server, id, "completed");
  const setBalance = (balanceUsd: string) =>
    server.call("PUT", "/api/v1/projects/acme/spelling/credits", { body: { balanceUsd } });
  const edit = () =>
    server.call("PUT", `${tasks}/${id}:check?execute_flow=true`, { body: { output: { text: "mended" } } });
  await setBalance("0");
  expect(await refused(await edit())).toBe("402 INSUFFICIENT_CREDITS");
  expect((await read(server, id)).status).toBe("stale");
  expect((await tasksOf(server, id)).map(({ status, output }) => [status, output])).toEqual([
    ["completed", { text: "mended" }],
    ["stale", null],
  ]);
  await setBalance("1");
  expect((await edit()).status).toBe(200);
  expect(await reaches(server, id, "completed")).toMatchObject({ result: { text: "mended" } });
});
