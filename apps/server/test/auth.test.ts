import { expect, test } from "vitest";
import { operations } from "../src/contract/operations.ts";
import { zApiKey, zCreatedKey, zErrorResponse, zKeyList } from "../src/generated/zod.gen.ts";
import { refusal, seq, startTestServer, type TestServer } from "./harness.ts";

const wrongKey = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";

/** Every operation that asks for a key, at a path of acme/spelling where everything named exists. */
async function existingPaths(
  server: TestServer,
): Promise<readonly { id: string; method: string; path: string; isByPath: boolean }[]> {
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } });
  const runId = response.headers.get("x-noukai-execution-id") ?? "";
  const values: Record<string, string> = {
    org: "acme",
    project: "spelling",
    flow: "grade-3",
    version: "0",
    executionId: runId,
    flowRunId: runId,
    sessionId: runId,
    stepId: "check",
    keyId: server.key.split("_")[2] ?? "",
  };
  return operations
    .filter(({ isPublic }) => !isPublic)
    .map(({ operationId, method, path }) => ({
      id: operationId,
      method: method.toUpperCase(),
      path: path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ""),
      isByPath: path.includes("{org}"),
    }));
}

function bodyFor(method: string): { readonly body?: object } {
  return method === "POST" || method === "PUT" ? { body: { message: "a" } } : {};
}

test("every route refuses a caller without a key, with a wrong one, and with something that is none", async () => {
  const server = await startTestServer();
  const wrongSecret = server.key.slice(0, -1) + (server.key.endsWith("x") ? "y" : "x");
  const authorizations = [
    "",
    `Bearer ${wrongKey}`,
    `Bearer ${wrongSecret}`,
    "Basic bms6",
    "Bearer nk_x nk_y",
    server.key,
  ];
  for (const { id, method, path } of await existingPaths(server)) {
    for (const authorization of authorizations) {
      const headers: Record<string, string> = authorization === "" ? {} : { authorization };
      const response = await server.call(method, path, { key: null, headers, ...bodyFor(method) });
      expect([id, authorization, await refusal(response)]).toEqual([id, authorization, "401 UNAUTHENTICATED"]);
    }
  }
});

test("another project's key: a path outside it is 403, an id of ours does not exist for it", async () => {
  const server = await startTestServer();
  const unknown: Readonly<Record<string, string>> = {
    revokeKey: "404 KEY_NOT_FOUND",
    getSession: "404 SESSION_NOT_FOUND",
  };
  const isAboutItself = new Set(["listKeys", "createKey", "verifyKey", "listFlowRuns"]);
  for (const { id, method, path, isByPath } of await existingPaths(server)) {
    if (isAboutItself.has(id)) continue;
    const response = await server.call(method, path, { key: server.otherKey, ...bodyFor(method) });
    const expected = isByPath ? "403 FORBIDDEN" : (unknown[id] ?? "404 RUN_NOT_FOUND");
    expect([id, await refusal(response)]).toEqual([id, expected]);
  }
});

test("an id of another project answers byte for byte like one that does not exist", async () => {
  const server = await startTestServer();
  const run = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } });
  const bodyOf = async (id: string | null) =>
    (await server.call("GET", `/api/v1/flow-runs/${id}/trace`, { key: server.otherKey })).text();
  expect(await bodyOf(run.headers.get("x-noukai-execution-id"))).toBe(
    await bodyOf("0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10"),
  );
});

test("a project that does not exist is refused like one that does", async () => {
  const server = await startTestServer();
  const bodyOf = async (path: string) => (await server.call("GET", `/api/v1/projects/${path}/flows`)).text();
  expect((await bodyOf("acme/other")).replaceAll("acme/other", "…")).toBe(
    (await bodyOf("none/such")).replaceAll("none/such", "…"),
  );
});

test("another project's key sees its own keys only", async () => {
  const server = await startTestServer();
  const response = await server.call("GET", "/api/v1/keys", { key: server.otherKey });
  expect(zKeyList.parse(await response.json()).items.map(({ project }) => project)).toEqual(["other"]);
});

test("a made key works, shows its secret once, and is refused once revoked", async () => {
  const server = await startTestServer();
  const created = await server.call("POST", "/api/v1/keys", { body: { name: "ci" } });
  const { key, secret } = zCreatedKey.parse(await created.json());
  expect([created.status, key.scopes, key.expiresAt]).toEqual([201, ["run", "trace:read"], null]);
  const execute = () => server.call("POST", `${seq}/grade-3/execute`, { key: secret, body: { message: "a" } });
  expect((await execute()).status).toBe(200);
  const list = await (await server.call("GET", "/api/v1/keys")).text();
  expect(zKeyList.parse(JSON.parse(list)).items.map(({ name }) => name)).toEqual(["ci", "first key"]);
  expect(list).not.toContain(secret.slice(-32));
  for (const _ of [1, 2]) expect((await server.call("DELETE", `/api/v1/keys/${key.id}`)).status).toBe(204);
  expect(await refusal(await execute())).toBe("401 UNAUTHENTICATED");
});

test("a key revoked by another process stops working within thirty seconds", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  const execute = () => server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } });
  expect((await execute()).status).toBe(200);
  await server.engine.store.revokeKey(server.key.split("_")[2] ?? "", now);
  now += 30_000;
  expect(await refusal(await execute())).toBe("401 UNAUTHENTICATED");
});

test("a key stops working when it expires", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  const expiresAt = new Date(now + 5_000).toISOString();
  const created = await server.call("POST", "/api/v1/keys", { body: { name: "short", expiresAt } });
  const { secret } = zCreatedKey.parse(await created.json());
  const verify = () => server.call("GET", "/api/v1/keys/verify", { key: secret });
  expect(zApiKey.parse(await (await verify()).json())).toMatchObject({
    name: "short",
    expiresAt,
    org: "acme",
    project: "spelling",
  });
  now += 5_000;
  expect(await refusal(await verify())).toBe("401 UNAUTHENTICATED");
});

test("a key opens what its scopes say and nothing more", async () => {
  const server = await startTestServer();
  const created = await server.call("POST", "/api/v1/keys", { body: { name: "runner", scopes: ["run"] } });
  const { secret: key } = zCreatedKey.parse(await created.json());
  expect((await server.call("POST", `${seq}/grade-3/execute`, { key, body: { message: "a" } })).status).toBe(200);
  for (const { id, method, path } of await existingPaths(server)) {
    const operation = operations.find(({ operationId }) => operationId === id);
    const isOpen = operation?.scopes.some((scope) => scope === "run") === true || operation?.scopes.length === 0;
    if (isOpen) continue;
    expect([id, await refusal(await server.call(method, path, { key, ...bodyFor(method) }))]).toEqual([
      id,
      "403 FORBIDDEN",
    ]);
  }
});

test("a key cannot make one that may do more than itself", async () => {
  const server = await startTestServer();
  const created = await server.call("POST", "/api/v1/keys", { body: { name: "maker", scopes: ["key:write"] } });
  const { secret: key } = zCreatedKey.parse(await created.json());
  const body = { name: "stronger", scopes: ["key:write", "flow:write"] };
  expect(await refusal(await server.call("POST", "/api/v1/keys", { key, body }))).toBe("403 FORBIDDEN");
});

test("a project has ten keys at most, revoked and expired ones not counted", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  const make = (expiresAt?: string) => server.call("POST", "/api/v1/keys", { body: { name: "k", expiresAt } });
  for (let count = 1; count < 9; count += 1) expect((await make()).status).toBe(201);
  expect((await make(new Date(now + 1_000).toISOString())).status).toBe(201);
  const eleventh = await make();
  expect([await refusal(eleventh.clone()), eleventh.headers.get("retry-after")]).toEqual([
    "429 TOO_MANY_KEYS",
    expect.any(String),
  ]);
  now += 1_000;
  const { key } = zCreatedKey.parse(await (await make()).json());
  expect((await make()).status).toBe(429);
  await server.call("DELETE", `/api/v1/keys/${key.id}`);
  expect((await make()).status).toBe(201);
});

test.each([
  [{}, /name: is missing/],
  [{ name: "k", mode: "prod" }, /mode: must be "live" or "test"/],
  [{ name: "k", scopes: ["root"] }, /scopes\[0\]: must be "run" or/],
  [{ name: "k", expiresAt: "2001-01-01T00:00:00Z" }, /expiresAt must lie in the future/],
])("POST /keys %j is refused", async (body, message) => {
  const server = await startTestServer();
  const response = await server.call("POST", "/api/v1/keys", { body });
  expect(response.status).toBe(400);
  expect(zErrorResponse.parse(await response.json()).detail.message).toMatch(message);
});

test("the operator's key opens every project of the flows directory, and no key is made", async () => {
  const apiKey = "nk_test_operator";
  const server = await startTestServer({ apiKey });
  expect(server.newKeys).toEqual([]);
  for (const path of ["spelling/grade-3", "other/elsewhere"]) {
    const response = await server.call("POST", `/api/v1/seq/acme/${path}/execute`, {
      key: apiKey,
      body: { message: "a" },
    });
    expect(response.status).toBe(200);
  }
  const verified = await server.call("GET", "/api/v1/keys/verify", { key: apiKey });
  expect(zApiKey.parse(await verified.json())).toMatchObject({ project: null, scopes: ["admin"], mode: "test" });
  expect(await refusal(await server.call("GET", "/api/v1/keys/verify", { key: `${apiKey}x` }))).toBe(
    "401 UNAUTHENTICATED",
  );
});

test("no answer and no stored row carries a secret", async () => {
  const server = await startTestServer();
  const id = server.key.split("_")[2] ?? "";
  expect(JSON.stringify(await server.engine.store.key(id))).not.toContain(server.key.slice(-32));
  const refused = await server.call("GET", "/api/v1/keys/verify", { key: `${server.key}x` });
  expect(await refused.text()).not.toContain(server.key.slice(-32));
});
