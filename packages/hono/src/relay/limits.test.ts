import { afterEach, describe, expect, test, vi } from "vitest";
import { enter, type RelayLimits } from "./limits.ts";
import { memoryStore } from "./memory-store.ts";
import type { RelayStore } from "./store.ts";

afterEach(() => void vi.useRealTimers());

/** A turnstile with a clock that stands still. */
function turnstile(limits: RelayLimits, wrap: (store: RelayStore) => RelayStore = (store) => store) {
  const clock = { at: 1_000_000 };
  const now = (): number => clock.at;
  const store = wrap(memoryStore({ now }));
  return { clock, come: (user = "ann", isNewRun = true) => enter({ store, limits, user, isNewRun, now }) };
}

const refused = (retryAfter: number) => ({ status: 429, detail: "RATE_LIMITED", retryAfter });

describe("runs in a minute", () => {
  test("are counted for each user alone", async () => {
    const { come } = turnstile({ runsPerMinute: 2 });
    await come("ann");
    await come("ann");
    await expect(come("ann")).rejects.toMatchObject(refused(60));
    await come("bob");
  });

  test("are counted anew after it", async () => {
    const { come, clock } = turnstile({ runsPerMinute: 1 });
    await come();
    clock.at += 59_001;
    await expect(come()).rejects.toMatchObject(refused(1));
    clock.at += 1_000;
    await come();
    await expect(come()).rejects.toMatchObject(refused(60));
  });

  test("do not count what goes on with a run, which is let in when they are used up", async () => {
    const { come } = turnstile({ runsPerMinute: 1 });
    await come();
    for (let count = 0; count < 5; count++) (await come("ann", false)).leave();
  });

  test("are counted whole when all come at once", async () => {
    const { come } = turnstile({ runsPerMinute: 10, concurrent: Infinity });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => come()));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  });
});

describe("open requests", () => {
  test("are no more than the limit, and make room when they leave", async () => {
    const { come } = turnstile({ concurrent: 2 });
    const first = await come();
    await come();
    await expect(come("ann", false)).rejects.toMatchObject(refused(1));
    first.leave();
    await vi.waitFor(() => come());
    await expect(come()).rejects.toMatchObject(refused(1));
  });

  test("leave one place, however often they say so", async () => {
    const { come } = turnstile({ concurrent: 2 });
    const first = await come();
    await come();
    for (let count = 0; count < 3; count++) first.leave();
    await vi.waitFor(() => come());
    await expect(come()).rejects.toMatchObject(refused(1));
  });

  test("that live keep theirs, and those that died lose it", async () => {
    vi.useFakeTimers();
    const { come, clock } = turnstile({ concurrent: 1 });
    await come();
    for (let count = 0; count < 100; count++) {
      clock.at += 30_000;
      await vi.advanceTimersByTimeAsync(30_000);
    }
    await expect(come()).rejects.toMatchObject(refused(1));
    vi.clearAllTimers(); // with its process, nobody renews it
    clock.at += 89_999;
    await expect(come()).rejects.toMatchObject(refused(1));
    clock.at += 1;
    await come();
  });

  test("do not take their place again once they have left", async () => {
    vi.useFakeTimers();
    const { come } = turnstile({ concurrent: 1 });
    (await come()).leave();
    await vi.advanceTimersByTimeAsync(30_000);
    await come();
    expect(vi.getTimerCount()).toBe(1);
  });
});

test("without limits the store is not asked", async () => {
  const store: RelayStore = { get: () => Promise.reject(new Error()), put: () => Promise.reject(new Error()) };
  const { come } = turnstile({ runsPerMinute: Infinity, concurrent: Infinity }, () => store);
  (await come()).leave();
});

test("a store that fails lets nobody in, and is not quoted", async () => {
  const store: RelayStore = { get: () => Promise.reject(new Error("redis://secret")), put: async () => true };
  await expect(turnstile({}, () => store).come()).rejects.toMatchObject({ status: 503, detail: "STORE_UNAVAILABLE" });
});

test("a store in which others are always quicker is given up", async () => {
  const store: RelayStore = { get: async () => undefined, put: async () => false };
  await expect(turnstile({}, () => store).come()).rejects.toMatchObject({ status: 503 });
});
