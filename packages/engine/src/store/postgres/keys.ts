import type { ApiKeyRecord, Store } from "../store.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

interface KeyRow extends Omit<ApiKeyRecord, "scopes" | "opensOrganisation"> {
  /** JSON. */
  readonly scopes: string;
  readonly opensOrganisation: boolean;
}

const keyColumns = `
  id, project_id AS "projectId", name, mode, secret_hash AS "secretHash", scopes,
  created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  opens_organisation AS "opensOrganisation"`;

/** Leaves a key of that id as it is. */
const insertKey = prepare(
  "insert_key",
  `INSERT INTO api_keys (id, project_id, name, mode, secret_hash, scopes, created_at, expires_at, revoked_at, opens_organisation)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT (id) DO NOTHING`,
);
const selectKey = prepare<KeyRow>("key", `SELECT ${keyColumns} FROM api_keys WHERE id = $1`);
const selectKeys = prepare<KeyRow>(
  "keys",
  `SELECT ${keyColumns} FROM api_keys WHERE project_id = $1 ORDER BY created_at, id`,
);
const activeKeys = prepare<{ count: number }>(
  "active_keys",
  `SELECT count(*)::integer AS count FROM api_keys
   WHERE project_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
);
/** Keys of one project are made one after the other, so that their number is known. */
const lockProject = prepare("lock_project", "SELECT no FROM projects WHERE id = $1 FOR NO KEY UPDATE");
const revokeKey = prepare("revoke_key", "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");

/** API keys by their public part; see `Store` for what each promises. */
export type PostgresKeys = Pick<Store, "saveKey" | "key" | "keys" | "revokeKey">;

export function createPostgresKeys(database: PostgresDatabase): PostgresKeys {
  return {
    saveKey: (key, limit) =>
      database.transaction(async (connection) => {
        const { id, projectId, name, mode, secretHash, scopes, createdAt, expiresAt, revokedAt } = key;
        const { opensOrganisation = false } = key;
        await lockProject.run(connection, projectId);
        const stored = await selectKey.get(connection, id);
        if (stored !== undefined && stored.secretHash !== secretHash)
          throw new Error(`Another key has the id ${id}. Make a new one.`);
        const isFull = limit !== undefined && (await countActive(connection, projectId, limit.at)) >= limit.most;
        if (stored === undefined && isFull) return false;
        const values = [id, projectId, name, mode, secretHash, JSON.stringify(scopes), createdAt, expiresAt, revokedAt];
        await insertKey.run(connection, ...values, opensOrganisation);
        return true;
      }),
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

async function countActive(connection: Connection, projectId: string, at: number): Promise<number> {
  return (await activeKeys.get(connection, projectId, at))?.count ?? 0;
}

function toKey({ scopes, opensOrganisation, ...row }: KeyRow): ApiKeyRecord {
  const key = { ...row, scopes: JSON.parse(scopes) as readonly string[] }; // as: written by `insertKey` above
  return opensOrganisation ? { ...key, opensOrganisation } : key;
}
