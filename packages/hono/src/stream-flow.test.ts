import { fromReadableStream, Noukai, StreamTruncatedError } from "@noukai/sdk";
import { createTestServer, fault, flow, step } from "@noukai/sdk/testing";
import { Hono } from "hono";
import { expect, test, vi } from "vitest";
import { streamFlow } from "./index.ts";

const NAME = "acme/demo/talk";
const scripted = () => createTestServer({ flows: { [NAME]: flow([step("write", { text: ["hel", "lo"] })]) } });

test("the run's events go on, and its id stands in the head", async () => {
  const noukai = new Noukai(scripted());
  const app = new Hono().get("/", (c) => streamFlow(c, noukai.flow(NAME).events({ message: "a" })));
  const response = await app.request("/");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  const events = await Array.fromAsync(fromReadableStream(response.body as ReadableStream<Uint8Array>));
  expect(events.at(-1)).toMatchObject({ type: "flow_completed", result: { text: "hello" } });
  const [started] = events;
  expect(started).toMatchObject({ executionId: response.headers.get("x-noukai-execution-id") });
});

test("headers that the handler has set stay", async () => {
  const noukai = new Noukai(scripted());
  const app = new Hono().get("/", (c) => {
    c.header("x-mine", "1");
    return streamFlow(c, noukai.flow(NAME).events({ message: "a" }));
  });
  expect((await app.request("/")).headers.get("x-mine")).toBe("1");
});

test("what the server refuses the call with is the answer", async () => {
  const refused = (): Response =>
    Response.json(
      { detail: { code: "RATE_LIMITED", message: "secret" } },
      { status: 429, headers: { "retry-after": "7" } },
    );
  const noukai = new Noukai({ apiKey: "nk_test_a", fetch: refused, maxRetries: 0 });
  const app = new Hono().get("/", (c) => streamFlow(c, noukai.flow(NAME).events({ message: "a" })));
  const response = await app.request("/");
  expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
    429,
    "7",
    { detail: "RATE_LIMITED" },
  ]);
});

test("a mistake of the app's own is thrown to it", async () => {
  const noukai = new Noukai(scripted());
  const events = () => noukai.flow(NAME).events({ message: "a", version: 0 });
  const app = new Hono().get("/", (c) => streamFlow(c, events())).onError((error, c) => c.text(error.name, 500));
  expect(await (await app.request("/")).text()).toBe("ValueError");
});

test("a stream that cannot be finished is broken off, not ended", async () => {
  const server = scripted();
  server.inject(fault.reset({ afterEvent: 2 }));
  const noukai = new Noukai({ ...server, fetch: onlyOnce(server.fetch) });
  const app = new Hono().get("/", (c) => streamFlow(c, noukai.flow(NAME).events({ message: "a", timeout: 200 })));
  const { body } = await app.request("/");
  const events = fromReadableStream(body as ReadableStream<Uint8Array>);
  await expect(Array.fromAsync(events)).rejects.toThrow(StreamTruncatedError);
});

test("a reader who leaves ends the watching, not the run", async () => {
  const server = scripted();
  const noukai = new Noukai(server);
  const events = noukai.flow(NAME).events({ message: "a" });
  const detach = vi.spyOn(events, "detach");
  const controller = new AbortController();
  const app = new Hono().get("/", (c) => streamFlow(c, events));
  const response = await app.request("/", { signal: controller.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  controller.abort();
  await expect(reader.read().then(() => reader.read())).rejects.toThrow();
  await vi.waitFor(async () => expect((await events.next()).done).toBe(true));
  expect(detach).not.toHaveBeenCalled();
  expect(server.requests.some(({ path }) => path.endsWith("/cancel"))).toBe(false);
});

test("a caller who has gone before it begins asks for nothing", async () => {
  const server = scripted();
  const noukai = new Noukai(server);
  const app = new Hono().get("/", (c) => streamFlow(c, noukai.flow(NAME).events({ message: "a" })));
  await app.request("/", { signal: AbortSignal.abort() });
  expect(server.requests).toEqual([]);
});

/** The first request is answered, and then the network is gone. */
function onlyOnce(fetch: (request: Request) => Response | Promise<Response>) {
  let isUsed = false;
  return (request: Request): Response | Promise<Response> => {
    if (isUsed) throw new TypeError("The network is gone.");
    isUsed = true;
    return fetch(request);
  };
}
