/**
 * Executions: runs under an id that outlives each of them; and keys that open all projects of their organisation. How an execution stands is
 * written with what it is read from, in the same transaction; every change of it is told once, in order.
 */
export const executions = `
CREATE TABLE executions (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  flow_no INTEGER NOT NULL,
  -- The latest run, and where its log ended before its first step.
  run_no INTEGER NOT NULL,
  run_number INTEGER NOT NULL,
  opening_seq INTEGER NOT NULL,
  -- Outputs that were put in place of those of that run: JSON.
  edits TEXT NOT NULL DEFAULT '{}',
  is_stale INTEGER NOT NULL DEFAULT 0,
  is_cancel_requested INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL,
  webhook_url TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  modified_by TEXT NOT NULL,
  deleted_at INTEGER
) STRICT;

CREATE UNIQUE INDEX executions_of_runs ON executions (run_no);
CREATE INDEX executions_by_update ON executions (flow_no, updated_at, no) WHERE deleted_at IS NULL;
CREATE INDEX executions_by_creation ON executions (flow_no, created_at, no) WHERE deleted_at IS NULL;
-- Those whose worker may be lost before a step began.
CREATE INDEX executions_without_step ON executions (run_no) WHERE status = 'running';
CREATE INDEX executions_to_cancel ON executions (no) WHERE status = 'cancel_requested';

-- Of which execution a run is one, and which.
ALTER TABLE runs ADD COLUMN execution_id TEXT;
ALTER TABLE runs ADD COLUMN run_number INTEGER;
CREATE INDEX runs_of_executions ON runs (execution_id) WHERE execution_id IS NOT NULL;

CREATE TABLE execution_changes (
  -- Never given again: readers go on from the last one that they saw.
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  execution_no INTEGER NOT NULL,
  project_id TEXT NOT NULL,
  status TEXT NOT NULL,
  run_number INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE INDEX changes_of_executions ON execution_changes (execution_no, no);
CREATE INDEX changes_of_projects ON execution_changes (project_id, no);

ALTER TABLE api_keys ADD COLUMN opens_organisation INTEGER NOT NULL DEFAULT 0;
`;
