/**
 * What processes that share the database know of each other. Unlogged is what is of no use to a database that crashed: its connections are gone
 * with it, and each process that comes back says so again.
 */
export const nodes = `
-- Processes by their number in holder_numbers, from their first look for others' runs on. A row goes with its process.
CREATE UNLOGGED TABLE workers (
  no integer PRIMARY KEY,
  -- By the database's clock.
  beat_at bigint NOT NULL,
  -- Were its runs given to others although it may live?
  is_given_up boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- Runs that somebody wants cancelled and another process held at that time; a row goes once its run is over.
CREATE TABLE cancel_requests (
  run_id uuid PRIMARY KEY
);

-- What may still be taken of what is bounded per minute; a row that is as good as full is as good as none.
CREATE UNLOGGED TABLE rate_tokens (
  name text COLLATE "C" PRIMARY KEY,
  tokens double precision NOT NULL,
  filled_at bigint NOT NULL,
  -- What the latest taker was given.
  granted integer NOT NULL
) WITH (fillfactor = 50);
`;
