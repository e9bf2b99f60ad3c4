import { type Nodes, StoreUnavailableError } from "@noukai/engine";
import { type Limiter, RateLimiter } from "./rate-limiter.ts";

/** What this process has of a bucket that all share. */
interface Share {
  /** Taken from the bucket and not used yet. */
  tokens: number;
  takenAt: number;
  /** Used since then. */
  used: number;
  /** Requests that wait for the bucket. */
  waiting: number;
  /** When there may be a token again. */
  emptyUntil: number;
  asking: Promise<void> | undefined;
}

/** Shares kept at once; past that the one that was asked for the longest ago goes. */
const maxShares = 100_000;

/** A share lasts for about so long, in milliseconds; what is left of it longer than `keepMs` goes back. */
const shareMs = 500;
const keepMs = 1_000;

const minuteMs = 60_000;

export interface SharedRateLimiterOptions {
  readonly nodes: Pick<Nodes, "takeTokens">;
  /** Tells this limiter's names from those of others. */
  readonly prefix: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * A token bucket per name that all processes on one database share. Each takes a few tokens at a time, as many as it lately used in half a second and
 * no more than flow in within that, so that most requests ask nobody. What passes in any stretch of time exceeds the bound by at most what each
 * process had taken before: half a second's worth, or one token. While the database cannot answer, each process counts by itself.
 */
export class SharedRateLimiter implements Limiter {
  readonly #options: SharedRateLimiterOptions;
  readonly #alone: RateLimiter;
  readonly #shares = new Map<string, Share>();

  constructor(options: SharedRateLimiterOptions) {
    this.#options = options;
    this.#alone = new RateLimiter(options.now);
  }

  take(name: string, perMinute: number): number | Promise<number> {
    const share = this.#shareOf(name);
    const known = this.#knownWait(share);
    if (known === 0) use(share);
    return (
      known ??
      this.#askAndThen(
        () => this.#shared(name, perMinute, use),
        () => this.#alone.take(name, perMinute),
      )
    );
  }

  waitMs(name: string, perMinute: number): number | Promise<number> {
    return (
      this.#knownWait(this.#shareOf(name)) ??
      this.#askAndThen(
        () => this.#shared(name, perMinute, () => undefined),
        () => this.#alone.waitMs(name, perMinute),
      )
    );
  }

  async #askAndThen(shared: () => Promise<number>, alone: () => number): Promise<number> {
    try {
      return await shared();
    } catch (error) {
      if (error instanceof StoreUnavailableError) return alone();
      throw error;
    }
  }

  /** Asks the bucket until there is a token here, or none anywhere. */
  async #shared(name: string, perMinute: number, onToken: (share: Share) => void): Promise<number> {
    const share = this.#shareOf(name);
    share.waiting += 1;
    try {
      for (;;) {
        const known = this.#knownWait(share);
        if (known === 0) onToken(share);
        if (known !== undefined) return known;
        share.asking ??= this.#ask(name, perMinute, share).finally(() => (share.asking = undefined));
        await share.asking;
      }
    } finally {
      share.waiting -= 1;
    }
  }

  /** 0: there is a token here. Undefined: only the bucket knows. */
  #knownWait({ tokens, takenAt, emptyUntil }: Share): number | undefined {
    const now = this.#options.now();
    // A clock that was set back neither keeps tokens for ever nor anybody out.
    if (tokens >= 1 && Math.abs(now - takenAt) < keepMs) return 0;
    return now < emptyUntil && emptyUntil - now <= minuteMs ? emptyUntil - now : undefined;
  }

  async #ask(name: string, perMinute: number, share: Share): Promise<void> {
    const { nodes, prefix, now } = this.#options;
    const passedMs = Math.max(1, now() - share.takenAt);
    const lately = Math.ceil((share.used * shareMs) / passedMs);
    const want = Math.max(1, Math.min(Math.max(lately, share.waiting), Math.floor((perMinute * shareMs) / minuteMs)));
    const { tokens: unused } = share;
    share.tokens = 0;
    const { granted, waitMs } = await nodes.takeTokens({ name: `${prefix} ${name}`, perMinute, want, unused });
    share.tokens = granted;
    share.used = 0;
    share.takenAt = now();
    share.emptyUntil = granted > 0 ? 0 : share.takenAt + waitMs;
  }

  #shareOf(name: string): Share {
    const known = this.#shares.get(name);
    const fresh = { tokens: 0, takenAt: -Infinity, used: 0, waiting: 0, emptyUntil: 0, asking: undefined };
    const share: Share = known ?? fresh;
    // A Map iterates in order of insertion: what was asked for last goes to the end.
    this.#shares.delete(name);
    this.#shares.set(name, share);
    const oldest = this.#shares.size > maxShares ? this.#shares.keys().next() : undefined;
    if (oldest?.done === false) this.#shares.delete(oldest.value);
    return share;
  }
}

function use(share: Share): void {
  share.tokens -= 1;
  share.used += 1;
}
