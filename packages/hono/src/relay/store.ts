import { RelayRefusal } from "../refusal.ts";

/** What a key holds. */
export interface StoredValue {
  readonly value: string;
  /** Another one after each write. */
  readonly version: string;
}

/** What a write replaces, and how long it lasts. */
export interface PutOptions {
  /** The version that is replaced; `undefined`: the key holds nothing. */
  readonly version: string | undefined;
  /** Milliseconds until the value is gone by itself. */
  readonly expiresInMs: number;
}

/**
 * What a relay remembers between requests: whose a run is, and who has asked how often. A relay on more than one machine, or on Workers, needs
 * one that they share: else a stream that is taken up elsewhere finds no run.
 */
export interface RelayStore {
  /** What the key holds now; `undefined` when nothing, or when it has expired. Reads what was written last, wherever that was. */
  get(key: string): Promise<StoredValue | undefined>;
  /** Writes when the key is still at that version. False, and nothing is changed, when another was quicker. Keys and values are short texts. */
  put(key: string, value: string, options: PutOptions): Promise<boolean>;
}

/** How often a write is tried against others for the same key, which a user's own requests are. */
const MAX_TRIES = 100;

/** What is to become of a value, and what its reader learns. */
export interface Change<Result> {
  readonly result: Result;
  /** Absent: it stays as it is. */
  readonly write?: { readonly value: string; readonly expiresInMs: number } | undefined;
}

/** Changes what a key holds, as if nobody else did meanwhile. Throws 503 `STORE_UNAVAILABLE` when that cannot be done. */
export async function change<Result>(
  store: RelayStore,
  key: string,
  decide: (value: string | undefined) => Change<Result>,
): Promise<Result> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const held = await guarded(store.get(key));
    const { result, write } = decide(held?.value);
    if (!write) return result;
    const { value, expiresInMs } = write;
    if (await guarded(store.put(key, value, { version: held?.version, expiresInMs }))) return result;
  }
  throw new RelayRefusal(503, "STORE_UNAVAILABLE", 1);
}

/** What a store answers; its failure tells the caller nothing of it. */
export async function guarded<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch {
    throw new RelayRefusal(503, "STORE_UNAVAILABLE", 1);
  }
}
