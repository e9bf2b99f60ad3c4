import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { SessionExecution } from "@noukai/core/schema";
import { clientOf } from "../../test/recorded-run.ts";
import { currentSessionId, type Noukai, type ReplayLeftoverError } from "../index.ts";
import { noukaiTraceMiddleware, type NoukaiTraceMiddlewareOptions } from "./express.ts";

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const REPLAY = { "x-noukai-replay": SESSION };

afterEach(() => void vi.unstubAllEnvs());

function execution(executionId: string, result: object): SessionExecution {
  const times = { startedAt: null, completedAt: null };
  const step = {
    attempt: 1,
    loopIndex: null,
    durationMs: 1,
    inputSnapshot: null,
    errorSnapshot: null,
    truncated: false,
  };
  return {
    ...times,
    executionId,
    flowId: "f",
    slug: "grade-3",
    triggerType: "execute",
    status: "completed",
    traceCaptureMode: "full",
    snapshotsAvailable: true,
    errorAtStep: null,
    steps: [{ ...step, ...times, stepId: "check", status: "completed", outputSnapshot: { ...result } }],
  };
}

/** A Noukai server that runs flows as `live`, and has one session recorded. */
function noukai(recorded: readonly SessionExecution[] = [execution("r1", { text: "recorded" })], status = 200) {
  const sessions: (string | null)[] = [];
  const client = clientOf((request) => {
    if (request.method === "GET")
      return Response.json(status === 200 ? { sessionId: SESSION, executions: recorded } : {}, { status });
    sessions.push(request.headers.get("x-session-id"));
    return Response.json({
      status: "completed",
      result: { text: "live" },
      flowId: "f",
      blockCount: 1,
      executionId: "e",
    });
  });
  return { client, sessions };
}

/** The application under test: Express itself, or the bare protocol of `next`. */
type Server = (client: Noukai, options?: Partial<NoukaiTraceMiddlewareOptions>) => RequestListener;

const withExpress: Server = (client, options) => {
  const app = express();
  app.use(noukaiTraceMiddleware({ client, ...options }));
  app.use(express.json());
  app.post("/grade", async (_request, response) => {
    const { executionId } = await client.flow("grade-3").execute({});
    response.json({ executionId, seen: currentSessionId() });
  });
  app.post("/stream", async (_request, response) => {
    response.write("first ");
    await client.flow("grade-3").execute({});
    response.end("second");
  });
  app.post("/idle", (_request, response) => void response.status(204).end());
  return app;
};

const withNext: Server = (client, options) => {
  const middleware = noukaiTraceMiddleware({ client, ...options });
  return (request, response) =>
    middleware(request, response, (error) => {
      if (error instanceof Error) return void response.writeHead(599).end(error.name);
      const work =
        request.url === "/idle" ? Promise.resolve({ executionId: "none" }) : client.flow("grade-3").execute({});
      void work.then(({ executionId }) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ executionId, seen: currentSessionId() }));
      });
    });
};

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  return (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"a":1}',
    });
}

describe.each([
  ["Express", withExpress],
  ["a server with `next`", withNext],
] as const)("on %s", (_name, serverOf) => {
  test("a request's calls are recorded under the id that its answer tells", async () => {
    const { client, sessions } = noukai();
    const call = await listen(serverOf(client));
    const answers = await Promise.all([call("/grade"), call("/grade")]);
    const ids = answers.map(({ headers }) => headers.get("x-noukai-session"));
    expect(new Set(sessions)).toEqual(new Set(ids));
    expect(new Set(ids).size).toBe(2);
    expect(await answers[0]?.json()).toEqual({ executionId: "e", seen: ids[0] });
  });

  test("a request that asks for a replay is answered from the recording", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "true");
    const { client, sessions } = noukai();
    const answer = await (await listen(serverOf(client)))("/grade", REPLAY);
    expect(answer.headers.get("x-noukai-session")).toBe(SESSION);
    expect(await answer.json()).toEqual({ executionId: "r1", seen: SESSION });
    expect(sessions).toEqual([]);
  });

  test("a stray replay header is ignored where replay is not enabled", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "");
    const { client, sessions } = noukai();
    const answer = await (await listen(serverOf(client)))("/grade", REPLAY);
    expect(answer.headers.get("x-noukai-session")).not.toBe(SESSION);
    expect(sessions).toEqual([answer.headers.get("x-noukai-session")]);
  });

  test.each([
    [400, "replay_invalid_session"],
    [403, "replay_forbidden"],
    [404, "replay_session_not_found"],
    [410, "replay_session_expired"],
  ])("a recording that cannot be had is answered with %i", async (status, error) => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const answer = await (await listen(serverOf(noukai([], status).client)))("/grade", REPLAY);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error, message: expect.any(String) });
  });

  test("a recording without snapshots is answered with 409", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const bare = { ...execution("r1", {}), snapshotsAvailable: false };
    const answer = await (await listen(serverOf(noukai([bare]).client)))("/grade", REPLAY);
    expect([answer.status, await answer.json()]).toEqual([
      409,
      expect.objectContaining({ error: "replay_no_snapshots" }),
    ]);
  });

  test("what a replay did not ask for is told when the answer is gone", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const leftover = await new Promise<ReplayLeftoverError>((resolve) => {
      const { client } = noukai();
      void listen(serverOf(client, { onLeftover: resolve })).then((call) => call("/idle", REPLAY));
    });
    expect(leftover.message).toContain("1 unconsumed");
  });
});

test("an answer in pieces has the session's id before its first piece, and its session to the last", async () => {
  const { client, sessions } = noukai();
  const answer = await (await listen(withExpress(client)))("/stream");
  expect(await answer.text()).toBe("first second");
  expect(sessions).toEqual([answer.headers.get("x-noukai-session")]);
});

test("what is no error of a replay goes to `next`", async () => {
  vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
  const answer = await (await listen(withNext(noukai([], 401).client)))("/grade", REPLAY);
  expect(answer.status).toBe(599);
  expect(await answer.text()).toContain("AuthenticationError");
});

test("leftovers are a warning unless somebody is told", async () => {
  vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  await (
    await listen(withNext(noukai().client))
  )("/idle", REPLAY);
  await expect.poll(() => warn.mock.calls).toEqual([[expect.stringContaining("1 unconsumed")]]);
});
