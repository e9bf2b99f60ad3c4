import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { seq, startTestServer, type TestServer } from "./harness.ts";

async function figures(server: TestServer): Promise<string> {
  const response = await server.call("GET", "/metrics", { key: null });
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return response.text();
}

/** Resolves once the figures have the line. */
async function see(server: TestServer, line: string): Promise<void> {
  await vi.waitFor(async () => expect(await figures(server)).toContain(`\n${line}\n`), { timeout: 20_000 });
}

test("figures tell how runs and steps ended, how long they took, and what models used", async () => {
  const server = await startTestServer();
  for (const flow of ["grade-3", "retried", "failing"])
    await server.call("POST", `${seq}/${flow}/execute`, { body: { message: "hello" } });
  const text = await figures(server);
  for (const line of [
    'noukai_info{role="all"} 1',
    "noukai_runs_created_total 3",
    'noukai_runs_total{outcome="completed"} 2',
    'noukai_runs_total{outcome="failed"} 1',
    'noukai_step_retries_total{kind="llm",code="MODEL_PROVIDER_ERROR"} 1',
    'noukai_step_seconds_bucket{le="+Inf",kind="llm",outcome="completed"} 2',
    'noukai_step_seconds_count{kind="llm",outcome="failed"} 1',
    'noukai_step_seconds_count{kind="passthrough",outcome="completed"} 1',
    'noukai_cost_usd_total{provider="noukai"} 0',
    "noukai_runs_recovered_total 0",
    "noukai_store_up 1",
    "noukai_nodes 1",
  ])
    expect(text).toContain(`\n${line}\n`);
  expect(text).toMatch(/^noukai_tokens_total\{provider="noukai",direction="completion"\} [1-9]/m);
  expect(text).toMatch(/^noukai_commit_seconds_count [1-9]/m);
});

test("every sample belongs to a metric that is described, and to one only", async () => {
  const server = await startTestServer();
  await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "hello" } });
  const lines = (await figures(server)).split("\n");
  const described = lines.flatMap((line) => /^# TYPE (\w+) /.exec(line)?.[1] ?? []);
  expect(new Set(described).size).toBe(described.length);
  const names = lines.flatMap((line) => /^(\w+)[{ ]/.exec(line)?.[1] ?? []).filter((name) => name !== "");
  const unknown = names.filter((name) => !described.includes(name.replace(/_(bucket|sum|count)$/, "")));
  expect(unknown.filter((name) => !described.includes(name))).toEqual([]);
});

test("figures tell what waits in the store", async () => {
  const server = await startTestServer();
  const startAfter = new Date(Date.now() + 3_600_000).toISOString();
  const job = await server.call("POST", `${seq}/grade-3/jobs`, { body: { message: "later", startAfter } });
  expect(job.status).toBe(202);
  // Stops behind its first step.
  await (await server.call("POST", `${seq}/grade-3/step`, { body: { message: "a" } })).text();
  await see(server, "noukai_runs_delayed 1");
  await see(server, "noukai_runs_paused 1");
  await see(server, "noukai_runs_ready 0");
  await see(server, "noukai_oldest_ready_seconds 0");
});

test("a stream and a socket are counted for as long as they are open", async () => {
  const server = await startTestServer();
  const leave = new AbortController();
  const stream = await server.request("POST", `${seq}/endless/step`, {
    body: { message: "hello", runRemaining: true },
    signal: leave.signal,
  });
  expect(stream.status).toBe(200);
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/flow-executions/ws`, {
    headers: { authorization: `Bearer ${server.key}` },
  });
  await new Promise((resolve) => socket.once("open", resolve));
  await see(server, "noukai_streams_open 1");
  await see(server, "noukai_sockets_open 1");
  leave.abort();
  socket.terminate();
  await see(server, "noukai_streams_open 0");
  await see(server, "noukai_sockets_open 0");
});
