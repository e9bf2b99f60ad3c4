import { expect, test } from "vitest";
import { hashKey, keyIdOf, makeKey } from "./keys.ts";

const options = { projectId: "p", name: "ci", mode: "live", scopes: ["run"], now: 1 } as const;

test("a made key has the contract's form, and its record only its hash", () => {
  const { record, secret } = makeKey(options);
  expect(secret).toMatch(/^nk_live_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}$/);
  expect(keyIdOf(secret)).toBe(record.id);
  expect(record.secretHash).toBe(hashKey(secret));
  expect(JSON.stringify(record)).not.toContain(secret.slice(-32));
});

test("no letter of the alphabet is likelier than another", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2_000; i += 1) {
    for (const letter of makeKey(options).secret.slice(-32)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  const expected = (2_000 * 32) / 62;
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 61 degrees of freedom: one honest run in ten million is above 130; a plain `byte % 62` lies near 1 800.
  expect(counts.size).toBe(62);
  expect(chiSquared).toBeLessThan(130);
});

test.each([
  "",
  "nk_live_short",
  "sk_live_abcdefgh_0123456789abcdef0123456789abcdef",
  "nk_live_abcdefgh_0123456789abcdef0123456789abcde",
])("%j is not a key of ours", (key) => {
  expect(keyIdOf(key)).toBeUndefined();
});
