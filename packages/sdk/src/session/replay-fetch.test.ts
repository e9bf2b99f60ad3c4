import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import type { SessionExecution, SessionStep } from "@noukai/core/schema";
import { clientOf } from "../../test/recorded-run.ts";
import {
  type ExecuteOptions,
  type Fetch,
  FlowExecutionError,
  InsufficientCreditsError,
  type Noukai,
  ReplayLeftoverError,
  ReplayMissError,
  replayScope,
  type Session,
  type StreamEvent,
} from "../index.ts";

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const GONE = "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31";

beforeEach(() => void vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1"));
afterEach(() => void vi.unstubAllEnvs());

function step(stepId: string, members: Partial<SessionStep> = {}): SessionStep {
  return {
    stepId,
    attempt: 1,
    loopIndex: null,
    status: "completed",
    startedAt: "2026-11-20T09:30:12.481Z",
    completedAt: "2026-11-20T09:30:13.702Z",
    durationMs: 1221,
    inputSnapshot: { message: "kat" },
    outputSnapshot: { text: `by ${stepId}` },
    errorSnapshot: null,
    truncated: false,
    ...members,
  };
}

function run(executionId: string, members: Partial<SessionExecution> = {}): SessionExecution {
  return {
    executionId,
    flowId: "f",
    slug: "grade-3",
    triggerType: "execute",
    status: "completed",
    startedAt: null,
    completedAt: null,
    traceCaptureMode: "full",
    snapshotsAvailable: true,
    errorAtStep: null,
    steps: [step("check"), step("last", { outputSnapshot: { of: executionId } })],
    ...members,
  };
}

function failed(executionId: string, code: string, members: Partial<SessionExecution> = {}): SessionExecution {
  const errorSnapshot = { code, message: "The model said no." };
  const steps = [step("check"), step("last", { status: "failed", outputSnapshot: null, errorSnapshot })];
  return run(executionId, { status: "failed", errorAtStep: "last", steps, ...members });
}

/** A client whose server has sessions to give, and nothing else: any other request fails the test. */
function holding(executions: readonly SessionExecution[], sessions: Readonly<Record<string, SessionExecution[]>> = {}) {
  const fetched: string[] = [];
  const client = clientOf((request) => {
    const id = /\/seq\/sessions\/(.*)$/.exec(request.url)?.[1];
    if (id === undefined) throw new Error(`The network was asked: ${request.url}`);
    fetched.push(id);
    return Response.json({ sessionId: id, executions: sessions[id] ?? executions });
  });
  return { client, fetched };
}

function replay<Result>(
  executions: readonly SessionExecution[],
  fn: (client: Noukai, session: Session) => Result | Promise<Result>,
): Promise<Result> {
  const { client } = holding(executions);
  return replayScope((session) => fn(client, session), { client, replaySessionId: SESSION });
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  return Array.fromAsync(events);
}

describe("execute", () => {
  test("the Nth call of a slug takes the Nth recording, whatever it is called with and whichever version", async () => {
    const recorded = [run("a1"), run("b1", { slug: "title" }), run("a2")];
    const calls: readonly (readonly [string, ExecuteOptions])[] = [
      ["grade-3", { message: "another" }],
      ["acme/elsewhere/grade-3", { version: 3 }],
      ["title", { version: "production" }],
    ];
    const answers = await replay(recorded, (client) =>
      Promise.all(calls.map(([slug, options]) => client.flow(slug).execute(options))),
    );
    expect(answers.map(({ executionId }) => executionId)).toEqual(["a1", "a2", "b1"]);
    expect(answers[0]).toMatchObject({ result: { of: "a1" }, flowId: "f", blockCount: 2, requiresToolCalls: false });
  });

  test("a call that is made twice under one key is one call", async () => {
    await replay([run("a1"), run("a2")], async (client) => {
      const keyed = () => client.flow("grade-3").execute({ idempotencyKey: "once" });
      const ids = [await keyed(), await keyed(), await client.flow("grade-3").execute()];
      expect(ids.map(({ executionId }) => executionId)).toEqual(["a1", "a1", "a2"]);
    });
  });

  test("calls side by side take their recordings in the order in which they were made", async () => {
    const recorded = ["1", "2", "3"].map((id) => run(id));
    const messages = ["x".repeat(500_000), "y", "z".repeat(50_000)];
    const answers = await replay(recorded, (client) =>
      Promise.all(messages.map((message) => client.flow("grade-3").execute({ message }))),
    );
    expect(answers.map(({ executionId }) => executionId)).toEqual(["1", "2", "3"]);
  });

  test.each([
    ["MODEL_PROVIDER_ERROR", 422, FlowExecutionError],
    ["CREDITS_EXHAUSTED", 402, InsufficientCreditsError],
    ["CANCELLED", 409, FlowExecutionError],
  ])("a run that failed with %s fails likewise", async (code, statusCode, ErrorClass) => {
    await replay([failed("a1", code)], async (client) => {
      const answer = client.flow("grade-3").execute();
      await expect(answer).rejects.toBeInstanceOf(ErrorClass);
      await expect(answer).rejects.toMatchObject({ code, statusCode, executionId: "a1" });
      await expect(answer).rejects.toThrow("The model said no.");
    });
  });

  test("a failure whose reason was not recorded is one all the same", async () => {
    const bare = failed("a1", "", { errorAtStep: null, steps: [] });
    const cancelled = run("a2", { status: "cancelled" });
    await replay([bare, cancelled], async (client) => {
      await expect(client.flow("grade-3").execute()).rejects.toMatchObject({ code: "STEP_FAILED", statusCode: 422 });
      await expect(client.flow("grade-3").execute()).rejects.toMatchObject({ code: "CANCELLED", statusCode: 409 });
    });
  });

  test("what older servers kept beside an output is not part of it", async () => {
    const steps = [step("last", { outputSnapshot: { text: "x", __rendered_prompt__: "secret" } })];
    const answer = await replay([run("a1", { steps })], (client) => client.flow("grade-3").execute());
    expect(answer).toMatchObject({ result: { text: "x" } });
    expect(answer).not.toHaveProperty("result.__rendered_prompt__");
  });
});

describe("recordings of deleted flows", () => {
  const gone = { slug: null, flowId: GONE };

  test("are found by the flow's id", async () => {
    const recorded = [run("a1", { ...gone, flowId: "other" }), run("a2", gone)];
    const { client } = holding(recorded);
    const answer = replayScope(() => client.flow(GONE).execute(), { client, replaySessionId: SESSION });
    await expect(answer).rejects.toThrow(ReplayLeftoverError);
    await replay(recorded.slice(1), async (same) => {
      expect(await same.flow(GONE).execute()).toMatchObject({ executionId: "a2" });
    });
  });

  test("are those of a slug that nothing else can be", async () => {
    await replay([run("a1", gone), run("b1", { slug: "title" }), run("a2", gone)], async (client) => {
      const ids = [
        await client.flow("title").execute(),
        await client.flow("once").execute(),
        await client.flow("once").execute(),
      ];
      expect(ids.map(({ executionId }) => executionId)).toEqual(["b1", "a1", "a2"]);
      await expect(client.flow("another").execute()).rejects.toThrow(ReplayMissError);
    });
  });

  test("are missed when two flows could be meant, saying what to do", async () => {
    const { client } = holding([run("a1", gone), run("b1", { ...gone, flowId: "other" })]);
    const answer = replayScope(() => client.flow("once").execute(), { client, replaySessionId: SESSION });
    await expect(answer).rejects.toThrow("2 of its recordings are of deleted flows");
  });
});

describe("events and steps", () => {
  const streamed = { triggerType: "step" } as const;

  test("tell the recorded run, numbered as a log, with text in one piece", async () => {
    const handedOn = { inputSnapshot: { text: "by check" }, outputSnapshot: { text: "by check" } };
    const steps = [step("check"), step("keep", handedOn)];
    const events = await replay([run("s1", { ...streamed, steps })], (client) =>
      collect(client.flow("grade-3").events({ message: "kat" })),
    );
    const figures = { durationMs: 1221, tokens: { prompt: 0, completion: 0, total: 0 }, costUsd: "0" };
    expect(events).toEqual([
      { type: "run_started", seq: 1, runId: "s1", executionId: "s1", flowId: "f", stepCount: 2 },
      { type: "step_started", seq: 2, stepId: "check", name: "check", stepIndex: 0 },
      { type: "step_input", seq: 3, stepId: "check", inputData: { message: "kat" } },
      { type: "step_output", stepId: "check", attempt: 1, loopPath: [], offset: 0, outputData: { delta: "by check" } },
      {
        type: "step_completed",
        seq: 4,
        stepId: "check",
        name: "check",
        output: { text: "by check" },
        stepIndex: 0,
        ...figures,
      },
      { type: "step_started", seq: 5, stepId: "keep", name: "keep", stepIndex: 1 },
      { type: "step_input", seq: 6, stepId: "keep", inputData: { text: "by check" } },
      {
        type: "step_completed",
        seq: 7,
        stepId: "keep",
        name: "keep",
        output: { text: "by check" },
        stepIndex: 1,
        ...figures,
      },
      {
        type: "flow_completed",
        seq: 8,
        runId: "s1",
        executionId: "s1",
        result: { text: "by check" },
        summary: { ...figures, durationMs: 2442, stepCount: 2 },
      },
    ]);
  });

  test("end with the recorded failure: an event of the stream, an error of the steps", async () => {
    await replay([failed("s1", "CODE_ERROR", streamed), failed("s2", "CODE_ERROR", streamed)], async (client) => {
      const events = await collect(client.flow("grade-3").events());
      expect(events.at(-1)).toMatchObject({ type: "step_error", stepId: "last", error: { code: "CODE_ERROR" } });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { stepId } of client.flow("grade-3").steps()) seen.push(stepId);
      })();
      await expect(reading).rejects.toMatchObject({ code: "CODE_ERROR" });
      expect(seen).toEqual(["check"]);
    });
  });

  test("a run that failed outside of its steps ends with its last one's error", async () => {
    const steps = [step("check")];
    const cancelled = run("s1", { ...streamed, status: "cancelled", errorAtStep: "last", steps });
    const events = await replay([cancelled], (client) => collect(client.flow("grade-3").events()));
    expect(events.map(({ type }) => type).slice(-2)).toEqual(["step_completed", "step_error"]);
    expect(events.at(-1)).toMatchObject({ stepId: "last", error: { code: "CANCELLED" } });
  });

  test("are counted apart from execute", async () => {
    await replay([run("a1"), run("s1", streamed)], async (client) => {
      const events = await collect(client.flow("grade-3").events());
      expect(events[0]).toMatchObject({ executionId: "s1" });
      expect(await client.flow("grade-3").execute()).toMatchObject({ executionId: "a1" });
    });
  });

  test("walk segment by segment where the program does, in one numbering", async () => {
    await replay([run("s1", streamed)], async (_client, session) => {
      const first = await segment(session, {});
      expect(first).toMatch(/^id: 1\nevent: run_started\n/);
      expect(names(first)).toEqual([
        "run_started",
        "step_started",
        "step_input",
        "step_output",
        "step_completed",
        "step_paused",
      ]);
      expect(first).toContain('data: {"stepId":"check","stepIndex":0,"nextStepIndex":1}');
      const second = await segment(session, { executionId: "s1", stepIndex: 1 });
      expect(second).toMatch(/^event: run_started\n/);
      expect(numbers(first + second)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(names(second).at(-1)).toBe("flow_completed");
      expect(await segment(session, { executionId: "s1", stepIndex: 1 })).toBe(second);
      await expect(segment(session, { executionId: "s1", stepIndex: 2 })).rejects.toThrow(ReplayMissError);
    });
  });

  async function segment(session: Session, body: object): Promise<string> {
    const url = "https://server.test/api/v1/seq/acme/spelling/grade-3/v0/step";
    const response = await session.fetch?.(new Request(url, { method: "POST", body: JSON.stringify(body) }));
    return response!.text(); // a replay's session has a `fetch`
  }

  function names(text: string): readonly (string | undefined)[] {
    return [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  }

  function numbers(text: string): readonly number[] {
    return [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
  }
});

describe("a replayed run", () => {
  test("has its trace and its live trace, by its flow and by its id alone", async () => {
    await replay([run("a1")], async (client) => {
      const flow = client.flow("grade-3");
      await flow.execute();
      const trace = await flow.run("a1").trace();
      expect(await client.run("a1").trace()).toEqual(trace);
      expect(trace.flowRun).toMatchObject({
        id: "a1",
        status: "completed",
        durationMs: 2442,
        stepCount: 2,
        totalCostUsd: null,
      });
      expect(trace.steps[0]).toMatchObject({
        stepId: "check",
        inputContext: { message: "kat" },
        outputContext: { text: "by check" },
        inputSizeBytes: 17,
        costUsd: null,
      });
      const live = await collect(client.run("a1").liveTrace());
      expect(live.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect((await collect(client.run("a1").liveTrace({ after: 6 }))).map(({ seq }) => seq)).toEqual([7, 8]);
    });
  });

  test("has the trace of a step, the recorded attempt alone, and its summary", async () => {
    const steps = [step("check", { attempt: 2 })];
    await replay([run("a1", { steps })], async (client, session) => {
      await client.flow("grade-3").execute();
      const get = async (path: string): Promise<unknown> => {
        const response = await session.fetch?.(new Request(`https://server.test/api/v1/flow-runs/a1${path}`));
        return response?.ok ? response.json() : response?.status;
      };
      expect(await get("/steps/check/trace")).toMatchObject({ stepId: "check", attempt: 2 });
      expect(await get("/steps/check/trace?attempt=2")).toMatchObject({ attempt: 2 });
      expect(await get("/steps/check/trace?attempt=all")).toMatchObject({ attempts: [{ attempt: 2 }] });
      expect(await get("/steps/check/trace?attempt=1")).toBe(404);
      expect(await get("/steps/other/trace")).toBe(404);
      expect(await get("")).toMatchObject({
        status: "completed",
        result: { text: "by check" },
        error: null,
        pause: null,
      });
    });
  });

  test("is resumed to its recorded end: pauses are not part of a recording", async () => {
    await replay([run("a1")], async (_client, session) => {
      const body = JSON.stringify({ executionId: "a1", pausedAtStep: "last", toolCallMessages: [] });
      const url = "https://server.test/api/v1/seq/acme/spelling/grade-3/v0/execute";
      const response = await session.fetch?.(new Request(url, { method: "POST", body }));
      expect(await response?.json()).toMatchObject({ status: "completed", executionId: "a1" });
    });
  });

  test("can be cancelled to no effect", async () => {
    await replay([run("a1")], async (client, session) => {
      await client.flow("grade-3").execute({ idempotencyKey: "k" });
      const post = (path: string, body: object) =>
        session.fetch?.(
          new Request(`https://server.test/api/v1/seq/acme/spelling/grade-3/runs/${path}`, {
            method: "POST",
            body: JSON.stringify(body),
          }),
        );
      const answers = [await post("a1/cancel", {}), await post("cancel", { idempotencyKey: "k" })];
      for (const answer of answers) {
        expect(answer?.status).toBe(202);
        expect(await answer?.json()).toEqual({ executionId: "a1", status: "completed" });
      }
      await expect(post("cancel", { idempotencyKey: "other" })).rejects.toThrow(ReplayMissError);
    });
  });
});

describe("what was not recorded", () => {
  test("is a ReplayMissError that counts, asked once and never of the network", async () => {
    const { client, fetched } = holding([run("a1")]);
    const replayed = replayScope(
      async () => {
        await client.flow("grade-3").execute();
        await client.flow("grade-3").execute();
      },
      { client, replaySessionId: SESSION },
    );
    await expect(replayed).rejects.toMatchObject({ name: "ReplayMissError", code: "REPLAY_MISS" });
    await expect(replayed).rejects.toThrow('call 2 of "grade-3" by execute');
    expect(fetched).toEqual([SESSION]);
  });

  test.each([
    ["another run's trace", (client: Noukai) => client.run("nope").trace()],
    ["a stream of a flow that was executed", (client: Noukai) => client.flow("grade-3").events().next()],
    ["another flow", (client: Noukai) => client.flow("title").execute()],
  ])("%s is missed", async (_name, call) => {
    await replay([run("a1")], async (client) => {
      await expect(call(client)).rejects.toThrow(ReplayMissError);
      await client.flow("grade-3").execute();
    });
  });

  test("jobs cannot be replayed, and say so", async () => {
    await replay([], async (_client, session) => {
      const url = "https://server.test/api/v1/seq/acme/spelling/grade-3";
      const jobs = [new Request(`${url}/v0/jobs`, { method: "POST", body: "{}" }), new Request(`${url}/jobs/a1`)];
      for (const request of jobs) {
        await expect(session.fetch?.(request)).rejects.toThrow("Jobs cannot be replayed");
      }
      await expect(session.fetch?.(new Request("https://server.test/api/v1/flow-runs"))).rejects.toThrow(
        ReplayMissError,
      );
    });
  });

  test("recordings that nobody asked for are a ReplayLeftoverError, when the callback succeeded", async () => {
    const recorded = [run("a1"), run("b1", { slug: "title", triggerType: "step" })];
    const leftover = replay(recorded, (client) => client.flow("grade-3").execute());
    await expect(leftover).rejects.toMatchObject({ name: "ReplayLeftoverError", code: "REPLAY_LEFTOVER" });
    await expect(leftover).rejects.toThrow("1 unconsumed");
    await expect(leftover).rejects.toThrow("title (step)");
    const boom = new Error("boom");
    await expect(replay(recorded, () => Promise.reject(boom))).rejects.toBe(boom);
  });
});

describe("other sessions in a replay", () => {
  const OTHER = "00000000-0000-4000-8000-000000000001";

  test("a call that names one is answered from that one, and takes nothing of the scope's", async () => {
    const { client, fetched } = holding([run("a1")], { [OTHER]: [run("o1"), run("o2")] });
    const answers = await replayScope(
      async () => [
        await client.flow("grade-3").execute({ sessionId: OTHER }),
        await client.flow("grade-3").execute(),
        await client.flow("grade-3").execute({ sessionId: OTHER }),
      ],
      { client, replaySessionId: SESSION },
    );
    expect(answers.map(({ executionId }) => executionId)).toEqual(["o1", "a1", "o2"]);
    expect(fetched).toEqual([SESSION, OTHER]);
  });

  test("later calls for its runs find it again, though they do not name it", async () => {
    const { client } = holding([], { [OTHER]: [run("o1")] });
    await replayScope(
      async () => {
        await client.flow("grade-3").execute({ sessionId: OTHER });
        expect((await client.run("o1").trace()).flowRun.id).toBe("o1");
      },
      { client, replaySessionId: SESSION },
    );
  });

  test("a replay within a replay fetches its own recording", async () => {
    const { client } = holding([run("a1")], { [OTHER]: [run("o1")] });
    await replayScope(
      async () => {
        const inner = await replayScope(() => client.flow("grade-3").execute(), { client, replaySessionId: OTHER });
        expect(inner).toMatchObject({ executionId: "o1" });
        expect(await client.flow("grade-3").execute()).toMatchObject({ executionId: "a1" });
      },
      { client, replaySessionId: SESSION },
    );
  });

  test("a call with a capturing session of its own goes to the server", async () => {
    const asked: (string | null)[] = [];
    const fetch: Fetch = (request) => {
      if (request.method === "GET") return Response.json({ sessionId: SESSION, executions: [] });
      asked.push(request.headers.get("x-session-id"));
      return Response.json({ status: "completed", result: {}, flowId: "f", blockCount: 1, executionId: "live" });
    };
    const client = clientOf(fetch);
    const session: Session = { mode: "capture", sessionId: OTHER };
    await replayScope(() => client.flow("grade-3").execute({ session }), { client, replaySessionId: SESSION });
    expect(asked).toEqual([OTHER]);
  });

  test("a client with a default session is replayed all the same", async () => {
    const { client } = holding([run("a1")]);
    const other = clientOf(() => expect.fail("The network was asked."), { sessionId: OTHER });
    const answer = await replayScope(() => other.flow("grade-3").execute(), { client, replaySessionId: SESSION });
    expect(answer).toMatchObject({ executionId: "a1" });
  });

  test.each(["execute", "events"] as const)(
    "a call of %s that is aborted cancels nothing outside of its replay",
    async (name) => {
      const controller = new AbortController();
      const cancelled = vi.fn((_request: Request) => new Promise<Response>(() => {}));
      const session: Session = { mode: "replay", sessionId: SESSION, fetch: cancelled };
      const { client, fetched } = holding([]);
      const flow = client.flow("grade-3");
      const options = { session, signal: controller.signal };
      const call = name === "execute" ? flow.execute(options) : flow.events(options).next();
      await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce());
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: "ABORTED" });
      expect(cancelled.mock.lastCall?.[0].url).toContain("/runs/cancel");
      expect(fetched).toEqual([]);
    },
  );

  test("the session itself can be handed on where nothing is ambient", async () => {
    const { client } = holding([run("a1")]);
    const session = await new Promise<Session>((resolve) => {
      void replayScope((given) => resolve(given), { client, replaySessionId: SESSION }).catch(() => {});
    });
    expect(await client.flow("grade-3").execute({ session })).toMatchObject({ executionId: "a1" });
    expect((await client.run("a1").trace({ session })).flowRun.id).toBe("a1");
    expect((await collect(client.run("a1").liveTrace({ session }))).at(-1)?.type).toBe("flow_completed");
  });
});

describe("calls that are made in an order", () => {
  const streams = [
    run("a1", { triggerType: "step" }),
    run("a2", { triggerType: "step" }),
    run("a3", { triggerType: "step" }),
  ];

  test("take their recordings in it, whatever a stream has to load before it is sent", async () => {
    const taken = await replay(streams, async (client) => {
      const flow = client.flow("grade-3");
      const made = [
        flow.events({ stepwise: true, tools: [{ type: "function", function: { name: "a" } }] }),
        flow.events({ message: "plain" }),
        flow.events({ parameters: { deep: { a: 1 } } }),
      ];
      await Promise.all(made.map((stream) => stream.result()));
      return made.map(({ executionId }) => executionId);
    });
    expect(taken).toEqual(["a1", "a2", "a3"]);
  });

  test("take them so around one that is refused, and with a plain one first", async () => {
    const taken = await replay(streams, async (client) => {
      const flow = client.flow("grade-3");
      const input = z.object({}).refine(() => new Promise((resolve) => setTimeout(resolve, 5, true)));
      const made = [flow.events(), client.flow("grade-3", { input }).events(), flow.events({ stepwise: true })];
      const refused = flow.events({ maxToolRounds: 0 });
      const read = [made[0], made[1], refused, made[2]].map((stream) => stream?.result());
      const settled = await Promise.allSettled(read);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
      return made.map(({ executionId }) => executionId);
    });
    expect(taken).toEqual(["a1", "a2", "a3"]);
  });

  test("take them so when a schema reads the input of the first for a while", async () => {
    const slow = z.object({ message: z.string().refine(() => new Promise((resolve) => setTimeout(resolve, 5, true))) });
    const taken = await replay([run("a1"), run("a2")], async (client) =>
      Promise.all([
        client.flow("grade-3", { input: slow }).execute({ message: "a" }),
        client.flow("grade-3").execute(),
      ]),
    );
    expect(taken.map(({ executionId }) => executionId)).toEqual(["a1", "a2"]);
  });

  test("do not wait for each other when one is made on the way to another", async () => {
    const taken = await replay(streams, async (client) => {
      const flow = client.flow("grade-3");
      const validate = async (value: unknown) => ({ value, asked: await flow.events().result() });
      const asking: StandardSchemaV1<{ message: string }> = {
        "~standard": { version: 1, vendor: "own", validate },
      } as never; // gives what it is given
      const typed = client.flow("grade-3", { input: asking }).events({ message: "a" });
      const later = flow.events();
      await Promise.all([typed.result(), later.result()]);
      return later.executionId;
    });
    expect(["a2", "a3"]).toContain(taken);
  });
});
