import { once } from "node:events";
import { createConnection } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { zExecutionSocketMessage } from "../src/generated/zod.gen.ts";
import { create, executions, flowId, reaches } from "./executions.ts";
import { startTestServer, type TestServer } from "./harness.ts";
import { storeKey } from "./security/world.ts";

interface Listener {
  readonly socket: WebSocket;
  readonly messages: readonly ReturnType<typeof zExecutionSocketMessage.parse>[];
  /** Its close code. */
  readonly closed: Promise<number>;
}

interface Opening {
  readonly headers?: Readonly<Record<string, string>>;
  /** Behind `?`. */
  readonly query?: string;
  /** Sent first. */
  readonly say?: unknown;
}

/** Resolves once the socket has said `ready`, or was closed. */
async function listen(server: TestServer, { headers = {}, query = "", say }: Opening = {}): Promise<Listener> {
  const url = `${server.url.replace("http", "ws")}${executions}/ws${query === "" ? "" : `?${query}`}`;
  const socket = new WebSocket(url, { headers });
  onTestFinished(() => socket.terminate());
  const messages: ReturnType<typeof zExecutionSocketMessage.parse>[] = [];
  const closed = new Promise<number>((resolve) => void socket.once("close", resolve));
  const ready = new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      messages.push(zExecutionSocketMessage.parse(JSON.parse(data instanceof Buffer ? data.toString() : "")));
      resolve();
    });
  });
  await once(socket, "open");
  if (say !== undefined) socket.send(typeof say === "string" ? say : JSON.stringify(say));
  await Promise.race([ready, closed]);
  return { socket, messages, closed };
}

const authorized = ({ key }: TestServer) => ({ authorization: `Bearer ${key}` });

const told = ({ messages }: Listener): readonly string[] =>
  messages.flatMap(({ change }) => (change === undefined ? [] : [`${change.flow_execution_id} ${change.status}`]));

const lifeOf = (id: string): readonly string[] =>
  ["running", "in_progress", "completed"].map((status) => `${id} ${status}`);

test("a socket tells each change of every execution that its key opens, in order", async () => {
  const server = await startTestServer();
  const listener = await listen(server, { headers: authorized(server) });
  expect(listener.messages).toEqual([{ type: "ready", cursor: expect.any(String) as string }]);
  const { id } = await create(server, "grade-3");
  await vi.waitFor(() => expect(told(listener)).toEqual(lifeOf(id)));
});

test("a client that can set no headers sends its key first", async () => {
  const server = await startTestServer();
  const listener = await listen(server, { say: { type: "authenticate", token: server.key } });
  const { id } = await create(server, "grade-3");
  await vi.waitFor(() => expect(told(listener)).toEqual(lifeOf(id)));
  const byHeader = await listen(server, { headers: { "x-api-key": server.key }, query: "cursor=0-0" });
  await vi.waitFor(() => expect(told(byHeader)).toEqual(lifeOf(id)));
});

test("a socket goes on behind the cursor that it is given, with each change once", async () => {
  const server = await startTestServer();
  const { id } = await create(server, "grade-3");
  await reaches(server, id, "completed");
  const all = await listen(server, { headers: authorized(server), query: "cursor=0-0" });
  await vi.waitFor(() => expect(told(all)).toEqual(lifeOf(id)));
  const [, first] = all.messages;
  const say = { type: "authenticate", token: server.key, cursor: first?.cursor };
  const rest = await listen(server, { say });
  await vi.waitFor(() => expect(told(rest)).toEqual(lifeOf(id).slice(1)));
  const next = await create(server, "grade-3");
  await vi.waitFor(() => expect(told(rest)).toEqual([...lifeOf(id).slice(1), ...lifeOf(next.id)]));
  expect(rest.messages.slice(1, 3)).toEqual(all.messages.slice(2, 4));
});

test("two organisations see nothing of each other, by no socket and no cursor", async () => {
  const flow = "steps: [{ id: keep, type: passthrough }]\n";
  const flows = {
    "acme/spelling/grade-3.yaml": flow,
    "globex/spelling/grade-3.yaml": flow,
    "acme/other/grade-3.yaml": flow,
  };
  const server = await startTestServer({ flows });
  const keyOf = (org: string, project: string) =>
    server.newKeys.find((key) => key.org === org && key.project === project)?.secret ?? "";
  const [acme, globex, other] = [keyOf("acme", "spelling"), keyOf("globex", "spelling"), keyOf("acme", "other")];
  const organisation = await storeKey(server, { project: "other", opensOrganisation: true });
  const listenAs = (key: string, query = "cursor=0-0") =>
    listen(server, { headers: { authorization: `Bearer ${key}` }, query });
  const [mine, theirs, neighbours, all] = await Promise.all(
    [acme, globex, other, organisation].map((key) => listenAs(key)),
  );
  const { id } = await create(server, "grade-3", {}, { key: acme });
  await vi.waitFor(() => expect(mine && told(mine)).toHaveLength(3));
  await vi.waitFor(() => expect(all && told(all)).toEqual(lifeOf(id)));
  const latest = mine?.messages.at(-1)?.cursor ?? "";
  const again = await listenAs(globex, `cursor=0-0&flow_id=${await flowId(server, "grade-3")}`);
  const behind = await listenAs(globex, `cursor=${latest}`);
  expect([theirs, neighbours, again, behind].flatMap((listener) => (listener ? told(listener) : []))).toEqual([]);
});

test("a socket can be had for the executions of one flow", async () => {
  const server = await startTestServer();
  const query = `flow_id=${await flowId(server, "failing")}`;
  const listener = await listen(server, { headers: authorized(server), query });
  const first = await create(server, "grade-3");
  await reaches(server, first.id, "completed");
  const { id } = await create(server, "failing");
  await vi.waitFor(() => expect(told(listener)).toHaveLength(3));
  expect(told(listener).every((line) => line.startsWith(id))).toBe(true);
});

test("no key, a wrong one, one without the scope and words that are none close a socket, each with its code", async () => {
  const server = await startTestServer();
  const codeOf = async (opening: Opening): Promise<number> => (await listen(server, opening)).closed;
  const wrong = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";
  const powerless = await storeKey(server, { project: "spelling", scopes: ["key:write"] });
  expect(await codeOf({ headers: { authorization: `Bearer ${wrong}` } })).toBe(4401);
  expect(await codeOf({ say: { type: "authenticate", token: wrong } })).toBe(4401);
  expect(await codeOf({ headers: { authorization: `Bearer ${powerless}` } })).toBe(4403);
  expect(await codeOf({ say: "hello" })).toBe(4400);
  expect(await codeOf({ headers: authorized(server), query: "cursor=x" })).toBe(4400);
  expect(await codeOf({ headers: authorized(server), query: "flow_id=x" })).toBe(4400);
  expect(await codeOf({ say: "x".repeat(5_000) })).toBe(1009);
});

test("a key that is revoked closes the sockets that it opened", async () => {
  const server = await startTestServer({ heartbeatMs: 20 });
  const secret = await storeKey(server, { project: "spelling" });
  const listener = await listen(server, { headers: { authorization: `Bearer ${secret}` } });
  const id = secret.split("_")[2] ?? "";
  expect((await server.call("DELETE", `/api/v1/keys/${id}`)).status).toBe(204);
  expect(await listener.closed).toBe(4401);
});

test("a server that stops tells its sockets to come again", async () => {
  const server = await startTestServer();
  const listener = await listen(server, { headers: authorized(server) });
  const closing = server.close();
  expect(await listener.closed).toBe(1001);
  await closing;
});

test("an Upgrade that is not wanted is answered as the request that it also is", async () => {
  const server = await startTestServer();
  const socket = createConnection(server.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
});
