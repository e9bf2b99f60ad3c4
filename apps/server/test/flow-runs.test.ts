import { expect, test } from "vitest";
import { zFlowRunList } from "../src/generated/zod.gen.ts";
import { refusal, runsInWork, seq, startTestServer, type TestServer } from "./harness.ts";

async function run(server: TestServer, flow: string): Promise<string> {
  const response = await server.call("POST", `${seq}/${flow}/execute`, { body: { message: "a" } });
  return response.headers.get("x-noukai-execution-id") ?? "";
}

async function list(server: TestServer, query = "", key: string = server.key) {
  const response = await server.call("GET", `/api/v1/flow-runs${query}`, { key });
  return zFlowRunList.parse(await response.json());
}

test("runs are listed newest first, each with its figures", async () => {
  const server = await startTestServer();
  const ids = [await run(server, "grade-3"), await run(server, "failing")];
  const { items, nextCursor } = await list(server);
  expect(items.map(({ id, status }) => [id, status])).toEqual([
    [ids[1], "failed"],
    [ids[0], "completed"],
  ]);
  expect(nextCursor).toBeNull();
  const single = await server.call("GET", `${seq}/grade-3/runs/${ids[0]}`);
  expect(await single.json()).toMatchObject({ ...items[1] });
});

test("pages put together are every run once, whatever starts meanwhile", async () => {
  const server = await startTestServer();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.unshift(await run(server, "grade-3"));
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await list(server, `?limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    await run(server, "grade-3");
  }
  expect(seen).toEqual(ids);
});

test("runs are chosen by flow and by status", async () => {
  const server = await startTestServer();
  const done = await run(server, "grade-3");
  const failed = await run(server, "failing");
  const job = await server.call("POST", `${seq}/endless/jobs`, { body: { message: "a" } });
  await runsInWork(server, 1);
  const idsOf = async (query: string) => (await list(server, query)).items.map(({ id }) => id);
  const flowId = (await list(server, "?status=failed")).items[0]?.flowId;
  expect(await idsOf("?status=completed")).toEqual([done]);
  expect(await idsOf(`?flow_id=${flowId?.toUpperCase()}`)).toEqual([failed]);
  expect(await idsOf(`?flow_id=${flowId}&status=completed`)).toEqual([]);
  expect(await idsOf("?status=running")).toEqual([job.headers.get("x-noukai-execution-id")]);
});

test("a key sees the runs of its projects: one for a stored key, all for the operator's", async () => {
  const apiKey = "nk_live_abcdefgh_0123456789abcdef0123456789abcdef";
  const server = await startTestServer({ sessionKey: apiKey });
  const mine = await run(server, "grade-3");
  const other = await server.call("POST", "/api/v1/seq/acme/other/elsewhere/execute", {
    body: { message: "a" },
    key: server.otherKey,
  });
  const theirs = other.headers.get("x-noukai-execution-id");
  const idsOf = async (query: string, key?: string) => (await list(server, query, key)).items.map(({ id }) => id);
  expect(await idsOf("")).toEqual([mine]);
  expect(await idsOf("", server.otherKey)).toEqual([theirs]);
  expect(await idsOf("", apiKey)).toEqual([theirs, mine]);
  const first = await list(server, "?limit=1", apiKey);
  expect(await idsOf(`?limit=1&cursor=${first.nextCursor}`, apiKey)).toEqual([mine]);
  const { flowId } = (await list(server, "", server.otherKey)).items[0] ?? {};
  expect(await refusal(await server.call("GET", `/api/v1/flow-runs?flow_id=${flowId}`))).toBe("404 FLOW_NOT_FOUND");
});

test.each([
  ["?limit=0", "400 INVALID_REQUEST"],
  ["?limit=101", "400 INVALID_REQUEST"],
  ["?status=done", "400 INVALID_REQUEST"],
  ["?cursor=bm9wZQ", "400 INVALID_REQUEST"],
  ["?flow_id=grade-3", "404 FLOW_NOT_FOUND"],
  ["?flow_id=0199f3c2-7a41-7e0c-9b1d-4f6a2c8e5d10", "404 FLOW_NOT_FOUND"],
])("GET /flow-runs%s is %s", async (query, expected) => {
  const server = await startTestServer();
  expect(await refusal(await server.call("GET", `/api/v1/flow-runs${query}`))).toBe(expected);
});
