import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { Noukai, type StreamEvent } from "../src/index.ts";
import { encodeFrame, EXECUTION_ID, HurriedClock, KEY, RECORDED, recorded } from "./recorded-run.ts";

const COMPLETED = JSON.stringify({
  status: "completed",
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 1,
  result: {},
});
const SSE_HEADERS = { "content-type": "text/event-stream", "x-noukai-execution-id": EXECUTION_ID };
const BYTES = Buffer.concat(RECORDED.map(encodeFrame));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(
  handler: Handler,
): Promise<{ url: string; port: number; server: Server; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { url: `http://127.0.0.1:${port}/api/v1`, port, server, requests };
}

function flowAt(url: string) {
  const noukai = new Noukai({ apiKey: KEY, baseUrl: url, org: "acme", project: "spelling" }, new HurriedClock());
  cleanups.push(() => noukai.close());
  return noukai.flow("grade-3");
}

/** The events that are in the log, by place. */
async function seqs(events: AsyncIterable<StreamEvent>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { seq } of events) if (seq !== undefined) seen.push(seq);
  return seen;
}

/** Answers as the contract says: the whole run to a POST, what follows the cursor to a GET. */
function serveRun(request: IncomingMessage, response: ServerResponse): void {
  const after = Number(request.headers["last-event-id"] ?? 0);
  response.writeHead(200, SSE_HEADERS);
  for (const frame of RECORDED)
    if (request.method === "POST" || (frame.seq ?? 0) > after) response.write(encodeFrame(frame));
  response.end();
}

describe("on a real socket", () => {
  test("leaving the loop closes it within 10 ms", async () => {
    let closedAt = 0;
    const { url, requests } = await listen((_request, response) => {
      response.writeHead(200, SSE_HEADERS);
      response.write(encodeFrame(recorded(1)));
      response.on("close", () => {
        closedAt = performance.now();
      });
    });
    const delays: number[] = [];
    // The shortest of ten: a busy machine may delay any one of them, a wait of our own would delay them all.
    for (let round = 0; round < 10; round++) {
      closedAt = 0;
      let leftAt = 0;
      for await (const { type } of flowAt(url).events()) {
        expect(type).toBe("run_started");
        leftAt = performance.now();
        break;
      }
      await expect.poll(() => closedAt, { interval: 1 }).toBeGreaterThan(0);
      delays.push(closedAt - leftAt);
    }
    expect(Math.min(...delays)).toBeLessThan(10);
    expect(requests).toHaveLength(10);
  });

  test("aborting closes it too, and cancels the run by its id", async () => {
    const { url, requests } = await listen((request, response) => {
      if (request.url?.endsWith("/cancel"))
        return response.writeHead(202, { "content-type": "application/json" }).end("{}");
      response.writeHead(200, SSE_HEADERS);
      return response.write(encodeFrame(recorded(1)));
    });
    const controller = new AbortController();
    const events = flowAt(url).events({ signal: controller.signal });
    await events.next();
    const next = events.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toMatchObject({ name: "AbortError" });
    await expect
      .poll(() => requests.map((request) => request.url))
      .toContain(`/api/v1/seq/acme/spelling/grade-3/runs/${EXECUTION_ID}/cancel`);
  });

  test("a reset before the headers is met with the same request and key", async () => {
    const { url, requests } = await listen((request, response) => {
      if (requests.length < 3) request.socket.resetAndDestroy();
      else response.writeHead(200, { "content-type": "application/json" }).end(COMPLETED);
    });
    await expect(flowAt(url).execute({ message: "kat" })).resolves.toMatchObject({ executionId: "run-1" });
    const keys = requests.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test("an answer that is cut in its body is asked for again", async () => {
    const { url, requests } = await listen((request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": COMPLETED.length });
      if (requests.length > 1) return response.end(COMPLETED);
      return response.write(COMPLETED.slice(0, 20), () => request.socket.destroy());
    });
    await expect(flowAt(url).execute()).resolves.toMatchObject({ executionId: "run-1" });
    expect(requests).toHaveLength(2);
  });

  test("no server at all is an APIConnectionError that says so", async () => {
    const { url, server } = await listen(() => {});
    await new Promise((resolve) => server.close(resolve));
    await expect(flowAt(url).execute()).rejects.toMatchObject({
      name: "APIConnectionError",
      message: expect.stringMatching(/Is the server running, and `baseUrl` right\? .*ECONNREFUSED/),
    });
  });

  test.each([
    ["destroyed", (socket: Socket) => socket.destroy()],
    ["reset", (socket: Socket) => socket.resetAndDestroy()],
  ])("a stream whose socket is %s is taken up where it was", async (_how, cut) => {
    const { url, requests } = await listen((request, response) => {
      if (request.method === "GET") return serveRun(request, response);
      response.writeHead(200, SSE_HEADERS);
      return response.write(BYTES.subarray(0, 800), () => cut(request.socket));
    });
    expect(await seqs(flowAt(url).events())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  test("a server that goes away and comes back on its port finds its readers again", async () => {
    const { url, port, server, requests } = await listen((request, response) => {
      if (request.method === "GET") return serveRun(request, response);
      response.writeHead(200, SSE_HEADERS);
      return response.write(BYTES.subarray(0, 800));
    });
    const clock = new HurriedClock();
    const noukai = new Noukai({ apiKey: KEY, baseUrl: url, org: "acme", project: "spelling" }, clock);
    cleanups.push(() => noukai.close());
    const states: string[] = [];
    const events = noukai.flow("grade-3").events({ onConnection: ({ status }) => states.push(status) });
    await events.next();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    const sleep = clock.sleep;
    clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      if (clock.waits.length === 5) await once(server.listen(port, "127.0.0.1"), "listening");
    };
    expect(await seqs(events)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(states).toEqual(["live", ...Array.from({ length: 5 }, () => "reconnecting"), "live", "closed"]);
  });

  test("a proxy that cuts each connection somewhere costs no event and no second POST", async () => {
    const { port, requests } = await listen(serveRun);
    let room = 200;
    const proxy = createTcpServer((socket) => {
      const upstream = connect(port, "127.0.0.1");
      // Each connection gets further than the one before it; at last one gets through.
      let left = (room += 61);
      socket.on("error", () => upstream.destroy()).pipe(upstream);
      upstream
        .on("error", () => socket.destroy())
        .on("data", (bytes: Buffer) => {
          socket.write(bytes.subarray(0, left));
          left -= bytes.length;
          if (left < 0) socket.end(() => socket.destroy());
        });
      upstream.on("close", () => socket.destroy());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    cleanups.push(() => new Promise((resolve) => proxy.close(resolve)));
    const { port: proxyPort } = proxy.address() as AddressInfo; // it listens on a port
    const clock = new HurriedClock();
    const noukai = new Noukai({ apiKey: KEY, baseUrl: `http://127.0.0.1:${proxyPort}/api/v1` }, clock);
    cleanups.push(() => noukai.close());
    expect(await seqs(noukai.flow("acme/spelling/grade-3").events())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(clock.waits.length).toBeGreaterThan(1);
    // A POST whose headers were cut off is made again, with its key: the server joins it to its run.
    const keys = requests.filter(({ method }) => method === "POST").map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(1);
  });
});
