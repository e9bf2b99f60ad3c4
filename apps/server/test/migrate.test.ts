import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openPostgresStore, openSqliteStore, type Store } from "@noukai/engine";
import { describePostgres, execute, type TestDatabase } from "@noukai/postgres-for-tests";
import { Noukai, type PauseJson } from "@noukai/sdk";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { makeDirectory, parseFrames, weatherTools, writeFlows } from "./harness.ts";
import { printedKey, serve, type ServeProcess } from "./process.ts";

const secret = `whsec_${Buffer.from("a secret of the moves' tests, 24").toString("base64")}`;
const sessionId = "3f1c7f7e-6d3c-4f5e-9a43-1c51b0b1c002";
const nodes = join(import.meta.dirname, "../../../docs/nodes");

const own = {
  "acme/nodes/project.yaml": `webhookSecret: ${secret}\n`,
  "acme/nodes/asking.yaml": `
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`,
  // Long enough to be killed in the middle of its second step, and short enough to end.
  "acme/nodes/slow.yaml": `
steps:
  - { id: first, type: passthrough }
  - { id: second, type: llm, model: "noukai/echo?delayMs=1500", prompt: "{{message}}" }
`,
};

interface Call {
  readonly flow: string;
  readonly input: unknown;
}

/** The flows of the pages about nodes, each kind of node among them, and what they are called with. */
async function readPages(): Promise<{ readonly flows: Record<string, string>; readonly calls: readonly Call[] }> {
  const flows: Record<string, string> = {};
  const calls: Call[] = [];
  for (const page of await readdir(nodes)) {
    let flow = "";
    const text = await readFile(join(nodes, page), "utf8");
    for (const [, kind, block = ""] of text.matchAll(/^```(yaml|json input)\n([^]*?)^```$/gm)) {
      if (kind === "json input") calls.push({ flow, input: JSON.parse(block) });
      else {
        flow = /^# flows\/(\S+)\n/.exec(block)?.[1] ?? "";
        flows[flow] = block;
      }
    }
  }
  return { flows, calls };
}

/** A server in a process of its own, as a client with the key sees it. */
interface Node {
  readonly process: ServeProcess;
  readonly noukai: Noukai;
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>;
  /** Ends it as an operator does. */
  readonly stop: () => Promise<void>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function startNode(
  env: Readonly<Record<string, string>>,
  key?: string,
): Promise<Node & { readonly key: string }> {
  const process = serve({ NOUKAI_EGRESS_ALLOW: "http://127.0.0.1", ...env });
  const apiKey = key ?? (await printedKey(process));
  const url = await process.url;
  const noukai = new Noukai({ apiKey, baseUrl: `${url}/api/v1`, org: "acme", project: "nodes" });
  onTestFinished(() => noukai.close());
  const call: Node["call"] = (method, path, { body, headers } = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const stop = async (): Promise<void> => {
    process.child.kill("SIGTERM");
    expect([await process.ended, process.stderr()]).toEqual([0, ""]);
  };
  return { process, noukai, call, stop, key: apiKey };
}

async function migrate(...args: readonly string[]): Promise<ServeProcess> {
  const moving = serve({}, ["migrate", ...args]);
  await moving.ended;
  return moving;
}

const seq = "/api/v1/seq/acme/nodes";

/** Everything that the API tells of what was: the same before a move and after it. */
async function toldBy({ call }: Node, runIds: readonly string[]): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  const paths = [
    `/api/v1/seq/sessions/${sessionId}`,
    "/api/v1/flow-runs?limit=100&status=failed",
    "/api/v1/keys",
    "/api/v1/projects/acme/nodes/flows",
    "/api/v1/projects/acme/nodes/flows/asking/versions",
    ...runIds.map((id) => `/api/v1/flow-runs/${id}/trace`),
  ];
  for (const path of paths) {
    const response = await call("GET", path);
    expect([path, response.status]).toEqual([path, 200]);
    told.push(await response.json());
  }
  for (const id of runIds)
    told.push(parseFrames(await (await call("GET", `/api/v1/flow-runs/${id}/trace/stream`)).text()));
  return told;
}

/** Somebody who is told of jobs, once they let themselves be told. */
async function receiver() {
  let isUp = false;
  const told: string[] = [];
  const server = createServer((request, response) => {
    if (isUp) told.push(String(request.headers["webhook-id"]));
    request.resume().on("end", () => response.writeHead(isUp ? 204 : 503).end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // as: it listens on a port
  return { url: `http://127.0.0.1:${port}/hook`, told, comeUp: () => (isUp = true) };
}

/** Calls each flow, in one session, and gives the ids of the runs. */
async function callAll({ call }: Node, calls: readonly Call[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { flow, input } of calls) {
    const answer = await call("POST", `/api/v1/seq/${flow.replace(/\.yaml$/, "")}/execute`, {
      body: { parameters: input, trace: true },
      headers: { "x-session-id": sessionId },
    });
    ids.push(answer.headers.get("x-noukai-execution-id") ?? "");
    await answer.json();
  }
  return ids;
}

const keyed = { body: { message: "once" }, headers: { "idempotency-key": "one-call" } };

/** What waits for somebody, or is remembered. */
interface Left {
  /** As JSON, of runs that wait for tools. */
  readonly pauses: readonly string[];
  /** What the call with a key was answered. */
  readonly accepted: unknown;
  readonly executionId: string;
  /** A key that was revoked. */
  readonly revoked: string;
}

async function leaveWaiting(node: Node, webhookUrl: string): Promise<Left> {
  const { noukai, call } = node;
  const attachments = [
    { url: "https://files.example.org/a.png", mimeType: "image/png", filename: "a 🗼.png" } as const,
  ];
  const pauses = [
    await noukai.flow("asking").execute({ message: "Lyon", tools: weatherTools.slice(0, 1), attachments }),
    await noukai.flow("asking").execute({ message: "Lyon", tools: weatherTools.slice(0, 1) }),
  ].map((pause) => JSON.stringify(pause));
  const accepted: unknown = await (await call("POST", `${seq}/asking/jobs`, keyed)).json();
  const told = await (await call("POST", `${seq}/slow/jobs`, { body: { message: "told of", webhookUrl } })).json();
  const flow = await (await call("GET", "/api/v1/projects/acme/nodes/flows/asking")).json();
  const body = { flow_id: flow.id, input: { message: "by its id" } };
  const execution = await (await call("POST", "/api/v1/flow-executions", { body })).json();
  const made = await (await call("POST", "/api/v1/keys", { body: { name: "gone", scopes: ["run"] } })).json();
  expect((await call("DELETE", `/api/v1/keys/${made.key.id}`)).status).toBe(204);
  await vi.waitFor(async () => {
    const job = await (await call("GET", `${seq}/slow/jobs/${told.executionId}`)).json();
    expect([job.status, await statusOf(node, execution.id)]).toEqual(["completed", "completed"]);
  }, 10_000);
  return { pauses, accepted, executionId: execution.id, revoked: made.secret };
}

async function statusOf({ call }: Node, executionId: string): Promise<unknown> {
  return (await (await call("GET", `/api/v1/flow-executions/${executionId}`)).json()).status;
}

async function answersAsBefore(node: Node, { accepted, executionId, revoked }: Left): Promise<void> {
  expect(await (await node.call("POST", `${seq}/asking/jobs`, keyed)).json()).toEqual(accepted);
  const other = { ...keyed, body: { message: "another" } };
  expect((await node.call("POST", `${seq}/asking/jobs`, other)).status).toBe(422);
  expect(await statusOf(node, executionId)).toBe("completed");
  const headers = { authorization: `Bearer ${revoked}` };
  expect((await node.call("GET", "/api/v1/keys/verify", { headers })).status).toBe(401);
}

async function resume({ noukai }: Node, pause = ""): Promise<unknown> {
  const json = JSON.parse(pause) as PauseJson; // as: `JSON.stringify` of a pause
  return noukai.resume(json, {
    toolResults: json.pause.toolCalls.map(({ id }) => ({ toolCallId: id, output: "rain" })),
  });
}

/** Kills the server in the middle of the second step of a run, and gives the run's id. */
async function cutShort({ call, process }: Node): Promise<string> {
  const { executionId } = await (await call("POST", `${seq}/slow/jobs`, { body: { message: "cut" } })).json();
  await vi.waitFor(async () => {
    const { steps } = await (await call("GET", `/api/v1/flow-runs/${executionId}/trace`)).json();
    expect(steps).toMatchObject([{ status: "completed" }, { stepId: "second", status: "running" }]);
  }, 5_000);
  process.child.kill("SIGKILL");
  await process.ended;
  return executionId;
}

/** Resolves once the run is over, with its first step made once and its second one anew. */
async function goesOn({ call }: Node, runId: string): Promise<void> {
  await vi.waitFor(async () => {
    const { steps } = await (await call("GET", `/api/v1/flow-runs/${runId}/trace`)).json();
    expect(steps).toMatchObject([
      { stepId: "first", attempt: 1, status: "completed" },
      { stepId: "second", attempt: 2, status: "completed" },
    ]);
  }, 15_000);
}

describePostgres("moving up to PostgreSQL, and back", (postgres) => {
  let database: TestDatabase;
  let home: string;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    home = await makeDirectory();
    return () => database.drop();
  });

  test("everything is there, waits, goes on and answers as before", { timeout: 120_000 }, async () => {
    const { flows, calls } = await readPages();
    await writeFlows(join(home, "flows"), { ...flows, ...own });
    const env = { NOUKAI_FLOWS_DIR: join(home, "flows"), NOUKAI_DATA_DIR: join(home, "data") };
    const hook = await receiver();
    const first = await startNode(env);
    const runIds = await callAll(first, calls);
    expect(runIds.length).toBeGreaterThan(8);
    const left = await leaveWaiting(first, hook.url);
    const before = await toldBy(first, runIds);
    const cut = await cutShort(first);

    const up = await migrate("--from", join(home, "data"), "--to", database.url);
    expect([up.child.exitCode, up.stdout()]).toEqual([0, expect.stringContaining("1 run that was in work can go on.")]);
    expect(up.stdout()).toMatch(/^log +[\d,]+ +[\d,]+ +([0-9a-f]{16}) +\1 +same$/m);
    const second = await startNode({ NOUKAI_FLOWS_DIR: join(home, "flows"), DATABASE_URL: database.url }, first.key);
    await goesOn(second, cut);
    await answersAsBefore(second, left);
    expect(await resume(second, left.pauses[0])).toMatchObject({
      requiresToolCalls: false,
      output: { text: "After: get_weather: rain" },
    });
    hook.comeUp();
    await second.stop();

    const down = await migrate("--from", database.url, "--to", join(home, "back"), "--json");
    const [last = "{}"] = down.stdout().trimEnd().split("\n").slice(-1);
    expect([down.child.exitCode, down.stderr(), JSON.parse(last).event]).toEqual([0, "", "moved"]);
    const third = await startNode({ ...env, NOUKAI_DATA_DIR: join(home, "back") }, first.key);
    expect(await toldBy(third, runIds)).toEqual(before);
    await answersAsBefore(third, left);
    expect(await resume(third, left.pauses[1])).toMatchObject({ requiresToolCalls: false });
    await vi.waitFor(() => expect(hook.told.length).toBeGreaterThan(0), 30_000);
    await third.stop();
  });

  /** An embedded database that takes a while to move. */
  async function fill(dataDir: string): Promise<void> {
    const store = await openSqliteStore({ dataDir });
    const { id: projectId } = await store.ensureProject("acme", "large");
    const definition = { hash: "0".repeat(64), text: "{}" };
    const draft = {
      projectId,
      slug: "large",
      name: "Large",
      description: null,
      definition,
      retentionDays: null,
      fromFile: false,
      at: 1,
    };
    const flow = await store.saveDraft(draft);
    const text = "x".repeat(20_000);
    for (let page = 0; page < 2; page += 1) {
      const runs = Array.from({ length: 1_000 }, (_, index) => ({
        id: `0199f3c2-7a41-7000-8000-${String(page * 1_000 + index).padStart(12, "0")}`,
        projectId,
        flowId: flow.id,
        flowVersion: 0,
        definitionHash: definition.hash,
        trigger: "job" as const,
        sessionId: null,
        capture: "full" as const,
        traced: false,
        input: { text },
        options: {},
        owner: null,
        priority: 0,
        readyAt: 1,
        createdAt: 1,
        idempotency: null,
      }));
      await store.append(
        runs.map((run) => ({ kind: "create", run, events: [{ seq: 1, at: 1, type: "run_started", stepCount: 1 }] })),
      );
    }
    await store.close();
  }

  /** Begins a move, and does something to it once it says so. */
  async function interrupted(
    args: readonly string[],
    said: string,
    signal: "SIGKILL" | "SIGINT",
  ): Promise<ServeProcess> {
    const moving = serve({}, ["migrate", ...args]);
    await vi.waitFor(() => expect(moving.stderr()).toContain(said), { timeout: 20_000, interval: 5 });
    moving.child.kill(signal);
    await moving.ended;
    return moving;
  }

  test("a move that is killed, or stopped, leaves nothing, and is made again", { timeout: 120_000 }, async () => {
    const [data, back] = [join(home, "data"), join(home, "back")];
    await fill(data);
    const up = ["--from", data, "--to", database.url];
    const down = ["--from", database.url, "--to", back];
    expect((await interrupted(up, "Copying runs", "SIGKILL")).stdout()).toBe("");
    // PostgreSQL has to notice that nobody is there any more.
    const stopped = await vi.waitFor(async () => {
      const moving = await interrupted(up, "Copying runs", "SIGINT");
      expect(moving.stderr()).not.toContain("in use");
      return moving;
    }, 20_000);
    expect(stopped.child.exitCode).toBe(130);
    expect(stopped.stderr()).toMatch(/\nStopped\. Nothing was moved: the target is left empty\.\n$/);
    expect((await interrupted(up, "Checking runs", "SIGKILL")).stdout()).toBe("");
    await vi.waitFor(async () => expect((await migrate(...up)).child.exitCode).toBe(0), {
      timeout: 40_000,
      interval: 200,
    });

    await interrupted(down, "Checking runs", "SIGKILL");
    expect(await readdir(back)).toContain("moving.db");
    await vi.waitFor(async () => expect((await migrate(...down)).child.exitCode).toBe(0), {
      timeout: 40_000,
      interval: 200,
    });
    expect((await readdir(back)).toSorted()).toEqual(["lock.db", "lock.pid", "noukai.db"]);
  });

  test("a signal that comes when everything is being made durable changes nothing", { timeout: 60_000 }, async () => {
    await (await openSqliteStore({ dataDir: join(home, "data") }).then(furnished)).close();
    await (await openPostgresStore({ url: database.url })).close();
    // What is last of all takes a while.
    await execute(
      database.url,
      `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
       CREATE TRIGGER wait AFTER UPDATE ON run_states FOR EACH STATEMENT EXECUTE FUNCTION wait()`,
    );
    const moving = serve({}, ["migrate", "--from", join(home, "data"), "--to", database.url]);
    const requireEnd = `DO $$ BEGIN
      ASSERT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'UPDATE run_states%');
    END $$`;
    await vi.waitFor(() => execute(database.url, requireEnd), 20_000);
    moving.child.kill("SIGINT");
    expect([await moving.ended, moving.stdout()]).toEqual([0, expect.stringContaining("Everything was moved.")]);
  });

  test("what differs is in the table and in the message, and ends it with 1", { timeout: 60_000 }, async () => {
    await (await openSqliteStore({ dataDir: join(home, "data") }).then(furnished)).close();
    await (await openPostgresStore({ url: database.url })).close();
    await execute(
      database.url,
      `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.slug := 'zoo'; RETURN NEW; END $$;
       CREATE TRIGGER spoil BEFORE INSERT ON projects FOR EACH ROW EXECUTE FUNCTION spoil()`,
    );
    const places = ["--from", join(home, "data"), "--to", database.url];
    const moving = await migrate(...places);
    expect(moving.child.exitCode).toBe(1);
    expect(moving.stdout()).toMatch(/^projects +1 +1 +[0-9a-f]{16} +[0-9a-f]{16} +differ, first in ([0-9a-f-]{36})$/m);
    expect(moving.stderr()).toMatch(
      /\nThe projects differ, first in [0-9a-f-]{36}\. Nothing was moved: the target is left empty\.\n$/,
    );
    const inJson = await migrate(...places, "--json");
    const [last = "{}"] = inJson.stdout().trimEnd().split("\n").slice(-1);
    expect(JSON.parse(last)).toMatchObject({
      event: "failed",
      message: expect.stringContaining("The projects differ"),
    });
  });
});

async function furnished(store: Store): Promise<Store> {
  await store.ensureProject("acme", "demo");
  return store;
}

test("a move that lacks a side, or finds none, says what to do and ends with 1", { timeout: 60_000 }, async () => {
  const home = await makeDirectory();
  const [lacking, nowhere, help] = await Promise.all([
    migrate("--from", ".noukai", "--to", ""),
    migrate("--from", join(home, "nowhere"), "--to", join(home, "there")),
    migrate("--help"),
  ]);
  expect([lacking.child.exitCode, lacking.stderr()]).toEqual([
    1,
    "--from and --to are both needed: npm run migrate -- --from .noukai --to $DATABASE_URL\n",
  ]);
  expect([nowhere.child.exitCode, nowhere.stderr()]).toEqual([
    1,
    `--from: ${join(home, "nowhere")} holds no embedded database. Is it the directory that NOUKAI_DATA_DIR named?\n`,
  ]);
  expect([help.child.exitCode, help.stdout()]).toEqual([
    0,
    expect.stringContaining("Usage: npm run migrate -- --from"),
  ]);
});

test.each([
  ["--from", "postgre://root:canary@host/db", "--to", "there"],
  ["--from", "jdbc:postgresql://root:canary@host/db", "--to", "there"],
  ["--from", "postgresql:/root:canary@host/db", "--to", "there"],
  ["--from", "host=127.0.0.1 password=canary", "--to", "there"],
  ["--from", "POSTGRES://root:canary@127.0.0.1:1/db", "--to", "there"],
  ["--from", ".noukai", "postgres://root:canary@host/db"],
])("no password is said of a side that is written wrongly: %s %s %s", { timeout: 60_000 }, async (...args) => {
  const moving = await migrate(...args);
  expect(moving.child.exitCode).toBe(1);
  expect(moving.stderr()).toMatch(/--(from|to)/);
  expect(moving.stdout() + moving.stderr()).not.toContain("canary");
});
