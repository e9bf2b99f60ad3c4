import { styleText } from "node:util";
import type { Trace } from "@noukai/sdk";

type Step = Trace["steps"][number];

/** Width of the column that draws when each step ran, in characters. */
const barWidth = 28;

/**
 * The trace as a small aligned table: a row per step with a bar over the run's time, its duration, tokens and cost, and a row of sums.
 * Plain lines without colour when `isPlain`.
 */
export function traceTable(
  { flowRun, steps }: Trace,
  { isPlain = false }: { readonly isPlain?: boolean } = {},
): readonly string[] {
  const timeline = timelineOf(steps);
  const rows = steps.map((step) => [
    step.stepId,
    step.modelUsed ?? "",
    bar(step, timeline),
    duration(step.durationMs),
    count(step.tokens?.total),
    cost(step.costUsd),
  ]);
  const sums = [
    "total",
    "",
    "",
    duration(flowRun.durationMs),
    count(flowRun.totalTokens?.total),
    cost(flowRun.totalCostUsd),
  ];
  const table = [["step", "model", "when", "time", "tokens", "cost"], ...rows, sums];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row, index) => {
    const line = row.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    const text = line.join("  ").trimEnd();
    return isPlain || (index > 0 && index < table.length - 1) ? text : styleText(index === 0 ? "dim" : "bold", text);
  });
}

interface Timeline {
  readonly startMs: number;
  readonly lengthMs: number;
}

function timelineOf(steps: readonly Step[]): Timeline {
  const starts = steps.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
  const ends = steps.flatMap(({ startedAt, durationMs }) =>
    startedAt ? [Date.parse(startedAt) + (durationMs ?? 0)] : [],
  );
  const startMs = Math.min(...starts);
  return { startMs, lengthMs: Math.max(1, Math.max(...ends) - startMs) };
}

/** Where the step lies on the timeline; a step of no length is still one character wide. */
function bar({ startedAt, durationMs }: Step, { startMs, lengthMs }: Timeline): string {
  if (!startedAt) return "";
  const scale = (ms: number): number => Math.round((ms / lengthMs) * barWidth);
  const offset = Math.min(scale(Date.parse(startedAt) - startMs), barWidth - 1);
  const length = Math.min(Math.max(1, scale(durationMs ?? 0)), barWidth - offset);
  return `${"·".repeat(offset)}${"█".repeat(length)}${"·".repeat(barWidth - offset - length)}`;
}

function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function count(tokens: number | null | undefined): string {
  return tokens === null || tokens === undefined ? "–" : String(tokens);
}

function cost(usd: string | null | undefined): string {
  return usd === null || usd === undefined ? "–" : `$${usd}`;
}
