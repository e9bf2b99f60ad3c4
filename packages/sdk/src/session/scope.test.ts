import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import type { SessionExecution, SessionRecording } from "@noukai/core/schema";
import { clientOf } from "../../test/recorded-run.ts";
import {
  APIConnectionError,
  currentScope,
  currentSessionId,
  ReplayDisabledError,
  ReplayForbiddenError,
  ReplayInvalidSessionError,
  ReplayNoSnapshotsError,
  replayScope,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
  type Session,
  traceScope,
  ValueError,
} from "../index.ts";

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const OTHER = "00000000-0000-4000-8000-000000000001";
const UUID_V4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const COMPLETED = { status: "completed", result: {}, flowId: "f", blockCount: 1, executionId: "e" };

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** A server that answers every call, and remembers under which session each was made and whether it was traced. */
function recorder(sessionId?: string) {
  const calls: (readonly [sessionId: string | null, trace: unknown])[] = [];
  const client = clientOf(
    async (request) => {
      const { trace } = (await request.json()) as { trace?: unknown };
      calls.push([request.headers.get("x-session-id"), trace]);
      return Response.json(COMPLETED);
    },
    { sessionId },
  );
  return { calls, client, flow: client.flow("grade-3") };
}

/** A client of a server that has this recording. */
function holding(recording: Partial<SessionRecording> = {}) {
  return clientOf(() => Response.json({ sessionId: SESSION, executions: [], ...recording }));
}

function refusing(status: number, code: string) {
  return clientOf(() => Response.json({ detail: { code, message: "No." } }, { status }));
}

describe("a capture scope", () => {
  test("records its calls under one fresh id, with snapshots, and gives what its callback gives", async () => {
    const { calls, flow } = recorder();
    const seen = await replayScope(async (session) => {
      await flow.execute({});
      await Promise.resolve();
      await flow.execute({});
      return session;
    });
    expect(seen).toEqual({ mode: "capture", sessionId: expect.stringMatching(UUID_V4) });
    expect(calls).toEqual([
      [seen.sessionId, true],
      [seen.sessionId, true],
    ]);
    await flow.execute({});
    expect(calls[2]).toEqual([null, undefined]);
  });

  test("is known by its id while it lasts, and to nobody after", async () => {
    expect([currentSessionId(), currentScope()]).toEqual([null, null]);
    await replayScope((session) => {
      expect(currentSessionId()).toBe(session.sessionId);
      expect(currentScope()).toBe(session);
    });
    expect(currentSessionId()).toBeNull();
  });

  test("ends with what its callback throws", async () => {
    const boom = new Error("boom");
    await expect(replayScope(() => Promise.reject(boom))).rejects.toBe(boom);
    expect(currentSessionId()).toBeNull();
  });

  test("within another one has an id of its own, and gives the outer one back", async () => {
    const ids = await replayScope(async (outer) => {
      const inner = await replayScope(() => currentSessionId());
      return [outer.sessionId, inner, currentSessionId()];
    });
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
  });

  test("with `capture: false` records nothing, also within one that does", async () => {
    const { calls, flow } = recorder();
    await replayScope(() =>
      replayScope(
        async (session) => {
          expect(session).toEqual({ mode: "normal", sessionId: undefined });
          expect(currentSessionId()).toBeNull();
          await flow.execute({});
        },
        { capture: false },
      ),
    );
    expect(calls).toEqual([[null, undefined]]);
  });

  test("keeps the snapshots out when the call says so", async () => {
    const { calls, flow } = recorder();
    await replayScope(() => flow.execute({ trace: false }));
    expect(calls).toEqual([[expect.stringMatching(UUID_V4), false]]);
  });

  test("scopes side by side do not mix", async () => {
    const { calls, flow } = recorder();
    const one = replayScope(async () => {
      await Promise.resolve();
      await flow.execute({});
      return currentSessionId();
    });
    const two = replayScope(async () => {
      await flow.execute({});
      return currentSessionId();
    });
    const ids = await Promise.all([one, two]);
    expect(new Set(calls.map(([id]) => id))).toEqual(new Set(ids));
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe("a call's session", () => {
  test("is that of its options, then the client's, then the scope's", async () => {
    const session: Session = { mode: "capture", sessionId: SESSION };
    const plain = recorder();
    const withDefault = recorder(OTHER);
    await replayScope(async ({ sessionId }) => {
      await plain.flow.execute({ session, sessionId: OTHER });
      await plain.flow.execute({ sessionId: OTHER });
      await plain.flow.execute({});
      await plain.flow.execute({ sessionId });
      expect(plain.calls).toEqual([
        [SESSION, true],
        [OTHER, undefined],
        [sessionId, true],
        [sessionId, true],
      ]);
      await withDefault.flow.execute({});
      await withDefault.flow.execute({ sessionId: SESSION });
      expect(withDefault.calls.map(([id]) => id)).toEqual([OTHER, SESSION]);
    });
  });

  test("is the scope's that a stream was made in, wherever it is read", async () => {
    const ids: (string | null)[] = [];
    const client = clientOf((request) => {
      ids.push(request.headers.get("x-session-id"));
      return Response.json({}, { status: 422 });
    });
    const made = await replayScope((session) => ({ session, events: client.flow("grade-3").events({}) }));
    await expect(made.events.next()).rejects.toThrow("422");
    expect(ids).toEqual([made.session.sessionId]);
  });
});

describe("without async context, as in a browser,", () => {
  function leaveNode(): void {
    vi.stubGlobal("process", { env: process.env });
    vi.stubGlobal(Symbol.for("noukai.session.context"), undefined);
  }

  test("a scope whose callback takes no session is refused: its calls could not be told", async () => {
    leaveNode();
    const { calls, flow } = recorder();
    await expect(replayScope(() => flow.execute({}))).rejects.toThrow(ValueError);
    expect(calls).toEqual([]);
  });

  test("the session that the callback takes is passed to calls", async () => {
    leaveNode();
    const { calls, flow } = recorder();
    await replayScope(async (session) => {
      await flow.execute({ session });
      expect(currentSessionId()).toBeNull();
      expect(calls).toEqual([[session.sessionId, true]]);
    });
  });

  test("an edge runtime's own AsyncLocalStorage will do", async () => {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    leaveNode();
    vi.stubGlobal("AsyncLocalStorage", AsyncLocalStorage);
    const { calls, flow } = recorder();
    await replayScope(() => flow.execute({}));
    expect(calls).toEqual([[expect.stringMatching(UUID_V4), true]]);
  });
});

describe("a replay", () => {
  test.each(["1", "true", "YES", "On"])("is allowed by NOUKAI_REPLAY_ENABLED=%s", async (value) => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", value);
    const options = { client: holding(), replaySessionId: SESSION };
    expect(await replayScope((session) => session, options)).toMatchObject({ mode: "replay", sessionId: SESSION });
  });

  test.each(["", "0", "false", "enabled"])(
    "is ignored with NOUKAI_REPLAY_ENABLED=%s: the scope captures",
    async (value) => {
      vi.stubEnv("NOUKAI_REPLAY_ENABLED", value);
      const session = await replayScope((given) => given, { client: holding(), replaySessionId: SESSION });
      expect(session.mode).toBe("capture");
      expect(session.sessionId).not.toBe(SESSION);
    },
  );

  test("that is asked for by `mode` is refused where it is not allowed", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "");
    const options = { mode: "replay", client: holding(), replaySessionId: SESSION } as const;
    await expect(replayScope(() => {}, options)).rejects.toThrow(ReplayDisabledError);
  });

  test("takes the older names: `traceScope` with the client's `_transport`", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const options = { transport: holding()._transport, replaySessionId: SESSION };
    expect(await traceScope(() => currentSessionId(), options)).toBe(SESSION);
    expectTypeOf(traceScope).toBeCallableWith(async () => "x", {});
  });

  test("without a client is a ValueError", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    await expect(replayScope(() => {}, { replaySessionId: SESSION })).rejects.toThrow("Pass `client`");
  });

  test.each([
    [400, "INVALID_REQUEST", ReplayInvalidSessionError],
    [403, "FORBIDDEN", ReplayForbiddenError],
    [404, "SESSION_NOT_FOUND", ReplaySessionNotFoundError],
    [410, "SESSION_EXPIRED", ReplaySessionExpiredError],
  ])("is refused before its callback runs when the server says %i", async (statusCode, code, ErrorClass) => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const fn = vi.fn<(session: Session) => void>();
    const replay = replayScope((session) => fn(session), {
      client: refusing(statusCode, code),
      replaySessionId: SESSION,
    });
    await expect(replay).rejects.toMatchObject({ name: ErrorClass.kind, statusCode, code });
    await expect(replay).rejects.toBeInstanceOf(ErrorClass);
    expect(fn).not.toHaveBeenCalled();
  });

  test("of what is no UUID sends nothing", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const client = clientOf(() => expect.fail("A request was sent."));
    for (const options of [{ replaySessionId: "../runs" }, { replaySessionId: "" }, { mode: "replay" } as const]) {
      await expect(replayScope(() => {}, { client, ...options })).rejects.toThrow(ReplayInvalidSessionError);
    }
  });

  test("keeps a lost connection and a wrong key what they are", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const options = { replaySessionId: SESSION };
    const lost = clientOf(() => Promise.reject(new TypeError("fetch failed")));
    await expect(replayScope(() => {}, { ...options, client: lost })).rejects.toThrow(APIConnectionError);
    const stranger = refusing(401, "UNAUTHENTICATED");
    await expect(replayScope(() => {}, { ...options, client: stranger })).rejects.toMatchObject({ statusCode: 401 });
  });

  test("needs the snapshots of every run", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const bare: SessionExecution = {
      executionId: "e1",
      flowId: "f",
      slug: "grade-3",
      triggerType: "execute",
      status: "completed",
      startedAt: null,
      completedAt: null,
      traceCaptureMode: "metadata_only",
      snapshotsAvailable: false,
      errorAtStep: null,
      steps: [],
    };
    const client = holding({ executions: [bare] });
    const error = { name: ReplayNoSnapshotsError.kind, message: expect.stringContaining("metadata_only") };
    await expect(replayScope(() => {}, { client, replaySessionId: SESSION })).rejects.toMatchObject(error);
    const waiting = holding({ executions: [{ ...bare, status: "running" }] });
    await expect(replayScope(() => {}, { client: waiting, replaySessionId: SESSION })).rejects.toThrow(
      "waits for tool",
    );
  });
});

test("the client's logger is told when a scope opens and closes", async () => {
  const phases: unknown[] = [];
  const client = clientOf(() => Response.json(COMPLETED), {
    onLog: ({ phase, sessionId }) => phases.push([phase, sessionId]),
  });
  const id = await replayScope(() => currentSessionId(), { client });
  expect(phases).toEqual([
    ["scope_open", id],
    ["scope_close", id],
  ]);
});
