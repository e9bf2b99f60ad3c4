import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type StepAttempts,
  type StepCompleted,
  totalCostUsd,
  totalDurationMs,
  totalTokens,
  type Trace,
  ValueError,
} from "./index.ts";

/** Steps that called a model, at these prices. */
function priced(...costs: readonly (string | null)[]) {
  return costs.map((costUsd) => ({ costUsd, modelUsed: "openai/gpt-5-mini", status: "completed" as const }));
}

describe("the total cost", () => {
  test("is exact where floating point drifts", () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(totalCostUsd(priced("0.1", "0.2"))).toEqual({ costUsd: "0.3", isComplete: true });
    expect(totalCostUsd(priced(...Array.from({ length: 1000 }, () => "0.000001"))).costUsd).toBe("0.001");
    expect(totalCostUsd(priced("12345678901234567890.5", "0.0000000000000000000000001")).costUsd).toBe(
      "12345678901234567890.5000000000000000000000001",
    );
  });

  test("is that of rational numbers, for any prices in any order", () => {
    const places = 30;
    const decimal = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.stringMatching(/^\d{0,30}$/))
      .map(([whole, fraction]) => (fraction === "" ? `${whole}` : `${whole}.${fraction}`));
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 20 }), (decimals) => {
        const scaled = decimals.reduce((sum, text) => {
          const [whole = "", fraction = ""] = text.split(".");
          return sum + BigInt(whole) * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, "0"));
        }, 0n);
        const { costUsd } = totalCostUsd(priced(...decimals));
        const [whole = "", fraction = ""] = costUsd.split(".");
        expect(BigInt(whole) * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, "0"))).toBe(scaled);
        expect(costUsd).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(totalCostUsd(priced(...decimals.toReversed())).costUsd).toBe(costUsd);
      }),
    );
  });

  test("takes a trace, too", () => {
    expect(totalCostUsd({ steps: priced("0.25", "0.75") })).toEqual({ costUsd: "1", isComplete: true });
    expect(totalCostUsd([])).toEqual({ costUsd: "0", isComplete: true });
  });

  test("says so when a price is unknown or a step still runs, and not for steps that called no model", () => {
    const container = { costUsd: null, modelUsed: null, tokens: null, status: "completed" as const };
    expect(totalCostUsd([...priced("0.5"), container])).toEqual({ costUsd: "0.5", isComplete: true });
    expect(totalCostUsd(priced("0.5", null))).toEqual({ costUsd: "0.5", isComplete: false });
    expect(totalCostUsd([{ costUsd: null, tokens: { prompt: 1, completion: 1, total: 2 } }]).isComplete).toBe(false);
    expect(totalCostUsd([{ costUsd: null, modelUsed: null, tokens: null, status: "running" }]).isComplete).toBe(false);
  });

  test.each(["-1", "1e-7", "+1", "", " 1", ".5", "1.", "0x10", "NaN", "1,5", "١"])("refuses the cost %j", (costUsd) => {
    expect(() => totalCostUsd(priced(costUsd))).toThrow(ValueError);
  });
});

test("totals take the rows of a trace, all attempts of a step, and the steps of a stream", () => {
  const { steps }: Pick<Trace, "steps"> = { steps: [] };
  const { attempts }: StepAttempts = { stepId: "a", attempts: [] };
  const completed: readonly StepCompleted[] = [];
  expect([totalCostUsd(steps), totalCostUsd(attempts)].map(({ costUsd }) => costUsd)).toEqual(["0", "0"]);
  expect(totalTokens(completed)).toEqual({ prompt: 0, completion: 0, total: 0 });
});

test("tokens add up, and steps without count as zero", () => {
  const tokens = { prompt: 9, completion: 4, total: 13 };
  expect(totalTokens([{ tokens }, { tokens: null }, {}, { tokens }])).toEqual({ prompt: 18, completion: 8, total: 26 });
});

describe("the total duration", () => {
  const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 20) + seconds * 1000).toISOString();

  test("is the wall clock's, so that steps side by side count once", () => {
    const steps = [
      { startedAt: at(1), completedAt: at(4) },
      { startedAt: at(0), completedAt: at(3) },
    ];
    expect(totalDurationMs(steps)).toBe(4000);
    expect(totalDurationMs({ steps: steps.toReversed() })).toBe(4000);
  });

  test("leaves out what has not ended or was skipped", () => {
    const steps = [
      { startedAt: at(0), completedAt: at(1) },
      { startedAt: at(1), completedAt: null },
      { startedAt: null, completedAt: null },
    ];
    expect(totalDurationMs(steps)).toBe(1000);
    expect(totalDurationMs(steps.slice(1))).toBeUndefined();
  });

  test("refuses what is no time", () => {
    expect(() => totalDurationMs([{ startedAt: "soon", completedAt: at(1) }])).toThrow(ValueError);
  });
});
