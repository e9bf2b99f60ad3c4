import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory, writeFlows } from "./harness.ts";
import { openRaw, rawRequest } from "./raw.ts";
import { printedKey, serve } from "./process.ts";

const keep = "steps: [{ id: keep, type: passthrough }]\n";
const endless = 'steps: [{ id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }]\n';

/** Settings of a fresh server with these flows. */
async function settings(
  flows: Readonly<Record<string, string>> = { "acme/demo/keep.yaml": keep },
): Promise<Record<string, string>> {
  const directory = await makeDirectory();
  await writeFlows(join(directory, "flows"), flows);
  return { NOUKAI_DATA_DIR: join(directory, "data"), NOUKAI_FLOWS_DIR: join(directory, "flows") };
}

test("the first start prints its URL and the key, the second only its URL; the key works on both", async () => {
  const env = await settings();
  const first = serve(env);
  const execute = async (url: string) =>
    fetch(`${url}/api/v1/seq/acme/demo/keep/execute`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: '{"message":"a"}',
    });
  const url = await first.url;
  const key = await printedKey(first);
  expect(first.stdout()).toBe(
    `Noukai listens on ${url}\nThe API, with a form for each request: ${url}/reference\nAPI key of acme/demo, shown this once: ${key}\n`,
  );
  expect((await execute(url)).status).toBe(200);
  first.child.kill("SIGTERM");
  expect([await first.ended, first.stderr()]).toEqual([0, ""]);
  const second = serve(env);
  expect((await execute(await second.url)).status).toBe(200);
  const again = await second.url;
  expect(second.stdout()).toBe(
    `Noukai listens on ${again}\nThe API, with a form for each request: ${again}/reference\n`,
  );
});

test("SIGTERM drains: readyz turns 503, an unfinished stream is reset, the process exits 0", async () => {
  const server = serve({ ...(await settings({ "acme/demo/endless.yaml": endless })), NOUKAI_DRAIN_MS: "1000" });
  const url = await server.url;
  const body = '{"message":"a","runRemaining":true}';
  const headers = {
    authorization: `Bearer ${await printedKey(server)}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  const stream = openRaw(Number(new URL(url).port));
  stream.socket.write(rawRequest("POST", "/api/v1/seq/acme/demo/endless/step", headers, body));
  await stream.until("step_input");
  server.child.kill("SIGTERM");
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  const refused = await fetch(`${url}/api/v1/seq/acme/demo/endless/execute`, {
    method: "POST",
    headers: { authorization: headers.authorization, "content-type": "application/json" },
    body,
  });
  expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("x-should-retry")]).toEqual([
    503,
    "2",
    "true",
  ]);
  expect(await refused.json()).toMatchObject({ detail: { code: "SHUTTING_DOWN" } });
  expect([await stream.gone, await server.ended]).toEqual(["ECONNRESET", 0]);
});

test("a second signal ends the process at once", async () => {
  const server = serve({ ...(await settings({ "acme/demo/endless.yaml": endless })) });
  const url = await server.url;
  const headers = { authorization: `Bearer ${await printedKey(server)}`, "content-type": "application/json" };
  const execute = fetch(`${url}/api/v1/seq/acme/demo/endless/execute`, {
    method: "POST",
    headers,
    body: '{"message":"a"}',
  }).catch(() => undefined);
  await expect.poll(async () => (await fetch(`${url}/metrics`)).text()).toContain("noukai_runs_in_work 1");
  server.child.kill("SIGINT");
  await expect.poll(() => server.stdout()).toContain("Stopping");
  // The same Ctrl-C, passed on by a parent process within half a second, is not a second one.
  server.child.kill("SIGINT");
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  await expect.poll(() => server.child.kill("SIGINT") || server.child.exitCode, { timeout: 5_000 }).toBe(130);
  await execute;
});

test("a file with three faults is refused with all three and their places; the others are served", async () => {
  const bad = [
    "name: Bad",
    "steps:",
    "  - id: one",
    "    type: llm",
    "    model: noukai/echo",
    "  - id: one",
    "    type: passthrough",
    "  - id: two",
    "    type: pasthrough",
    "",
  ].join("\n");
  const env = await settings({ "acme/demo/keep.yaml": keep, "acme/demo/bad.yaml": bad });
  const server = serve(env);
  await server.url;
  await expect.poll(() => server.stderr().trim().split("\n").length).toBe(3);
  const file = /^(.*bad\.yaml):(\d+):(\d+) (\S+): (.+)$/;
  const faults = server
    .stderr()
    .trim()
    .split("\n")
    .map((line) => file.exec(line));
  expect(faults.map((fault) => [fault?.[2], fault?.[4]])).toEqual([
    ["3", "steps[0].prompt"],
    ["6", "steps[1].id"],
    ["9", "steps[2].type"],
  ]);
  expect(faults[2]?.[5]).toContain("passthrough");
  expect((await fetch(`${await server.url}/readyz`)).status).toBe(200);
});

test("wrong settings are all named, unknown ones too, and nothing is started", async () => {
  const server = serve({ PORT: "http", NOUKAI_LOG: "loud", DATABASE_URL: "mysql://db", NOUKAI_PROT: "1" });
  expect(await server.ended).toBe(1);
  expect(
    server
      .stderr()
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(["NOUKAI_PROT", "PORT", "NOUKAI_LOG", "DATABASE_URL"]);
});

test("a flows directory that is not there is said", async () => {
  const env = await settings({});
  const server = serve(env);
  await server.url;
  await expect
    .poll(() => server.stderr())
    .toBe(
      `There is no directory ${env["NOUKAI_FLOWS_DIR"]}, so no flow was loaded. Make it, or set NOUKAI_FLOWS_DIR.\n`,
    );
});

test("a flow file at the wrong level is named", async () => {
  const env = await settings({ "acme/demo/keep.yaml": keep, "acme/lost.yaml": keep });
  const server = serve(env);
  await server.url;
  await expect.poll(() => server.stderr()).toMatch(/acme\/lost\.yaml lies at the wrong level\. Move it/);
});

test.each([
  [1, "1 run that was in work when the last process died goes on."],
  [2, "2 runs that were in work when the last process died go on."],
])("%s interrupted run(s) are told in right words", async (count, line) => {
  const env = await settings({ "acme/demo/endless.yaml": endless });
  const first = serve(env);
  const url = await first.url;
  const headers = { authorization: `Bearer ${await printedKey(first)}`, "content-type": "application/json" };
  const calls = Array.from({ length: count }, () =>
    fetch(`${url}/api/v1/seq/acme/demo/endless/execute`, { method: "POST", headers, body: '{"message":"a"}' }).catch(
      () => undefined,
    ),
  );
  await expect.poll(async () => (await fetch(`${url}/metrics`)).text()).toContain(`noukai_runs_in_work ${count}\n`);
  first.child.kill("SIGKILL");
  await Promise.all([first.ended, ...calls]);
  const second = serve(env);
  await second.url;
  await expect.poll(() => second.stdout()).toContain(line);
});

test("a port that is taken is stepped past, and that is said", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo; // listens on TCP
  const server = serve({ ...(await settings()), PORT: String(port) });
  const taken = Number(new URL(await server.url).port);
  expect(taken).toBeGreaterThan(port);
  expect(server.stdout()).toContain(`(port ${port} is in use)`);
});

test("a data directory that another process holds is named", async () => {
  const env = await settings();
  const first = serve(env);
  await first.url;
  const second = serve(env);
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toContain(`${env["NOUKAI_DATA_DIR"]} is in use by process ${first.child.pid}`);
});

test("beyond loopback nothing is opened without a key", async () => {
  const server = serve({ ...(await settings({})), HOST: "0.0.0.0" });
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(/^HOST is 0\.0\.0\.0.*NOUKAI_API_KEY/);
});

test("--help lists the settings and starts nothing", async () => {
  const server = serve({}, ["--help"]);
  expect(await server.ended).toBe(0);
  expect(server.stdout()).toMatch(/NOUKAI_DATA_DIR\s+\.noukai/);
});

test("logs are JSON on stderr, name requests and steps, and hold no key, prompt or body", async () => {
  const flow =
    'steps: [{ id: fail, type: llm, model: "noukai/echo?failAttempts=9&terminal=1", prompt: "canary-prompt {{message}}" }]\n';
  const server = serve({ ...(await settings({ "acme/demo/failing.yaml": flow })), NOUKAI_LOG: "debug" });
  const url = await server.url;
  const key = await printedKey(server);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/seq/acme/demo/failing/execute`, {
    method: "POST",
    headers,
    body: '{"message":"canary-body"}',
  });
  await fetch(`${url}/api/v1/keys/verify?token=canary-query`, { headers });
  const requestId = response.headers.get("x-request-id");
  await expect.poll(() => server.stderr()).toContain("verifyKey");
  const lines = server
    .stderr()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>); // each must be JSON
  expect(lines.find((line) => line["requestId"] === requestId)).toMatchObject({
    operation: "executeFlow",
    method: "POST",
    status: 422,
    code: "MODEL_PROVIDER_ERROR",
    ms: expect.any(Number),
  });
  expect(server.stderr()).not.toMatch(/canary/);
  expect(server.stderr()).not.toContain(key.slice(-32));
});
