interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Buckets kept at once; past that the one that was asked for the longest ago begins anew, full. */
const maxBuckets = 100_000;

const minuteMs = 60_000;

/** Tokens are fractions while they flow in; what adding them up loses is no reason to refuse. */
const tolerance = 1e-9;

/** Bounds how often something happens, by name: a minute's worth at once, then as it flows in. */
export interface Limiter {
  /** Counts one more; gives 0 when it may happen, else in how many milliseconds it might. */
  take(name: string, perMinute: number): number | Promise<number>;
  /** The same without counting. */
  waitMs(name: string, perMinute: number): number | Promise<number>;
}

/** A token bucket per name. Exact within this process, and known to no other. */
export class RateLimiter implements Limiter {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a token; gives 0 when there was one, else in how many milliseconds there will be. */
  take(name: string, perMinute: number): number {
    const bucket = this.#filled(name, perMinute);
    const missing = 1 - bucket.tokens;
    if (missing > tolerance) return (missing * minuteMs) / perMinute;
    bucket.tokens -= 1;
    return 0;
  }

  /** The same without taking it. */
  waitMs(name: string, perMinute: number): number {
    const missing = 1 - this.#filled(name, perMinute).tokens;
    return missing > tolerance ? (missing * minuteMs) / perMinute : 0;
  }

  #filled(name: string, perMinute: number): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: perMinute, filledAt: now };
    // A clock that was set back lets nothing flow in, and nothing out.
    const passedMs = Math.max(0, now - bucket.filledAt);
    bucket.tokens = Math.min(perMinute, bucket.tokens + (passedMs * perMinute) / minuteMs);
    bucket.filledAt = now;
    // A Map iterates in order of insertion: what was asked for last goes to the end.
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const oldest = this.#buckets.size > maxBuckets ? this.#buckets.keys().next() : undefined;
    if (oldest?.done === false) this.#buckets.delete(oldest.value);
    return bucket;
  }
}
