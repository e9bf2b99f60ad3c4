import { describe, expect, test } from "vitest";
import type { OneFlowOptions } from "../src/index.ts";
import { bytesOf, type RelaySetup, refusal, relayToServer } from "./harness.ts";

const CANARY = "canary-of-tier-gold";

/** Hands its input on in every way that a flow has, and asks for tools in between. */
const flows = {
  "acme/spelling/private.yaml": `
capture: full
input:
  type: object
  properties:
    message: { type: string }
    tier: { type: string, default: none }
  required: [message]
steps:
  - { id: keep, type: passthrough }
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "{{text}}" }
`,
  "acme/spelling/echoing.yaml": `
capture: full
input:
  type: object
  properties:
    message: { type: string }
    tier: { type: string, default: none }
  required: [message]
steps:
  - { id: keep, type: passthrough }
  - { id: again, type: passthrough }
`,
};

const TOOLS = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];

const setUp = (flow: string, options: Partial<OneFlowOptions> = {}) =>
  relayToServer({ flow: `acme/spelling/${flow}`, parameters: { tier: CANARY }, ...options }, flows);

/** Every route's answer about one run, as bytes. */
async function scan({ call }: RelaySetup, executionId: string, steps: readonly string[]): Promise<readonly string[]> {
  const paths = [`/jobs/${executionId}`, `/runs/${executionId}`, `/runs/${executionId}/trace`];
  for (const step of steps) {
    paths.push(`/runs/${executionId}/steps/${step}/trace`, `/runs/${executionId}/steps/${step}/trace?attempt=all`);
  }
  const answers = [];
  for (const path of paths) answers.push(await bytesOf(await call("GET", path)));
  return answers;
}

describe("parameters that the relay adds", () => {
  test("reach the flow, over the caller's own", async () => {
    const { call, asked } = await setUp("echoing");
    await call("POST", "/execute", { body: { message: "a", parameters: { tier: "free", message: "a" } } });
    expect(JSON.parse(asked[0]?.text ?? "")).toEqual({ message: "a", parameters: { message: "a", tier: CANARY } });
  });

  test("come back in no byte of a run that hands its input on", async () => {
    const relay = await setUp("echoing", { bounds: { allow: ["trace", "inputs"] } });
    const body = { message: "a", trace: true };
    const executed = await relay.call("POST", "/execute", { body });
    const executionId = executed.headers.get("x-noukai-execution-id") ?? "";
    expect(await executed.clone().json()).toMatchObject({ status: "completed", result: { message: "a" } });
    const streamed = await relay.call("POST", "/step", { body: { ...body, runRemaining: true } });
    const job = (await (await relay.call("POST", "/jobs", { body })).json()) as { readonly executionId: string };
    const live = await relay.call("GET", `/runs/${executionId}/trace/stream`);
    const told = [
      await bytesOf(executed),
      await bytesOf(streamed),
      await bytesOf(live),
      ...(await scan(relay, executionId, ["keep", "again"])),
      ...(await scan(relay, job.executionId, ["keep"])),
    ];
    expect(told.filter((bytes) => bytes.includes(CANARY))).toEqual([]);
    expect(told.filter((bytes) => bytes.startsWith("200"))).toHaveLength(told.length);
    expect(told[1]).toContain('"inputData":{}');
    expect(told[1]).toContain('"output":{"message":"a"}');
  });

  test("come back in no byte of a pause, which is answered all the same", async () => {
    const relay = await setUp("private");
    const body = { message: "a", tools: TOOLS };
    const paused = await relay.call("POST", "/execute", { body });
    const pause = (await paused.clone().json()) as { executionId: string; toolCallMessages: object[] };
    expect(pause).toMatchObject({ status: "tool_calls_required", accumulatedOutputs: { keep: { message: "a" } } });
    const summary = await relay.call("GET", `/runs/${pause.executionId}`);
    const streamed = await relay.call("POST", "/step", { body: { ...body, runRemaining: true } });
    const told = [await bytesOf(paused), await bytesOf(summary), await bytesOf(streamed)];
    expect(told.filter((bytes) => bytes.includes(CANARY))).toEqual([]);
    const answer = { role: "tool", tool_call_id: "call_1", content: "a cat" };
    const resumed = await relay.call("POST", "/execute", {
      body: {
        ...pause,
        status: undefined,
        toolCalls: undefined,
        flowId: undefined,
        blockCount: undefined,
        tools: TOOLS,
        toolCallMessages: [...pause.toolCallMessages, answer],
      },
    });
    expect(await resumed.json()).toMatchObject({ status: "completed" });
  });

  test("are not asked for by a prompt of the caller's", async () => {
    const { call, lines } = await setUp("private", { bounds: { allow: ["blockOverrides"] } });
    const blockOverrides = { ask: { prompt: "{{initial.tier}}" } };
    const response = await call("POST", "/execute", { body: { message: "a", blockOverrides } });
    expect([await refusal(response), lines()]).toEqual(["403 blockOverrides is not allowed here.", []]);
  });

  test("stay hidden when only `authorize` knows them, also from who comes back to the run", async () => {
    const relay = await relayToServer(
      {
        flow: "acme/spelling/echoing",
        bounds: { allow: ["trace", "inputs"] },
        authorize: (c, { operation }) => ({
          user: c.req.header("x-user") ?? "",
          ...(operation === "step" && { parameters: { tier: CANARY } }),
        }),
      },
      flows,
    );
    const response = await relay.call("POST", "/step", { body: { message: "a", trace: true } });
    const executionId = response.headers.get("x-noukai-execution-id") ?? "";
    const next = await relay.call("POST", "/step", { body: { executionId, stepIndex: 1 } });
    const told = [await bytesOf(response), await bytesOf(next), ...(await scan(relay, executionId, ["keep"]))];
    expect(told.filter((bytes) => bytes.includes(CANARY))).toEqual([]);
    expect(relay.asked.map(({ text }) => text.includes(CANARY))).toEqual([
      true,
      ...relay.asked.slice(1).map(() => false),
    ]);
  });
});

describe("what steps were given", () => {
  const traceOf = async (allow: readonly ("inputs" | "trace")[]): Promise<string> => {
    const relay = await relayToServer({ flow: "acme/spelling/echoing", bounds: { allow } }, flows);
    const response = await relay.call("POST", "/step", { body: { message: "a word" } });
    const executionId = response.headers.get("x-noukai-execution-id") ?? "";
    const [trace] = (await scan(relay, executionId, ["keep"])).slice(2);
    return `${await bytesOf(response)}${trace}`;
  };

  test("is not told unless the relay allows it", async () => {
    const told = await traceOf([]);
    expect([told.includes('"inputData":{}'), told.includes('"inputContext":null')]).toEqual([true, true]);
    const all = await traceOf(["inputs"]);
    expect(all).toContain('"inputData":{"message":"a word","tier":"none"}');
    expect(all).toContain('"inputContext":{"message":"a word","tier":"none"}');
  });
});

test("where nothing is concealed, a stream is the server's byte for byte", async () => {
  const { call, server } = await relayToServer({ bounds: { allow: ["inputs"] } });
  const first = await call("POST", "/step", { body: { message: "zwölf Kätzchen 🐈", runRemaining: true } });
  const executionId = first.headers.get("x-noukai-execution-id") ?? "";
  await first.text();
  const path = `/runs/${executionId}/trace/stream`;
  const relayed = await (await call("GET", path, { headers: { "last-event-id": "2" } })).text();
  const direct = await server.call("GET", `/api/v1/seq/acme/spelling/grade-3${path}`, {
    headers: { "last-event-id": "2" },
  });
  expect(relayed).toBe(await direct.text());
  expect(relayed).toContain("Kätzchen 🐈");
  expect(relayed).toMatch(/^:\n\nid: 3\n/);
});
