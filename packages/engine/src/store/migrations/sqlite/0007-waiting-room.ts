/** Pending runs wait for their turn, for their time, or for room in their project; a run that begins at once enters none of these indexes. */
export const waitingRoom = `
-- While it is pending: 'turn', 'time' or 'room'. Null: nobody has looked yet, as of one that was moved here; opening the store does.
ALTER TABLE runs ADD COLUMN waits TEXT;
ALTER TABLE runs ADD COLUMN turn INTEGER;

DROP INDEX waiting_runs;
CREATE INDEX waiting_runs ON runs (priority DESC, turn) WHERE status = 'pending' AND waits = 'turn';
CREATE INDEX delayed_runs ON runs (ready_at) WHERE status = 'pending' AND waits = 'time';
-- What each project has waiting, for its turn or for room.
CREATE INDEX lines ON runs (waits, project_id, priority DESC, turn) WHERE status = 'pending';
`;
