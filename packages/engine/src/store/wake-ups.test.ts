import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createWakeUps } from "./wake-ups.ts";

describe("wake-ups", () => {
  it("hold one listener for a signal that asks again and again, and none once it was woken", async () => {
    const wakeUps = createWakeUps();
    const { signal } = new AbortController();
    const sleeps = Array.from({ length: 100 }, () => wakeUps.next("run", signal));
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    wakeUps.wake("run");
    await Promise.all(sleeps);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("are asked for anew after each one", async () => {
    const wakeUps = createWakeUps();
    const { signal } = new AbortController();
    for (let round = 0; round < 3; round++) {
      const sleep = wakeUps.next("run", signal);
      wakeUps.wake("run");
      await expect(sleep).resolves.toBeUndefined();
    }
  });

  it("that nobody waits for are forgotten", async () => {
    const wakeUps = createWakeUps();
    wakeUps.wake("run");
    const caller = new AbortController();
    const sleep = wakeUps.next("run", caller.signal);
    const first = await Promise.race([sleep.then(() => "woken"), Promise.resolve("asleep")]);
    expect(first).toBe("asleep");
    caller.abort();
    await sleep;
  });

  it("reach other sleepers when one of them is aborted", async () => {
    const wakeUps = createWakeUps();
    const [gone, there] = [new AbortController(), new AbortController()];
    const sleeps = [wakeUps.next("run", gone.signal), wakeUps.next("run", there.signal)];
    gone.abort();
    await sleeps[0];
    wakeUps.wake("run");
    await expect(sleeps[1]).resolves.toBeUndefined();
  });

  it("never let anybody sleep once they are closed", async () => {
    const wakeUps = createWakeUps();
    wakeUps.close();
    await expect(wakeUps.next("run", new AbortController().signal)).resolves.toBeUndefined();
  });
});
