/**
 * Executions: runs under an id that outlives each of them; and keys that open all projects of their organisation. How an execution stands is
 * written with what it is read from, in the same transaction; every change of it is told once, in order.
 */
export const executions = `
CREATE TABLE executions (
  id uuid PRIMARY KEY,
  project_no integer NOT NULL,
  flow_no integer NOT NULL,
  -- The latest run, and where its log ended before its first step.
  run_id uuid NOT NULL,
  run_number integer NOT NULL,
  opening_seq integer NOT NULL,
  -- Outputs that were put in place of those of that run: JSON, as text.
  edits text NOT NULL DEFAULT '{}',
  is_stale boolean NOT NULL DEFAULT false,
  is_cancel_requested boolean NOT NULL DEFAULT false,
  status text COLLATE "C" NOT NULL,
  webhook_url text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  modified_by text NOT NULL,
  deleted_at bigint
) WITH (fillfactor = 50);

CREATE UNIQUE INDEX executions_of_runs ON executions (run_id);
CREATE INDEX executions_by_update ON executions (flow_no, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX executions_by_creation ON executions (flow_no, created_at, id) WHERE deleted_at IS NULL;
-- Those whose worker may be lost before a step began.
CREATE INDEX executions_without_step ON executions (run_id) WHERE status = 'running';
CREATE INDEX executions_to_cancel ON executions (id) WHERE status = 'cancel_requested';

-- Of which execution a run is one, and which.
ALTER TABLE runs ADD COLUMN execution_id uuid, ADD COLUMN run_number integer;
CREATE INDEX runs_of_executions ON runs (execution_id) WHERE execution_id IS NOT NULL;

-- Transactions do not end in the order of any number that they take: readers go by transaction, up to the oldest that is still under way.
CREATE TABLE execution_changes (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  execution_id uuid NOT NULL,
  project_no integer NOT NULL,
  flow_no integer NOT NULL,
  status text NOT NULL,
  run_number integer NOT NULL,
  at bigint NOT NULL
);

CREATE INDEX changes_of_executions ON execution_changes (execution_id, xid, no);
CREATE INDEX changes_of_projects ON execution_changes (project_no, xid, no);

ALTER TABLE api_keys ADD COLUMN opens_organisation boolean NOT NULL DEFAULT false;
`;
