/**
 * Pauses that end the hold, a waiting room with priorities and times, lists, and the pruning of payloads.
 * Of the indexes, a run that begins at once and completes touches two: `listed_runs` when it begins and when it ends, which also finds
 * the runs in work and so replaces `open_runs`, and `prunable_runs` when it ends. The others are of the runs that wait, pause or are recorded.
 */
export const pausesAndLists = `
-- Flows get small numbers too: an index by flow id measured 160 bytes of write-ahead log more per run.
ALTER TABLE flows ADD COLUMN no INTEGER;
UPDATE flows SET no = (SELECT count(*) FROM flows AS other WHERE other.id <= flows.id);
CREATE UNIQUE INDEX flow_numbers ON flows (no);

ALTER TABLE runs ADD COLUMN flow_no INTEGER;
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN ready_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN paused_at INTEGER;
ALTER TABLE runs ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0;

UPDATE runs SET flow_no = (SELECT no FROM flows WHERE flows.id = runs.flow_id), ready_at = created_at;
-- No release before this one paused a run; when it began is the latest time that is known of one that somebody paused by hand.
UPDATE runs SET owner = NULL, paused_at = coalesce(started_at, created_at) WHERE status = 'paused';

DROP INDEX open_runs;
CREATE INDEX listed_runs ON runs (status, flow_no);
CREATE INDEX waiting_runs ON runs (priority, ready_at) WHERE status = 'pending';
CREATE INDEX paused_runs ON runs (paused_at) WHERE paused_at IS NOT NULL;
CREATE INDEX session_runs ON runs (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX prunable_runs ON runs (completed_at)
  WHERE completed_at IS NOT NULL AND is_pruned = 0 AND traced = 0 AND capture <> 'full';
`;
