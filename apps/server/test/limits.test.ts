import { expect, test } from "vitest";
import { zTrace } from "../src/generated/zod.gen.ts";
import { defaultLimits, type ServerLimits } from "../src/limits.ts";
import { refusal, runsInWork, seq, startTestServer, type TestServer } from "./harness.ts";

const withProject = (project: ServerLimits["project"]): { readonly limits: ServerLimits } => ({
  limits: { ...defaultLimits, project },
});

/** An execute whose body has just so many bytes. */
function executeOf(
  server: TestServer,
  bytes: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const rest = JSON.stringify({ message: "" }).length;
  return server.request("POST", `${seq}/grade-3/execute`, {
    body: `{"message":"${"x".repeat(bytes - rest)}"}`,
    headers,
  });
}

test.each([
  ["the default", defaultLimits.bodyBytes],
  ["a setting", 2_000],
])("a body of as many bytes as %s allows is read, and one byte more is 413", async (_, bodyBytes) => {
  const server = await startTestServer({ limits: { ...defaultLimits, bodyBytes } });
  const outcomes: string[] = [];
  for (const bytes of [bodyBytes - 1, bodyBytes, bodyBytes + 1]) {
    const response = await executeOf(server, bytes);
    outcomes.push(response.ok ? "200" : await refusal(response));
  }
  expect(outcomes).toEqual(["200", "200", "413 BODY_TOO_LARGE"]);
});

/** How many of so many equal requests are answered, and what the first refusal says. */
async function countAnswered(call: () => Promise<Response>, count: number) {
  let answered = 0;
  let refused: Response | undefined;
  for (let index = 0; index < count; index++) {
    const response = await call();
    if (response.ok) answered += 1;
    else refused ??= response;
  }
  return { answered, refused };
}

test("a project makes as many requests a minute as it may; the next one is told when", async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now, ...withProject({ requestsPerMinute: 60 }) });
  const verify = () => server.call("GET", "/api/v1/keys/verify");
  expect((await countAnswered(verify, 59)).answered).toBe(59);
  const { answered, refused } = await countAnswered(verify, 2);
  expect(answered).toBe(1);
  expect([refused?.headers.get("retry-after"), refused && (await refusal(refused))]).toEqual(["1", "429 RATE_LIMITED"]);
  expect((await server.call("GET", "/api/v1/keys/verify", { key: server.otherKey })).status).toBe(200);
  now += 1_000;
  expect((await countAnswered(verify, 2)).answered).toBe(1);
});

test("an operator's key is counted for the project that the path names", async () => {
  const key = "nk_test_operator_0123456789abcdef0123456789abcdef";
  const server = await startTestServer({ apiKey: key, ...withProject({ requestsPerMinute: 1 }) });
  const list = (project: string) => server.call("GET", `/api/v1/projects/acme/${project}/flows`, { key });
  expect((await list("spelling")).status).toBe(200);
  expect(await refusal(await list("spelling"))).toBe("429 RATE_LIMITED");
  expect((await list("other")).status).toBe(200);
  expect((await server.call("GET", "/api/v1/keys/verify", { key })).status).toBe(200);
});

test("a project's file sets its limits", async () => {
  const flows = {
    "acme/spelling/keep.yaml": "steps: [{ id: keep, type: passthrough }]\n",
    "acme/spelling/project.yaml": "limits: { requestsPerMinute: 2 }\n",
  };
  const server = await startTestServer({ flows });
  const { answered } = await countAnswered(() => server.call("GET", "/api/v1/keys/verify"), 5);
  expect(answered).toBe(2);
});

test("a project has as many runs in work as it may; jobs wait instead", async () => {
  const server = await startTestServer(withProject({ concurrentRuns: 2 }));
  const leaving = new AbortController();
  const begin = () =>
    server
      .call("POST", `${seq}/endless/execute`, { body: { message: "a" }, signal: leaving.signal })
      .catch(() => undefined);
  const waiting = [begin(), begin()];
  await runsInWork(server, 2);
  const third = await server.call("POST", `${seq}/endless/execute`, { body: { message: "a" } });
  expect([third.headers.get("retry-after"), await refusal(third)]).toEqual([
    expect.stringMatching(/^\d+$/),
    "429 RATE_LIMITED",
  ]);
  const step = await server.call("POST", `${seq}/endless/step`, { body: { message: "a" } });
  expect(await refusal(step)).toBe("429 RATE_LIMITED");
  expect((await server.call("POST", `${seq}/grade-3/jobs`, { body: { message: "a" } })).status).toBe(202);
  leaving.abort();
  await Promise.all(waiting);
});

const limitFlows = {
  "acme/spelling/items.yaml": `
input: { type: object, properties: { items: { type: array, default: [] } } }
steps: [{ id: each, type: loop, over: items, steps: [{ id: keep, type: passthrough }] }]
`,
};

test.each([
  ["loopItems", { loopItems: 5 }],
  ["stepsPerRun", { stepsPerRun: 5 }],
])("a run goes up to %s and ends with 422 past it", async (_, run) => {
  const server = await startTestServer({
    flows: limitFlows,
    limits: { ...defaultLimits, run: { ...defaultLimits.run, ...run } },
  });
  const outcomes: string[] = [];
  for (const count of [4, 5, 6]) {
    const parameters = { items: Array.from({ length: count }, (_, index) => index) };
    const response = await server.call("POST", `${seq}/items/execute`, { body: { parameters } });
    outcomes.push(response.ok ? "200" : await refusal(response));
  }
  expect(outcomes).toEqual(["200", "200", "422 STEP_FAILED"]);
});

test.each([
  ["payloadLength", [200, 400]],
  ["logLength", [200, 2_000]],
])("texts may be as long as %s allows; past it the run ends with 422", async (name, lengths) => {
  const flows = {
    "acme/spelling/two.yaml": "steps: [{ id: one, type: passthrough }, { id: two, type: passthrough }]\n",
  };
  const run = { ...defaultLimits.run, [name]: name === "logLength" ? 3_000 : 300 };
  const server = await startTestServer({ flows, limits: { ...defaultLimits, run } });
  const outcomes: string[] = [];
  for (const length of lengths) {
    const response = await server.call("POST", `${seq}/two/execute`, { body: { message: "x".repeat(length) } });
    outcomes.push(response.ok ? "200" : await refusal(response));
  }
  expect(outcomes).toEqual(["200", "422 STEP_FAILED"]);
});

test("a snapshot is whole up to 64 KiB, and shown by its beginning past that", async () => {
  const flows = { "acme/spelling/keep.yaml": "steps: [{ id: keep, type: passthrough }]\n" };
  const server = await startTestServer({ flows });
  const frame = JSON.stringify({ message: "" }).length;
  const truncated: unknown[] = [];
  for (const bytes of [65_535, 65_536, 65_537]) {
    const body = { message: "x".repeat(bytes - frame), trace: true };
    const run = await server.call("POST", `${seq}/keep/execute`, { body });
    const runId = run.headers.get("x-noukai-execution-id") ?? "";
    const trace = zTrace.parse(await (await server.call("GET", `/api/v1/flow-runs/${runId}/trace`)).json());
    truncated.push(...trace.steps.map((step) => [step.inputSizeBytes, step.truncated]));
  }
  expect(truncated).toEqual([
    [65_535, false],
    [65_536, false],
    [65_537, true],
  ]);
});

test("a definition that is larger than this server allows is 422, with the place", async () => {
  const server = await startTestServer({ limits: { ...defaultLimits, definition: { treeDepth: 2, fanOut: 2 } } });
  const leaf = (id: string) => ({ id, type: "passthrough" });
  const create = (slug: string, names: readonly string[]) => {
    const branches = Object.fromEntries(names.map((name) => [name, [leaf(name)]]));
    const definition = { steps: [{ id: "fan", type: "parallel", branches }] };
    return server.call("POST", "/api/v1/projects/acme/spelling/flows", { body: { slug, definition } });
  };
  expect((await create("two", ["a", "b"])).status).toBe(201);
  const wide = await create("three", ["a", "b", "c"]);
  expect(await wide.clone().text()).toContain("steps[0].branches");
  expect(await refusal(wide)).toBe("422 INVALID_TREE");
});

test.each([
  [{ tokensPerRun: 1 }, "422 TOKEN_LIMIT_REACHED"],
  [{ usdPerRun: "0" }, "422 COST_LIMIT_REACHED"],
] as const)("a run under %j ends with %s and is not asked for again", async (project, expected) => {
  const server = await startTestServer(withProject(project));
  const call = await server.call("POST", `${seq}/asking/execute`, { body: { message: "a" } });
  expect([call.headers.get("x-should-retry"), await refusal(call)]).toEqual(["false", expected]);
});

test("guessing at keys is slowed down by address, and stops nobody whose key was good before", async () => {
  let now = Date.now();
  const limits = { ...defaultLimits, unknownKeysPerMinute: 3 };
  const server = await startTestServer({ now: () => now, limits });
  const verify = (key: string) => server.request("GET", "/api/v1/keys/verify", { key });
  const guess = (count: number) => verify(`nk_live_guess${String(count).padStart(3, "0")}_${"0".repeat(32)}`);
  expect((await verify(server.key)).status).toBe(200);
  for (const count of [1, 2, 3]) expect(await refusal(await guess(count))).toBe("401 UNAUTHENTICATED");
  const fourth = await guess(4);
  expect([fourth.headers.get("retry-after"), await refusal(fourth)]).toEqual(["20", "429 RATE_LIMITED"]);
  // What is no key is not looked up, and costs nothing.
  expect(await refusal(await verify("nk_nothing"))).toBe("401 UNAUTHENTICATED");
  now += 16_000;
  expect((await verify(server.key)).status).toBe(200);
  now += 4_000;
  expect(await refusal(await guess(5))).toBe("401 UNAUTHENTICATED");
});
