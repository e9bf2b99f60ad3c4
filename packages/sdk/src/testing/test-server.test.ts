import { afterEach, describe, expect, test, vi } from "vitest";
import { Noukai, type NoukaiOptions, type StreamEvent } from "../index.ts";
import { createTestServer, fault, flow, step, type TestServer, type TestServerOptions } from "./index.ts";

const NAME = "acme/spelling/grade-3";
const TWO_STEPS = flow([
  step("check", { text: ["Die ", "😀Kät", "zchen"], model: "openai/gpt-5-mini", costUsd: "0.0004" }),
  step("keep"),
]);

function serverOf(script: TestServerOptions["flows"][string] = TWO_STEPS, options: Partial<TestServerOptions> = {}) {
  const server = createTestServer({ flows: { [NAME]: script }, ...options });
  return { server, noukai: clientOf(server), flow: clientOf(server).flow("grade-3") };
}

/** A client that never waits between tries. */
function clientOf({ apiKey, baseUrl, fetch }: TestServer, options: NoukaiOptions = {}): Noukai {
  return new Noukai(
    { apiKey, baseUrl, fetch, org: "acme", project: "spelling", ...options },
    {
      now: () => Date.now(),
      random: () => 0,
      sleep: async (_ms, signal) => signal.throwIfAborted(),
    },
  );
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** The text of each step, put where its offset says. */
function folded(events: readonly StreamEvent[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type === "step_retrying") delete texts[event.stepId];
    if (event.type !== "step_output") continue;
    texts[event.stepId] = (texts[event.stepId] ?? "").slice(0, event.offset) + String(event.outputData["delta"]);
  }
  return texts;
}

function typesOf(events: readonly StreamEvent[]): readonly string[] {
  return events.map(({ seq, type }) => `${seq ?? "-"} ${type}`);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a scripted flow", () => {
  test("answers with the last step's output", async () => {
    const { flow, server } = serverOf();
    expect(await flow.execute({ message: "kat" })).toMatchObject({
      result: { text: "Die 😀Kätzchen" },
      blockCount: 2,
      executionId: "00000001-0000-7000-8000-000000000001",
    });
    server.assertDone();
  });

  test("tells its events as the server does", async () => {
    const { flow } = serverOf();
    const events = await collect(flow.events({ message: "kat" }));
    expect(typesOf(events)).toEqual([
      "1 run_started",
      "2 step_started",
      "3 step_input",
      "- step_output",
      "- step_output",
      "- step_output",
      "4 step_completed",
      "5 step_started",
      "6 step_input",
      "7 step_completed",
      "8 flow_completed",
    ]);
    expect(events[2]).toMatchObject({ inputData: { message: "kat" } });
    expect(events.at(-1)).toMatchObject({ summary: { costUsd: "0.0004", stepCount: 2 } });
  });

  test("may be a function of what it is asked", async () => {
    const { flow: called } = serverOf(
      flow(({ message, parameters, version }) => [step("say", { output: { message, parameters, version } })]),
    );
    expect(await called.execute({ message: "a", parameters: { b: 1 }, version: 3 })).toMatchObject({
      result: { message: "a", parameters: { b: 1 }, version: 3 },
    });
    expect(
      await called.execute({ messages: [{ role: "user", content: [{ type: "text", text: "c" }] }] }),
    ).toMatchObject({
      result: { message: "c", version: "draft" },
    });
  });

  test("of a list has one script for each run", async () => {
    const { flow: listed, server } = serverOf([
      flow([step("a", { text: "first" })]),
      flow([step("a", { text: "second" })]),
    ]);
    expect(await listed.execute()).toMatchObject({ result: { text: "first" } });
    expect(() => server.assertDone()).toThrow("1 of the acme/spelling/grade-3 scripts were not asked for");
    expect(await listed.execute()).toMatchObject({ result: { text: "second" } });
    server.assertDone();
    await expect(listed.execute()).rejects.toMatchObject({ name: "FlowNotFoundError" });
  });

  test("fails as a flow does, in its result, its stream and its trace", async () => {
    const error = { code: "MODEL_PROVIDER_ERROR", message: "The model is away." };
    const { flow: failing } = serverOf(flow([step("check", { text: "Die", error }), step("keep")]));
    const thrown = await failing.execute().catch((caught: unknown) => caught);
    expect(thrown).toMatchObject({ name: "FlowExecutionError", statusCode: 422, code: error.code, billed: "yes" });
    const events = await collect(failing.events());
    expect(events.at(-1)).toMatchObject({ type: "step_error", stepId: "check", error });
    const { executionId } = thrown as { executionId: string }; // a failed run has one
    expect(await failing.run(executionId).trace()).toMatchObject({
      flowRun: { status: "failed", stepCount: 2 },
      steps: [{ stepId: "check", status: "failed", errorContext: error }],
    });
  });

  test("tries again, and the text before is void", async () => {
    const retries = [{ code: "STEP_TIMEOUT", message: "m", text: "Di" }];
    const { flow: retried, noukai } = serverOf(flow([step("check", { retries, text: "Die Katze" })]));
    const events = await collect(retried.events());
    expect(events).toContainEqual(expect.objectContaining({ type: "step_retrying", attempt: 2 }));
    expect(folded(events)).toEqual({ check: "Die Katze" });
    const [, second] = (await noukai.run("00000001-0000-7000-8000-000000000001").trace()).steps;
    expect(second).toBeUndefined();
  });

  test("has steps inside steps, whose figures add up", async () => {
    const inner = [0, 1].map((loopIndex) => ({ id: "explain", loopIndex, text: ["a", "b"], costUsd: "0.1" }));
    const { flow: looping } = serverOf(flow([step("each", { inner, output: { items: [] } })]));
    const events = await collect(looping.events());
    const phases = events.flatMap((event) =>
      event.type === "step_progress" ? [`${event.phase} ${event.loopIndex}`] : [],
    );
    expect(phases).toEqual(
      [0, 1].flatMap((pass) => ["started", "output", "output", "completed"].map((phase) => `${phase} ${pass}`)),
    );
    expect(events).toContainEqual(expect.objectContaining({ type: "loop_completed", itemCount: 2, failedCount: 0 }));
    expect(events).toContainEqual(expect.objectContaining({ type: "step_completed", costUsd: "0.2" }));
    const { flowRun, steps } = await looping.run("00000001-0000-7000-8000-000000000001").trace();
    expect(flowRun.totalCostUsd).toBe("0.2");
    expect(steps.map(({ stepId, loopIndex, costUsd }) => [stepId, loopIndex, costUsd])).toEqual([
      ["each", null, null],
      ["explain", 0, "0.1"],
      ["explain", 1, "0.1"],
    ]);
  });
});

describe("scripted time", () => {
  test("passes by fake timers", async () => {
    vi.useFakeTimers();
    const { flow: slow } = serverOf(flow([step("check", { text: ["a", "b"], after: 1_000, every: 500 })]));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of slow.events()) seen.push(event.type);
    })();
    await vi.advanceTimersByTimeAsync(999);
    expect(seen).toEqual(["run_started", "step_started", "step_input"]);
    await vi.advanceTimersByTimeAsync(501);
    expect(seen.at(-1)).toBe("step_output");
    expect(seen).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(500);
    await reading;
    expect(seen.at(-1)).toBe("flow_completed");
  });

  test("that is long keeps the connection alive by heartbeats", async () => {
    vi.useFakeTimers();
    const { flow: slow, server } = serverOf(flow([step("check", { text: "a", after: 120_000 })]));
    const reading = collect(slow.events());
    await vi.advanceTimersByTimeAsync(120_000);
    expect((await reading).at(-1)).toMatchObject({ type: "flow_completed", summary: { durationMs: 120_000 } });
    expect(server.requests).toHaveLength(1);
  });

  test("may be another clock's", async () => {
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      random: () => 0,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
    };
    const { flow: slow } = serverOf(flow([step("check", { text: "a", after: 7, every: 8 })]), { clock });
    await slow.execute();
    expect(waits).toEqual([7, 8]);
  });
});

describe("tool calls", () => {
  const asking = flow([
    step("ask", {
      toolCalls: [{ name: "look_up", arguments: { word: "kat" } }],
      onResults: ([result]) => ({ text: `It is ${result?.content}.` }),
    }),
    step("last"),
  ]);
  const answer = (calls: readonly { readonly id: string }[]) =>
    calls.map(({ id }) => ({ toolCallId: id, output: { word: "cat" } }));

  test("pause a run, which goes on with the results", async () => {
    const { flow, server } = serverOf(asking);
    const paused = await flow.execute({ message: "kat" });
    if (!paused.requiresToolCalls) throw new Error("not paused");
    expect(paused.toolCalls).toEqual([
      { id: "call_1", type: "function", function: { name: "look_up", arguments: '{"word":"kat"}' } },
    ]);
    expect(() => server.assertDone()).toThrow("is paused");
    expect(await paused.resume({ toolResults: answer(paused.toolCalls) })).toMatchObject({
      result: { text: 'It is {"word":"cat"}.' },
      executionId: paused.executionId,
    });
    server.assertDone();
  });

  test("are answered by a handler, round by round", async () => {
    const { flow: twice } = serverOf(
      flow([
        step("ask", {
          toolCalls: [{ name: "one" }],
          onResults: () => ({
            toolCalls: [{ name: "two" }, { name: "three" }],
            onResults: (results) => ({ output: results }),
          }),
        }),
      ]),
    );
    const result = await twice.execute({
      tools: ["one", "two", "three"].map((name) => ({ type: "function", function: { name } })),
      toolHandler: (calls) => calls.map(({ id, function: { name } }) => ({ toolCallId: id, output: name })),
    });
    expect(result).toMatchObject({
      result: [
        { id: "call_2", name: "two", content: "two" },
        { id: "call_3", name: "three", content: "three" },
      ],
    });
  });

  test("pause a stream, which goes on behind them", async () => {
    const { flow } = serverOf(asking);
    const events: StreamEvent[] = [];
    for await (const event of flow.events()) {
      events.push(event);
      if (event.type === "tool_calls_required") await event.resume({ toolResults: answer(event.toolCalls) });
    }
    expect(events.map(({ type }) => type)).toContain("step_resumed");
    expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: { text: 'It is {"word":"cat"}.' } });
    expect(events.map(({ seq }) => seq).filter((seq) => seq !== undefined)).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 1),
    );
  });

  test("take one answer: an equal one joins, another is refused", async () => {
    const { flow, server } = serverOf(asking);
    const paused = await flow.execute();
    if (!paused.requiresToolCalls) throw new Error("not paused");
    const post = async (content: string) => {
      const { executionId, pausedAtStep, toolCallMessages } = paused;
      const messages = [...toolCallMessages, { role: "tool", tool_call_id: "call_1", content }];
      const body = JSON.stringify({ executionId, pausedAtStep, toolCallMessages: messages });
      const headers = { authorization: `Bearer ${server.apiKey}` };
      const url = `${server.baseUrl}/seq/${NAME}/execute`;
      const response = await server.fetch(new Request(url, { method: "POST", body, headers }));
      return (await response.json()) as { result?: unknown; detail?: { code: string } }; // one or the other
    };
    expect(await post("a")).toMatchObject({ result: { text: "It is a." } });
    expect(await post("a")).toMatchObject({ result: { text: "It is a." } });
    expect(await post("b")).toMatchObject({ detail: { code: "ALREADY_RESUMED" } });
  });

  test("that a script cannot answer are a fault of the script, told at the end", async () => {
    const fault = new Error("expected another word");
    const { flow: broken, server } = serverOf(
      flow([
        step("ask", {
          toolCalls: [{ name: "one" }],
          onResults: () => {
            throw fault;
          },
        }),
      ]),
    );
    const paused = await broken.execute();
    if (!paused.requiresToolCalls) throw new Error("not paused");
    await expect(paused.resume({ toolResults: answer(paused.toolCalls) })).rejects.toMatchObject({
      code: "STEP_FAILED",
    });
    expect(() => server.assertDone()).toThrow(fault);
  });
});

describe("the step protocol", () => {
  test("goes on step by step, with outputs replaced on the way", async () => {
    const { flow, server } = serverOf();
    const events = await collect(flow.events({ stepwise: true, inputOverrides: { check: { text: "another" } } }));
    expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: { text: "another" } });
    expect(typesOf(events).filter((type) => type.endsWith("step_paused"))).toEqual(["5 step_paused"]);
    expect(server.requests.map(({ operation }) => operation)).toEqual(["step", "step"]);
  });
});

describe("jobs", () => {
  test("are pending, run and end as often as they are asked for", async () => {
    const { flow: queued } = serverOf(flow([step("check", { text: "a" })], { pendingPolls: 1, runningPolls: 2 }));
    const job = await queued.executeAsync({ message: "kat" });
    const states: string[] = [];
    for (let poll = 0; poll < 4; poll++) states.push((await job.poll()).status);
    expect(states).toEqual(["pending", "running", "running", "completed"]);
    expect(await job.poll()).toMatchObject({ result: { text: "a" } });
  });

  test("are waited for by their live trace", async () => {
    const { flow: queued, server } = serverOf(
      flow([step("check", { text: "a" })], { pendingPolls: 9, runningPolls: 9 }),
    );
    const job = await queued.executeAsync({ message: "kat" });
    expect(await job.wait()).toMatchObject({ result: { text: "a" } });
    expect(server.requests.map(({ operation }) => operation)).toEqual(["submitJob", "streamTrace", "getJob"]);
  });

  test("can be cancelled", async () => {
    const { flow: queued, server } = serverOf(flow([step("check", { after: 60_000 })]));
    const job = await queued.executeAsync({});
    await job.cancel();
    expect(await job.poll()).toMatchObject({ status: "failed", state: "cancelled" });
    server.assertDone();
  });
});

describe("runs and sessions", () => {
  test("are there to be read: traces with contents when they were asked for", async () => {
    const { flow, noukai } = serverOf();
    const { executionId } = await flow.execute({ message: "kat", trace: true });
    const { steps } = await noukai.run(executionId).trace();
    expect(steps).toMatchObject([
      { stepId: "check", kind: "llm", modelUsed: "openai/gpt-5-mini", inputContext: { message: "kat" } },
      { stepId: "keep", kind: "passthrough", modelUsed: null, tokens: null, outputContext: { text: "Die 😀Kätzchen" } },
    ]);
    expect(await noukai.run(executionId).stepTrace("check", { attempt: "all" })).toMatchObject({
      attempts: [{ attempt: 1 }],
    });
    await expect(noukai.run(executionId).stepTrace("nothing")).rejects.toMatchObject({ code: "STEP_NOT_FOUND" });
    await expect(noukai.run("00000001-0000-7000-8000-000000000009").trace()).rejects.toMatchObject({
      code: "RUN_NOT_FOUND",
    });
  });

  test("are listed, newest first, page by page", async () => {
    const { flow, noukai } = serverOf();
    for (let run = 0; run < 3; run++) await flow.execute();
    const ids: string[] = [];
    for await (const { id } of noukai.runs.list({ limit: 2 })) ids.push(id.slice(-1));
    expect(ids).toEqual(["3", "2", "1"]);
  });

  test("are recorded by session, or given", async () => {
    const own = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
    const gone = "6b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
    const { flow, server } = serverOf(TWO_STEPS, { sessions: { [gone]: "expired" } });
    await flow.execute({ sessionId: own, trace: true });
    const read = async (sessionId: string) => {
      const headers = { authorization: `Bearer ${server.apiKey}` };
      const response = await server.fetch(new Request(`${server.baseUrl}/seq/sessions/${sessionId}`, { headers }));
      return [response.status, await response.json()];
    };
    expect(await read(own)).toMatchObject([
      200,
      { executions: [{ slug: "grade-3", snapshotsAvailable: true, steps: [{ stepId: "check" }, { stepId: "keep" }] }] },
    ]);
    expect(await read(gone)).toMatchObject([410, { detail: { code: "SESSION_EXPIRED" } }]);
    expect(await read("7b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c")).toMatchObject([404, {}]);
  });
});

test.each(["grade-3", "acme/grade-3"])("a script for %j, which names no flow, is refused", (name) => {
  expect(() => createTestServer({ flows: { [name]: TWO_STEPS } })).toThrow(/Write .*"org\/project\//);
});

describe("what is not scripted", () => {
  test("is refused as the server refuses it", async () => {
    const { server, noukai, flow } = serverOf();
    await expect(noukai.flow("nope").execute()).rejects.toMatchObject({ code: "FLOW_NOT_FOUND" });
    await expect(noukai.flow("acme/other/nope").execute()).rejects.toMatchObject({ name: "PermissionDeniedError" });
    const stranger = clientOf(server, { apiKey: "nk_test_another_0123456789abcdef0123456789abcdef" });
    await expect(stranger.flow("grade-3").execute()).rejects.toMatchObject({ name: "AuthenticationError" });
    await expect(flow.execute({ message: "a", messages: [{ role: "user", content: "b" }] })).rejects.toMatchObject({
      name: expect.stringMatching(/^Val/),
    });
    const unknown = await server.fetch(
      new Request(`${server.baseUrl}/keys`, { headers: { authorization: `Bearer ${server.apiKey}` } }),
    );
    expect(unknown.status).toBe(404);
    expect(() => server.assertDone()).toThrow("GET /api/v1/keys is not served");
  });
});

describe("calls that cannot be", () => {
  const asking = flow([step("first"), step("ask", { toolCalls: [{ name: "one" }] }), step("last")]);

  async function post(server: TestServer, verb: string, body: unknown): Promise<string> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = { authorization: `Bearer ${server.apiKey}` };
    const url = `${server.baseUrl}/seq/${NAME}/${verb}`;
    const response = await server.fetch(new Request(url, { method: "POST", body: text, headers }));
    const answer = await response.text();
    return `${response.status} ${/"code":"(\w+)"/.exec(answer)?.[1] ?? /event: (\w+)(?!.*event: )/s.exec(answer)?.[1]}`;
  }

  test.each<[string, string, unknown]>([
    ["400 INVALID_VERSION", "v1.5/execute", {}],
    ["400 INVALID_REQUEST", "execute", "{"],
    ["400 INVALID_REQUEST", "execute", "null"],
    ["400 INVALID_REQUEST", "execute", { message: "a", messages: [{ role: "user", content: "b" }] }],
    ["400 INVALID_FIRST_CALL", "step", { stepIndex: 1 }],
    ["400 TOOLS_REQUIRE_SYNC_EXECUTE", "jobs", { tools: [{ type: "function", function: { name: "one" } }] }],
    ["400 INVALID_REQUEST", "jobs", { attachments: [{ url: "https://a.test/b.png", mimeType: "image/png" }] }],
    ["400 EXECUTION_ID_INVALID", "execute", { executionId: "nobody", pausedAtStep: "ask", toolCallMessages: [] }],
    ["404 RUN_NOT_FOUND", "runs/nobody/cancel", {}],
    ["404 RUN_NOT_FOUND", "runs/cancel", { idempotencyKey: "nobody" }],
  ])("are refused with %s: %s %j", async (refusal, verb, body) => {
    expect(await post(serverOf(asking).server, verb, body)).toBe(refusal);
  });

  test("are refused when they go on with a run in another way than it waits for", async () => {
    const { server } = serverOf(asking);
    const executionId = "00000001-0000-7000-8000-000000000001";
    const answer = { role: "tool", tool_call_id: "call_1", content: "a" };
    const next = { executionId, stepIndex: 1 };
    expect(await post(server, "step", {})).toBe("200 step_paused");
    expect(await post(server, "step", { executionId, stepIndex: 2 })).toBe("400 INVALID_STEP_INDEX");
    expect(await post(server, "execute", { executionId })).toBe("400 EXECUTION_ID_INVALID");
    expect(await post(server, "step", { ...next, toolCallMessages: [answer] })).toBe("400 PAUSED_STEP_INVALID");
    expect(await post(server, "step", next)).toBe("200 step_paused_for_tool_calls");
    expect(await post(server, "step", next)).toBe("200 step_paused_for_tool_calls");
    expect(await post(server, "step", { ...next, runRemaining: true })).toBe("409 STALE_CURSOR");
    expect(await post(server, "step", { ...next, toolCallMessages: [] })).toBe("400 TOOL_RESULTS_MISMATCH");
    expect(await post(server, "step", { executionId, toolCallMessages: [answer] })).toBe("400 INVALID_STEP_INDEX");
    expect(await post(server, `runs/${executionId}/cancel`, {})).toBe("202 undefined");
    expect(await post(server, "step", { ...next, toolCallMessages: [answer] })).toBe("409 CANCELLED");
    expect(await post(server, "step", { executionId, stepIndex: 2 })).toBe("409 CANCELLED");
  });

  test("are refused when an execute is resumed at another step, or without results", async () => {
    const { server } = serverOf(asking);
    const resume = { executionId: "00000001-0000-7000-8000-000000000001", pausedAtStep: "first" };
    expect(await post(server, "execute", {})).toBe("200 undefined");
    expect(await post(server, "execute", resume)).toBe("400 TOOL_RESULTS_MISMATCH");
    expect(await post(server, "execute", { ...resume, toolCallMessages: [] })).toBe("400 PAUSED_STEP_INVALID");
  });

  test("are refused when the script has no steps", async () => {
    await expect(serverOf(flow([])).flow.execute()).rejects.toMatchObject({ code: "NO_STEPS", billed: "no" });
  });
});

describe("requests", () => {
  test("are kept with what they say, until they are forgotten", async () => {
    const { flow, server } = serverOf();
    await flow.execute({ message: "kat", idempotencyKey: "key-1", version: 2 });
    expect(server.requests).toMatchObject([
      {
        operation: "execute",
        flow: NAME,
        version: "2",
        body: { message: "kat" },
        idempotencyKey: "key-1",
        method: "POST",
      },
    ]);
    server.reset();
    expect(server.requests).toEqual([]);
    expect(await flow.execute()).toMatchObject({ executionId: "00000001-0000-7000-8000-000000000001" });
  });

  test("with the same key are one run, and refused when they ask for something else", async () => {
    const { flow, server } = serverOf();
    const first = await flow.execute({ message: "kat", idempotencyKey: "key-1" });
    expect(await flow.execute({ message: "kat", idempotencyKey: "key-1" })).toMatchObject({
      executionId: first.executionId,
    });
    await expect(flow.execute({ message: "cat", idempotencyKey: "key-1" })).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
    expect(server.requests).toHaveLength(3);
  });

  test("that are given up cancel the run", async () => {
    const { flow: slow, noukai, server } = serverOf(flow([step("check", { after: 60_000 })]));
    const controller = new AbortController();
    const call = slow.execute({ signal: controller.signal });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitFor(() => server.assertDone());
    expect(server.requests[1]).toMatchObject({ operation: "cancelByKey" });
    expect(await noukai.run("00000001-0000-7000-8000-000000000001").trace()).toMatchObject({
      flowRun: { status: "cancelled" },
    });
  });
});

describe("faults", () => {
  const LENGTH = 1_700;
  const timed = flow([step("check", { text: ["Die ", "😀Kät", "zchen"] }), step("keep")]);

  async function seen(faults: TestServerOptions["faults"]) {
    const { flow, server } = serverOf(timed, { faults });
    const events = await collect(flow.events({ message: "kat" }));
    return { logged: events.filter(({ seq }) => seq !== undefined), text: folded(events), server };
  }

  test.each([
    ["reset", fault.reset],
    ["cleanEnd", fault.cleanEnd],
  ])("%s at any byte: the SDK comes back, loses nothing and posts once", async (_, cutAt) => {
    const whole = await seen([]);
    for (let afterBytes = 0; afterBytes < LENGTH; afterBytes += 13) {
      const { logged, text, server } = await seen([cutAt({ afterBytes })]);
      expect({ logged, text }, `at ${afterBytes}`).toEqual({ logged: whole.logged, text: whole.text });
      expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    }
  });

  test.each([
    ["behind an event", { afterEvent: 3 }],
    ["inside an event", { insideEvent: 4 }],
  ])("a cut %s, twice: likewise", async (_, at) => {
    const whole = await seen([]);
    const { logged, text, server } = await seen([fault.reset(at), fault.cleanEnd({ insideEvent: 6 })]);
    expect({ logged, text }).toEqual({ logged: whole.logged, text: whole.text });
    expect(server.requests.map(({ operation }) => operation)).toEqual(["step", "streamTrace", "streamTrace"]);
    expect(server.requests[2]?.headers.get("last-event-id")).toBe("5");
    server.assertDone();
  });

  test("a cut while text is written: what comes back begins with the text so far", async () => {
    vi.useFakeTimers();
    const { flow: slow } = serverOf(flow([step("check", { text: ["Die ", "Kat", "ze"], every: 100 })]), {
      faults: [fault.reset({ afterBytes: 480 })],
    });
    const reading = collect(slow.events());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(folded(await reading)).toEqual({ check: "Die Katze" });
  });

  test("a stall: the SDK gives the connection up and comes back", async () => {
    vi.useFakeTimers();
    const { flow, server } = serverOf(timed, { faults: [fault.stall({ afterEvent: 4 })] });
    const reading = collect(flow.events());
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await reading).at(-1)).toMatchObject({ type: "flow_completed" });
    expect(server.requests).toHaveLength(2);
  });

  test("byte by byte, doubled and unknown events change nothing that is told", async () => {
    const whole = await seen([]);
    for (const one of [fault.slow(), fault.duplicate(4), fault.unknownEvent(4)]) {
      expect((await seen([one])).logged).toEqual(whole.logged);
    }
    const { flow } = serverOf(timed, { faults: [fault.unknownEvent(4)] });
    expect(await collect(flow.events())).toContainEqual({
      type: "unknown",
      name: "step_sighed",
      data: { deeply: true },
    });
  });

  test("slow bytes take their time", async () => {
    vi.useFakeTimers();
    const { flow } = serverOf(timed, { faults: [fault.slow({ bytes: 500, every: 1_000 })] });
    let isDone = false;
    const reading = collect(flow.events()).finally(() => (isDone = true));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isDone).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await reading).at(-1)).toMatchObject({ type: "flow_completed" });
  });

  test("broken JSON is an error of its own", async () => {
    await expect(seen([fault.malformed(4)])).rejects.toMatchObject({ name: "StreamDecodeError" });
  });

  test.each([
    ["429 with Retry-After", fault.status(429, { code: "RATE_LIMITED", retryAfter: 1 })],
    ["503 before the run", fault.status(503, { code: "SHUTTING_DOWN" })],
    ["502 after the run was made", fault.status(502, { html: true, hasRun: true })],
    ["a lost answer", fault.lostAnswer()],
    ["a refused connection", fault.refused()],
  ])("%s: the SDK asks again, and there is one run", async (_, one) => {
    const { flow, server, noukai } = serverOf(timed, { faults: [one] });
    expect(await flow.execute({ message: "kat" })).toMatchObject({ result: { text: "Die 😀Kätzchen" } });
    expect(server.requests).toHaveLength(2);
    expect(new Set(server.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect((await noukai.runs.list()).items).toHaveLength(1);
  });

  test("a lost answer of a stream: the run is joined, and its text is whole", async () => {
    const { text, server } = await seen([fault.lostAnswer()]);
    expect(text).toEqual({ check: "Die 😀Kätzchen" });
    expect(server.requests).toHaveLength(2);
  });

  test("a page instead of an answer is an error with its status, and stays out of the message", async () => {
    const { flow } = serverOf(timed, { faults: [fault.status(403, { html: true })] });
    const thrown = await flow.execute().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: "PermissionDeniedError", statusCode: 403 });
    expect(String(thrown)).not.toContain("<");
  });

  test("wait for the request that they fit, and are missed when none comes", async () => {
    const { flow, server } = serverOf(timed, { faults: [fault.none()] });
    server.inject(fault.malformed(2));
    await flow.execute();
    await flow.execute();
    expect(() => server.assertDone()).toThrow("a fault (malform) met no request");
    await expect(collect(flow.events())).rejects.toMatchObject({ name: "StreamDecodeError" });
  });
});
