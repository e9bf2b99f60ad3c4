/**
 * What a call's end is told as: what ended it × how far it had come, for JSON and for streams. Every row says what the caller may know:
 * the class, the code, whether it can have cost anything, whether to try again, the run and the request to quote, and the cause.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Billed,
  CallScope,
  type FrameReader,
  makeConfig,
  type NoukaiError,
  type StreamAnswer,
  Transport,
} from "@noukai/core";

const FLOW = { org: "acme", project: "spelling", flow: "grade-3" };
const REASON = new Error("the user left");
const NETWORK = new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
const IDS = { "x-noukai-execution-id": "run-1", "x-request-id": "req_1" };
const encoder = new TextEncoder();

/** How far the call has come when it ends. */
type Stage = "before" | "during" | "after";
type Kind = "json" | "stream";
/** Who ends it. */
type Ending = "timeout" | "network" | "abort" | "silence";

interface Row {
  readonly kind: Kind;
  readonly stage: Stage;
  readonly ending: Ending;
  readonly name: string;
  readonly code: string;
  readonly billed: Billed;
  readonly told: { readonly executionId?: string; readonly requestId?: string };
  readonly cause?: unknown;
}

const none = {};
const both = { executionId: "run-1", requestId: "req_1" };
const timeout = { ending: "timeout", name: "APITimeoutError", code: "TIMEOUT" } as const;
const silence = { ending: "silence", name: "APITimeoutError", code: "STREAM_STALLED" } as const;
const network = { ending: "network", name: "APIConnectionError", code: "CONNECTION_FAILED", cause: NETWORK } as const;
const abort = { ending: "abort", name: "AbortError", code: "ABORTED", cause: REASON } as const;

const ROWS: readonly Row[] = (["json", "stream"] as const).flatMap((kind): Row[] => [
  // Before: the credential is still waited for. No request has been made.
  { kind, stage: "before", ...timeout, billed: "no", told: none },
  { kind, stage: "before", ...abort, billed: "no", told: none },
  // During: the request has gone out, and no header has come.
  { kind, stage: "during", ...timeout, billed: "possibly", told: none },
  { kind, stage: "during", ...network, billed: "possibly", told: none },
  { kind, stage: "during", ...abort, billed: "possibly", told: none },
  // After: the headers are there, and part of the body.
  { kind, stage: "after", ...timeout, billed: "possibly", told: both },
  { kind, stage: "after", ...network, billed: "possibly", told: both },
  { kind, stage: "after", ...abort, billed: "possibly", told: both },
]);
const SILENCES: readonly Row[] = [
  { kind: "stream", stage: "before", ...silence, billed: "no", told: none },
  { kind: "stream", stage: "during", ...silence, billed: "possibly", told: none },
  { kind: "stream", stage: "after", ...silence, billed: "possibly", told: both },
];

interface Situation {
  readonly kind: Kind;
  readonly stage: Stage;
  readonly ending: Ending;
  readonly isRead: boolean;
}

/** Brings a call to the stage, ends it, and gives what it threw. */
class Experiment {
  readonly requests: Request[] = [];
  readonly #situation: Situation;
  readonly #caller = new AbortController();
  #breakOff: () => void = () => {};

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  async run(): Promise<NoukaiError> {
    const { kind, stage, ending } = this.#situation;
    const scope = this.#scope();
    const call = kind === "json" ? this.#json(scope) : this.#frames(scope);
    const failure = call.then(
      () => {
        throw new Error("The call succeeded.");
      },
      (error: NoukaiError) => error,
    );
    await vi.advanceTimersByTimeAsync(10); // lets the call come to its stage
    if (this.requests.length !== (stage === "before" ? 0 : 1)) throw new Error("The call is not at its stage.");
    if (ending === "abort") this.#caller.abort(REASON);
    if (ending === "network") this.#breakOff();
    await vi.advanceTimersByTimeAsync(60_000);
    scope.close();
    return failure;
  }

  #scope(): CallScope {
    const { ending, isRead } = this.#situation;
    return new CallScope({
      operation: "the call",
      signals: [this.#caller.signal],
      timeoutMs: ending === "timeout" ? 2_000 : Infinity,
      billed: isRead ? "no" : "possibly",
    });
  }

  get #transport(): Transport {
    const { stage } = this.#situation;
    const authorization = stage === "before" ? () => new Promise<string>(() => {}) : undefined;
    const target = { baseUrl: "https://server.test/api/v1", authorization };
    return new Transport(
      makeConfig(target, { maxRetries: 0, firstByteTimeout: 8_000, idleTimeout: 3_000, fetch: this.#fetch }),
    );
  }

  readonly #fetch = (request: Request): Promise<Response> => {
    this.requests.push(request);
    if (this.#situation.stage === "after") return Promise.resolve(this.#halfAnAnswer());
    return new Promise((_resolve, reject) => {
      this.#breakOff = () => reject(NETWORK);
    });
  };

  #halfAnAnswer(): Response {
    const isStream = this.#situation.kind === "stream";
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(encoder.encode(isStream ? ": beat\n\n" : '{"status":'));
        this.#breakOff = () => controller.error(NETWORK);
      },
    });
    return new Response(body, {
      headers: { ...IDS, "content-type": isStream ? "text/event-stream" : "application/json" },
    });
  }

  #json(scope: CallScope): Promise<unknown> {
    return this.#transport.json<unknown>({ scope }, (client, init) =>
      this.#situation.isRead
        ? client.GET("/flow-runs", init)
        : client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, params: { path: FLOW }, body: {} }),
    );
  }

  async #frames(scope: CallScope): Promise<unknown> {
    const answer: StreamAnswer = await this.#transport.stream({ scope }, (client, init) =>
      this.#situation.isRead
        ? client.GET("/flow-runs/{flowRunId}/trace/stream", { ...init, params: { path: { flowRunId: "run-1" } } })
        : client.POST("/seq/{org}/{project}/{flow}/step", { ...init, params: { path: FLOW }, body: {} }),
    );
    const frames: FrameReader = answer.frames;
    return frames.next().finally(() => frames.close());
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a call that may cost something, ended", () => {
  test.each([...ROWS, ...SILENCES])(
    "by $ending $stage the headers of $kind is $name $code, billed: $billed",
    async (row) => {
      const error = await new Experiment({ ...row, isRead: false }).run();
      const { name, code, billed, told } = row;
      const retryable = billed === "no" && row.ending !== "abort";
      expect(error).toMatchObject({ name, code, billed, retryable, statusCode: undefined });
      expect({ executionId: error.executionId, requestId: error.requestId }).toEqual({
        executionId: told.executionId,
        requestId: told.requestId,
      });
      expect(error.cause).toBe(row.cause);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe("a call that only reads, ended", () => {
  test.each([...ROWS, ...SILENCES])("by $ending $stage the headers of $kind costs nothing", async (row) => {
    const error = await new Experiment({ ...row, isRead: true }).run();
    expect(error).toMatchObject({ name: row.name, code: row.code, billed: "no", retryable: row.ending !== "abort" });
  });
});

describe("a call on a signal that has aborted", () => {
  test("is not made, and carries the caller's reason", () => {
    const signals = [AbortSignal.abort(REASON)];
    expect(() => new CallScope({ operation: "the call", signals, timeoutMs: 1_000, billed: "possibly" })).toThrow(
      expect.objectContaining({ name: "AbortError", code: "ABORTED", billed: "no", cause: REASON }),
    );
  });
});

describe("a proxy's page", () => {
  const page = "<html><body>canary: 502 Bad Gateway</body></html>";

  test.each<[number, Billed, string | undefined]>([
    [502, "possibly", undefined],
    [503, "possibly", undefined],
    [403, "no", undefined],
    [200, "possibly", "UNEXPECTED_ANSWER"],
  ])("of %i is a typed error, billed: %s", async (status, billed, code) => {
    const answer = (): Response =>
      new Response(page, { status, headers: { "content-type": "text/html", "x-request-id": "req_1" } });
    const config = makeConfig({ baseUrl: "https://server.test/api/v1" }, { maxRetries: 0, fetch: answer });
    const transport = new Transport(config);
    const send = { params: { path: FLOW }, body: {} };
    for (const kind of ["json", "stream"] as const) {
      const scope = new CallScope({ operation: "the call", signals: [], timeoutMs: 1_000, billed: "possibly" });
      const call =
        kind === "json"
          ? transport.json({ scope }, (client, init) =>
              client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, ...send }),
            )
          : transport.stream({ scope }, (client, init) =>
              client.POST("/seq/{org}/{project}/{flow}/step", { ...init, ...send }),
            );
      const error = await call.then(
        () => undefined,
        (caught: NoukaiError) => caught,
      );
      expect(error).toMatchObject({ statusCode: status, requestId: "req_1", billed, code, retryable: false });
      expect(String(error)).not.toContain("canary");
      scope.close();
    }
  });
});
