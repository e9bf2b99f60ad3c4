import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { AlreadyResumedError, FlowExecutionError, FlowNotFoundError, type StreamEvent } from "../../src/index.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { type RawFrame, readFrames, type Target } from "./target.ts";

/** One promise of the contract, checked against a running server. Throws when it does not hold. */
export interface Check {
  readonly name: string;
  run(target: Target): Promise<void>;
}

const MESSAGE = { message: "hello" };

async function stream(target: Target, slug: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const response = await target.request("POST", target.flowPath(slug, "/v0/step"), {
    body: { ...MESSAGE, runRemaining: true },
    headers,
  });
  equal(response.status, 200);
  return response;
}

/** A whole run by its bytes. */
async function wholeRun(
  target: Target,
  slug: string,
): Promise<{ readonly executionId: string; readonly frames: readonly RawFrame[] }> {
  const response = await stream(target, slug);
  const executionId = response.headers.get("x-noukai-execution-id") ?? "";
  return { executionId, frames: readFrames(await response.text()) };
}

/** A run as the SDK told it: the events of its log, and the text of each step that wrote any. */
interface Told {
  readonly logged: readonly StreamEvent[];
  readonly texts: Readonly<Record<string, string>>;
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<Told> {
  const logged: StreamEvent[] = [];
  const texts: Record<string, string> = {};
  for await (const event of events) {
    if (event.seq !== undefined) logged.push(event);
    const isText = event.type === "step_output" || (event.type === "step_progress" && event.phase === "output");
    if (isText) texts[event.stepId] = (texts[event.stepId] ?? "") + String(event.outputData?.["delta"]);
  }
  return { logged, texts };
}

/** What the steps of a run wrote, by their outputs in the log. */
function writtenTexts(logged: readonly StreamEvent[]): Readonly<Record<string, string>> {
  const ended = logged.flatMap((event) => {
    if (event.type === "step_completed") return [[event.stepId, event.output] as const];
    return event.type === "step_progress" && event.phase === "completed" ? [[event.stepId, event.output] as const] : [];
  });
  const writers = ended.filter(([stepId]) => ["write", "left", "right"].includes(stepId));
  return Object.fromEntries(writers.map(([stepId, output]) => [stepId, (output as { text: string }).text])); // an llm step without a schema
}

/** In the order in which they are run. */
export const CHECKS: readonly Check[] = [
  {
    name: "a stream is frames of the contract, numbered 1, 2, 3 …, and ends with a terminator",
    async run(target) {
      const response = await stream(target, "conformance-text");
      ok(response.headers.get("content-type")?.startsWith("text/event-stream"));
      ok(response.headers.get("x-noukai-execution-id"), "X-Noukai-Execution-Id comes before the body");
      ok(response.headers.get("x-request-id"));
      const frames = readFrames(await response.text());
      const logged = frames.filter(({ id }) => id !== undefined);
      equal(
        logged.map(({ id }) => id),
        logged.map((_frame, index) => index + 1),
      );
      equal(logged.at(0)?.event, "run_started");
      equal(frames.at(-1)?.event, "flow_completed");
      ok(frames.filter(({ id }) => id === undefined).every(({ event }) => event === "step_output"));
    },
  },
  {
    name: "a failed run's stream ends with step_error, and its execute is 422",
    async run(target) {
      const { frames } = await wholeRun(target, "conformance-failing");
      equal(frames.at(-1)?.event, "step_error");
      await rejects(target.client().flow("conformance-failing").execute(MESSAGE), (error) => {
        ok(error instanceof FlowExecutionError);
        equal(error.statusCode, 422);
        return true;
      });
    },
  },
  {
    name: "a reader who returns gets what follows its cursor, each event once, whichever the cursor",
    async run(target) {
      const { executionId, frames } = await wholeRun(target, "conformance-text");
      const logged = frames.filter(({ id }) => id !== undefined);
      for (let after = 0; after <= logged.length - 1; after++) {
        const response = await target.request(
          "GET",
          target.flowPath("conformance-text", `/runs/${executionId}/trace/stream`),
          {
            headers: after === 0 ? {} : { "last-event-id": String(after) },
          },
        );
        const seen = readFrames(await response.text()).filter(({ id }) => id !== undefined);
        equal(seen, logged.slice(after));
      }
    },
  },
  {
    name: "the same Idempotency-Key is the same run, also at once; another body under it is refused",
    async run(target) {
      const headers = { "idempotency-key": crypto.randomUUID() };
      const path = target.flowPath("conformance-text", "/v0/execute");
      const answers = await Promise.all([1, 2, 3].map(() => target.request("POST", path, { body: MESSAGE, headers })));
      const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { executionId: string }[]; // what execute answers
      equal(new Set(bodies.map(({ executionId }) => executionId)).size, 1);
      const other = await target.request("POST", path, { body: { message: "another" }, headers });
      equal(other.status, 422);
      equal(((await other.json()) as { detail: { code: string } }).detail.code, "IDEMPOTENCY_KEY_REUSED");
    },
  },
  {
    name: "a stream that is cut at every byte is the same to the SDK, with one POST",
    async run(target) {
      const response = await stream(target, "conformance-text");
      const length = Buffer.byteLength(await response.text());
      await inParallel(8, length, (offset) => cutAt(target, "conformance-text", offset));
    },
  },
  {
    name: "a stream that is cut while it is being written is the same to the SDK",
    async run(target) {
      await inParallel(8, 24, (index) => cutAt(target, "conformance-slow", 40 + index * 47));
    },
  },
  {
    name: "a stream in which two branches write at once is the same to the SDK, cut at any byte",
    async run(target) {
      const response = await stream(target, "conformance-branches");
      const length = Buffer.byteLength(await response.text());
      await inParallel(16, length, (offset) => cutAt(target, "conformance-branches", offset));
    },
  },
  {
    name: "a run goes on without its caller, and its live trace ends with it",
    async run(target) {
      const flow = target.client().flow("conformance-slow");
      let executionId = "";
      for await (const event of flow.events(MESSAGE)) {
        if (event.type === "run_started") executionId = event.executionId ?? "";
        if (event.type === "step_output") break;
      }
      const { logged } = await collect(flow.run(executionId).liveTrace());
      equal(logged.at(-1)?.type, "flow_completed");
      equal((await flow.run(executionId).trace()).flowRun.status, "completed");
    },
  },
  {
    name: "aborting a call cancels its run: its log ends with CANCELLED",
    async run(target) {
      const noukai = target.client();
      const flow = noukai.flow("conformance-endless");
      const controller = new AbortController();
      const events = flow.events({ ...MESSAGE, signal: controller.signal });
      await events.next();
      controller.abort();
      await rejects(async () => collect(events));
      await noukai.close(); // waits until the cancel is sent
      const { logged } = await collect(
        target
          .client()
          .run(events.executionId ?? "")
          .liveTrace(),
      );
      const last = logged.at(-1);
      ok(last?.type === "step_error");
      equal(last.error.code, "CANCELLED");
    },
  },
  {
    name: "of two resumes that race, one wins and the other is told so",
    async run(target) {
      const tools = [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }] as const;
      const paused = await target
        .client()
        .flow("conformance-asking")
        .execute({ ...MESSAGE, tools });
      ok(paused.requiresToolCalls);
      const answer = (output: string) =>
        paused.resume({ toolResults: paused.toolCalls.map(({ id }) => ({ tool_call_id: id, output })) });
      const outcomes = await Promise.allSettled([answer("one"), answer("two")]);
      equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      const lost = outcomes.find((outcome) => outcome.status === "rejected");
      ok(lost?.reason instanceof AlreadyResumedError);
    },
  },
  {
    name: "what does not exist is 404 in the envelope, whoever asks",
    async run(target) {
      const response = await target.request("GET", `/flow-runs/${crypto.randomUUID()}/trace`);
      equal(response.status, 404);
      const { detail } = (await response.json()) as { detail: { code: unknown; message: unknown } }; // the contract's envelope
      equal([typeof detail.code, typeof detail.message], ["string", "string"]);
      await rejects(target.client().flow("conformance-nobody").execute(MESSAGE), FlowNotFoundError);
    },
  },
];

/** Reads a run through a proxy that cuts its first connection, and compares it with what the log says. */
async function cutAt(target: Target, slug: string, offset: number): Promise<void> {
  let isCut = false;
  let posts = 0;
  const proxy = await startCuttingProxy(new URL(target.options.baseUrl), () => {
    if (isCut) return undefined;
    isCut = true;
    return offset;
  });
  const noukai = target.client({
    baseUrl: target.options.baseUrl.replace(/:\d+/, `:${proxy.port}`),
    // An answer whose headers are lost is asked for again, under its key: that is not another run.
    fetch: async (request) => {
      const response = await fetch(request);
      if (request.method === "POST") posts += 1;
      return response;
    },
  });
  try {
    const events = noukai.flow(slug).events(MESSAGE);
    const seen = await collect(events);
    const { logged } = await collect(
      target
        .client()
        .run(events.executionId ?? "")
        .liveTrace(),
    );
    equal(seen.logged, logged, `cut behind byte ${offset}`);
    equal(seen.texts, writtenTexts(logged), `cut behind byte ${offset}`);
    equal(posts, 1, `cut behind byte ${offset}`);
  } finally {
    await noukai.close();
    proxy.close();
  }
}

/** Does the work for 0 … count − 1, a few at a time. */
async function inParallel(width: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
