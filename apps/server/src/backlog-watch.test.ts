import { type Backlog, StoreUnavailableError } from "@noukai/engine";
import { afterEach, expect, test, vi } from "vitest";
import { watchBacklog } from "./backlog-watch.ts";

afterEach(() => void vi.useRealTimers());

/** A store whose answers a test gives, and a clock. */
function createWorld(answer: () => Promise<Backlog>) {
  const world = { ms: 0, asked: 0 };
  const backlog = (): Promise<Backlog> => {
    world.asked += 1;
    return answer();
  };
  return { world, read: watchBacklog({ backlog }, () => world.ms) };
}

const some: Backlog = { ready: 2, delayed: 1, paused: 0, oldestReadyMs: 40, nodes: 5 };

test("asks the store once in a second, however many scrape", async () => {
  const { world, read } = createWorld(() => Promise.resolve(some));
  expect(await Promise.all([read(), read(), read()])).toEqual([some, some, some]);
  world.ms = 999;
  await read();
  expect(world.asked).toBe(1);
  world.ms = 1_000;
  await read();
  expect(world.asked).toBe(2);
});

test("knows nothing of a store that fails, and asks again", async () => {
  let isDown = true;
  const { world, read } = createWorld(() =>
    isDown ? Promise.reject(new StoreUnavailableError("gone")) : Promise.resolve(some),
  );
  expect(await read()).toBeUndefined();
  isDown = false;
  world.ms = 1_000;
  expect(await read()).toEqual(some);
});

test("does not let a scrape wait for a store that does not answer", async () => {
  vi.useFakeTimers();
  const { read } = createWorld(() => new Promise(() => undefined));
  const reading = read();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await reading).toBeUndefined();
});
