import { expect, test } from "vitest";
import { type CallOptions, seq, weatherTools } from "../harness.ts";
import { bodyFor, guardedOperations, nowhere, openWorld, pathOf, type Places, type World } from "./world.ts";

/** Where the other tenant calls: under its own project, so that the path itself is allowed. */
const own: Places = { ...nowhere, org: "acme", project: "other", flow: "elsewhere", version: "0" };

interface Answer {
  readonly status: number;
  readonly headers: object;
  readonly body: string;
}

/** Everything of an answer that may tell something; the ids that were asked for are the asker's own words. */
async function answerTo(
  { server }: World,
  call: CallOptions & { readonly method: string; readonly path: string },
  asked: readonly string[],
): Promise<Answer> {
  const response = await server.call(call.method, call.path, { key: server.otherKey, ...call });
  const headers = Object.fromEntries(response.headers);
  const requestId = headers["x-request-id"] ?? "";
  delete headers["x-request-id"];
  const said = (await response.text()).replace(requestId, "…");
  const body = asked.reduce((text, id) => text.replaceAll(id, "…"), said);
  return { status: response.status, headers, body };
}

const idNames = ["executionId", "flowRunId", "sessionId", "keyId", "flowExecutionId", "taskExecutionId"];
const byId = guardedOperations.filter(({ path }) => idNames.some((name) => path.includes(`{${name}}`)));

test("there are such operations, streams among them", () => {
  expect(byId.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["getRun", "getSession", "revokeKey", "streamRunTrace", "streamFlowRunTrace", "cancelRun"]),
  );
});

test.each(byId)("$id answers another tenant's id byte for byte like one that does not exist", async (operation) => {
  const world = await openWorld();
  const ids = Object.fromEntries(idNames.map((name) => [name, world.theirs[name] ?? ""]));
  for (const headers of [{}, { "last-event-id": "2" }]) {
    const call = { method: operation.method, headers, ...bodyFor(operation) };
    const theirs = await answerTo(world, { ...call, path: pathOf(operation, { ...own, ...ids }) }, Object.values(ids));
    const none = await answerTo(world, { ...call, path: pathOf(operation, own) }, Object.values(own));
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(none);
  }
});

test("a run that another tenant names in a body is one that does not exist: nothing is resumed, stepped or cancelled", async () => {
  const world = await openWorld();
  const { server, pausedRunId, idempotencyKey, theirs } = world;
  const mine = "/api/v1/seq/acme/other";
  const toolCallMessages = [{ role: "tool", tool_call_id: "call_1", content: "x" }];
  const bodies = [
    { verb: "execute", of: (id: string) => ({ executionId: id, pausedAtStep: "ask", toolCallMessages }) },
    { verb: "step", of: (id: string) => ({ executionId: id, stepIndex: 1 }) },
    { verb: "step", of: (id: string) => ({ executionId: id, stepIndex: 1, toolCallMessages }) },
  ];
  const named = { asking: pausedRunId, "grade-3": theirs["executionId"] ?? "" };
  for (const { verb, of } of bodies) {
    for (const [flow, id] of Object.entries(named)) {
      const path = `${mine}/${flow}/${verb}`;
      const answer = (asked: string) => answerTo(world, { method: "POST", path, body: of(asked) }, [asked]);
      expect(await answer(id)).toEqual(await answer(own["executionId"] ?? ""));
    }
  }
  const cancelBy = (key: string) =>
    answerTo(world, { method: "POST", path: `${mine}/grade-3/runs/cancel`, body: { idempotencyKey: key } }, [key]);
  expect(await cancelBy(idempotencyKey)).toEqual(await cancelBy("nobodys-call"));
  expect(await server.engine.run(pausedRunId)).toMatchObject({ status: "paused" });
});

test("a list names nothing of another tenant, also when it is asked for by id", async () => {
  const world = await openWorld();
  const { server, theirs } = world;
  const flow = await server.engine.store.flowById((await server.engine.run(theirs["executionId"] ?? ""))?.flowId ?? "");
  const list = (query: string) => answerTo(world, { method: "GET", path: `/api/v1/flow-runs${query}` }, []);
  expect(await list(`?flow_id=${flow?.id}`)).toEqual(await list(`?flow_id=${nowhere["executionId"]}`));
  expect((await list("")).body).not.toContain(theirs["executionId"]);
  expect((await answerTo(world, { method: "GET", path: "/api/v1/keys" }, [])).body).not.toContain(theirs["keyId"]);
});

test("a key that one tenant used for a call is free for another tenant's calls", async () => {
  const { server, idempotencyKey } = await openWorld();
  const headers = { "idempotency-key": idempotencyKey };
  const call = { key: server.otherKey, headers, body: { message: "b" } };
  expect((await server.call("POST", "/api/v1/seq/acme/other/elsewhere/execute", call)).status).toBe(200);
});

test("a session id that two tenants use holds for each of them its own runs", async () => {
  const { server, theirs } = await openWorld();
  const path = "/api/v1/seq/acme/other/elsewhere/execute";
  const headers = { "x-session-id": theirs["sessionId"] ?? "" };
  await server.call("POST", path, { key: server.otherKey, headers, body: { message: "b", trace: true } });
  for (const [key, slug] of [
    [server.key, "grade-3"],
    [server.otherKey, "elsewhere"],
  ] as const) {
    const session = await server.call("GET", `/api/v1/seq/sessions/${theirs["sessionId"]}`, { key });
    const { executions } = (await session.json()) as { executions: readonly { slug: string }[] }; // as: the contract's
    expect(executions.map((execution) => execution.slug)).toEqual([slug]);
  }
});

test("a run is read at the path of its own flow only", async () => {
  const { server, theirs } = await openWorld();
  const other = await server.call("POST", `${seq}/asking/execute`, { body: { message: "a", tools: weatherTools } });
  const id = other.headers.get("x-noukai-execution-id") ?? "";
  expect((await server.call("GET", `${seq}/asking/runs/${id}`)).status).toBe(200);
  expect((await server.call("GET", `${seq}/grade-3/runs/${id}`)).status).toBe(404);
  expect((await server.call("GET", `${seq}/grade-3/runs/${theirs["executionId"]}`)).status).toBe(200);
});
