import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, test } from "vitest";
import { createCluster, type Cluster, follow, foldTexts, kill, type Node, runsInWork } from "./cluster.ts";
import { executions } from "./executions.ts";
import { logged, parseFrames, refusal, seq, weatherTools } from "./harness.ts";

const flows = {
  "acme/spelling/quick.yaml": `
steps:
  - { id: keep, type: passthrough }
  - { id: say, type: llm, model: noukai/echo, prompt: "{{message}}" }
`,
  "acme/spelling/slow.yaml": `
steps:
  - { id: first, type: llm, model: "noukai/echo?deltaMs=40", prompt: "{{message}} one two three four five six seven eight nine ten eleven twelve" }
  - { id: second, type: llm, model: "noukai/echo?deltaMs=100", prompt: "{{initial.message}} one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty" }
  - { id: third, type: passthrough }
`,
  "acme/spelling/endless.yaml": `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`,
  "acme/spelling/asking.yaml": `
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`,
};

const timeout = 90_000;

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>; // every answer is an object
}

describePostgres("server processes of different roles on one PostgreSQL", (postgres) => {
  async function start(...roles: readonly Node["role"][]): Promise<Cluster & { readonly nodes: readonly Node[] }> {
    const cluster = await createCluster(postgres, flows);
    const nodes = await Promise.all(roles.map((role) => cluster.start(role)));
    return { ...cluster, nodes };
  }

  test(
    "an api node takes calls and works off none; a worker works and answers nothing but probes",
    { timeout },
    async () => {
      const { nodes, store } = await start("api", "worker");
      const [api, worker] = nodes as [Node, Node]; // as many as were started
      const executed = await api.request("POST", `${seq}/quick/execute`, { body: { message: "hello" } });
      const { executionId, result } = await bodyOf(executed);
      expect([executed.status, result]).toEqual([200, { text: "hello" }]);
      expect(await store.run(String(executionId))).toMatchObject({ status: "completed", epoch: 1, losses: 0 });
      const stepped = await api.request("POST", `${seq}/quick/step`, {
        body: { message: "hello", runRemaining: true },
      });
      expect(parseFrames(await stepped.text()).at(-1)?.event).toBe("flow_completed");
      for (const path of ["/healthz", "/readyz", "/metrics"])
        expect((await worker.request("GET", path)).status).toBe(200);
      for (const path of [`${seq}/quick/execute`, "/reference", "/api/v1/keys/verify"]) {
        expect(await refusal(await worker.request("GET", path))).toBe("404 ROUTE_NOT_FOUND");
      }
      expect(await (await worker.request("GET", "/api/v1/keys/verify")).text()).toContain("NOUKAI_ROLE");
      expect(worker.stdout()).toContain("(worker) listens on");
    },
  );

  test("a call with a key is one run, whichever node it reaches, also at the same moment", { timeout }, async () => {
    const { nodes } = await start("api", "api", "worker");
    const [first, second] = nodes as [Node, Node, Node]; // as many as were started
    const call = (node: Node, message: string): Promise<Response> =>
      node.request("POST", `${seq}/quick/execute`, { body: { message }, headers: { "idempotency-key": "call-1" } });
    const answers = await Promise.all([first, second, first, second].map((node) => call(node, "hello")));
    const bodies = await Promise.all(answers.map(bodyOf));
    expect(new Set(bodies.map(({ executionId }) => executionId)).size).toBe(1);
    expect(bodies.map(({ result }) => result)).toEqual(bodies.map(() => ({ text: "hello" })));
    expect(await refusal(await call(second, "something else"))).toBe("422 IDEMPOTENCY_KEY_REUSED");
  });

  test("tool calls are answered on another node than the one that asked for them", { timeout }, async () => {
    const { nodes, log } = await start("api", "api", "worker");
    const [first, second] = nodes as [Node, Node, Node]; // as many as were started
    const asked = await first.request("POST", `${seq}/asking/execute`, {
      body: { message: "weather", tools: weatherTools },
    });
    const pause = await bodyOf(asked);
    expect(pause).toMatchObject({ status: "tool_calls_required", pausedAtStep: "ask" });
    const calls = pause["toolCalls"] as readonly { readonly id: string }[]; // what the contract says of them
    const answers = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "rain" }));
    const toolCallMessages = [...(pause["toolCallMessages"] as readonly unknown[]), ...answers]; // likewise
    const { executionId, pausedAtStep } = pause;
    const body = { executionId, pausedAtStep, toolCallMessages };
    const ends = await Promise.all(
      [second, first, second].map((node) => node.request("POST", `${seq}/asking/execute`, { body })),
    );
    for (const end of ends) expect(await bodyOf(end)).toMatchObject({ status: "completed", executionId });
    const events = await log(String(executionId));
    expect(events.filter(({ type }) => type === "step_retrying")).toEqual([]);
    expect(events.filter(({ type }) => type === "step_resumed")).toHaveLength(1);
  });

  test("the steps of a run are asked for on one node after the other, each of them once", { timeout }, async () => {
    const { nodes, log } = await start("api", "api", "worker");
    const step = async (index: number, body: object) =>
      parseFrames(await ((await nodes[index]?.request("POST", `${seq}/slow/step`, { body }))?.text() ?? ""));
    const frames = await step(0, { message: "hi" });
    expect(frames.at(-1)).toMatchObject({ event: "step_paused", data: { nextStepIndex: 1 } });
    const executionId = String(frames[0]?.data["executionId"]);
    const [second, again] = await Promise.all([
      step(1, { executionId, stepIndex: 1 }),
      step(0, { executionId, stepIndex: 1 }),
    ]);
    expect(logged(again)).toEqual(logged(second));
    expect(foldTexts(second).get("second")).toContain("hi one two");
    const third = await step(0, { executionId, stepIndex: 2 });
    expect(third.at(-1)?.event).toBe("flow_completed");
    const events = await log(executionId);
    expect(events.filter(({ type }) => type === "step_retrying")).toEqual([]);
    expect(events.filter(({ type }) => type === "step_started")).toHaveLength(3);
  });

  test("a run is cancelled on whatever node it is, also a queued one and an execution", { timeout }, async () => {
    const { nodes, store } = await start("api", "api", "worker");
    const [first, second, worker] = nodes as [Node, Node, Node]; // as many as were started
    const submit = async (): Promise<string> =>
      String(
        (await bodyOf(await first.request("POST", `${seq}/endless/jobs`, { body: { message: "hi" } })))["executionId"],
      );
    const cancel = async (runId: string) => second.request("POST", `${seq}/endless/runs/${runId}/cancel`);
    const held = await submit();
    await expect.poll(() => runsInWork(worker), { timeout: 10_000 }).toBe(1);
    expect(await bodyOf(await cancel(held))).toMatchObject({ executionId: held, status: "cancelled" });
    expect(await runsInWork(worker)).toBe(0);
    const flowId = (await store.run(held))?.flowId;
    const made = await bodyOf(
      await first.request("POST", executions, { body: { flow_id: flowId, input: { message: "hi" } } }),
    );
    await expect.poll(() => runsInWork(worker), { timeout: 10_000 }).toBe(1);
    await second.request("POST", `${executions}/${String(made["id"])}/cancel`);
    await expect.poll(() => runsInWork(worker)).toBe(0);
    expect(await store.execution(String(made["id"]))).toMatchObject({ status: "cancelled" });
    await kill(worker);
    const queued = await submit();
    expect(await bodyOf(await cancel(queued))).toMatchObject({ status: "cancelled" });
    expect(await store.run(queued)).toMatchObject({ status: "cancelled", epoch: 1 });
  });

  test("a project makes as many requests a minute as it may, whichever nodes it asks", { timeout }, async () => {
    const cluster = await createCluster(postgres, flows, { NOUKAI_LIMITS: '{"requestsPerMinute":60}' });
    const nodes = await Promise.all([cluster.start("api"), cluster.start("api")]);
    const path = "/api/v1/projects/acme/spelling/flows";
    const begunAt = performance.now();
    const statuses: (number | undefined)[] = [];
    for (let call = 0; call < 90; call++) statuses.push((await nodes[call % 2]?.request("GET", path))?.status);
    const seconds = Math.ceil((performance.now() - begunAt) / 1_000);
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(60);
    // One flows in each second.
    expect(answered).toBeLessThanOrEqual(60 + seconds);
    expect(statuses.filter((status) => status === 429)).toHaveLength(90 - answered);
  });

  test(
    "a stream on one node follows a run from a worker that is killed to the next: each event once, equal text",
    { timeout },
    async () => {
      const cluster = await start("api", "api", "worker", "worker");
      const [first, second, ...workers] = cluster.nodes as [Node, Node, Node, Node]; // as many as were started
      const stepped = await first.request("POST", `${seq}/slow/step`, { body: { message: "hi", runRemaining: true } });
      const runId = stepped.headers.get("x-noukai-execution-id") ?? "";
      const own = follow(stepped);
      await own.until(
        ({ event, data }) => event === "step_output" && data["stepId"] === "second" && data["offset"] !== 0,
      );
      const other = follow(await second.request("GET", `${seq}/slow/runs/${runId}/trace/stream`));
      const holder = await cluster.holderOf(runId, workers);
      await kill(holder);
      await Promise.all([own.end, other.end]);
      const log = await cluster.log(runId);
      expect(logged(own.frames).map(({ id }) => id)).toEqual(log.map(({ seq }) => seq));
      expect(logged(other.frames)).toEqual(logged(own.frames));
      expect(log.filter(({ type }) => type === "step_retrying")).toHaveLength(1);
      expect(log.at(-1)?.type).toBe("flow_completed");
      const text = foldTexts(own.frames).get("second");
      expect(text).toMatch(/^hi one .* twenty$/);
      expect(foldTexts(other.frames).get("second")).toBe(text);
      expect(await cluster.store.run(runId)).toMatchObject({ losses: 1, epoch: 2 });
    },
  );
});
