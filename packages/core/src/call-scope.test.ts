import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CallScope, type CallScopeOptions, untilAborted } from "./call-scope.ts";
import { AbortError, APITimeoutError } from "./errors.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(options: Partial<CallScopeOptions> = {}): CallScope {
  return new CallScope({ operation: "POST x/execute", signals: [], timeoutMs: 1_000, billed: "possibly", ...options });
}

describe("a call's scope", () => {
  test("ends by its timeout, saying which option to raise", async () => {
    const scope = open();
    await vi.advanceTimersByTimeAsync(999);
    expect(scope.signal.aborted).toBe(false);
    expect(scope.leftMs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(scope.signal.reason).toBeInstanceOf(APITimeoutError);
    expect(scope.signal.reason).toMatchObject({ code: "TIMEOUT", billed: "possibly" });
    expect(String(scope.signal.reason)).toContain("`timeout`");
  });

  test.each([Infinity, 2 ** 31])("has no timer for %d ms, which a timer would take for none", (timeoutMs) => {
    const scope = open({ timeoutMs });
    expect(vi.getTimerCount()).toBe(0);
    expect(scope.leftMs).toBe(timeoutMs);
  });

  test("ends when any of the callers' signals aborts, with the caller's reason as cause", () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const scope = open({ signals: [first.signal, undefined, second.signal] });
    const reason = new Error("the user left");
    second.abort(reason);
    expect(scope.signal.reason).toBeInstanceOf(AbortError);
    expect(scope.signal.reason).toMatchObject({
      name: "AbortError",
      cause: reason,
      code: "ABORTED",
      billed: "possibly",
    });
  });

  test("does not begin on an aborted signal, and then has cost nothing", () => {
    const reason = new Error("the user left");
    const { signal } = new AbortController();
    const begin = (): CallScope => open({ signals: [signal, AbortSignal.abort(reason)] });
    expect(begin).toThrow(AbortError);
    expect(begin).toThrow(expect.objectContaining({ cause: reason, billed: "no" }));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves nothing on a signal that outlives ten thousand calls", () => {
    const { signal } = new AbortController();
    const onClose = vi.fn();
    for (let call = 0; call < 10_000; call++) open({ signals: [signal], onClose }).close();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(onClose).toHaveBeenCalledTimes(10_000);
  });

  test("is deaf once closed", () => {
    const controller = new AbortController();
    const scope = open({ signals: [controller.signal] });
    scope.close();
    controller.abort();
    expect(scope.signal.aborted).toBe(false);
  });
});

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
