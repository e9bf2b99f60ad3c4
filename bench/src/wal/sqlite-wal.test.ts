import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readWalPosition } from "./sqlite-wal.ts";

let dir: string;
let database: DatabaseSync;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "noukai-bench-wal-"));
  database = new DatabaseSync(join(dir, "a.db"));
  database.exec("PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  database.exec("CREATE TABLE t (text TEXT)");
});

afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true });
});

function position() {
  return readWalPosition(join(dir, "a.db-wal"));
}

it("counts what each commit writes, whole pages with their headers", () => {
  const before = position();
  database.exec("INSERT INTO t VALUES ('a')");
  expect(position()).toEqual({ round: before.round, bytes: before.bytes + 2048 + 24 });
  expect(position().bytes).toBe(statSync(join(dir, "a.db-wal")).size);
});

it("leaves out what an earlier round left behind the end, and tells the rounds apart", () => {
  for (let index = 0; index < 50; index += 1) database.exec(`INSERT INTO t VALUES ('${"a".repeat(500)}')`);
  const before = position();
  database.exec("PRAGMA wal_checkpoint(RESTART)");
  database.exec("INSERT INTO t VALUES ('b')");
  const after = position();
  expect(after.round).not.toBe(before.round);
  expect(after.bytes).toBeLessThan(before.bytes);
  expect(statSync(join(dir, "a.db-wal")).size).toBe(before.bytes);
});
