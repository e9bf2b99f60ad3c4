import { expect, test } from "vitest";
import { type ExecutionChange, FlowExecutionError, FlowNotFoundError, Noukai, ValueError } from "../index.ts";
import { createTestServer, fault, flow, type FlowScript, step } from "./index.ts";

const NAME = "acme/demo/letters";

/** Fails at its second step for as long as the first one gives what it gives by itself. */
const letters: FlowScript = flow(({ parameters }) => [
  step("check", { text: `Checked: ${String(parameters["text"])}`, costUsd: "0.1" }),
  step("answer", { output: { text: "Dear reader." }, model: "test/model", costUsd: "0.2" }),
]);
const failing = flow([
  step("check", { text: "helo", costUsd: "0.1" }),
  step("answer", { error: { code: "STEP_FAILED", message: "No such word." } }),
  step("sign", {}),
]);

function serve(script: FlowScript | readonly FlowScript[], options: object = {}) {
  const server = createTestServer({ flows: { [NAME]: script }, ...options });
  const noukai = new Noukai(server);
  return { server, noukai, flowId: server.flowId(NAME) };
}

const statusesOf = (changes: readonly ExecutionChange[]) => changes.map(({ status }) => status);

test("an execution is made, followed, and gives its result", async () => {
  const { server, noukai, flowId } = serve(letters);
  const execution = await noukai.executions.create({ flowId, input: { text: "helo" }, webhookUrl: "https://a.test/h" });
  expect(execution).toMatchObject({ flowVersion: 1, organizationId: "acme", webhookUrl: "https://a.test/h" });
  expect(await execution.result()).toEqual({ text: "Dear reader." });
  expect(statusesOf(await Array.fromAsync(execution.events()))).toEqual(["running", "in_progress", "completed"]);
  expect(await execution.tasks()).toMatchObject([
    { stepId: "check", status: "completed", costUsd: "0.1", output: null },
    { stepId: "answer", status: "completed", costUsd: "0.2" },
  ]);
  expect((await (await execution.run()).trace()).steps).toHaveLength(2);
  expect(server.requests[0]).toMatchObject({ operation: "createExecution", body: { flow_id: flowId } });
  server.assertDone();
});

test("a failed execution is mended, and only what is stale runs again", async () => {
  const mended = flow([step("check", { text: "never" }), step("answer", { text: "Dear" }), step("sign", {})]);
  const { noukai, flowId } = serve([failing, mended]);
  const execution = await noukai.executions.create({ flowId, input: {} });
  await expect(execution.result()).rejects.toMatchObject({ code: "STEP_FAILED" });
  expect(await execution.get()).toMatchObject({ status: "failed", error: { stepId: "answer" } });
  expect(await execution.editOutput("check", { text: "hello" })).toMatchObject({ editedAt: expect.any(String) });
  expect(await execution.get()).toMatchObject({ status: "stale" });
  expect((await execution.tasks()).map(({ status }) => status)).toEqual(["completed", "stale", "stale"]);
  await execution.reexecute({ onlyStale: true });
  expect(await execution.result()).toEqual({ text: "Dear" });
  const [check, answer] = await execution.tasks();
  expect(check).toMatchObject({ keptFromRunId: execution.runId, costUsd: null });
  expect(answer?.keptFromRunId).toBeNull();
  expect(await execution.get({ includeRunNumber: true })).toMatchObject({ runNumber: 2 });
});

test("an edit can run what is stale at once", async () => {
  const { noukai, flowId } = serve(letters);
  const execution = await noukai.executions.create({ flowId, input: {} });
  await execution.wait();
  await execution.editOutput("check", { text: "a" }, { executeFlow: true });
  await execution.wait();
  expect((await execution.get({ includeRunNumber: true })).runNumber).toBe(2);
});

test("equal calls with one key are one execution, and a lost answer makes no second one", async () => {
  const { noukai, flowId } = serve(letters, { faults: [fault.lostAnswer()] });
  const first = await noukai.executions.create({ flowId, input: {}, idempotencyKey: "k" });
  const second = await noukai.executions.create({ flowId, input: {}, idempotencyKey: "k" });
  expect(second.id).toBe(first.id);
  const other = noukai.executions.create({ flowId, input: { a: 1 }, idempotencyKey: "k" });
  await expect(other).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED", requestId: expect.any(String) });
  expect((await noukai.executions.list({ flowId })).items).toHaveLength(1);
});

test("events go on where they were cut", async () => {
  const { noukai, flowId } = serve(letters, { faults: [fault.none(), fault.reset({ insideEvent: 2 })] });
  const { id } = await noukai.executions.create({ flowId, input: {} });
  expect(statusesOf(await Array.fromAsync(noukai.executions.events(id)))).toEqual([
    "running",
    "in_progress",
    "completed",
  ]);
});

test("executions are listed, cancelled and deleted", async () => {
  const { noukai, flowId } = serve([letters, flow([step("wait", { after: 60_000 })]), letters]);
  const made = [];
  for (const text of ["a", "b", "c"]) made.push(await noukai.executions.create({ flowId, input: { text } }));
  const listed = await Array.fromAsync(noukai.executions.list({ flowId, pageSize: 2 }));
  expect(listed.map(({ input }) => input["text"])).toEqual(["c", "b", "a"]);
  await made[1]?.cancel();
  const cancelled = await noukai.executions.list({ flowId, status: "cancelled" });
  expect(cancelled.items.map(({ id }) => id)).toEqual([made[1]?.id]);
  await made[0]?.delete();
  await made[0]?.delete();
  await expect(made[0]?.get()).rejects.toBeInstanceOf(FlowNotFoundError);
  expect((await noukai.executions.list({ flowId })).items).toHaveLength(2);
});

test("refuses what the server refuses", async () => {
  const { server, noukai, flowId } = serve(flow([step("wait", { after: 60_000 }), step("last")]));
  await expect(noukai.executions.create({ flowId: "f", input: {} })).rejects.toMatchObject({ code: "FLOW_NOT_FOUND" });
  const execution = await noukai.executions.create({ flowId, input: {} });
  await expect(execution.editOutput("wait", {})).rejects.toMatchObject({ code: "EXECUTION_BUSY", statusCode: 409 });
  await execution.cancel();
  await expect(execution.result()).rejects.toBeInstanceOf(FlowExecutionError);
  await expect(execution.editOutput("last", {})).rejects.toMatchObject({ code: "TASK_NOT_EDITABLE" });
  await expect(execution.task("none")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  expect(() => server.flowId("acme/demo/none")).toThrow(ValueError);
});
