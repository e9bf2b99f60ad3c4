import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEngine, type Engine } from "../src/engine.ts";
import type { JsonObject } from "../src/flow/definition.ts";
import { createModels } from "../src/models/registry.ts";
import type { RunEnd, RunPause } from "../src/run-end.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/sandbox.ts";
import { openMemoryStore } from "../src/store/sqlite-store.ts";

const flowsDir = fileURLToPath(new URL("../../../flows", import.meta.url));
const never = new AbortController().signal;

let engine: Engine;
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
  engine = createEngine({ store: openMemoryStore(), models: createModels(), sandbox });
  await engine.start();
});

afterAll(async () => {
  await engine.drain(0);
  await sandbox.close();
  await engine.store.close();
});

test("every demo flow is loaded without a fault, those that run others behind them", async () => {
  const loaded = await engine.catalog.loadFiles(flowsDir, { promote: true });
  expect(loaded.flatMap(({ issues }) => issues)).toEqual([]);
  expect(loaded.length).toBeGreaterThanOrEqual(8);
});

async function run(flow: string, parameters: JsonObject): Promise<RunEnd | RunPause> {
  const { id: projectId } = await engine.store.ensureProject("acme", "demo");
  const call = await engine.submit({ projectId, flow, version: "production", trigger: "execute", parameters });
  return engine.outcome(call, never);
}

test.each<[string, JsonObject, JsonObject]>([
  ["spelling-grader", { message: "I recieve mail" }, {}],
  ["summarise-and-title", { message: "A long article." }, {}],
  ["tone-and-length", { message: "Well done!" }, { text: expect.stringContaining("Tone: Name the tone") as string }],
  ["explain-words", { words: ["rat", "separate"] }, { items: [{ text: expect.any(String) as string }, {}] }],
  ["route-by-score", { message: "Bad.", stars: 1 }, { text: "Apologise for what went wrong here: Bad." }],
  ["route-by-score", { message: "Fine.", stars: 5 }, { text: "Thank warmly for this review: Fine." }],
  ["route-by-score", { message: "Hm." }, { text: "Ask what would have made it five stars: Hm." }],
  ["count-words", { message: "one three five" }, { text: "3 words, the longest one is three." }],
  ["grade-and-title", { message: "I recieve mail" }, { title: expect.any(String) as string }],
  [
    "review-desk",
    {
      reviews: [
        { text: "Bad", stars: 1 },
        { text: "Good", stars: 5 },
      ],
    },
    { text: expect.stringContaining("2 reviews answered, 1 complaints.") as string },
  ],
])("the demo flow %s runs: %j", async (flow, parameters, result) => {
  expect(await run(flow, parameters)).toMatchObject({ status: "completed", result });
});

test("code that cannot be read is a fault of its step, told when the flow is saved", async () => {
  const { id: projectId } = await engine.store.ensureProject("acme", "demo");
  const branches = { a: [{ id: "bad", type: "code", code: "return {" }] };
  const definition = { steps: [{ id: "fan", type: "parallel", branches }] };
  await expect(engine.catalog.saveDraft(projectId, "bad", definition)).rejects.toMatchObject({
    issues: [{ path: "steps[0].branches.a[0].code" }],
  });
});
