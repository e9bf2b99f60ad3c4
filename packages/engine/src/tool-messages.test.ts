import { expect, test } from "vitest";
import type { Json } from "./flow/definition.ts";
import { askingMessage, readToolResults, toChatMessages } from "./tool-messages.ts";

const calls = [
  { id: "call-1", name: "search", arguments: '{"q":12345678901234567890}' },
  { id: "call-2", name: "open", arguments: "{}" },
];

test("what a model asked for comes back to it word for word", () => {
  const asked = askingMessage("Let me look.", calls);
  const answers = readToolResults(
    [
      asked,
      { role: "tool", tool_call_id: "call-2", content: "opened" },
      { role: "tool", tool_call_id: "call-1", content: "found" },
    ],
    calls,
  );
  expect(toChatMessages([asked, ...answers])).toEqual([
    { role: "assistant", content: "Let me look.", toolCalls: calls },
    { role: "tool", toolCallId: "call-1", content: "found" },
    { role: "tool", toolCallId: "call-2", content: "opened" },
  ]);
});

test("both spellings of clients in the field are read, and results that are no text become JSON", () => {
  const sent: Json[] = [
    { role: "tool", toolCallId: "call-1", output: { hits: 2 } },
    { role: "tool", tool_call_id: "call-2", output: "opened" },
  ];
  expect(readToolResults(sent, calls)).toEqual([
    { role: "tool", tool_call_id: "call-1", content: '{"hits":2}' },
    { role: "tool", tool_call_id: "call-2", content: "opened" },
  ]);
});

test("only what stands behind the last message of another role counts", () => {
  const sent: Json[] = [
    { role: "tool", tool_call_id: "call-1", content: "of an earlier round" },
    { role: "assistant", content: null },
    { role: "tool", tool_call_id: "call-1", content: "one" },
    { role: "tool", tool_call_id: "call-2", content: "two" },
  ];
  expect(readToolResults(sent, calls).map(({ content }) => content)).toEqual(["one", "two"]);
});

test.for([
  ["a missing answer", [{ role: "tool", tool_call_id: "call-1", content: "" }], 'no answer to call "call-2"'],
  [
    "an answer to a foreign call",
    [
      { role: "tool", tool_call_id: "call-1", content: "" },
      { role: "tool", tool_call_id: "call-2", content: "" },
      { role: "tool", tool_call_id: "call-9", content: "" },
    ],
    "toolCallMessages[2].tool_call_id answers no call that waits",
  ],
  [
    "two answers to one call",
    [
      { role: "tool", tool_call_id: "call-1", content: "" },
      { role: "tool", tool_call_id: "call-1", content: "" },
      { role: "tool", tool_call_id: "call-2", content: "" },
    ],
    "a second time",
  ],
  ["nothing at all", [], 'no answer to call "call-1"'],
] as const)("refuses %s", ([, sent, reason]) => {
  const refusal = expect.objectContaining({ code: "TOOL_RESULTS_MISMATCH", message: expect.stringContaining(reason) });
  expect(() => readToolResults(sent, calls)).toThrow(refusal);
});
