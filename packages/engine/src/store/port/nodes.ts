/** A hold as the store has it. */
export interface StoredHold {
  readonly runId: string;
  readonly epoch: number;
}

/** What is asked of a bucket of tokens that all processes share. */
export interface TokenRequest {
  readonly name: string;
  /** How many flow in per minute, and how many the bucket holds; a bucket that nobody asked for is full. */
  readonly perMinute: number;
  /** How many to take, if there are so many. */
  readonly want: number;
  /** How many that were taken before come back. */
  readonly unused: number;
}

/** What was given; `waitMs` is how long it takes until there is one, 0 when some were given. */
export interface TokenGrant {
  readonly granted: number;
  readonly waitMs: number;
}

/** A port: this process among the others that work on the same store. Every promise may reject with `StoreUnavailableError`. */
export interface Nodes {
  /** When this process is to look for others that are gone (`Store.recover`) again, in milliseconds from now: they take turns. Known since its last look. */
  nextLookMs(): number;
  /** Is it this process that does what one of them alone need do? By its last look; two may believe it for a moment. */
  isFirst(): boolean;
  /** What `worker` holds in this process. */
  held(worker: string): Promise<readonly StoredHold[]>;
  /** Resolves when others may have taken what this process holds, or when `signal` aborts. A hint: read `held`, trust nothing. */
  doubted(signal: AbortSignal): Promise<void>;
  /** Remembers that somebody wants the run cancelled, if a process holds it, until it is over, and tells the others; see `Store.runsToCancel`. */
  requestCancel(runId: string): Promise<void>;
  /** Resolves when somebody may want a run cancelled, or when `signal` aborts. A hint. */
  cancelRequested(signal: AbortSignal): Promise<void>;
  takeTokens(request: TokenRequest): Promise<TokenGrant>;
}
