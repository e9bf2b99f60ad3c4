/** One thing that happened on the way of a call. Never holds a key; bodies only with `logPayloads`. */
export interface LogEvent {
  /**
   * `request`: about to be sent. `response`: its headers are there. `body`: its JSON is read (with `logPayloads` only).
   * `retry`, `reconnect`: the last attempt failed, and the next one starts in `delayMs`.
   */
  readonly phase: "request" | "response" | "body" | "retry" | "reconnect";
  /** Such as `POST acme/spelling/grade-3/execute`. */
  readonly operation: string;
  /** Which attempt this is about, from 1. For `reconnect`: how many failures in a row. */
  readonly attempt: number;
  readonly url?: string;
  readonly statusCode?: number;
  readonly requestId?: string | undefined;
  /** From sending the request to its answer's headers. */
  readonly durationMs?: number;
  readonly delayMs?: number;
  /** What went wrong, for people. */
  readonly reason?: string;
  /** The request's JSON text, or the answer's parsed JSON. Only with `logPayloads`. */
  readonly body?: unknown;
}

/** Receives log events. What it throws is ignored: a logger does not break a call. */
export type OnLog = (event: LogEvent) => void;

/** Tells the logger, if there is one, and bears what it throws. */
export function emitLog(onLog: OnLog | undefined, event: LogEvent): void {
  try {
    onLog?.(event);
  } catch {
    // A logger that throws has no one to tell but itself.
  }
}
