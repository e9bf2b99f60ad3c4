import {
  AbortError,
  AuthenticationError,
  FlowExecutionError,
  FlowNotFoundError,
  Noukai,
  PermissionDeniedError,
  type StreamEvent,
  ValidationError,
} from "@noukai/sdk";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { zFlowRunList } from "../src/generated/zod.gen.ts";
import { createServer } from "../src/index.ts";
import { makeDirectory, runsInWork, startTestServer, type TestServer, writeFlows } from "./harness.ts";
import { startCuttingProxy } from "./proxy.ts";

type Way = "as a function" | "over the network";

/** The real SDK against the real server. */
function clientOf(server: TestServer, way: Way, port: number = server.port): Noukai {
  const client = new Noukai({
    apiKey: server.key,
    baseUrl: way === "as a function" ? "https://server.invalid/api/v1" : `http://127.0.0.1:${port}/api/v1`,
    org: "acme",
    project: "spelling",
    ...(way === "as a function" && { fetch: async (request) => server.app.fetch(request) }),
  });
  onTestFinished(() => client.close());
  return client;
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  return Array.fromAsync(events);
}

/** The text of each step, folded from its deltas as a reader would. */
function foldedText(events: readonly StreamEvent[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const event of events) {
    if (event.type !== "step_output") continue;
    const key = `${event.stepId}/${event.attempt}`;
    const delta = event.outputData["delta"];
    texts.set(key, (texts.get(key) ?? "").slice(0, event.offset) + String(delta));
  }
  return texts;
}

function logged(events: readonly StreamEvent[]): readonly StreamEvent[] {
  return events.filter(({ type }) => type !== "step_output");
}

for (const way of ["as a function", "over the network"] as const) {
  test(`executes a flow and reads its trace, ${way}`, async () => {
    const flow = clientOf(await startTestServer(), way).flow("grade-3");
    const answer = await flow.execute({ message: "hous", parameters: { difficulty: "hard" } });
    expect(answer).toMatchObject({ result: { text: "Check (hard): hous" }, blockCount: 2 });
    const trace = await flow.run(answer.executionId).trace();
    expect(trace.steps.map(({ stepId, status }) => [stepId, status])).toEqual([
      ["check", "completed"],
      ["keep", "completed"],
    ]);
  });

  test(`streams a flow's events to their end, ${way}`, async () => {
    const client = clientOf(await startTestServer(), way);
    const events = await collect(client.flow("slow").events({ message: "a" }));
    expect(events.at(0)?.type).toBe("run_started");
    expect(events.at(-1)?.type).toBe("flow_completed");
    const executionId = events.find((event) => event.type === "run_started")?.executionId ?? "";
    expect(logged(await collect(client.run(executionId).liveTrace()))).toEqual(logged(events));
  });

  test(`a failed run is an error of its result and an event of its stream, ${way}`, async () => {
    const flow = clientOf(await startTestServer(), way).flow("failing");
    await expect(flow.execute({ message: "a" })).rejects.toMatchObject({
      name: FlowExecutionError.name,
      code: "MODEL_PROVIDER_ERROR",
      statusCode: 422,
      executionId: expect.any(String),
    });
    expect((await collect(flow.events({ message: "a" }))).at(-1)).toMatchObject({ type: "step_error", stepId: "fail" });
  });

  test(`the server's refusals are the SDK's errors, ${way}`, async () => {
    const server = await startTestServer();
    const client = clientOf(server, way);
    await expect(client.flow("nope").execute({ message: "a" })).rejects.toBeInstanceOf(FlowNotFoundError);
    await expect(client.flow("grade-3").execute({})).rejects.toBeInstanceOf(ValidationError);
    await expect(client.flow("acme/other/elsewhere").execute({ message: "a" })).rejects.toBeInstanceOf(
      PermissionDeniedError,
    );
    const stranger = clientOf({ ...server, key: "nk_live_abcdefgh_0123456789abcdef0123456789abcdef" }, way);
    await expect(stranger.flow("grade-3").execute({ message: "a" })).rejects.toBeInstanceOf(AuthenticationError);
  });
}

test("a caller who aborts cancels the run, whether or not it has seen the run's id", async () => {
  const server = await startTestServer();
  const flow = clientOf(server, "over the network").flow("endless");
  const executing = new AbortController();
  const answer = flow.execute({ message: "a", signal: executing.signal });
  await runsInWork(server, 1);
  executing.abort();
  await expect(answer).rejects.toBeInstanceOf(AbortError);
  await runsInWork(server, 0);
  const watching = new AbortController();
  const events = collect(flow.events({ message: "a", signal: watching.signal }));
  await runsInWork(server, 1);
  watching.abort();
  await expect(events).rejects.toBeInstanceOf(AbortError);
  await runsInWork(server, 0);
  const { items } = zFlowRunList.parse(await (await server.call("GET", "/api/v1/flow-runs?status=cancelled")).json());
  expect(items).toHaveLength(2);
});

test("the whole system is a library: one server made without a port, one client on it", async () => {
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, { "acme/demo/keep.yaml": "steps: [{ id: keep, type: passthrough }]\n" });
  const server = createServer({ flowsDir });
  onTestFinished(server.close);
  const { newKeys } = await server.opened();
  await using noukai = new Noukai({
    apiKey: newKeys[0]?.secret,
    baseUrl: "https://embedded.invalid/api/v1",
    fetch: server.fetch,
  });
  expect(await noukai.flow("acme/demo/keep").execute({ message: "hello" })).toMatchObject({
    result: { message: "hello" },
  });
});

test(
  "a stream that is cut anywhere, again and again, gives the same events and text, with one POST",
  { timeout: 60_000 },
  async () => {
    const server = await startTestServer();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 1, maxLength: 4 }), async (places) => {
        const posts = () => countOf(server, "stepFlowVersion");
        const before = await posts();
        const pending = [...places];
        const proxy = await startCuttingProxy(server.port, () => pending.shift());
        const events = await collect(
          clientOf(server, "over the network", proxy.port).flow("slow").events({ message: "a" }),
        );
        expect(await posts()).toBe(before + 1);
        const executionId = events.find((event) => event.type === "run_started")?.executionId ?? "";
        const whole = await collect(clientOf(server, "as a function").run(executionId).liveTrace());
        expect(logged(events)).toEqual(logged(whole));
        const written = whole.find((event) => event.type === "step_completed" && event.stepId === "second");
        const [text] = foldedText(events).values();
        expect(written).toMatchObject({ output: { text } });
      }),
      { numRuns: 8 },
    );
  },
);

/** Answers that the server has given for an operation, by its own figures. */
async function countOf(server: TestServer, operation: string): Promise<number> {
  const text = await (await server.call("GET", "/metrics")).text();
  return Number(new RegExp(`operation="${operation}",status="200"} (\\d+)`).exec(text)?.[1] ?? 0);
}
