import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  encodeFrame,
  EXECUTION_ID,
  HurriedClock,
  RECORDED,
  RecordedServer,
  streamOf,
} from "../../test/recorded-run.ts";
import { watchedFetch, type WatchedRequest } from "../../test/watched-fetch.ts";
import {
  AuthenticationError,
  createRelayFlow,
  FlowExecutionError,
  PermissionDeniedError,
  type RelayOptions,
  ValueError,
} from "../index.ts";

const COMPLETED = { status: "completed", result: { text: "a" }, flowId: "f", blockCount: 1, executionId: EXECUTION_ID };
const url = "https://app.test/agent/execute";

function relayOf(
  answer: (request: WatchedRequest) => Response | Promise<Response>,
  options: Partial<RelayOptions> = {},
) {
  const watched = watchedFetch(answer, "https://app.test");
  return { ...watched, flow: createRelayFlow({ url, fetch: watched.fetch, ...options }, new HurriedClock()) };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("an address that is relative to a page", () => {
  test("can be given where a page is rendered, and is told to be none by the first call there", async () => {
    const flow = createRelayFlow({ url: "/agent/execute" });
    const message = "`url` is relative to a page, and there is none here. Give the whole address.";
    for (const call of [() => flow.execute(), () => flow.events().next(), () => flow.run(EXECUTION_ID).summary()]) {
      const thrown: unknown = await call().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ValueError);
      expect(String(thrown)).toContain(message);
    }
  });

  test("will do there where the program brings its own fetch", async () => {
    const flow = createRelayFlow({ url: "/agent/execute", fetch: () => Response.json(COMPLETED) });
    expect(await flow.execute()).toMatchObject({ status: "completed" });
  });
});

describe("a flow behind a relay", () => {
  test("is executed at the relay's address, without a key and without a version", async () => {
    const { flow, requests } = relayOf(() => Response.json(COMPLETED));
    expect(requests).toEqual([]);
    expect(await flow.execute({ message: "hous", parameters: { difficulty: "hard" } })).toMatchObject({
      result: { text: "a" },
      executionId: EXECUTION_ID,
    });
    const [{ line, headers, body }] = requests as [WatchedRequest];
    expect([line, body]).toEqual(["POST /agent/execute", { message: "hous", parameters: { difficulty: "hard" } }]);
    expect([headers.get("authorization"), headers.get("idempotency-key")]).toEqual([null, expect.any(String)]);
  });

  test("has its other routes beside that address", async () => {
    const job = { executionId: EXECUTION_ID, status: "completed", state: "completed", result: { text: "a" } };
    const { flow, lines } = relayOf(({ line }) => {
      if (line === "POST /agent/jobs") return Response.json({ ...job, flowId: "f", blockCount: 1 }, { status: 202 });
      if (line.startsWith("GET /agent/jobs")) return Response.json(job);
      if (line.endsWith("/stream") || line.endsWith("/step")) return streamOf(RECORDED.map(encodeFrame));
      return Response.json({ flowRun: {}, steps: [] });
    });
    await Array.fromAsync(flow.events({ message: "a" }));
    const submitted = await flow.executeAsync({ message: "a" });
    await submitted.wait();
    await flow.job(EXECUTION_ID).cancel();
    const run = flow.run(EXECUTION_ID);
    await run.summary();
    await run.trace();
    await run.stepTrace("check", { attempt: 2 });
    expect(lines()).toEqual([
      "POST /agent/step",
      "POST /agent/jobs",
      `GET /agent/runs/${EXECUTION_ID}/trace/stream`,
      `GET /agent/jobs/${EXECUTION_ID}`,
      `POST /agent/runs/${EXECUTION_ID}/cancel`,
      `GET /agent/runs/${EXECUTION_ID}`,
      `GET /agent/runs/${EXECUTION_ID}/trace`,
      `GET /agent/runs/${EXECUTION_ID}/steps/check/trace?attempt=2`,
    ]);
  });

  test("is asked with the query of its address, on every route", async () => {
    const { flow, lines } = relayOf(() => Response.json({ ...COMPLETED, attempts: [] }), {
      url: `${url}?tenant=7&tag=a&tag=b`,
    });
    await flow.execute({ message: "a" });
    await flow.run(EXECUTION_ID).stepTrace("check", { attempt: "all" });
    expect(lines()).toEqual([
      "POST /agent/execute?tenant=7&tag=a&tag=b",
      `GET /agent/runs/${EXECUTION_ID}/steps/check/trace?tenant=7&tag=a&tag=b&attempt=all`,
    ]);
  });

  test("sends a version that it is given in the body, for the relay to judge", async () => {
    const { flow, requests } = relayOf(() => Response.json(COMPLETED));
    for (const version of ["draft", 3, "production"] as const) await flow.execute({ message: "a", version });
    expect(requests.map(({ line, body }) => [line, body])).toEqual([
      ["POST /agent/execute", { message: "a", version: "draft" }],
      ["POST /agent/execute", { message: "a", version: 3 }],
      ["POST /agent/execute", { message: "a" }],
    ]);
  });

  test("takes up a stream that was cut, with one POST", async () => {
    const server = new RecordedServer({ cuts: [700, 900], end: "reset", meanwhile: "waits" });
    const flow = createRelayFlow({ url, fetch: server.fetch }, new HurriedClock());
    const events = await Array.fromAsync(flow.events({ message: "a" }));
    expect(events.flatMap(({ seq }) => seq ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(server.posts).toBe(1);
    expect(server.requests.at(-1)?.url).toBe(`https://app.test/agent/runs/${EXECUTION_ID}/trace/stream`);
  });

  test("is cancelled when its caller aborts, by the key while the run has no name", async () => {
    const controller = new AbortController();
    const { flow, lines } = relayOf(({ line }) => {
      if (line.endsWith("cancel")) return Response.json({}, { status: 202 });
      controller.abort();
      return new Promise(() => {});
    });
    await expect(flow.execute({ signal: controller.signal })).rejects.toThrow("POST agent/execute: aborted");
    await vi.waitFor(() => expect(lines()).toEqual(["POST /agent/execute", "POST /agent/runs/cancel"]));
  });

  test("tells a relay's refusal, whose detail is plain text, as a typed error", async () => {
    const { flow } = relayOf(() => Response.json({ detail: "blockOverrides are not allowed here." }, { status: 403 }));
    const failure = await flow.execute({ blockOverrides: { check: { model: "x" } } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PermissionDeniedError);
    expect(failure).toMatchObject({ message: expect.stringContaining("blockOverrides are not allowed here.") });
    const large = relayOf(() => Response.json({ detail: "BODY_TOO_LARGE" }, { status: 413 })).flow;
    await expect(large.execute()).rejects.toThrow(FlowExecutionError);
    await expect(large.execute()).rejects.toMatchObject({ code: "BODY_TOO_LARGE", statusCode: 413, billed: "no" });
  });

  test("checks what its schemas say", async () => {
    const { fetch, lines } = watchedFetch(
      () => Response.json({ ...COMPLETED, result: { text: 7 } }),
      "https://app.test",
    );
    const input = z.object({ message: z.string().min(1) });
    const flow = createRelayFlow({ url, fetch, input, output: z.object({ text: z.string() }) });
    await expect(flow.execute({ message: "" })).rejects.toThrow("`message`");
    // @ts-expect-error the message is a text
    await expect(flow.execute({ message: 7 })).rejects.toThrow("`message`");
    expect(lines()).toEqual([]);
    await expect(flow.execute({ message: "a" })).rejects.toMatchObject({ code: "OUTPUT_SCHEMA_MISMATCH" });
  });

  test("sends the headers that it is given, but for those that are the SDK's", async () => {
    const { flow, requests } = relayOf(() => Response.json(COMPLETED), {
      headers: { "X-Page": "grades", Authorization: "Bearer nk_live_x", Cookie: "a=b" },
    });
    await flow.execute();
    const [{ headers }] = requests as [WatchedRequest];
    expect([headers.get("x-page"), headers.get("authorization"), headers.get("cookie")]).toEqual([
      "grades",
      null,
      null,
    ]);
  });
});

describe("a relay's address", () => {
  test("may be relative to the page", async () => {
    vi.stubGlobal("location", { href: "https://shop.test/cart/42?x=1#y" });
    const { fetch, lines } = watchedFetch(() => Response.json(COMPLETED), "https://shop.test");
    await createRelayFlow({ url: "/agent/execute", fetch }).execute();
    await createRelayFlow({ url: "api/agent", fetch }).execute();
    expect(lines()).toEqual(["POST /agent/execute", "POST /cart/api/agent"]);
  });

  test("may be relative where a page is only rendered, and leads nowhere there", async () => {
    const { fetch, requests } = watchedFetch(() => Response.json(COMPLETED), "");
    await createRelayFlow({ url: "/agent/execute", fetch }).execute();
    expect(requests.map(({ line }) => line)).toEqual(["POST https://relay.invalid/agent/execute"]);
  });

  test.each(["", "agent/execute", "ftp://app.test/execute", "localhost:3000/execute"])("is not %j", (wrong) => {
    expect(() => createRelayFlow({ url: wrong })).toThrow(ValueError);
  });
});

describe("a relay's ticket", () => {
  const accepting =
    (valid: () => string) =>
    ({ headers }: WatchedRequest): Response =>
      headers.get("authorization") === `Bearer ${valid()}`
        ? Response.json(COMPLETED)
        : Response.json({ detail: "UNAUTHENTICATED" }, { status: 401 });

  test("is asked for once, with the first request", async () => {
    const getTicket = vi.fn(async () => "nkt_1");
    const { flow, requests } = relayOf(
      accepting(() => "nkt_1"),
      { getTicket },
    );
    expect(getTicket).not.toHaveBeenCalled();
    await Promise.all([flow.execute(), flow.execute()]);
    await flow.execute();
    expect(getTicket).toHaveBeenCalledTimes(1);
    expect(requests).toHaveLength(3);
  });

  test("is asked for again when it is refused, and the request is sent again as it was", async () => {
    let valid = 1;
    let given = 0;
    const { flow, requests } = relayOf(
      accepting(() => `nkt_${valid}`),
      { getTicket: () => `nkt_${++given}` },
    );
    await flow.execute({ message: "a" });
    valid = 2;
    await flow.execute({ message: "b" });
    const sent = requests.map(({ headers, body }) => [headers.get("authorization"), body]);
    expect(sent).toEqual([
      ["Bearer nkt_1", { message: "a" }],
      ["Bearer nkt_1", { message: "b" }],
      ["Bearer nkt_2", { message: "b" }],
    ]);
    expect(requests[1]?.headers.get("idempotency-key")).toBe(requests[2]?.headers.get("idempotency-key"));
  });

  test("is renewed once for all requests that it was refused to", async () => {
    let given = 0;
    const { flow } = relayOf(
      accepting(() => "nkt_2"),
      { getTicket: async () => `nkt_${++given}` },
    );
    await Promise.all([flow.execute(), flow.execute(), flow.execute()]);
    expect(given).toBe(2);
  });

  test.each([
    ["the same again", () => "nkt_old", 1],
    ["a new one, which is refused too", newTickets(), 2],
  ])("that is refused is an authentication error when there is %s", async (_, getTicket, requestCount) => {
    const { flow, requests } = relayOf(
      accepting(() => "nkt_valid"),
      { getTicket },
    );
    await expect(flow.execute()).rejects.toThrow(AuthenticationError);
    expect(requests).toHaveLength(requestCount);
  });

  test("that cannot be had is the call's error, and is asked for again by the next call", async () => {
    const tickets = [() => Promise.reject(new Error("Signed out.")), async () => "nkt_1"];
    const { flow } = relayOf(
      accepting(() => "nkt_1"),
      { getTicket: () => tickets.shift()?.() ?? "" },
    );
    await expect(flow.execute()).rejects.toThrow("Signed out.");
    expect(await flow.execute()).toMatchObject({ result: { text: "a" } });
  });

  test("whose question throws at once is asked for again, too", async () => {
    let asked = 0;
    const getTicket = (): string => {
      if (++asked === 1) throw new Error("Signed out.");
      return "nkt_1";
    };
    const { flow } = relayOf(
      accepting(() => "nkt_1"),
      { getTicket },
    );
    await expect(flow.execute()).rejects.toThrow("Signed out.");
    expect(await flow.execute()).toMatchObject({ result: { text: "a" } });
  });

  test("is renewed as well when it came with a line's end", async () => {
    let valid = 1;
    const { flow, requests } = relayOf(
      accepting(() => `nkt_${valid}`),
      { getTicket: () => `nkt_${valid}\n` },
    );
    await flow.execute();
    valid = 2;
    await flow.execute();
    expect(requests).toHaveLength(3);
  });

  test.each([undefined, "", "nkt_s3cret\nnkt_s3cret", "nkt_s3cret\u0100"])(
    "is not %j, and not shown",
    async (ticket) => {
      const getTicket = () => ticket as string; // as a program without types may do
      const { flow, requests } = relayOf(
        accepting(() => "nkt_1"),
        { getTicket },
      );
      const failure: unknown = await flow.execute().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "NO_CREDENTIAL",
        message: expect.stringContaining("`getTicket` gave no ticket"),
      });
      expect(String(failure)).not.toContain("s3cret");
      expect(requests).toEqual([]);
    },
  );
});

function newTickets(): () => string {
  let given = 0;
  return () => `nkt_${++given}`;
}
