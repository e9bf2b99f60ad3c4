import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CallScope, type CallScopeOptions } from "./call-scope.ts";
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
    expect(scope.signal.reason).toMatchObject({ code: "TIMEOUT", billed: "no", retryable: true });
    expect(String(scope.signal.reason)).toContain("`timeout`");
  });

  test("has no timer without a limit", () => {
    const scope = open({ timeoutMs: Infinity });
    expect(vi.getTimerCount()).toBe(0);
    expect(scope.leftMs).toBe(Infinity);
  });

  test("can have cost something from its first request on", () => {
    const scope = open();
    expect(scope.about).toEqual({ billed: "no", retryable: true });
    scope.noteRequest();
    expect(scope.about).toMatchObject({ billed: "possibly", retryable: false });
    scope.end(new Error("enough"));
    const read = open({ billed: "no" });
    read.noteRequest();
    expect(read.about).toMatchObject({ billed: "no", retryable: true });
    read.close();
  });

  test("knows its run from the first answer that names one, and its request from the last", () => {
    const scope = open();
    scope.noteRequest();
    scope.noteAnswer(new Headers({ "x-request-id": "req_1", "x-noukai-execution-id": "run-1" }));
    expect(scope.about).toMatchObject({ requestId: "req_1", executionId: "run-1" });
    scope.noteRequest();
    expect(scope.about.requestId).toBeUndefined();
    scope.noteAnswer(new Headers({ "x-request-id": "req_2" }));
    expect(scope.about).toMatchObject({ requestId: "req_2", executionId: "run-1" });
    scope.close();
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
      billed: "no",
      retryable: false,
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
