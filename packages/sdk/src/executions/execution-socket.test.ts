import { afterEach, expect, test, vi } from "vitest";
import { clientOf, KEY } from "../../test/recorded-run.ts";
import {
  AbortError,
  APIConnectionError,
  AuthenticationError,
  type ConnectionState,
  type ExecutionChange,
  PermissionDeniedError,
  RateLimitError,
  StreamDecodeError,
  StreamTruncatedError,
  ValidationError,
  ValueError,
} from "../index.ts";

afterEach(() => vi.useRealTimers());

/** A server of sockets, one script for each that is opened: what it says, or the code that it closes with. */
function socketServer(...scripts: readonly (readonly (object | string | number)[])[]) {
  const opened: { readonly url: string; readonly said: unknown[] }[] = [];
  const sockets: ScriptedSocket[] = [];
  let closed = 0;
  class ScriptedSocket extends EventTarget {
    readonly #said: unknown[] = [];

    constructor(url: string) {
      super();
      const script = scripts[opened.length] ?? [];
      opened.push({ url, said: this.#said });
      sockets.push(this);
      queueMicrotask(() => {
        this.dispatchEvent(new Event("open"));
        for (const line of script) this.tell(line);
      });
    }

    tell(line: object | string | number): void {
      const data = typeof line === "string" ? line : JSON.stringify(line);
      const event =
        typeof line === "number"
          ? Object.assign(new Event("close"), { code: line, reason: "For a reason." })
          : Object.assign(new Event("message"), { data });
      this.dispatchEvent(event);
    }

    send(text: string): void {
      this.#said.push(JSON.parse(text));
    }

    close(): void {
      closed++;
    }
  }
  // As: of a WebSocket, what the SDK uses.
  return { webSocket: ScriptedSocket as unknown as typeof WebSocket, opened, sockets, closed: () => closed };
}

function changed(cursor: string, status = "running"): object {
  const change = { flow_execution_id: "e", flow_id: "f", status, run_number: 1, at: "2026-11-20T09:30:12.481Z" };
  return { type: "status_changed", cursor, change };
}

const ready = (cursor: string): object => ({ type: "ready", cursor });
const { executions } = clientOf(() => Promise.reject(new Error("Sockets are not fetched.")));

test("the key goes as a message, and into no address", async () => {
  const { webSocket, opened, closed } = socketServer([ready("0-1"), changed("0-2")]);
  for await (const change of executions.changes({ webSocket, flowId: "f", after: "0-1" })) {
    expect(change).toMatchObject({ cursor: "0-2", flowExecutionId: "e", status: "running", runNumber: 1 });
    break;
  }
  expect(opened).toEqual([
    {
      url: "wss://server.test/api/v1/flow-executions/ws?cursor=0-1&flow_id=f",
      said: [{ type: "authenticate", token: KEY }],
    },
  ]);
  expect(closed()).toBe(1);
});

test("a socket that closes is opened again behind what was seen, be it only that it was ready", async () => {
  const { webSocket, opened } = socketServer(
    [ready("0-7"), 1001],
    [ready("0-7"), changed("0-8"), 4429],
    [ready("0-8"), changed("0-8"), changed("0-9", "completed")],
  );
  const states: ConnectionState[] = [];
  const seen: ExecutionChange[] = [];
  for await (const change of executions.changes({ webSocket, onConnection: (state) => states.push(state) })) {
    if (seen.push(change) === 2) break;
  }
  expect(seen.map(({ cursor }) => cursor)).toEqual(["0-8", "0-9"]);
  expect(opened.map(({ url }) => new URL(url).search)).toEqual(["", "?cursor=0-7", "?cursor=0-8"]);
  expect(states.map(({ status }) => status)).toEqual([
    "live",
    "reconnecting",
    "live",
    "reconnecting",
    "live",
    "closed",
  ]);
});

test.each([
  [4400, ValidationError, "INVALID_REQUEST"],
  [4401, AuthenticationError, "UNAUTHENTICATED"],
  [4403, PermissionDeniedError, "FORBIDDEN"],
  [4429, RateLimitError, "RATE_LIMITED"],
  [1006, APIConnectionError, "CONNECTION_FAILED"],
])("a first socket that is closed with %d is an error", async (closeCode, ErrorClass, code) => {
  const next = executions.changes({ webSocket: socketServer([closeCode]).webSocket }).next();
  await expect(next).rejects.toBeInstanceOf(ErrorClass);
  await expect(next).rejects.toMatchObject({ code });
});

test("a key that is revoked meanwhile ends the changes, those before it given", async () => {
  const { webSocket } = socketServer([ready("0-1"), changed("0-2"), 4401]);
  const changes = executions.changes({ webSocket });
  expect((await changes.next()).value).toMatchObject({ cursor: "0-2" });
  await expect(changes.next()).rejects.toThrow(AuthenticationError);
});

test("gives up when no socket brings anything new", async () => {
  const { webSocket, opened } = socketServer([ready("0-1"), 1006], ...Array.from({ length: 40 }, () => [1006]));
  await expect(executions.changes({ webSocket }).next()).rejects.toBeInstanceOf(StreamTruncatedError);
  expect(opened).toHaveLength(17);
});

test.each(["{", "[]", "{}"])("a message that is none is told: %s", async (message) => {
  const { webSocket } = socketServer([ready("0-1"), message]);
  await expect(executions.changes({ webSocket }).next()).rejects.toBeInstanceOf(StreamDecodeError);
});

test("a socket that stays silent is made anew", async () => {
  vi.useFakeTimers();
  const { webSocket, opened } = socketServer([ready("0-1")], [ready("0-1"), changed("0-2")]);
  const next = executions.changes({ webSocket }).next();
  await vi.advanceTimersByTimeAsync(119_000);
  expect(opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await next).value).toMatchObject({ cursor: "0-2" });
});

test("nothing behind a message that is none is told, since a reader would go on behind it", async () => {
  const { webSocket } = socketServer([ready("0-1"), "{", changed("0-3")]);
  await expect(executions.changes({ webSocket }).next()).rejects.toBeInstanceOf(StreamDecodeError);
});

test("a signal closes the socket at once, while its reader is busy with a change", async () => {
  const { webSocket, closed } = socketServer([ready("0-1"), changed("0-2")]);
  const stop = new AbortController();
  const changes = executions.changes({ webSocket, signal: stop.signal });
  await changes.next();
  stop.abort();
  expect(closed()).toBe(1);
  await expect(changes.next()).rejects.toBeInstanceOf(AbortError);
});

test("a socket that still speaks when its reader has left keeps no timer", async () => {
  vi.useFakeTimers();
  const { webSocket, sockets } = socketServer([ready("0-1"), changed("0-2")]);
  for await (const _change of executions.changes({ webSocket })) break;
  sockets[0]?.tell(changed("0-3"));
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader that is slower than the changes lets them wait at the server, and misses none", async () => {
  const many = Array.from({ length: 2_500 }, (_, index) => changed(`0-${index + 1}`));
  const { webSocket, opened, closed } = socketServer([ready("0-0"), ...many], many.slice(999), many.slice(1_999));
  const seen: ExecutionChange[] = [];
  for await (const change of executions.changes({ webSocket })) {
    if (seen.push(change) === 1) expect(closed()).toBe(1);
    if (seen.length === many.length) break;
  }
  expect(seen.map(({ cursor }) => cursor)).toEqual(many.map((change) => (change as ExecutionChange).cursor));
  expect(opened.map(({ url }) => new URL(url).search)).toEqual(["", "?cursor=0-999", "?cursor=0-1999"]);
});

test("a runtime without sockets is told to give one", async () => {
  vi.stubGlobal("WebSocket", undefined);
  await expect(executions.changes().next()).rejects.toBeInstanceOf(ValueError);
  vi.unstubAllGlobals();
});
