/** What projects may spend. Amounts are decimal text: SQLite has no exact numbers with a point. */
export const credits = `
CREATE TABLE credits (
  project_no INTEGER PRIMARY KEY REFERENCES projects (no),
  -- What is left; null where there is no bound.
  balance_usd TEXT,
  spent_usd TEXT NOT NULL,
  -- What the project's file last granted; null where it said nothing.
  file_usd TEXT
) STRICT;

-- What was added through the API, each once.
CREATE TABLE credit_grants (
  project_no INTEGER NOT NULL REFERENCES projects (no),
  key TEXT NOT NULL,
  amount_usd TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (project_no, key)
) STRICT, WITHOUT ROWID;
`;
