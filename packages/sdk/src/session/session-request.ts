import { ValueError } from "@noukai/core";
import type { SessionRecording } from "@noukai/core/schema";
import type { ClientContext } from "../context.ts";
import { requestJson, type RequestOptions } from "../request-json.ts";

/** Of any version: the server takes what a caller chose. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** What was recorded under a session's id. Throws `ValueError` for what is no UUID. */
export async function requestSession(
  context: ClientContext,
  sessionId: string,
  options: RequestOptions = {},
): Promise<SessionRecording> {
  if (!isUuid(sessionId)) throw new ValueError(`The session's id is ${JSON.stringify(sessionId)}. It is a UUID.`);
  return requestJson(
    context,
    {
      operation: `GET sessions/${sessionId}`,
      route: (client, init) => client.GET("/seq/sessions/{sessionId}", { ...init, params: { path: { sessionId } } }),
    },
    options,
  );
}
