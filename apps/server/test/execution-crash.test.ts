import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test, vi } from "vitest";
import { zFlowExecution, zFlowExecutionList, zFlowList, zTaskExecution } from "../src/generated/zod.gen.ts";
import { executions, tasks } from "./executions.ts";
import { makeDirectory, writeFlows } from "./harness.ts";
import { serve } from "./process.ts";

const apiKey = `nk_test_crash000_${"0".repeat(32)}`;
const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

/** Calls that are answered before the process is killed, at least, while others are under way. */
const answeredBefore = 60;

const flow = `
capture: full
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

/** What an execution's owner was told was done. */
interface Told {
  readonly id: string;
  /** Runs that were answered. */
  runs: number;
  /** The number in the latest output that was answered. */
  edit: number;
}

/** Edits an execution of its own and runs it again, until the server is gone. */
async function change(url: string, flowId: string, told: (owner: Told) => void): Promise<void> {
  const at = async (path: string, init: RequestInit = {}): Promise<Response | undefined> =>
    fetch(`${url}${path}`, { headers, ...init }).catch(() => undefined);
  const body = JSON.stringify({ flow_id: flowId, input: { message: "hi" } });
  const made = await at(executions, { method: "POST", body });
  if (made === undefined) return;
  const owner: Told = { id: zFlowExecution.parse(await made.json()).id, runs: 1, edit: 0 };
  told(owner);
  for (let edit = 1; ; edit += 1) {
    // Ends with the run.
    await at(`${executions}/${owner.id}/events`).then((stream) => stream?.text().catch(() => undefined));
    const output = JSON.stringify({ output: { text: String(edit) } });
    const edited = await at(`${tasks}/${owner.id}:first`, { method: "PUT", body: output });
    if (edited === undefined) return;
    expect(edited.status).toBe(200);
    owner.edit = edit;
    const rerun = await at(`${executions}/${owner.id}/execute?only_stale=true`, { method: "POST" });
    if (rerun === undefined) return;
    expect(rerun.status).toBe(204);
    owner.runs += 1;
  }
}

/** Nothing of what was answered is lost: neither a run nor an output. */
async function expectKept(url: string, owners: readonly Told[]): Promise<void> {
  for (const { id, runs, edit } of owners) {
    const read = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`, { headers })).json();
    const execution = zFlowExecution.parse(await read(`${executions}/${id}?include_run_number=true`));
    expect(["completed", "stale"]).toContain(execution.status);
    expect(execution.run_number).toBeGreaterThanOrEqual(runs);
    const { output } = zTaskExecution.parse(await read(`${tasks}/${id}:first`));
    if (edit > 0) expect(Number(output?.["text"])).toBeGreaterThanOrEqual(edit);
  }
}

/** Owners of executions that change them while others are made; so many are at work at a time. */
const owners = 4;

/** For several starts of a process from source, on a busy machine. */
const timeoutMs = 120_000;

/** How many starts are killed in the middle of their work. */
const kills = 2;

async function killWhilePosting(settings: Readonly<Record<string, string>>): Promise<void> {
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, { "acme/crash/two.yaml": flow });
  const env = { ...settings, NOUKAI_FLOWS_DIR: flowsDir, NOUKAI_API_KEY: apiKey };
  const answered = new Set<string>();
  const told: Told[] = [];
  let flowId = "";
  for (let kill = 1; kill <= kills; kill += 1) {
    const { child, ended, url: listening } = serve(env);
    const url = await listening;
    flowId = await flowIdAt(url);
    const working = Promise.all([
      ...Array.from({ length: 12 }, () => post(url, flowId, answered)),
      ...Array.from({ length: owners }, () => change(url, flowId, (owner) => void told.push(owner))),
    ]);
    await vi.waitFor(
      () => {
        expect(answered.size).toBeGreaterThan(answeredBefore * kill);
        expect(told.filter(({ runs }) => runs > 1).length).toBeGreaterThanOrEqual(owners * kill);
      },
      { timeout: 20_000, interval: 1 },
    );
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    await working;
  }

  const second = serve(env);
  const again = await second.url;
  await vi.waitFor(
    async () => {
      const known = await statusesAt(again, flowId);
      expect([...answered].filter((id) => known.get(id) !== "completed")).toEqual([]);
      expect([...known.values()].filter((status) => status !== "completed" && status !== "stale")).toEqual([]);
    },
    { timeout: 20_000, interval: 100 },
  );
  await expectKept(again, told);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
}

/** How every execution of the flow stands, page by page. */
async function statusesAt(url: string, flowId: string): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (let page = 1; ; page += 1) {
    const query = `flow_id=${flowId}&page_size=1000&page=${page}&sort_field=created_at`;
    const all = zFlowExecutionList.parse(await (await fetch(`${url}${executions}?${query}`, { headers })).json());
    for (const { id, status } of all) known.set(id, status);
    if (all.length < 1000) return known;
  }
}

const name =
  "killed again and again while it takes, edits and repeats executions, the next start has everything that was answered, and ends it";

test(
  name,
  async () => {
    await killWhilePosting({ NOUKAI_DATA_DIR: await makeDirectory() });
  },
  timeoutMs,
);

describePostgres("on PostgreSQL", (postgres) => {
  test(
    name,
    async () => {
      const { url, drop } = await postgres.createDatabase();
      onTestFinished(drop);
      await killWhilePosting({ DATABASE_URL: url });
    },
    timeoutMs,
  );
});
