import { DatabaseSync } from "node:sqlite";
import type { RelayStore, StoredValue } from "@noukai/hono";

/**
 * What the relay remembers, in a file: a server that was killed still knows whose a run is. For one process on one machine; README.md says
 * what to take elsewhere. What has expired is deleted when the file is opened.
 */
export function sqliteStore(file: string, now: () => number = Date.now): RelayStore {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS held (key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
  `);
  database.prepare("DELETE FROM held WHERE expires_at <= ?").run(now());
  const find = database.prepare("SELECT value, version FROM held WHERE key = ? AND expires_at > ?");
  const insert = database.prepare(`
    INSERT INTO held (key, value, version, expires_at) VALUES (:key, :value, :next, :expiresAt)
    ON CONFLICT (key) DO UPDATE SET value = :value, version = :next, expires_at = :expiresAt WHERE held.expires_at <= :now
  `);
  const replace = database.prepare(`
    UPDATE held SET value = :value, version = :next, expires_at = :expiresAt
    WHERE key = :key AND version = :version AND expires_at > :now
  `);
  return {
    get: async (key) => find.get(key, now()) as StoredValue | undefined, // the columns that it names
    async put(key, value, { version, expiresInMs }) {
      const at = now();
      const row = { key, value, next: crypto.randomUUID(), now: at, expiresAt: at + expiresInMs };
      const { changes } = version === undefined ? insert.run(row) : replace.run({ ...row, version });
      return changes === 1;
    },
  };
}
