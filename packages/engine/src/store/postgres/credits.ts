import { addDecimals, subtractDecimals } from "../../decimal.ts";
import { type CreditRow, grantedFromFile, noAccount, toAccount } from "../credit-rules.ts";
import type { CreditAccount, GrantOutcome, Store } from "../store.ts";
import type { Connection, PostgresDatabase } from "./connection.ts";
import { prepare } from "./statement.ts";

const columns = `balance_usd::text AS "balanceUsd", spent_usd::text AS "spentUsd", file_usd::text AS "fileUsd"`;

const projectNumber = prepare<{ no: number }>("credits_project", "SELECT no FROM projects WHERE id = $1");
const selectAccount = prepare<CreditRow>("credits", `SELECT ${columns} FROM credits WHERE project_no = $1`);
/** Makes the account when there is none, so that there is a row to lock. */
const openAccount = prepare(
  "open_credits",
  "INSERT INTO credits (project_no, spent_usd) VALUES ($1, 0) ON CONFLICT (project_no) DO NOTHING",
);
const lockAccount = prepare<CreditRow>(
  "lock_credits",
  `SELECT ${columns} FROM credits WHERE project_no = $1 FOR UPDATE`,
);
const saveAccount = prepare(
  "save_credits",
  "UPDATE credits SET balance_usd = $2::numeric, spent_usd = $3::numeric, file_usd = $4::numeric WHERE project_no = $1",
);
const selectGrant = prepare<{ amountUsd: string }>(
  "credit_grant",
  `SELECT amount_usd::text AS "amountUsd" FROM credit_grants WHERE project_no = $1 AND key = $2`,
);
const insertGrant = prepare(
  "insert_credit_grant",
  "INSERT INTO credit_grants (project_no, key, amount_usd, created_at) VALUES ($1, $2, $3::numeric, $4)",
);

/** What projects may spend; see `Store` for what each promises. */
export type PostgresCredits = Pick<Store, "credits" | "setCredits" | "addCredits" | "grantFromFile">;

/** Changes of one account come one after the other, charges of the journal included: each locks its row. */
export function createPostgresCredits(database: PostgresDatabase): PostgresCredits {
  async function withAccount<Result>(
    projectId: string,
    work: (connection: Connection, no: number, row: CreditRow) => Promise<Result>,
  ): Promise<Result> {
    return database.transaction(async (connection) => {
      const project = await projectNumber.get(connection, projectId);
      if (project === undefined) throw new Error(`There is no project ${projectId}.`);
      await openAccount.run(connection, project.no);
      return work(connection, project.no, (await lockAccount.get(connection, project.no)) ?? noAccount);
    });
  }

  function change(projectId: string, rule: (row: CreditRow) => CreditRow): Promise<CreditAccount> {
    return withAccount(projectId, async (connection, no, row) => save(connection, no, rule(row)));
  }

  return {
    async credits(projectId) {
      const project = await projectNumber.get(database, projectId);
      const row = project === undefined ? undefined : await selectAccount.get(database, project.no);
      return toAccount(row ?? noAccount);
    },
    setCredits: (projectId, balanceUsd) => change(projectId, (row) => ({ ...row, balanceUsd })),
    grantFromFile: (projectId, amountUsd) => change(projectId, (row) => grantedFromFile(row, amountUsd)),
    addCredits: (projectId, { key, amountUsd, at }) =>
      withAccount<GrantOutcome>(projectId, async (connection, no, row) => {
        const earlier = await selectGrant.get(connection, no, key);
        if (earlier !== undefined) {
          const isEqual = subtractDecimals(earlier.amountUsd, amountUsd) === "0";
          return isEqual ? { outcome: "granted", account: toAccount(row) } : { outcome: "keyReused" };
        }
        if (row.balanceUsd === null) return { outcome: "unlimited" };
        await insertGrant.run(connection, no, key, amountUsd, at);
        const after = { ...row, balanceUsd: addDecimals(row.balanceUsd, amountUsd) };
        return { outcome: "granted", account: await save(connection, no, after) };
      }),
  };
}

async function save(connection: Connection, no: number, row: CreditRow): Promise<CreditAccount> {
  await saveAccount.run(connection, no, row.balanceUsd, row.spentUsd, row.fileUsd);
  return toAccount(row);
}
