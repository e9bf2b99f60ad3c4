import { describe, expect, test } from "vitest";
import type { OpenPause, PausedCall } from "./pause.ts";
import { readPauseJson, toPauseJson } from "./pause-json.ts";

const pause: OpenPause = {
  executionId: "run-1",
  flowId: "flow-1",
  blockCount: 2,
  pausedAtStep: "ask",
  iterationsUsed: 1,
  toolCalls: [{ id: "c1", type: "function", function: { name: "book", arguments: '{"day":"2026-11-20"}' } }],
  toolCallMessages: [{ role: "assistant", content: null }],
  accumulatedOutputs: { check: { text: "x" } },
  // A schema made a date of it, and JSON knows none.
  pendingApprovals: [{ toolCallId: "c1", name: "book", args: { day: new Date("2026-11-20") } }],
};
const call: PausedCall = {
  flow: { org: "acme", project: "spelling", flow: "grade-3" },
  version: 0,
  sessionId: "5b3a1c9e-2f4d-4a86-b0c7-9e1d2f3a4b5c",
  repeated: { parameters: { difficulty: "hard" }, trace: true },
};
const text = JSON.stringify(toPauseJson(pause, call));

test("a pause that was written down is read as it was, with arguments as the model wrote them", () => {
  const args = { day: "2026-11-20" };
  const read = { pause: { ...pause, pendingApprovals: [{ toolCallId: "c1", name: "book", args }] }, call };
  expect(readPauseJson(text)).toEqual(read);
  expect(readPauseJson(JSON.parse(text))).toEqual(read);
});

test.each([
  [undefined, "production"],
  [0, "draft"],
  [4, 4],
])("the version %s of a path is written as %s", (version, written) => {
  const json = toPauseJson(pause, { ...call, version });
  expect(json.version).toBe(written);
  expect(readPauseJson(json).call.version).toBe(version);
});

describe("what is no pause is refused:", () => {
  const stored = JSON.parse(text);
  test.each<[string, unknown, string]>([
    ["nothing", undefined, "it is none"],
    ["another object", { executionId: "run-1" }, "it is none"],
    ["text that is no JSON", '{"type":"noukai.pause", s3cret', "it is no JSON"],
    ["a newer format", { ...stored, format: 2 }, "its format is 2, and this SDK reads 1"],
    ["no flow", { ...stored, flow: undefined }, "it has no `flow`"],
    ["no run", { ...stored, pause: { ...stored.pause, executionId: 7 } }, "it has no `pause.executionId`"],
    ["no calls", { ...stored, pause: { ...stored.pause, toolCalls: {} } }, "it has no `pause.toolCalls`"],
    ["a call that is none", { ...stored, pause: { ...stored.pause, toolCalls: [{ id: "c1" }] } }, "is no call"],
    ["outcomes that are no texts", { ...stored, outcomes: { c1: 7 } }, "its `outcomes` are no texts"],
    ["approvals that are no list", { ...stored, pendingApprovals: {} }, "its `pendingApprovals` are no list"],
  ])("%s", (_, json, why) => {
    expect(() => readPauseJson(json)).toThrow(`This is no pause that can be resumed: `);
    expect(() => readPauseJson(json)).toThrow(why);
    expect(() => readPauseJson(json)).not.toThrow("s3cret");
  });

  test("a version that cannot be", () => {
    expect(() => readPauseJson({ ...stored, version: "main" })).toThrow('`version` is "main"');
  });
});
