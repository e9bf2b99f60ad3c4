import type { DatabaseSync } from "node:sqlite";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import type { ApiKeyRecord, Store } from "./store.ts";

const selectKey = `
  SELECT id, project_id AS projectId, name, mode, secret_hash AS secretHash, scopes,
         created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt,
         opens_organisation AS opensOrganisation
  FROM api_keys`;

interface KeyRow extends Omit<ApiKeyRecord, "scopes" | "opensOrganisation"> {
  /** JSON. */
  readonly scopes: string;
  readonly opensOrganisation: number;
}

function toKey({ scopes, opensOrganisation, ...row }: KeyRow): ApiKeyRecord {
  const key = { ...row, scopes: JSON.parse(scopes) as readonly string[] }; // as: written by `insertKey` below
  return opensOrganisation === 1 ? { ...key, opensOrganisation: true } : key;
}

/** The statements about API keys, each in view. */
function prepareStatements(database: DatabaseSync) {
  const insertKey = prepare(
    database,
    `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, created_at, expires_at, revoked_at, opens_organisation)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const key = prepare<KeyRow>(database, `${selectKey} WHERE id = ?`);
  const keys = prepare<KeyRow>(database, `${selectKey} WHERE project_id = ? ORDER BY created_at, id`);
  const activeKeys = prepare<{ count: number }>(
    database,
    "SELECT count(*) AS count FROM api_keys WHERE project_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
  );
  const revoke = prepare(database, "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
  return {
    /** Leaves a key of that id as it is. */
    insertKey: (key: ApiKeyRecord) => {
      const { id, projectId, name, mode, secretHash, scopes, createdAt, expiresAt, revokedAt, opensOrganisation } = key;
      const times = [createdAt, expiresAt, revokedAt];
      const reach = opensOrganisation === true ? 1 : 0;
      insertKey.run(id, projectId, name, mode, secretHash, JSON.stringify(scopes), ...times, reach);
    },
    /** Keys that are neither revoked nor expired at `at`. */
    activeKeys: (projectId: string, at: number) => activeKeys.get(projectId, at)?.count ?? 0,
    key: (id: string) => {
      const row = key.get(id);
      return row === undefined ? undefined : toKey(row);
    },
    keys: (projectId: string) => keys.all(projectId).map(toKey),
    revoke: (id: string, at: number) => revoke.run(at, id),
  };
}

/** API keys by their public part; see `Store` for what each promises. */
export interface SqliteKeys {
  saveKey(...args: Parameters<Store["saveKey"]>): boolean;
  key(id: string): ApiKeyRecord | undefined;
  keys(projectId: string): readonly ApiKeyRecord[];
  revokeKey(id: string, at: number): void;
}

export function createSqliteKeys(database: DatabaseSync, transaction: Transaction): SqliteKeys {
  const sql = prepareStatements(database);

  function saveKey(...[key, limit]: Parameters<Store["saveKey"]>): boolean {
    const stored = sql.key(key.id);
    if (stored !== undefined && stored.secretHash !== key.secretHash)
      throw new Error(`Another key has the id ${key.id}. Make a new one.`);
    const isFull = limit !== undefined && sql.activeKeys(key.projectId, limit.at) >= limit.most;
    if (stored === undefined && isFull) return false;
    sql.insertKey(key);
    return true;
  }

  return {
    saveKey: (...args) => transaction(() => saveKey(...args)),
    key: sql.key,
    keys: sql.keys,
    revokeKey: (id, at) => {
      transaction(() => sql.revoke(id, at));
    },
  };
}
