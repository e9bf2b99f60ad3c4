import { expect, test } from "vitest";
import { describeRelayStore } from "../../test/relay-store-contract.ts";
import { memoryStore } from "./memory-store.ts";

describeRelayStore("memoryStore", () => {
  let at = 0;
  return { store: memoryStore({ now: () => at }), wait: (ms) => void (at += ms) };
});

test("forgets what was written longest ago once there is too much", async () => {
  const store = memoryStore({ maxEntries: 2 });
  const put = async (key: string): Promise<boolean> =>
    store.put(key, key, { version: (await store.get(key))?.version, expiresInMs: 1000 });
  for (const key of ["a", "b", "a", "c"]) await put(key);
  expect([(await store.get("a"))?.value, await store.get("b"), (await store.get("c"))?.value]).toEqual([
    "a",
    undefined,
    "c",
  ]);
});
