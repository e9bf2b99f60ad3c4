import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("sleeps as long as it was told", async () => {
  const woken = vi.fn();
  const asleep = systemClock.sleep(500, new AbortController().signal).then(woken);
  await vi.advanceTimersByTimeAsync(499);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await asleep;
  expect(woken).toHaveBeenCalledOnce();
});

test("wakes with the signal's reason at once, leaving no timer", async () => {
  const controller = new AbortController();
  const asleep = systemClock.sleep(500, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test("does not fall asleep on an aborted signal", async () => {
  const reason = new Error("enough");
  await expect(systemClock.sleep(500, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([2 ** 31, 2 ** 33 + 7])("sleeps through more than a timer can: %d ms", async (ms) => {
  const woken = vi.fn();
  const asleep = systemClock.sleep(ms, new AbortController().signal).then(woken);
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await asleep;
  expect(woken).toHaveBeenCalledOnce();
});
