import {
  ReplayError,
  ReplayForbiddenError,
  ReplayInvalidSessionError,
  ReplayLeftoverError,
  ReplayNoSnapshotsError,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
} from "@noukai/core";
import type { OpenSession } from "../session/open-session.ts";
import type { Sessions } from "../session/sessions.ts";

/** Asks this application for a replay: the id of the session to answer from. */
export const REPLAY_HEADER = "x-noukai-replay";
/** Tells under which session the request's calls are recorded, or from which they were answered. */
export const SESSION_HEADER = "X-Noukai-Session";

/** How requests become sessions. */
export interface RequestSessionOptions {
  /** Whose server holds the recordings. */
  readonly client: { readonly sessions: Sessions };
  /** Told when a replayed request made fewer calls than were recorded. Its answer is gone by then. Default: a warning on the console. */
  readonly onLeftover?: ((error: ReplayLeftoverError) => void) | undefined;
}

/** What to answer instead, when a replay cannot be. */
export interface ReplayRefusal {
  readonly status: number;
  readonly body: { readonly error: string; readonly message: string };
}

const REFUSALS = [
  [ReplayForbiddenError, 403, "replay_forbidden"],
  [ReplaySessionNotFoundError, 404, "replay_session_not_found"],
  [ReplaySessionExpiredError, 410, "replay_session_expired"],
  [ReplayInvalidSessionError, 400, "replay_invalid_session"],
  [ReplayNoSnapshotsError, 409, "replay_no_snapshots"],
  [ReplayError, 500, "replay_error"],
] as const;

/** The answer to an error of a replay's; `undefined` for any other. */
export function refusalOf(error: unknown): ReplayRefusal | undefined {
  const refusal = REFUSALS.find(([ErrorClass]) => error instanceof ErrorClass);
  if (!refusal || !(error instanceof ReplayError)) return undefined;
  const [, status, name] = refusal;
  return { status, body: { error: name, message: error.message } };
}

/** Ends a request's session, once its answer is on its way whole. */
export function endSession({ assertDrained }: OpenSession, { onLeftover }: RequestSessionOptions): void {
  try {
    assertDrained();
  } catch (error) {
    if (!(error instanceof ReplayLeftoverError)) throw error;
    if (onLeftover) onLeftover(error);
    else console.warn(`noukai: ${error.message}`);
  }
}
