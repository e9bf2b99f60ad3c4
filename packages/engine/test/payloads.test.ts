import { expect, test } from "vitest";
import type { JsonObject } from "../src/flow/definition.ts";
import { defaultRunLimits } from "../src/limits.ts";
import { each, keep, llm, modelsThat, never, numbers, open, runToEnd } from "./bench.ts";

/** A parallel node whose output holds its input so many times. */
function wide(id: string, count: number): JsonObject {
  const branches = numbers(count).map((branch) => [`b${branch}`, [keep(`${id}-${branch}`)]] as const);
  return { id, type: "parallel", branches: Object.fromEntries(branches) };
}

const short = { ...defaultRunLimits, payloadLength: 1_000 };

test("a few small containers cannot make an output that holds the process up", async () => {
  const limits = { ...defaultRunLimits, payloadLength: 100_000 };
  const bench = await open([wide("one", 40), wide("two", 40), wide("three", 40), wide("four", 40)], { limits });
  const { end } = await runToEnd(bench);
  expect(end).toMatchObject({
    status: "failed",
    stepId: "three",
    error: { code: "STEP_FAILED", message: expect.stringContaining("its output has") as string },
  });
});

test("an output may be as long as the limit; what made a longer one is paid for, and makes way for the fallback", async () => {
  const models = { ...modelsThat(() => undefined), costUsd: () => "0.001" };
  const about = { retry: { maxAttempts: 1 }, fallback: ["noukai/echo"] };
  const bench = await open([llm("say", "{{message}}", about)], { limits: short, models });
  expect((await runToEnd(bench, { message: "x".repeat(900) })).end).toMatchObject({ status: "completed" });
  const { end, trace } = await runToEnd(bench, { message: "x".repeat(1_000) });
  expect(end).toMatchObject({ status: "failed", stepId: "say", error: { code: "STEP_FAILED" } });
  expect(trace.attempts.map(({ costUsd }) => costUsd)).toEqual(["0.001", "0.001"]);
});

test("a loop passes over an item whose steps give too much", async () => {
  const bench = await open([each([wide("fan", 3)], { onError: "skip" })], { limits: short });
  const { end } = await runToEnd(bench, { list: ["x".repeat(400), "y"] });
  expect(end).toMatchObject({ status: "completed", result: { items: [{ b0: { item: "y" } }] } });
});

test("what a sub-flow is given is no longer than an output", async () => {
  const bench = await open([keep("keep")]);
  const { engine, request } = bench;
  const input = Object.fromEntries(numbers(40).map((index) => [`copy${index}`, "{{message}}"]));
  await engine.catalog.saveDraft(request.projectId, "inner", { input: { type: "object" }, steps: [keep("keep")] });
  await engine.catalog.saveDraft(request.projectId, "flow", {
    steps: [{ id: "sub", type: "flow", flow: "inner", version: "draft", input }],
  });
  const { end } = await runToEnd(bench, { message: "x".repeat(900_000) });
  expect(end).toMatchObject({
    status: "failed",
    stepId: "sub",
    error: { code: "STEP_FAILED", message: expect.stringContaining("its input has") as string },
  });
});

test("no further step begins once the run has logged as much as it may", async () => {
  const limits = { ...defaultRunLimits, logLength: 2_000 };
  const { end, log } = await runToEnd(await open([keep("one"), keep("two"), keep("three")], { limits }), {
    message: "x".repeat(600),
  });
  expect(end).toMatchObject({ status: "failed", stepId: "three", error: { code: "STEP_FAILED" } });
  expect(log.filter(({ type }) => type === "step_completed")).toHaveLength(2);
  const inLoop = await runToEnd(await open([each([keep("keep")], { onError: "skip" })], { limits }), {
    list: numbers(100),
  });
  expect(inLoop.end).toMatchObject({ status: "failed", stepId: "each", error: { code: "STEP_FAILED" } });
  expect(inLoop.log.length).toBeLessThan(100);
});

test("what steps side by side log together may be more than the store takes in at once", async () => {
  const bench = await open([each([keep("keep")], { concurrency: 8 }), llm("last", "{{items.0.item.index}}")], {
    limits: { ...defaultRunLimits, payloadLength: 64 * 1024 * 1024 },
  });
  const items = numbers(8).map((index) => ({ index, text: "x".repeat(5_000_000) }));
  const call = await bench.engine.submit({ ...bench.request, parameters: { list: items } });
  const end = await bench.engine.outcome(call, never);
  expect(end).toMatchObject({ status: "completed", result: { text: "0" } });
});
