import { CallScope, type Exchange, resolveConfig, Transport, type WireClient, type WireInit } from "@noukai/core";
import type { ExecuteRequest, JobRequest, StepRequest } from "@noukai/core/schema";
import { describePostgres } from "@noukai/postgres-for-tests";
import { beforeEach, describe, expect, test } from "vitest";
import type { StartOptions } from "../src/index.ts";
import { startTestServer, weatherTools } from "./harness.ts";

const flows = {
  "acme/spelling/asking.yaml": `
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`,
  "acme/spelling/slow.yaml": `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`,
};

/** The SDK's transport on a server in this process, one call at a time. */
class Wire {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async json<Data>(
    send: (client: WireClient, init: WireInit) => Promise<Exchange<Data>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Data> {
    const { data } = await this.#transport.json({ scope: scope(), headers }, send);
    return data;
  }

  /** The names and ids of a stream's frames, and each frame's data. */
  async frames(
    send: (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>>,
  ): Promise<readonly { readonly name: string; readonly id: string | undefined; readonly data: unknown }[]> {
    const { frames } = await this.#transport.stream({ scope: scope(), headers: {} }, send);
    const read = [];
    for (let next = await frames.next(); next !== undefined; next = await frames.next()) {
      for (const { event = "message", id, data } of next) read.push({ name: event, id, data: JSON.parse(data) });
    }
    frames.close();
    return read;
  }
}

function scope(): CallScope {
  return new CallScope({ operation: "a call", signals: [], timeoutMs: 10_000, billed: "no" });
}

type ExecuteTools = NonNullable<ExecuteRequest["tools"]>;
const tools = weatherTools as ExecuteTools; // as: literals that are wider there

const asking = { org: "acme", project: "spelling", flow: "asking" };
const slow = { ...asking, flow: "slow" };

let wire: Wire;

/** A server in this process, and the SDK's transport on it. */
async function connect(options: StartOptions): Promise<Wire> {
  const server = await startTestServer({ flows, ...options });
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => server.app.fetch(new Request(input, init));
  return new Wire(new Transport(resolveConfig({ apiKey: server.key, baseUrl: "http://localhost/api/v1", fetch })));
}

function execute(body: ExecuteRequest, headers?: Readonly<Record<string, string>>) {
  return wire.json(
    (client, init) => client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, params: { path: asking }, body }),
    headers,
  );
}

function step(body: StepRequest) {
  return wire.frames((client, init) =>
    client.POST("/seq/{org}/{project}/{flow}/step", { ...init, params: { path: asking }, body }),
  );
}

function submit(flow: typeof asking, body: JobRequest, headers?: Readonly<Record<string, string>>) {
  return wire.json(
    (client, init) => client.POST("/seq/{org}/{project}/{flow}/jobs", { ...init, params: { path: flow }, body }),
    headers,
  );
}

function jobOf(flow: typeof asking, executionId: string) {
  return wire.json((client, init) =>
    client.GET("/seq/{org}/{project}/{flow}/jobs/{executionId}", {
      ...init,
      params: { path: { ...flow, executionId } },
    }),
  );
}

async function pausedRun(headers?: Readonly<Record<string, string>>) {
  const paused = await execute({ message: "The weather?", tools }, headers);
  if (paused.status !== "tool_calls_required") throw new Error(`It is ${paused.status}.`);
  const results = paused.toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "sunny" }));
  const { executionId, pausedAtStep } = paused;
  return { paused, resume: { executionId, pausedAtStep, toolCallMessages: [...paused.toolCallMessages, ...results] } };
}

describe("through the SDK's transport, on the embedded store", () => {
  beforeEach(async () => {
    wire = await connect({});
  });
  tests();
});

describePostgres("through the SDK's transport, on PostgreSQL", (postgres) => {
  beforeEach(async () => {
    const { url, drop } = await postgres.createDatabase();
    wire = await connect({ databaseUrl: url });
    return drop;
  });
  tests();
});

function tests(): void {
  test("a run pauses for tools and is resumed; an equal resume gets the same answer, another one is refused", async () => {
    const { resume } = await pausedRun();
    const finished = await execute(resume);
    expect(finished).toMatchObject({ status: "completed", result: { text: expect.stringContaining("sunny") } });
    expect(await execute(resume)).toEqual(finished);
    const changed = {
      ...resume,
      toolCallMessages: resume.toolCallMessages.map((message) => ({ ...message, content: "rainy" })),
    };
    await expect(execute(changed)).rejects.toMatchObject({ statusCode: 409, code: "ALREADY_RESUMED" });
  });

  test("a run is walked step by step, with a pause for tools in its first segment", async () => {
    const first = await step({ message: "The weather?", tools });
    const pause = first.at(-1);
    if (pause?.name !== "step_paused_for_tool_calls") throw new Error(`It ended with ${pause?.name}.`);
    const { executionId, toolCalls, toolCallMessages } = pause.data as Awaited<ReturnType<typeof pausedRun>>["paused"]; // as: the contract's tests hold the shape
    const results = toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "sunny" }));
    const resumed = await step({ executionId, stepIndex: 0, toolCallMessages: [...toolCallMessages, ...results] });
    expect(resumed.flatMap(({ name, id }) => (id === undefined ? [] : [name]))).toEqual([
      "step_resumed",
      "step_completed",
      "step_paused",
    ]);
    expect(resumed.at(-1)).toMatchObject({ name: "step_paused", data: { stepId: "ask", nextStepIndex: 1 } });
    const last = await step({ executionId, stepIndex: 1 });
    expect(last[0]).toMatchObject({ name: "run_started", id: undefined });
    expect(last.at(-1)).toMatchObject({
      name: "flow_completed",
      data: { result: { text: expect.stringContaining("sunny") } },
    });
    const logged = await step({ executionId, stepIndex: 1 });
    const idsOf = (frames: typeof last) => frames.flatMap(({ id }) => id ?? []);
    expect(idsOf(logged)).toEqual(idsOf(last));
  });

  test("a job runs to its result, one is cancelled in the middle of its model call, and a key cancels what it made", async () => {
    const { executionId } = await submit(asking, { message: "hello" });
    await expect
      .poll(() => jobOf(asking, executionId))
      .toMatchObject({ status: "completed", result: { text: "After: hello" } });

    const stuck = await submit(slow, { message: "hello" });
    await expect.poll(() => jobOf(slow, stuck.executionId)).toMatchObject({ status: "running" });
    const path = { ...slow, executionId: stuck.executionId };
    await wire.json((client, init) =>
      client.POST("/seq/{org}/{project}/{flow}/jobs/{executionId}/cancel", { ...init, params: { path } }),
    );
    expect(await jobOf(slow, stuck.executionId)).toMatchObject({
      status: "failed",
      error: "cancelled",
      state: "cancelled",
    });

    const keyed = await submit(slow, { message: "hello" }, { "idempotency-key": "of-the-job" });
    expect(await submit(slow, { message: "hello" }, { "idempotency-key": "of-the-job" })).toEqual(keyed);
    const body = { idempotencyKey: "of-the-job" };
    await wire.json((client, init) =>
      client.POST("/seq/{org}/{project}/{flow}/runs/cancel", { ...init, params: { path: slow }, body }),
    );
    expect(await jobOf(slow, keyed.executionId)).toMatchObject({ state: "cancelled" });
  });

  test("a session tells its runs, and the list of runs its pages", async () => {
    const sessionId = "0199e01b-55c3-4d1a-8f20-0c4b7e9a6d31";
    const { paused, resume } = await pausedRun({ "x-session-id": sessionId });
    await execute({ ...resume, trace: true });
    const session = await wire.json((client, init) =>
      client.GET("/seq/sessions/{sessionId}", { ...init, params: { path: { sessionId } } }),
    );
    expect(session.executions).toMatchObject([
      {
        executionId: paused.executionId,
        slug: "asking",
        status: "completed",
        steps: [{ stepId: "ask" }, { stepId: "last" }],
      },
    ]);

    for (const message of ["one", "two", "three"]) await submit(asking, { message });
    const page = (cursor?: string) =>
      wire.json((client, init) =>
        client.GET("/flow-runs", { ...init, params: { query: { limit: 3, ...(cursor !== undefined && { cursor }) } } }),
      );
    const newest = await page();
    const oldest = await page(newest.nextCursor ?? "none");
    expect([...newest.items, ...oldest.items].map(({ triggerType }) => triggerType)).toEqual([
      "job",
      "job",
      "job",
      "execute",
    ]);
    expect(oldest.nextCursor).toBeNull();
  });
}
