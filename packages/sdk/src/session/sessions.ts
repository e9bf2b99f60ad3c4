import { emitLog, ValueError } from "@noukai/core";
import type { SessionRecording } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { loaded } from "../loaded.ts";
import type { RequestOptions } from "../request-json.ts";
import type { Session } from "./session.ts";

/** Of any version: the server takes what a caller chose. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Recorded sessions, as `noukai.sessions`. */
export class Sessions {
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** What the session's runs did, in recording order, with the snapshots of those that were captured whole. Kept for 30 days after its latest run. */
  async get(sessionId: string, options: RequestOptions = {}): Promise<SessionRecording> {
    if (!isUuid(sessionId)) throw new ValueError(`The session's id is ${JSON.stringify(sessionId)}. It is a UUID.`);
    const { requestSession } = await loaded(import("./session-request.ts"));
    return requestSession(this.#context, sessionId, options);
  }

  /** @internal Tells the client's logger that a scope was opened or closed. */
  _log(phase: "scope_open" | "scope_close", { sessionId, mode }: Session): void {
    const { onLog } = this.#context.transport.config;
    emitLog(onLog, { phase, operation: mode, attempt: 1, ...(sessionId !== undefined && { sessionId }) });
  }
}
