import { isPositive } from "./decimal.ts";
import { createLru } from "./flow/lru.ts";
import type { CreditAccount, GrantOutcome, Store } from "./store/store.ts";

/** How long it may be remembered that a project has no balance, in milliseconds. What this process changes counts at once. */
const rememberMs = 1_000;

const maxRemembered = 10_000;

/** What projects may spend. A balance is read anew each time: what other processes charged counts at once. */
export class Credits {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #unboundUntil = createLru<string, number>(maxRemembered);

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  account(projectId: string): Promise<CreditAccount> {
    return this.#store.credits(projectId);
  }

  /** See `Store.setCredits`. */
  async set(projectId: string, balanceUsd: string | null): Promise<CreditAccount> {
    const account = await this.#store.setCredits(projectId, balanceUsd);
    this.#unboundUntil.delete(projectId);
    return account;
  }

  /** See `Store.addCredits`. */
  add(projectId: string, grant: { readonly key: string; readonly amountUsd: string }): Promise<GrantOutcome> {
    return this.#store.addCredits(projectId, { ...grant, at: this.#now() });
  }

  /** Has the project a balance, and nothing left of it? */
  async isSpent(projectId: string): Promise<boolean> {
    if (this.#now() < (this.#unboundUntil.get(projectId) ?? 0)) return false;
    const { balanceUsd } = await this.#store.credits(projectId);
    if (balanceUsd !== null) return !isPositive(balanceUsd);
    this.#unboundUntil.set(projectId, this.#now() + rememberMs);
    return false;
  }
}
