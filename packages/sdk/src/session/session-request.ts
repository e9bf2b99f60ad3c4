import type { SessionRecording } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { requestJson, type RequestOptions } from "../request-json.ts";

/** What was recorded under a session's id. */
export function requestSession(
  context: ClientContext,
  sessionId: string,
  options: RequestOptions,
): Promise<SessionRecording> {
  return requestJson(
    context,
    {
      operation: `GET sessions/${sessionId}`,
      route: (client, init) => client.GET("/seq/sessions/{sessionId}", { ...init, params: { path: { sessionId } } }),
    },
    options,
  );
}
