import type { OnLog } from "@noukai/core";
import type { SessionRecording } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { loaded } from "../loaded.ts";
import type { RequestOptions } from "../request-json.ts";

/** Recorded sessions, as `noukai.sessions`. */
export class Sessions {
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** What the session's runs did, in recording order, with the snapshots of those that were captured whole. Kept for 30 days after its latest run. */
  async get(sessionId: string, options?: RequestOptions): Promise<SessionRecording> {
    return (await loaded(import("./session-request.ts"))).requestSession(this.#context, sessionId, options);
  }

  /** @internal Told of scopes that are opened and closed. */
  get _onLog(): OnLog | undefined {
    return this.#context.transport.config.onLog;
  }
}
