import { expect, test } from "vitest";
import { zApiKey, zCreatedKey, zErrorResponse, zKeyList } from "../src/generated/zod.gen.ts";
import { refusal, seq, startTestServer } from "./harness.ts";

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

test("a key cannot make one that may do more than itself", async () => {
  const server = await startTestServer();
  const created = await server.call("POST", "/api/v1/keys", { body: { name: "maker", scopes: ["key:write"] } });
  const { secret: key } = zCreatedKey.parse(await created.json());
  const body = { name: "stronger", scopes: ["key:write", "flow:write"] };
  expect(await refusal(await server.call("POST", "/api/v1/keys", { key, body }))).toBe("403 FORBIDDEN");
});

test("two keys that are made at once where there is room for one: one is refused", async () => {
  const server = await startTestServer();
  const make = () => server.call("POST", "/api/v1/keys", { body: { name: "k" } });
  for (let count = 1; count < 9; count += 1) await make();
  const statuses = (await Promise.all([make(), make()])).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([201, 429]));
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
