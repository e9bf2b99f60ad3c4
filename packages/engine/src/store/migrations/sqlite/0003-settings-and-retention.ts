/**
 * Projects' settings, and runs that are deleted for good. A run's number may then be given again, so that its idempotency key has to go with
 * it; and keys refer to runs no longer, since each deletion would look for referring keys through all of them.
 */
export const settingsAndRetention = `
ALTER TABLE projects ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE flows ADD COLUMN retention_days INTEGER;

CREATE TABLE keys_without_references (
  project_no INTEGER NOT NULL REFERENCES projects (no),
  key TEXT NOT NULL,
  run_no INTEGER NOT NULL,
  PRIMARY KEY (project_no, key)
) STRICT, WITHOUT ROWID;
INSERT INTO keys_without_references SELECT project_no, key, run_no FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE keys_without_references RENAME TO idempotency_keys;

-- Beside the run, so that the key is found from there.
ALTER TABLE run_inputs ADD COLUMN idempotency_key TEXT;
UPDATE run_inputs SET idempotency_key = held.key FROM idempotency_keys AS held WHERE held.run_no = run_inputs.run_no;
`;
