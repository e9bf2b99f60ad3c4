import { addDecimals, subtractDecimals } from "../decimal.ts";
import type { CreditAccount } from "./store.ts";

/** A project's account as it is stored. */
export interface CreditRow {
  readonly balanceUsd: string | null;
  readonly spentUsd: string;
  /** What the project's file last granted. */
  readonly fileUsd: string | null;
}

/** Of a project that nobody ever set a balance for. */
export const noAccount: CreditRow = { balanceUsd: null, spentUsd: "0", fileUsd: null };

/** The account as it is told: no amount with needless zeros, however it was written. */
export function toAccount({ balanceUsd, spentUsd }: CreditRow): CreditAccount {
  return {
    balanceUsd: balanceUsd === null ? null : addDecimals(balanceUsd, "0"),
    spentUsd: addDecimals(spentUsd, "0"),
  };
}

/** What `Store.grantFromFile` promises, as a rule on one account. */
export function grantedFromFile(row: CreditRow, amountUsd: string | null): CreditRow {
  const { balanceUsd, fileUsd } = row;
  if (amountUsd === null) return fileUsd === null ? row : { ...row, balanceUsd: null, fileUsd: null };
  const moved = subtractDecimals(amountUsd, fileUsd ?? "0");
  // The file says what it said: a bound that was taken away through the API since stays away.
  if (fileUsd !== null && moved === "0") return row;
  return { ...row, balanceUsd: addDecimals(balanceUsd ?? fileUsd ?? "0", moved), fileUsd: amountUsd };
}
