import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDirectory, weatherTools, writeFlows } from "./harness.ts";
import { serve, type ServeProcess } from "./process.ts";

const apiKey = `nk_test_pause000_${"0".repeat(32)}`;
const path = "/api/v1/seq/acme/pauses/asking/execute";
const flow = `
steps:
  - { id: ask, type: llm, model: noukai/echo, prompt: "{{message}}", tools: true }
  - { id: last, type: llm, model: noukai/echo, prompt: "After: {{text}}" }
`;

interface Paused {
  readonly executionId: string;
  readonly pausedAtStep: string;
  readonly toolCallMessages: readonly unknown[];
  readonly toolCalls: readonly { readonly id: string }[];
}

async function post<Answer>(server: ServeProcess, body: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const response = await fetch(`${await server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json() as Promise<Answer>; // as: the contract's tests hold the shape
}

function answersTo({ executionId, pausedAtStep, toolCallMessages, toolCalls }: Paused): object {
  const results = toolCalls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "sunny" }));
  return { executionId, pausedAtStep, toolCallMessages: [...toolCallMessages, ...results] };
}

test("a pause of one process is answered in the next, though the first was killed", { timeout: 30_000 }, async () => {
  const directory = await makeDirectory();
  await writeFlows(join(directory, "flows"), { "acme/pauses/asking.yaml": flow });
  const start = (): ServeProcess =>
    serve({
      NOUKAI_DATA_DIR: join(directory, "data"),
      NOUKAI_FLOWS_DIR: join(directory, "flows"),
      NOUKAI_API_KEY: apiKey,
    });

  const first = start();
  const paused = await post<Paused>(first, { message: "The weather?", tools: weatherTools });
  expect(paused).toMatchObject({ status: "tool_calls_required", pausedAtStep: "ask", iterationsUsed: 1 });
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");

  const second = start();
  const finished = await post(second, answersTo(paused));
  expect(finished).toMatchObject({
    status: "completed",
    executionId: paused.executionId,
    result: { text: expect.stringContaining("sunny") },
  });
  // A proxy lost the answer and the client asks again, after yet another start.
  second.child.kill("SIGKILL");
  await second.ended;
  expect(await post(start(), answersTo(paused))).toEqual(finished);
});
