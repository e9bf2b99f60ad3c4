import { afterEach, describe, expect, test, vi } from "vitest";
import { clientOf } from "../../test/recorded-run.ts";
import { currentSessionId, type ReplayLeftoverError } from "../index.ts";
import { withNoukaiTrace } from "./nextjs.ts";

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const ANSWER = { status: "completed", result: {}, flowId: "f", blockCount: 1, executionId: "live" };
const RUN = {
  executionId: "r1",
  flowId: "f",
  slug: "grade-3",
  triggerType: "execute",
  status: "completed",
  startedAt: null,
  completedAt: null,
  traceCaptureMode: "full",
  snapshotsAvailable: true,
  errorAtStep: null,
  steps: [],
} as const;

afterEach(() => void vi.unstubAllEnvs());

function noukai(status = 200) {
  const sessions: (string | null)[] = [];
  const client = clientOf((request) => {
    if (request.method === "GET") return Response.json({ sessionId: SESSION, executions: [RUN] }, { status });
    sessions.push(request.headers.get("x-session-id"));
    return Response.json(ANSWER);
  });
  return { client, sessions };
}

function request(headers: Readonly<Record<string, string>> = {}): Request {
  return new Request("https://app.test/grade", { method: "POST", headers });
}

const replaying = () => request({ "x-noukai-replay": SESSION });

describe("a wrapped handler", () => {
  test("records under the id that its answer tells, and keeps the answer and the route's context", async () => {
    const { client, sessions } = noukai();
    const handler = withNoukaiTrace(
      async (_request: Request, { params }: { readonly params: { readonly id: string } }) => {
        await client.flow("grade-3").execute({});
        const headers = [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ] satisfies [string, string][];
        return new Response(params.id, { status: 201, statusText: "Made", headers });
      },
      { client },
    );
    const answer = await handler(request(), { params: { id: "7" } });
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([201, "Made", "7"]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(sessions).toEqual([answer.headers.get("x-noukai-session")]);
  });

  test("replays what is asked for", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { client, sessions } = noukai();
    const handler = withNoukaiTrace(async () => Response.json(await client.flow("grade-3").execute({})), { client });
    const answer = await handler(replaying());
    expect(answer.headers.get("x-noukai-session")).toBe(SESSION);
    expect(await answer.json()).toMatchObject({ executionId: "r1" });
    expect(sessions).toEqual([]);
  });

  test("may call flows while its answer is being read", async () => {
    const { client, sessions } = noukai();
    const handler = withNoukaiTrace(
      () => {
        const body = new ReadableStream(
          {
            async pull(controller) {
              await client.flow("grade-3").execute({});
              controller.enqueue(new TextEncoder().encode(currentSessionId() ?? "none"));
              controller.close();
            },
          },
          { highWaterMark: 0 },
        );
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      },
      { client },
    );
    const answer = await handler(request());
    const id = answer.headers.get("x-noukai-session");
    expect(await answer.text()).toBe(id);
    expect(sessions).toEqual([id]);
  });

  test("is left by who leaves its answer", async () => {
    const { client } = noukai();
    const cancelled = vi.fn<() => void>();
    const handler = withNoukaiTrace(() => new Response(new ReadableStream({ cancel: cancelled })), { client });
    await (await handler(request())).body?.cancel();
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test("ends its session when its answer breaks off", async () => {
    const phases: string[] = [];
    const client = clientOf(() => Response.json(ANSWER), { onLog: ({ phase }) => phases.push(phase) });
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error("broken")) });
    const answer = await withNoukaiTrace(() => new Response(broken), { client })(request());
    await expect(answer.text()).rejects.toThrow("broken");
    expect(phases).toEqual(["scope_open", "scope_close"]);
  });

  test.each([
    [403, "replay_forbidden"],
    [404, "replay_session_not_found"],
    [410, "replay_session_expired"],
    [400, "replay_invalid_session"],
  ])("is not called when the recording cannot be had: %i", async (status, error) => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { client } = noukai(status);
    const answer = await withNoukaiTrace(() => expect.fail("It was called."), { client })(replaying());
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error });
  });

  test("answers 500 for a call that was not recorded, and throws what is its own", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { client } = noukai();
    const miss = await withNoukaiTrace(async () => Response.json(await client.flow("title").execute()), { client })(
      replaying(),
    );
    expect([miss.status, await miss.json()]).toEqual([500, expect.objectContaining({ error: "replay_error" })]);
    const boom = new Error("boom");
    await expect(withNoukaiTrace(() => Promise.reject(boom), { client })(request())).rejects.toBe(boom);
  });

  test("tells what it did not ask for once its answer is read, also one without a body", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { client } = noukai();
    const told: ReplayLeftoverError[] = [];
    const options = { client, onLeftover: (error: ReplayLeftoverError) => void told.push(error) };
    const answer = await withNoukaiTrace(() => new Response("x"), options)(replaying());
    expect(await answer.text()).toBe("x");
    await withNoukaiTrace(() => new Response(null, { status: 204 }), options)(replaying());
    await withNoukaiTrace(() => new Response(null, { status: 503 }), options)(replaying());
    expect(told.map(({ name }) => name)).toEqual(["ReplayLeftoverError", "ReplayLeftoverError"]);
  });
});
