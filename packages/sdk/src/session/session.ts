import type { Config, Fetch } from "@noukai/core";
import { ambientSession } from "./ambient.ts";

/** Calls that belong together: they are recorded under one id, or answered from such a recording. */
export interface Session {
  /** A UUID; `undefined` in a scope that records nothing. */
  readonly sessionId: string | undefined;
  /** `capture` records, `replay` answers from a recording, `normal` does neither. */
  readonly mode: "normal" | "capture" | "replay";
  /** Makes the requests of this session's calls: in a replay it answers from the recording. Default: the client's. */
  readonly fetch?: Fetch | undefined;
  /** @internal Begins a call in its turn: a replay hands its recordings out in the order in which calls were made, whatever each has to load first. */
  readonly _inTurn?: (<Result>(begin: () => Promise<Result>) => Promise<Result>) | undefined;
}

/** What a session means to one call. */
export interface CallSession {
  readonly sessionId: string | undefined;
  readonly fetch?: Fetch | undefined;
  /** Whole inputs and outputs are asked for: a recording without them cannot be replayed. */
  readonly trace?: true;
}

/** The session that a call belongs to, from its options, the client's default and the scope around it, in this order. */
export function sessionOf(
  options: { readonly session?: Session | undefined; readonly sessionId?: string | undefined },
  defaultSessionId?: string,
): CallSession {
  const { session, sessionId: asked } = options;
  if (session) return callSession(session);
  const ambient = ambientSession();
  // A replay keeps its calls off the network: what they would be recorded under does not matter, and another session's id names another recording.
  if (ambient?.mode === "replay") return { sessionId: asked ?? ambient.sessionId, fetch: ambient.fetch };
  const sessionId = asked ?? defaultSessionId;
  return ambient && (sessionId === undefined || sessionId === ambient.sessionId) ? callSession(ambient) : { sessionId };
}

function callSession({ sessionId, fetch, mode }: Session): CallSession {
  return { sessionId, fetch, ...(mode === "capture" && { trace: true }) };
}

/** Has the requests answered by the replay around them. Those that name another session are not its own, and go to the client's `fetch`. */
export function withAmbientSession(config: Config): Config {
  const fetch: Fetch = (request) => {
    const ambient = ambientSession();
    const named = request.headers.get("x-session-id");
    const isOurs = named === null || named === ambient?.sessionId;
    return isOurs && ambient?.fetch ? ambient.fetch(request) : config.fetch(request);
  };
  return { ...config, fetch };
}
