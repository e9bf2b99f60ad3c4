import {
  createRelayFlow,
  type Fetch,
  type FlowRun,
  FlowNotFoundError,
  type JobProgress,
  Noukai,
  totalCostUsd,
  totalDurationMs,
  totalTokens,
  ValidationError,
} from "@noukai/sdk";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { runsInWork, startTestServer, type TestServer } from "./harness.ts";

interface Client {
  readonly noukai: Noukai;
  readonly requests: readonly string[];
}

/** The real SDK against the real server, as a function. `refused` requests never reach it. */
function clientOf(server: TestServer, refused?: (request: Request) => Response | undefined): Client {
  const requests: string[] = [];
  const fetch: Fetch = async (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname.replace("/api/v1", "")}`);
    return refused?.(request) ?? server.app.fetch(request);
  };
  const noukai = new Noukai({
    apiKey: server.key,
    baseUrl: "https://server.invalid/api/v1",
    org: "acme",
    project: "spelling",
    fetch,
  });
  onTestFinished(() => noukai.close());
  return { noukai, requests };
}

test("a job is waited for by watching its run, and tells how far it has got", async () => {
  const { noukai, requests } = clientOf(await startTestServer());
  const job = await noukai.flow("slow").executeAsync({ message: "a" });
  const seen: JobProgress[] = [];
  const status = await job.wait({ onProgress: (progress) => seen.push(progress) });
  expect(status).toMatchObject({
    executionId: job.executionId,
    status: "completed",
    state: "completed",
    error: undefined,
  });
  expect(status.result).toEqual({ text: expect.stringContaining("a one two") });
  expect(seen[0]).toMatchObject({ stepCount: 3, completedSteps: [] });
  expect(seen.at(-1)).toMatchObject({ state: "completed", currentStepId: undefined });
  expect(seen.at(-1)?.completedSteps.map(({ stepId }) => stepId)).toEqual(["first", "second", "third"]);
  const flow = "/seq/acme/spelling/slow";
  expect(requests).toEqual([
    `POST ${flow}/v0/jobs`,
    `GET ${flow}/runs/${job.executionId}/trace/stream`,
    `GET ${flow}/jobs/${job.executionId}`,
  ]);
});

test("a job is polled where its run cannot be watched", async () => {
  const server = await startTestServer();
  const { noukai, requests } = clientOf(server, ({ url }) =>
    url.endsWith("/stream")
      ? Response.json({ detail: { code: "NOT_IMPLEMENTED", message: "No." } }, { status: 501 })
      : undefined,
  );
  const job = await noukai.flow("slow").executeAsync({ message: "a" });
  const states: string[] = [];
  const status = await job.wait({ pollInterval: 20, onProgress: ({ state }) => states.push(state) });
  expect(status.status).toBe("completed");
  expect(states.at(-1)).toBe("completed");
  expect(requests.filter((line) => line.includes("/jobs/")).length).toBeGreaterThan(1);
});

test("a job that failed or was cancelled is a status", async () => {
  const server = await startTestServer();
  const { noukai } = clientOf(server);
  const failed = await noukai.flow("failing").executeAsync({ message: "a" });
  expect(await failed.wait()).toMatchObject({
    status: "failed",
    state: "failed",
    result: undefined,
    error: "noukai/echo failed because it was told to.",
  });
  const endless = await noukai.flow("endless").executeAsync({ message: "a" });
  const waiting = noukai.flow("endless").job(endless.executionId).wait();
  await runsInWork(server, 1);
  expect(await endless.cancel()).toMatchObject({ executionId: endless.executionId });
  expect(await waiting).toMatchObject({ status: "failed", state: "cancelled" });
  expect(await endless.cancel()).toMatchObject({ status: "cancelled" });
});

test("a job waits for its time, and can be cancelled before", async () => {
  const { noukai } = clientOf(await startTestServer());
  const startAfter = new Date(Date.now() + 3_600_000);
  const job = await noukai.flow("grade-3").executeAsync({ message: "a", startAfter, priority: 5, trace: true });
  expect(await job.poll()).toMatchObject({ status: "pending", state: "pending" });
  await job.cancel();
  expect((await job.wait()).state).toBe("cancelled");
});

test("a webhook that could not be signed is a typed error that says what is missing", async () => {
  const { noukai } = clientOf(await startTestServer());
  const call = noukai.flow("grade-3").executeAsync({ message: "a", webhookUrl: "https://example.com/hook" });
  await expect(call).rejects.toThrow(ValidationError);
  await expect(call).rejects.toThrow(/webhookUrl: .*set webhookSecret in the project's project\.yaml/);
});

test("equal submissions under one key are one job", async () => {
  const { noukai } = clientOf(await startTestServer());
  const submit = () => noukai.flow("grade-3").executeAsync({ message: "a", idempotencyKey: "k" });
  const [first, second] = await Promise.all([submit(), submit()]);
  expect(second.executionId).toBe(first.executionId);
});

test("a run is read, summed up and cancelled by its id alone", async () => {
  const server = await startTestServer();
  const { noukai } = clientOf(server);
  const job = await noukai.flow("endless").executeAsync({ message: "a" });
  await runsInWork(server, 1);
  const run = noukai.run(job.executionId);
  expect(await run.summary()).toMatchObject({
    id: job.executionId,
    status: "running",
    result: null,
    error: null,
    pause: null,
  });
  await run.cancel();
  expect((await Array.fromAsync(run.liveTrace())).at(-1)).toMatchObject({
    type: "step_error",
    error: { code: "CANCELLED" },
  });
  expect(await noukai.runs.get(job.executionId)).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
  expect(await noukai.flow("endless").run(job.executionId).summary()).toEqual(await run.summary());
  await expect(noukai.runs.get("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10")).rejects.toThrow(FlowNotFoundError);
});

test("another project's run answers by its id as one that does not exist", async () => {
  const server = await startTestServer();
  const job = await clientOf(server).noukai.flow("endless").executeAsync({ message: "a" });
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/cancel"],
  ] as const) {
    const texts = [job.executionId, "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"].map(async (id) => {
      const response = await server.call(method, `/api/v1/flow-runs/${id}${path}`, { key: server.otherKey });
      return [response.status, await response.text()];
    });
    const [other, none] = await Promise.all(texts);
    expect(other).toEqual(none);
    expect(other?.[0]).toBe(404);
  }
  expect((await clientOf(server).noukai.run(job.executionId).summary()).status).not.toBe("cancelled");
});

test("events begin behind the one that is named", async () => {
  const { noukai } = clientOf(await startTestServer());
  const { executionId } = await noukai.flow("grade-3").execute({ message: "hous" });
  const all = (await Array.fromAsync(noukai.run(executionId).events())).filter(({ seq }) => seq !== undefined);
  const rest = (await Array.fromAsync(noukai.run(executionId).events(3))).filter(({ seq }) => seq !== undefined);
  expect(rest).toEqual(all.slice(3));
});

test("a step's trace is one attempt, or all of them", async () => {
  const { noukai } = clientOf(await startTestServer());
  const flow = noukai.flow("retried");
  const { executionId } = await flow.execute({ message: "a" });
  const run = flow.run(executionId);
  const latest = await run.stepTrace("flaky");
  expect(latest).toMatchObject({ stepId: "flaky", attempt: 2, status: "completed" });
  expect(await run.stepTrace("flaky", { attempt: 1 })).toMatchObject({ attempt: 1, status: "failed" });
  const { attempts } = await run.stepTrace("flaky", { attempt: "all" });
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(await noukai.run(executionId).stepTrace("flaky")).toEqual(latest);
  for (const missing of [{ attempt: 3 }, { loopIndex: 0 }]) {
    await expect(run.stepTrace("flaky", missing)).rejects.toMatchObject({ code: "STEP_NOT_FOUND" });
  }
});

test("totals of a trace are those of its run", async () => {
  const { noukai } = clientOf(await startTestServer());
  const { executionId } = await noukai.flow("grade-3").execute({ message: "hous" });
  const trace = await noukai.run(executionId).trace();
  const { flowRun, steps } = trace;
  expect(totalCostUsd(trace)).toEqual({ costUsd: flowRun.totalCostUsd, isComplete: true });
  expect(totalTokens(steps)).toEqual(flowRun.totalTokens);
  expect(totalDurationMs(steps)).toBeLessThanOrEqual(flowRun.durationMs ?? 0);
});

test("all runs are listed, page by page, newest first", async () => {
  const { noukai } = clientOf(await startTestServer());
  const ids: string[] = [];
  for (const flow of ["grade-3", "grade-3", "asking", "grade-3"]) {
    ids.unshift((await noukai.flow(flow).execute({ message: "a" })).executionId);
  }
  const listed: FlowRun[] = await Array.fromAsync(noukai.runs.list({ limit: 2 }));
  expect(listed.map(({ id }) => id)).toEqual(ids);
  const flowId = listed[1]?.flowId;
  const ofFlow = await noukai.runs.list({ flowId, status: "completed", limit: 100 });
  expect([ofFlow.items.map(({ id }) => id), ofFlow.nextCursor]).toEqual([[ids[1]], undefined]);
  await expect(noukai.runs.list({ cursor: "nonsense" })).rejects.toThrow(ValidationError);
});

test("a typed flow takes and gives what its schemas say, however it is called", async () => {
  const { noukai } = clientOf(await startTestServer());
  const flow = noukai.flow("grade-3", {
    input: z.object({ message: z.string().trim(), difficulty: z.enum(["easy", "hard"]).default("hard") }),
    output: z.object({ text: z.string() }).transform(({ text }) => text.length),
  });
  const length = "Check (hard): hous".length;
  const answer = await flow.execute({ message: "  hous  " });
  expect(answer).toMatchObject({ result: length });
  expect(await flow.events({ message: " hous" }).result()).toBe(length);
  expect((await (await flow.executeAsync({ parameters: { message: "hous " } })).wait()).result).toBe(length);
  const messages = [{ role: "user", content: "hous" }] as const;
  expect(await flow.execute({ messages })).toMatchObject({ result: length });
});

/** A relay as a user's server may have one: adds the key, pins the flow and its version, hands the rest on. */
function relayTo(server: TestServer, tickets: ReadonlySet<string>): Fetch {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const ticket = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (!tickets.has(ticket)) return Response.json({ detail: "FORBIDDEN" }, { status: 401 });
    const route = pathname
      .replace("/agent", "/api/v1/seq/acme/spelling/slow")
      .replace(/\/(execute|step|jobs)$/, "/v1/$1");
    const upstream = new Request(`https://server.invalid${route}${search}`, request);
    upstream.headers.set("authorization", `Bearer ${server.key}`);
    return server.app.fetch(upstream);
  };
}

test("a relay's flow runs, streams, queues and is watched without a key", async () => {
  const server = await startTestServer();
  const tickets = new Set(["nkt_2"]);
  let given = 0;
  const flow = createRelayFlow({
    url: "https://app.test/agent/execute",
    fetch: relayTo(server, tickets),
    getTicket: () => `nkt_${++given}`,
  });
  const answer = await flow.execute({ message: "a" });
  expect(given).toBe(2);
  const events = await Array.fromAsync(flow.events({ message: "a" }));
  expect(events.at(-1)?.type).toBe("flow_completed");
  expect((await Array.fromAsync(flow.steps({ message: "a" }))).map(({ stepId }) => stepId)).toEqual([
    "first",
    "second",
    "third",
  ]);
  const job = await flow.executeAsync({ message: "a" });
  expect((await job.wait()).status).toBe("completed");
  const run = flow.run(answer.executionId);
  expect(await run.summary()).toMatchObject({ version: 1, status: "completed" });
  expect((await run.trace()).steps).toHaveLength(3);
  expect((await Array.fromAsync(run.liveTrace())).at(-1)?.type).toBe("flow_completed");
  const cancelled = await flow.executeAsync({ message: "a", startAfter: new Date(Date.now() + 3_600_000) });
  await cancelled.cancel();
  expect((await cancelled.poll()).state).toBe("cancelled");
});

test("a relay's caller who aborts cancels the run", async () => {
  const server = await startTestServer();
  const flow = createRelayFlow({
    url: "https://app.test/agent/execute",
    fetch: relayTo(server, new Set([""])),
  });
  const controller = new AbortController();
  const stream = flow.events({ message: "a", signal: controller.signal });
  await stream.next();
  const { executionId = "" } = stream;
  controller.abort();
  await expect(stream.next()).rejects.toMatchObject({ name: "AbortError" });
  const events = await Array.fromAsync(flow.run(executionId).liveTrace());
  expect(events.at(-1)).toMatchObject({ type: "step_error", error: { code: "CANCELLED" } });
});
