import { expect, test, vi } from "vitest";
import { deferredSource } from "./deferred-source.ts";
import { currentSessionId, replayScope } from "./index.ts";
import type { EventSource } from "./stream-source.ts";

const BATCH = [{ type: "unknown", name: "a", data: {} }] as const;

function sourceOf() {
  const source: EventSource = {
    signal: undefined,
    executionId: "run-1",
    operation: "POST a/step",
    connection: { status: "live" },
    next: vi.fn(async () => BATCH),
    close: vi.fn(),
    cancel: vi.fn(async () => {}),
  };
  return source;
}

test("opens its source once, when the first event is asked for", async () => {
  const open = vi.fn(async () => sourceOf());
  const deferred = deferredSource(open);
  expect(open).not.toHaveBeenCalled();
  expect([await deferred.next(), await deferred.next()]).toEqual([BATCH, BATCH]);
  expect(open).toHaveBeenCalledTimes(1);
});

test("tells what its source tells, and before it is open what is known beforehand", async () => {
  const deferred = deferredSource(async () => sourceOf(), "run-1");
  expect([deferred.executionId, deferred.operation, deferred.connection]).toEqual(["run-1", undefined, undefined]);
  await deferred.next();
  expect([deferred.executionId, deferred.operation]).toEqual(["run-1", "POST a/step"]);
  expect(deferred.connection).toEqual({ status: "live" });
});

test("tries again to open after a failure that its reader was told", async () => {
  const open = vi.fn(async () => sourceOf()).mockRejectedValueOnce(new Error("offline"));
  const deferred = deferredSource(open);
  await expect(deferred.next()).rejects.toThrow("offline");
  expect(await deferred.next()).toBe(BATCH);
});

test("lets its reader go at once when it is closed while it opens, and reads nothing then", async () => {
  const source = sourceOf();
  const opening = Promise.withResolvers<EventSource>();
  const deferred = deferredSource(() => opening.promise);
  const batch = deferred.next();
  deferred.close();
  expect(await batch).toBeUndefined();
  opening.resolve(source);
  await opening.promise;
  expect(await deferred.next()).toBeUndefined();
  expect(source.next).not.toHaveBeenCalled();
});

test("is closed with its source, and stops the run only where one may exist", async () => {
  const source = sourceOf();
  const unread = deferredSource(async () => source);
  await unread.cancel?.();
  expect(await unread.next()).toBeUndefined();
  expect(source.cancel).not.toHaveBeenCalled();
  const read = deferredSource(async () => source);
  await read.next();
  await read.cancel?.();
  read.close();
  expect(source.cancel).toHaveBeenCalledTimes(1);
  expect(source.close).toHaveBeenCalledTimes(1);
});

test("belongs to the session it was asked for in, wherever it is read", async () => {
  const sessions: (string | null)[] = [];
  const open = async (): Promise<EventSource> => {
    await Promise.resolve();
    sessions.push(currentSessionId());
    return sourceOf();
  };
  const asked = await replayScope(() => ({ deferred: deferredSource(open), sessionId: currentSessionId() }));
  await replayScope(() => asked.deferred.next());
  expect(sessions).toEqual([asked.sessionId]);
  expect(asked.sessionId).toEqual(expect.any(String));
});
