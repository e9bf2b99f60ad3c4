import { expect, test } from "vitest";
import { clientOf, type Cut, HurriedClock, streamOf } from "../../test/recorded-run.ts";
import { type WatchedRequest, watchedFetch } from "../../test/watched-fetch.ts";
import {
  AbortError,
  APIConnectionError,
  AuthenticationError,
  type ConnectionState,
  type ExecutionChange,
  FlowExecutionError,
  type FlowExecution,
  FlowNotFoundError,
  StreamDecodeError,
  StreamTruncatedError,
} from "../index.ts";

const ID = "0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10";
const FLOW = "0199e01b-55c3-7d1a-8f20-0c4b7e9a6d31";
const AT = "2026-11-20T09:30:12.481Z";
const encoder = new TextEncoder();

type Status = FlowExecution["status"];

interface Told {
  readonly status: Status;
  readonly runNumber: number;
}

/** What became of an execution that failed, was mended, and run again. */
const HISTORY: readonly Told[] = [
  { status: "queued", runNumber: 1 },
  { status: "running", runNumber: 1 },
  { status: "failed", runNumber: 1 },
  { status: "stale", runNumber: 1 },
  { status: "running", runNumber: 2 },
  { status: "in_progress", runNumber: 2 },
  { status: "completed", runNumber: 2 },
];

function bytesOf({ status, runNumber }: Told, index: number): Uint8Array {
  const data = { flow_execution_id: ID, flow_id: FLOW, status, run_number: runNumber, at: AT };
  return encoder.encode(`id: 0-${index + 1}\nevent: status_changed\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The events of an execution as the server tells them; each connection ends after so many bytes, the later ones by themselves. */
function serverOf(cuts: readonly number[], end: Cut, history = HISTORY) {
  const left = [...cuts];
  return ({ headers }: WatchedRequest): Response => {
    const seen = Number(headers.get("last-event-id")?.slice(2) ?? 0);
    // Whoever has seen the last change gets it again.
    const from = Math.min(seen, history.length - 1);
    let room = left.shift() ?? Infinity;
    const chunks: Uint8Array[] = [];
    history.forEach((told, index) => {
      if (index < from) return;
      const bytes = bytesOf(told, index);
      if (room > 0) chunks.push(bytes.slice(0, room));
      room -= bytes.length;
    });
    return streamOf(chunks, room < 0 ? end : "clean end");
  };
}

function statusesOf(changes: readonly ExecutionChange[]): readonly Status[] {
  return changes.map(({ status }) => status);
}

const told = HISTORY.map(({ status }) => status);

test("tells each change, with the place to resume from, and ends with the execution", async () => {
  const { fetch, lines } = watchedFetch(serverOf([], "clean end"));
  const changes = await Array.fromAsync(clientOf(fetch).executions.events(ID));
  expect(statusesOf(changes)).toEqual(told);
  expect(changes[4]).toEqual({
    cursor: "0-5",
    flowExecutionId: ID,
    flowId: FLOW,
    status: "running",
    runNumber: 2,
    at: AT,
  });
  // The second one asks whether that was all.
  expect(lines()).toEqual([`GET /flow-executions/${ID}/events`, `GET /flow-executions/${ID}/events`]);
});

test.each(["clean end", "reset"] as const)(
  "tells each change once when the stream is cut at any byte (%s)",
  { timeout: 60_000 },
  async (end) => {
    const length = HISTORY.reduce((sum, one, index) => sum + bytesOf(one, index).length, 0);
    for (let cut = 0; cut < length; cut++) {
      const { fetch } = watchedFetch(serverOf([cut, 3, 40], end));
      expect(statusesOf(await Array.fromAsync(clientOf(fetch).executions.events(ID))), `cut at ${cut}`).toEqual(told);
    }
  },
);

test("begins behind a change, and ends at once behind the last one", async () => {
  const { fetch, requests } = watchedFetch(serverOf([], "clean end"));
  const { executions } = clientOf(fetch);
  expect(statusesOf(await Array.fromAsync(executions.events(ID, { after: "0-5" })))).toEqual([
    "in_progress",
    "completed",
  ]);
  expect(await Array.fromAsync(executions.events(ID, { after: "0-7" }))).toEqual([]);
  expect(requests.map(({ headers }) => headers.get("last-event-id"))).toEqual(["0-5", "0-7", "0-7"]);
});

test("takes the end for the end when nobody can be asked", async () => {
  let calls = 0;
  const { fetch } = watchedFetch((request) => {
    if (++calls > 1) throw new TypeError("fetch failed");
    return serverOf([], "clean end")(request);
  });
  expect(statusesOf(await Array.fromAsync(clientOf(fetch).executions.events(ID)))).toEqual(told);
});

test("tells how the connection stands", async () => {
  const states: ConnectionState[] = [];
  const onConnection = (state: ConnectionState): void => {
    states.push(state);
    throw new Error("a spectator's");
  };
  const { fetch } = watchedFetch(serverOf([450], "reset"));
  await Array.fromAsync(clientOf(fetch).executions.events(ID, { onConnection }));
  expect(states).toEqual([
    { status: "live" },
    { status: "reconnecting", attempt: 1, inMs: 250 },
    { status: "live" },
    { status: "closed", reason: "ended" },
  ]);
});

test("leaving the loop closes the connection", async () => {
  let isClosed = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytesOf({ status: "running", runNumber: 1 }, 0)),
    cancel: () => {
      isClosed = true;
    },
  });
  const { fetch } = watchedFetch(() => new Response(body, { headers: { "content-type": "text/event-stream" } }));
  const states: ConnectionState[] = [];
  for await (const { status } of clientOf(fetch).executions.events(ID, {
    onConnection: (state) => states.push(state),
  })) {
    expect(status).toBe("running");
    break;
  }
  expect(isClosed).toBe(true);
  expect(states.at(-1)).toEqual({ status: "closed", reason: "left" });
});

test("a signal ends the watching with `AbortError`, also while nothing changes", async () => {
  const { fetch } = watchedFetch(() => streamOf([bytesOf({ status: "running", runNumber: 1 }, 0)], "never"));
  const stop = new AbortController();
  const events = clientOf(fetch).executions.events(ID, { signal: stop.signal });
  await events.next();
  const next = events.next();
  stop.abort();
  await expect(next).rejects.toBeInstanceOf(AbortError);
});

test("a signal ends the watching before what has come already", async () => {
  const { fetch } = watchedFetch(serverOf([], "clean end"));
  const stop = new AbortController();
  const events = clientOf(fetch).executions.events(ID, { signal: stop.signal });
  await events.next();
  stop.abort();
  await expect(events.next()).rejects.toBeInstanceOf(AbortError);
});

function refusal(status: number, code: string): Response {
  return Response.json({ error: { code, message: "For a reason." }, request_id: "req_7" }, { status });
}

test("what the server refuses is thrown as it is", async () => {
  const { fetch } = watchedFetch(() => refusal(404, "EXECUTION_NOT_FOUND"));
  const error = await Array.fromAsync(clientOf(fetch).executions.events(ID)).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(FlowNotFoundError);
  expect(error).toMatchObject({ code: "EXECUTION_NOT_FOUND", requestId: "req_7" });
});

test.each([
  [401, "UNAUTHENTICATED", AuthenticationError],
  [404, "EXECUTION_NOT_FOUND", FlowNotFoundError],
  [400, "INVALID_REQUEST", StreamTruncatedError],
])(
  "a reader that is refused with %d when it returns is told why, and where it was",
  async (status, code, ErrorClass) => {
    let calls = 0;
    const first = serverOf([450], "reset");
    const { fetch } = watchedFetch((request) => (++calls === 1 ? first(request) : refusal(status, code)));
    const changes: ExecutionChange[] = [];
    const reading = (async () => {
      for await (const change of clientOf(fetch).executions.events(ID)) changes.push(change);
    })();
    await expect(reading).rejects.toBeInstanceOf(ErrorClass);
    await expect(reading).rejects.toThrow('after: "0-2"');
    expect(statusesOf(changes)).toEqual(["queued", "running"]);
  },
);

test("gives up with `StreamTruncatedError` when no connection brings anything new", async () => {
  const { fetch, lines } = watchedFetch(serverOf([200, ...Array.from({ length: 40 }, () => 0)], "reset"));
  const clock = new HurriedClock();
  const reading = Array.fromAsync(clientOf(fetch, {}, clock).executions.events(ID));
  await expect(reading).rejects.toBeInstanceOf(StreamTruncatedError);
  expect(lines()).toHaveLength(17);
});

test.each(["a network that is gone", "a proxy without its server"])(
  "gives up, having told of each try, when %s answers no connection any more",
  async (what) => {
    let calls = 0;
    const first = serverOf([200], "reset");
    const { fetch, lines } = watchedFetch((request) => {
      if (++calls === 1) return first(request);
      if (what === "a network that is gone") throw new TypeError("fetch failed");
      return new Response(null, { status: 502 });
    });
    const states: ConnectionState[] = [];
    const options = { onConnection: (state: ConnectionState): void => void states.push(state) };
    const reading = Array.fromAsync(clientOf(fetch, {}, new HurriedClock()).executions.events(ID, options));
    await expect(reading).rejects.toBeInstanceOf(StreamTruncatedError);
    expect(lines()).toHaveLength(18);
    const attempts = states.flatMap((state) => ("attempt" in state ? [state.attempt] : []));
    expect(attempts).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  },
);

test("a frame that is no change is an error, a newer server's event is passed over", async () => {
  const frame = (name: string, data: string): Uint8Array =>
    encoder.encode(`id: 0-1\nevent: ${name}\ndata: ${data}\n\n`);
  const changesOf = (bytes: Uint8Array) =>
    Array.fromAsync(
      clientOf(
        watchedFetch(() => streamOf([bytes, bytesOf({ status: "completed", runNumber: 1 }, 1)])).fetch,
      ).executions.events(ID),
    );
  await expect(changesOf(frame("status_changed", "{"))).rejects.toBeInstanceOf(StreamDecodeError);
  await expect(changesOf(frame("status_changed", "[]"))).rejects.toBeInstanceOf(StreamDecodeError);
  expect(statusesOf(await changesOf(frame("weather_changed", "{}")))).toEqual(["completed"]);
});

/** A server whose execution stands as `reads` say, one read after the other, the last one from then on. */
function standing(reads: readonly Partial<Record<string, unknown>>[], events: (request: WatchedRequest) => Response) {
  let count = 0;
  return watchedFetch((request) => {
    if (request.line.endsWith("/events")) return events(request);
    const members = reads[Math.min(count++, reads.length - 1)];
    return Response.json({ id: ID, run_id: "run-2", status: "running", run_number: 2, ...members });
  });
}

test("wait follows the run that is under way to its rest, whatever became of runs before", async () => {
  const { fetch, lines } = standing([{}, { status: "completed", result: { text: "b" } }], serverOf([], "clean end"));
  const seen: Status[] = [];
  const waiting = clientOf(fetch).executions.wait(ID, { onChange: ({ status }) => seen.push(status) });
  expect(await waiting).toMatchObject({ status: "completed", result: { text: "b" } });
  expect(seen).toEqual(["running", "in_progress", "completed"]);
  const read = `GET /flow-executions/${ID}?include_run_number=true`;
  expect(lines()).toEqual([read, `GET /flow-executions/${ID}/events`, read]);
});

test("wait ends at a rest that no event ends at, and asks nothing more of an execution at rest", async () => {
  const { fetch, lines } = standing([{ status: "stale" }], serverOf([], "clean end"));
  expect(await clientOf(fetch).executions.wait(ID)).toMatchObject({ status: "stale" });
  expect(lines()).toHaveLength(1);
});

test("wait goes on when the execution was run again in between", async () => {
  const { fetch } = standing([{}, { run_number: 3 }, { status: "completed", run_number: 3 }], (request) =>
    serverOf([], "clean end", [...HISTORY, { status: "completed", runNumber: 3 }])(request),
  );
  expect(await clientOf(fetch).executions.wait(ID)).toMatchObject({ runNumber: 3 });
});

test("wait asks again and again where the execution cannot be watched", async () => {
  const { fetch, lines } = standing([{}, {}, {}, { status: "completed" }], () => refusal(501, "NOT_IMPLEMENTED"));
  const clock = new HurriedClock();
  await clientOf(fetch, {}, clock).executions.wait(ID, { pollInterval: 70 });
  expect(lines().filter((line) => line.endsWith("/events"))).toHaveLength(1);
  expect(clock.waits).toEqual([70, 70]);
});

test("wait outlives answers that fail for a moment, and tells refusals", async () => {
  let calls = 0;
  const { fetch } = watchedFetch(() =>
    ++calls < 8 ? new Response(null, { status: 502 }) : Response.json({ id: ID, run_id: "r", status: "failed" }),
  );
  expect(await clientOf(fetch).executions.wait(ID, { pollInterval: 1 })).toMatchObject({ status: "failed" });
  const denied = watchedFetch(() => refusal(401, "UNAUTHENTICATED"));
  await expect(clientOf(denied.fetch).executions.wait(ID)).rejects.toBeInstanceOf(AuthenticationError);
});

test("wait ends with its timeout and with its signal", async () => {
  const { fetch } = standing([{}], () => streamOf([], "never"));
  const { executions } = clientOf(fetch);
  await expect(executions.wait(ID, { timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
  await expect(executions.wait(ID, { signal: AbortSignal.timeout(20) })).rejects.toBeInstanceOf(AbortError);
  await expect(executions.wait(ID, { pollInterval: -1 })).rejects.toThrow("`pollInterval` is -1");
});

test.each([
  [{ status: "failed", error: { code: "STEP_FAILED", message: "No.", step_id: "a" } }, "STEP_FAILED"],
  [{ status: "failed", error: null }, undefined],
  [{ status: "cancelled", error: null }, "CANCELLED"],
  [{ status: "stale" }, "EXECUTION_STALE"],
  [{ status: "completed", result: null }, "OUTPUTS_EXPIRED"],
])("an execution without a result throws instead: %j", async (members, code) => {
  const { fetch } = standing([members], serverOf([], "clean end"));
  const error: unknown = await clientOf(fetch)
    .executions.result(ID)
    .catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(FlowExecutionError);
  expect(error).not.toBeInstanceOf(APIConnectionError);
  expect(error).toMatchObject({ code, executionId: "run-2", billed: "yes", message: expect.stringContaining(ID) });
});
