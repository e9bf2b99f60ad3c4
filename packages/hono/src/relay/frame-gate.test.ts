import { expect, test } from "vitest";
import { FrameGate } from "./frame-gate.ts";

const STREAM = [
  ":\n\n",
  'id: 1\nevent: run_started\ndata: {"executionId":"r"}\n\n',
  'id: 2\nevent: step_input\ndata: {"stepId":"a","inputData":{"secret":"s","message":"zwölf \u2028 🐈"}}\n\n',
  'event: step_output\ndata: {"stepId":"a","outputData":{"delta":"🐈 \u2028"}}\n\n',
  ": heartbeat\n\n",
  'id: 3\nevent: step_completed\ndata: {"stepId":"a","output":{"secret":"s","list":[{"secret":1,"kept":2}]}}\n\n',
  'id: 4\nevent: flow_completed\ndata: {"result":{"json":"{\\"secret\\":1}","text":"kept"}}\n\n',
];
const CONCEALED = [
  STREAM[0],
  STREAM[1],
  'id: 2\nevent: step_input\ndata: {"stepId":"a","inputData":{}}\n\n',
  STREAM[3],
  STREAM[4],
  'id: 3\nevent: step_completed\ndata: {"stepId":"a","output":{"list":[{"kept":2}]}}\n\n',
  'id: 4\nevent: flow_completed\ndata: {"result":{"json":"","text":"kept"}}\n\n',
].join("");

const KEY = "nk_test_key";
const encoder = new TextEncoder();
const whole = encoder.encode(STREAM.join(""));

function passAll(gate: FrameGate, pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(gate.pass(piece), { stream: true })).join("");
}

test("is the same wherever the bytes are cut", () => {
  for (let at = 0; at <= whole.length; at++) {
    const open = new FrameGate({ key: KEY, showsInputs: true, hidden: [] });
    expect(passAll(open, [whole.subarray(0, at), whole.subarray(at)])).toBe(STREAM.join(""));
    const closed = new FrameGate({ key: KEY, showsInputs: false, hidden: ["secret"] });
    expect(passAll(closed, [whole.subarray(0, at), whole.subarray(at)])).toBe(CONCEALED);
    expect(closed.isWhole()).toBe(true);
  }
});

test("is the same byte by byte", () => {
  const gate = new FrameGate({ key: KEY, showsInputs: false, hidden: ["secret"] });
  expect(
    passAll(
      gate,
      Array.from(whole, (_, at) => whole.subarray(at, at + 1)),
    ),
  ).toBe(CONCEALED);
});

test("hands bytes on that hold nothing to conceal without touching them", () => {
  const gate = new FrameGate({ key: KEY, showsInputs: false, hidden: ["secret"] });
  const frame = encoder.encode('id: 1\nevent: run_started\ndata: {"a" : 1}\n\n');
  expect(gate.pass(frame).buffer).toBe(frame.buffer);
});

test.each([
  ["behind a terminator", [6], true],
  ["behind a terminator and a heartbeat", [6, 4], true],
  ["behind another event", [6, 5], false],
  ["before anything came", [], false],
])("knows whether the stream is whole: %s", (_, indices, expected) => {
  const gate = new FrameGate({ key: KEY, showsInputs: true, hidden: [] });
  passAll(
    gate,
    indices.map((index) => encoder.encode(STREAM[index])),
  );
  expect(gate.isWhole()).toBe(expected);
});

test("a frame that has begun is not an end", () => {
  const gate = new FrameGate({ key: KEY, showsInputs: true, hidden: [] });
  passAll(gate, [encoder.encode(`${STREAM[6]}id: 5\n`)]);
  expect(gate.isWhole()).toBe(false);
});

test("text that a flow writes is not taken for an end", () => {
  const gate = new FrameGate({ key: KEY, showsInputs: true, hidden: [] });
  passAll(gate, [encoder.encode('event: step_output\ndata: {"delta":"\u2028event: flow_completed\u2028"}\n\n')]);
  expect(gate.isWhole()).toBe(false);
});

test.each([
  ["the key", `data: {"a":"${KEY}"}\n\n`],
  ["what cannot be read, and may hold what is hidden", 'data: {"secret":\n\n'],
])("lets nothing through with %s", (_, frame) => {
  const gate = new FrameGate({ key: KEY, showsInputs: false, hidden: ["secret"] });
  expect(() => gate.pass(encoder.encode(frame))).toThrow();
});
