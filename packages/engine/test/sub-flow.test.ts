import { expect, test } from "vitest";
import { createEngine, type EngineOptions } from "../src/engine.ts";
import type { JsonObject } from "../src/flow/definition.ts";
import { openMemoryStore } from "../src/store/sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import {
  anyObject,
  type Bench,
  each,
  echo,
  engines,
  keep,
  llm,
  modelsThat,
  never,
  open,
  rows,
  runToEnd,
  told,
} from "./bench.ts";

const graderInput = {
  type: "object",
  properties: { word: { type: "string" }, level: { type: "string", default: "easy" } },
  required: ["word"],
};
const grader: JsonObject = {
  input: graderInput,
  steps: [
    llm("check", "Check {{word}} ({{level}}, {{initial.word}})"),
    { id: "both", type: "parallel", branches: { a: [llm("again", "{{text}} again, as in {{steps.check.text}}")] } },
  ],
};

async function withGrader(
  steps: readonly JsonObject[],
  options: Partial<EngineOptions> & { store?: Store } = {},
): Promise<Bench> {
  const store = options.store ?? openMemoryStore();
  const { id: projectId } = await store.ensureProject("acme", "demo");
  await createEngine({ store, models: echo }).catalog.saveDraft(projectId, "grader", grader);
  return open(steps, { ...options, store });
}

function sub(more: JsonObject = {}): JsonObject {
  return { id: "sub", type: "flow", flow: "grader", ...more };
}

test("a sub-flow is given its input, sees nothing else of the flow, and its last output is the node's", async () => {
  const bench = await withGrader([keep("check"), sub({ input: { word: "{{message}}!" } }), llm("end", "{{a.text}}")]);
  const { end, log, trace } = await runToEnd(bench);
  const checked = "Check hello! (easy, hello!)";
  expect(end).toMatchObject({ status: "completed", result: { text: `${checked} again, as in ${checked}` } });
  expect(told(log).filter((line) => line.startsWith("step_completed"))).toHaveLength(3);
  expect(rows(trace)).toEqual([
    "- check 1 completed",
    "- sub 1 completed",
    "sub sub.check 1 completed",
    "sub sub.both 1 completed",
    "sub.both sub.again 1 completed",
    "- end 1 completed",
  ]);
});

test("without `input` a sub-flow is given the node's own; what does not fit is the node's fault", async () => {
  const whole = await runToEnd(await withGrader([sub()]), { word: "rat", level: "strict" });
  expect(whole.end).toMatchObject({ status: "completed" });
  const lacking = await runToEnd(await withGrader([sub()]), { message: "hello" });
  expect(lacking.end).toMatchObject({
    status: "failed",
    stepId: "sub",
    error: { code: "STEP_FAILED", message: 'Step "sub": the input does not fit flow "grader": word: is required.' },
  });
});

test("a sub-flow in a loop tells its passes, and the same sub-flow may stand in two places", async () => {
  const steps = [each([sub({ input: { word: "{{item}}" } })]), { ...sub({ input: { word: "x" } }), id: "other" }];
  const { end, trace } = await runToEnd(await withGrader(steps), { list: ["a", "b"] });
  expect(end.status).toBe("completed");
  expect(rows(trace).filter((row) => row.includes("check"))).toEqual([
    "sub sub.check[0] 1 completed",
    "sub sub.check[1] 1 completed",
    "other other.check 1 completed",
  ]);
});

test("a run goes on with its sub-flow as it was, whatever becomes of it", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const models = modelsThat(async (path) => {
    if (path !== "first") return;
    begun.resolve();
    await gate.promise;
  });
  const store = openMemoryStore();
  const { engine, request } = await withGrader([llm("first", "1"), sub({ input: { word: "x" } })], { models, store });
  const call = await engine.submit(request);
  await begun.promise;
  await engine.catalog.saveDraft(request.projectId, "grader", { input: graderInput, steps: [llm("new", "new")] });
  const drained = engine.drain(10_000);
  gate.resolve();
  await drained;
  const next = createEngine({ store, models });
  engines.push(next);
  await next.start();
  expect(await next.outcome({ ...call, repeated: true }, never)).toMatchObject({
    status: "completed",
    result: { a: { text: "Check x (easy, x) again, as in Check x (easy, x)" } },
  });
  const later = await next.submit(request);
  expect(await next.outcome(later, never)).toMatchObject({ result: { text: "new" } });
});

test("`version` chooses the draft, a number, or what production points at", async () => {
  const bench = await withGrader([
    {
      id: "all",
      type: "parallel",
      branches: {
        draft: [{ ...sub({ version: "draft" }), id: "d" }],
        one: [{ ...sub({ version: "production" }), id: "p" }],
      },
    },
  ]);
  const { catalog } = bench.engine;
  const { projectId } = bench.request;
  const named = (text: string): JsonObject => ({ input: graderInput, steps: [llm("say", text)] });
  await catalog.saveDraft(projectId, "grader", named("version 1"));
  const flow = await catalog.flow(projectId, "grader");
  if (flow === undefined) throw new Error("no flow");
  await catalog.publish(flow, null);
  await catalog.promote(flow, 1);
  await catalog.saveDraft(projectId, "grader", named("draft"));
  const { end } = await runToEnd(bench, { word: "x" });
  expect(end).toMatchObject({ result: { draft: { text: "draft" }, one: { text: "version 1" } } });
  await catalog.saveDraft(projectId, "flow", { input: anyObject, steps: [sub({ version: 1 })] });
  expect((await runToEnd(bench, { word: "x" })).end).toMatchObject({ result: { text: "version 1" } });
});

test("flows that would run themselves are refused when they are saved, checked and published, with the way round", async () => {
  const { engine, request } = await withGrader([keep("a")]);
  const { projectId } = request;
  const { catalog } = engine;
  const calling = (flow: string): JsonObject => ({ steps: [keep("k"), { id: "call", type: "flow", flow }] });
  await catalog.saveDraft(projectId, "one", calling("grader"));
  await catalog.saveDraft(projectId, "two", calling("one"));
  const issue = {
    path: "steps[1].flow",
    message:
      "the flow would run itself, and never end: `grader` → `two` → `one` → `grader`. Take one of the steps out.",
  };
  expect(await catalog.check(projectId, "grader", calling("two"))).toEqual([issue]);
  await expect(catalog.saveDraft(projectId, "grader", calling("two"))).rejects.toMatchObject({ issues: [issue] });
  await expect(catalog.saveDraft(projectId, "three", calling("three"))).rejects.toMatchObject({
    issues: [{ message: expect.stringContaining("`three` → `three`") as string }],
  });
  await expect(catalog.saveDraft(projectId, "four", calling("nowhere"))).rejects.toMatchObject({
    issues: [{ path: "steps[1].flow", message: expect.stringContaining('There is no flow "nowhere"') as string }],
  });
});

test("a flow that comes to run itself behind the catalog's back is refused when it is called", async () => {
  const store = openMemoryStore();
  let now = Date.now();
  const { engine, request } = await withGrader([sub()], { store, now: () => now });
  const { projectId } = request;
  const text = JSON.stringify({ steps: [{ id: "back", type: "flow", flow: "flow", version: "draft" }] });
  const definition = { text, hash: "f".repeat(64) };
  const draft = { projectId, name: "g", description: null, retentionDays: null, fromFile: false, at: now };
  await store.saveDraft({ ...draft, slug: "grader", definition });
  // What the catalog remembers of a flow is a second old at the most.
  now += 1_001;
  await expect(engine.submit(request)).rejects.toMatchObject({
    code: "INVALID_TREE",
    message: expect.stringContaining('"flow" → "grader" → "flow"') as string,
  });
});

test("flows that multiply each other beyond the limits are refused when they are called", async () => {
  const { engine, request } = await withGrader([keep("k")]);
  const { projectId } = request;
  const many = (flow: string): JsonObject => ({
    input: anyObject,
    steps: Array.from({ length: 30 }, (_, index) => ({ id: `n${index}`, type: "flow", flow, version: "draft" })),
  });
  await engine.catalog.saveDraft(projectId, "f1", { input: anyObject, steps: [keep("k")] });
  for (const level of [2, 3, 4]) await engine.catalog.saveDraft(projectId, `f${level}`, many(`f${level - 1}`));
  await expect(engine.submit({ ...request, flow: "f4" })).rejects.toMatchObject({ code: "INVALID_TREE" });
  expect((await runToEnd({ engine, request: { ...request, flow: "f3" } })).end.status).toBe("completed");
});
