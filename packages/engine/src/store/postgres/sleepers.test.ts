import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { never } from "../contract/subject.ts";
import { createSleepers, type Sleepers } from "./sleepers.ts";

describe("sleepers", () => {
  let sleepers: Sleepers;
  beforeEach(() => {
    vi.useFakeTimers();
    sleepers = createSleepers(15_000);
  });
  afterEach(() => {
    sleepers.close();
    vi.useRealTimers();
  });

  it("look for themselves after a while, and again", async () => {
    for (let round = 0; round < 3; round++) {
      const woken = [sleepers.next("a", never()), sleepers.next("b", never())];
      vi.advanceTimersByTime(15_000);
      await expect(Promise.all(woken)).resolves.toHaveLength(2);
    }
  });

  it("sleep until then", async () => {
    let isWoken = false;
    const woken = sleepers.next("a", never()).then(() => {
      isWoken = true;
    });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(isWoken).toBe(false);
    sleepers.wake("a");
    await woken;
  });

  it("keep no process alive and wake nobody once closed", () => {
    expect(vi.getTimerCount()).toBe(1);
    sleepers.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
