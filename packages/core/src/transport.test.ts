import { getEventListeners } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CallScope, type CallScopeOptions } from "./call-scope.ts";
import type { Clock } from "./clock.ts";
import { type Config, type Fetch, makeConfig } from "./config.ts";
import { ReplayMissError } from "./errors.ts";
import { type ConfigOptions, resolveConfig } from "./keyed-config.ts";
import type { LogEvent } from "./log.ts";
import { Transport } from "./transport.ts";

const KEY = "nk_test_k7Qm2xVa_0123456789abcdef0123456789abcdef";
const ADDRESS = { org: "acme", project: "spelling", flow: "grade-3" };
const OPERATION = "POST acme/spelling/grade-3/execute";
const COMPLETED = {
  status: "completed",
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 1,
  result: { text: "cat" },
};

/** A server that answers each request with the next of its answers, and keeps what it was sent. */
class Script {
  readonly requests: Request[] = [];
  readonly bodies: string[] = [];
  readonly #answers: (Response | Error | ((request: Request) => Response | Promise<Response>))[];

  constructor(...answers: (Response | Error | ((request: Request) => Response | Promise<Response>))[]) {
    this.#answers = answers;
  }

  readonly fetch: Fetch = async (request) => {
    this.requests.push(request);
    this.bodies.push(await request.clone().text());
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error("The script has no further answer.");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(request) : answer;
  };
}

/** Waits nowhere, and tells how long it would have. */
class HurriedClock implements Clock {
  readonly waits: number[] = [];
  now = (): number => Date.parse("2026-11-20T09:30:00Z");
  random = (): number => 0.5;
  sleep = async (ms: number): Promise<void> => {
    this.waits.push(ms);
  };
}

function transportTo(script: Script, options: ConfigOptions = {}): { transport: Transport; clock: HurriedClock } {
  const clock = new HurriedClock();
  const config = resolveConfig(
    { apiKey: KEY, baseUrl: "https://server.test/api/v1", fetch: script.fetch, ...options },
    () => undefined,
  );
  return { transport: new Transport(config, clock), clock };
}

function scopeWith(options: Partial<CallScopeOptions> = {}): CallScope {
  return new CallScope({ operation: OPERATION, signals: [], timeoutMs: 300_000, billed: "possibly", ...options });
}

interface ExecuteSettings {
  readonly scope?: CallScope;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: Record<string, unknown>;
}

/** One POST as the SDK makes it. */
function execute(
  transport: Transport,
  { scope = scopeWith(), headers = { "idempotency-key": "key-1" }, body = { message: "kat" } }: ExecuteSettings = {},
) {
  return transport
    .json({ scope, headers }, (client, init) =>
      client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, params: { path: ADDRESS }, body }),
    )
    .finally(() => scope.close());
}

function openStream(transport: Transport, scope = scopeWith()) {
  const call = { scope, headers: { "idempotency-key": "key-1" } };
  return transport.stream(call, (client, init) =>
    client.POST("/seq/{org}/{project}/{flow}/step", { ...init, params: { path: ADDRESS }, body: {} }),
  );
}

function fetchFailed(): Error {
  return new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:8080") });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a request", () => {
  test("goes to the contract's path with the contract's headers", async () => {
    const script = new Script(Response.json(COMPLETED));
    const { transport } = transportTo(script, {
      defaultHeaders: { "X-Mine": "yes", Authorization: "Bearer other", "Idempotency-Key": "other", Accept: "other" },
    });
    const { data } = await execute(transport);
    expect(data).toEqual(COMPLETED);
    const [request] = script.requests;
    expect(request?.url).toBe("https://server.test/api/v1/seq/acme/spelling/grade-3/execute");
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "x-noukai-api-version": "2026-05-31",
      "user-agent": expect.stringMatching(/^noukai-sdk-js\/\d+\.\d+\.\d+ Node\.js\//),
      "content-type": "application/json",
      accept: "application/json",
      "idempotency-key": "key-1",
      "x-mine": "yes",
    });
    expect(script.bodies).toEqual(['{"message":"kat"}']);
  });

  test("does not follow a redirect, where the key might leak", async () => {
    const script = new Script(new Response(null, { status: 307, headers: { location: "https://elsewhere.test/" } }));
    await expect(execute(transportTo(script).transport)).rejects.toMatchObject({
      statusCode: 307,
      message: expect.stringContaining("`baseUrl`"),
    });
    expect(script.requests[0]?.redirect).toBe("manual");
  });

  test("that cannot be written is a ValueError and is not repeated", async () => {
    const script = new Script();
    const { transport, clock } = transportTo(script);
    await expect(execute(transport, { body: { count: 1n } })).rejects.toMatchObject({ name: "ValueError" });
    const quoting = execute(transport, { headers: { "x-session-id": "s3cret\nb" } });
    await expect(quoting).rejects.toMatchObject({ name: "ValueError", message: expect.not.stringContaining("s3cret") });
    expect(script.requests).toHaveLength(0);
    expect(clock.waits).toEqual([]);
  });
});

describe("a ticket", () => {
  function transportWith(script: Script, authorization: Config["authorization"]): Transport {
    const target = { baseUrl: "https://server.test/api/v1", authorization };
    return new Transport(makeConfig(target, { fetch: script.fetch }), new HurriedClock());
  }

  test("is asked for before each request, a retry's too", async () => {
    const script = new Script(new Response(null, { status: 503 }), Response.json(COMPLETED));
    let asked = 0;
    await execute(transportWith(script, async () => `nkt_${++asked}`));
    expect(script.requests.map((request) => request.headers.get("authorization"))).toEqual([
      "Bearer nkt_1",
      "Bearer nkt_2",
    ]);
  });

  test.each([undefined, () => undefined, () => ""])("may be absent: %s", async (authorization) => {
    const script = new Script(Response.json(COMPLETED));
    await execute(transportWith(script, authorization));
    expect(script.requests[0]?.headers.has("authorization")).toBe(false);
  });

  test("that cannot be had is told with its cause, and nothing is sent", async () => {
    const script = new Script();
    const cause = new Error("signed out");
    const call = execute(transportWith(script, () => Promise.reject(cause)));
    await expect(call).rejects.toMatchObject({
      name: "AuthenticationError",
      code: "NO_CREDENTIAL",
      billed: "no",
      cause,
    });
    expect(script.requests).toHaveLength(0);
  });

  test("that never comes is not waited for longer than the call, and nothing is sent", async () => {
    const script = new Script(Response.json(COMPLETED));
    let give: (ticket: string) => void = () => {};
    const controller = new AbortController();
    const scope = scopeWith({ signals: [controller.signal] });
    const ticket = new Promise<string>((resolve) => {
      give = resolve;
    });
    const call = execute(
      transportWith(script, () => ticket),
      { scope },
    );
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError", billed: "no" });
    give("nkt_1");
    await ticket;
    expect(script.requests).toHaveLength(0);
  });
});

test("an error of ours that `fetch` throws is told as it is, and not taken for a fault of the network", async () => {
  const miss = new ReplayMissError("Nothing is recorded for this call.");
  const script = new Script(miss, Response.json(COMPLETED));
  await expect(execute(transportTo(script).transport)).rejects.toBe(miss);
  expect(script.requests).toHaveLength(1);
});

describe("a failure that may pass", () => {
  test("is met with the same request again, with the same key and body", async () => {
    const script = new Script(fetchFailed(), new Response("busy", { status: 503 }), Response.json(COMPLETED));
    const { transport, clock } = transportTo(script);
    expect((await execute(transport)).data).toEqual(COMPLETED);
    expect(script.requests.map((request) => request.headers.get("idempotency-key"))).toEqual([
      "key-1",
      "key-1",
      "key-1",
    ]);
    expect(new Set(script.bodies).size).toBe(1);
    expect(clock.waits).toEqual([250, 500]);
  });

  test("is told after the last try", async () => {
    const script = new Script(fetchFailed(), fetchFailed(), fetchFailed(), Response.json(COMPLETED));
    await expect(execute(transportTo(script).transport)).rejects.toMatchObject({
      name: "APIConnectionError",
      code: "CONNECTION_FAILED",
      retryable: false,
      billed: "possibly",
      message: expect.stringMatching(/^POST acme\/spelling\/grade-3\/execute: no answer\. .*ECONNREFUSED/),
    });
    expect(script.requests).toHaveLength(3);
  });

  test("is met once more for each of maxRetries, and not at all for 0", async () => {
    const script = new Script(fetchFailed(), Response.json(COMPLETED));
    await expect(execute(transportTo(script, { maxRetries: 0 }).transport)).rejects.toThrow("no answer");
    expect(script.requests).toHaveLength(1);
  });

  test("is not met again without an idempotency key: the flow could run twice", async () => {
    const script = new Script(fetchFailed(), Response.json(COMPLETED));
    await expect(execute(transportTo(script).transport, { headers: {} })).rejects.toThrow("no answer");
    expect(script.requests).toHaveLength(1);
  });

  test("is waited out for as long as the server asks", async () => {
    const script = new Script(
      new Response(null, { status: 429, headers: { "retry-after": "7" } }),
      Response.json(COMPLETED),
    );
    const { transport, clock } = transportTo(script);
    await execute(transport);
    expect(clock.waits).toEqual([7_000]);
  });

  test("is told at once when the wait would outlast the timeout", async () => {
    const script = new Script(new Response(null, { status: 429, headers: { "retry-after": "7" } }));
    const { transport, clock } = transportTo(script);
    await expect(execute(transport, { scope: scopeWith({ timeoutMs: 5_000 }) })).rejects.toMatchObject({
      name: "RateLimitError",
      retryAfter: 7,
    });
    expect(clock.waits).toEqual([]);
  });

  test("in the middle of an answer's body is one too", async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"status":"comp'));
        controller.error(new TypeError("terminated"));
      },
    });
    const script = new Script(new Response(broken), Response.json(COMPLETED));
    expect((await execute(transportTo(script).transport)).data).toEqual(COMPLETED);
  });

  test("is not a refusal: that is told at once", async () => {
    const script = new Script(
      Response.json({ detail: { code: "FLOW_NOT_FOUND", message: "No such flow." } }, { status: 404 }),
    );
    await expect(execute(transportTo(script).transport)).rejects.toMatchObject({
      name: "FlowNotFoundError",
      message: "POST acme/spelling/grade-3/execute: 404 FLOW_NOT_FOUND. No such flow.",
    });
    expect(script.requests).toHaveLength(1);
  });
});

describe("an answer that is not the server's", () => {
  const page = "<html>canary: sign in to the hotel's network</html>";

  test("is a typed error with status and request id, its page not in the message", async () => {
    const html = (status: number) =>
      new Response(page, { status, headers: { "content-type": "text/html", "x-request-id": "req_1" } });
    const script = new Script(html(502), html(502), html(502));
    const error = await execute(transportTo(script).transport).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: "FlowExecutionError",
      statusCode: 502,
      requestId: "req_1",
      responseBody: page,
    });
    expect(String(error)).not.toContain("canary");
  });

  test("is not taken for a success, nor asked for again", async () => {
    const script = new Script(new Response(page, { headers: { "content-type": "text/html" } }));
    const error = await execute(transportTo(script).transport).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: "FlowExecutionError",
      code: "UNEXPECTED_ANSWER",
      statusCode: 200,
      billed: "possibly",
    });
    expect(String(error)).toContain("text/html");
    expect(String(error)).not.toContain("canary");
    expect(script.requests).toHaveLength(1);
  });

  test("is not taken for a stream", async () => {
    const script = new Script(new Response(page, { headers: { "content-type": "text/html" } }));
    await expect(openStream(transportTo(script).transport)).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
    const empty = new Script(new Response(null, { headers: { "content-type": "text/event-stream" } }));
    await expect(openStream(transportTo(empty).transport)).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
    expect(script.requests[0]?.signal.aborted).toBe(true);
  });
});

describe("a call's end before its time", () => {
  const deaf: Fetch = () => new Promise(() => {});

  test("by the caller is told at once, though fetch does not listen", async () => {
    const { transport } = transportTo(new Script(), { fetch: deaf });
    const controller = new AbortController();
    const call = execute(transport, { scope: scopeWith({ signals: [controller.signal] }) });
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(call).rejects.toMatchObject({ name: "AbortError", cause: reason });
  });

  test("by the timeout covers the body", async () => {
    vi.useFakeTimers();
    const { transport } = transportTo(new Script(new Response(new ReadableStream())));
    const call = execute(transport, { scope: scopeWith({ timeoutMs: 1_000 }) });
    const told = expect(call).rejects.toMatchObject({ name: "APITimeoutError", code: "TIMEOUT" });
    await vi.advanceTimersByTimeAsync(1_000);
    await told;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("reaches the request", async () => {
    const script = new Script(() => new Promise<Response>(() => {}));
    const controller = new AbortController();
    const call = execute(transportTo(script).transport, { scope: scopeWith({ signals: [controller.signal] }) });
    await vi.waitFor(() => expect(script.requests).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(script.requests[0]?.signal.aborted).toBe(true);
  });
});

describe("a stream", () => {
  function events(text: string): Response {
    return new Response(text, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "x-noukai-execution-id": "run-1" },
    });
  }

  test("resolves with its headers and gives its frames", async () => {
    const script = new Script(events("id: 1\nevent: a\ndata: {}\n\n"));
    const { frames, response, attempts } = await openStream(transportTo(script).transport);
    expect(script.requests[0]?.headers.get("accept")).toBe("text/event-stream");
    expect(response.headers.get("x-noukai-execution-id")).toBe("run-1");
    expect(attempts).toBe(1);
    expect(await frames.next()).toEqual([{ id: "1", event: "a", data: "{}" }]);
    expect(await frames.next()).toBeUndefined();
    frames.close();
  });

  test("that gets no headers in time is asked for again, then told", async () => {
    vi.useFakeTimers();
    const script = new Script(...Array.from({ length: 3 }, () => () => new Promise<Response>(() => {})));
    const opened = openStream(transportTo(script).transport);
    const told = expect(opened).rejects.toMatchObject({ name: "APITimeoutError", code: "STREAM_STALLED" });
    await vi.advanceTimersByTimeAsync(180_000);
    await told;
    expect(script.requests).toHaveLength(3);
    expect(script.requests.every((request) => request.signal.aborted)).toBe(true);
  });

  test("ends its request when its reader closes, and leaves nothing on the call, which may go on", async () => {
    const script = new Script(new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } }));
    const scope = scopeWith();
    const { frames } = await openStream(transportTo(script).transport, scope);
    frames.close();
    expect(script.requests[0]?.signal.aborted).toBe(true);
    expect(scope.signal.aborted).toBe(false);
    expect(getEventListeners(scope.signal, "abort")).toHaveLength(0);
    scope.close();
  });
});

describe("the log", () => {
  async function logOf(options: ConfigOptions): Promise<LogEvent[]> {
    const log: LogEvent[] = [];
    const script = new Script(
      new Response("busy", { status: 503, headers: { "x-request-id": "req_1" } }),
      Response.json(COMPLETED, { headers: { "x-request-id": "req_2" } }),
    );
    await execute(transportTo(script, { ...options, onLog: (event) => log.push(event) }).transport);
    return log;
  }

  test("tells each phase with attempt, status, request id and waits", async () => {
    const url = "https://server.test/api/v1/seq/acme/spelling/grade-3/execute";
    const path = "/seq/acme/spelling/grade-3/execute";
    const common = { operation: OPERATION, method: "POST", path };
    expect(await logOf({})).toEqual([
      { ...common, phase: "request", attempt: 1, url },
      { ...common, phase: "response", attempt: 1, statusCode: 503, requestId: "req_1", durationMs: expect.any(Number) },
      { ...common, phase: "retry", attempt: 1, delayMs: 250, reason: expect.stringContaining("503") },
      { ...common, phase: "request", attempt: 2, url },
      { ...common, phase: "response", attempt: 2, statusCode: 200, requestId: "req_2", durationMs: expect.any(Number) },
    ]);
  });

  test("shows the names of a query, and not its values", async () => {
    const log: LogEvent[] = [];
    const script = new Script(Response.json({ items: [], nextCursor: null }));
    const { transport } = transportTo(script, { onLog: (event) => log.push(event) });
    const scope = scopeWith({ operation: "GET flow-runs", billed: "no" });
    const query = { limit: 5, cursor: "canary" };
    await transport.json({ scope }, (client, init) => client.GET("/flow-runs", { ...init, params: { query } }));
    scope.close();
    expect(log[0]).toMatchObject({ path: "/flow-runs", url: "https://server.test/api/v1/flow-runs?limit=…&cursor=…" });
    expect(script.requests[0]?.url).toMatch(/\?limit=5&cursor=canary$/);
    expect(JSON.stringify(log)).not.toContain("canary");
  });

  test("holds neither key nor body, and bodies only when asked for", async () => {
    const quiet = JSON.stringify(await logOf({}));
    expect(quiet).not.toContain(KEY.slice(8));
    expect(quiet).not.toContain("kat");
    expect(quiet).not.toContain("cat");
    const loud = await logOf({ logPayloads: true });
    expect(loud.flatMap((event) => ("body" in event ? [event.body] : []))).toEqual([
      '{"message":"kat"}',
      '{"message":"kat"}',
      COMPLETED,
    ]);
    expect(JSON.stringify(loud)).not.toContain(KEY.slice(8));
  });

  test("that throws breaks nothing", async () => {
    const script = new Script(Response.json(COMPLETED));
    const onLog = (): never => {
      throw new Error("disk full");
    };
    expect((await execute(transportTo(script, { onLog }).transport)).data).toEqual(COMPLETED);
  });
});
