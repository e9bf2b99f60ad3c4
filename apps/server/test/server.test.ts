import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { zErrorResponse } from "../src/generated/zod.gen.ts";
import { createServer } from "../src/index.ts";
import { makeDirectory, runsInWork, seq, startTestServer, writeFlows } from "./harness.ts";
import { openRaw, rawRequest } from "./raw.ts";

test("a server that cannot open says why to whoever asks, and can be closed", async () => {
  const dataDir = await makeDirectory();
  const first = createServer({ dataDir });
  onTestFinished(first.close);
  await first.opened();
  const second = createServer({ dataDir });
  await expect(second.opened()).rejects.toThrow(`${dataDir} is in use by process ${process.pid}`);
  await expect(second.fetch("http://server/healthz")).rejects.toThrow("is in use");
  await second.close();
});

test("the first call waits until the server is open", async () => {
  const server = createServer();
  onTestFinished(server.close);
  expect((await server.fetch(new URL("http://server/readyz"))).status).toBe(200);
});

test("as a function, an abort gives its own reason and a lost answer the TypeError of a broken connection", async () => {
  const flowsDir = await makeDirectory();
  const flow = 'steps: [{ id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }]\n';
  await writeFlows(flowsDir, { "acme/demo/endless.yaml": flow });
  const server = createServer({ flowsDir });
  onTestFinished(server.close);
  const { newKeys, engine } = await server.opened();
  const execute = (signal: AbortSignal) =>
    server.fetch("http://server/api/v1/seq/acme/demo/endless/execute", {
      method: "POST",
      headers: { authorization: `Bearer ${newKeys[0]?.secret}`, "content-type": "application/json" },
      body: '{"message":"a"}',
      signal,
    });
  const leaving = new AbortController();
  const left = execute(leaving.signal);
  const lost = execute(new AbortController().signal);
  await expect.poll(() => engine.stats().runsInWork).toBe(2);
  leaving.abort("left");
  await expect(left).rejects.toBe("left");
  await Promise.all([server.close(), expect(lost).rejects.toThrow(TypeError)]);
});

test("a flows directory that is not there is an empty one", async () => {
  const server = createServer({ flowsDir: join(await makeDirectory(), "none") });
  onTestFinished(server.close);
  expect(await server.opened()).toMatchObject({ folder: { files: [], projects: [] }, newKeys: [] });
});

test("a project gets its key on the first start and none after that, not even when all were revoked", async () => {
  const directory = await makeDirectory();
  const options = { dataDir: join(directory, "data"), flowsDir: join(directory, "flows") };
  await writeFlows(options.flowsDir, { "acme/demo/keep.yaml": "steps: [{ id: keep, type: passthrough }]\n" });
  const keysOfStart = async () => {
    const server = createServer(options);
    const { newKeys, engine } = await server.opened();
    for (const { secret } of newKeys) await engine.store.revokeKey(secret.split("_")[2] ?? "", Date.now());
    await server.close();
    return newKeys.map(({ org, project }) => `${org}/${project}`);
  };
  expect(await keysOfStart()).toEqual(["acme/demo"]);
  expect(await keysOfStart()).toEqual([]);
});

test("pages of an allowed origin may call and read our headers; others get no CORS header", async () => {
  const server = await startTestServer({ corsOrigins: ["https://app.example.com"] });
  const preflight = await server.request("OPTIONS", `${seq}/grade-3/execute`, {
    key: null,
    headers: {
      origin: "https://app.example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,idempotency-key",
    },
  });
  expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([
    204,
    "https://app.example.com",
  ]);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  const call = (origin: string, message: unknown) =>
    server.request("POST", `${seq}/grade-3/execute`, { body: { message }, headers: { origin } });
  for (const [message, status] of [
    ["a", 200],
    [7, 400],
  ] as const) {
    const response = await call("https://app.example.com", message);
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([
      status,
      "https://app.example.com",
    ]);
    expect(response.headers.get("access-control-expose-headers")).toContain("x-noukai-execution-id");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(response.headers.get("vary")).toMatch(/origin/i);
  }
  expect((await call("https://evil.example.com", "a")).headers.get("access-control-allow-origin")).toBeNull();
});

test("a project's own origins may call that project, and read what its keys open; no other project", async () => {
  const keep = "steps: [{ id: keep, type: passthrough }]";
  const server = await startTestServer({
    flows: {
      "acme/spelling/grade-3.yaml": keep,
      "acme/spelling/project.yaml": "corsOrigins: [https://spelling.example.com]",
      "acme/other/elsewhere.yaml": keep,
      "acme/other/project.yaml": "corsOrigins: [https://other.example.com]",
    },
  });
  const allowed = async (origin: string, path: string): Promise<boolean> => {
    const headers = { origin, "access-control-request-method": "POST" };
    const preflight = await server.request("OPTIONS", path, { headers });
    return preflight.headers.get("access-control-allow-origin") === origin;
  };
  const spelling = "https://spelling.example.com";
  expect([
    await allowed(spelling, `${seq}/grade-3/execute`),
    await allowed(spelling, "/api/v1/projects/acme/spelling/flows"),
    await allowed(spelling, "/api/v1/flow-runs"),
    await allowed(spelling, "/api/v1/seq/acme/other/elsewhere/execute"),
    await allowed("https://other.example.com", `${seq}/grade-3/execute`),
    await allowed("https://evil.example.com", "/api/v1/flow-runs"),
  ]).toEqual([true, true, true, false, false, false]);
});

test("without allowed origins there is no CORS at all", async () => {
  const server = await startTestServer();
  const response = await server.request("OPTIONS", `${seq}/grade-3/execute`, {
    key: null,
    headers: { origin: "https://app.example.com" },
  });
  expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([405, null]);
});

test("a reset goes through CORS as well", async () => {
  const server = await startTestServer({ corsOrigins: ["https://app.example.com"] });
  const executing = server.request("POST", `${seq}/endless/execute`, {
    body: { message: "a" },
    headers: { origin: "https://app.example.com" },
  });
  await runsInWork(server, 1);
  await Promise.all([server.close(), expect(executing).rejects.toThrow()]);
});

test("a request that no route can see is answered in the envelope too", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write(rawRequest("GET", "/healthz", { host: "a b", connection: "close" }));
  await connection.gone;
  expect(connection.received()).toMatch(/^HTTP\/1\.1 400/);
  const body = connection.received().slice(connection.received().indexOf("\r\n\r\n") + 4);
  expect(zErrorResponse.parse(JSON.parse(body)).detail.code).toBe("INVALID_REQUEST");
});

test.each([
  ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n", 400, /TLS/],
  ["a head of 20 KB", rawRequest("GET", "/healthz", { filler: "x".repeat(20_000) }), 431, /16 KB/],
  ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400, /Host header is missing/],
])("%s is answered in the envelope, with a request id", async (_what, request, status, names) => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write(request);
  await connection.gone;
  const [head = "", body = ""] = connection.received().split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*^x-request-id: req_`, "m"));
  const { detail } = zErrorResponse.parse(JSON.parse(body));
  expect([detail.code, detail.message]).toEqual(["INVALID_REQUEST", expect.stringMatching(names)]);
});

test("HTTP/1.0 needs no Host", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  connection.socket.write("GET /healthz HTTP/1.0\r\n\r\n");
  await connection.gone;
  expect(connection.received()).toMatch(/^HTTP\/1\.1 200/);
});

test("a body whose chunks are broken is refused, since it started no run", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "transfer-encoding": "chunked",
  };
  connection.socket.write(`${rawRequest("POST", `${seq}/grade-3/execute`, headers)}no chunk\r\n`);
  await connection.gone;
  expect(connection.received()).toMatch(/^HTTP\/1\.1 400 [^]*INVALID_REQUEST/);
});

test("bytes that follow a request put no second answer into its stream", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  const body = '{"message":"a","runRemaining":true}';
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  connection.socket.write(rawRequest("POST", `${seq}/endless/step`, headers, body));
  await connection.until("step_input");
  connection.socket.write("garbage\r\n\r\n");
  expect(await connection.gone).toBe("ECONNRESET");
  expect(connection.received().match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test("a chunked body over the limit is refused while it is still being sent", async () => {
  const server = await startTestServer();
  const connection = openRaw(server.port);
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "transfer-encoding": "chunked",
  };
  connection.socket.write(rawRequest("POST", `${seq}/grade-3/execute`, headers));
  const chunk = `10000\r\n${"x".repeat(0x1_0000)}\r\n`;
  for (let sent = 0; sent < 20; sent += 1) connection.socket.write(chunk);
  await connection.until("BODY_TOO_LARGE");
  expect(connection.received()).toMatch(/^HTTP\/1\.1 413/);
});

test("when the store is gone: reads are 500 and may be repeated, nothing of the cause is told, and no run is started twice", async () => {
  const server = await startTestServer();
  await server.call("GET", "/api/v1/keys/verify");
  await server.engine.store.close();
  const read = await server.request("GET", "/api/v1/projects/acme/spelling/flows");
  expect([read.status, read.headers.get("x-should-retry")]).toEqual([500, "true"]);
  const { detail } = zErrorResponse.parse(await read.json());
  expect([detail.code, detail.message]).toEqual(["INTERNAL_ERROR", expect.not.stringMatching(/store|closed/i)]);
  const execute = (headers: Record<string, string>) =>
    server.request("POST", `${seq}/grade-3/execute`, { body: { message: "a" }, headers });
  expect((await execute({ "idempotency-key": "k" })).status).toBe(500);
  await expect(execute({})).rejects.toThrow();
  const ready = await server.request("GET", "/readyz");
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: "degraded" }]);
});
