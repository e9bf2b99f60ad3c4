/**
 * Text of steps in flight, for readers in other processes. Unlogged, since it is no part of the truth: a crash of the database empties the
 * table, and writing it costs neither the log on disk nor a sync.
 */
export const partialOutput = `
CREATE UNLOGGED TABLE partial_chunks (
  run_id uuid NOT NULL,
  step_id text COLLATE "C" NOT NULL,
  -- Where the run's log ended when the text began: tells texts of earlier attempts and rounds from the present one.
  after_seq integer NOT NULL,
  -- JSON, as is the delta: a chunk may end between two halves of a character, which no text of PostgreSQL may.
  loop_path text COLLATE "C" NOT NULL,
  -- UTF-16 units of the text before the chunk.
  start integer NOT NULL,
  attempt integer NOT NULL,
  delta text NOT NULL,
  PRIMARY KEY (run_id, step_id, after_seq, loop_path, start)
);
`;
