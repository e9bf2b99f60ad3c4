import { afterEach, describe, expect, test, vi } from "vitest";
import { ASKING, PausingServer } from "../test/recorded-run-pauses.ts";
import {
  BRANCHES,
  clientOf,
  encodeFrame,
  EXECUTION_ID,
  RECORDED,
  RecordedServer,
  type WireFrame,
} from "../test/recorded-run.ts";
import { EventStream } from "./event-stream.ts";
import { type Fetch, fromReadableStream, type StreamEvent } from "./index.ts";

function server(frames: readonly WireFrame[] = RECORDED, cuts: readonly number[] = []): RecordedServer {
  return new RecordedServer({ frames, cuts, end: "reset", meanwhile: "runs on" });
}

function events(fetch: Fetch) {
  return clientOf(fetch).flow("grade-3").events();
}

async function collect(stream: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a stream as bytes", () => {
  test.each([
    ["two steps", RECORDED],
    ["two branches", BRANCHES],
    ["a request for tools", ASKING.slice(0, 3)],
    [
      "an event that is not known",
      [RECORDED[0], { seq: 2, name: "step_sighed", data: { deeply: true } }, { ...RECORDED.at(-1), seq: 3 }],
    ],
  ])("is what the server sent: %s", async (_what, frames) => {
    const sent = frames as readonly WireFrame[]; // each of them is one
    const text = await new Response(events(server(sent).fetch).toReadableStream()).text();
    expect(text).toBe(sent.map((frame) => new TextDecoder().decode(encodeFrame(frame))).join(""));
    expect(text).not.toContain("\r");
    expect(text.endsWith("\n\n")).toBe(true);
  });

  test("sends nothing before it is read, and no more than is read", async () => {
    const source = server();
    const reader = events(source.fetch).toReadableStream().getReader();
    await Promise.resolve();
    expect(source.requests).toHaveLength(0);
    await reader.read();
    expect(source.requests).toHaveLength(1);
  });

  test("gives what was not read before", async () => {
    const stream = events(server().fetch);
    await stream.next();
    const text = await new Response(stream.toReadableStream()).text();
    expect(text.startsWith("id: 2\nevent: step_started\n")).toBe(true);
  });

  test("is read as the same events elsewhere", async () => {
    const whole = await collect(events(server(BRANCHES).fetch));
    expect(await collect(fromReadableStream(events(server(BRANCHES).fetch).toReadableStream()))).toEqual(whole);
  });

  test("closes the connection when it is cancelled, and leaves the run alone", async () => {
    const source = server();
    const reader = events(source.fetch).toReadableStream().getReader();
    await reader.read();
    await reader.cancel();
    expect(source.requests).toHaveLength(1);
    expect(source.requests[0]?.signal.aborted).toBe(true);
  });

  test("breaks off with the stream's error", async () => {
    const refusal = Response.json({ detail: { code: "FLOW_NOT_FOUND", message: "m" } }, { status: 404 });
    const reading = new Response(events(() => refusal).toReadableStream()).text();
    await expect(reading).rejects.toMatchObject({ code: "FLOW_NOT_FOUND" });
  });

  test("beats every ten seconds while nothing happens, but not for a reader who is away", async () => {
    vi.useFakeTimers();
    let letGo: (ended: undefined) => void = () => {};
    const next = (): Promise<undefined> => new Promise((resolve) => (letGo = resolve));
    const stream = new EventStream({ signal: undefined, executionId: undefined, next, close: () => letGo(undefined) });
    const reader = stream.toReadableStream().getReader();
    const first = reader.read();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(new TextDecoder().decode((await first).value)).toBe(": heartbeat\n\n");
    await vi.advanceTimersByTimeAsync(60_000);
    await reader.read();
    let isGiven = false;
    void reader.read().then(() => (isGiven = true));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(isGiven).toBe(false);
    await reader.cancel();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a stream as an answer", () => {
  test("says what it is, and that nobody may keep it", async () => {
    const response = events(server().fetch).toResponse();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    expect(await collect(fromReadableStream(response.body ?? new ReadableStream()))).toHaveLength(RECORDED.length);
  });

  test("names the run once it is known", async () => {
    const stream = events(server().fetch);
    await stream.opened();
    const response = stream.toResponse();
    expect(response.headers.get("x-noukai-execution-id")).toBe(EXECUTION_ID);
    expect(await response.text()).toContain("id: 1\n");
  });

  test("takes the caller's status and headers, but not another type", () => {
    const init = { status: 201, headers: { "Cache-Control": "private", "x-mine": "1", "content-type": "text/plain" } };
    const response = events(server().fetch).toResponse(init);
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("private");
    expect(response.headers.get("x-mine")).toBe("1");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  });

  test("carries what tool calls bring, in the same stream", async () => {
    const toolHandler = (calls: readonly { id: string }[]) => calls.map(({ id }) => ({ toolCallId: id, output: "" }));
    const stream = clientOf(new PausingServer({ frames: ASKING }).fetch)
      .flow("grade-3")
      .events({ toolHandler });
    const text = await stream.toResponse().text();
    expect(text.match(/^id: \d+$/gm)).toHaveLength(8);
  });
});
