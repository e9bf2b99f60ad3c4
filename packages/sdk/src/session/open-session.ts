import {
  emitLog,
  NoukaiError,
  type NoukaiErrorOptions,
  readVariable,
  ReplayDisabledError,
  type ReplayError,
  ReplayForbiddenError,
  ReplayInvalidSessionError,
  ReplayNoSnapshotsError,
  ReplaySessionExpiredError,
  ReplaySessionNotFoundError,
  ValueError,
} from "@noukai/core";
import type { SessionRecording } from "@noukai/core/schema";
import { openAsyncContext, runInSession } from "./ambient.ts";
import { Recordings } from "./recordings.ts";
import { replayFetch } from "./replay-fetch.ts";
import { ReplayTurns } from "./replay-turns.ts";
import type { Session } from "./session.ts";
import { isUuid } from "./session-request.ts";
import type { Sessions } from "./sessions.ts";

/** How a scope is opened. */
export interface ReplayScopeOptions {
  /** Whose server holds the recording. Needed to replay, not to capture. */
  readonly client?: { readonly sessions: Sessions } | undefined;
  /** The recording to answer from. Ignored unless `NOUKAI_REPLAY_ENABLED` is `1`, `true`, `yes` or `on`: then the scope captures. */
  readonly replaySessionId?: string | undefined;
  /** `"replay"`: replay or throw. `ReplayDisabledError` when `NOUKAI_REPLAY_ENABLED` does not allow it. Default: as `replaySessionId` says. */
  readonly mode?: "replay" | undefined;
  /** `false`: a scope that does not replay does not record either, whatever scope it stands in. Default `true`. */
  readonly capture?: boolean | undefined;
  /** @deprecated `noukai._transport`, as older programs pass it. Pass `client`. */
  readonly transport?: Sessions | undefined;
}

/** A session that is open, and what belongs to its end. */
export interface OpenSession {
  readonly session: Session;
  /** Throws `ReplayLeftoverError` when a replay's recordings were not all asked for. */
  assertDrained(): void;
  /** Tells the client's logger. */
  close(): void;
}

type Opened = Omit<OpenSession, "close">;

/** Opens the session that the options ask for; a replay's recording is fetched and checked here, before anything runs. */
export async function openSession(options: ReplayScopeOptions): Promise<OpenSession> {
  const { client, transport = client?.sessions } = options;
  openAsyncContext();
  const opened = await chooseSession(options, transport);
  logScope(transport, "scope_open", opened.session);
  return { ...opened, close: () => logScope(transport, "scope_close", opened.session) };
}

/** Tells the client's logger that a scope was opened or closed. */
function logScope(
  transport: Sessions | undefined,
  phase: "scope_open" | "scope_close",
  { sessionId, mode }: Session,
): void {
  emitLog(transport?._onLog, { phase, operation: mode, attempt: 1, ...(sessionId !== undefined && { sessionId }) });
}

async function chooseSession(options: ReplayScopeOptions, sessions: Sessions | undefined): Promise<Opened> {
  const { replaySessionId, mode, capture = true } = options;
  const isEnabled = isReplayEnabled();
  if (mode === "replay" && !isEnabled) {
    throw new ReplayDisabledError("Replay is switched off. Set NOUKAI_REPLAY_ENABLED=1 where recordings may answer.", {
      code: "REPLAY_DISABLED",
    });
  }
  if (mode === "replay" || (isEnabled && replaySessionId !== undefined)) {
    return openReplay(replaySessionId ?? "", sessions);
  }
  const session: Session = capture
    ? { mode: "capture", sessionId: newSessionId() }
    : { mode: "normal", sessionId: undefined };
  return { session, assertDrained: () => {} };
}

async function openReplay(sessionId: string, sessions: Sessions | undefined): Promise<Opened> {
  if (sessions === undefined) {
    throw new ValueError(
      "A replay fetches its recording through a client. Pass `client`, such as your `new Noukai()`.",
    );
  }
  const open = async (id: string): Promise<Recordings> => new Recordings(await fetchRecording(sessions, id));
  const recordings = await open(sessionId);
  const turns = new ReplayTurns();
  const fetch = replayFetch({ sessionId, recordings, open, turns });
  const session: Session = {
    mode: "replay",
    sessionId,
    fetch,
    _inTurn: (begin) => turns.begin({ mode: "replay", sessionId, fetch }, begin),
  };
  return { session, assertDrained: () => recordings.assertDrained() };
}

/** The recording, once it is known to hold what a replay answers with. */
async function fetchRecording(sessions: Sessions, sessionId: string): Promise<SessionRecording> {
  if (!isUuid(sessionId)) {
    const message = `The session to replay is ${JSON.stringify(sessionId)}. Give the UUID that it was recorded under.`;
    throw new ReplayInvalidSessionError(message, { statusCode: 400, code: "INVALID_SESSION" });
  }
  // Outside every scope: a replay around this one would answer, and it knows its own recording only.
  const recording = await runInSession(undefined, () => sessions.get(sessionId)).catch((error: unknown) => {
    throw replayErrorFrom(error);
  });
  const bare = recording.executions.find(({ snapshotsAvailable }) => !snapshotsAvailable);
  if (bare) throw noSnapshotsError(sessionId, bare);
  return recording;
}

type ReplayErrorClass = new (message: string, options: NoukaiErrorOptions) => ReplayError;

const CLASSES: Readonly<Record<number, ReplayErrorClass>> = {
  400: ReplayInvalidSessionError,
  403: ReplayForbiddenError,
  404: ReplaySessionNotFoundError,
  410: ReplaySessionExpiredError,
};

/** What a session's fetch failed with, as its kind of replay error; a lost connection and a wrong key stay what they are. */
function replayErrorFrom(error: unknown): unknown {
  const ErrorClass = error instanceof NoukaiError ? CLASSES[error.statusCode ?? 0] : undefined;
  if (!(error instanceof NoukaiError) || ErrorClass === undefined) return error;
  const { message, statusCode, code, requestId, responseBody } = error;
  return new ErrorClass(message, { statusCode, code, requestId, responseBody, cause: error });
}

function noSnapshotsError(
  sessionId: string,
  { executionId, status, traceCaptureMode }: SessionRecording["executions"][number],
): ReplayNoSnapshotsError {
  const why =
    status === "running" || status === "pending"
      ? "it is not over, or waits for tool results"
      : `its capture mode was ${traceCaptureMode ?? "not recorded"}, or an output was too large`;
  return new ReplayNoSnapshotsError(
    `The session ${sessionId} cannot be replayed: the run ${executionId} has no whole snapshots (${why}). Record it again inside a capture scope.`,
    { code: "NO_SNAPSHOTS", executionId },
  );
}

function isReplayEnabled(): boolean {
  return /^(1|true|yes|on)$/i.test(readVariable("NOUKAI_REPLAY_ENABLED") ?? "");
}

/** A random UUID, version 4. By hand: browsers lack `crypto.randomUUID` on plain http. */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40; // sixteen bytes were asked for
  bytes[8] = (bytes[8]! & 0x3f) | 0x80; // as above
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
