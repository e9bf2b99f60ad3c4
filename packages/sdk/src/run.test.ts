import { afterEach, describe, expect, test, vi } from "vitest";
import {
  clientOf,
  type Cut,
  encodeFrame,
  EXECUTION_ID,
  HurriedClock,
  RECORDED,
  recorded,
  RecordedServer,
  streamOf,
} from "../test/recorded-run.ts";
import { type Fetch, type LogEvent, StreamTruncatedError, type StreamEvent } from "./index.ts";

const TRACE = {
  flowRun: { id: EXECUTION_ID, totalCostUsd: "0.000412" },
  steps: [{ stepId: "a", costUsd: "0.000412" }],
};

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

/** Keeps the requests and passes them on. */
function watched(fetch: Fetch): { fetch: Fetch; requests: Request[] } {
  const requests: Request[] = [];
  return {
    requests,
    fetch: (request) => {
      requests.push(request);
      return fetch(request);
    },
  };
}

/** Gives the run's beginning, then ends as told; whoever comes back gets `then`. */
function truncated(end: Cut, then: Fetch): Fetch {
  return (request) =>
    request.method === "POST" ? streamOf(RECORDED.slice(0, 3).map(encodeFrame), end) : then(request);
}

/** An open stream that never brings a byte. */
function silent(): Response {
  return new Response(new ReadableStream(), {
    headers: { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID },
  });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a run's trace", () => {
  test.each([
    ["its id alone", "GET", "https://server.test/api/v1/flow-runs/run-1/trace"],
    ["its flow", "GET", "https://server.test/api/v1/seq/acme/spelling/grade-3/runs/run-1/trace"],
  ])("is read by %s, and nothing is sent before", async (how, method, url) => {
    const { fetch, requests } = watched(() => Response.json(TRACE));
    const noukai = clientOf(fetch);
    const run = how === "its flow" ? noukai.flow("grade-3").run("run-1") : noukai.run("run-1");
    expect(requests).toHaveLength(0);
    const trace = await run.trace();
    expect(trace).toEqual(TRACE);
    trace.flowRun.totalCostUsd satisfies string | null;
    expect(requests.map((request) => [request.method, request.url])).toEqual([[method, url]]);
  });

  test("of a run that does not exist is an error that names the way", async () => {
    const noukai = clientOf(() =>
      Response.json({ detail: { code: "RUN_NOT_FOUND", message: "No such run." } }, { status: 404 }),
    );
    await expect(noukai.run("run-1").trace()).rejects.toMatchObject({
      message: "GET flow-runs/run-1/trace: 404 RUN_NOT_FOUND. No such run.",
    });
  });

  test("keeps odd ids within their place in the path", async () => {
    const { fetch, requests } = watched(() => Response.json(TRACE));
    await clientOf(fetch).run("a/../../b?c").trace();
    expect(requests[0]?.url).toBe("https://server.test/api/v1/flow-runs/a%2F..%2F..%2Fb%3Fc/trace");
    expect(() => clientOf(fetch).run("..")).toThrow("execution id");
  });
});

describe("a live trace", () => {
  test.each([
    ["its id alone", "https://server.test/api/v1/flow-runs/run-1/trace/stream"],
    ["its flow", "https://server.test/api/v1/seq/acme/spelling/grade-3/runs/run-1/trace/stream"],
  ])("is followed by %s, from the first event to the last", async (how, url) => {
    const { fetch, requests } = watched(() => streamOf(RECORDED.map(encodeFrame)));
    const noukai = clientOf(fetch);
    const run = how === "its flow" ? noukai.flow("grade-3").run("run-1") : noukai.run("run-1");
    const live = run.liveTrace();
    expect(requests).toHaveLength(0);
    expect((await collect(live)).flatMap(({ seq }) => seq ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(requests.map((request) => request.url)).toEqual([url]);
    expect(requests[0]?.headers.get("last-event-id")).toBeNull();
  });

  test("begins behind the event it is given", async () => {
    const server = new RecordedServer({ cuts: [], end: "reset", meanwhile: "runs on" });
    expect((await collect(clientOf(server.fetch).run("run-1").liveTrace({ after: 6 }))).map(({ seq }) => seq)).toEqual([
      7, 8,
    ]);
    expect(server.requests[0]?.headers.get("last-event-id")).toBe("6");
  });

  test.each([-1, 1.5, NaN])("does not begin behind %d", async (after) => {
    await expect(clientOf(silent).run("run-1").liveTrace({ after }).next()).rejects.toThrow("`after`");
  });

  test("stays open through a pause", async () => {
    const pause = { seq: 4, name: "step_paused_for_tool_calls", data: { stepId: "a" } };
    const frames = [...RECORDED.slice(0, 3), pause, { ...recorded(8), seq: 5 }];
    const events = await collect(
      clientOf(() => streamOf(frames.map(encodeFrame)))
        .run("run-1")
        .liveTrace(),
    );
    expect(events.map(({ type }) => type).slice(3)).toEqual(["tool_calls_required", "flow_completed"]);
  });

  test("that is aborted stops watching and leaves the run alone", async () => {
    const { fetch, requests } = watched(silent);
    const noukai = clientOf(fetch);
    const controller = new AbortController();
    const next = noukai.run("run-1").liveTrace({ signal: controller.signal }).next();
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    controller.abort(new Error("enough"));
    await expect(next).rejects.toMatchObject({ name: "AbortError", billed: "no" });
    await noukai.close();
    expect(requests).toHaveLength(1);
  });

  test("of an unknown run says so", async () => {
    const noukai = clientOf(() => Response.json({ detail: { code: "RUN_NOT_FOUND", message: "m" } }, { status: 404 }));
    await expect(collect(noukai.run("run-1").liveTrace())).rejects.toMatchObject({
      name: "FlowNotFoundError",
      code: "RUN_NOT_FOUND",
    });
  });
});

describe("a stream that breaks off", () => {
  test("is taken up behind the last logged event, below its flow, and never posted again", async () => {
    const server = new RecordedServer({ cuts: [700], end: "reset", meanwhile: "waits" });
    const log: LogEvent[] = [];
    await collect(
      clientOf(server.fetch, { onLog: (event) => log.push(event) })
        .flow("grade-3")
        .events(),
    );
    expect(server.requests.map((request) => request.method)).toEqual(["POST", "GET"]);
    expect(server.requests[1]?.url).toBe(
      `https://server.test/api/v1/seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/trace/stream`,
    );
    expect(server.requests[1]?.headers.get("last-event-id")).toBe("4");
    expect(log.find(({ phase }) => phase === "reconnect")).toMatchObject({
      attempt: 1,
      delayMs: 250,
      reason: expect.stringContaining("broke"),
    });
  });

  test("and cannot be taken up is a StreamTruncatedError that says how to go on", async () => {
    const gone: Fetch = () => Response.json({ detail: { code: "RUN_NOT_FOUND", message: "m" } }, { status: 404 });
    const thrown = await collect(clientOf(truncated("clean end", gone)).flow("grade-3").events()).catch(
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(StreamTruncatedError);
    expect(thrown).toMatchObject({
      code: "STREAM_TRUNCATED",
      executionId: EXECUTION_ID,
      billed: "possibly",
      cause: { name: "FlowNotFoundError" },
      message: expect.stringContaining(`run("${EXECUTION_ID}").liveTrace({ after: 3 })`),
    });
  });

  test("is given up after eight connections in a row that bring nothing new", async () => {
    const clock = new HurriedClock();
    const { fetch, requests } = watched(truncated("reset", () => streamOf([], "reset")));
    await expect(collect(clientOf(fetch, {}, clock).flow("grade-3").events())).rejects.toBeInstanceOf(
      StreamTruncatedError,
    );
    expect(requests.map(({ method }) => method)).toEqual(["POST", ...Array.from({ length: 8 }, () => "GET")]);
    expect(clock.waits).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
  });

  test("is not given up while each connection brings something new", async () => {
    const logged = RECORDED.filter(({ seq }) => seq !== undefined);
    const clock = new HurriedClock();
    const oneByOne: Fetch = (request) => {
      const after = Number(request.headers.get("last-event-id") ?? 0);
      return streamOf(logged.slice(after, after + 1).map(encodeFrame), "reset");
    };
    const frames = Array.from({ length: 30 }, (_, index) => ({ ...recorded(2), seq: index + 2 }));
    logged.splice(1, 6, ...frames);
    logged.splice(-1, 1, { ...recorded(8), seq: 32 });
    expect(await collect(clientOf(oneByOne, {}, clock).flow("grade-3").events())).toHaveLength(32);
    expect(new Set(clock.waits)).toEqual(new Set([250]));
  });

  test("is not given up while each connection brings some more of a long text", async () => {
    const text = "once upon a time";
    const writing = (length: number): Uint8Array => {
      const outputData = { delta: text.slice(0, length) };
      return encodeFrame({
        name: "step_output",
        data: { stepId: "a", attempt: 1, loopPath: [], offset: 0, outputData },
      });
    };
    const { fetch, requests } = watched((request) => {
      if (request.method === "POST") return streamOf([encodeFrame(recorded(1))], "reset");
      if (requests.length <= text.length) return streamOf([writing(requests.length)], "reset");
      return streamOf([writing(text.length), encodeFrame({ ...recorded(8), seq: 2 })]);
    });
    const events = await collect(clientOf(fetch).flow("grade-3").events());
    const deltas = events.map((event) => (event.type === "step_output" ? event.outputData["delta"] : ""));
    expect(deltas.join("")).toBe(text);
    expect(requests).toHaveLength(text.length + 1);
  });

  test("survives a server that is away for a while", async () => {
    const server = new RecordedServer({ cuts: [700], end: "reset", meanwhile: "runs on" });
    let away = 6;
    const noukai = clientOf((request) => {
      if (request.method === "GET" && away-- > 0) throw new TypeError("fetch failed");
      return server.fetch(request);
    });
    expect((await collect(noukai.flow("grade-3").events())).at(-1)).toMatchObject({ type: "flow_completed" });
    expect(away).toBe(-1);
  });

  test("before the server has named the run cannot be taken up", async () => {
    const nameless: Fetch = () => new Response("", { headers: { "content-type": "text/event-stream" } });
    const { fetch, requests } = watched(nameless);
    await expect(collect(clientOf(fetch).flow("grade-3").events())).rejects.toMatchObject({
      name: "StreamTruncatedError",
      executionId: undefined,
    });
    expect(requests).toHaveLength(1);
  });

  test("from a server that does not number its events is not taken up: they would come twice", async () => {
    const unnumbered = RECORDED.slice(0, 3).map(({ name, data }) => encodeFrame({ name, data }));
    const { fetch, requests } = watched((request) => streamOf(request.method === "POST" ? unnumbered : []));
    await expect(collect(clientOf(fetch).flow("grade-3").events())).rejects.toBeInstanceOf(StreamTruncatedError);
    expect(requests).toHaveLength(1);
  });

  test("is given up though each connection brings something that is not numbered", async () => {
    const beginning = RECORDED.slice(0, 3).map(encodeFrame);
    const sigh = encodeFrame({ name: "step_sighed", data: {} });
    const { fetch, requests } = watched((request) =>
      requests.length > 30 ? Response.error() : streamOf(request.method === "POST" ? beginning : [sigh], "reset"),
    );
    await expect(collect(clientOf(fetch).flow("grade-3").events())).rejects.toBeInstanceOf(StreamTruncatedError);
    expect(requests).toHaveLength(9);
  });

  test("with a frame that cannot be read is told after what came before it", async () => {
    const broken = new TextEncoder().encode("id: 2\nevent: step_started\ndata: {\n\n");
    const { fetch, requests } = watched(() => streamOf([encodeFrame(recorded(1)), broken]));
    const events = clientOf(fetch).flow("grade-3").events();
    expect(await events.next()).toMatchObject({ value: { type: "run_started" } });
    await expect(events.next()).rejects.toMatchObject({ name: "StreamDecodeError" });
    expect(requests).toHaveLength(1);
  });

  test("with an event missing is asked for it", async () => {
    const whole = new RecordedServer({ cuts: [], end: "reset", meanwhile: "runs on" });
    const holed = RECORDED.filter(({ seq }) => seq !== 2 && seq !== undefined).map(encodeFrame);
    const { fetch, requests } = watched((request) => {
      if (request.method === "POST") return streamOf(holed);
      expect(requests[0]?.signal.aborted).toBe(true);
      return whole.fetch(request);
    });
    const events = await collect(clientOf(fetch).flow("grade-3").events());
    expect(events.flatMap(({ seq }) => seq ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(requests[1]?.headers.get("last-event-id")).toBe("1");
  });

  test("stops waiting to come back when it is aborted", async () => {
    const { fetch, requests } = watched(truncated("reset", silent));
    const controller = new AbortController();
    const clock = new HurriedClock();
    clock.sleep = async (_ms, signal) => {
      controller.abort(new Error("enough"));
      signal.throwIfAborted();
    };
    await expect(
      collect(clientOf(fetch, {}, clock).flow("grade-3").events({ signal: controller.signal })),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(requests.filter(({ url }) => url.endsWith("/stream"))).toHaveLength(0);
  });
});

describe("a stream that falls silent", () => {
  test("is taken up elsewhere", async () => {
    vi.useFakeTimers();
    const whole = new RecordedServer({ cuts: [], end: "reset", meanwhile: "runs on" });
    const noukai = clientOf((request) => (request.method === "POST" ? silent() : whole.fetch(request)));
    const events = collect(noukai.flow("grade-3").events());
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await events).at(-1)).toMatchObject({ type: "flow_completed" });
  });

  test("for good is an APITimeoutError, never a wait without end", async () => {
    vi.useFakeTimers();
    const thrown = collect(clientOf(silent).run("run-1").liveTrace()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(await thrown).toMatchObject({ name: "APITimeoutError", code: "STREAM_STALLED", executionId: "run-1" });
  });

  test("of a call with a timeout ends by that", async () => {
    vi.useFakeTimers();
    const thrown = collect(clientOf(silent).flow("grade-3").events({ timeout: 5_000 })).catch(
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await thrown).toMatchObject({ name: "APITimeoutError", code: "TIMEOUT" });
  });

  test("is not one that beats while a slow step works behind a proxy that cuts long streams", async () => {
    vi.useFakeTimers();
    let connections = 0;
    const beating: Fetch = () => {
      connections++;
      let beats = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 10_000));
          if (beats++ === 6) return controller.close();
          return controller.enqueue(new TextEncoder().encode(": beat\n\n"));
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    const done = vi.fn();
    const live = clientOf(beating).run("run-1").liveTrace();
    void live.next().then(done, done);
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(connections).toBeGreaterThan(40);
    expect(done).not.toHaveBeenCalled();
    await live.return();
  });
});
