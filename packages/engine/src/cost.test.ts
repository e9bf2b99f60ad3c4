import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addUsd, costOf, freePrice, isUsd, listPrice, usd } from "./cost.ts";

const at = Date.UTC(2026, 8, 1);
const openaiUrl = "https://api.openai.com/v1";
const usage = (prompt: number, completion: number) => ({ prompt, completion, total: prompt + completion });

/** A decimal string of `units` / 10^scale, by a way that shares nothing with the code under test. */
function decimal(units: bigint, scale: number): string {
  const text = units.toString().padStart(scale + 1, "0");
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

describe("decimal strings", () => {
  it("adds without the drift of floating point", () => {
    expect(addUsd("0.1", "0.2")).toBe("0.3");
    expect(addUsd("0.00000000000000000001", "99999999999999999999")).toBe("99999999999999999999.00000000000000000001");
    expect(Array.from({ length: 1_000 }, () => "0.0001").reduce(addUsd)).toBe("0.1");
  });

  it("writes no trailing zeros and no exponent", () => {
    expect(addUsd("1.50", "0.50")).toBe("2");
    expect(usd(1, "1e-7")).toBe("0.0000000000001");
    expect(usd(2_000_000, "1.5e2")).toBe("300");
    expect(usd(0, "15")).toBe("0");
  });

  it("adds like whole numbers of the smallest unit", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), fc.bigInt(0n, 10n ** 24n), fc.nat(18), (left, right, scale) => {
        const sum = addUsd(decimal(left, scale), decimal(right, scale));
        expect(addUsd(sum, "0")).toBe(sum);
        expect(
          BigInt(sum.replace(".", "").padEnd(sum.replace(".", "").length + scale - fractionLength(sum), "0")),
        ).toBe(left + right);
      }),
    );
  });

  it("does not depend on the order or the grouping of what is added", () => {
    const amount = fc.tuple(fc.bigInt(0n, 10n ** 12n), fc.nat(12)).map(([units, scale]) => decimal(units, scale));
    fc.assert(
      fc.property(amount, amount, amount, (a, b, c) => {
        expect(addUsd(addUsd(a, b), c)).toBe(addUsd(a, addUsd(c, b)));
      }),
    );
  });

  it.each(["", "-1", "1.", ".5", "0x1", "1e400", "NaN", "$1", "1,5"])("refuses %j as an amount", (text) => {
    expect(isUsd(text)).toBe(false);
    expect(() => addUsd("0", text)).toThrow(RangeError);
  });
});

describe("cost of a call", () => {
  const price = { promptPerMillion: "0.25", cachedPromptPerMillion: "0.025", completionPerMillion: "2" };

  it("prices cached prompt tokens as cached and the others in full", () => {
    // 900 × 0.25 + 100 × 0.025 + 100 × 2 = 427.5 millionths.
    expect(costOf({ usage: usage(1_000, 100), cachedPromptTokens: 100 }, price)).toBe("0.0004275");
  });

  it("prices tokens that are written to the cache as such, and as any others where that has no price", () => {
    const used = { usage: usage(1_000, 0), cachedPromptTokens: 100, cacheWritePromptTokens: 400 };
    // 500 × 0.25 + 100 × 0.025 + 400 × 0.3 = 247.5 millionths.
    expect(costOf(used, { ...price, cacheWritePerMillion: "0.3" })).toBe("0.0002475");
    expect(costOf(used, price)).toBe("0.0002275");
  });

  it("prices reasoning as completion unless the model has a price of its own for it", () => {
    const used = { usage: usage(0, 1_000), reasoningTokens: 400 };
    expect(costOf(used, price)).toBe("0.002");
    expect(costOf(used, { ...price, reasoningPerMillion: "3" })).toBe("0.0024");
  });

  it("prices cached tokens in full when the model has no price for them", () => {
    const { promptPerMillion, completionPerMillion } = price;
    const used = { usage: usage(1_000, 0), cachedPromptTokens: 1_000 };
    expect(costOf(used, { promptPerMillion, completionPerMillion })).toBe("0.00025");
  });

  it("adds what each request costs", () => {
    expect(costOf({ usage: usage(0, 0) }, { ...price, perRequest: "0.005" })).toBe("0.005");
  });

  it("says zero for what is free", () => {
    expect(costOf({ usage: usage(12_345, 678) }, freePrice)).toBe("0");
  });

  it("is never negative when a provider reports a part larger than its whole", () => {
    expect(
      costOf({ usage: usage(10, 0), cachedPromptTokens: 99, cacheWritePromptTokens: 99, reasoningTokens: 99 }, price),
    ).toBe("0.00000025");
  });
});

describe("list prices", () => {
  it("knows what OpenAI asks, cached tokens included, also for dated names", () => {
    const expected = {
      promptPerMillion: "0.25",
      cachedPromptPerMillion: "0.025",
      cacheWritePerMillion: "0.25",
      completionPerMillion: "2",
      reasoningPerMillion: "2",
      perRequest: "0",
    };
    expect(priceAt(openaiUrl, "gpt-5-mini")).toEqual(expected);
    expect(priceAt(openaiUrl, "gpt-5-mini-2025-08-07")).toEqual(expected);
  });

  it("goes by the service that answers: the same name on a local server has no price", () => {
    expect(priceAt("http://127.0.0.1:11434/v1", "gpt-5-mini")).toBeUndefined();
  });

  it("does not guess the price of a model that it does not know", () => {
    expect(priceAt(openaiUrl, "gpt-99-imaginary")).toBeUndefined();
  });

  it("takes the dearer tier for the whole call once the prompt is past its start", () => {
    const google = "https://generativelanguage.googleapis.com/v1beta/openai";
    expect(priceAt(google, "gemini-2.5-pro", 200_000)?.promptPerMillion).toBe("1.25");
    expect(priceAt(google, "gemini-2.5-pro", 200_001)).toMatchObject({
      promptPerMillion: "2.5",
      completionPerMillion: "15",
    });
  });

  it("turns a price per thousand requests into one per request", () => {
    expect(priceAt("https://api.perplexity.ai", "sonar")?.perRequest).toBe("0.012");
  });
});

function fractionLength(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

function priceAt(baseUrl: string, modelId: string, promptTokens = 1) {
  return listPrice({ baseUrl, modelId, promptTokens, at });
}
