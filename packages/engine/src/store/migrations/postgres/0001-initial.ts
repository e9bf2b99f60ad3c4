/**
 * Three things are shaped by what they cost per commit:
 * how a run stands lives beside `runs`, in a row as narrow as can be with room on its page, so that each append rewrites few bytes and no index;
 * what refers to projects, flows and definitions does so by number;
 * runs carry no foreign keys, each of which would lock, and so write, the same parent row for every run: the statement that creates a run
 * looks its flow up, and flows, definitions and projects are never deleted.
 */
export const initial = `
CREATE TABLE projects (
  no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  org text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  UNIQUE (org, slug)
);

-- Text, never parsed here: the order of keys carries meaning.
CREATE TABLE definitions (
  no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash text COLLATE "C" NOT NULL UNIQUE,
  text text NOT NULL
);

CREATE TABLE flows (
  no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  project_id text COLLATE "C" NOT NULL REFERENCES projects (id),
  slug text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  draft_hash text COLLATE "C" NOT NULL REFERENCES definitions (hash),
  loaded_hash text COLLATE "C" REFERENCES definitions (hash),
  production_version integer,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  archived_at bigint,
  UNIQUE (project_id, slug)
);

CREATE TABLE versions (
  flow_id text COLLATE "C" NOT NULL REFERENCES flows (id),
  version integer NOT NULL,
  definition_hash text COLLATE "C" NOT NULL REFERENCES definitions (hash),
  note text,
  created_at bigint NOT NULL,
  PRIMARY KEY (flow_id, version)
);

ALTER TABLE flows ADD FOREIGN KEY (id, production_version) REFERENCES versions (flow_id, version);

-- What a run is, written once.
CREATE TABLE runs (
  id uuid PRIMARY KEY,
  project_no integer NOT NULL,
  flow_no integer NOT NULL,
  flow_version integer NOT NULL,
  definition_no integer NOT NULL,
  traced boolean NOT NULL,
  trigger text NOT NULL,
  capture text NOT NULL,
  session_id text,
  input text NOT NULL,
  options text NOT NULL
);

-- How a run stands. Half of each page is kept for newer versions of its rows.
CREATE TABLE run_states (
  run_id uuid PRIMARY KEY,
  created_at bigint NOT NULL,
  started_at bigint,
  completed_at bigint,
  last_seq integer NOT NULL,
  epoch integer NOT NULL,
  losses integer NOT NULL DEFAULT 0,
  -- The process that the owner works in, by its number in holder_numbers; null when nobody holds the run.
  holder integer,
  owner text,
  status text NOT NULL
) WITH (fillfactor = 50);

-- The waiting room.
CREATE INDEX waiting_runs ON run_states (created_at, run_id) WHERE status = 'pending';

-- Who holds runs; what is over leaves it.
CREATE INDEX held_runs ON run_states (holder) WHERE holder IS NOT NULL;

-- Each process that opens the store takes the next number, and holds the advisory lock of that number for as long as it lives.
CREATE SEQUENCE holder_numbers AS integer CYCLE;

-- One row per journal entry: a JSON array of consecutive events, the last of which is last_seq.
CREATE TABLE log (
  run_id uuid NOT NULL,
  last_seq integer NOT NULL,
  epoch integer NOT NULL,
  events text NOT NULL,
  PRIMARY KEY (run_id, last_seq)
);

CREATE TABLE idempotency_keys (
  project_no integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  run_id uuid NOT NULL,
  request_hash text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (project_no, key)
);

CREATE TABLE api_keys (
  id text COLLATE "C" PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL REFERENCES projects (id),
  name text NOT NULL,
  mode text NOT NULL,
  secret_hash text NOT NULL,
  scopes text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint
);

CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at, id);

-- Written to find out whether a write is possible.
CREATE TABLE pulse (
  one integer PRIMARY KEY CHECK (one = 1),
  at timestamptz NOT NULL
);
`;
