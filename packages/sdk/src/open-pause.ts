import { AbortError, NoukaiError } from "@noukai/core";
import type { OpenPause, PausedCall } from "./pause.ts";
import { toPauseJson } from "./pause-json.ts";
import type { PauseOrigin } from "./results.ts";
import { notePause, PausedResult } from "./streaming.ts";
import { outcomesOf } from "./tools/outcomes.ts";

/** A pause as its caller gets it. Nobody is asked about a call that has run by now. */
export function openPause<Output>(
  pause: OpenPause,
  call: PausedCall,
  resume: PauseOrigin<Output>["resume"],
): PausedResult<Output> {
  const ran = outcomesOf(pause.toolCalls);
  return new PausedResult(pause, {
    sessionId: call.sessionId,
    pendingApprovals: pause.pendingApprovals.filter(({ toolCallId }) => !Object.hasOwn(ran, toolCallId)),
    resume,
    toJson: (paused) => toPauseJson(paused, call),
  });
}

/** How work at a pause leads back to it. */
export interface WayBack {
  /** Of the work. */
  readonly signal: AbortSignal;
  readonly pausedAt: () => PausedResult;
  /** Is the pause still open after this error? Default: yes. */
  readonly isOpen?: (error: unknown) => boolean;
}

/** Has what goes wrong lead back to the pause, unless it is gone: the caller who aborts cancels the run. */
export async function leadingBack<Value>(
  work: Promise<Value>,
  { signal, pausedAt, isOpen = () => true }: WayBack,
): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    const { reason } = signal;
    const isCancelled = reason instanceof AbortError && reason.code === "ABORTED";
    if (!isCancelled && isOpen(error)) notePause(error, pausedAt());
    throw error;
  }
}

/** May a pause still be open whose resume failed so? Not when its answer told of the run's end, or of another resume. */
export function mayStillWait(error: unknown): boolean {
  return error instanceof NoukaiError && error.billed !== "yes" && error.statusCode !== 409 && error.statusCode !== 404;
}
