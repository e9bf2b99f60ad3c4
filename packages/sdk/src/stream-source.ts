import type { StreamEvent } from "./events.ts";

/** How a stream stands to its server. */
export type ConnectionState =
  /** Connected, or waiting for its reader between two segments of a run. */
  | { readonly status: "live" }
  /** A connection broke; the `attempt`th one in a row (from 1) to bring the stream back begins in `inMs`. */
  | { readonly status: "reconnecting"; readonly attempt: number; readonly inMs: number }
  /**
   * Nothing follows. `ended`: by the run's last event. `paused`: the run waits for an answer that the reader did not give. `left`: the reader
   * went. `failed`: by `error`, which the reader is thrown.
   */
  | { readonly status: "closed"; readonly reason: "ended" | "paused" | "left" }
  | { readonly status: "closed"; readonly reason: "failed"; readonly error: unknown };

/** Where a stream's events come from, in batches: one promise per chunk of the network, not per event. */
export interface EventSource {
  /** Aborts when the call ends early; its reason is what the reader is thrown. */
  readonly signal: AbortSignal | undefined;
  /** Known once the server has named the run. */
  readonly executionId: string | undefined;
  /** `undefined` before the first connection, and where there is none to tell of. */
  readonly connection?: ConnectionState | undefined;
  /** What is done, as `POST acme/spelling/grade-3/step`, for messages. */
  readonly operation?: string | undefined;
  /** The next events, at least one; `undefined` after the last. */
  next(): Promise<readonly StreamEvent[] | undefined>;
  /** Closes the connection at once; a pending `next` is let go. */
  close(): void;
  /** Stops the run itself. Absent where that is not in the source's power. */
  cancel?(): Promise<unknown>;
}

/** A source with ways of its own to read and to end, which tells of the connection what the source behind it tells. */
export function sourceOver(
  source: () => Partial<EventSource>,
  own: Required<Pick<EventSource, "next" | "close" | "cancel">>,
): EventSource {
  return {
    get signal() {
      return source().signal;
    },
    get executionId() {
      return source().executionId;
    },
    get connection() {
      return source().connection;
    },
    get operation() {
      return source().operation;
    },
    ...own,
  };
}
