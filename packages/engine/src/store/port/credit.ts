/** What a project may spend on its runs. Amounts are exact decimal strings of US dollars. */
export interface CreditAccount {
  /** What is left; null: there is no bound. Below zero where the last steps cost more than was left. */
  readonly balanceUsd: string | null;
  /** What all runs have cost so far. */
  readonly spentUsd: string;
}

/** What became of credits that were added. */
export type GrantOutcome =
  /** `account` is the one behind it, or behind an equal grant that was made before. */
  | { readonly outcome: "granted"; readonly account: CreditAccount }
  /** The key names a grant of another amount. */
  | { readonly outcome: "keyReused" }
  /** There is no balance to add to. */
  | { readonly outcome: "unlimited" };

/** Part of the store: what projects may spend. */
export interface CreditStore {
  /** Of a project that nobody ever set a balance for: no bound. */
  credits(projectId: string): Promise<CreditAccount>;
  /** Puts `balanceUsd` in place of what is left; null takes the bound away. */
  setCredits(projectId: string, balanceUsd: string | null): Promise<CreditAccount>;
  /** Adds to what is left, once for each `key` of the project. */
  addCredits(
    projectId: string,
    grant: { readonly key: string; readonly amountUsd: string; readonly at: number },
  ): Promise<GrantOutcome>;
  /**
   * What the project's file grants in all. The balance moves by the difference to what the file said before, and begins with the amount where
   * there was no bound; null, after an amount, takes the bound away. The same amount again changes nothing.
   */
  grantFromFile(projectId: string, amountUsd: string | null): Promise<CreditAccount>;
}
