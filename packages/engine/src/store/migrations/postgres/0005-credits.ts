/** What projects may spend. Half of each page of balances is kept for newer versions of its rows: each charge writes one. */
export const credits = `
CREATE TABLE credits (
  project_no integer PRIMARY KEY,
  -- What is left; null where there is no bound.
  balance_usd numeric,
  spent_usd numeric NOT NULL,
  -- What the project's file last granted; null where it said nothing.
  file_usd numeric
) WITH (fillfactor = 50);

-- What was added through the API, each once.
CREATE TABLE credit_grants (
  project_no integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  amount_usd numeric NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (project_no, key)
);
`;
