import { expect, test, vi } from "vitest";
import { zJobAccepted, zJobStatus } from "../src/generated/zod.gen.ts";
import { makeDirectory, refusal, runsInWork, seq, startTestServer, type TestServer } from "./harness.ts";

async function submit(server: TestServer, flow: string, members: object = {}): Promise<string> {
  const response = await server.call("POST", `${seq}/${flow}/jobs`, { body: { message: "a", ...members } });
  return zJobAccepted.parse(await response.json()).executionId;
}

async function statusOf(server: TestServer, flow: string, id: string): Promise<object> {
  return zJobStatus.parse(await (await server.call("GET", `${seq}/${flow}/jobs/${id}`)).json());
}

test("a job is accepted at once and read until it is done", async () => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/grade-3/jobs`, { body: { message: "hous" } });
  const executionId = response.headers.get("x-noukai-execution-id") ?? "";
  expect([response.status, await response.json()]).toEqual([
    202,
    { executionId, status: "started", flowId: expect.any(String), blockCount: 2 },
  ]);
  await vi.waitFor(async () =>
    expect(await statusOf(server, "grade-3", executionId)).toEqual({
      executionId,
      status: "completed",
      state: "completed",
      result: { text: "Check (easy): hous" },
      error: null,
    }),
  );
  const run = await server.call("GET", `${seq}/grade-3/runs/${executionId}`);
  expect(await run.json()).toMatchObject({ triggerType: "job", status: "completed" });
});

test("a job runs the version at its path, and is read without one", async () => {
  const server = await startTestServer();
  const definition = { steps: [{ id: "say", type: "llm", model: "noukai/echo", prompt: "edited {{message}}" }] };
  await server.call("PUT", "/api/v1/projects/acme/spelling/flows/grade-3", { body: { definition } });
  const id = await submit(server, "grade-3/v0");
  await vi.waitFor(async () =>
    expect(await statusOf(server, "grade-3", id)).toMatchObject({ result: { text: "edited a" } }),
  );
});

test("a failed job tells why, a cancelled one reads failed to those who know four states", async () => {
  const server = await startTestServer();
  const failed = await submit(server, "failing");
  await vi.waitFor(async () =>
    expect(await statusOf(server, "failing", failed)).toMatchObject({
      status: "failed",
      state: "failed",
      error: "noukai/echo failed because it was told to.",
    }),
  );
  const cancelled = await submit(server, "endless");
  await runsInWork(server, 1);
  expect(await statusOf(server, "endless", cancelled)).toMatchObject({ status: "running", state: "running" });
  await server.call("POST", `${seq}/endless/jobs/${cancelled}/cancel`);
  const status = { executionId: cancelled, status: "failed", state: "cancelled", error: "cancelled" };
  expect(await statusOf(server, "endless", cancelled)).toEqual(status);
});

test("a job whose time has not come waits, also through a restart, and can be cancelled", async () => {
  const apiKey = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";
  const options = { dataDir: `${await makeDirectory()}/data`, apiKey };
  const first = await startTestServer(options);
  const startAfter = new Date(Date.now() + 3_600_000).toISOString();
  const id = await submit(first, "grade-3", { startAfter });
  await first.close();
  const second = await startTestServer(options);
  await vi.waitFor(async () => expect(await statusOf(second, "grade-3", id)).toMatchObject({ status: "pending" }));
  const cancelled = await second.call("POST", `${seq}/grade-3/jobs/${id}/cancel`);
  expect(await cancelled.json()).toEqual({ executionId: id, status: "cancelled" });
});

test("a job starts when its time has come", async () => {
  const server = await startTestServer();
  const startAfter = new Date(Date.now() + 100).toISOString();
  const id = await submit(server, "grade-3", { startAfter, priority: 5 });
  await vi.waitFor(async () => expect(await statusOf(server, "grade-3", id)).toMatchObject({ status: "completed" }));
  const run = await server.engine.run(id);
  expect([run?.priority, (run?.startedAt ?? 0) >= Date.parse(startAfter)]).toEqual([5, true]);
});

test("a repeat with the same Idempotency-Key repeats its 202 and makes no second job", async () => {
  const server = await startTestServer();
  const headers = { "idempotency-key": "k" };
  const post = (message: string) => server.call("POST", `${seq}/grade-3/jobs`, { body: { message }, headers });
  const [first, again] = [await post("a"), await post("a")];
  expect([again.status, await again.text()]).toEqual([202, await first.text()]);
  expect(await refusal(await post("b"))).toBe("422 IDEMPOTENCY_KEY_REUSED");
});

test.each([
  [{ tools: [{ type: "function", function: { name: "f" } }] }, "400 TOOLS_REQUIRE_SYNC_EXECUTE"],
  [{ attachments: [{ url: "https://x.org/a.png", mimeType: "image/png" }] }, "400 INVALID_REQUEST"],
  [{ webhookUrl: "https://x.org/hook" }, "400 INVALID_REQUEST"],
  [{ priority: 101 }, "400 INVALID_REQUEST"],
  [{ startAfter: "tomorrow" }, "400 INVALID_REQUEST"],
  [{ message: null }, "400 MISSING_MESSAGE"],
])("a job with %j is %s", async (members, expected) => {
  const server = await startTestServer();
  const body = { message: "a", ...members };
  expect(await refusal(await server.call("POST", `${seq}/grade-3/jobs`, { body }))).toBe(expected);
});
