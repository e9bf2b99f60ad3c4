import { parseObject } from "./journal-rows.ts";
import type { RunRecord } from "./store.ts";

/** A run as it comes back: what is JSON in the database still is. */
export interface RunRow extends Omit<RunRecord, "input" | "options" | "traced" | "isPruned" | "execution"> {
  readonly traced: number;
  readonly isPruned: number;
  readonly input: string;
  readonly options: string;
  readonly executionId: string | null;
  readonly runNumber: number | null;
}

export function toRunRecord({ traced, isPruned, input, options, executionId, runNumber, ...row }: RunRow): RunRecord {
  return {
    ...row,
    traced: traced === 1,
    isPruned: isPruned === 1,
    input: parseObject(input),
    options: parseObject(options),
    ...(executionId !== null && { execution: { id: executionId, runNumber: runNumber ?? 1 } }),
  };
}
