import type { Trace } from "@noukai/sdk";
import { expect, test } from "vitest";
import { traceTable } from "./trace-table.ts";

type Step = Trace["steps"][number];

function step(stepId: string, startMs: number, durationMs: number | null, rest: Partial<Step> = {}): Step {
  return {
    stepId,
    attempt: 1,
    loopIndex: null,
    status: durationMs === null ? "running" : "completed",
    startedAt: new Date(startMs).toISOString(),
    completedAt: durationMs === null ? null : new Date(startMs + durationMs).toISOString(),
    durationMs,
    modelUsed: null,
    tokens: null,
    costUsd: null,
    inputContext: null,
    outputContext: null,
    errorContext: null,
    inputSizeBytes: null,
    outputSizeBytes: null,
    truncated: false,
    ...rest,
  };
}

function traceOf(steps: readonly Step[], flowRun: Partial<Trace["flowRun"]> = {}): Trace {
  return {
    flowRun: {
      id: "0198c2f0-0000-7000-8000-000000000001",
      flowId: "0198c2f0-0000-7000-8000-000000000002",
      status: "completed",
      triggerType: "step",
      startedAt: new Date(0).toISOString(),
      completedAt: new Date(400).toISOString(),
      durationMs: 400,
      stepCount: steps.length,
      totalTokens: { prompt: 100, completion: 65, total: 165 },
      totalCostUsd: "0.000525",
      ...flowRun,
    },
    steps: [...steps],
  };
}

test("draws each step where and as long as it ran, and adds up", () => {
  const tokens = { prompt: 100, completion: 65, total: 165 };
  const trace = traceOf([
    step("summarise", 0, 300, { modelUsed: "openai/gpt-5-mini", tokens, costUsd: "0.000525" }),
    step("keep", 300, 0),
    step("title", 300, 100, { modelUsed: "noukai/echo" }),
  ]);
  expect(traceTable(trace, { isPlain: true })).toEqual([
    "step       model              when                            time  tokens       cost",
    "summarise  openai/gpt-5-mini  █████████████████████·······  300 ms     165  $0.000525",
    "keep                          ·····················█······    0 ms       –          –",
    "title      noukai/echo        ·····················███████  100 ms       –          –",
    "total                                                       400 ms     165  $0.000525",
  ]);
});

test("a step that has just begun and one of seconds fit in as well", () => {
  const [, slow, open] = traceTable(traceOf([step("slow", 0, 12_345), step("open", 12_345, null)]), { isPlain: true });
  expect(slow).toContain("12.3 s");
  expect(open).toMatch(/·{27}█ +– +– +–$/);
});

test("a trace without steps is its head and its sums", () => {
  expect(traceTable(traceOf([]), { isPlain: true })).toHaveLength(2);
});
