import type { ApiKeyRecord, Store } from "../store.ts";
import type { PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

interface KeyRow extends Omit<ApiKeyRecord, "scopes"> {
  /** JSON. */
  readonly scopes: string;
}

const keyColumns = `
  id, project_id AS "projectId", name, mode, secret_hash AS "secretHash", scopes,
  created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"`;

/** Leaves a key of that id as it is. */
const insertKey = prepare(
  "insert_key",
  `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, created_at, expires_at, revoked_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   ON CONFLICT (id) DO NOTHING`,
);
const selectKey = prepare<KeyRow>("key", `SELECT ${keyColumns} FROM api_keys WHERE id = $1`);
const selectKeys = prepare<KeyRow>(
  "keys",
  `SELECT ${keyColumns} FROM api_keys WHERE project_id = $1 ORDER BY created_at, id`,
);
const revokeKey = prepare("revoke_key", "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");

/** API keys by their public part; see `Store` for what each promises. */
export type PostgresKeys = Pick<Store, "saveKey" | "key" | "keys" | "revokeKey">;

export function createPostgresKeys(database: PostgresDatabase): PostgresKeys {
  return {
    async saveKey({ id, projectId, name, mode, secretHash, scopes, createdAt, expiresAt, revokedAt }) {
      const values = [id, projectId, name, mode, secretHash, JSON.stringify(scopes), createdAt, expiresAt, revokedAt];
      await insertKey.run(database, ...values);
      if ((await selectKey.get(database, id))?.secretHash !== secretHash)
        throw new Error(`Another key has the id ${id}. Make a new one.`);
    },
    async key(id) {
      const row = await selectKey.get(database, id);
      return row === undefined ? undefined : toKey(row);
    },
    async keys(projectId) {
      return (await selectKeys.all(database, projectId)).map(toKey);
    },
    async revokeKey(id, at) {
      await revokeKey.run(database, id, at);
    },
  };
}

function toKey({ scopes, ...row }: KeyRow): ApiKeyRecord {
  return { ...row, scopes: JSON.parse(scopes) as readonly string[] }; // as: written by `insertKey` above
}
