/** Where in a stream something happens: behind the logged event with this `seq`, in the middle of its frame, or after so many bytes. */
export type Place =
  | { readonly afterEvent: number }
  | { readonly insideEvent: number }
  | { readonly afterBytes: number };

/** What goes wrong with one request. Made by `fault`. */
export type Fault =
  | { readonly kind: "pass" }
  | { readonly kind: "refuse" }
  | { readonly kind: "lose" }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code: string | undefined;
      readonly retryAfter: number | undefined;
      readonly isHtml: boolean;
      readonly hasRun: boolean;
    }
  | { readonly kind: "cut"; readonly how: "reset" | "end" | "stall"; readonly at: Place }
  | { readonly kind: "slow"; readonly bytes: number; readonly every: number }
  | { readonly kind: "malform"; readonly event: number }
  | { readonly kind: "repeat"; readonly event: number }
  | { readonly kind: "unknown"; readonly afterEvent: number };

/** What comes with an answer that is no success. */
export interface StatusFaultOptions {
  /** `detail.code` of the body. Default: an answer without the contract's body, as a proxy's. */
  readonly code?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** The body is a page for people. Default `false`. */
  readonly html?: boolean | undefined;
  /** The run is made all the same, and its answer is replaced by this one. Default `false`. */
  readonly hasRun?: boolean | undefined;
}

/** What can go wrong, for `createTestServer({ faults })` and `server.inject()`. Each fault meets one request; those of streams wait for the next stream. */
export const fault = {
  /** Nothing: lets a request pass between two faults. */
  none: (): Fault => ({ kind: "pass" }),
  /** The connection fails before the server hears of the request. */
  refused: (): Fault => ({ kind: "refuse" }),
  /** The server does what it is asked, and its answer is lost on the way. */
  lostAnswer: (): Fault => ({ kind: "lose" }),
  /** An answer that is no success. */
  status: (status: number, options: StatusFaultOptions = {}): Fault => {
    const { code, retryAfter, html = false, hasRun = false } = options;
    return { kind: "status", status, code, retryAfter, isHtml: html, hasRun };
  },
  /** The stream's connection is reset. */
  reset: (at: Place): Fault => ({ kind: "cut", how: "reset", at }),
  /** The stream ends there as if that were its end. */
  cleanEnd: (at: Place): Fault => ({ kind: "cut", how: "end", at }),
  /** The stream stays open and nothing follows, not even heartbeats. */
  stall: (at: Place): Fault => ({ kind: "cut", how: "stall", at }),
  /** The stream comes in pieces of so many bytes, with this many milliseconds before each. */
  slow: ({ bytes = 1, every = 0 }: { readonly bytes?: number; readonly every?: number } = {}): Fault => ({
    kind: "slow",
    bytes,
    every,
  }),
  /** The frame of the logged event with this `seq` holds broken JSON. */
  malformed: (event: number): Fault => ({ kind: "malform", event }),
  /** The frame of the logged event with this `seq` comes twice. */
  duplicate: (event: number): Fault => ({ kind: "repeat", event }),
  /** Behind the logged event with this `seq` comes one that no SDK knows yet. */
  unknownEvent: (afterEvent: number): Fault => ({ kind: "unknown", afterEvent }),
} as const;

/** Is it a fault of streams? */
export function isStreamFault({ kind }: Fault): boolean {
  return kind === "cut" || kind === "slow" || kind === "malform" || kind === "repeat" || kind === "unknown";
}
