import type { DatabaseSync } from "node:sqlite";
import { addDecimals, subtractDecimals } from "../decimal.ts";
import { type CreditRow, grantedFromFile, noAccount, toAccount } from "./credit-rules.ts";
import { prepare, type Transaction } from "./sqlite-statement.ts";
import type { CreditAccount, GrantOutcome, Store } from "./store.ts";

/** Takes an amount from the credits of the project of that number, within the caller's transaction. */
export function prepareCharge(database: DatabaseSync): (projectNo: number, amountUsd: string) => void {
  const { account, saveAccount } = prepareAccounts(database);
  return (projectNo, amountUsd) => {
    const row = account(projectNo);
    const { balanceUsd, spentUsd } = row;
    saveAccount(projectNo, {
      ...row,
      balanceUsd: balanceUsd === null ? null : subtractDecimals(balanceUsd, amountUsd),
      spentUsd: addDecimals(spentUsd, amountUsd),
    });
  };
}

/** The statements about accounts, each in view. */
function prepareAccounts(database: DatabaseSync) {
  const account = prepare<CreditRow>(
    database,
    "SELECT balance_usd AS balanceUsd, spent_usd AS spentUsd, file_usd AS fileUsd FROM credits WHERE project_no = ?",
  );
  const saveAccount = prepare(
    database,
    `INSERT INTO credits (project_no, balance_usd, spent_usd, file_usd) VALUES (?, ?, ?, ?)
     ON CONFLICT (project_no) DO UPDATE
     SET balance_usd = excluded.balance_usd, spent_usd = excluded.spent_usd, file_usd = excluded.file_usd`,
  );
  return {
    account: (projectNo: number): CreditRow => account.get(projectNo) ?? noAccount,
    saveAccount: (projectNo: number, { balanceUsd, spentUsd, fileUsd }: CreditRow) =>
      saveAccount.run(projectNo, balanceUsd, spentUsd, fileUsd),
  };
}

/** What projects may spend; see `Store` for what each promises. */
export interface SqliteCredits {
  credits(projectId: string): CreditAccount;
  setCredits(projectId: string, balanceUsd: string | null): CreditAccount;
  addCredits(...args: Parameters<Store["addCredits"]>): GrantOutcome;
  grantFromFile(projectId: string, amountUsd: string | null): CreditAccount;
}

export function createSqliteCredits(database: DatabaseSync, transaction: Transaction): SqliteCredits {
  const { account, saveAccount } = prepareAccounts(database);
  const numberOf = prepare<{ no: number }>(database, "SELECT no FROM projects WHERE id = ?");
  const grant = prepare<{ amountUsd: string }>(
    database,
    "SELECT amount_usd AS amountUsd FROM credit_grants WHERE project_no = ? AND key = ?",
  );
  const insertGrant = prepare(
    database,
    "INSERT INTO credit_grants (project_no, key, amount_usd, created_at) VALUES (?, ?, ?, ?)",
  );

  function projectNo(projectId: string): number {
    const project = numberOf.get(projectId);
    if (project === undefined) throw new Error(`There is no project ${projectId}.`);
    return project.no;
  }

  function change(projectId: string, rule: (row: CreditRow) => CreditRow): CreditAccount {
    const no = projectNo(projectId);
    const before = account(no);
    const after = rule(before);
    if (after !== before) saveAccount(no, after);
    return toAccount(after);
  }

  function addCredits(...[projectId, { key, amountUsd, at }]: Parameters<Store["addCredits"]>): GrantOutcome {
    const no = projectNo(projectId);
    const before = account(no);
    const earlier = grant.get(no, key);
    if (earlier !== undefined) {
      const isEqual = subtractDecimals(earlier.amountUsd, amountUsd) === "0";
      return isEqual ? { outcome: "granted", account: toAccount(before) } : { outcome: "keyReused" };
    }
    if (before.balanceUsd === null) return { outcome: "unlimited" };
    insertGrant.run(no, key, amountUsd, at);
    const after = { ...before, balanceUsd: addDecimals(before.balanceUsd, amountUsd) };
    saveAccount(no, after);
    return { outcome: "granted", account: toAccount(after) };
  }

  return {
    credits: (projectId) => {
      const project = numberOf.get(projectId);
      return toAccount(project === undefined ? noAccount : account(project.no));
    },
    setCredits: (projectId, balanceUsd) => transaction(() => change(projectId, (row) => ({ ...row, balanceUsd }))),
    addCredits: (...args) => transaction(() => addCredits(...args)),
    grantFromFile: (projectId, amountUsd) =>
      transaction(() => change(projectId, (row) => grantedFromFile(row, amountUsd))),
  };
}
