import { ValueError } from "@noukai/core";
import { Cursor, isTerminal, loaded, openTraceStream, runOperation, RunWatch, sessionOf } from "./streaming.ts";
import { requestCancel, type RunPlace } from "./run-requests.ts";
import type { Session } from "./session/session.ts";
import type { ConnectionState, EventSource } from "./stream-source.ts";

/** Options of `run.liveTrace`. */
export interface LiveTraceOptions {
  /** Stops the watching, not the run. */
  readonly signal?: AbortSignal | undefined;
  /** Begins behind this event's `seq`. Default 0: from the run's first event. */
  readonly after?: number | undefined;
  /** A replay to answer from, where the runtime cannot tell by itself. Default: that of the scope around the call. */
  readonly session?: Session | undefined;
  /** Told how the stream stands to the server, each time that changes. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** What a run's reader is given: its events, and of a flow with an `output` schema, what that makes of its result. */
export async function openRunTrace(place: RunPlace, options: LiveTraceOptions): Promise<EventSource> {
  const { schemas } = place;
  const source = openLiveTrace(place, options);
  if (!schemas?.output) return source;
  const { withOutput } = await loaded(import("./typed-flow/typed-source.ts"));
  return withOutput(schemas, source);
}

/** Follows a run from an event on until it is over, through its pauses. Sends nothing yet. Throws `ValueError` for an `after` that no event has. */
export function openLiveTrace(
  place: RunPlace,
  { signal, after = 0, onConnection, session }: LiveTraceOptions,
): EventSource {
  checkCursor(after);
  const { context, address } = place;
  const operation = runOperation("GET", address, "/trace/stream");
  const { fetch } = sessionOf({ session });
  return new RunWatch({
    context,
    flow: address.flow,
    cursor: new Cursor({ after, executionId: address.executionId }),
    openScope: () => context.openScope({ operation, signal, timeout: Infinity, billed: "no" }),
    open: (scope) => openTraceStream(context, { ...address, scope, after, fetch }),
    isLast: isTerminal,
    onConnection,
    cancel: () => requestCancel(place, { session }),
  });
}

function checkCursor(after: number): void {
  if (Number.isInteger(after) && after >= 0) return;
  throw new ValueError(`\`after\` is ${after}. Give an event's \`seq\`, or 0 for the beginning.`);
}
