import { StreamDecodeError } from "@noukai/core";
import { describe, expect, test } from "vitest";
import { decodeFrame, type StreamEvent } from "./events.ts";

describe("a frame", () => {
  test.each([
    ["run_started", "run_started"],
    ["flow_started", "run_started"],
    ["step_started", "step_started"],
    ["step_input", "step_input"],
    ["step_output", "step_output"],
    ["step_completed", "step_completed"],
    ["step_error", "step_error"],
    ["step_paused", "step_paused"],
    ["step_paused_for_tool_calls", "tool_calls_required"],
    ["flow_completed", "flow_completed"],
    ["step_progress", "step_progress"],
    ["loop_completed", "loop_completed"],
    ["step_retrying", "step_retrying"],
  ])("named %s is a %s event with the data's members and its place", (name, type) => {
    expect(decodeFrame({ id: "7", event: name, data: '{"stepId":"check","extra":1}' })).toEqual({
      type,
      seq: 7,
      stepId: "check",
      extra: 1,
    });
  });

  test("without an id is an event without a place", () => {
    expect(decodeFrame({ event: "step_output", data: '{"stepId":"check"}' })).toEqual({
      type: "step_output",
      stepId: "check",
    });
  });

  test.each(["", "0", "-1", "1.5", "x7", " "])("with the id %j has no place in a log that counts from 1", (id) => {
    expect(decodeFrame({ id, event: "step_started", data: "{}" })).not.toHaveProperty("seq");
  });

  test("names its type by its event line, whatever its data says", () => {
    expect(decodeFrame({ id: "2", event: "step_started", data: '{"type":"flow_completed","seq":9}' })).toEqual({
      type: "step_started",
      seq: 2,
    });
  });

  test.each([
    ["step_sighed", '{"a":1}', { a: 1 }],
    ["toString", "[1]", [1]],
    [undefined, "7", 7],
  ])("named %s is kept as unknown", (event, data, expected) => {
    expect(decodeFrame({ id: "3", event, data })).toEqual({
      type: "unknown",
      name: event ?? "message",
      data: expected,
      seq: 3,
    });
  });

  test("costs stay decimal strings", () => {
    const event = decodeFrame({ id: "1", event: "step_completed", data: '{"costUsd":"0.000000000000000000000001"}' });
    expect(event).toMatchObject({ costUsd: "0.000000000000000000000001" });
  });

  test.each(['{"stepId":', "", "undefined", "{'a':1}", "canary"])(
    "with the data %j is a StreamDecodeError that does not repeat it",
    (data) => {
      const decode = () => decodeFrame({ id: "7", event: "step_started", data });
      expect(decode).toThrow(StreamDecodeError);
      expect(decode).toThrow("event step_started (id 7) cannot be read: its data is not JSON");
      expect(decode).not.toThrow("canary");
    },
  );

  test.each(["null", "7", '"text"', "[]"])("of a known event whose data is %s is one too", (data) => {
    expect(() => decodeFrame({ event: "step_started", data })).toThrow(StreamDecodeError);
  });
});

test("switching on the type narrows an event", () => {
  function told(event: StreamEvent): string | number | undefined {
    switch (event.type) {
      case "run_started":
        return event.executionId;
      case "step_completed":
        // @ts-expect-error: a decimal string or null, never a number
        event.costUsd satisfies number;
        return event.stepIndex;
      case "step_error":
        return event.error.code;
      case "tool_calls_required":
        return event.toolCalls[0]?.function.arguments;
      case "unknown":
        return event.name;
      default:
        // @ts-expect-error: not every other event has a result
        return event.result;
    }
  }
  expect(told(decodeFrame({ event: "step_error", data: '{"error":{"code":"STEP_FAILED"}}' }))).toBe("STEP_FAILED");
});

test("a switch over all types leaves nothing over, the unknown among them", () => {
  function told(event: StreamEvent<{ readonly grade: number }>): unknown {
    switch (event.type) {
      case "run_started":
        return event.stepCount;
      case "step_started":
        return event.name;
      case "step_input":
        return event.inputData;
      case "step_output":
        return event.outputData.delta satisfies string | undefined;
      case "step_completed":
        return event.output;
      case "step_error":
        return event.error.message;
      case "step_paused":
        return event.nextStepIndex;
      case "tool_calls_required":
        return event.resume;
      case "flow_completed":
        return event.result.grade satisfies number;
      case "step_progress":
        return event.phase satisfies "started" | "output" | "completed" | "failed";
      case "loop_completed":
        return event.itemCount;
      case "step_retrying":
        return event.delayMs;
      case "step_resumed":
        return event.iterationsUsed;
      case "unknown":
        return event.data satisfies unknown;
    }
    event satisfies never;
    throw new Error("There is no other event.");
  }
  expect(told({ type: "unknown", name: "step_sighed", data: 7 })).toBe(7);
});

test("a request for tools is told apart from what it can be copied as", () => {
  const event = decodeFrame({ id: "5", event: "step_paused_for_tool_calls", data: '{"stepId":"ask"}' });
  expect(event).toHaveProperty("resume");
  expect(JSON.parse(JSON.stringify(event))).toEqual({ type: "tool_calls_required", seq: 5, stepId: "ask" });
});
