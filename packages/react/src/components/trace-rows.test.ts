import type { StepTrace, Trace } from "@noukai/sdk";
import { describe, expect, test } from "vitest";
import { showDuration, traceRows } from "./trace-rows.ts";

const AT = Date.parse("2026-11-20T09:30:00.000Z");

interface Described {
  readonly id: string;
  readonly in?: string;
  readonly path?: readonly number[];
  readonly from?: number;
  readonly ms?: number;
}

function moment(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(AT + ms).toISOString();
}

function traceOf(...described: readonly Described[]): Trace {
  const steps = described.map(({ id, in: parentStepId = null, path = [], from, ms }) => ({
    stepId: id,
    parentStepId,
    loopPath: path,
    loopIndex: path.at(-1) ?? null,
    startedAt: moment(from),
    completedAt: moment(from !== undefined && ms !== undefined ? from + ms : undefined),
    durationMs: ms ?? null,
    status: from === undefined ? "skipped" : ms === undefined ? "running" : "completed",
    attempt: 1,
    tokens: null,
    costUsd: null,
  }));
  return { steps: steps as unknown as StepTrace[], flowRun: {} as Trace["flowRun"] }; // what is looked at here
}

describe("the lines of a trace", () => {
  test("stand behind their containers, whatever order they were told in", () => {
    const { rows, totalMs } = traceRows(
      traceOf(
        { id: "explain", in: "each", path: [1], from: 60, ms: 30 },
        { id: "check", from: 0, ms: 50 },
        { id: "each", from: 50, ms: 50 },
        { id: "explain", in: "each", path: [0], from: 50, ms: 40 },
        { id: "tone", in: "fan", path: [1], from: 70, ms: 5 },
        { id: "fan", in: "each", path: [1], from: 60, ms: 30 },
      ),
    );
    expect(totalMs).toBe(100);
    expect(rows.map(({ key, level, position, siblings }) => [key, level, position, siblings])).toEqual([
      ["check", 1, 1, 2],
      ["each", 1, 2, 2],
      ["explain 1", 2, 1, 3],
      ["explain 0", 2, 2, 3],
      ["fan 1", 2, 3, 3],
      ["tone 1", 3, 1, 1],
    ]);
    expect(rows.find(({ key }) => key === "tone 1")).toMatchObject({ startMs: 70, durationMs: 5, parentKey: "fan 1" });
  });

  test("of a step under way last until what is the latest that is known, or until now", () => {
    const trace = traceOf({ id: "a", from: 0, ms: 40 }, { id: "b", from: 30 }, { id: "c" });
    expect(traceRows(trace).rows[1]).toMatchObject({ startMs: 30, durationMs: 10 });
    expect(traceRows(trace, AT + 130).rows[1]).toMatchObject({ startMs: 30, durationMs: 100 });
    expect(traceRows(trace).rows[2]).toMatchObject({ startMs: undefined, durationMs: undefined });
  });

  test("are none for a run that has not begun", () => {
    expect(traceRows(traceOf())).toEqual({ rows: [], totalMs: 0 });
  });
});

test("durations are shown as people read them", () => {
  expect([0, 999, 1_240, 59_999, 60_000, 125_000].map(showDuration)).toEqual([
    "0 ms",
    "999 ms",
    "1.24 s",
    "60.00 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});
