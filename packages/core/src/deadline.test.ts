import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deadline } from "./deadline.ts";

/** For how long the program has stood still so far. */
let stoodStillMs = 0;

beforeEach(() => {
  vi.useFakeTimers();
  stoodStillMs = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + stoodStillMs);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The clock goes on by so much, and no timer fires: a frozen tab, a machine asleep. */
function standStill(ms: number): void {
  stoodStillMs += ms;
}

function begin(limitMs: number): { readonly deadline: Deadline; readonly onExpire: ReturnType<typeof vi.fn> } {
  const onExpire = vi.fn<() => void>();
  return { deadline: new Deadline(limitMs, onExpire), onExpire };
}

/** How long it takes from now until the limit is reached. */
async function msUntil(onExpire: ReturnType<typeof vi.fn>): Promise<number> {
  for (let ms = 1; ms < 1_000_000; ms++) {
    await vi.advanceTimersByTimeAsync(1);
    if (onExpire.mock.calls.length > 0) return ms;
  }
  return Infinity;
}

describe("a deadline", () => {
  test.each([1, 50, 9_999, 10_000, 10_001, 45_000])("of %d ms is reached then, once", async (limitMs) => {
    const { onExpire } = begin(limitMs);
    expect(await msUntil(onExpire)).toBe(limitMs);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(onExpire).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of Infinity has no timer", () => {
    const { deadline } = begin(Infinity);
    deadline.restart();
    expect(vi.getTimerCount()).toBe(0);
    expect(deadline.leftMs).toBe(Infinity);
  });

  test("longer than a timer can be is kept all the same", async () => {
    const { onExpire } = begin(2 ** 31);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onExpire).not.toHaveBeenCalled();
  });

  test("tells what is left", async () => {
    const { deadline } = begin(30_000);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(deadline.leftMs).toBe(18_000);
  });

  test("counts from its last restart, with one timer for any number of them", async () => {
    const { deadline, onExpire } = begin(30_000);
    for (let each = 0; each < 1_000; each++) {
      await vi.advanceTimersByTimeAsync(97);
      deadline.restart();
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(await msUntil(onExpire)).toBe(30_000);
  });

  test("does not count while it is paused", async () => {
    const { deadline, onExpire } = begin(30_000);
    await vi.advanceTimersByTimeAsync(29_000);
    deadline.pause();
    await vi.advanceTimersByTimeAsync(500_000);
    expect(onExpire).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    deadline.restart();
    expect(await msUntil(onExpire)).toBe(30_000);
  });

  test("lets go of its timer", () => {
    const { deadline } = begin(30_000);
    deadline.stop();
    deadline.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("time in which the program stood still", () => {
  test("does not count", async () => {
    const { deadline, onExpire } = begin(30_000);
    await vi.advanceTimersByTimeAsync(5_000);
    standStill(3_600_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(deadline.leftMs).toBe(20_000);
    expect(await msUntil(onExpire)).toBe(20_000);
  });

  test("is followed by a grace, though the limit would be reached at once", async () => {
    const { onExpire } = begin(8_000);
    await vi.advanceTimersByTimeAsync(7_000);
    standStill(3_600_000);
    await vi.advanceTimersByTimeAsync(5_999);
    expect(onExpire).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onExpire).toHaveBeenCalledOnce();
  });

  test("is forgotten with the first byte after it", async () => {
    const { deadline, onExpire } = begin(8_000);
    standStill(3_600_000);
    await vi.advanceTimersByTimeAsync(8_000);
    deadline.restart();
    expect(await msUntil(onExpire)).toBe(8_000);
  });

  test("gives no second grace: in a hidden tab, whose timers are all late, the limit is reached too", async () => {
    const { onExpire } = begin(8_000);
    standStill(60_000);
    await vi.advanceTimersByTimeAsync(8_000);
    standStill(60_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(onExpire).toHaveBeenCalledOnce();
  });
});
