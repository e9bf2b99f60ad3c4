import { ValueError } from "./errors.ts";

/** One thing that happened on the way of a call. Never holds a key or a ticket; bodies only with `logPayloads`. */
export interface LogEvent {
  /**
   * `request`: about to be sent. `response`: its headers are there. `body`: its JSON is read (with `logPayloads` only).
   * `retry`, `reconnect`: the last attempt failed, and the next one starts in `delayMs`. `scope_open`, `scope_close`: a session's.
   */
  readonly phase: "request" | "response" | "body" | "retry" | "reconnect" | "scope_open" | "scope_close";
  /** Such as `POST acme/spelling/grade-3/execute`. */
  readonly operation: string;
  /** Which attempt this is about, from 1. For `reconnect`: how many failures in a row. */
  readonly attempt: number;
  readonly method?: string;
  /** Behind the server's address, without a query: `/seq/acme/spelling/grade-3/execute`. */
  readonly path?: string;
  /** With `…` for the values of its query. */
  readonly url?: string;
  readonly statusCode?: number;
  readonly requestId?: string | undefined;
  /** From sending the request to its answer's headers. */
  readonly durationMs?: number;
  readonly delayMs?: number;
  /** What went wrong, for people. */
  readonly reason?: string;
  /** The session of `scope_open` and `scope_close`. */
  readonly sessionId?: string;
  /** The request's JSON text, or the answer's parsed JSON. Only with `logPayloads`. */
  readonly body?: unknown;
}

/** Receives log events. What it throws is ignored: a logger does not break a call. */
export type OnLog = (event: LogEvent) => void;

const LEVELS = ["off", "error", "warn", "info", "debug"] as const;

/** What the console is told, each with those before it: nothing, faults of the server, trouble that passes, answers, everything. */
export type LogLevel = (typeof LEVELS)[number];

/** Tells the logger, if there is one, and bears what it throws. */
export function emitLog(onLog: OnLog | undefined, event: LogEvent): void {
  try {
    onLog?.(event);
  } catch {
    // A logger that throws has no one to tell but itself.
  }
}

/** Adds the console to the caller's own logger, up to a level. */
export function withConsole(onLog: OnLog | undefined, upTo: LogLevel = "off"): OnLog | undefined {
  const limit = LEVELS.indexOf(upTo);
  if (limit < 0) throw new ValueError(`\`logLevel\` is "${upTo}". It is one of ${LEVELS.join(", ")}.`);
  if (limit === 0) return onLog;
  return (event) => {
    const { phase, operation, ...details } = event;
    const level = levelOf(event);
    if (LEVELS.indexOf(level) <= limit) console[level](`noukai ${phase} ${operation}`, details);
    onLog?.(event);
  };
}

function levelOf({ phase, statusCode = 0 }: LogEvent): Exclude<LogLevel, "off"> {
  if (phase === "request" || phase === "body") return "debug";
  if (phase === "retry" || phase === "reconnect") return "warn";
  return statusCode >= 500 ? "error" : "info";
}
