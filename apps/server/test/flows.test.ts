import { expect, test } from "vitest";
import {
  zErrorResponse,
  zFlow,
  zFlowList,
  zFlowVersion,
  zFlowVersionList,
  zValidationReport,
} from "../src/generated/zod.gen.ts";
import { seq, startTestServer } from "./harness.ts";

const flows = "/api/v1/projects/acme/spelling/flows";
const say = (prompt: string) => ({ steps: [{ id: "say", type: "llm", model: "noukai/echo", prompt }] });

async function refusal(response: Response): Promise<string> {
  return `${response.status} ${zErrorResponse.parse(await response.json()).detail.code}`;
}

test("a flow is created, run as a draft, published, promoted, rolled back and archived", async () => {
  const server = await startTestServer();
  const created = await server.call("POST", flows, {
    body: { slug: "greet", name: "Greeter", definition: say("v1 {{message}}") },
  });
  expect(zFlow.parse(await created.json())).toMatchObject({
    slug: "greet",
    name: "Greeter",
    latestVersion: null,
    productionVersion: null,
  });
  const textOf = async () => {
    const response = await server.call("POST", `${seq}/greet/execute`, { body: { message: "x" } });
    return ((await response.json()) as { result: { text: string } }).result.text; // the flow's own output
  };
  expect(await textOf()).toBe("v1 x");
  const published = await server.call("POST", `${flows}/greet/versions`, { body: { note: "first" } });
  expect([published.status, zFlowVersion.parse(await published.json())]).toEqual([
    201,
    expect.objectContaining({ version: 1, note: "first" }),
  ]);
  await server.call("PUT", `${flows}/greet`, { body: { definition: say("v2 {{message}}") } });
  await server.call("POST", `${flows}/greet/versions`);
  for (const version of [2, 1]) {
    const promoted = await server.call("PUT", `${flows}/greet/production`, { body: { version } });
    expect(zFlow.parse(await promoted.json())).toMatchObject({ productionVersion: version, latestVersion: 2 });
    expect(await textOf()).toBe(`v${version} x`);
  }
  const archived = await server.call("DELETE", `${flows}/greet`);
  expect(zFlow.parse(await archived.json()).archivedAt).not.toBeNull();
  expect(await refusal(await server.call("POST", `${seq}/greet/execute`, { body: { message: "x" } }))).toBe(
    "404 FLOW_NOT_FOUND",
  );
});

test("an archived flow's runs stay readable", async () => {
  const server = await startTestServer();
  const run = await server.call("POST", `${seq}/grade-3/execute`, { body: { message: "a" } });
  await server.call("DELETE", `${flows}/grade-3`);
  const trace = await server.call("GET", `${seq}/grade-3/runs/${run.headers.get("x-noukai-execution-id")}/trace`);
  expect(trace.status).toBe(200);
});

test("a draft comes back as it was written, in the order in which it was written", async () => {
  const server = await startTestServer();
  const definition = {
    steps: [{ prompt: "{{zulu}}", type: "llm", id: "say", model: "noukai/echo" }],
    input: { type: "object", properties: { zulu: {}, alpha: {} } },
  };
  await server.call("PUT", `${flows}/grade-3`, { body: { definition } });
  const { draft } = (await (await server.call("GET", `${flows}/grade-3`)).json()) as { draft: object }; // the wire's shape
  expect(JSON.stringify(draft)).toBe(JSON.stringify(definition));
});

test("a definition with faults is refused with all of them, and nothing is stored", async () => {
  const server = await startTestServer();
  const definition = {
    steps: [
      { id: "a", type: "llm", model: "noukai/echo" },
      { id: "a", type: "nope" },
    ],
  };
  const response = await server.call("PUT", `${flows}/grade-3`, { body: { definition } });
  const { detail } = zErrorResponse.parse(await response.json());
  expect([response.status, detail.code]).toEqual([422, "INVALID_TREE"]);
  const report = zValidationReport.parse(
    await (await server.call("POST", `${flows}/grade-3/validate`, { body: { definition } })).json(),
  );
  expect(report).toEqual({ valid: false, issues: detail.issues });
  expect(report.issues.length).toBeGreaterThan(1);
  expect(zValidationReport.parse(await (await server.call("POST", `${flows}/grade-3/validate`)).json())).toEqual({
    valid: true,
    issues: [],
  });
});

test("publishing an unchanged draft gives the version that it already is", async () => {
  const server = await startTestServer();
  const publish = async () =>
    zFlowVersion.parse(await (await server.call("POST", `${flows}/grade-3/versions`)).json()).version;
  expect([await publish(), await publish()]).toEqual([1, 1]);
});

test("lists come in pages: flows by slug, versions newest first", async () => {
  const server = await startTestServer();
  const slugs: string[] = [];
  let cursor: string | null = "";
  do {
    const page: ReturnType<typeof zFlowList.parse> = zFlowList.parse(
      await (await server.call("GET", `${flows}?limit=2&cursor=${cursor}`)).json(),
    );
    slugs.push(...page.items.map(({ slug }) => slug));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(slugs).toEqual(["asking", "endless", "failing", "grade-3", "retried", "slow"]);
  await server.call("PUT", `${flows}/slow`, { body: { definition: say("2") } });
  await server.call("POST", `${flows}/slow/versions`);
  const versions = zFlowVersionList.parse(await (await server.call("GET", `${flows}/slow/versions`)).json());
  expect(versions.items.map(({ version }) => version)).toEqual([2, 1]);
});

test.each([
  ["GET", "/nope", undefined, "404 FLOW_NOT_FOUND"],
  ["GET", "/No_pe", undefined, "400 INVALID_REQUEST"],
  ["PUT", "/nope", { definition: {} }, "404 FLOW_NOT_FOUND"],
  ["PUT", "/grade-3", {}, "400 INVALID_REQUEST"],
  ["PUT", "/grade-3", { definition: "steps" }, "400 INVALID_REQUEST"],
  ["PUT", "/grade-3/production", { version: 9 }, "404 VERSION_NOT_FOUND"],
  ["PUT", "/grade-3/production", { version: "1" }, "400 INVALID_REQUEST"],
  ["POST", "", { slug: "grade-3", definition: say("x") }, "409 FLOW_EXISTS"],
  ["POST", "", { slug: "Bad Slug", definition: say("x") }, "400 INVALID_REQUEST"],
  ["POST", "", { slug: "no-draft" }, "400 INVALID_REQUEST"],
  ["GET", "?limit=101", undefined, "400 INVALID_REQUEST"],
  ["GET", "?cursor=zzz", undefined, "400 INVALID_REQUEST"],
])("%s …/flows%s %j is %s", async (method, path, body, expected) => {
  const server = await startTestServer();
  expect(await refusal(await server.call(method, `${flows}${path}`, body === undefined ? {} : { body }))).toBe(
    expected,
  );
});
