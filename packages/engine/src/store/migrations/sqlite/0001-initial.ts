/**
 * Two things are shaped by what they cost per commit, since each touched page is written whole:
 * runs and log rows are addressed by small numbers in order of arrival, so that a group commit fills few pages from one end;
 * what a run was called with lives beside `runs`, so that a change of status does not rewrite it.
 */
export const initial = `
CREATE TABLE projects (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  org TEXT NOT NULL,
  slug TEXT NOT NULL,
  UNIQUE (org, slug)
) STRICT;

-- Text, never parsed here: the order of keys carries meaning.
CREATE TABLE definitions (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE flows (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  draft_hash TEXT NOT NULL REFERENCES definitions (hash),
  loaded_hash TEXT REFERENCES definitions (hash),
  production_version INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  archived_at INTEGER,
  UNIQUE (project_id, slug),
  FOREIGN KEY (id, production_version) REFERENCES versions (flow_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
  flow_id TEXT NOT NULL REFERENCES flows (id),
  version INTEGER NOT NULL,
  definition_hash TEXT NOT NULL REFERENCES definitions (hash),
  note TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (flow_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  flow_id TEXT NOT NULL REFERENCES flows (id),
  flow_version INTEGER NOT NULL,
  definition_hash TEXT NOT NULL REFERENCES definitions (hash),
  trigger TEXT NOT NULL,
  session_id TEXT,
  capture TEXT NOT NULL,
  traced INTEGER NOT NULL,
  status TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  owner TEXT,
  losses INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER
) STRICT;

-- The waiting room and the runs in work; what is over leaves it.
CREATE INDEX open_runs ON runs (status, created_at) WHERE completed_at IS NULL;

CREATE TABLE run_inputs (
  run_no INTEGER PRIMARY KEY REFERENCES runs (no),
  input TEXT NOT NULL,
  options TEXT NOT NULL,
  -- Of the call that brought an idempotency key, by the store's clock; null when there was none.
  request_hash TEXT,
  key_expires_at INTEGER
) STRICT;

-- One row per journal entry: a JSON array of consecutive events, the last of which is last_seq.
CREATE TABLE log (
  no INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL REFERENCES runs (no),
  last_seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  events TEXT NOT NULL,
  UNIQUE (run_no, last_seq)
) STRICT;

-- As narrow as can be, since callers' keys come in any order and each may touch a page of its own: what else is known of a key is in
-- run_inputs. Keys that sort by time (UUIDv7) stay together and cost next to nothing.
CREATE TABLE idempotency_keys (
  project_no INTEGER NOT NULL REFERENCES projects (no),
  key TEXT NOT NULL,
  run_no INTEGER NOT NULL REFERENCES runs (no),
  PRIMARY KEY (project_no, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects (id),
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at);

-- Written to find out whether a write is possible.
CREATE TABLE pulse (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at INTEGER NOT NULL
) STRICT;
`;
