import { expect, test, vi } from "vitest";
import { zCancelAccepted, zFlowRunList, zTrace } from "../src/generated/zod.gen.ts";
import {
  type CallOptions,
  parseFrames,
  refusal,
  runsInWork,
  seq,
  startTestServer,
  type TestServer,
} from "./harness.ts";

/** A run that waits for its model, and the answer that its caller waits for. */
async function startEndless(
  server: TestServer,
  call: CallOptions = {},
): Promise<{ readonly runId: string; readonly answer: Promise<Response> }> {
  const answer = server.request("POST", `${seq}/endless/execute`, { body: { message: "a" }, ...call });
  answer.catch(() => undefined);
  await runsInWork(server, 1);
  const { items } = (await (await server.call("GET", "/api/v1/flow-runs")).json()) as { items: { id: string }[] }; // the wire's shape
  return { runId: items[0]?.id ?? "", answer };
}

test("a cancel reaches the model call: its execute is 409 CANCELLED, its trace shows what was used", async () => {
  const server = await startTestServer();
  const { runId, answer } = await startEndless(server);
  const cancelled = await server.request("POST", `${seq}/endless/runs/${runId}/cancel`);
  expect(cancelled.headers.get("x-noukai-execution-id")).toBe(runId);
  expect([cancelled.status, zCancelAccepted.parse(await cancelled.json())]).toEqual([
    202,
    { executionId: runId, status: "cancelled" },
  ]);
  const response = await answer;
  expect(response.headers.get("x-should-retry")).toBe("false");
  expect([response.status, await response.json()]).toEqual([
    409,
    { detail: { code: "CANCELLED", message: expect.any(String), executionId: runId, stepId: "wait" } },
  ]);
  const trace = zTrace.parse(await (await server.call("GET", `${seq}/endless/runs/${runId}/trace`)).json());
  expect(trace.flowRun.status).toBe("cancelled");
  expect(trace.steps).toEqual([
    expect.objectContaining({ stepId: "wait", status: "failed", tokens: { prompt: 1, completion: 0, total: 1 } }),
  ]);
});

test("a cancelled run's streams end with step_error CANCELLED", async () => {
  const server = await startTestServer();
  const stream = await server.request("POST", `${seq}/endless/step`, { body: { message: "a" } });
  const runId = stream.headers.get("x-noukai-execution-id");
  await server.call("POST", `${seq}/endless/runs/${runId}/cancel`);
  const last = { event: "step_error", data: { stepId: "wait", error: { code: "CANCELLED" } } };
  expect(parseFrames(await stream.text()).at(-1)).toMatchObject(last);
});

test("cancelling again, and cancelling what is over, changes nothing", async () => {
  const server = await startTestServer();
  const { runId } = await startEndless(server);
  const cancel = (flow: string, id: string | null) => server.call("POST", `${seq}/${flow}/runs/${id}/cancel`);
  const [first, again] = [await cancel("endless", runId), await cancel("endless", runId)];
  expect(await again.text()).toBe(await first.text());
  const done = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } });
  const response = await cancel("grade-3", done.headers.get("x-noukai-execution-id"));
  expect([response.status, await response.json()]).toMatchObject([202, { status: "completed" }]);
});

test("a caller who never saw the run's id cancels it by its Idempotency-Key", async () => {
  const server = await startTestServer();
  const { runId, answer } = await startEndless(server, { headers: { "idempotency-key": "k" } });
  const cancel = (flow: string, idempotencyKey: string, key = server.key, project = seq) =>
    server.call("POST", `${project}/${flow}/runs/cancel`, { body: { idempotencyKey }, key });
  expect(await refusal(await cancel("endless", "other"))).toBe("404 RUN_NOT_FOUND");
  expect(await refusal(await cancel("grade-3", "k"))).toBe("404 RUN_NOT_FOUND");
  expect(await refusal(await cancel("endless", "k", server.otherKey, "/api/v1/seq/acme/other"))).toBe(
    "404 RUN_NOT_FOUND",
  );
  expect(await refusal(await cancel("endless", ""))).toBe("400 INVALID_REQUEST");
  expect(await (await cancel("endless", "k")).json()).toEqual({ executionId: runId, status: "cancelled" });
  expect((await answer).status).toBe(409);
});

test.each([
  ["/endless/runs/0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10/cancel", "404 RUN_NOT_FOUND"],
  ["/endless/jobs/x/cancel", "404 RUN_NOT_FOUND"],
])("POST …%s is %s", async (path, expected) => {
  const server = await startTestServer();
  expect(await refusal(await server.call("POST", `${seq}${path}`))).toBe(expected);
});

test("a caller that asked for it takes its run with it when it leaves, and none else does", async () => {
  const server = await startTestServer();
  const statusAfterLeaving = async (path: "execute" | "step", headers: Record<string, string>) => {
    const leaving = new AbortController();
    const call = {
      body: { message: "a" },
      headers: { ...headers, "idempotency-key": `${path} ${JSON.stringify(headers)}` },
    };
    const answer = server.request("POST", `${seq}/endless/${path}`, { ...call, signal: leaving.signal });
    answer.then((response) => response.text()).catch(() => undefined);
    const projectId = (await server.engine.store.project("acme", "spelling"))?.id ?? "";
    const run = await vi.waitFor(async () => {
      const found = await server.engine.store.runByKey(projectId, call.headers["idempotency-key"]);
      expect(found?.status).toBe("running");
      return found;
    });
    if (path === "step") await answer;
    leaving.abort();
    return { statusOf: async () => (await server.engine.run(run?.id ?? ""))?.status };
  };
  for (const path of ["execute", "step"] as const) {
    const kept = await statusAfterLeaving(path, {});
    const taken = await statusAfterLeaving(path, { "x-noukai-on-disconnect": "cancel" });
    await vi.waitFor(async () => expect(await taken.statusOf()).toBe("cancelled"));
    expect(await kept.statusOf()).toBe("running");
  }
});

test("a server that stops cancels no run, not even of callers that would have", async () => {
  const server = await startTestServer();
  const headers = { "x-noukai-on-disconnect": "cancel" };
  const body = { message: "a" };
  const stream = await server.request("POST", `${seq}/endless/step`, { body, headers });
  const reading = stream.text();
  const executing = server.request("POST", `${seq}/endless/execute`, { body, headers });
  await runsInWork(server, 2);
  const lost = [expect(executing).rejects.toThrow(), expect(reading).rejects.toThrow()];
  await Promise.all([server.engine.drain(0), ...lost]);
  const list = async () => zFlowRunList.parse(await (await server.request("GET", "/api/v1/flow-runs")).json()).items;
  const [latest] = await list();
  // What a lost connection had begun would be done when this later one is.
  await server.request("POST", `${seq}/endless/runs/${latest?.id}/cancel`);
  expect((await list()).map(({ status }) => status)).toEqual(["cancelled", "pending"]);
});
