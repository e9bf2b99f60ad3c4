import { expect, test } from "vitest";
import { zCredits } from "../src/generated/zod.gen.ts";
import { refusal, seq, startTestServer, type TestServer } from "./harness.ts";

const path = "/api/v1/projects/acme/spelling/credits";

/** A flow whose one call costs a dollar for each token of its prompt. */
const flows = {
  "acme/spelling/dear.yaml": `
steps:
  - { id: a, type: llm, model: noukai/echo, prompt: "{{message}}" }
  - { id: b, type: llm, model: noukai/echo, prompt: "again" }
`,
  "acme/other/elsewhere.yaml": "steps: [{ id: keep, type: passthrough }]\n",
};
const prices = { "noukai/echo": { promptPerMillion: "1000000", completionPerMillion: "0" } };

async function startDearServer(more: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  return startTestServer({ flows: { ...flows, ...more }, models: { prices } });
}

async function creditsOf(server: TestServer): Promise<unknown> {
  return zCredits.parse(await (await server.call("GET", path)).json());
}

const execute = (server: TestServer) => server.call("POST", `${seq}/dear/execute`, { body: { message: "x" } });

test("a project without a balance spends what it likes, and sees what that was", async () => {
  const server = await startDearServer();
  expect(await creditsOf(server)).toEqual({ balanceUsd: null, spentUsd: "0" });
  expect((await execute(server)).status).toBe(200);
  expect(await creditsOf(server)).toMatchObject({ balanceUsd: null, spentUsd: expect.stringMatching(/^[1-9]/) });
});

test("a balance is set, charged, used up, added to and taken away", async () => {
  const server = await startDearServer();
  const set = await server.call("PUT", path, { body: { balanceUsd: "0.50" } });
  expect(zCredits.parse(await set.json())).toEqual({ balanceUsd: "0.5", spentUsd: "0" });
  const exhausted = await execute(server);
  expect(exhausted.headers.get("x-noukai-execution-id")).not.toBeNull();
  expect(await refusal(exhausted)).toBe("402 CREDITS_EXHAUSTED");
  expect(await creditsOf(server)).toMatchObject({ balanceUsd: expect.stringMatching(/^-0\.5$/), spentUsd: "1" });
  const insufficient = await execute(server);
  expect(insufficient.headers.get("x-noukai-execution-id")).toBeNull();
  expect(await refusal(insufficient)).toBe("402 INSUFFICIENT_CREDITS");
  const add = () =>
    server.call("POST", path, { body: { amountUsd: "100" }, headers: { "idempotency-key": "topup-1" } });
  for (const _ of [1, 2]) expect(zCredits.parse(await (await add()).json()).balanceUsd).toBe("99.5");
  expect((await execute(server)).status).toBe(200);
  const removed = await server.call("DELETE", path);
  expect(zCredits.parse(await removed.json())).toMatchObject({ balanceUsd: null });
});

test("a job and a step are refused without credits as well, before there is a run", async () => {
  const server = await startDearServer();
  await server.call("PUT", path, { body: { balanceUsd: "0" } });
  for (const verb of ["jobs", "step", "execute"]) {
    const response = await server.call("POST", `${seq}/dear/${verb}`, { body: { message: "x" } });
    expect([verb, await refusal(response)]).toEqual([verb, "402 INSUFFICIENT_CREDITS"]);
  }
});

test("what a file grants is there from the start, and again after the file was read again", async () => {
  const server = await startDearServer({ "acme/spelling/project.yaml": 'creditsUsd: "25.50"\n' });
  expect(await creditsOf(server)).toEqual({ balanceUsd: "25.5", spentUsd: "0" });
  await server.reload();
  expect(await creditsOf(server)).toEqual({ balanceUsd: "25.5", spentUsd: "0" });
});

test.each([
  ["PUT", {}, "400 INVALID_REQUEST"],
  ["PUT", { balanceUsd: null }, "400 INVALID_REQUEST"],
  ["PUT", { balanceUsd: "-1" }, "400 INVALID_REQUEST"],
  ["PUT", { balanceUsd: 25 }, "400 INVALID_REQUEST"],
  ["PUT", { balanceUsd: "1e3" }, "400 INVALID_REQUEST"],
  ["POST", { amountUsd: "-1" }, "400 INVALID_REQUEST"],
  ["POST", { amountUsd: "1" }, "409 CREDITS_UNLIMITED"],
])("%s with %j is %s", async (method, body, expected) => {
  const server = await startDearServer();
  expect(await refusal(await server.call(method, path, { body }))).toBe(expected);
  expect(await creditsOf(server)).toEqual({ balanceUsd: null, spentUsd: "0" });
});

test("a key that added one amount does not add another", async () => {
  const server = await startDearServer();
  await server.call("PUT", path, { body: { balanceUsd: "1" } });
  const add = (amountUsd: string) =>
    server.call("POST", path, { body: { amountUsd }, headers: { "idempotency-key": "topup-1" } });
  expect((await add("1")).status).toBe(200);
  expect(await refusal(await add("2"))).toBe("422 IDEMPOTENCY_KEY_REUSED");
  expect(await creditsOf(server)).toMatchObject({ balanceUsd: "2" });
});
