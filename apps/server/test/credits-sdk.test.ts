import { describePostgres } from "@noukai/postgres-for-tests";
import { InsufficientCreditsError, Noukai, RateLimitError } from "@noukai/sdk";
import { describe, expect, onTestFinished, test } from "vitest";
import type { StartOptions } from "../src/index.ts";
import { defaultLimits } from "../src/limits.ts";
import { refusal, startTestServer, type TestServer } from "./harness.ts";

/** Four calls, of a dollar each for every token of a prompt of one token. */
const flows = {
  "acme/spelling/project.yaml": "creditsUsd: 100\n",
  "acme/spelling/dear.yaml": `
steps:
  - id: fan
    type: parallel
    branches:
      a: [{ id: a1, type: llm, model: noukai/echo, prompt: "a" }, { id: a2, type: llm, model: noukai/echo, prompt: "a" }]
      b: [{ id: b1, type: llm, model: "noukai/echo?failAttempts=1", prompt: "b", retry: { initialMs: 1 } }]
  - { id: last, type: llm, model: noukai/echo, prompt: "c" }
`,
};
const models = { prices: { "noukai/echo": { promptPerMillion: "1000000", completionPerMillion: "0" } } };

function clientOf(server: TestServer, options: { readonly maxRetries?: number } = {}): Noukai {
  const client = new Noukai({
    apiKey: server.key,
    baseUrl: "https://server.invalid/api/v1",
    org: "acme",
    project: "spelling",
    fetch: async (request) => server.app.fetch(request),
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** What the SDK sees of credits and limits, on whatever store; several processes may be opened on one. */
function describeCredits(open: (options?: StartOptions) => Promise<TestServer>): void {
  test("runs are charged what their traces add up to, and refused once nothing is left", async () => {
    const server = await open();
    const flow = clientOf(server).flow("dear");
    const runs = await Promise.all(Array.from({ length: 5 }, () => flow.execute({ message: "x" })));
    const traces = await Promise.all(runs.map(({ executionId }) => flow.run(executionId).trace()));
    const project = await server.engine.store.project("acme", "spelling");
    const account = await server.engine.credits.account(project?.id ?? "");
    const total = traces.reduce((sum, { flowRun }) => sum + Number(flowRun.totalCostUsd), 0);
    expect(total).toBeGreaterThan(0);
    expect(account).toEqual({ balanceUsd: String(100 - total), spentUsd: String(total) });
    await server.engine.credits.set(project?.id ?? "", "1");
    await expect(flow.execute({ message: "x" })).rejects.toMatchObject({ code: "CREDITS_EXHAUSTED" });
    const refused = flow.execute({ message: "x" });
    await expect(refused).rejects.toBeInstanceOf(InsufficientCreditsError);
    await expect(refused).rejects.toMatchObject({ code: "INSUFFICIENT_CREDITS" });
  });

  test("a limit is told with how long to wait", async () => {
    const server = await open({ limits: { ...defaultLimits, project: { requestsPerMinute: 2 } } });
    const flow = clientOf(server, { maxRetries: 0 }).flow("dear");
    await flow.execute({ message: "x" });
    await flow.execute({ message: "x" });
    const refused = flow.execute({ message: "x" });
    await expect(refused).rejects.toBeInstanceOf(RateLimitError);
    await expect(refused).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfter: 30 });
  });
}

describe("on SQLite", () => {
  describeCredits((options) => startTestServer({ flows, models, ...options }));
});

describePostgres("on PostgreSQL", (postgres) => {
  const openOn = (url: string, options: StartOptions = {}): Promise<TestServer> =>
    startTestServer({ flows, models, databaseUrl: url, ...options });

  async function newDatabase(): Promise<string> {
    const { url, drop } = await postgres.createDatabase();
    onTestFinished(drop);
    return url;
  }

  describeCredits(async (options) => openOn(await newDatabase(), options));

  test("what one process charges, another one knows", async () => {
    const url = await newDatabase();
    const [first, second] = [await openOn(url), await openOn(url)];
    const project = await first.engine.store.project("acme", "spelling");
    await first.engine.credits.set(project?.id ?? "", "0.5");
    await expect(clientOf(first).flow("dear").execute({ message: "x" })).rejects.toMatchObject({
      code: "CREDITS_EXHAUSTED",
    });
    const key = first.key;
    const refused = await second.call("POST", "/api/v1/seq/acme/spelling/dear/execute", {
      key,
      body: { message: "x" },
    });
    expect(await refusal(refused)).toBe("402 INSUFFICIENT_CREDITS");
  });

  test("a key revoked at one process stops working at another within thirty seconds", async () => {
    const url = await newDatabase();
    let now = Date.now();
    const clock = { now: () => now };
    const [first, second] = [await openOn(url, clock), await openOn(url, clock)];
    const verify = () => second.call("GET", "/api/v1/keys/verify", { key: first.key });
    expect((await verify()).status).toBe(200);
    const keyId = first.key.split("_")[2] ?? "";
    expect((await first.call("DELETE", `/api/v1/keys/${keyId}`)).status).toBe(204);
    now += 30_000;
    expect(await refusal(await verify())).toBe("401 UNAUTHENTICATED");
  });
});
