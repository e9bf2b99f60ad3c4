import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { parseEgressAllow } from "@noukai/engine";
import { describePostgres } from "@noukai/postgres-for-tests";
import { verifyWebhook } from "@noukai/sdk";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { zJobAccepted, zJobStatus } from "../src/generated/zod.gen.ts";
import type { StartOptions } from "../src/index.ts";
import { makeDirectory, refusal, runsInWork, seq, startTestServer, type TestServer, writeFlows } from "./harness.ts";
import { serve } from "./process.ts";

const secret = `whsec_${Buffer.from("a secret of the webhooks' tests").toString("base64")}`;

const flows = {
  "acme/spelling/project.yaml": `webhookSecret: ${secret}\n`,
  "acme/spelling/grade-3.yaml": `
steps:
  - { id: check, type: llm, model: noukai/echo, prompt: "Check: {{message}}" }
`,
  "acme/spelling/failing.yaml": `
steps:
  - { id: fail, type: llm, model: "noukai/echo?failAttempts=9&terminal=1", prompt: "{{message}}" }
`,
  "acme/spelling/endless.yaml": `
steps:
  - { id: wait, type: llm, model: "noukai/echo?delayMs=600000", prompt: "{{message}}" }
`,
  "acme/other/elsewhere.yaml": `
steps:
  - { id: keep, type: passthrough }
`,
};

interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly payload: string;
}

/** Somebody who is told of jobs; answers with 204 unless told otherwise. */
async function receive(status: () => number = () => 204, port = 0) {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    void text(request).then((payload) => {
      told.push({ headers: request.headers, payload });
      response.writeHead(status()).end();
    });
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  onTestFinished(() => void server.close());
  const bound = (server.address() as AddressInfo).port; // as: it listens on a port
  return { told, close, port: bound, url: `http://127.0.0.1:${bound}/told?token=canary-of-the-url` };
}

const allowed = parseEgressAllow("http://127.0.0.1");
const egressAllow = "rules" in allowed ? allowed.rules : [];

function start(
  options: StartOptions & { readonly flows?: Readonly<Record<string, string>> } = {},
): Promise<TestServer> {
  return startTestServer({ flows, egressAllow, ...options });
}

async function submit(server: TestServer, flow: string, members: object): Promise<string> {
  const response = await server.call("POST", `${seq}/${flow}/jobs`, { body: { message: "hous", ...members } });
  expect(response.status).toBe(202);
  return zJobAccepted.parse(await response.json()).executionId;
}

/** What the receiver was told, believed for its signature alone. */
function read({ payload, headers }: Told) {
  return verifyWebhook({ payload, headers, secret });
}

describe("a job with a webhookUrl", () => {
  test("is told of once it is done, with what its address answers, signed for the SDK to verify", async () => {
    const receiver = await receive();
    const server = await start();
    const executionId = await submit(server, "grade-3", { webhookUrl: receiver.url });
    await vi.waitFor(() => expect(receiver.told).toHaveLength(1), 5_000);
    const [told] = receiver.told;
    if (told === undefined) throw new Error("nothing was told");
    const event = await read(told);
    const status = zJobStatus.parse(await (await server.call("GET", `${seq}/grade-3/jobs/${executionId}`)).json());
    expect(event).toEqual({ type: "job.completed", timestamp: expect.any(String), data: status });
    expect(status).toMatchObject({ executionId, status: "completed", result: { text: "Check: hous" } });
    expect(event.timestamp).toBe(new Date((await server.engine.run(executionId))?.completedAt ?? 0).toISOString());
    await expect(read({ ...told, payload: told.payload.replace("hous", "mouse") })).rejects.toThrow("does not match");
    const metrics = await (await server.call("GET", "/metrics")).text();
    expect(metrics).toContain('noukai_webhook_attempts_total{outcome="delivered"} 1\n');
    expect(metrics).toContain("noukai_webhooks_under_way 0\n");
  });

  test("is told of when it fails, and when it is cancelled, waiting or in work", async () => {
    const receiver = await receive();
    const server = await start();
    const { url: webhookUrl } = receiver;
    const failed = await submit(server, "failing", { webhookUrl });
    const running = await submit(server, "endless", { webhookUrl });
    const startAfter = new Date(Date.now() + 3_600_000).toISOString();
    const waiting = await submit(server, "grade-3", { webhookUrl, startAfter });
    await runsInWork(server, 1);
    await server.call("POST", `${seq}/endless/jobs/${running}/cancel`);
    await server.call("POST", `${seq}/grade-3/jobs/${waiting}/cancel`);
    await vi.waitFor(() => expect(receiver.told).toHaveLength(3), 5_000);
    const events = await Promise.all(receiver.told.map(read));
    const cancelled = { status: "failed", state: "cancelled", error: "cancelled" };
    expect(new Map(events.map(({ data }) => [data.executionId, data]))).toEqual(
      new Map([
        [failed, expect.objectContaining({ status: "failed", state: "failed", error: expect.any(String) })],
        [running, { executionId: running, ...cancelled }],
        [waiting, { executionId: waiting, ...cancelled }],
      ]),
    );
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["job.failed"]));
  });

  test("that is submitted twice with one key is told of once", async () => {
    const receiver = await receive();
    const server = await start();
    const body = { message: "a", webhookUrl: receiver.url };
    const headers = { "idempotency-key": "k" };
    for (const _ of [1, 2]) await server.call("POST", `${seq}/grade-3/jobs`, { body, headers });
    await submit(server, "grade-3", { webhookUrl: receiver.url });
    await vi.waitFor(() => expect(receiver.told).toHaveLength(2), 5_000);
    expect(new Set(receiver.told.map(({ headers: sent }) => sent["webhook-id"])).size).toBe(2);
  });

  test("is told of when the receiver is there again, though the log of the server never names the address or what was said", async () => {
    const lines: string[] = [];
    const log = pino(
      { level: "debug" },
      new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) }),
    );
    let skippedMs = 0;
    const receiver = await receive(() => 503);
    const server = await start({ log, now: () => Date.now() + skippedMs });
    const id = await submit(server, "grade-3", { message: "canary-of-the-input", webhookUrl: receiver.url });
    await vi.waitFor(() => expect(server.engine.stats().webhooks.failed).toBe(1), 5_000);
    await receiver.close();
    const again = await receive(() => 200, receiver.port);
    skippedMs = 60_000;
    await vi.waitFor(() => expect(again.told).toHaveLength(1), 5_000);
    expect(again.told[0]?.payload).toBe(receiver.told[0]?.payload);
    expect(again.told[0]?.headers["webhook-id"]).toBe(receiver.told[0]?.headers["webhook-id"]);
    expect(again.told[0]?.payload).toContain(id);
    expect(lines.join("")).not.toMatch(/canary|whsec_/);
  });

  test("is signed with a secret that is in no row", async () => {
    const dataDir = await makeDirectory();
    const server = await start({ dataDir });
    const startAfter = new Date(Date.now() + 3_600_000).toISOString();
    await submit(server, "grade-3", { startAfter, webhookUrl: "https://example.com/where-it-is-told" });
    await server.close();
    const rows = readdirSync(dataDir).map((file) => readFileSync(join(dataDir, file), "latin1"));
    expect(rows.some((row) => row.includes("where-it-is-told"))).toBe(true);
    expect(rows.some((row) => row.includes(secret.slice("whsec_".length)))).toBe(false);
  });

  test("whose receiver wants no more is given up, which the server's log tells by the run's id", async () => {
    const lines: string[] = [];
    const log = pino(
      { level: "warn" },
      new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) }),
    );
    const receiver = await receive(() => 410);
    const server = await start({ log });
    const id = await submit(server, "grade-3", { webhookUrl: receiver.url });
    await vi.waitFor(() => expect(server.engine.stats().webhooks.givenUp).toBe(1), 5_000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`"runId":"${id}"`);
    expect(lines[0]).toContain("WEBHOOK_GIVEN_UP");
    expect(lines[0]).not.toContain("canary");
    expect(await (await server.call("GET", "/metrics")).text()).toContain('{outcome="given_up"} 1\n');
  });
});

describe("an execution with a webhook_url", () => {
  async function create(server: TestServer, flow: string, webhookUrl: string): Promise<Response> {
    const project = await server.engine.store.project("acme", "spelling");
    const record = await server.engine.store.flow(project?.id ?? "", flow);
    const body = { flow_id: record?.id, input: { message: "hous" }, webhook_url: webhookUrl };
    return server.call("POST", "/api/v1/flow-executions", { body });
  }

  test("is told of when a run of it ends, each run as it ended", async () => {
    const receiver = await receive();
    const server = await start();
    const created = await create(server, "failing", receiver.url);
    expect(created.status).toBe(201);
    const { id, flow_id: flowId } = (await created.json()) as { id: string; flow_id: string }; // what the contract says of it
    await vi.waitFor(() => expect(receiver.told).toHaveLength(1), 5_000);
    await server.call("POST", `/api/v1/flow-executions/${id}/execute`);
    await vi.waitFor(() => expect(receiver.told).toHaveLength(2), 5_000);
    const events: unknown[] = await Promise.all(receiver.told.map(read));
    const error = { code: expect.any(String), message: expect.any(String), step_id: "fail" };
    const data = {
      id,
      flow_id: flowId,
      flow_version: 1,
      run_id: expect.any(String),
      status: "failed",
      result: null,
      error,
    };
    expect(events).toEqual(
      [1, 2].map((runNumber) => ({
        type: "execution.failed",
        timestamp: expect.any(String),
        data: { ...data, run_number: runNumber },
      })),
    );
  });

  test("is refused, with the member's name, when its address leads inside", async () => {
    const response = await create(await start(), "grade-3", "https://169.254.169.254/");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("webhook_url");
  });
});

describe("a webhookUrl is refused, by its name,", () => {
  test.each([
    ["http://example.com/hook", "must begin with https://"],
    ["https://127.0.0.2/hook", "must not lead to a private, local or reserved address"],
    ["https://169.254.169.254/latest/meta-data", "must not lead to a private, local or reserved address"],
    ["https://0x7f.1/hook", "must name its host in the plain form, such as hooks.example.com"],
    ["https://[::ffff:10.0.0.1]/hook", "must name its host in the plain form, such as hooks.example.com"],
    ["https://hooks.internal/hook", "must not lead to a private, local or reserved address"],
    ["https://user:password@example.com/hook", "must not carry a user name or password"],
    ["https://example.com:25/hook", "must go to port 443, or to one from 1024 on"],
    ["file:///etc/passwd", "must begin with https://"],
    ["https://exa mple.com/", "must be a web address such as https://example.com/a.png"],
  ])("when it is %s", async (webhookUrl, message) => {
    const server = await start({ egressAllow: [] });
    const response = await server.call("POST", `${seq}/grade-3/jobs`, { body: { message: "a", webhookUrl } });
    const { detail } = (await response.json()) as { detail: { code: string; issues: object[] } }; // what the contract says of it
    const issues = [{ path: "webhookUrl", message }];
    expect([response.status, detail.code, detail.issues]).toEqual([400, "INVALID_REQUEST", issues]);
  });

  test("when the project has no secret to sign with, and accepted once project.yaml has one", async () => {
    const flowsDir = await makeDirectory();
    await writeFlows(flowsDir, { ...flows, "acme/spelling/project.yaml": "" });
    const server = await start({ flowsDir });
    const startAfter = new Date(Date.now() + 3_600_000).toISOString();
    const body = { message: "a", startAfter, webhookUrl: "https://example.com/hook" };
    const post = () => server.call("POST", `${seq}/grade-3/jobs`, { body });
    const refused = await post();
    expect(await refused.clone().text()).toContain("set webhookSecret in the project's project.yaml");
    expect(await refusal(refused)).toBe("400 INVALID_REQUEST");
    await writeFlows(flowsDir, flows);
    await server.reload();
    expect((await post()).status).toBe(202);
  });
});

/** Kills a server that has ended a job and could not tell of it, and starts the next one in its place. */
async function tellAfterTheDeath(settings: Readonly<Record<string, string>>): Promise<void> {
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, flows);
  const key = `nk_test_webhook0_${"0".repeat(32)}`;
  const down = await receive();
  await down.close();
  const launch = () =>
    serve({ ...settings, NOUKAI_FLOWS_DIR: flowsDir, NOUKAI_API_KEY: key, NOUKAI_EGRESS_ALLOW: "http://127.0.0.1" });
  const call = async (url: string, method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    return (await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })).text();
  };
  const first = launch();
  const url = await first.url;
  const accepted = await call(url, "POST", `${seq}/grade-3/jobs`, { message: "a", webhookUrl: down.url });
  const { executionId } = zJobAccepted.parse(JSON.parse(accepted));
  await vi.waitFor(
    async () => expect(await call(url, "GET", `${seq}/grade-3/jobs/${executionId}`)).toContain('"completed"'),
    5_000,
  );
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");

  const up = await receive(undefined, down.port);
  const second = launch();
  await second.url;
  // An attempt that was under way is due again 30 s later at the latest.
  await vi.waitFor(() => expect(up.told).toHaveLength(1), 40_000);
  expect(await Promise.all(up.told.map(read))).toMatchObject([{ type: "job.completed", data: { executionId } }]);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
}

const name = "a server that is killed between the end of a job and its webhook leaves it to the next one";

test(
  name,
  async () => {
    await tellAfterTheDeath({ NOUKAI_DATA_DIR: await makeDirectory() });
  },
  60_000,
);

describePostgres("on PostgreSQL", (postgres) => {
  test(
    name,
    async () => {
      const { url, drop } = await postgres.createDatabase();
      onTestFinished(drop);
      await tellAfterTheDeath({ DATABASE_URL: url });
    },
    60_000,
  );
});
