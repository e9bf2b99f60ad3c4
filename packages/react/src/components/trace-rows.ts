import type { StepTrace, Trace } from "@noukai/sdk";

/** One line of a waterfall. */
export interface TraceRow {
  readonly key: string;
  readonly parentKey: string | undefined;
  readonly step: StepTrace;
  /** 1 for top-level steps. */
  readonly level: number;
  /** Its place among the steps of its container, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly hasInner: boolean;
  /** Milliseconds from the run's beginning; `undefined` for a step that was skipped. */
  readonly startMs: number | undefined;
  readonly durationMs: number | undefined;
}

/** The lines of a trace, each container's steps behind it, and how long all of it took in milliseconds. */
export function traceRows(
  { steps }: Trace,
  now?: number,
): { readonly rows: readonly TraceRow[]; readonly totalMs: number } {
  const keys = new Set(steps.map(keyOf));
  const inner = new Map<string | undefined, StepTrace[]>();
  for (const step of steps) {
    const parentKey = parentKeyOf(step, keys);
    const siblings = inner.get(parentKey);
    if (siblings) siblings.push(step);
    else inner.set(parentKey, [step]);
  }
  const moments = steps.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt]).filter((at) => at !== null);
  const times = moments.map((at) => Date.parse(at));
  const begin = earliest(times);
  const end = latest(now === undefined ? times : [...times, now]);
  const rows: TraceRow[] = [];
  add(undefined, 1);
  return { rows, totalMs: Math.max(end - begin, 0) };

  function add(parentKey: string | undefined, level: number): void {
    const siblings = inner.get(parentKey) ?? [];
    for (const [index, step] of siblings.entries()) {
      const key = keyOf(step);
      const startMs = step.startedAt === null ? undefined : Date.parse(step.startedAt) - begin;
      const lasting = startMs === undefined ? undefined : end - begin - startMs;
      rows.push({
        key,
        parentKey,
        step,
        level,
        position: index + 1,
        siblings: siblings.length,
        hasInner: inner.has(key),
        startMs,
        durationMs: step.durationMs ?? lasting,
      });
      add(key, level + 1);
    }
  }
}

/** As people read it: `340 ms`, `1.24 s`, `2 min 5 s`. */
export function showDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function keyOf(step: StepTrace): string {
  return [step.stepId, ...pathOf(step)].join(" ");
}

function pathOf({ loopPath, loopIndex }: StepTrace): readonly number[] {
  return loopPath ?? (loopIndex === null ? [] : [loopIndex]);
}

/** A loop's own path is shorter by one than that of the steps in it; that of other containers is the same. */
function parentKeyOf(step: StepTrace, keys: ReadonlySet<string>): string | undefined {
  const { parentStepId } = step;
  if (parentStepId === null || parentStepId === undefined) return undefined;
  const path = pathOf(step);
  return [path, path.slice(0, -1)].map((each) => [parentStepId, ...each].join(" ")).find((key) => keys.has(key));
}

// `Math.min(...times)` fails for lists of ten thousands.
function earliest(times: readonly number[]): number {
  return times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
}

function latest(times: readonly number[]): number {
  return times.reduce((most, time) => Math.max(most, time), times[0] ?? 0);
}
