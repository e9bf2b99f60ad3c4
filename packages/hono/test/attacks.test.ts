import { describe, expect, test } from "vitest";
import { RelayRefusal } from "../src/index.ts";
import { KEY, refusal, relayTo, relayToServer } from "./harness.ts";

const RUN = "01a1f7ef-e7b7-7585-a447-ba6b5459a927";

/** A server that finds everything well. */
function accepting(): Response {
  const body = { status: "completed", result: {}, flowId: "f", blockCount: 1, executionId: RUN };
  return Response.json(body, { headers: { "x-noukai-execution-id": RUN } });
}

/** A body of which piece after piece comes, for as long as it is read. */
function endless(piece: Uint8Array): { readonly body: ReadableStream<Uint8Array>; readonly pieces: () => number } {
  let pieces = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        pieces += 1;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pieces: () => pieces };
}

describe("a body", () => {
  test("that says it is too large is not read", async () => {
    const { call, lines } = relayTo(accepting);
    const { body, pieces } = endless(new Uint8Array(1000));
    const response = await call("POST", "/execute", { body, headers: { "content-length": "262145" } });
    expect([await refusal(response), pieces(), lines()]).toEqual(["413 BODY_TOO_LARGE", 0, []]);
  });

  test.each([{}, { "content-length": "10" }])("without an end is read up to the limit (%j)", async (headers) => {
    const { call, lines } = relayTo(accepting);
    const { body, pieces } = endless(new Uint8Array(65_536));
    const response = await call("POST", "/execute", { body, headers });
    expect([await refusal(response), pieces(), lines()]).toEqual(["413 BODY_TOO_LARGE", 5, []]);
  });

  test("of just the largest size is let through", async () => {
    const { call } = relayTo(accepting);
    const frame = JSON.stringify({ message: "" }).length;
    expect((await call("POST", "/execute", { body: { message: "x".repeat(262_144 - frame) } })).status).toBe(200);
    const response = await call("POST", "/execute", { body: { message: "x".repeat(262_145 - frame) } });
    expect(await refusal(response)).toBe("413 BODY_TOO_LARGE");
  });

  test("that does not come is waited for no longer than that", async () => {
    const { call } = relayTo(accepting, { bounds: { bodyTimeoutMs: 5 } });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"message":')),
    });
    expect(await refusal(await call("POST", "/execute", { body }))).toBe("408 BODY_TIMEOUT");
  });

  test("that breaks off is refused", async () => {
    const { call } = relayTo(accepting);
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("gone")) });
    expect(await refusal(await call("POST", "/execute", { body }))).toBe("400 BODY_INCOMPLETE");
  });

  test.each([
    ["", "400 INVALID_JSON"],
    ["{", "400 INVALID_JSON"],
    ["message=a", "400 INVALID_JSON"],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "400 INVALID_JSON"],
    [new Uint8Array([0x22, 0xff, 0x22]), "400 INVALID_JSON"],
    ["[]", "400 INVALID_REQUEST"],
    ["null", "400 INVALID_REQUEST"],
    ['"text"', "400 INVALID_REQUEST"],
    ['{"parameters":[1]}', "400 INVALID_REQUEST"],
    ['{"executionId":7}', "400 EXECUTION_ID_INVALID"],
  ])("that is no call is refused: %.20s", async (body, expected) => {
    const { call, lines } = relayTo(accepting);
    expect([await refusal(await call("POST", "/execute", { body })), lines()]).toEqual([expected, []]);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])(
    "of a type that another site's form may send is not read: %s",
    async (type) => {
      const { call } = relayTo(accepting);
      const response = await call("POST", "/execute", { body: { message: "a" }, headers: { "content-type": type } });
      expect(await refusal(response)).toBe("415 UNSUPPORTED_MEDIA_TYPE");
    },
  );

  test.each(["messages", "toolCallMessages"])("with more than 40 %s is refused", async (name) => {
    const { call } = relayTo(accepting);
    const messages = (count: number) => Array.from({ length: count }, () => ({ role: "user", content: "a" }));
    expect((await call("POST", "/execute", { body: { [name]: messages(40) } })).status).toBe(200);
    const response = await call("POST", "/execute", { body: { [name]: messages(41) } });
    expect(await refusal(response)).toBe("413 TOO_MANY_MESSAGES");
  });
});

describe("a member", () => {
  test.each([
    ["blockOverrides", { check: { model: "openai/gpt-5" } }],
    ["inputOverrides", { check: { text: "a" } }],
    ["trace", true],
    ["version", "draft"],
    ["priority", 9],
    ["startAfter", "2026-11-20T00:00:00Z"],
    ["webhookUrl", "https://evil.example/"],
    ["block_overrides", { check: { model: "openai/gpt-5" } }],
    ["input_overrides", { check: { text: "a" } }],
    ["webhook_url", "https://evil.example/"],
    ["blockoverrides", { check: {} }],
    ["flow", "acme/spelling/other"],
    ["constructor", "a"],
  ])("that a browser must not choose is refused by name: %s", async (name, value) => {
    const { call, lines } = relayTo(accepting);
    const response = await call("POST", "/step", { body: { message: "a", [name]: value } });
    expect([await refusal(response), lines()]).toEqual([`403 ${name} is not allowed here.`, []]);
  });

  test("that is no name at all is refused without being repeated", async () => {
    const { call } = relayTo(accepting);
    const text = '{"message":"a","__proto__":{"trace":true}}';
    expect(await refusal(await call("POST", "/execute", { body: text }))).toBe("403 __proto__ is not allowed here.");
    const strange = await call("POST", "/execute", { body: { "<script>": "a" } });
    expect(await refusal(strange)).toBe("403 A member of the body is not allowed here.");
  });

  test("that says nothing is as one that is not there", async () => {
    const { call, asked } = relayTo(accepting);
    const body = { message: "a", trace: false, version: null, blockOverrides: {}, webhookUrl: "" };
    expect((await call("POST", "/execute", { body })).status).toBe(200);
    expect(asked[0]?.text).toBe('{"message":"a"}');
  });

  test("that is named twice is what the last one says, for the relay as for the server", async () => {
    const { call, asked } = relayTo(accepting);
    const twice = '{"trace":null,"message":"a","message":"b"}';
    await call("POST", "/execute", { body: twice });
    expect(asked[0]?.text).toBe('{"message":"b"}');
    const hidden = await call("POST", "/execute", { body: '{"trace":null,"trace":true}' });
    expect(await refusal(hidden)).toBe("403 trace is not allowed here.");
  });

  test("goes to the server where the relay allows it", async () => {
    const { call, asked } = relayTo(accepting, { bounds: { allow: ["version", "trace", "blockOverrides"] } });
    const blockOverrides = { check: { temperature: 0 } };
    await call("POST", "/execute", { body: { message: "a", version: 3, trace: true, blockOverrides } });
    await call("POST", "/execute", { body: { message: "a", version: "draft" } });
    expect(asked.map(({ text }) => JSON.parse(text))).toEqual([
      { message: "a", trace: true, blockOverrides },
      { message: "a" },
    ]);
    expect(await refusal(await call("POST", "/execute", { body: { version: "v3/../../x" } }))).toBe(
      "400 INVALID_VERSION",
    );
  });

  test("version leads to that version's path", async () => {
    const { call, lines } = relayTo(accepting, { bounds: { allow: ["version"] }, version: 2 });
    for (const version of [undefined, "draft", "production", 7]) {
      await call("POST", "/execute", { body: { message: "a", version } });
    }
    expect(lines()).toEqual([
      "POST /grade-3/v2/execute",
      "POST /grade-3/v0/execute",
      "POST /grade-3/execute",
      "POST /grade-3/v7/execute",
    ]);
  });
});

describe("a path", () => {
  test.each([
    "/../keys",
    "/..%2fkeys",
    "/runs/..%2f..%2fkeys/trace",
    `/runs/${RUN}/../../../keys`,
    `/runs/${RUN}%2f..%2f..%2f/trace`,
    `/runs/${RUN}/steps/..%2f../trace`,
    `/runs/${RUN}/steps/%2e%2e/trace`,
    "/runs/.",
    "/jobs/%00",
    "/runs/1",
    "/runs",
    "/sessions/5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c",
    "/execute/",
    "//execute",
  ])("that leads elsewhere leads nowhere: GET %s", async (path) => {
    const { call, lines } = relayTo(accepting);
    expect([(await call("GET", path)).status, lines()]).toEqual([404, []]);
  });

  test("of a run is not asked for by HEAD, which would leave its stream open", async () => {
    const { call, lines } = relayTo(accepting);
    await call("POST", "/execute", { body: { message: "a" } });
    expect([(await call("HEAD", `/runs/${RUN}/trace/stream`)).status, lines().length]).toEqual([405, 1]);
  });

  test("names no flow but those of the relay", async () => {
    const flows = { grader: "acme/spelling/grade-3", old: { flow: "acme/spelling/grade-3", version: 1 } } as const;
    const { call, lines } = relayTo(accepting, { flow: undefined, flows } as never);
    await call("POST", "/grader/execute", { body: { message: "a" } });
    await call("POST", "/old/execute", { body: { message: "a" } });
    for (const name of ["slow", "constructor", "__proto__", "..%2fgrader", "acme%2fspelling%2fslow"]) {
      const response = await call("POST", `/${name}/execute`, { body: { message: "a" } });
      expect(await refusal(response)).toBe("404 FLOW_NOT_FOUND");
    }
    expect(lines()).toEqual(["POST /grade-3/execute", "POST /grade-3/v1/execute"]);
  });

  test("takes nothing of the caller's query along but what a step's trace is asked with", async () => {
    const { call, lines } = relayTo(accepting);
    await call("POST", "/execute?version=draft&key=a", { body: { message: "a" } });
    await call("GET", `/runs/${RUN}/steps/check/trace?attempt=all%26x=1&tenant=7`);
    await call("GET", `/runs/${RUN}/trace?limit=9`);
    expect(lines()).toEqual([
      "POST /grade-3/execute",
      `GET /grade-3/runs/${RUN}/steps/check/trace?attempt=all%26x%3D1`,
      `GET /grade-3/runs/${RUN}/trace`,
    ]);
  });
});

describe("headers", () => {
  test("of the caller's reach the server only where they are the contract's, and harmless", async () => {
    const { call, asked } = relayTo(accepting);
    const headers = {
      authorization: "Bearer nk_live_attacker",
      "x-api-key": "nk_live_attacker",
      cookie: "session=1",
      "x-session-id": "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c",
      "x-noukai-on-disconnect": "cancel",
      "x-forwarded-for": "1.2.3.4",
      "x-request-id": "mine",
      "idempotency-key": "k1",
      "last-event-id": "7",
      "user-agent": "evil",
      connection: "close",
      "transfer-encoding": "chunked",
    };
    await call("POST", "/step", { body: { message: "a" }, headers });
    const sent = Object.fromEntries(asked[0]?.headers ?? []);
    expect(sent).toEqual({
      accept: "text/event-stream",
      authorization: `Bearer ${KEY}`,
      "content-type": "application/json",
      "idempotency-key": expect.stringMatching(/^k1-[\da-f]{64}$/),
      "last-event-id": "7",
      "user-agent": expect.stringMatching(/^noukai-hono\//),
      "x-noukai-on-disconnect": "continue",
    });
  });

  test.each(["-1", "1e9", "7, 8", "x", "9".repeat(40)])(
    "a cursor that is no number is left out: %s",
    async (cursor) => {
      const { call, asked } = relayTo(accepting);
      await call("POST", "/step", { body: { message: "a" }, headers: { "last-event-id": cursor } });
      expect(asked[0]?.headers.get("last-event-id")).toBeNull();
    },
  );

  test("a key that is none is refused", async () => {
    const { call } = relayTo(accepting);
    const headers = { "idempotency-key": "k".repeat(256) };
    expect(await refusal(await call("POST", "/execute", { body: { message: "a" }, headers }))).toBe(
      "400 INVALID_REQUEST",
    );
  });

  test("of the server's answer only those go on that a page needs", async () => {
    const { call } = relayTo(() => {
      const headers = { "x-noukai-execution-id": RUN, "x-request-id": "r1", "set-cookie": "a=b", server: "nginx" };
      return Response.json({}, { headers });
    });
    const { headers } = await call("POST", "/execute", { body: { message: "a" } });
    expect(Object.fromEntries(headers)).toEqual({
      "cache-control": "no-store",
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
      "x-noukai-execution-id": RUN,
      "x-request-id": "r1",
    });
  });
});

describe("`authorize`", () => {
  const withError = (error: unknown) =>
    relayTo(accepting, {
      authorize: () => {
        throw error;
      },
    });

  test.each([
    [new RelayRefusal(402, "Your plan has no runs left."), "402 Your plan has no runs left."],
    [{ status: 401 }, "401 UNAUTHENTICATED"],
    [Object.assign(new Error("secret"), { status: 451, detail: "NOT_HERE" }), "451 NOT_HERE"],
    [Object.assign(new Error("secret"), { status: 418 }), "418 FORBIDDEN"],
    [Object.assign(new Error("secret"), { status: 200, detail: "fine" }), "403 FORBIDDEN"],
    [Object.assign(new Error("secret"), { status: "402", detail: "fine" }), "403 FORBIDDEN"],
    [Object.assign(new Error("secret"), { status: 402, detail: { secret: 1 } }), "402 FORBIDDEN"],
    [new Error("the database at 10.0.0.7 is down"), "403 FORBIDDEN"],
    [undefined, "403 FORBIDDEN"],
    ["text", "403 FORBIDDEN"],
  ])("refuses with a status and a text, and tells nothing else (%#)", async (error, expected) => {
    const { call, lines } = withError(error);
    expect(await refusal(await call("POST", "/execute", { body: { message: "a" } }))).toBe(expected);
    expect(await refusal(await call("GET", `/runs/${RUN}`))).toBe(expected);
    expect(await refusal(await call("POST", `/runs/${RUN}/cancel`))).toBe(expected);
    expect(lines()).toEqual([]);
  });

  test.each([undefined, {}, { user: "" }, { user: 7 }, true])("that names nobody lets nobody in: %j", async (grant) => {
    const { call } = relayTo(accepting, { authorize: () => grant as never });
    expect(await refusal(await call("POST", "/execute", { body: { message: "a" } }))).toBe("403 FORBIDDEN");
  });

  test("says when it is worth asking again", async () => {
    const { call } = withError(new RelayRefusal(429, "RATE_LIMITED", 30));
    const response = await call("POST", "/execute", { body: { message: "a" } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "30"]);
  });

  test("is told what is asked, and may narrow it", async () => {
    const told: unknown[] = [];
    const { call, asked, lines } = relayTo(accepting, {
      version: 2,
      authorize(_, { flow, version, operation, input, executionId }) {
        told.push({ flow, version, operation, input, executionId });
        return { user: "ann", version: 1, input: { message: input?.message?.slice(0, 3) } };
      },
    });
    await call("POST", "/execute", { body: { message: "abcdef", parameters: { difficulty: "hard" } } });
    await call("GET", `/runs/${RUN}`);
    const flow = "acme/spelling/grade-3";
    const input = { message: "abcdef", parameters: { difficulty: "hard" } };
    expect(told).toEqual([
      { flow, version: 2, operation: "execute", input, executionId: undefined },
      { flow, version: 2, operation: "read", input: undefined, executionId: RUN },
    ]);
    expect([asked[0]?.text, lines()[0]]).toEqual(['{"message":"abc"}', "POST /grade-3/v1/execute"]);
  });
});

describe("a server", () => {
  const answerOf = async (answer: () => Response | Promise<Response>, path = "/execute") =>
    relayTo(answer).call("POST", path, { body: { message: "a" } });

  test.each(["/execute", "/step"])("that is not there is told as such, and asked once: %s", async (path) => {
    const { call, lines } = relayTo(() => {
      throw new TypeError("connect ECONNREFUSED 10.0.0.7:8080");
    });
    expect(await refusal(await call("POST", path, { body: { message: "a" } }))).toBe("502 UPSTREAM_UNAVAILABLE");
    expect(lines()).toHaveLength(1);
  });

  test.each(["/execute", "/step", "/jobs"])("that answers with a page is told as such: %s", async (path) => {
    for (const status of [200, 404, 503]) {
      const page = () =>
        new Response("<html>nginx 10.0.0.7</html>", { status, headers: { "content-type": "text/html" } });
      expect(await refusal(await answerOf(page, path))).toBe("502 UPSTREAM_NON_JSON");
    }
  });

  test("that leads elsewhere is not followed with the key", async () => {
    const redirect = () => new Response(null, { status: 307, headers: { location: "https://evil.example/" } });
    expect(await refusal(await answerOf(redirect))).toBe("502 UPSTREAM_NON_JSON");
  });

  test.each([
    [400, "TOOLS_NOT_ENABLED", "400 TOOLS_NOT_ENABLED"],
    [401, "UNAUTHENTICATED", "502 UPSTREAM_REFUSED"],
    [403, "FORBIDDEN", "502 UPSTREAM_REFUSED"],
    [404, "FLOW_NOT_FOUND", "404 FLOW_NOT_FOUND"],
    [422, "STEP_FAILED", "422 STEP_FAILED"],
    [429, "RATE_LIMITED", "429 RATE_LIMITED"],
    [500, "INTERNAL_ERROR", "500 INTERNAL_ERROR"],
    [500, "select * from keys", "500 UPSTREAM_ERROR"],
    [503, undefined, "503 UPSTREAM_ERROR"],
  ])("that refuses with %i %s: of its body the code is told, and nothing else", async (status, code, expected) => {
    const detail = { code, message: "secret-message", stack: "at /srv/app.js", issues: [{ path: "secret" }] };
    const refused = () => Response.json({ detail }, { status, headers: { "retry-after": "7", "x-request-id": "r1" } });
    for (const path of ["/execute", "/step"]) {
      const response = await answerOf(refused, path);
      expect(response.headers.get("retry-after")).toBe("7");
      expect(await response.clone().text()).not.toContain("secret");
      expect(await refusal(response)).toBe(expected);
    }
  });
});

test("refusals of the real server come through as plain codes", async () => {
  const { call } = await relayToServer({ flow: "acme/spelling/failing" });
  const failed = await call("POST", "/execute", { body: { message: "a" } });
  const executionId = failed.headers.get("x-noukai-execution-id");
  expect([await refusal(failed), executionId]).toEqual(["422 MODEL_PROVIDER_ERROR", expect.any(String)]);
  expect((await call("GET", `/runs/${executionId}/trace`)).status).toBe(200);
  const other = await call("POST", "/execute", { body: { tools: [{}] } });
  expect(other.status).toBe(400);
});
