export interface ApiKeyRecord {
  /** The 8 public characters. */
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly mode: "live" | "test";
  /** Hex SHA-256 of the whole key. The key itself is never stored. */
  readonly secretHash: string;
  /** What the key may do: `run`, `trace:read`, `flow:write`, `flow:promote`, `key:write`, `admin`. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Null: it does not expire by itself. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Opens every project of its project's organisation. */
  readonly opensOrganisation?: true;
}

/** Part of the store: API keys. */
export interface KeyStore {
  /**
   * Rejects when another key has this id. False, and nothing is written, when the project has `most` keys already that are neither revoked nor
   * expired at `at`, whoever else makes one at the same moment.
   */
  saveKey(key: ApiKeyRecord, limit?: { readonly most: number; readonly at: number }): Promise<boolean>;
  key(id: string): Promise<ApiKeyRecord | undefined>;
  /** Revoked ones too, oldest first. */
  keys(projectId: string): Promise<readonly ApiKeyRecord[]>;
  /** The first revocation stays. Does nothing when there is no such key. */
  revokeKey(id: string, at: number): Promise<void>;
}
