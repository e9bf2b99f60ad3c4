import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { defaultLimits } from "../../src/limits.ts";
import type { OperationId } from "../../src/contract/operations.ts";
import type { StartOptions } from "../../src/index.ts";
import { flowId, reaches, tasks } from "../executions.ts";
import { makeDirectory, startTestServer, type TestServer, weatherTools } from "../harness.ts";
import { nowhere, openWorld, storeKey, type Places } from "../security/world.ts";
import type { Answer, DocumentedOperation } from "./answers.ts";
import { type Call, callOf, operationOf } from "./calls.ts";

/** What provokes one status of one operation on a server of its own. */
export type Case = (operation: DocumentedOperation) => Promise<Answer>;

const send = ({ call }: TestServer, { method, path, ...options }: Call): Promise<Response> =>
  call(method, path, options);

const spelling: Places = { ...nowhere, org: "acme", project: "spelling" };

/** The call in order, where everything is there that it names. */
const success: Case = async (operation) => {
  const { server, theirs, idempotencyKey } = await openWorld();
  if (operation.id === "addCredits") await setBalance(server, "1");
  return send(server, callOf(operation, { ...theirs, idempotencyKey }));
};

/** The same where nothing is there. */
const missing: Case = async (operation) => send(await startTestServer(), callOf(operation, spelling));

/** The call in order but for what `change` makes of it. */
function changed(change: (call: Call) => Partial<Call>): Case {
  return async (operation) => {
    const { server, theirs } = await openWorld();
    const call = callOf(operation, theirs);
    return send(server, { ...call, ...change(call) });
  };
}

const changedQuery = (query: string): Case => changed(({ path }) => ({ path: `${path.split("?")[0]}?${query}` }));
const changedHeaders = (headers: Readonly<Record<string, string>>): Case => changed(() => ({ headers }));

const withoutKey: Case = async (operation) =>
  send(await startTestServer(), { ...callOf(operation, spelling), key: null });

const withoutScope: Case = async (operation) => {
  const server = await startTestServer();
  const key = await storeKey(server, { project: "spelling", scopes: [] });
  return send(server, { ...callOf(operation, spelling), key });
};

/** The one request of this minute was made. */
const tooOften: Case = async (operation) => {
  const project = { requestsPerMinute: 1 };
  const server = await startTestServer({ now: () => 1_800_000_000_000, limits: { ...defaultLimits, project } });
  await server.call("GET", "/api/v1/keys/verify");
  return send(server, callOf(operation, spelling));
};

/** The store is gone, and with it what would say whose the key is. */
const withoutStore: Case = async (operation) => {
  const server = await startTestServer();
  await server.engine.store.close();
  return send(server, callOf(operation, spelling));
};

const tooLarge = changed(() => ({ body: `{"x":"${"x".repeat(defaultLimits.bodyBytes)}"}` }));
const asText = changed(() => ({ headers: { "content-type": "text/plain" } }));
const notJson = changed(() => ({ body: "{" }));
const badSlug: Case = async (operation) =>
  send(await startTestServer(), callOf(operation, { ...spelling, project: "No-Slug" }));

/** The server was told to stop, and answers still. */
const stopping: Case = async (operation) => {
  const { server, theirs } = await openWorld();
  await server.engine.drain(0);
  return send(server, callOf(operation, theirs));
};

const withoutCredits: Case = async (operation) => {
  const { server, theirs } = await openWorld();
  await setBalance(server, "0");
  return send(server, callOf(operation, theirs));
};

async function setBalance(server: TestServer, balanceUsd: string): Promise<void> {
  await send(server, { ...callOf(operationOf("setCredits"), spelling), body: { balanceUsd } });
}

/** The key of the call named another call before. */
function keyReused(other: (call: Call, places: Places) => Partial<Call>): Case {
  return async (operation) => {
    const { server, theirs } = await openWorld();
    await setBalance(server, "5");
    const call = { ...callOf(operation, theirs), headers: { "idempotency-key": "used" } };
    await (await send(server, { ...call, ...other(call, theirs) })).text();
    return send(server, call);
  };
}

/** A conversation with a part that is not text. */
const withImage = changed(() => ({
  body: {
    messages: [
      { role: "user", content: [{ type: "image_url", image_url: { url: "https://files.example.com/a.png" } }] },
    ],
  },
}));

const failed: Case = async (operation) =>
  send(await startTestServer(), callOf(operation, { ...spelling, flow: "failing", version: "0" }));

/** A pause that was answered already, and otherwise. */
const resumedTwice: Case = async (operation) => {
  const server = await startTestServer();
  const call = callOf(operation, { ...spelling, flow: "asking", version: "1" });
  const paused = await send(server, { ...call, body: { message: "a", tools: weatherTools } });
  const { executionId, pausedAtStep, toolCallMessages } = (await paused.json()) as Readonly<Record<string, unknown>>; // as: the contract's
  const answer = (content: string): Promise<Response> => {
    const answers = ["call_1", "call_2"].map((id) => ({ role: "tool", tool_call_id: id, content }));
    const messages = [...(toolCallMessages as readonly unknown[]), ...answers];
    return send(server, { ...call, body: { executionId, pausedAtStep, toolCallMessages: messages } });
  };
  await answer("sunny");
  return answer("rainy");
};

/** A step that is over, asked for again with something else. */
const steppedOtherwise: Case = async (operation) => {
  const server = await startTestServer();
  const call = callOf(operation, { ...spelling, flow: "slow", version: "1" });
  const first = await send(server, { ...call, body: { message: "a" } });
  await first.text();
  const executionId = first.headers.get("x-noukai-execution-id");
  await (await send(server, { ...call, body: { executionId, stepIndex: 1 } })).text();
  return send(server, { ...call, body: { executionId, stepIndex: 1, inputOverrides: { first: { message: "b" } } } });
};

const unsound = { input: { type: "object", properties: { text: { type: "none" } } }, steps: [] };

const expired: Case = async (operation) => {
  let now = Date.now();
  const { server, theirs } = await openWorld({ now: () => now });
  // A month later, by an hour: the key is one that does not expire.
  now += 31 * 24 * 60 * 60 * 1000;
  return send(server, callOf(operation, theirs));
};

/** A day after the end, with what the runs' events carried dropped. */
const pruned: Case = async (operation) => {
  const { server, theirs } = await openWorld();
  const id = theirs["flowExecutionId"] ?? "";
  const { store } = server.engine;
  await store.prune(id, await store.eventsAfter(id, 0, 100));
  return send(server, callOf(operation, theirs));
};

/** The draft names a flow that was archived since. */
const publishedWithout: Case = async (operation) => {
  const { server, theirs } = await openWorld();
  const steps = [{ id: "sub", type: "flow", flow: "slow" }];
  await send(server, { ...callOf(operationOf("replaceDraft"), theirs), body: { definition: { steps } } });
  await send(server, callOf(operationOf("archiveFlow"), { ...theirs, flow: "slow" }));
  return send(server, callOf(operation, theirs));
};

/** The model that the flow asks for was there when the execution failed by it, and is not after a restart. */
const modelGone: Case = async (operation) => {
  const dataDir = await makeDirectory();
  const apiKey = `nk_test_operator_${"0".repeat(32)}`;
  const model = "gone/model";
  const llm = `{ id: ask, type: llm, model: ${model}, prompt: "{{message}}", retry: { maxAttempts: 1 } }`;
  const flows = { "acme/spelling/lost.yaml": `steps: [{ id: keep, type: passthrough }, ${llm}]\n` };
  const options: StartOptions = { dataDir, apiKey };
  const providers = { gone: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "none" } };
  const first = await startTestServer({ ...options, flows, models: { providers } });
  const body = { flow_id: await flowId(first, "lost"), input: { message: "a" } };
  const made = await first.call("POST", "/api/v1/flow-executions", { body });
  const { id } = (await made.json()) as { readonly id: string }; // as: the contract's
  await reaches(first, id, "failed");
  await first.close();
  const second = await startTestServer({ ...options, flows });
  return second.call(operation.method, `${tasks}/${id}:keep?execute_flow=true`, { body: { output: { message: "b" } } });
};

/** A key of an operator whose folder has no project. */
const withoutProject: Case = async (operation) => {
  const apiKey = `nk_test_operator_${"0".repeat(32)}`;
  return send(await startTestServer({ apiKey, flows: {} }), callOf(operation, nowhere));
};

/** Over a connection, as a client of WebSockets asks. */
const upgraded: Case = async (operation) => {
  const { url, key } = await startTestServer();
  const { path } = callOf(operation, spelling);
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`, { headers: { authorization: `Bearer ${key}` } });
  onTestFinished(() => socket.terminate());
  const [{ statusCode = 0, headers }] = (await once(socket, "upgrade")) as [IncomingMessage]; // as: the event's
  return {
    status: statusCode,
    headers: new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: () => Promise.resolve(""),
  };
};

/** An edit that is to run what it makes stale at once. */
function executing(prepare: (server: TestServer) => Promise<unknown>): Case {
  return async (operation) => {
    const { server, theirs } = await openWorld();
    await prepare(server);
    const call = callOf(operation, theirs);
    return send(server, { ...call, path: `${call.path}?execute_flow=true` });
  };
}

const withoutReadiness: Case = async (operation) => {
  const server = await startTestServer();
  await server.engine.store.close();
  return send(server, callOf(operation, nowhere));
};

const ofRuns = { "409": resumedTwice, "422": failed };
const ofSteps = { "409": steppedOtherwise, "422": keyReused(() => ({ body: { message: "b" } })) };
const ofJobs = { "422": keyReused(() => ({ body: { message: "b" } })) };

/** Cases that hold for one operation alone. */
const own: { readonly [Id in OperationId]?: Readonly<Record<string, Case>> } = {
  executeFlow: ofRuns,
  executeFlowVersion: ofRuns,
  stepFlow: ofSteps,
  stepFlowVersion: ofSteps,
  submitJob: ofJobs,
  submitJobVersion: ofJobs,
  getSession: { "400": changed(() => ({ path: "/api/v1/seq/sessions/none" })), "410": expired },
  listFlowRuns: { "400": changedQuery("limit=0"), "404": changedQuery(`flow_id=${nowhere["flowId"]}`) },
  streamFlowRunTrace: { "400": changedHeaders({ "last-event-id": "x" }) },
  getFlowRunStepTrace: { "400": changedQuery("attempt=x") },
  listFlowExecutions: { "400": changedQuery("") },
  createFlowExecution: { "422": changed(({ body }) => ({ body: { ...Object(body), input: {} } })) },
  watchFlowExecutions: { "101": upgraded, "400": success },
  getFlowExecution: { "400": changedQuery("include_run_number=2") },
  reexecuteFlowExecution: {
    "400": changedQuery("only_stale=maybe"),
    "409": pruned,
    "422": keyReused(({ path }) => ({ path: `${path}?only_stale=true` })),
  },
  streamFlowExecution: { "400": changedHeaders({ "last-event-id": "x" }) },
  listTaskExecutions: { "400": changedQuery("") },
  replaceTaskOutput: {
    "402": executing((server) => setBalance(server, "0")),
    "409": pruned,
    "422": modelGone,
    "503": executing((server) => server.engine.drain(0)),
  },
  verifyKey: { "403": withoutProject },
  createFlow: {
    "409": changed(({ body }) => ({ body: { ...Object(body), slug: "grade-3" } })),
    "422": changed(() => ({ body: { slug: "fresh", definition: unsound } })),
  },
  replaceDraft: { "422": changed(() => ({ body: { definition: unsound } })) },
  validateFlow: {
    "404": async (operation) => send(await startTestServer(), { ...callOf(operation, spelling), body: {} }),
  },
  publishFlow: { "422": publishedWithout },
  addCredits: {
    "409": changed(() => ({})),
    "422": keyReused(() => ({ body: { amountUsd: "2" } })),
  },
  getReadiness: { "503": withoutReadiness },
};

/** Cases that hold for every operation which has that status. */
const common: Readonly<Record<string, Case>> = {
  "200": success,
  "201": success,
  "202": success,
  "204": success,
  "400": (operation) => (operation.hasBody ? notJson : badSlug)(operation),
  "401": withoutKey,
  "402": withoutCredits,
  "403": withoutScope,
  "404": missing,
  "413": tooLarge,
  "415": asText,
  "429": tooOften,
  "500": withoutStore,
  "501": withImage,
  "503": stopping,
};

/** Undefined: nothing here provokes it. */
export function caseOf({ id }: DocumentedOperation, status: number): Case | undefined {
  return own[id as OperationId]?.[String(status)] ?? common[String(status)]; // as: the document's operations are those of the table
}

/** `getSession 410` for every case that is for one operation alone. */
export const ownCases: readonly string[] = Object.entries(own).flatMap(([id, cases]) =>
  Object.keys(cases).map((status) => `${id} ${status}`),
);
