import { ValueError } from "@noukai/core";
import type { StepTrace, TokenCounts } from "@noukai/core/schema";

/** What the totals read of a step: rows of a trace have it, and so have the attempts of `run.stepTrace(id, { attempt: "all" })`. */
export type StepFigures = Partial<
  Pick<StepTrace, "status" | "startedAt" | "completedAt" | "modelUsed" | "tokens" | "costUsd">
>;

/** Steps, or a trace that has them. */
export type StepsOrTrace = Iterable<StepFigures> | { readonly steps: Iterable<StepFigures> };

/** What steps cost together. */
export interface TotalCost {
  /** The exact sum of the costs that are known: a decimal string without superfluous zeros, `"0"` when none is. */
  readonly costUsd: string;
  /** `false` when a step called a model whose price is unknown, or has not ended yet: then they cost more than `costUsd`. */
  readonly isComplete: boolean;
}

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/**
 * Adds up what steps cost, exactly. A trace has the latest attempt of each step; what all attempts cost is its `flowRun.totalCostUsd`.
 * Throws `ValueError` for a cost that is not a plain decimal, such as "-1" or "1e-7".
 */
export function totalCostUsd(steps: StepsOrTrace): TotalCost {
  const costs: string[] = [];
  let isComplete = true;
  for (const { costUsd, modelUsed, tokens, status } of stepsOf(steps)) {
    if (typeof costUsd === "string") costs.push(costUsd);
    // A container, or a step that called no model, has no cost of its own: nothing is missing.
    else if (modelUsed || tokens || status === "running") isComplete = false;
  }
  return { costUsd: sumDecimals(costs), isComplete };
}

/** Adds up the tokens that models read and wrote. Steps that called none count as zero. */
export function totalTokens(steps: StepsOrTrace): TokenCounts {
  const sum = { prompt: 0, completion: 0, total: 0 };
  for (const { tokens } of stepsOf(steps)) {
    sum.prompt += tokens?.prompt ?? 0;
    sum.completion += tokens?.completion ?? 0;
    sum.total += tokens?.total ?? 0;
  }
  return sum;
}

/**
 * Milliseconds on the wall clock, from the earliest start to the latest end of the steps that have both: steps side by side count once,
 * and so do pauses between steps, which `flowRun.durationMs` leaves out. `undefined` when no step has ended.
 */
export function totalDurationMs(steps: StepsOrTrace): number | undefined {
  let start = Infinity;
  let end = -Infinity;
  for (const { startedAt, completedAt } of stepsOf(steps)) {
    if (!startedAt || !completedAt) continue;
    start = Math.min(start, parseTime(startedAt));
    end = Math.max(end, parseTime(completedAt));
  }
  return end === -Infinity ? undefined : end - start;
}

function stepsOf(steps: StepsOrTrace): Iterable<StepFigures> {
  return "steps" in steps ? steps.steps : steps;
}

/** Every number as a whole one of the finest unit among them: floating point would drift with each addition. */
function sumDecimals(decimals: readonly string[]): string {
  const parts = decimals.map(parseDecimal);
  const places = parts.reduce((most, { fraction }) => Math.max(most, fraction.length), 0);
  const sum = parts.reduce((total, { whole, fraction }) => total + BigInt(whole + fraction.padEnd(places, "0")), 0n);
  const digits = sum.toString().padStart(places + 1, "0");
  const point = digits.length - places;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return fraction === "" ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`;
}

function parseDecimal(decimal: string): { readonly whole: string; readonly fraction: string } {
  const [, whole, fraction = ""] = DECIMAL.exec(decimal) ?? [];
  if (whole !== undefined) return { whole, fraction };
  throw new ValueError(
    `A step's \`costUsd\` is ${JSON.stringify(decimal)}. It is a decimal without sign or exponent, such as "0.000412".`,
  );
}

function parseTime(text: string): number {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new ValueError(`A step's time is ${JSON.stringify(text)}. It is a date and time after ISO 8601.`);
}
