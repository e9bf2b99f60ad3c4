import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describePostgres, type TestDatabase } from "@noukai/postgres-for-tests";
import { Noukai } from "@noukai/sdk";
import { beforeEach, expect, test } from "vitest";
import { demoFlow, runDemo } from "../src/demo.ts";
import { makeDirectory, weatherTools, writeFlows } from "./harness.ts";
import { printedKey, serve, type ServeProcess } from "./process.ts";

const flows = join(import.meta.dirname, "../../../flows");

const asking = `
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`;

describePostgres("a server on PostgreSQL", (postgres) => {
  let database: TestDatabase;
  let dataDir: string;

  beforeEach(async () => {
    database = await postgres.createDatabase();
    dataDir = await makeDirectory();
    return () => database.drop();
  });

  function serveFlows(flowsDir: string): ServeProcess {
    return serve({
      DATABASE_URL: database.url,
      NOUKAI_DATA_DIR: dataDir,
      NOUKAI_FLOWS_DIR: flowsDir,
      NOUKAI_LOG: "warn",
    });
  }

  async function kill(server: ServeProcess): Promise<void> {
    server.child.kill("SIGKILL");
    expect(await server.ended).toBe("SIGKILL");
  }

  test("runs the demo through the SDK, and the next process has its key, its run and its trace", async () => {
    const first = serveFlows(flows);
    const apiKey = await printedKey(first);
    let output = "";
    await runDemo({
      url: await first.url,
      apiKey,
      model: "noukai/echo",
      write: (text) => {
        output += text;
      },
    });
    expect(output).toMatch(/▶ .*Summarise\n[^]*✔.* Summarise .*\n.*▶.* Find a title\n[^]*✔.* Find a title/);
    const flowOf = async (server: ServeProcess) =>
      new Noukai({ apiKey, baseUrl: `${await server.url}/api/v1` }).flow(
        `${demoFlow.org}/${demoFlow.project}/${demoFlow.flow}`,
      );
    const flow = await flowOf(first);
    const { executionId } = await flow.execute({ message: "A lamp." });
    const trace = await flow.run(executionId).trace();
    await kill(first);

    const second = serveFlows(flows);
    const again = await flowOf(second);
    expect(await again.run(executionId).trace()).toEqual(trace);
    expect(await again.execute({ message: "A lamp." })).toHaveProperty("result");
    const url = await second.url;
    expect(second.stdout()).toBe(`Noukai listens on ${url}\nThe API, with a form for each request: ${url}/reference\n`);
    second.child.kill("SIGTERM");
    expect([await second.ended, second.stderr()]).toEqual([0, ""]);
    expect(await readdir(dataDir)).toEqual([]);
  }, 30_000);

  test("resumes in the next process what paused in one that was killed", async () => {
    const flowsDir = await makeDirectory();
    await writeFlows(flowsDir, { "acme/spelling/asking.yaml": asking });
    const first = serveFlows(flowsDir);
    const apiKey = await printedKey(first);
    const execute = async (server: ServeProcess, body: Readonly<Record<string, unknown>>) => {
      const response = await fetch(`${await server.url}/api/v1/seq/acme/spelling/asking/execute`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, unknown>; // every answer is an object
    };
    const pause = await execute(first, { message: "weather", tools: weatherTools });
    expect(pause).toMatchObject({ status: "tool_calls_required", pausedAtStep: "ask" });
    await kill(first);

    const { executionId, pausedAtStep, toolCallMessages, toolCalls, iterationsUsed } = pause;
    const calls = toolCalls as readonly { readonly id: string }[]; // what the contract says of them
    const answers = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "rain" }));
    const messages = [...(toolCallMessages as readonly unknown[]), ...answers]; // likewise
    const second = serveFlows(flowsDir);
    const resume = { executionId, pausedAtStep, iterationsUsed, toolCallMessages: messages };
    expect(await execute(second, resume)).toMatchObject({ status: "completed", executionId });
  }, 30_000);

  test("that has not the database says so, names the setting, and ends with 1", async () => {
    const url = database.url.replace(/\/test_\w+/, "/nowhere");
    const server = serve({ DATABASE_URL: url, NOUKAI_DATA_DIR: dataDir });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toBe("DATABASE_URL: PostgreSQL cannot serve: the database does not exist.\n");
  });
});

test.each([
  [
    "nobody serves",
    "postgres://noukai:canary@127.0.0.1:1/noukai",
    /^DATABASE_URL: .*cannot be reached \(ECONNREFUSED\)/,
  ],
  ["cannot be read", "postgres://noukai:canary@127.0.0.1:port/noukai", /^DATABASE_URL: .*cannot be read/],
])("a DATABASE_URL that %s ends the server with 1, is named, and not shown", async (_, url, message) => {
  const dataDir = await makeDirectory();
  const server = serve({ DATABASE_URL: url, NOUKAI_DATA_DIR: dataDir });
  expect(await server.ended).toBe(1);
  expect(server.stderr()).toMatch(message);
  expect(server.stdout() + server.stderr()).not.toContain("canary");
  expect(await readdir(dataDir)).toEqual([]);
});
