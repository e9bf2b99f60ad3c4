import { type Nodes, openPostgresStore, StoreUnavailableError } from "@noukai/engine";
import { describePostgres } from "@noukai/postgres-for-tests";
import { expect, onTestFinished, test } from "vitest";
import { SharedRateLimiter } from "./shared-rate-limiter.ts";

describePostgres("limiters of several processes on one PostgreSQL", (postgres) => {
  /** Two processes' limiters under one clock; `asked` counts the times that either asked the database. */
  async function start() {
    const { url, drop } = await postgres.createDatabase();
    const clock = { now: 1_000_000_000_000, asked: 0, isGone: false };
    const now = (): number => clock.now;
    const stores = await Promise.all([openPostgresStore({ url, now }), openPostgresStore({ url, now })]);
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await drop();
    });
    const limiters = stores.map(({ nodes }) => {
      const takeTokens: Nodes["takeTokens"] = (request) => {
        clock.asked += 1;
        if (clock.isGone || nodes === undefined) return Promise.reject(new StoreUnavailableError("gone"));
        return nodes.takeTokens(request);
      };
      return new SharedRateLimiter({ nodes: { takeTokens }, prefix: "calls", now });
    });
    /** How many of `count` calls pass, made by the processes in turn. */
    const passing = async (count: number, perMinute: number): Promise<number> => {
      let passed = 0;
      for (let call = 0; call < count; call++)
        passed += (await limiters[call % limiters.length]?.take("a", perMinute)) === 0 ? 1 : 0;
      return passed;
    };
    return { clock, limiters, passing };
  }

  test("let through together what one would, and tell when there is more", async () => {
    const { clock, limiters, passing } = await start();
    expect(await passing(80, 60)).toBe(60);
    expect(await limiters[0]?.waitMs("a", 60)).toBeCloseTo(1_000, 3);
    expect(await limiters[1]?.take("b", 60)).toBe(0);
    clock.now += 1_000;
    expect(await passing(10, 60)).toBe(1);
  });

  test("ask the database for a few at a time, and no longer once it has none", async () => {
    const { clock, passing } = await start();
    let passed = 0;
    for (let tick = 0; tick < 100; tick++) {
      passed += await passing(60, 6_000);
      clock.now += 10;
    }
    expect(passed).toBeGreaterThan(5_900);
    expect(passed).toBeLessThanOrEqual(6_000 + 100);
    expect(clock.asked).toBeLessThan(600);
    while ((await passing(10, 6_000)) > 0);
    const { asked } = clock;
    expect(await passing(100, 6_000)).toBe(0);
    expect(clock.asked).toBe(asked);
  });

  test("pass in any stretch of time no more than the bound and what each had in hand", async () => {
    const { clock, passing } = await start();
    const perMinute = 1_200;
    let passed = await passing(1_400, perMinute);
    for (let second = 1; second <= 5; second++) {
      clock.now += 1_000;
      passed += await passing(60, perMinute);
      expect(passed).toBeLessThanOrEqual(perMinute + second * 20 + 2 * 10);
      expect(passed).toBeGreaterThanOrEqual(perMinute + second * 20 - 2 * 10);
    }
  });

  test("give back what they did not use", async () => {
    const { clock, limiters } = await start();
    const [first, second] = limiters;
    for (let call = 0; call < 40; call++) await first?.take("a", 1_200);
    clock.now += 60_000;
    expect(await first?.take("a", 1_200)).toBe(0);
    let passed = 1;
    while ((await second?.take("a", 1_200)) === 0) passed += 1;
    expect(passed).toBeGreaterThanOrEqual(1_190);
  });

  test("keep one name's callers waiting for one answer together", async () => {
    const { clock, limiters } = await start();
    const waits = await Promise.all(Array.from({ length: 30 }, async () => limiters[0]?.take("a", 6_000)));
    expect(waits).toEqual(waits.map(() => 0));
    expect(clock.asked).toBeLessThan(5);
  });

  test("count each by itself while the database is gone", async () => {
    const { clock, passing } = await start();
    clock.isGone = true;
    expect(await passing(10, 3)).toBe(6);
  });
});
