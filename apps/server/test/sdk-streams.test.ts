import {
  AlreadyResumedError,
  fromReadableStream,
  Noukai,
  type OnLog,
  type StreamEvent,
  type ToolCallsRequired,
} from "@noukai/sdk";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { runsInWork, startTestServer, type TestServer, weatherTools } from "./harness.ts";
import { startCuttingProxy } from "./proxy.ts";

function clientOf(server: TestServer, { port = server.port, onLog }: { port?: number; onLog?: OnLog } = {}): Noukai {
  const baseUrl = `http://127.0.0.1:${port}/api/v1`;
  const client = new Noukai({ apiKey: server.key, baseUrl, org: "acme", project: "spelling", onLog });
  onTestFinished(() => client.close());
  return client;
}

const tools = weatherTools.map(({ function: { name, parameters } }) => ({
  type: "function" as const,
  function: { name, parameters },
}));

function toolHandler(calls: readonly { readonly id: string; readonly function: { readonly name: string } }[]) {
  return calls.map(({ id, function: { name } }) => ({
    toolCallId: id,
    output: name === "get_time" ? "noon" : "sunny",
  }));
}

function logged(events: readonly StreamEvent[]): readonly object[] {
  return events.filter(({ seq }) => seq !== undefined).map((event) => ({ ...event }));
}

/** The run as its log has it. */
async function traced(client: Noukai, executionId: string | undefined): Promise<readonly object[]> {
  return logged(await Array.fromAsync(client.run(executionId ?? "").liveTrace()));
}

/** Requests that began or continued a run, by the server's own figures. */
async function posts(server: TestServer): Promise<number> {
  const text = await (await server.call("GET", "/metrics")).text();
  return Number(/operation="stepFlowVersion",status="200"} (\d+)/.exec(text)?.[1] ?? 0);
}

async function firstPause(events: AsyncIterable<StreamEvent>): Promise<ToolCallsRequired> {
  for await (const event of events) if (event.type === "tool_calls_required") return event;
  throw new Error("The run asked for no tools.");
}

test("tool calls are answered within a stream, which then goes on to the end", async () => {
  const server = await startTestServer();
  const client = clientOf(server);
  const stream = client.flow("asking").events({ message: "Lyon", tools, toolHandler });
  const events = await Array.fromAsync(stream);
  expect(logged(events)).toEqual(await traced(client, stream.executionId));
  expect(events.map(({ type }) => type)).toContain("step_resumed");
  expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: { text: expect.stringContaining("sunny") } });
  expect(await posts(server)).toBe(2);
});

test("tool calls can be answered in the loop, and after it was left", async () => {
  const server = await startTestServer();
  const client = clientOf(server);
  const stream = client.flow("asking").events({ message: "Lyon", tools });
  const pause = await firstPause(stream);
  const toolResults = toolHandler(pause.toolCalls);
  const rest = await pause.resume({ toolResults });
  await expect(pause.resume({ toolResults })).rejects.toBeInstanceOf(AlreadyResumedError);
  expect(await rest?.result()).toMatchObject({ text: expect.stringContaining("noon") });

  const inLoop: StreamEvent[] = [];
  for await (const event of client.flow("asking").events({ message: "Lyon", tools })) {
    inLoop.push(event);
    if (event.type === "tool_calls_required") await event.resume({ toolResults });
  }
  expect(inLoop.at(-1)?.type).toBe("flow_completed");
  expect(await posts(server)).toBe(4);
});

test("a stepwise run is one request per step, the reader's overrides between them, and one log", async () => {
  const server = await startTestServer();
  const client = clientOf(server);
  const inputOverrides = ({ stepId }: { readonly stepId: string }) =>
    stepId === "first" ? { first: { message: "b" } } : undefined;
  const stream = client.flow("slow").events({ message: "a", stepwise: true, inputOverrides });
  const events = await Array.fromAsync(stream);
  expect(events.filter(({ type }) => type === "run_started")).toHaveLength(1);
  expect(events.filter(({ type }) => type === "step_paused")).toHaveLength(2);
  expect(events.find((event) => event.type === "step_completed" && event.stepId === "second")).toMatchObject({
    output: { text: expect.stringMatching(/^b one/) },
  });
  expect(logged(events)).toEqual(await traced(client, stream.executionId));
  expect(await posts(server)).toBe(3);
});

test("a step may ask for tools in a stepwise run", async () => {
  const server = await startTestServer();
  const outputs: unknown[] = [];
  for await (const { output } of clientOf(server)
    .flow("asking")
    .steps({ message: "Lyon", tools, toolHandler, stepwise: true }))
    outputs.push(output);
  expect(outputs).toHaveLength(3);
  expect(await posts(server)).toBe(4);
});

test(
  "pauses and segments survive cuts anywhere, and no request that was answered is made again",
  { timeout: 60_000 },
  async () => {
    const server = await startTestServer();
    const direct = clientOf(server);
    const options = { message: "Lyon", tools, toolHandler };
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 5 }),
        async (stepwise, places) => {
          const pending = [...places];
          const proxy = await startCuttingProxy(server.port, () => pending.shift());
          let answered = 0;
          // A cut may swallow an answer whole, headers and all: then the request is made again, with its key.
          const onLog: OnLog = ({ phase, operation }) => {
            if (phase === "response" && operation.startsWith("POST")) answered++;
          };
          const stream = clientOf(server, { port: proxy.port, onLog })
            .flow("asking")
            .events({ ...options, stepwise });
          const events = await Array.fromAsync(stream);
          expect(answered).toBe(stepwise ? 4 : 2);
          expect(logged(events)).toEqual(await traced(direct, stream.executionId));
        },
      ),
      { numRuns: 8 },
    );
  },
);

test("cancel ends the loop with the run's last event; detach leaves the run to finish", async () => {
  const server = await startTestServer();
  const client = clientOf(server);
  const endless = client.flow("endless").events({ message: "a" });
  const reading = Array.fromAsync(endless);
  await runsInWork(server, 1);
  await endless.cancel();
  expect((await reading).at(-1)).toMatchObject({ type: "step_error", error: { code: "CANCELLED" } });

  const slow = client.flow("slow").events({ message: "a" });
  await slow.next();
  slow.detach();
  expect(await slow.next()).toEqual({ done: true, value: undefined });
  await vi.waitFor(async () => {
    expect((await client.run(slow.executionId ?? "").summary()).status).toBe("completed");
  }, 5_000);
});

test("the text that is told piece by piece is the step's own, and the result the run's", async () => {
  const client = clientOf(await startTestServer());
  let text = "";
  for await (const delta of client.flow("slow").events({ message: "a" }).text({ stepId: "second" })) text += delta;
  expect(text).toBe("a one two three four five six seven eight nine ten");
  expect(await client.flow("slow").events({ message: "a" }).result()).toEqual({ text });
  await expect(client.flow("failing").events({ message: "a" }).result()).rejects.toMatchObject({
    code: "MODEL_PROVIDER_ERROR",
  });
});

test("what passes through a server of one's own is read as the same events behind it", async () => {
  const client = clientOf(await startTestServer());
  const [mine, theirs] = client.flow("slow").events({ message: "a" }).tee();
  await theirs.opened();
  const response = theirs.toResponse();
  expect(response.headers.get("x-noukai-execution-id")).toBe(mine.executionId);
  if (!response.body) throw new Error("The answer has no body.");
  const [here, there] = await Promise.all([Array.fromAsync(mine), Array.fromAsync(fromReadableStream(response.body))]);
  expect(there).toEqual(here);
});

test("the state of the connection is told as it breaks and comes back", async () => {
  const server = await startTestServer();
  const cuts = [400];
  const proxy = await startCuttingProxy(server.port, () => cuts.shift());
  const states: string[] = [];
  const stream = clientOf(server, proxy)
    .flow("slow")
    .events({ message: "a", onConnection: ({ status }) => states.push(status) });
  await stream.result();
  expect(states).toEqual(["live", "reconnecting", "live", "closed"]);
});
