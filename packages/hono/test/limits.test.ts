import { RateLimitError } from "@noukai/sdk";
import { expect, test } from "vitest";
import { memoryStore } from "../src/index.ts";
import { refusal, relayTo, relayToServer } from "./harness.ts";

test("a user who begins too many runs is told when to come again; others are not", async () => {
  let at = 0;
  const { call } = await relayToServer({ limits: { runsPerMinute: 2 }, now: () => at });
  const body = { message: "a" };
  const first = await call("POST", "/execute", { body });
  await call("POST", "/jobs", { body });
  at = 15_000;
  const third = await call("POST", "/step", { body });
  expect([third.headers.get("retry-after"), await refusal(third)]).toEqual(["45", "429 RATE_LIMITED"]);
  expect((await call("POST", "/execute", { user: "bob", body })).status).toBe(200);
  expect((await call("GET", `/runs/${first.headers.get("x-noukai-execution-id")}`)).status).toBe(200);
});

test("a page is told of it as a typed error", async () => {
  const { flowFor } = await relayToServer({ limits: { runsPerMinute: 0 } });
  const failure = await flowFor("ann")
    .execute({ message: "a", timeout: 100 })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RateLimitError);
});

test("a stream keeps its place until it ends, and a cancel needs none", async () => {
  const { call, lines } = await relayToServer({ flow: "acme/spelling/endless", limits: { concurrent: 1 } });
  const stream = await call("POST", "/step", { body: { message: "a" } });
  const run = `/runs/${stream.headers.get("x-noukai-execution-id")}`;
  expect(await refusal(await call("GET", run))).toBe("429 RATE_LIMITED");
  expect((await call("POST", `${run}/cancel`)).status).toBe(202);
  expect(await stream.text()).toContain("CANCELLED");
  await expect.poll(async () => (await call("GET", run)).status).toBe(200);
  expect(lines()).toEqual(["POST /endless/step", `POST /endless${run}/cancel`, `GET /endless${run}`]);
});

test("a reader who leaves gives its place back", async () => {
  const { call } = await relayToServer({ flow: "acme/spelling/endless", limits: { concurrent: 1 } });
  const body = { message: "a" };
  for (let count = 0; count < 5; count++) {
    await expect
      .poll(async () => (await (await call("POST", "/step", { body })).body?.cancel()) ?? "left")
      .toBe("left");
  }
});

test.each(["/execute", "/step"])("what fails gives its place back: %s", async (path) => {
  const answers = [
    () => Response.json({ detail: { code: "STEP_FAILED" } }, { status: 422 }),
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    (): Response => {
      throw new TypeError("gone");
    },
  ];
  let turn = 0;
  const { call } = relayTo(() => answers[turn++ % answers.length]?.() ?? Response.error(), {
    limits: { concurrent: 1 },
  });
  const statuses = [];
  for (let count = 0; count < 9; count++) statuses.push((await call("POST", path, { body: { message: "a" } })).status);
  expect(statuses).toEqual([422, 502, 502, 422, 502, 502, 422, 502, 502]);
});

test("two relays that share a store are one to their users", async () => {
  const store = memoryStore();
  const first = await relayToServer({ store: () => store });
  const { executionId } = await first.flowFor("ann").execute({ message: "a" });
  const second = relayTo(async (request) => first.server.app.fetch(request), { store });
  expect(await second.flowFor("ann").run(executionId).summary()).toMatchObject({ status: "completed" });
  expect(await refusal(await second.call("GET", `/runs/${executionId}`, { user: "bob" }))).toBe("404 RUN_NOT_FOUND");
});

test("without its store a relay tells that it cannot say whose a run is", async () => {
  const broken = { get: () => Promise.reject(new Error("redis://secret")), put: () => Promise.reject(new Error()) };
  const limits = { runsPerMinute: Infinity, concurrent: Infinity };
  const { call, lines } = await relayToServer({ store: broken, limits });
  for (const path of ["/execute", "/step", "/jobs"]) {
    expect(await refusal(await call("POST", path, { body: { message: "a" } }))).toBe("503 STORE_UNAVAILABLE");
  }
  expect(lines()).toHaveLength(3);
});
