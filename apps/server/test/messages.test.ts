import { expect, test } from "vitest";
import { zErrorResponse } from "../src/generated/zod.gen.ts";
import { parseFrames, refusal, seq, startTestServer, weatherTools } from "./harness.ts";

const text = (words: string) => [{ type: "text", text: words }];
const conversation = [
  { role: "user", content: "I packed for rain.", name: "mia" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
  },
  { role: "tool", tool_call_id: "call_1", content: "rain" },
  { role: "assistant", content: "Good choice." },
  { role: "user", content: text("And for Lyon?") },
];

test("the last user entry is the message, and the turns before it reach the model", async () => {
  const server = await startTestServer();
  const executed = await server.call("POST", `${seq}/asking/execute`, {
    body: { messages: conversation, tools: weatherTools },
  });
  // The echo model counts calls through the whole conversation: it has seen the one of an earlier turn.
  expect(await executed.json()).toMatchObject({
    toolCalls: [{ id: "call_2", function: { arguments: '{"place":"And for Lyon?"}' } }, { id: "call_3" }],
    accumulatedOutputs: { keep: { message: "And for Lyon?" } },
  });
});

test("a step and a job take a conversation as well", async () => {
  const server = await startTestServer();
  const body = { messages: conversation, runRemaining: true };
  const stepped = await server.call("POST", `${seq}/grade-3/step`, { body });
  const result = { text: "Check (easy): And for Lyon?" };
  expect(parseFrames(await stepped.text()).at(-1)?.data).toMatchObject({ result });
  const job = await server.call("POST", `${seq}/grade-3/jobs`, { body: { messages: conversation } });
  const executionId = job.headers.get("x-noukai-execution-id");
  await expect
    .poll(async () => (await server.call("GET", `${seq}/grade-3/jobs/${executionId}`)).json())
    .toMatchObject({ result });
});

test.each([
  [
    "another role",
    [{ role: "system", content: "a" }, ...conversation],
    "400 MESSAGES_ROLE_INVALID",
    /messages\[0\]\.role/,
  ],
  ["no user entry", [{ role: "assistant", content: "a" }], "400 MISSING_MESSAGE", /no entry of the role user/],
  ["a turn that is none", ["a"], "400 INVALID_REQUEST", /messages\[0\]: must be an object/],
  [
    "an answer to nothing",
    [{ role: "tool", content: "a" }, ...conversation],
    "400 INVALID_REQUEST",
    /messages\[0\]\.toolCallId/,
  ],
  ["an image", [{ role: "user", content: [{ type: "image_url" }] }], "501 NOT_IMPLEMENTED", /text only/],
  ["a million bytes", [{ role: "user", content: "x".repeat(1_000_000) }], "413 MESSAGES_TOO_LARGE", /latest entries/],
])("messages with %s are refused", async (_, messages, expected, names) => {
  const server = await startTestServer();
  const response = await server.call("POST", `${seq}/grade-3/execute`, { body: { messages } });
  const { detail } = zErrorResponse.parse(await response.json());
  expect(`${response.status} ${detail.code}`).toBe(expected);
  expect(detail.message).toMatch(names);
});

test("messages and message together are refused", async () => {
  const server = await startTestServer();
  const body = { message: "a", messages: conversation };
  expect(await refusal(await server.call("POST", `${seq}/grade-3/execute`, { body }))).toBe("400 INVALID_REQUEST");
});
