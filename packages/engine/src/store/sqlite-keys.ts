import type { DatabaseSync } from "node:sqlite";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import type { ApiKeyRecord } from "./store.ts";

const selectKey = `
  SELECT id, project_id AS projectId, name, mode, secret_hash AS secretHash, scopes,
         created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt
  FROM api_keys`;

interface KeyRow extends Omit<ApiKeyRecord, "scopes"> {
  /** JSON. */
  readonly scopes: string;
}

function toKey({ scopes, ...row }: KeyRow): ApiKeyRecord {
  return { ...row, scopes: JSON.parse(scopes) as readonly string[] }; // as: written by `insertKey` below
}

/** The statements about API keys, each in view. */
function prepareStatements(database: DatabaseSync) {
  const insertKey = prepare(
    database,
    `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, created_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const key = prepare<KeyRow>(database, `${selectKey} WHERE id = ?`);
  const keys = prepare<KeyRow>(database, `${selectKey} WHERE project_id = ? ORDER BY created_at, id`);
  const revoke = prepare(database, "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
  return {
    /** Leaves a key of that id as it is. */
    insertKey: ({ id, projectId, name, mode, secretHash, scopes, createdAt, expiresAt, revokedAt }: ApiKeyRecord) =>
      insertKey.run(id, projectId, name, mode, secretHash, JSON.stringify(scopes), createdAt, expiresAt, revokedAt),
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
  saveKey(key: ApiKeyRecord): void;
  key(id: string): ApiKeyRecord | undefined;
  keys(projectId: string): readonly ApiKeyRecord[];
  revokeKey(id: string, at: number): void;
}

export function createSqliteKeys(database: DatabaseSync, transaction: Transaction): SqliteKeys {
  const sql = prepareStatements(database);

  function saveKey(key: ApiKeyRecord): void {
    sql.insertKey(key);
    if (sql.key(key.id)?.secretHash !== key.secretHash)
      throw new Error(`Another key has the id ${key.id}. Make a new one.`);
  }

  return {
    saveKey: (key) => transaction(() => saveKey(key)),
    key: sql.key,
    keys: sql.keys,
    revokeKey: (id, at) => {
      transaction(() => sql.revoke(id, at));
    },
  };
}
