// What pages do with a relay, over real sockets. Runs on Node; the relay is where it is.
import { createRelayFlow, FlowNotFoundError, fromReadableStream, RateLimitError, signWebhook, tool } from "@noukai/sdk";
import { CONCURRENT, WEBHOOK_SECRET } from "./relay-app.mjs";

/** A schema as every library of the standard gives one. */
const anyObject = {
  "~standard": {
    version: 1,
    vendor: "smoke",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({ type: "object" }), output: () => ({ type: "object" }) },
  },
};

/** Runs every check against a relay. Gives the names of those that passed; throws the first failure, naming its check. */
export async function checkRelay({ url, apiKey }) {
  const told = [];
  const page = { url, flow: (name, user = "ann", wrap = (fetch) => fetch) => flowOf({ url, name, user, wrap, told }) };
  const passed = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(page);
    } catch (cause) {
      throw new Error(`${name}: ${cause?.stack ?? cause}`, { cause });
    }
    passed.push(name);
  }
  const heard = told.join("");
  equal(heard.includes("flow_completed") && !heard.includes(apiKey), true);
  return [...passed, "the key is in no byte that came"];
}

function flowOf({ url, name, user, wrap, told }) {
  const fetch = async (request) => {
    const response = await globalThis.fetch(request);
    told.push(JSON.stringify([...response.headers]));
    return new Response(response.body?.pipeThrough(listening(told)), response);
  };
  return createRelayFlow({ url: `${url}/agent/${name}/execute`, headers: { "x-user": user }, fetch: wrap(fetch) });
}

function listening(told) {
  const decoder = new TextDecoder();
  return new TransformStream({
    transform(chunk, controller) {
      told.push(decoder.decode(chunk));
      controller.enqueue(chunk);
    },
  });
}

const checks = {
  async "a page runs a flow and reads its trace"({ flow }) {
    const talk = flow("talk");
    const { executionId, output } = await talk.execute({ message: "hello" });
    equal(output.text.startsWith("hello one two"), true);
    equal((await talk.run(executionId).trace()).steps.length, 2);
    const others = flow("talk", "bob").run(executionId).trace();
    equal((await others.catch((error) => error)) instanceof FlowNotFoundError, true);
  },

  async "a connection that dies is taken up, with one POST"({ flow }) {
    const methods = [];
    const dying = (fetch) => async (request) => {
      methods.push(request.method);
      const controller = new AbortController();
      const response = await fetch(new Request(request, { signal: controller.signal }));
      return methods.length > 2 ? response : new Response(response.body.pipeThrough(after(400, controller)), response);
    };
    const seqs = [];
    for await (const { seq } of flow("talk", "ann", dying).events({ message: "hello" })) if (seq) seqs.push(seq);
    equal(seqs.join(), "1,2,3,4,5,6,7,8");
    equal(methods.join().startsWith("POST,GET"), true);
    equal(methods.filter((method) => method === "POST").length, 1);
  },

  async "readers who leave are seen to have left, and their runs go on"({ flow }) {
    const wait = flow("wait");
    const ids = [];
    // More than may be there at once. workerd learns of it with the next heartbeat, after 10 s.
    for (let count = 0; count < CONCURRENT + 1; count++) {
      const stream = await until(() => opened(wait), "a place");
      ids.push(stream.executionId);
      stream.detach();
    }
    for (const id of ids) {
      await until(async () => (await settled(wait.run(id).summary()))?.status === "running", "the run");
      await wait.run(id).cancel();
    }
  },

  async "an abort cancels the run"({ flow }) {
    const controller = new AbortController();
    const wait = flow("wait");
    const stream = wait.events({ message: "hello", signal: controller.signal });
    await stream.next();
    controller.abort();
    const { executionId } = stream;
    await until(async () => (await settled(wait.run(executionId).summary()))?.status === "cancelled", "the cancel");
  },

  async "tools run in the page, and a job is waited for"({ flow }) {
    let calls = 0;
    const look = tool({ name: "look", input: anyObject, execute: () => ({ seen: ++calls }) });
    equal((await flow("ask").execute({ message: "hello", tools: [look] })).requiresToolCalls, false);
    equal(calls, 1);
    const job = await flow("talk").executeAsync({ message: "hello" });
    equal((await job.wait({ pollInterval: 50 })).status, "completed");
  },

  async "what is too large, of the wrong type or not allowed is refused"({ url }) {
    const post = async (makeBody, type = "application/json") => {
      const headers = { "content-type": type, "x-user": "ann" };
      const send = () =>
        fetch(`${url}/agent/talk/execute`, { method: "POST", headers, body: makeBody(), duplex: "half" });
      // A connection with a body in it that nobody reads is closed, perhaps while the body is still on its way.
      const response = await until(() => send().catch(() => undefined), "an answer");
      return `${response.status} ${(await response.json()).detail}`;
    };
    equal(await post(endless), "413 BODY_TOO_LARGE");
    equal(await post(() => "x".repeat(300_000)), "413 BODY_TOO_LARGE");
    equal(await post(() => "{"), "400 INVALID_JSON");
    equal(await post(() => "{}", "text/plain"), "415 UNSUPPORTED_MEDIA_TYPE");
    equal(await post(() => '{"trace":true}'), "403 trace is not allowed here.");
  },

  async "the middleware's client streams, in a session"({ url }) {
    const { body, headers } = await fetch(`${url}/live`);
    const events = [];
    for await (const event of fromReadableStream(body)) events.push(event.type);
    equal(events.at(-1), "flow_completed");
    equal(headers.get("x-noukai-session").length, 36);
  },

  async "a webhook is taken from its sender alone"({ url }) {
    const payload = JSON.stringify({ type: "job.completed", timestamp: new Date().toISOString(), data: {} });
    const headers = await signWebhook({ id: "msg_1", payload, secret: WEBHOOK_SECRET });
    const send = (body) => fetch(`${url}/webhook`, { method: "POST", headers, body });
    equal(await (await send(payload)).text(), "job.completed");
    equal((await send(`${payload} `)).status, 400);
  },
};

/** Lets so many bytes through, then destroys the connection. */
function after(bytes, controller) {
  let left = bytes;
  return new TransformStream({
    transform(chunk, to) {
      to.enqueue(chunk);
      left -= chunk.length;
      if (left <= 0) controller.abort();
    },
  });
}

/** More than any relay takes, without a length. */
function endless() {
  let left = 20;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(65_536).fill(0x20));
      else controller.close();
    },
  });
}

/** A stream that has begun; `undefined` when there is no place for it. */
async function opened(flow) {
  const stream = flow.events({ message: "hello" });
  return (await settled(stream.opened().then(() => true))) && stream;
}

/** What comes of it; `undefined` while there is no place. */
async function settled(promise) {
  return promise.catch((error) => {
    if (!(error instanceof RateLimitError)) throw error;
  });
}

/** What `ask` gives once it gives something. */
async function until(ask, what) {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not come in 40 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
