import { ValueError } from "@noukai/core";
import { ambientSession, openAsyncContext, runInSession } from "./ambient.ts";
import { openSession, type ReplayScopeOptions } from "./open-session.ts";
import type { Session } from "./session.ts";

/**
 * Runs `fn` with a session around it and gives what it gives. By default the flows called inside are recorded, with whole inputs and
 * outputs, under a fresh id; with `replaySessionId`, where `NOUKAI_REPLAY_ENABLED` allows it, they are answered from that recording
 * without a request: the Nth call of a flow's slug, by `execute` or by stream, takes its Nth recording, whatever it is called with.
 *
 * Calls find the session by themselves in Node, Deno, Bun and edge runtimes. Elsewhere, as in browsers, take it from the callback and pass
 * it on: `replayScope((session) => flow.execute({ message, session }))`; a callback that takes none is a `ValueError` there.
 *
 * Throws before `fn` runs when the recording cannot be had: `ReplayInvalidSessionError`, `ReplayForbiddenError`,
 * `ReplaySessionNotFoundError`, `ReplaySessionExpiredError`, `ReplayNoSnapshotsError`, `ReplayDisabledError`. A call that was not recorded
 * throws `ReplayMissError`; when `fn` succeeds and did not ask for all recordings, the scope throws `ReplayLeftoverError`.
 */
export async function replayScope<Result>(
  fn: (session: Session) => Result | Promise<Result>,
  options: ReplayScopeOptions = {},
): Promise<Result> {
  if (fn.length === 0 && !openAsyncContext()) {
    throw new ValueError(
      "This runtime cannot tell which calls belong to a scope. Take the session and pass it on: replayScope((session) => flow.execute({ session })).",
    );
  }
  const { session, assertDrained, close } = await openSession(options);
  try {
    const result = await runInSession(session, () => fn(session));
    assertDrained();
    return result;
  } finally {
    close();
  }
}

/** The id of the session around the caller's code; `null` outside of scopes, in one that records nothing, and in browsers. */
export function currentSessionId(): string | null {
  return ambientSession()?.sessionId ?? null; // null, because programs in the field compare with it
}

/** The session around the caller's code, to be passed to where it cannot be seen; `null` as with `currentSessionId`. */
export function currentScope(): Session | null {
  return ambientSession() ?? null; // as above
}
