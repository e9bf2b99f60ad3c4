import type { RunEvent } from "@noukai/engine";
import { expect, test } from "vitest";
import { costOfLog, sumOf } from "./amounts.ts";

/** Only what costs is looked at. */
function told(...list: readonly object[]): readonly RunEvent[] {
  return list as readonly RunEvent[]; // as: the other members play no part
}

test("amounts are added up exactly", () => {
  expect(sumOf(["0.1", "0.2", "1", "0.0000000001"])).toBe("1.3000000001");
  expect(sumOf([])).toBe("0");
});

test("the end of an attempt tells the costs of its rounds of tools once more", () => {
  const round = { type: "step_paused_for_tool_calls", costUsd: "0.25" };
  expect(costOfLog(told(round))).toBe("0.25");
  expect(costOfLog(told(round, round, { type: "step_completed", costUsd: "0.75" }))).toBe("0.75");
  expect(
    costOfLog(told(round, { type: "step_retrying", costUsd: null }, { type: "step_completed", costUsd: "1" })),
  ).toBe("1.25");
  expect(costOfLog(told(round, { type: "step_error" }))).toBe("0.25");
});

test("steps inside containers count by themselves", () => {
  const inner = { type: "step_progress", phase: "completed", costUsd: "0.5" };
  expect(costOfLog(told({ type: "step_progress", phase: "started" }, inner, inner, { type: "step_completed" }))).toBe(
    "1",
  );
});
