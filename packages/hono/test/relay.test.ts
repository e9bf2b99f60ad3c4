import { type Fetch, FlowNotFoundError, tool } from "@noukai/sdk";
import { expect, test } from "vitest";
import { relayToServer } from "./harness.ts";

/** Any object; the echo model gives none. */
const anything = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: () => ({ type: "object" }), output: () => ({ type: "object" }) },
  },
} as const;

test("a page runs the flow, and reads its run", async () => {
  const { flowFor, lines } = await relayToServer();
  const flow = flowFor("ann");
  const answer = await flow.execute({ message: "The kat sat." });
  expect(answer.requiresToolCalls ? undefined : answer.output).toEqual({ text: "Check (easy): The kat sat." });
  const run = flow.run(answer.executionId);
  expect(await run.summary()).toMatchObject({ status: "completed" });
  expect((await run.trace()).steps.map(({ stepId }) => stepId)).toEqual(["check", "keep"]);
  expect(await run.stepTrace("check", { attempt: "all" })).toMatchObject({ attempts: [{ attempt: 1 }] });
  expect(lines()).toEqual([
    "POST /grade-3/execute",
    `GET /grade-3/runs/${answer.executionId}`,
    `GET /grade-3/runs/${answer.executionId}/trace`,
    `GET /grade-3/runs/${answer.executionId}/steps/check/trace?attempt=all`,
  ]);
});

test("a page sees the events of its run, live and again", async () => {
  const { flowFor } = await relayToServer();
  const flow = flowFor("ann");
  const events = flow.events({ message: "The kat sat." });
  const seen = await Array.fromAsync(events);
  expect(seen.flatMap(({ seq }) => seq ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(seen.at(-1)).toMatchObject({ type: "flow_completed", result: { text: "Check (easy): The kat sat." } });
  const again = await Array.fromAsync(flow.run(events.executionId ?? "").liveTrace());
  expect(again.flatMap(({ seq }) => seq ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a stream that is cut again and again goes on where it was, with one POST", async () => {
  const { flowFor, lines } = await relayToServer({ flow: "acme/spelling/slow" });
  let cuts = 0;
  const cutting =
    (ours: Fetch): Fetch =>
    async (request) => {
      const response = await ours(request);
      const isEvents = response.headers.get("content-type")?.startsWith("text/event-stream");
      return isEvents && cuts++ < 4 ? cutAfter(response, 300 + 100 * cuts) : response;
    };
  const seen = await Array.fromAsync(flowFor("ann", cutting).events({ message: "a" }));
  const seqs = seen.flatMap(({ seq }) => seq ?? []);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  expect(seen.at(-1)?.type).toBe("flow_completed");
  expect(cuts).toBeGreaterThan(2);
  expect(lines().filter((line) => line.startsWith("POST"))).toEqual(["POST /slow/step"]);
});

test("tools run in the page, in a call and in a stream", async () => {
  const { flowFor } = await relayToServer({ flow: "acme/spelling/asking" });
  const flow = flowFor("ann");
  const tools = [tool({ name: "get_time", input: anything, execute: () => ({ hour: 12 }) })];
  const answer = await flow.execute({ message: "Lyon", tools });
  expect(answer.requiresToolCalls ? undefined : answer.output).toEqual({ text: 'After: get_time: {"hour":12}' });
  expect(await flow.events({ message: "Lyon", tools }).result()).toEqual({ text: 'After: get_time: {"hour":12}' });
});

test("a pause is answered later, by its own user alone", async () => {
  const { flowFor, call } = await relayToServer({ flow: "acme/spelling/asking" });
  const flow = flowFor("ann");
  const tools = [{ type: "function", function: { name: "get_time", parameters: { type: "object" } } }] as const;
  const paused = await flow.execute({ message: "Lyon", tools });
  if (!paused.requiresToolCalls) throw new Error("The run is over.");
  const { executionId, pausedAtStep, toolCallMessages, toolCalls } = paused;
  const answers = toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "noon" }));
  const body = { executionId, pausedAtStep, toolCallMessages: [...toolCallMessages, ...answers] };
  const stolen = await call("POST", "/execute", { user: "bob", body });
  expect([stolen.status, await stolen.json()]).toEqual([400, { detail: "EXECUTION_ID_INVALID" }]);
  const toolResults = toolCalls.map(({ id }) => ({ toolCallId: id, output: "noon" }));
  expect(await paused.resume({ toolResults })).toMatchObject({ output: { text: "After: get_time: noon" } });
});

test("a page goes through a run step by step", async () => {
  const { flowFor, lines } = await relayToServer();
  const seen = await Array.fromAsync(flowFor("ann").events({ message: "a", stepwise: true }));
  expect(seen.at(-1)?.type).toBe("flow_completed");
  expect(lines()).toEqual(["POST /grade-3/step", "POST /grade-3/step"]);
});

test("a page hands a job over, waits for it and cancels another", async () => {
  const { flowFor } = await relayToServer();
  const flow = flowFor("ann");
  const job = await flow.executeAsync({ message: "a" });
  expect(await job.wait({ pollInterval: 20 })).toMatchObject({ status: "completed" });
  const endless = await relayToServer({ flow: "acme/spelling/endless" });
  const waiting = await endless.flowFor("ann").executeAsync({ message: "a" });
  await endless.flowFor("ann").job(waiting.executionId).cancel();
  expect(await waiting.wait({ pollInterval: 20 })).toMatchObject({ state: "cancelled" });
});

test("a page that aborts its call cancels the run, also while the run has no name", async () => {
  const { flowFor, lines, server } = await relayToServer({ flow: "acme/spelling/endless" });
  const controller = new AbortController();
  const result = flowFor("ann").execute({ message: "a", signal: controller.signal });
  await expect.poll(async () => (await server.call("GET", "/metrics")).text()).toContain("noukai_runs_in_work 1\n");
  controller.abort();
  await expect(result).rejects.toThrow("aborted");
  await expect.poll(async () => (await server.call("GET", "/metrics")).text()).toContain("noukai_runs_in_work 0\n");
  expect(lines()).toEqual(["POST /endless/execute", "POST /endless/runs/cancel"]);
});

test("a page that only leaves cancels nothing", async () => {
  const { flowFor, server } = await relayToServer({ flow: "acme/spelling/slow" });
  const flow = flowFor("ann");
  const events = flow.events({ message: "a" });
  await events.next();
  events.detach();
  const again = await Array.fromAsync(flow.run(events.executionId ?? "").liveTrace());
  expect(again.at(-1)?.type).toBe("flow_completed");
  expect(await (await server.call("GET", "/metrics")).text()).toContain("noukai_runs_in_work 0\n");
});

test("another user's run does not exist, whatever is asked of it", async () => {
  const { flowFor, call, lines } = await relayToServer();
  const { executionId } = await flowFor("ann").execute({ message: "a" });
  const before = lines().length;
  const bob = flowFor("bob");
  await expect(bob.run(executionId).summary()).rejects.toThrow(FlowNotFoundError);
  await expect(bob.run(executionId).trace()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await expect(bob.run(executionId).cancel()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await expect(bob.job(executionId).poll()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await expect(Array.fromAsync(bob.run(executionId).liveTrace())).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  const none = await call("GET", "/runs/00000000-0000-7000-8000-000000000000", { user: "bob" });
  const anothers = await call("GET", `/runs/${executionId}`, { user: "bob" });
  expect([none.status, await none.text()]).toEqual([anothers.status, await anothers.text()]);
  expect(lines()).toHaveLength(before);
});

test("another user's key is another key, to run by and to cancel by", async () => {
  const { call, asked } = await relayToServer();
  const post = { body: { message: "a" }, headers: { "idempotency-key": "key-of-ann" } };
  const executionId = async (user: string) => {
    const response = await call("POST", "/execute", { user, ...post });
    return [response.status, response.headers.get("x-noukai-execution-id")];
  };
  const [first, again, bobs] = [await executionId("ann"), await executionId("ann"), await executionId("bob")];
  expect(again).toEqual(first);
  expect(bobs).toEqual([200, expect.not.stringContaining(String(first[1]))]);
  expect(asked[0]?.headers.get("idempotency-key")).toMatch(/^key-of-ann-[\da-f]{64}$/);
  const cancel = async (user: string) =>
    (await call("POST", "/runs/cancel", { user, body: { idempotencyKey: "key-of-ann" } })).status;
  expect([await cancel("ann"), await cancel("bob"), await cancel("eve")]).toEqual([202, 202, 404]);
});

function cutAfter(response: Response, bytes: number): Response {
  let left = bytes;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.error(new Error("cut"));
    },
  });
  return new Response(response.body?.pipeThrough(cut) ?? null, { status: response.status, headers: response.headers });
}
