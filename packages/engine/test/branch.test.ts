import { expect, test } from "vitest";
import type { JsonObject } from "../src/flow/definition.ts";
import { each, fan, keep, llm, open, rows, runToEnd } from "./bench.ts";

const route: JsonObject = {
  id: "route",
  type: "branch",
  when: [
    { if: "score > 0.5 && initial.message == 'hello'", steps: [llm("high", "High {{score}}")] },
    { if: "score > 0.2", steps: [each([keep("k")]), { ...fan, branches: { only: [keep("in-fan")] } }] },
  ],
  else: [llm("low", "Low {{score}}"), keep("lower")],
};

test.each([
  [0.9, { text: "High 0.9" }, ["route high 1 completed"]],
  [0.1, { text: "Low 0.1" }, ["route low 1 completed", "route lower 1 completed"]],
])("a branch takes the first path whose condition holds, else `else`: score %d", async (score, result, taken) => {
  const { end, trace } = await runToEnd(await open([route]), { score, message: "hello" });
  expect(end).toMatchObject({ status: "completed", result });
  expect(rows(trace).filter((row) => row.endsWith("completed"))).toEqual(["- route 1 completed", ...taken]);
});

test("the steps of paths that are not taken are traced as skipped, with those inside that need no pass", async () => {
  const { trace } = await runToEnd(await open([route]), { score: 0.9, message: "hello" });
  expect(rows(trace)).toEqual([
    "- route 1 completed",
    "route each 1 skipped",
    "route fan 1 skipped",
    "fan in-fan 1 skipped",
    "route low 1 skipped",
    "route lower 1 skipped",
    "route high 1 completed",
  ]);
  expect(trace.attempts[1]).toMatchObject({ startedAt: null, completedAt: null, durationMs: null, kind: "loop" });
});

test("a branch without a path to take hands its input on", async () => {
  const only = { ...route, else: undefined };
  const steps = [JSON.parse(JSON.stringify(only)) as JsonObject];
  const { end, trace } = await runToEnd(await open(steps), { score: 0, message: "hello" });
  expect(end).toMatchObject({ status: "completed", result: { score: 0, message: "hello" } });
  expect(rows(trace)).toEqual([
    "- route 1 completed",
    "route high 1 skipped",
    "route each 1 skipped",
    "route fan 1 skipped",
    "fan in-fan 1 skipped",
  ]);
});

test("a condition sees the item and index of its pass, and the outputs of earlier steps", async () => {
  const when = [{ if: "item == 'b' && index == 1 && steps.before.message == 'hello'", steps: [llm("yes", "yes")] }];
  const steps = [keep("before"), each([{ id: "route", type: "branch", when, else: [llm("no", "no")] }])];
  const { end, trace } = await runToEnd(await open(steps), { list: ["a", "b", "b"], message: "hello" });
  expect(end).toMatchObject({ result: { items: [{ text: "no" }, { text: "yes" }, { text: "no" }] } });
  expect(rows(trace).filter((row) => row.endsWith("skipped"))).toEqual([
    "route yes[0] 1 skipped",
    "route no[1] 1 skipped",
    "route yes[2] 1 skipped",
  ]);
});

test("a condition that cannot be worked out fails its node with the place, and loops may forgive it", async () => {
  const lacking = await runToEnd(await open([route]), { message: "hello" });
  expect(lacking.end).toMatchObject({
    status: "failed",
    error: { code: "STEP_FAILED", message: expect.stringContaining("step `route`, when[0].if: ") as string },
  });
  const inLoop = { id: "if", type: "branch", when: [{ if: "item.ok", steps: [keep("then")] }] };
  const forgiven = await runToEnd(await open([each([inLoop], { onError: "null" })]), { list: [{ ok: true }, {}] });
  expect(forgiven.end).toMatchObject({
    status: "completed",
    result: { items: [{ item: { ok: true }, index: 0 }, null] },
  });
});
