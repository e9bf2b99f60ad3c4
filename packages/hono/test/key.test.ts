import { describe, expect, test } from "vitest";
import { bytesOf, KEY, type RelaySetup, relayTo, relayToServer } from "./harness.ts";

const RUN = "01a1f7ef-e7b7-7585-a447-ba6b5459a927";

/** Everything that a relay can be asked for, by somebody who may and with what it refuses. */
const REQUESTS: readonly (readonly [method: string, path: string, body?: unknown, user?: string])[] = [
  ["POST", "/execute", { message: "a" }],
  ["POST", "/step", { message: "a" }],
  ["POST", "/step", { message: "a", runRemaining: true }],
  ["POST", "/jobs", { message: "a" }],
  ["POST", "/execute", { message: "a", trace: true }],
  ["POST", "/execute", "{"],
  ["POST", "/execute", { message: "a", executionId: RUN }],
  ["POST", "/execute", { message: "x".repeat(300_000) }],
  ["POST", "/execute", { message: "a" }, ""],
  ["GET", `/jobs/${RUN}`],
  ["GET", `/runs/${RUN}`],
  ["GET", `/runs/${RUN}`, undefined, "bob"],
  ["GET", `/runs/${RUN}/trace`],
  ["GET", `/runs/${RUN}/trace/stream`],
  ["GET", `/runs/${RUN}/steps/check/trace`],
  ["GET", `/runs/${RUN}/steps/../trace`],
  ["POST", `/runs/${RUN}/cancel`],
  ["POST", `/jobs/${RUN}/cancel`],
  ["POST", "/runs/cancel", { idempotencyKey: "k" }],
  ["POST", "/runs/cancel", {}],
  ["GET", "/nothing"],
];

async function scan({ call }: RelaySetup): Promise<readonly string[]> {
  const told: string[] = [];
  for (const [method, path, body, user] of REQUESTS) {
    told.push(await bytesOf(await call(method, path, { body, ...(user !== undefined && { user }) })));
  }
  return told;
}

const named = { "x-noukai-execution-id": RUN };
const frame = (data: object): string => `id: 1\nevent: run_started\ndata: ${JSON.stringify(data)}\n\n`;
const events = (text: string): Response =>
  new Response(text, { headers: { ...named, "content-type": "text/event-stream" } });

/** Servers, and things that answer in their place, that tell everybody what they were told. */
const ECHOES: Readonly<Record<string, (key: string, request: Request) => Response>> = {
  "a JSON answer": (key) => Response.json({ status: "completed", result: { key } }, { headers: named }),
  "a refusal's message": (key) => Response.json({ detail: { code: "FORBIDDEN", message: key } }, { status: 422 }),
  "a refusal's code": (key) => Response.json({ detail: { code: key.slice(7).toUpperCase() } }, { status: 400 }),
  "a refusal that is a text": (key) => Response.json({ detail: key }, { status: 500 }),
  "a page": (key) => new Response(`<pre>Authorization: ${key}</pre>`, { headers: { "content-type": "text/html" } }),
  "its headers": (key) => {
    const headers = { ...named, "x-request-id": key, "retry-after": key, "set-cookie": key, "x-debug": key };
    return Response.json({}, { headers });
  },
  "a stream": (key) => events(frame({ executionId: RUN }) + frame({ key })),
  "a stream's comment": (key) => events(`${frame({ executionId: RUN })}: ${key}\n\n`),
  "a stream's unfinished frame": (key) => events(`${frame({ executionId: RUN })}data: ${key}`),
  "a lost connection": (key) => {
    throw new TypeError(`fetch failed: Bearer ${key}`);
  },
};

describe("the key is in no byte that leaves", () => {
  test.each(Object.entries(ECHOES))("though the server tells it in %s", async (_, echo) => {
    const relay = relayTo((request) => echo(request.headers.get("authorization") ?? "", request));
    const told = await scan(relay);
    expect(relay.asked.some(({ headers }) => headers.get("authorization") === `Bearer ${KEY}`)).toBe(true);
    expect(told.filter((bytes) => bytes.toLowerCase().includes(KEY.toLowerCase()))).toEqual([]);
    expect(told).toHaveLength(REQUESTS.length);
  });

  test("that a real server's relay sends", async () => {
    const relay = await relayToServer();
    const response = await relay.call("POST", "/execute", { body: { message: "a" } });
    const id = response.headers.get("x-noukai-execution-id") ?? "";
    const told = [await bytesOf(response), ...(await scan(relay))];
    for (const rest of ["", "/trace", "/trace/stream", "/steps/check/trace"]) {
      told.push(await bytesOf(await relay.call("GET", `/runs/${id}${rest}`)));
    }
    expect(told.filter((bytes) => bytes.includes(KEY) || bytes.includes(KEY.slice(-32)))).toEqual([]);
  });

  test("though it is wrong, or has blanks around it", async () => {
    const relay = relayTo(() => Response.json({}), { apiKey: ` ${KEY}\n` });
    expect((await scan(relay)).filter((bytes) => bytes.includes(KEY))).toEqual([]);
    expect(relay.asked[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  });
});
