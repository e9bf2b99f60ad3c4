import { expect, test } from "vitest";
import type { FaultRecord, ModelCall } from "./history.ts";
import { percentile, takeoverTimes } from "./takeover.ts";

const kill: FaultRecord = { name: "kill worker", target: "worker-1", from: 1_000, to: 1_400 };

function callAt(at: number, more: Partial<ModelCall> = {}): ModelCall {
  return { runId: "run", step: "ask", attempt: 1, round: 0, at, ...more };
}

test("a takeover lasts from the kill to the next call of a step that was in work", () => {
  const calls = [callAt(900, { brokenAt: 1_005 }), callAt(1_250, { attempt: 2 }), callAt(2_000, { step: "other" })];
  expect(takeoverTimes({ calls, faults: [kill] })).toEqual([250]);
});

test("a call that broke at another time was not in the killed process", () => {
  expect(takeoverTimes({ calls: [callAt(100, { brokenAt: 500 }), callAt(1_250)], faults: [kill] })).toEqual([]);
});

test("a takeover that something else delayed is left out, not one beside which callers were cut off", () => {
  const calls = [callAt(900, { brokenAt: 1_005 }), callAt(1_250)];
  const during = (name: string): FaultRecord => ({ name, target: "it", from: 1_100, to: 1_200 });
  expect(takeoverTimes({ calls, faults: [kill, during("partition")] })).toEqual([]);
  expect(takeoverTimes({ calls, faults: [kill, during("client cut")] })).toEqual([250]);
});

test("percentiles are values that were seen", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1).toReversed();
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.5), percentile([], 0.5)]).toEqual([
    50,
    99,
    7,
    undefined,
  ]);
});
