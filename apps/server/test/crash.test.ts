import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openPostgresStore, openSqliteStore, type RunEvent, type Store } from "@noukai/engine";
import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory, writeFlows } from "./harness.ts";
import { serve, type ServeProcess } from "./process.ts";

const apiKey = `nk_test_crash000_${"0".repeat(32)}`;
const executions = 200;

const flow = `
steps:
  - { id: first, type: llm, model: slow/model, prompt: "first {{message}}" }
  - { id: second, type: llm, model: slow/model, prompt: "second {{text}}" }
  - { id: third, type: llm, model: slow/model, prompt: "third {{text}}" }
`;

/** A model service that takes its time, and remembers for which attempts it was called: `runId:step:attempt`. */
async function startModel(): Promise<{ readonly url: string; readonly calls: readonly string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(String(request.headers["idempotency-key"]));
    request.resume().on("end", () => {
      setTimeout(
        () => {
          const chunk = {
            choices: [{ index: 0, delta: { content: "answer" }, finish_reason: "stop" }],
            usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
          };
          response
            .setHeader("content-type", "text/event-stream")
            .end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
        },
        20 + (calls.length % 7) * 30,
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // as: it listens on a port
  return { url: `http://127.0.0.1:${port}/v1`, calls };
}

/** Where a server keeps what must outlive it. */
interface Place {
  /** Settings of a server that keeps it there. */
  readonly settings: Readonly<Record<string, string>>;
  readonly openStore: () => Promise<Store>;
}

function serveOn({ settings }: Place, { flowsDir, modelUrl }: { flowsDir: string; modelUrl: string }): ServeProcess {
  return serve({
    ...settings,
    NOUKAI_FLOWS_DIR: flowsDir,
    NOUKAI_API_KEY: apiKey,
    NOUKAI_PROVIDERS: JSON.stringify({ slow: { baseUrl: modelUrl } }),
  });
}

/** One execution; undefined when the connection broke before its answer. */
async function execute(
  url: string,
  index: number,
): Promise<{ readonly executionId: string; readonly result: unknown } | undefined> {
  const answer = fetch(`${url}/api/v1/seq/acme/crash/three/execute`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": `call-${index}`,
    },
    body: JSON.stringify({ message: `message ${index}` }),
  });
  return answer
    .then((response) => response.json())
    .then(
      (body: { executionId: string; result: unknown }) => body,
      () => undefined,
    );
}

async function logsOf(store: Store, runIds: Iterable<string>): Promise<Map<string, readonly RunEvent[]>> {
  const logs = new Map<string, readonly RunEvent[]>();
  for (const runId of runIds) logs.set(runId, await store.eventsAfter(runId, 0, 1_000));
  return logs;
}

async function withStore<Result>({ openStore }: Place, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function completedSteps(log: readonly RunEvent[]): readonly string[] {
  return log.flatMap((event) => (event.type === "step_completed" ? [event.stepId] : []));
}

/** Kills a server in the middle of 200 executions and starts the next one on the same place. */
async function killInTheMiddle(place: Place): Promise<void> {
  const flowsDir = await makeDirectory();
  await writeFlows(flowsDir, { "acme/crash/three.yaml": flow });
  const model = await startModel();

  const first = serveOn(place, { flowsDir, modelUrl: model.url });
  const firstUrl = await first.url;
  const answers = Array.from({ length: executions }, (_, index) => execute(firstUrl, index));
  // In the middle, whatever the machine's speed: half of all attempts were begun, so that runs stand at every step.
  while (model.calls.length < executions * 1.5) await new Promise((resolve) => setTimeout(resolve, 1));
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");
  const answered = new Map(
    (await Promise.all(answers)).flatMap((answer) =>
      answer === undefined ? [] : [[answer.executionId, answer.result]],
    ),
  );
  expect(answered.size).toBeLessThan(executions);

  const begun = new Set(model.calls.map((call) => call.split(":")[0] ?? ""));
  const before = await withStore(place, (store) => logsOf(store, begun));
  expect([...before.values()].flatMap(completedSteps).length).toBeGreaterThan(executions / 10);
  const callsBefore = model.calls.length;

  const second = serveOn(place, { flowsDir, modelUrl: model.url });
  const secondUrl = await second.url;
  const repeated = await Promise.all(Array.from({ length: executions }, (_, index) => execute(secondUrl, index)));
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
  const results = new Map(repeated.map((answer) => [answer?.executionId, answer?.result]));
  for (const [executionId, result] of answered) expect(results.get(executionId)).toEqual(result);

  const runIds = new Set(repeated.map((answer) => answer?.executionId ?? "none"));
  expect(runIds.size).toBe(executions);
  expect([...begun].filter((runId) => !runIds.has(runId))).toEqual([]);
  await withStore(place, async (store) => {
    for (const [runId, log] of await logsOf(store, runIds)) {
      expect(await store.run(runId)).toMatchObject({ status: "completed", owner: null });
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
      expect(completedSteps(log)).toEqual(["first", "second", "third"]);
      expect(log.filter(({ type }) => type === "flow_completed" || type === "step_error")).toHaveLength(1);
      const known = before.get(runId) ?? [];
      expect(log.slice(0, known.length)).toEqual(known);
    }
  });
  const callsAfter = model.calls.slice(callsBefore).map((call) => call.split(":"));
  const redone = callsAfter.filter(([runId, stepId]) =>
    completedSteps(before.get(runId ?? "") ?? []).includes(stepId ?? ""),
  );
  expect(redone).toEqual([]);
  expect(new Set(model.calls).size).toBe(model.calls.length);
}

const name =
  "killed in the middle of 200 executions, the next start finishes each of them, and repeats no completed step";

test(
  name,
  async () => {
    const dataDir = await makeDirectory();
    await killInTheMiddle({ settings: { NOUKAI_DATA_DIR: dataDir }, openStore: () => openSqliteStore({ dataDir }) });
  },
  60_000,
);

describePostgres("on PostgreSQL", (postgres) => {
  test(
    name,
    async () => {
      const { url, drop } = await postgres.createDatabase();
      onTestFinished(drop);
      await killInTheMiddle({ settings: { DATABASE_URL: url }, openStore: () => openPostgresStore({ url }) });
    },
    60_000,
  );
});
