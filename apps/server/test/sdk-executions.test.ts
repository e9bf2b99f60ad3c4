import { setImmediate } from "node:timers/promises";
import {
  AuthenticationError,
  type CreatedExecution,
  type ExecutionChange,
  FlowExecutionError,
  FlowNotFoundError,
  Noukai,
  ValidationError,
} from "@noukai/sdk";
import { createTestServer, flow, type FlowScript, step } from "@noukai/sdk/testing";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import * as validators from "../src/generated/zod.gen.ts";
import { flowId } from "./executions.ts";
import { runsInWork, startTestServer, type TestServer } from "./harness.ts";
import { startCuttingProxy } from "./proxy.ts";

/** Thirty steps; the 28th fails for as long as the 27th gives what it gives by itself. */
const thirty = Array.from({ length: 30 }, (_, index) => {
  const [id, text] = [`s${index + 1}`, `s${index + 1} {{text}}`];
  const code = `if (text.startsWith("s27")) throw new Error("not like this"); return { text: "s28 " + text };`;
  return id === "s28"
    ? `  - { id: s28, type: code, code: '${code}', retry: { maxAttempts: 1 } }`
    : `  - { id: ${id}, type: llm, model: noukai/echo, prompt: "${index === 0 ? "s1 {{message}}" : text}" }`;
});
const flows = {
  "acme/spelling/thirty.yaml": `input: { type: object, properties: { message: { type: string } }, required: [message] }\nsteps:\n${thirty.join("\n")}\n`,
  "acme/spelling/slow.yaml": `
steps:
  - { id: first, type: passthrough }
  - { id: second, type: llm, model: "noukai/echo?deltaMs=5", prompt: "{{message}} one two three four" }
`,
  "acme/spelling/endless.yaml": `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`,
  "globex/spelling/slow.yaml": `
steps:
  - { id: first, type: passthrough }
`,
};

/** Never waits for long before it tries again. */
const hurried = {
  now: () => Date.now(),
  random: () => 0,
  sleep: async (_ms: number, signal: AbortSignal): Promise<void> => {
    await setImmediate();
    signal.throwIfAborted();
  },
};

function clientOf(server: TestServer, { port = server.port, key = server.key } = {}): Noukai {
  const client = new Noukai({ apiKey: key, baseUrl: `http://127.0.0.1:${port}/api/v1` }, hurried);
  onTestFinished(() => client.close());
  return client;
}

// Many calls after one another, on machines that do other things as well.
vi.setConfig({ testTimeout: 30_000 });

const statusesOf = (changes: readonly ExecutionChange[]): readonly string[] => changes.map(({ status }) => status);

async function lastChangeOf(execution: CreatedExecution): Promise<ExecutionChange> {
  const changes = await Array.fromAsync(execution.events());
  return changes.at(-1)!; // it has begun
}

test("a flow of thirty steps that fails at the 28th is mended at the 27th, and just three steps run again", async () => {
  const server = await startTestServer({ flows });
  const noukai = clientOf(server);
  const execution = await noukai.executions.create({
    flowId: await flowId(server, "thirty"),
    input: { message: "a" },
  });
  expect(execution).toMatchObject({ flowVersion: 1, organizationId: "acme" });
  expect(["queued", "running"]).toContain(execution.status);
  expect(await execution.wait()).toMatchObject({ status: "failed", error: { stepId: "s28" } });
  const error: unknown = await execution.result().catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(FlowExecutionError);
  expect(error).toMatchObject({ executionId: execution.runId, billed: "yes" });

  const edited = await execution.editOutput("s27", { text: "mended" });
  expect(edited).toMatchObject({ status: "completed", output: { text: "mended" }, editedAt: expect.any(String) });
  expect((await execution.get()).status).toBe("stale");
  const stale = (await execution.tasks()).filter(({ status }) => status === "stale");
  expect(stale.map(({ stepId }) => stepId)).toEqual(["s28", "s29", "s30"]);

  await execution.reexecute({ onlyStale: true });
  expect(await execution.result()).toEqual({ text: expect.stringContaining("s30 s29 s28 mended") });
  const tasks = await execution.tasks();
  const ran = tasks.filter(({ keptFromRunId }) => keptFromRunId === null);
  expect(ran.map(({ stepId }) => stepId)).toEqual(["s28", "s29", "s30"]);
  expect(tasks.slice(0, 27).map(({ costUsd }) => costUsd)).toEqual(Array.from({ length: 27 }, () => null));
  expect(await execution.get({ includeRunNumber: true })).toMatchObject({ runNumber: 2, flowVersion: 1 });

  const run = await execution.run();
  expect(run.executionId).not.toBe(execution.id);
  const { steps } = await run.trace();
  expect(steps.filter(({ keptFrom }) => keptFrom == null).map(({ stepId }) => stepId)).toEqual(["s28", "s29", "s30"]);
  expect((await noukai.run(execution.runId).summary()).status).toBe("failed");

  const changes = await Array.fromAsync(execution.events());
  expect(statusesOf(changes)).toEqual([
    "running",
    "in_progress",
    "failed",
    "stale",
    "running",
    "in_progress",
    "completed",
  ]);
  expect(changes.map(({ runNumber }) => runNumber)).toEqual([1, 1, 1, 1, 2, 2, 2]);
});

test("an edit with `executeFlow` runs what is stale at once", async () => {
  const server = await startTestServer({ flows });
  const { executions } = clientOf(server);
  const { id } = await executions.create({ flowId: await flowId(server, "thirty"), input: { message: "a" } });
  await executions.wait(id);
  await executions.editOutput(`${id}:s27`, { text: "mended" }, { executeFlow: true });
  expect(await executions.result(id)).toEqual({ text: expect.stringContaining("mended") });
});

test("changes come once each through a proxy that cuts anywhere", async () => {
  const server = await startTestServer({ flows });
  const flow = await flowId(server, "slow");
  const direct = clientOf(server);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 5 }), async (places) => {
      const pending = [...places];
      const proxy = await startCuttingProxy(server.port, () => pending.shift());
      const execution = await direct.executions.create({ flowId: flow, input: { message: "a" } });
      const changes = await Array.fromAsync(clientOf(server, { port: proxy.port }).executions.events(execution.id));
      expect(changes).toEqual(await Array.fromAsync(execution.events()));
      expect(statusesOf(changes)).toEqual(["running", "in_progress", "completed"]);
    }),
    { numRuns: 15 },
  );
});

test("the changes of all executions come over a socket, and go on behind the last one seen", async () => {
  const server = await startTestServer({ flows });
  const noukai = clientOf(server);
  const flow = await flowId(server, "slow");
  const seen: ExecutionChange[] = [];
  const stop = new AbortController();
  const isLive = Promise.withResolvers<void>();
  const watching = (async () => {
    const onConnection = () => isLive.resolve();
    for await (const change of noukai.executions.changes({ signal: stop.signal, onConnection })) seen.push(change);
  })().catch((error: unknown) => error);
  await isLive.promise;
  const first = await noukai.executions.create({ flowId: flow, input: { message: "a" } });
  await first.wait();
  await vi.waitFor(() => expect(statusesOf(seen)).toEqual(["running", "in_progress", "completed"]));
  stop.abort();
  expect(await watching).toMatchObject({ code: "ABORTED" });

  const second = await noukai.executions.create({ flowId: flow, input: { message: "b" } });
  const rest: ExecutionChange[] = [];
  for await (const change of noukai.executions.changes({ after: seen[1]?.cursor, flowId: flow })) {
    if (rest.push(change) === 4) break;
  }
  expect(rest.map(({ flowExecutionId, status }) => [flowExecutionId, status])).toEqual([
    [first.id, "completed"],
    [second.id, "running"],
    [second.id, "in_progress"],
    [second.id, "completed"],
  ]);
  const wrong = clientOf(server, { key: "nk_live_k7Qm2xVa_0123456789abcdef0123456789abcdef" });
  await expect(wrong.executions.changes().next()).rejects.toBeInstanceOf(AuthenticationError);
  await expect(noukai.executions.changes({ after: "nowhere" }).next()).rejects.toBeInstanceOf(ValidationError);
});

test("behind a later change of another execution there is none of one that is over", async () => {
  const server = await startTestServer({ flows });
  const { executions } = clientOf(server);
  const flow = await flowId(server, "slow");
  const first = await executions.create({ flowId: flow, input: { message: "a" } });
  await first.wait();
  const { cursor } = await lastChangeOf(await executions.create({ flowId: flow, input: { message: "b" } }));
  expect(await Array.fromAsync(first.events({ after: cursor }))).toEqual([]);
});

test("a socket that is cut is opened again, and no change is lost", async () => {
  const server = await startTestServer({ flows });
  const noukai = clientOf(server);
  const sockets: WebSocket[] = [];
  class Watched extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      sockets.push(this);
    }
  }
  const { id } = await noukai.executions.create({ flowId: await flowId(server, "slow"), input: { message: "a" } });
  const seen: string[] = [];
  for await (const { status } of noukai.executions.changes({ after: "0-0", webSocket: Watched })) {
    seen.push(status);
    sockets.at(-1)?.close();
    if (seen.length === 3) break;
  }
  expect(seen).toEqual(["running", "in_progress", "completed"]);
  expect(sockets.length).toBeGreaterThan(1);
  expect(await noukai.executions.get(id)).toMatchObject({ status: "completed" });
});

test("two organisations see nothing of each other", async () => {
  const server = await startTestServer({ flows });
  const key = server.newKeys.find(({ org }) => org === "globex")?.secret ?? "";
  const stranger = clientOf(server, { key }).executions;
  const flow = await flowId(server, "slow");
  const execution = await clientOf(server).executions.create({ flowId: flow, input: { message: "a" } });
  await execution.wait();
  const calls: readonly (() => PromiseLike<unknown>)[] = [
    () => stranger.create({ flowId: flow, input: {} }),
    () => stranger.list({ flowId: flow }),
    () => stranger.get(execution.id),
    () => stranger.wait(execution.id),
    () => stranger.cancel(execution.id),
    () => stranger.reexecute(execution.id),
    () => stranger.delete(execution.id),
    () => stranger.tasks(execution.id),
    () => stranger.task(`${execution.id}:first`),
    () => stranger.editOutput(`${execution.id}:first`, {}),
    () => stranger.events(execution.id).next(),
  ];
  for (const call of calls) await expect(call(), String(call)).rejects.toBeInstanceOf(FlowNotFoundError);
  const stop = new AbortController();
  const change = stranger.changes({ after: "0-0", signal: stop.signal, onConnection: () => stop.abort() }).next();
  await expect(change).rejects.toMatchObject({ code: "ABORTED" });
  expect((await execution.get()).status).toBe("completed");
});

test("executions are listed, cancelled and deleted", async () => {
  const server = await startTestServer({ flows });
  const { executions } = clientOf(server);
  const flow = await flowId(server, "endless");
  const made = [];
  for (const message of ["a", "b", "c"]) made.push((await executions.create({ flowId: flow, input: { message } })).id);
  const newestFirst = made.toReversed();
  const listed = await Array.fromAsync(executions.list({ flowId: flow, pageSize: 2 }));
  expect(listed.map(({ id }) => id)).toEqual(newestFirst);
  await runsInWork(server, 3);
  const [first = "", second = ""] = made;
  await executions.cancel(first);
  expect(await executions.wait(first)).toMatchObject({ status: "cancelled" });
  await expect(executions.result(first)).rejects.toMatchObject({ code: "CANCELLED" });
  await executions.delete(second);
  await executions.delete(second);
  await expect(executions.get(second)).rejects.toMatchObject({ code: "EXECUTION_NOT_FOUND" });
  const page = await executions.list({ flowId: flow, statusExclude: "cancelled" });
  expect(page.items.map(({ id }) => id)).toEqual([made[2]]);
  await executions.cancel(made[2] ?? "");
});

test("an input that does not fit the flow is refused with each of its faults", async () => {
  const server = await startTestServer({ flows });
  const error: unknown = await clientOf(server)
    .executions.create({ flowId: await flowId(server, "thirty"), input: { message: 5 } })
    .catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toMatchObject({
    statusCode: 422,
    code: "INPUT_INVALID",
    billed: "no",
    requestId: expect.any(String),
    responseBody: { error: { details: { issues: [{ path: expect.stringContaining("message") }] } } },
  });
});

/** Two steps of which the last one fails unless the first one gives something else. */
const mendable = `
input: { type: object, properties: { text: { type: string } } }
steps:
  - { id: check, type: llm, model: noukai/echo, prompt: "{{text}}" }
  - { id: answer, type: code, code: 'if (text === "helo") throw new Error("No."); return { text };', retry: { maxAttempts: 1 } }
  - { id: keep, type: passthrough }
`;
const echo = { text: "helo", model: "noukai/echo" };
const answers: readonly FlowScript[] = [
  flow([
    step("check", echo),
    step("answer", { kind: "code", error: { code: "STEP_FAILED", message: "No." } }),
    step("keep"),
  ]),
  flow([step("check", echo), step("answer", { kind: "code", output: { text: "hello" } }), step("keep")]),
];

/** Values whose form counts, and not what they are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

/** What a program may see of executions: forms, and what both servers must agree on. */
async function seen(noukai: Noukai, id: string) {
  const { executions } = noukai;
  const codeOf = (call: Promise<unknown>) => call.catch(({ name, code, statusCode }) => [name, code, statusCode]);
  const execution = await executions.create({ flowId: id, input: { text: "helo" }, idempotencyKey: "k" });
  const failed = await execution.wait();
  const failedTasks = await execution.tasks();
  const edited = await execution.editOutput("check", { text: "hello" });
  const staleTasks = await execution.tasks();
  await execution.reexecute({ onlyStale: true });
  const completed = await execution.wait();
  const tasks = await execution.tasks();
  return {
    shapes: [failed, failedTasks, edited, completed, tasks, await executions.list({ flowId: id })].map(shapeOf),
    statuses: [failedTasks, staleTasks, tasks].map((some) => some.map(({ status }) => status)),
    kept: tasks.map(({ keptFromRunId }) => keptFromRunId === execution.runId),
    result: await execution.result(),
    changes: statusesOf(await Array.fromAsync(execution.events())),
    refused: [
      await codeOf(executions.create({ flowId: id, input: { text: "b" }, idempotencyKey: "k" })),
      await codeOf(executions.create({ flowId: "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10", input: {} })),
      await codeOf(executions.get("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10")),
      await codeOf(execution.task("none")),
    ],
    deleted: await execution.delete().then(() => codeOf(execution.get())),
  };
}

test("the scripted server of `@noukai/sdk/testing` does as this one does, in the contract's shapes", async () => {
  const server = await startTestServer({ flows: { "acme/spelling/mendable.yaml": mendable } });
  const expected = await seen(clientOf(server), await flowId(server, "mendable"));
  expect(expected.result).toEqual({ text: "hello" });
  const scripted = createTestServer({ flows: { "acme/spelling/mendable": answers } });
  const said: unknown[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const response = await scripted.fetch(request);
    if (response.headers.get("content-type") === "application/json") said.push(await response.clone().json());
    return response;
  };
  const { apiKey, baseUrl } = scripted;
  const noukai = new Noukai({ apiKey, baseUrl, fetch }, hurried);
  expect(await seen(noukai, scripted.flowId("acme/spelling/mendable"))).toEqual(expected);
  const { zFlowExecution, zTaskExecution, zExecutionErrorResponse } = validators;
  const shapes = z.union([zFlowExecution, zTaskExecution, zExecutionErrorResponse]);
  for (const body of said.flat()) expect(shapes.safeParse(body).error).toBeUndefined();
});
