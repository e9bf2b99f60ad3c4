import { expect, test } from "vitest";
import { refusal, seq, startTestServer } from "../harness.ts";
import { guardedOperations, nowhere, pathOf } from "./world.ts";

const here = { ...nowhere, org: "acme", project: "spelling", flow: "grade-3", version: "0" };
const withBody = guardedOperations.filter(({ hasBody }) => hasBody);

const wrongTypes: readonly Readonly<Record<string, string>>[] = [
  { "content-type": "text/plain" },
  { "content-type": "application/x-www-form-urlencoded" },
  { "content-type": "multipart/form-data; boundary=x" },
  { "content-type": "application/jsonp" },
  { "content-type": "application/json, text/plain" },
  { "content-type": "text/plain; application/json" },
  { "content-type": "application/json", "content-encoding": "gzip" },
];

test.each(withBody)("$id reads no body but JSON that is called JSON", async (operation) => {
  const server = await startTestServer();
  for (const headers of wrongTypes) {
    const call = { body: '{"message":"a","name":"k","version":1}', headers };
    const response = await server.call(operation.method, pathOf(operation, here), call);
    // What the path names is looked for first where the body cannot matter.
    expect([headers, await refusal(response)]).toEqual([
      headers,
      expect.stringMatching(/^(415 UNSUPPORTED_MEDIA_TYPE|404 )/),
    ]);
  }
  expect(await server.engine.store.runs({ projectId: await projectId(server), limit: 1 })).toEqual([]);
});

async function projectId({ engine: { store } }: Awaited<ReturnType<typeof startTestServer>>): Promise<string> {
  return (await store.ensureProject("acme", "spelling")).id;
}

test("without a setting no answer carries a CORS header, not even to a preflight", async () => {
  const server = await startTestServer();
  const origin = "https://evil.example";
  const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  for (const { method, path } of [
    { method: "OPTIONS", path: `${seq}/grade-3/execute` },
    { method: "GET", path: "/api/v1/keys" },
    { method: "GET", path: "/healthz" },
    { method: "GET", path: "/openapi.json" },
    { method: "GET", path: "/nothing" },
  ]) {
    const response = await server.call(method, path, { headers: asked });
    const names = [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
    expect([path, names]).toEqual([path, []]);
  }
});

test("an origin that is set is allowed, one that looks like it is not", async () => {
  const server = await startTestServer({ corsOrigins: ["https://app.example"] });
  const allowed = async (origin: string) =>
    (await server.call("GET", "/healthz", { headers: { origin } })).headers.get("access-control-allow-origin");
  expect(await allowed("https://app.example")).toBe("https://app.example");
  for (const origin of [
    "null",
    "http://app.example",
    "https://app.example.evil",
    "https://app.example:8443",
    "https://evilapp.example",
  ]) {
    expect([origin, await allowed(origin)]).toEqual([origin, null]);
  }
});

test("no cookie is set or read, and every answer says what it is", async () => {
  const server = await startTestServer();
  for (const operation of guardedOperations) {
    const response = await server.call(operation.method, pathOf(operation, here), {
      key: null,
      headers: { cookie: `key=${server.key}; authorization=Bearer ${server.key}` },
    });
    expect([operation.id, response.status, response.headers.get("set-cookie")]).toEqual([operation.id, 401, null]);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  }
});
