/**
 * Pauses that end the hold, a waiting room with priorities and times, lists, and the pruning of payloads.
 * Of the indexes, a run that begins at once and completes enters two more than before, both when it ends: `listed_runs` and
 * `prunable_runs`. That move rewrites the entries of its row anyway, since the run leaves `held_runs` then; the appends before it still
 * touch no index. The others are of the runs that wait, pause or are recorded.
 */
export const pausesAndLists = `
ALTER TABLE runs ADD COLUMN is_pruned boolean NOT NULL DEFAULT false;
CREATE INDEX session_runs ON runs (session_id, id) WHERE session_id IS NOT NULL;

ALTER TABLE run_states
  ADD COLUMN flow_no integer,
  ADD COLUMN priority integer NOT NULL DEFAULT 0,
  ADD COLUMN ready_at bigint,
  ADD COLUMN paused_at bigint,
  -- Are its payloads to go some time after its end? No longer once they are gone.
  ADD COLUMN is_prunable boolean;

-- No release before this one paused a run; when it began is the latest time that is known of one that somebody paused by hand.
UPDATE run_states AS state
SET flow_no = runs.flow_no, ready_at = state.created_at,
    is_prunable = NOT runs.traced AND runs.capture <> 'full',
    paused_at = CASE state.status WHEN 'paused' THEN coalesce(state.started_at, state.created_at) END,
    owner = CASE state.status WHEN 'paused' THEN NULL ELSE state.owner END,
    holder = CASE state.status WHEN 'paused' THEN NULL ELSE state.holder END
FROM runs WHERE runs.id = state.run_id;

ALTER TABLE run_states
  ALTER COLUMN flow_no SET NOT NULL,
  ALTER COLUMN ready_at SET NOT NULL,
  ALTER COLUMN is_prunable SET NOT NULL;

-- The waiting room: each priority is one place in it, and its runs are in the order in which they become ready.
DROP INDEX waiting_runs;
CREATE INDEX waiting_runs ON run_states (priority, ready_at, run_id) WHERE status = 'pending';

-- Lists take the runs that somebody holds from held_runs: those are few.
CREATE INDEX listed_runs ON run_states (flow_no, status, run_id) WHERE holder IS NULL;

CREATE INDEX paused_runs ON run_states (paused_at) WHERE paused_at IS NOT NULL;

CREATE INDEX prunable_runs ON run_states (completed_at) WHERE completed_at IS NOT NULL AND is_prunable;
`;
