import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { serve } from "@hono/node-server";
import { createRelayFlow } from "@noukai/sdk";
import { Hono } from "hono";
import { expect, onTestFinished, test, vi } from "vitest";
import { flowRelay, type OneFlowOptions } from "../src/index.ts";
import { startTestServer } from "../../../apps/server/test/harness.ts";
import { KEY, refusal } from "./harness.ts";

const RUN = "01a1f7ef-e7b7-7585-a447-ba6b5459a927";
const HEAD = { "content-type": "text/event-stream", "x-noukai-execution-id": RUN };

/** A relay that listens, for a server that does. */
async function startRelay(baseUrl: string, options: Partial<OneFlowOptions> = {}): Promise<string> {
  const relay = flowRelay({
    flow: "acme/spelling/slow",
    apiKey: KEY,
    baseUrl: `${baseUrl}/api/v1`,
    authorize: () => ({ user: "ann" }),
    ...options,
  });
  const server = serve({ fetch: new Hono().route("/agent", relay).fetch, port: 0, hostname: "127.0.0.1" });
  onTestFinished(() => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

/** A server of ours that does with each request what it is told. */
async function startUpstream(answer: (asked: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // as above
}

const step = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/agent/step`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"message":"a"}',
    ...init,
  });

test("a page streams through a relay, and a connection that dies costs it nothing", async () => {
  const server = await startTestServer({ apiKey: KEY });
  const url = await startRelay(server.url);
  let posts = 0;
  let streams = 0;
  const flow = createRelayFlow({
    url: `${url}/agent/execute`,
    fetch: async (asked) => {
      if (asked.method === "POST") posts += 1;
      const controller = new AbortController();
      const response = await fetch(new Request(asked, { signal: AbortSignal.any([asked.signal, controller.signal]) }));
      const body = response.body as ReadableStream<Uint8Array>; // every answer here has one
      if (streams++ > 1) return response;
      let left = 300;
      const dying = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, to) {
          to.enqueue(chunk);
          left -= chunk.length;
          if (left <= 0) controller.abort(); // which destroys the socket
        },
      });
      return new Response(body.pipeThrough(dying), response);
    },
  });
  const events = await Array.fromAsync(flow.events({ message: "a" }));
  expect(events.at(-1)?.type).toBe("flow_completed");
  const seqs = events.flatMap(({ seq }) => seq ?? []);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  expect([posts, streams > 1]).toEqual([1, true]);
});

test("a reader who destroys its socket is gone for the server too, which is asked to cancel nothing", async () => {
  const closed = vi.fn();
  const lines: string[] = [];
  const upstream = await startUpstream((asked, response) => {
    lines.push(`${asked.method} ${asked.url}`);
    response.writeHead(200, HEAD).write(": \n\n");
    response.once("close", closed);
  });
  const url = await startRelay(upstream);
  const controller = new AbortController();
  const response = await step(url, { signal: controller.signal });
  await response.body?.getReader().read();
  expect(closed).not.toHaveBeenCalled();
  controller.abort();
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  expect(lines).toEqual(["POST /api/v1/seq/acme/spelling/slow/step"]);
});

test.each([
  ["is reset", (response: ServerResponse) => void response.socket?.resetAndDestroy()],
  ["ends where it may not", (response: ServerResponse) => void response.end()],
])("a stream that %s is reset for its reader, who cannot take it for whole", async (_, breakOff) => {
  const upstream = await startUpstream((_asked, response) => {
    response.writeHead(200, HEAD).write("id: 1\nevent: run_started\ndata: {}\n\n");
    setTimeout(breakOff, 20, response);
  });
  const response = await step(await startRelay(upstream));
  let text = "";
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
  };
  await expect(read()).rejects.toThrow("terminated");
  expect(text).toBe("id: 1\nevent: run_started\ndata: {}\n\n");
});

test("a server that leads elsewhere is not followed with the key", async () => {
  const asked = vi.fn();
  const elsewhere = await startUpstream((_, response) => {
    asked();
    response.end("{}");
  });
  const upstream = await startUpstream((_, response) => response.writeHead(307, { location: elsewhere }).end());
  const response = await step(await startRelay(upstream));
  expect([await refusal(response), asked.mock.calls]).toEqual(["502 UPSTREAM_NON_JSON", []]);
});

test("a body without a length is refused at the limit, and the next request is answered", async () => {
  const url = await startRelay("http://127.0.0.1:9");
  const status = await new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    const sent = request(`${url}/agent/execute`, { method: "POST", headers }, ({ statusCode }) => resolve(statusCode));
    sent.on("error", reject);
    for (let count = 0; count < 5; count++) sent.write("x".repeat(65_536));
  });
  expect(status).toBe(413);
  expect((await step(url)).status).toBe(502);
});

test("a connection with a body in it that nobody read is not used again", async () => {
  const url = await startRelay("http://127.0.0.1:9");
  const execute = (body: BodyInit, type = "application/json"): Promise<Response> => {
    const init = { method: "POST", headers: { "content-type": type }, body, duplex: "half" };
    return fetch(`${url}/agent/execute`, init);
  };
  const pieces = (): BodyInit => Readable.toWeb(Readable.from(Array(20).fill(Buffer.alloc(65_536)))) as ReadableStream;
  for (let count = 0; count < 5; count++) {
    expect(await refusal(await execute(pieces()))).toBe("413 BODY_TOO_LARGE");
    expect(await refusal(await execute("x".repeat(300_000)))).toBe("413 BODY_TOO_LARGE");
    expect(await refusal(await execute("{"))).toBe("400 INVALID_JSON");
    expect(await refusal(await execute("{}", "text/plain"))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
    expect((await fetch(`${url}/agent/runs/1/cancel`, { method: "POST", body: "{}" })).status).toBe(404);
  }
});

test("a body that drips is not waited for", async () => {
  const url = new URL(await startRelay("http://127.0.0.1:9", { bounds: { bodyTimeoutMs: 50 } }));
  const socket = connect(Number(url.port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(
    'POST /agent/execute HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"message',
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 .*BODY_TIMEOUT/s);
});

test.each([
  "POST /agent/execute HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /agent/execute HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}",
  "GET /agent/runs/../../../api/v1/keys HTTP/1.1\r\nhost: a\r\n\r\n",
  "GET http://10.0.0.7/agent/execute HTTP/1.1\r\nhost: a\r\n\r\n",
])("a request that two readers would read differently reaches nobody (%#)", async (text) => {
  const asked = vi.fn();
  const upstream = await startUpstream((_, response) => {
    asked();
    response.end("{}");
  });
  const url = new URL(await startRelay(upstream));
  const socket = connect(Number(url.port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(text);
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 4/);
  expect(asked).not.toHaveBeenCalled();
});
