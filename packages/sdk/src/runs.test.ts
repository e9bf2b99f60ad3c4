import { expect, expectTypeOf, test } from "vitest";
import { clientOf } from "../test/recorded-run.ts";
import { watchedFetch } from "../test/watched-fetch.ts";
import { type FlowRun, ValueError } from "./index.ts";

/** A server with so many runs, newest first, whose cursors are positions. */
function serverOf(count: number) {
  const runs = Array.from({ length: count }, (_, index) => ({ id: `run-${count - index}` }));
  return watchedFetch(({ line }) => {
    const query = new URL(line.split(" ")[1] ?? "", "https://server.test").searchParams;
    const start = Number(query.get("cursor") ?? 0);
    const end = start + Number(query.get("limit") ?? 20);
    return Response.json({ items: runs.slice(start, end), nextCursor: end < count ? String(end) : null });
  });
}

test("goes through all runs, page by page, each asked for when it is needed", async () => {
  const { fetch, lines } = serverOf(5);
  const seen: string[] = [];
  for await (const run of clientOf(fetch).runs.list({ limit: 2 })) {
    expectTypeOf(run).toEqualTypeOf<FlowRun>();
    seen.push(run.id);
    expect(lines()).toHaveLength(Math.ceil(seen.length / 2));
  }
  expect(seen).toEqual(["run-5", "run-4", "run-3", "run-2", "run-1"]);
  expect(lines()).toEqual([
    "GET /flow-runs?limit=2",
    "GET /flow-runs?limit=2&cursor=2",
    "GET /flow-runs?limit=2&cursor=4",
  ]);
});

test("gives a page at a time, and a cursor that leads on elsewhere", async () => {
  const { fetch } = serverOf(5);
  const first = await clientOf(fetch).runs.list({ limit: 3 });
  expect([first.items.map(({ id }) => id), first.nextCursor]).toEqual([["run-5", "run-4", "run-3"], "3"]);
  const second = await first.next();
  expect([second?.items.map(({ id }) => id), second?.nextCursor]).toEqual([["run-2", "run-1"], undefined]);
  expect(await second?.next()).toBeUndefined();
  const elsewhere = await clientOf(fetch).runs.list({ limit: 3, cursor: first.nextCursor });
  expect(elsewhere.items).toEqual(second?.items);
  expect((await Array.fromAsync(first)).map(({ id }) => id)).toEqual(["run-5", "run-4", "run-3", "run-2", "run-1"]);
});

test("asks for one flow and one status", async () => {
  const { fetch, lines } = serverOf(1);
  await clientOf(fetch).runs.list({ flowId: "f", status: "failed" });
  expect(lines()).toEqual(["GET /flow-runs?flow_id=f&status=failed"]);
});

test.each([0, 101, 1.5, NaN])("refuses the limit %d before asking", async (limit) => {
  const { fetch, lines } = serverOf(1);
  await expect(clientOf(fetch).runs.list({ limit })).rejects.toThrow(ValueError);
  expect(lines()).toEqual([]);
});

test("a list that cannot be had is thrown to whoever goes through it", async () => {
  const { fetch } = watchedFetch(() => Response.json({ detail: "No." }, { status: 403 }));
  await expect(Array.fromAsync(clientOf(fetch).runs.list())).rejects.toThrow("GET flow-runs: 403. No.");
});

test("gives one run with what came of it", async () => {
  const { fetch, lines } = watchedFetch(() => Response.json({ id: "run-1", result: { text: "a" }, error: null }));
  expect(await clientOf(fetch).runs.get("run-1")).toMatchObject({ result: { text: "a" } });
  expect(lines()).toEqual(["GET /flow-runs/run-1"]);
});
