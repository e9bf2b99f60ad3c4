import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeRelayStore } from "../../../packages/hono/test/relay-store-contract.ts";
import { sqliteStore } from "../src/server/sqlite-store.ts";

describeRelayStore("sqliteStore", () => {
  let at = 0;
  return { store: sqliteStore(":memory:", () => at), wait: (ms) => void (at += ms) };
});

test("remembers across a restart what has not expired", async () => {
  const folder = mkdtempSync(join(tmpdir(), "noukai-chat-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "chat.sqlite");
  const before = sqliteStore(file, () => 0);
  await before.put("long", "1", { version: undefined, expiresInMs: 2000 });
  await before.put("short", "2", { version: undefined, expiresInMs: 500 });
  const after = sqliteStore(file, () => 1000);
  expect([(await after.get("long"))?.value, await after.get("short")]).toEqual(["1", undefined]);
});
