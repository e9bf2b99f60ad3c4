import { afterEach, describe, expect, test, vi } from "vitest";
import {
  clientOf,
  encodeFrame,
  EXECUTION_ID,
  HurriedClock,
  RECORDED,
  recorded,
  RecordedServer,
  streamOf,
} from "../test/recorded-run.ts";
import type { Middleware } from "./middleware.ts";
import {
  AuthenticationError,
  type ConnectionState,
  type Fetch,
  type StreamEvent,
  StreamTruncatedError,
} from "./index.ts";

const SEQS = [1, 2, 3, 4, 5, 6, 7, 8];

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

function seqs(events: readonly StreamEvent[]): number[] {
  return events.flatMap(({ seq }) => seq ?? []);
}

/** A run whose POST breaks off behind its third frame; whoever comes back gets the answers in turn, and then the run. */
function brokenRun(...answers: readonly (Response | Error)[]) {
  const whole = new RecordedServer({ cuts: [300], end: "reset", meanwhile: "runs on" });
  const left = [...answers];
  const requests: Request[] = [];
  const clock = new HurriedClock();
  const fetch: Fetch = (request) => {
    requests.push(request);
    const answer = request.method === "POST" ? undefined : left.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? whole.fetch(request);
  };
  const states: ConnectionState[] = [];
  const onConnection = (state: ConnectionState): void => void states.push(state);
  return { clock, requests, states, onConnection, noukai: clientOf(fetch, {}, clock) };
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ detail: { code, message: "m" } }, { status, headers });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a stream that comes back", () => {
  test.each([
    [429, "RATE_LIMITED"],
    [503, "SHUTTING_DOWN"],
  ])("waits as long as an answer of %d asks", async (status, code) => {
    const { noukai, clock } = brokenRun(refusal(status, code, { "retry-after": "7" }));
    expect(seqs(await collect(noukai.flow("grade-3").events()))).toEqual(SEQS);
    expect(clock.waits).toEqual([250, 7_000]);
  });

  test("waits a minute at most", async () => {
    const { noukai, clock } = brokenRun(refusal(429, "RATE_LIMITED", { "retry-after": "3600" }));
    await collect(noukai.flow("grade-3").events());
    expect(clock.waits).toEqual([250, 60_000]);
  });

  test("outlives a server that restarts for twenty seconds, whatever chance has in store", async () => {
    for (const chance of [0.25, 0.5, 0.99]) {
      const whole = new RecordedServer({ cuts: [300], end: "reset", meanwhile: "runs on" });
      const clock = new HurriedClock();
      clock.random = () => chance;
      const slept = (): number => clock.waits.reduce((sum, ms) => sum + ms, 0);
      const fetch: Fetch = (request) => {
        if (request.method === "GET" && slept() < 20_000) throw new TypeError("fetch failed");
        return whole.fetch(request);
      };
      expect(seqs(await collect(clientOf(fetch, {}, clock).flow("grade-3").events()))).toEqual(SEQS);
      expect(whole.posts).toBe(1);
    }
  });

  test("passes over a proxy's page of an error", async () => {
    const page = (): Response =>
      new Response("<html>Bad Gateway</html>", { status: 502, headers: { "content-type": "text/html" } });
    const { noukai } = brokenRun(page(), page());
    expect(seqs(await collect(noukai.flow("grade-3").events()))).toEqual(SEQS);
  });

  test("gives up at a page in the run's place, and says where it came from, not what it says", async () => {
    const headers = { "content-type": "text/html", "x-request-id": "req_9" };
    const { noukai, requests } = brokenRun(new Response("<html>canary</html>", { headers }));
    const thrown = await collect(noukai.flow("grade-3").events()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(StreamTruncatedError);
    expect(thrown).toMatchObject({ statusCode: 200, requestId: "req_9", executionId: EXECUTION_ID });
    expect(thrown).toMatchObject({ cause: { code: "UNEXPECTED_ANSWER" } });
    expect(String(thrown)).not.toContain("canary");
    expect(requests).toHaveLength(2);
  });

  test("gives up when the run is gone, and says so", async () => {
    const { noukai, requests } = brokenRun(refusal(404, "RUN_NOT_FOUND"));
    await expect(collect(noukai.flow("grade-3").events())).rejects.toMatchObject({
      name: "StreamTruncatedError",
      statusCode: 404,
      cause: { code: "RUN_NOT_FOUND" },
    });
    expect(requests).toHaveLength(2);
  });

  test.each([
    [401, "UNAUTHENTICATED", "AuthenticationError"],
    [403, "FORBIDDEN", "PermissionDeniedError"],
  ])("with a key that is refused by now (%d) asks no more", async (status, code, name) => {
    const { noukai, requests } = brokenRun(refusal(status, code));
    await expect(collect(noukai.flow("grade-3").events())).rejects.toMatchObject({
      name,
      code,
      statusCode: status,
      executionId: EXECUTION_ID,
      billed: "possibly",
      message: expect.stringContaining(`run("${EXECUTION_ID}").liveTrace({ after: `),
    });
    expect(requests).toHaveLength(2);
  });

  test("keeps its error's class for `instanceof`", async () => {
    const { noukai } = brokenRun(refusal(401, "UNAUTHENTICATED"));
    await expect(collect(noukai.flow("grade-3").events())).rejects.toBeInstanceOf(AuthenticationError);
  });
});

describe("a connection that brings", () => {
  function bringing(...places: readonly number[]) {
    const whole = new RecordedServer({ cuts: [], end: "reset", meanwhile: "runs on" });
    const requests: Request[] = [];
    const fetch: Fetch = (request) => {
      requests.push(request);
      if (request.method === "POST") return streamOf(places.map((seq) => encodeFrame(recorded(seq))));
      return whole.fetch(request);
    };
    return { requests, events: clientOf(fetch).flow("grade-3").events() };
  }

  test("events twice is read on", async () => {
    const { requests, events } = bringing(1, 2, 2, 1, 3, 4, 3, 4, 5, 6, 7, 8);
    expect(seqs(await collect(events))).toEqual(SEQS);
    expect(requests).toHaveLength(1);
  });

  test("events out of their order is left for one that does not", async () => {
    const { requests, events } = bringing(1, 3, 2, 4);
    expect(seqs(await collect(events))).toEqual(SEQS);
    expect(requests.map(({ method, headers }) => `${method} ${headers.get("last-event-id")}`)).toEqual([
      "POST null",
      "GET 1",
    ]);
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test("some events and then nothing for thirty seconds is left for another", async () => {
    vi.useFakeTimers();
    const whole = new RecordedServer({ cuts: [], end: "reset", meanwhile: "runs on" });
    const states: ConnectionState[] = [];
    const noukai = clientOf((request) =>
      request.method === "POST" ? streamOf(RECORDED.slice(0, 3).map(encodeFrame), "never") : whole.fetch(request),
    );
    const reading = collect(noukai.flow("grade-3").events({ onConnection: (state) => states.push(state) }));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(states).toEqual([{ status: "live" }]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(seqs(await reading)).toEqual(SEQS);
    expect(states.map(({ status }) => status)).toEqual(["live", "reconnecting", "live", "closed"]);
  });
});

describe("the state of a connection", () => {
  test("is told each time it changes, and can be read", async () => {
    const { noukai, states, onConnection } = brokenRun(
      new TypeError("fetch failed"),
      refusal(429, "RATE_LIMITED", { "retry-after": "3" }),
    );
    const events = noukai.flow("grade-3").events({ onConnection });
    expect(events.connection).toBeUndefined();
    await events.next();
    expect(events.connection).toEqual({ status: "live" });
    await collect(events);
    expect(states).toEqual([
      { status: "live" },
      { status: "reconnecting", attempt: 1, inMs: 250 },
      { status: "reconnecting", attempt: 2, inMs: 250 },
      { status: "reconnecting", attempt: 3, inMs: 3_000 },
      { status: "live" },
      { status: "closed", reason: "ended" },
    ]);
    expect(events.connection).toEqual(states.at(-1));
  });

  test("is open until the reader has been given the last event, whose socket is closed by then", async () => {
    const { noukai, states, onConnection } = brokenRun();
    const events = noukai.flow("grade-3").events({ onConnection });
    let before: ConnectionState | undefined;
    for await (const { type } of events) if (type === "flow_completed") before = states.at(-1);
    expect(before).toEqual({ status: "live" });
    expect(states.at(-1)).toEqual({ status: "closed", reason: "ended" });
  });

  test("is ended, not left, for who goes with the last event", async () => {
    const { noukai, states, onConnection } = brokenRun();
    const events = noukai.flow("grade-3").events({ onConnection });
    for await (const { type } of events) if (type === "flow_completed") break;
    expect(states.at(-1)).toEqual({ status: "closed", reason: "ended" });
    await events.cancel(); // the run is over
  });

  test("says why it is closed: by the reader, or by the error that the reader is thrown", async () => {
    const left = brokenRun();
    const events = left.noukai.flow("grade-3").events({ onConnection: left.onConnection });
    await events.next();
    events.detach();
    await events.return();
    expect(left.states.slice(1)).toEqual([{ status: "closed", reason: "left" }]);

    const gone = brokenRun(refusal(404, "RUN_NOT_FOUND"));
    const thrown = await collect(gone.noukai.flow("grade-3").events({ onConnection: gone.onConnection })).catch(
      (error: unknown) => error,
    );
    expect(gone.states.at(-1)).toEqual({ status: "closed", reason: "failed", error: thrown });
  });

  test("does not care what its listener throws", async () => {
    const { noukai } = brokenRun();
    const onConnection = (): never => {
      throw new Error("not my day");
    };
    expect(seqs(await collect(noukai.flow("grade-3").events({ onConnection })))).toEqual(SEQS);
  });

  test("of a live trace is told as well", async () => {
    const { noukai, states, onConnection } = brokenRun();
    await collect(noukai.run(EXECUTION_ID).liveTrace({ onConnection }));
    expect(states.map(({ status }) => status)).toEqual(["live", "reconnecting", "live", "closed"]);
  });

  test("narrows by its status and reason", () => {
    const words = (state: ConnectionState): string => {
      switch (state.status) {
        case "live":
          // @ts-expect-error: only a stream that comes back has attempts
          return String(state.attempt);
        case "reconnecting":
          return `${state.attempt} ${state.inMs}`;
        case "closed":
          return state.reason === "failed" ? String(state.error) : state.reason;
      }
    };
    expect(words({ status: "closed", reason: "ended" })).toBe("ended");
  });
});

describe("cancelling a stream's run", () => {
  const CANCEL = `POST /api/v1/seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`;
  const CANCELLED = {
    seq: 4,
    name: "step_error",
    data: { stepId: "a", name: "a", error: { code: "CANCELLED", message: "m" } },
  };

  /** A run that stands still behind its third event until it is cancelled. */
  function standingRun(answerLater?: Promise<void>) {
    const paths: string[] = [];
    let end: () => void = () => {};
    const fetch: Fetch = async (request) => {
      paths.push(`${request.method} ${new URL(request.url).pathname}`);
      if (request.url.endsWith("/cancel")) {
        end();
        return Response.json({}, { status: 202 });
      }
      await answerLater;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const frame of RECORDED.slice(0, 3)) controller.enqueue(encodeFrame(frame));
          end = () => controller.enqueue(encodeFrame(CANCELLED));
        },
        cancel() {
          end = () => {};
        },
      });
      return new Response(body, {
        headers: { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID },
      });
    };
    return { paths, fetch, noukai: clientOf(fetch) };
  }

  test("ends the loop with the run's CANCELLED event, and no error", async () => {
    const { noukai, paths } = standingRun();
    const events = noukai.flow("grade-3").events();
    const seen: StreamEvent[] = [];
    for await (const event of events) if (seen.push(event) === 3) void events.cancel();
    expect(seen.at(-1)).toMatchObject({ type: "step_error", error: { code: "CANCELLED" } });
    expect(paths).toEqual(["POST /api/v1/seq/acme/spelling/grade-3/v0/step", CANCEL]);
  });

  test("waits for the run's name while the call is on its way", async () => {
    let answer: () => void = () => {};
    const { noukai, paths } = standingRun(new Promise((resolve) => (answer = resolve)));
    const events = noukai.flow("grade-3").events();
    const reading = collect(events);
    await vi.waitFor(() => expect(paths).toHaveLength(1));
    const cancelling = events.cancel();
    answer();
    await cancelling;
    expect(paths[1]).toBe(CANCEL);
    expect((await reading).at(-1)).toMatchObject({ error: { code: "CANCELLED" } });
  });

  test("goes by the call's key when no answer named the run", async () => {
    const bodies: string[] = [];
    const noukai = clientOf(async (request) => {
      if (!request.url.endsWith("/runs/cancel")) throw new TypeError("fetch failed");
      bodies.push(await request.text());
      return Response.json({}, { status: 202 });
    });
    const events = noukai.flow("grade-3").events({ idempotencyKey: "mine" });
    await expect(events.next()).rejects.toMatchObject({ name: "APIConnectionError" });
    await events.cancel();
    expect(bodies).toEqual(['{"idempotencyKey":"mine"}']);
  });

  test("before its first event was asked for ends the stream, without a request", async () => {
    const { fetch, paths } = standingRun();
    const layer: Middleware = { stream: (operation, next) => next(operation) };
    for (const middleware of [[], [layer]]) {
      const events = clientOf(fetch, { middleware }).flow("grade-3").events();
      await events.cancel();
      expect(await collect(events)).toEqual([]);
    }
    expect(paths).toEqual([]);
  });

  test("that is over makes no request", async () => {
    const server = new RecordedServer({ cuts: [], end: "reset", meanwhile: "waits" });
    const events = clientOf(server.fetch).flow("grade-3").events();
    await collect(events);
    await events.cancel();
    expect(server.requests).toHaveLength(1);
  });

  test("works after the stream was left", async () => {
    const { noukai, paths } = standingRun();
    const events = noukai.flow("grade-3").events();
    await events.next();
    events.detach();
    await events.cancel();
    expect(paths[1]).toBe(CANCEL);
  });

  test("throws what the server refuses", async () => {
    const noukai = clientOf((request) =>
      request.url.endsWith("/cancel")
        ? refusal(403, "FORBIDDEN")
        : streamOf(RECORDED.slice(0, 3).map(encodeFrame), "never"),
    );
    const events = noukai.flow("grade-3").events();
    await events.next();
    await expect(events.cancel()).rejects.toMatchObject({ name: "PermissionDeniedError" });
  });

  test.each([
    ["its flow", CANCEL],
    ["its id alone", `POST /api/v1/flow-runs/${EXECUTION_ID}/cancel`],
  ])("is there on a live trace by %s too", async (how, path) => {
    const { noukai, paths } = standingRun();
    const run = how === "its flow" ? noukai.flow("grade-3").run(EXECUTION_ID) : noukai.run(EXECUTION_ID);
    const events = run.liveTrace();
    await events.next();
    await events.cancel();
    expect(paths[1]).toBe(path);
  });

  test("reaches through layers that look at each event", async () => {
    const paths: string[] = [];
    const fetch: Fetch = (request) => {
      paths.push(new URL(request.url).pathname);
      return request.url.endsWith("/cancel")
        ? Response.json({}, { status: 202 })
        : streamOf(RECORDED.slice(0, 3).map(encodeFrame), "never");
    };
    const events = clientOf(fetch, { middleware: [{ stream: (operation, next) => next(operation) }] })
      .flow("grade-3")
      .events();
    await events.next();
    expect(events.connection).toEqual({ status: "live" });
    await events.cancel();
    expect(paths.at(-1)).toMatch(/cancel$/);
  });
});
