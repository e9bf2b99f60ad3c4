import { describe, expect, test } from "vitest";
import type { RelayStore } from "../src/index.ts";

/** What every store must do: run by the one in memory, and by those of the documents. `wait` lets so much time pass. */
export function describeRelayStore(
  name: string,
  make: () => { readonly store: RelayStore; readonly wait: (ms: number) => void | Promise<void> },
): void {
  describe(name, () => {
    test("gives what was written, under its own key", async () => {
      const { store } = make();
      expect(await store.put("a", "1", { version: undefined, expiresInMs: 1000 })).toBe(true);
      expect(await store.put("b", "2", { version: undefined, expiresInMs: 1000 })).toBe(true);
      expect((await store.get("a"))?.value).toBe("1");
      expect((await store.get("b"))?.value).toBe("2");
      expect(await store.get("c")).toBeUndefined();
    });

    test("writes only over the version that it is told", async () => {
      const { store } = make();
      await store.put("a", "1", { version: undefined, expiresInMs: 1000 });
      const first = await store.get("a");
      expect(await store.put("a", "2", { version: undefined, expiresInMs: 1000 })).toBe(false);
      expect(await store.put("a", "2", { version: first?.version, expiresInMs: 1000 })).toBe(true);
      expect(await store.put("a", "3", { version: first?.version, expiresInMs: 1000 })).toBe(false);
      expect((await store.get("a"))?.value).toBe("2");
    });

    test("has another version after each write, be the value the same", async () => {
      const { store } = make();
      await store.put("a", "1", { version: undefined, expiresInMs: 1000 });
      const first = await store.get("a");
      await store.put("a", "1", { version: first?.version, expiresInMs: 1000 });
      expect((await store.get("a"))?.version).not.toBe(first?.version);
    });

    test("lets one of many writers win", async () => {
      const { store } = make();
      const put = (_: unknown, index: number): Promise<boolean> =>
        store.put("a", String(index), { version: undefined, expiresInMs: 1000 });
      const written = await Promise.all(Array.from({ length: 20 }, put));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect((await store.get("a"))?.value).toBe(String(written.indexOf(true)));
    });

    test("forgets what has expired, and takes it as never written", async () => {
      const { store, wait } = make();
      await store.put("a", "1", { version: undefined, expiresInMs: 1000 });
      const first = await store.get("a");
      await wait(1001);
      expect(await store.get("a")).toBeUndefined();
      expect(await store.put("a", "2", { version: first?.version, expiresInMs: 1000 })).toBe(false);
      expect(await store.put("a", "2", { version: undefined, expiresInMs: 1000 })).toBe(true);
    });
  });
}
