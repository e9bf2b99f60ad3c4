// One program for every runtime: plain JavaScript on the built packages and on what browsers have.
import {
  AbortError,
  APIConnectionError,
  createRecordingFetch,
  createReplayFetch,
  currentSessionId,
  FlowNotFoundError,
  fromReadableStream,
  Noukai,
  NoukaiError,
  replayScope,
  signWebhook,
  tool,
  totalCostUsd,
  ValueError,
  verifyWebhook,
} from "@noukai/sdk";
import { createTestServer, fault, flow, step } from "@noukai/sdk/testing";

/** A schema as every library of the standard gives one: the packages depend on none of them. */
const anyObject = {
  "~standard": {
    version: 1,
    vendor: "smoke",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({ type: "object" }), output: () => ({ type: "object" }) },
  },
};

/** Runs every check against a server. Gives the names of those that passed; throws the first failure, naming its check. */
export async function smoke({ baseUrl, apiKey }) {
  const options = { baseUrl, apiKey, org: "smoke", project: "smoke", dangerouslyAllowBrowser: true };
  const passed = [];
  for (const [name, check] of Object.entries(checks)) {
    const noukai = new Noukai(options);
    try {
      await check(noukai, options);
    } catch (cause) {
      throw new Error(`${name}: ${cause?.stack ?? cause}`, { cause });
    }
    await noukai.close();
    passed.push(name);
  }
  return passed;
}

const checks = {
  async "execute gives a result"(noukai) {
    const answer = await noukai.flow("talk").execute({ message: "hello" });
    equal(answer.requiresToolCalls, false);
    equal(answer.output.text.startsWith("hello one two"), true);
  },

  async "a stream has each event once, and whole text"(noukai) {
    equalRun(await collect(noukai.flow("talk").events({ message: "hello" })));
  },

  async "a stream that is cut goes on where it was, with one POST"(_noukai, options) {
    const methods = [];
    // Both connections after the first byte: the body ends without warning.
    const fetch = async (request) => {
      methods.push(request.method);
      const response = await globalThis.fetch(request);
      return methods.length > 2 ? response : cutAfter(response, 400);
    };
    const noukai = new Noukai({ ...options, fetch });
    equalRun(await collect(noukai.flow("talk").events({ message: "hello" })));
    equal(methods.filter((method) => method === "POST").length, 1);
    equal(methods.length >= 3, true);
    await noukai.close();
  },

  async "steps are told as they are done"(noukai) {
    const ids = [];
    for await (const step of noukai.flow("talk").steps({ message: "hello" })) ids.push(step.stepId);
    equal(ids.join(), "write,keep");
  },

  async "leaving the loop leaves the run alone"(noukai) {
    let executionId;
    for await (const event of noukai.flow("talk").events({ message: "hello" })) {
      executionId = event.executionId;
      break;
    }
    equalRun(await collect(noukai.run(executionId).liveTrace()));
    const { flowRun } = await noukai.run(executionId).trace();
    equal(flowRun.status, "completed");
  },

  async "aborting stops at once and cancels the run"(noukai) {
    const controller = new AbortController();
    const events = noukai.flow("wait").events({ message: "hello", signal: controller.signal });
    const { value } = await events.next();
    const next = events.next().then(() => events.next());
    controller.abort(new Error("enough"));
    await rejects(next, AbortError);
    await noukai.close();
    return value;
  },

  async "a stream segment by segment is the same run"(noukai) {
    const events = noukai.flow("talk").events({ message: "hello", stepwise: true });
    const { seqs, text, result } = await collect(events);
    equal(seqs.join(), seqs.map((_seq, index) => index + 1).join());
    equal(text, result.text);
  },

  async "text, result and a stream handed on"(noukai) {
    let text = "";
    for await (const delta of noukai.flow("talk").events({ message: "hello" }).text()) text += delta;
    const response = await noukai.flow("talk").events({ message: "hello" }).toResponse();
    equalRun(await collect(fromReadableStream(response.body)));
    const result = await noukai.flow("talk").events({ message: "hello" }).result();
    equal(text, result.text);
  },

  async "tools run, in a call and in a stream"(noukai) {
    let calls = 0;
    const look = tool({ name: "look", input: anyObject, execute: () => ({ seen: ++calls }) });
    const answer = await noukai.flow("ask").execute({ message: "hello", tools: [look] });
    equal(answer.requiresToolCalls, false);
    for await (const event of noukai.flow("ask").events({ message: "hello", tools: [look] })) {
      if (event.type === "flow_completed") equal(calls, 2);
    }
    equal(calls, 2);
  },

  async "a pause is written down and resumed from its text"(noukai) {
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const paused = await noukai.flow("ask").execute({ message: "hello", tools });
    equal(paused.requiresToolCalls, true);
    const toolResults = paused.toolCalls.map(({ id }) => ({ toolCallId: id, output: "a cat" }));
    const answer = await noukai.resume(JSON.stringify(paused), { toolResults });
    equal(answer.requiresToolCalls, false);
  },

  async "a job is waited for, and its run has a trace and a cost"(noukai) {
    const job = await noukai.flow("talk").executeAsync({ message: "hello" });
    const status = await job.wait({ pollInterval: 50 });
    equal(status.status, "completed");
    const { steps } = await noukai.run(job.executionId).trace();
    equal(steps.length, 2);
    equal(typeof totalCostUsd(steps).costUsd, "string");
    equal((await noukai.run(job.executionId).stepTrace("write", { attempt: "all" })).attempts.length, 1);
    for await (const run of noukai.runs.list({ limit: 2 })) return equal(typeof run.id, "string");
  },

  async "a session reaches the calls in its scope"(noukai) {
    await replayScope(async (session) => {
      const answer = await noukai.flow("talk").execute({ message: "hello", session });
      equal(answer.sessionId, session.sessionId);
      // Browsers have no async context: there the session is handed on by hand, as above.
      const ambient = currentSessionId();
      if (ambient) equal((await noukai.flow("talk").execute({ message: "hello" })).sessionId, session.sessionId);
    });
  },

  async "a cassette answers without the network"(_noukai, options) {
    const recording = createRecordingFetch();
    const live = await new Noukai({ ...options, fetch: recording }).flow("talk").execute({ message: "hello" });
    const text = JSON.stringify(recording.cassette());
    equal(text.includes(options.apiKey), false);
    const replay = createReplayFetch(JSON.parse(text));
    const again = await new Noukai({ ...options, fetch: replay }).flow("talk").execute({ message: "hello" });
    equal(again.executionId, live.executionId);
  },

  async "a scripted server stands in for the real one, faults and all"() {
    const server = createTestServer({ flows: { "acme/demo/talk": flow([step("write", { text: ["hel", "lo"] })]) } });
    server.inject(fault.reset({ afterEvent: 2 }));
    const events = new Noukai({ ...server, dangerouslyAllowBrowser: true }).flow("acme/demo/talk").events();
    const { text } = await collect(events);
    equal(text, "hello");
    server.assertDone();
  },

  async "a webhook is signed and verified"() {
    const secret = `whsec_${btoa("a secret of the smoke test")}`;
    const payload = JSON.stringify({ type: "job.completed", timestamp: new Date().toISOString(), data: {} });
    const headers = await signWebhook({ id: "msg_1", payload, secret });
    equal((await verifyWebhook({ payload, headers, secret })).type, "job.completed");
    const broken = verifyWebhook({ payload: `${payload} `, headers, secret });
    await rejects(broken, NoukaiError);
  },

  async "errors are typed, and tell no answer from a refusal"(noukai, options) {
    await rejects(noukai.flow("nobody").execute({ message: "hello" }), FlowNotFoundError);
    await rejects(noukai.flow("nobody").execute({ message: "hello" }), NoukaiError);
    const deaf = new Noukai({ ...options, baseUrl: "http://127.0.0.1:9/api/v1", maxRetries: 0 });
    await rejects(deaf.flow("talk").execute({ message: "hello" }), APIConnectionError);
    try {
      noukai.flow("No such name");
    } catch (error) {
      return equal(error instanceof ValueError, true);
    }
    throw new Error("a wrong name was taken");
  },
};

/** The events of a run of `talk`: 1, 2, 3 … and the text as it was written. */
async function collect(events) {
  const seqs = [];
  let text = "";
  let result;
  for await (const event of events) {
    if (event.seq !== undefined) seqs.push(event.seq);
    if (event.type === "step_output") text += event.outputData.delta;
    if (event.type === "flow_completed") result = event.result;
  }
  return { seqs, text, result };
}

function equalRun({ seqs, text, result }) {
  equal(seqs.join(), "1,2,3,4,5,6,7,8");
  equal(text, result.text);
}

function cutAfter(response, bytes) {
  let left = bytes;
  const cut = new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
  return new Response(response.body.pipeThrough(cut), { status: response.status, headers: response.headers });
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

async function rejects(promise, kind) {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (thrown) => thrown,
  );
  if (!(error instanceof kind)) throw new Error(`expected a ${kind.kind}, got ${error?.stack ?? error}`);
}
