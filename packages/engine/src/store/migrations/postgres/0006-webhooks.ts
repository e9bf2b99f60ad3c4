/**
 * Webhooks that are to be sent: one for each run that asked for it, made with the run, due with its end, gone once it is delivered. A run that
 * asks for none costs a look into an empty place when it ends.
 */
export const webhooks = `
CREATE TABLE deliveries (
  run_id uuid PRIMARY KEY,
  project_no integer NOT NULL,
  url text NOT NULL,
  -- Name and port in the URL: a receiver that is slow or down is so for all that goes there.
  host text COLLATE "C" NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- When it is to be sent, or when whoever sends it now has lost it. Null: its run goes on (no attempts), or it was given up (some).
  due_at bigint
);

CREATE INDEX due_deliveries ON deliveries (due_at) WHERE due_at IS NOT NULL;
`;
