import { AbortError, type Noukai, type SessionRecording } from "@noukai/sdk";
import { createTestServer, flow, step } from "@noukai/sdk/testing";
import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import { noukai, type NoukaiEnv, type NoukaiMiddlewareOptions, onFlowError } from "./index.ts";

afterEach(() => void vi.unstubAllEnvs());

const NAME = "acme/demo/talk";
const server = () => createTestServer({ flows: { [NAME]: flow([step("write", { text: ["hel", "lo"] })]) } });

/** An app whose every request runs the flow. */
function appOf(options: NoukaiMiddlewareOptions): Hono<NoukaiEnv> {
  const app = new Hono<NoukaiEnv>().onError(onFlowError((_, c) => c.body(null, 500)));
  return app.use(noukai(options)).get("/", async (c) => {
    const answer = await c.var.noukai.flow(NAME).execute({ message: "a" });
    return c.json({ output: answer.requiresToolCalls ? null : answer.output, session: answer.sessionId });
  });
}

describe("the client", () => {
  test("is there for each request, a new one each time", async () => {
    const { apiKey, baseUrl, fetch } = server();
    const clients = new Set<Noukai>();
    const app = appOf({ apiKey, baseUrl, fetch }).use("/who", async (c, next) => {
      clients.add(c.var.noukai);
      await next();
    });
    expect(await (await app.request("/")).json()).toMatchObject({ output: { text: "hello" } });
    await app.request("/who");
    await app.request("/who");
    expect(clients.size).toBe(2);
  });

  test("takes its key and its server from the bindings, request by request", async () => {
    const asked: (string | null)[] = [];
    const fetch = (request: Request): Response => {
      asked.push(request.headers.get("authorization"), new URL(request.url).origin);
      return Response.json({ detail: { code: "FLOW_NOT_FOUND", message: "" } }, { status: 404 });
    };
    const app = appOf({ fetch });
    vi.stubEnv("NOUKAI_API_KEY", "nk_test_environment");
    const bindings = { NOUKAI_API_KEY: "nk_test_a", NOUKAI_BASE_URL: "https://a.example/api/v1" };
    await app.request("/", {}, bindings);
    await app.request("/", {}, { NOUKAI_API_KEY: "", NOUKAI_ENV: "dev" });
    await app.request("/");
    expect(asked).toEqual([
      "Bearer nk_test_a",
      "https://a.example",
      "Bearer nk_test_environment",
      "http://localhost:8080",
      "Bearer nk_test_environment",
      "https://api.noukai.dev",
    ]);
  });

  test("is not made without a key, which the app's own handler is told", async () => {
    vi.stubEnv("NOUKAI_API_KEY", "");
    const app = appOf({}).onError((error, c) => c.text(error.message, 500));
    expect(await (await app.request("/")).text()).toContain("There is no API key");
  });

  test("lets go of its calls when the caller goes, and cancels nothing", async () => {
    const { apiKey, baseUrl, ...scripted } = server();
    const lines: string[] = [];
    const controller = new AbortController();
    const fetch = (request: Request): Promise<Response> => {
      lines.push(`${request.method} ${new URL(request.url).pathname}`);
      controller.abort();
      return new Promise(() => {});
    };
    let failure: unknown;
    const app = appOf({ apiKey, baseUrl, fetch }).onError((error, c) => {
      failure = error;
      return c.body(null, 500);
    });
    await app.request("/", { signal: controller.signal });
    expect(failure).toBeInstanceOf(AbortError);
    expect(failure).toMatchObject({ code: "CLIENT_CLOSED" });
    await new Promise(setImmediate);
    expect(lines).toEqual([`POST /api/v1/seq/${NAME}/v0/execute`]);
    expect(scripted.requests).toEqual([]);
  });
});

describe("a session", () => {
  test("is one request's, and its answer says which", async () => {
    const { apiKey, baseUrl, fetch, requests } = server();
    const app = appOf({ apiKey, baseUrl, fetch });
    const [first, second] = [await app.request("/"), await app.request("/")];
    const ids = [first, second].map(({ headers }) => headers.get("x-noukai-session"));
    expect(new Set(ids).size).toBe(2);
    expect(await first.json()).toMatchObject({ session: ids[0] });
    expect(requests.map(({ headers }) => headers.get("x-session-id"))).toEqual(ids);
    expect(requests[0]?.body).toMatchObject({ trace: true });
  });

  test("lasts as long as the body that the handler began", async () => {
    const { apiKey, baseUrl, fetch, requests } = server();
    const app = new Hono<NoukaiEnv>().use(noukai({ apiKey, baseUrl, fetch })).get("/", (c) => {
      const { noukai: client } = c.var;
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await client.flow(NAME).execute({ message: "late" });
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return c.body(body);
    });
    const response = await app.request("/");
    await response.text();
    expect(requests.map(({ headers }) => headers.get("x-session-id"))).toEqual([
      response.headers.get("x-noukai-session"),
    ]);
  });

  test("keeps the headers and the status of the handler's answer", async () => {
    const { apiKey, baseUrl, fetch } = server();
    const app = new Hono<NoukaiEnv>().use(noukai({ apiKey, baseUrl, fetch })).get("/", (c) => {
      c.header("set-cookie", "a=1");
      c.header("set-cookie", "b=2", { append: true });
      return c.text("made", 201);
    });
    const response = await app.request("/");
    expect([response.status, response.headers.getSetCookie(), await response.text()]).toEqual([
      201,
      ["a=1", "b=2"],
      "made",
    ]);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test("is not opened where sessions are off", async () => {
    const { apiKey, baseUrl, fetch, requests } = server();
    const response = await appOf({ apiKey, baseUrl, fetch, sessions: false }).request("/");
    expect([response.headers.get("x-noukai-session"), requests[0]?.headers.get("x-session-id")]).toEqual([null, null]);
  });
});

const SESSION = "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c";
const times = { startedAt: null, completedAt: null };
const recording: SessionRecording = {
  sessionId: SESSION,
  executions: [
    {
      ...times,
      executionId: "01a1f7ef-e7b7-7585-a447-ba6b5459a927",
      flowId: "f",
      slug: "talk",
      triggerType: "execute",
      status: "completed",
      traceCaptureMode: "full",
      snapshotsAvailable: true,
      errorAtStep: null,
      steps: [
        {
          ...times,
          stepId: "write",
          attempt: 1,
          loopIndex: null,
          status: "completed",
          durationMs: 1,
          inputSnapshot: null,
          outputSnapshot: { text: "recorded" },
          errorSnapshot: null,
          truncated: false,
        },
      ],
    },
  ],
};

describe("a replay", () => {
  const replaying = (answer: Response, path = "/") => {
    const fetch = vi.fn(async () => answer.clone());
    const onLeftover = vi.fn();
    const app = appOf({ apiKey: "nk_test_a", fetch, onLeftover })
      .onError((_, c) => c.body(null, 500, { "x-old": "the answer before" }))
      .get("/none", (c) => c.text("nothing was called"))
      .get("/twice", async (c) => {
        const talk = c.var.noukai.flow(NAME);
        await talk.execute();
        await talk.execute();
        return c.text("never");
      });
    const response = () => app.request(path, { headers: { "x-noukai-replay": SESSION } });
    return { fetch, onLeftover, response };
  };

  test("answers from the recording where the environment allows it", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { response, fetch, onLeftover } = replaying(Response.json(recording));
    const answer = await response();
    expect([await answer.json(), answer.headers.get("x-noukai-session")]).toMatchObject([
      { output: { text: "recorded" } },
      SESSION,
    ]);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(onLeftover).not.toHaveBeenCalled();
  });

  test("is ignored elsewhere", async () => {
    const { apiKey, baseUrl, fetch } = server();
    const app = appOf({ apiKey, baseUrl, fetch });
    const response = await app.request("/", { headers: { "x-noukai-replay": SESSION } });
    expect(response.headers.get("x-noukai-session")).not.toBe(SESSION);
    expect(await response.json()).toMatchObject({ output: { text: "hello" } });
  });

  test.each([
    [Response.json({}, { status: 404 }), "/", 404, "replay_session_not_found"],
    [Response.json({}, { status: 403 }), "/", 403, "replay_forbidden"],
    [Response.json(recording), "/twice", 500, "replay_error"],
  ])("that cannot be is answered with what is missing (%#)", async (answer, path, status, error) => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const response = await replaying(answer, path).response();
    expect([response.status, await response.json()]).toMatchObject([status, { error }]);
    expect(response.headers.has("x-old")).toBe(false);
  });

  test("tells of recordings that were not asked for", async () => {
    vi.stubEnv("NOUKAI_REPLAY_ENABLED", "1");
    const { response, onLeftover } = replaying(Response.json(recording), "/none");
    expect(await (await response()).text()).toBe("nothing was called");
    expect(onLeftover).toHaveBeenCalledTimes(1);
  });
});

test("what a handler's flow fails with is the app's to answer", async () => {
  const fetch = (): Response => Response.json({ detail: { code: "STEP_FAILED", message: "secret" } }, { status: 422 });
  const app = appOf({ apiKey: "nk_test_a", fetch }).onError(onFlowError());
  const response = await app.request("/");
  expect([response.status, await response.json()]).toEqual([422, { detail: "STEP_FAILED" }]);
});
