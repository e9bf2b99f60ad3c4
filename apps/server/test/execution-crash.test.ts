import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test, vi } from "vitest";
import { zFlowExecution, zFlowExecutionList, zFlowList } from "../src/generated/zod.gen.ts";
import { executions } from "./executions.ts";
import { makeDirectory, writeFlows } from "./harness.ts";
import { serve } from "./process.ts";

const apiKey = `nk_test_crash000_${"0".repeat(32)}`;
const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

/** Calls that are answered before the process is killed, at least, while others are under way. */
const answeredBefore = 60;

const flow = `
steps:
  - { id: first, type: llm, model: "noukai/echo?delayMs=30", prompt: "{{message}}" }
  - { id: second, type: llm, model: "noukai/echo?delayMs=30", prompt: "{{text}}" }
`;

async function flowIdAt(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/projects/acme/crash/flows`, { headers });
  return zFlowList.parse(await response.json()).items[0]?.id ?? "";
}

/** Posts until the server is gone; `answered` holds the ids of what was answered 201. */
async function post(url: string, flowId: string, answered: Set<string>): Promise<void> {
  for (;;) {
    const body = JSON.stringify({ flow_id: flowId, input: { message: "hi" } });
    const answer = await fetch(`${url}${executions}`, { method: "POST", headers, body })
      .then(async (response) => ({ status: response.status, body: (await response.json()) as unknown }))
      .catch(() => undefined);
    if (answer === undefined) return;
    expect(answer.status).toBe(201);
    answered.add(zFlowExecution.parse(answer.body).id);
  }
}

async function killWhilePosting(settings: Readonly<Record<string, string>>): Promise<void> {
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, { "acme/crash/two.yaml": flow });
  const env = { ...settings, NOUKAI_FLOWS_DIR: flowsDir, NOUKAI_API_KEY: apiKey };
  const first = serve(env);
  const url = await first.url;
  const flowId = await flowIdAt(url);
  const answered = new Set<string>();
  const posting = Promise.all(Array.from({ length: 16 }, () => post(url, flowId, answered)));
  await vi.waitFor(() => expect(answered.size).toBeGreaterThan(answeredBefore), { timeout: 20_000, interval: 1 });
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");
  await posting;

  const second = serve(env);
  const again = await second.url;
  await vi.waitFor(
    async () => {
      const response = await fetch(`${again}${executions}?flow_id=${flowId}&page_size=1000`, { headers });
      const all = zFlowExecutionList.parse(await response.json());
      const known = new Map(all.map(({ id, status }) => [id, status]));
      expect([...answered].filter((id) => known.get(id) !== "completed")).toEqual([]);
      expect(all.filter(({ status }) => status !== "completed")).toEqual([]);
    },
    { timeout: 20_000, interval: 100 },
  );
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
}

const name = "killed while it takes executions, the next start has each one that was answered 201, and ends it";

test(
  name,
  async () => {
    await killWhilePosting({ NOUKAI_DATA_DIR: await makeDirectory() });
  },
  60_000,
);

describePostgres("on PostgreSQL", (postgres) => {
  test(
    name,
    async () => {
      const { url, drop } = await postgres.createDatabase();
      onTestFinished(drop);
      await killWhilePosting({ DATABASE_URL: url });
    },
    60_000,
  );
});
