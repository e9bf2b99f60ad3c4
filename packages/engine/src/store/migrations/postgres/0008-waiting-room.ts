/**
 * Runs that wait have tickets in pg-boss, whose schema of its own is made beside this one. A run that begins at once and completes touches no more
 * indexes than before, and none of them got larger: `held_runs` fits its second number into what its entries were padded with.
 */
export const waitingRoom = `
-- When waiting runs become ready, and which of them have no ticket.
DROP INDEX waiting_runs;
CREATE INDEX pending_runs ON run_states (ready_at, run_id) WHERE status = 'pending';

-- Who holds runs, and of which flows: how many a project has in work.
DROP INDEX held_runs;
CREATE INDEX held_runs ON run_states (holder, flow_no) WHERE holder IS NOT NULL;

-- Where a project's next ticket of a priority comes behind its last one, as long as that waits.
CREATE TABLE turns (
  project_no integer NOT NULL,
  priority integer NOT NULL,
  next integer NOT NULL,
  last_run_id uuid NOT NULL,
  PRIMARY KEY (project_no, priority)
) WITH (fillfactor = 50);

-- Projects that have as many runs in work as they may, and tickets that are kept for them; how many of these were let back among the others'.
CREATE TABLE full_projects (
  project_no integer PRIMARY KEY,
  offered integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Tickets of full projects, so that nobody looks through them who hands out others'.
CREATE TABLE kept_tickets (
  run_id uuid PRIMARY KEY,
  project_no integer NOT NULL,
  priority integer NOT NULL
);

CREATE INDEX kept_tickets_of_projects ON kept_tickets (project_no, priority DESC, run_id);
`;
