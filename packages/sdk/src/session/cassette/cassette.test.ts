import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { clientOf, encodeFrame, KEY, RECORDED, streamOf } from "../../../test/recorded-run.ts";
import {
  type Cassette,
  createRecordingFetch,
  createReplayFetch,
  type Fetch,
  ReplayLeftoverError,
  ReplayMissError,
  type StreamEvent,
  ValueError,
} from "../../index.ts";
import { matchesText } from "./difference.ts";

const COMPLETED = { status: "completed", result: { text: "cat" }, flowId: "f", blockCount: 1, executionId: "e" };
const URL_BASE = "https://server.test/api/v1/seq/acme/spelling";

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request(`${URL_BASE}/${path}`, { method: "POST", body: JSON.stringify(body), headers });
}

/** Records requests that are made one after the other, and read to their ends. */
async function record(fetch: Fetch, requests: readonly Request[], redact: readonly (RegExp | string)[] = []) {
  const recording = createRecordingFetch({ fetch, redact });
  for (const request of requests)
    await recording(request).then(
      (response) => response.text(),
      () => {},
    );
  return recording.cassette();
}

async function chunksOf(response: Response): Promise<readonly number[][]> {
  const chunks = await Array.fromAsync(response.body ?? []);
  return chunks.map((chunk) => [...chunk]);
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  return Array.fromAsync(events);
}

describe("a recording", () => {
  test("is replayed under a client: equal results, equal events, without a request", async () => {
    const frames = RECORDED.map(encodeFrame);
    const recording = createRecordingFetch({
      fetch: (request) => (request.url.endsWith("/step") ? streamOf(frames) : Response.json(COMPLETED)),
    });
    const use = async (fetch: Fetch) => {
      const flow = clientOf(fetch).flow("grade-3");
      return [await flow.execute({ message: "kat" }), await collect(flow.events({ message: "kat" }))] as const;
    };
    const live = await use(recording);
    const replay = createReplayFetch(JSON.stringify(recording));
    const replayed = await use(replay);
    expect(replayed[1]).toEqual(live[1]);
    expect(replayed[0]).toMatchObject(COMPLETED_MEMBERS);
    replay.assertDrained();
  });

  const { status: _status, ...COMPLETED_MEMBERS } = COMPLETED;

  test("keeps each answer byte for byte, in the pieces in which it came", async () => {
    const bytes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 6 });
    const text = fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 6 }).chain((texts) => {
      const whole = new TextEncoder().encode(texts.join(""));
      return fc.integer({ min: 1, max: 7 }).map((size) => {
        return Array.from({ length: Math.ceil(whole.length / size) }, (_, n) => whole.slice(n * size, n * size + size));
      });
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, text), async (chunks) => {
        const recording = createRecordingFetch({ fetch: () => streamOf(chunks) });
        const live = await chunksOf(await recording(post("a", 1)));
        const cassette = JSON.parse(JSON.stringify(recording)) as Cassette; // as a file would hold it
        expect(await chunksOf(await createReplayFetch(cassette)(post("a", 1)))).toEqual(live);
      }),
      { seed: 20_261_120, numRuns: 200 },
    );
  });

  test("keeps status and headers, without those of the way", async () => {
    const headers = { "content-encoding": "identity", "x-request-id": "req_1", "set-cookie": "a=b" };
    const cassette = await record(() => new Response("no", { status: 503, headers }), [post("a", 1)]);
    const response = await createReplayFetch(cassette)(post("a", 1));
    expect(response.status).toBe(503);
    expect(response.headers.get("x-request-id")).toBe("req_1");
    expect(response.headers.has("content-encoding")).toBe(false);
    expect(JSON.stringify(cassette)).not.toContain("a=b");
  });

  test("keeps an answer without a body, and that no answer came", async () => {
    const answers = [new Response(null, { status: 204 })];
    const fetch: Fetch = () => answers.shift() ?? Promise.reject(new TypeError("connect ECONNREFUSED"));
    const replay = createReplayFetch(await record(fetch, [post("a", 1), post("b", 2)]));
    expect((await replay(post("a", 1))).status).toBe(204);
    await expect(replay(post("b", 2))).rejects.toThrow("connect ECONNREFUSED");
  });

  test("of a stream that was left ends where the reader did; a broken one breaks", async () => {
    const frames = RECORDED.slice(0, 3).map(encodeFrame);
    const left = createRecordingFetch({ fetch: () => streamOf(frames) });
    const reader = (await left(post("a", 1))).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const replayed = (await createReplayFetch(left.cassette())(post("a", 1))).body?.getReader();
    expect((await replayed?.read())?.value).toEqual(frames[0]);
    await expect(replayed?.read()).rejects.toThrow(ReplayMissError);

    const broken = createRecordingFetch({ fetch: () => streamOf(frames, "reset") });
    await expect((await broken(post("a", 1))).text()).rejects.toThrow("terminated");
    expect(broken.cassette().entries[0]?.response?.body?.end).toBe("broken");
    await expect((await createReplayFetch(broken.cassette())(post("a", 1))).text()).rejects.toThrow("terminated");
  });

  test("leaves out a request whose answer has not come", async () => {
    const recording = createRecordingFetch({ fetch: () => new Promise(() => {}) });
    void recording(post("a", 1));
    await Promise.resolve();
    expect(recording.cassette()).toEqual({ noukaiCassette: 1, entries: [] });
  });

  test("uses the global fetch unless given another", async () => {
    const recording = createRecordingFetch();
    expect(await (await recording(new Request("data:text/plain,hi"))).text()).toBe("hi");
  });
});

describe("secrets", () => {
  test("go: credentials in headers, keys and tickets in paths, headers and bodies, and what else is named", async () => {
    const ticket = "nkt_eyJhbGciOiJIUzI1NiJ9.payload.signature";
    const request = post(
      `a?key=${KEY}`,
      { note: `use ${KEY}`, name: "Ada" },
      { authorization: `Bearer ${KEY}`, cookie: "sid=1", "x-api-key": "abc" },
    );
    const answer = () => Response.json({ ticket, name: "Ada", pin: "1234-5678" });
    const text = JSON.stringify(await record(answer, [request], ["Ada", /\d{4}-\d{4}/, /x*/]));
    for (const secret of [KEY, ticket, "Ada", "sid=1", "abc", "1234-5678"]) expect(text).not.toContain(secret);
    expect(text).toContain("use [redacted]");
  });

  test("go where JSON or an address has written a character before them as an escape", async () => {
    const body = {
      note: `mine:\n${KEY}\tnkt_ticket`,
      args: JSON.stringify({ key: `\n${KEY}` }),
      table: "bank_accounts",
    };
    const text = JSON.stringify(await record(() => Response.json(body), [post(`a?key=%20${KEY}`, body)]));
    for (const secret of [KEY, "nkt_ticket"]) expect(text).not.toContain(secret);
    expect(text).toContain("bank_accounts");
  });

  test("go from headers by what these are called", async () => {
    const headers = {
      "x-auth-token": "canary",
      "x-client-secret": "canary",
      "set-cookie": "canary",
      "x-plain": "kept",
    };
    const text = JSON.stringify(await record(() => new Response("", { headers }), [post("a", {}, headers)]));
    expect(text).not.toContain("canary");
    expect(text).toContain("kept");
  });

  test("go from streams wherever these are cut, and leave everything else as it was", async () => {
    const text = `data: é ${KEY}\n\ndata: {"key":"${KEY}"}\n\n`;
    const bytes = new TextEncoder().encode(text);
    const expected = text.replaceAll(KEY, "[redacted]");
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.slice(n * size, (n + 1) * size),
      );
      const recording = createRecordingFetch({ fetch: () => streamOf(chunks) });
      await (await recording(post("a", 1))).text();
      const body = recording.cassette().entries[0]?.response?.body;
      expect(body?.text).toBe(expected);
      expect(body?.chunks).toHaveLength(chunks.length);
      expect(await (await createReplayFetch(recording.cassette())(post("a", 1))).text()).toBe(expected);
    }
  });

  test("go from what is no text, too", async () => {
    const bytes = new Uint8Array([0xff, ...new TextEncoder().encode(KEY), 0xfe]);
    const cassette = await record(() => new Response(bytes), [post("a", 1)]);
    expect(atob(cassette.entries[0]?.response?.body?.base64 ?? "")).toBe("\u{ff}[redacted]\u{fe}");
  });

  test("that were taken out of a request match any", async () => {
    const cassette = await record(() => Response.json(1), [post("a", { text: `a ${KEY} b`, word: "x" })]);
    const replay = createReplayFetch(cassette);
    await expect(replay(post("a", { text: "a other c", word: "x" }))).rejects.toThrow("`text`");
    expect(await (await replay(post("a", { text: "a other b", word: "x" }))).json()).toBe(1);
  });

  test.each([
    ["[redacted]", "anything", true],
    ["a[redacted]", "a", true],
    ["a[redacted]b[redacted]c", "a1b2c", true],
    ["a[redacted]a", "a", false],
    ["a[redacted]b[redacted]b", "a1b", false],
    ["plain", "plain", true],
  ])("%j stands for %j: %s", (recorded, asked, expected) => {
    expect(matchesText(recorded, asked)).toBe(expected);
  });
});

describe("a cassette's fetch", () => {
  const echo: Fetch = async (request) => Response.json(await request.json());

  test("gives equal requests their answers in order, each once", async () => {
    let count = 0;
    const replay = createReplayFetch(
      await record(() => Response.json(++count), [post("a", 1), post("b", 1), post("a", 1)]),
    );
    const answers = await Promise.all(
      [post("a", 1), post("a", 1), post("b", 1)].map(async (request) => (await replay(request)).json()),
    );
    expect(answers).toEqual([1, 3, 2]);
    await expect(replay(post("a", 1))).rejects.toThrow("It was recorded 2 times, and is asked for once more.");
  });

  test("does not compare what is new with each call, nor the order of members, nor the server's origin", async () => {
    const cassette = await record(echo, [
      post("runs/cancel", { idempotencyKey: "1", a: 1, b: { c: 2 } }, { "idempotency-key": "1" }),
    ]);
    const again = new Request("http://localhost:8080/api/v1/seq/acme/spelling/runs/cancel", {
      method: "POST",
      headers: { "idempotency-key": "2", "x-session-id": "s" },
      body: JSON.stringify({ b: { c: 2 }, a: 1, idempotencyKey: "2" }),
    });
    expect((await createReplayFetch(cassette)(again)).status).toBe(200);
  });

  test.each([
    [
      post("a/v0/execute", { message: "the dog" }),
      'entry 1, POST /api/v1/seq/acme/spelling/a/v0/execute, which differs in `message`: recorded "the cat", asked "the dog"',
    ],
    [
      post("a/v0/execute", { message: "the cat", parameters: { words: [1, 3] } }),
      '`parameters`: recorded nothing, asked {"words":[1,3]}',
    ],
    [
      post("b/v0/execute", { parameters: { words: [1, 3] } }),
      "entry 2, POST /api/v1/seq/acme/spelling/b/v0/execute, which differs in `parameters.words[1]`: recorded 2, asked 3",
    ],
    [post("b/v1/execute", { parameters: { words: [1, 2] } }), "entry 2, POST /api/v1/seq/acme/spelling/b/v0/execute."],
    [post("a/v0/execute", { message: "the cat".repeat(99) }), "…"],
  ])("a miss shows the nearest request and the first difference", async (request, text) => {
    const cassette = await record(echo, [
      post("a/v0/execute", { message: "the cat" }),
      post("b/v0/execute", { parameters: { words: [1, 2] } }),
    ]);
    const miss = createReplayFetch(cassette)(request);
    await expect(miss).rejects.toBeInstanceOf(ReplayMissError);
    await expect(miss).rejects.toThrow(text);
  });

  test("a miss reaches the caller of a client as it is, and is not tried again", async () => {
    const replay = createReplayFetch({ noukaiCassette: 1, entries: [] });
    await expect(clientOf(replay).flow("grade-3").execute({ message: "a" })).rejects.toMatchObject({
      name: "ReplayMissError",
      code: "REPLAY_MISS",
      message: "POST /api/v1/seq/acme/spelling/grade-3/v0/execute is not in the cassette. It has no entries.",
    });
  });

  test("in loose mode does not compare bodies", async () => {
    const cassette = await record(echo, [post("a", { message: "cat" })]);
    const replay = createReplayFetch(cassette, { mode: "loose" });
    expect(await (await replay(post("a", { message: "dog" }))).json()).toEqual({ message: "cat" });
    await expect(replay(post("b", 1))).rejects.toThrow(ReplayMissError);
  });

  test("tells what nobody asked for", async () => {
    const replay = createReplayFetch(await record(echo, [post("a", 1), post("b", 2)]));
    await replay(post("a", 1));
    expect(() => replay.assertDrained()).toThrow(ReplayLeftoverError);
    expect(() => replay.assertDrained()).toThrow("1 unconsumed entries: POST /api/v1/seq/acme/spelling/b.");
    await replay(post("b", 2));
    replay.assertDrained();
  });

  test.each(["{", "null", "{}", '{"noukaiCassette":2,"entries":[]}', '{"noukaiCassette":1}'])("refuses %s", (text) => {
    expect(() => createReplayFetch(text)).toThrow(ValueError);
  });
});
