import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

describe("a promise until a signal aborts", () => {
  test("settles as the promise does, leaving no listener", async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(7), signal)).resolves.toBe(7);
    await expect(untilAborted(Promise.reject(new Error("m")), signal)).rejects.toThrow("m");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("rejects with the reason though the promise never settles", async () => {
    const controller = new AbortController();
    const never = untilAborted(new Promise(() => {}), controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(never).rejects.toBe(reason);
    await expect(untilAborted(new Promise(() => {}), controller.signal)).rejects.toBe(reason);
  });
});
