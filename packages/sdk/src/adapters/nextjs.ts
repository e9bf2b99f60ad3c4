import { runInSession } from "../session/ambient.ts";
import { type OpenSession, openSession } from "../session/open-session.ts";
import { endSession, refusalOf, REPLAY_HEADER, type RequestSessionOptions, SESSION_HEADER } from "./request-session.ts";

/** How a handler is wrapped. */
export type WithNoukaiTraceOptions = RequestSessionOptions;

/** The part of a `Request` or `NextRequest` that is read. */
export interface NextjsRequest {
  readonly headers: { get(name: string): string | null };
}

/**
 * Makes each request to a route handler a session: the flows that it calls are recorded together, under the id that the answer's
 * `X-Noukai-Session` tells. A request with `X-Noukai-Replay: <that id>` is answered from the recording, where `NOUKAI_REPLAY_ENABLED`
 * allows it. Errors of a replay are answered as JSON `{error, message}` (400, 403, 404, 409, 410; 500 for a call that was not recorded).
 */
export function withNoukaiTrace<Args extends readonly [NextjsRequest, ...unknown[]]>(
  handler: (...args: Args) => Response | Promise<Response>,
  options: WithNoukaiTraceOptions,
): (...args: Args) => Promise<Response> {
  return async (...args) => {
    try {
      const replaySessionId = args[0].headers.get(REPLAY_HEADER) ?? undefined;
      const open = await openSession({ client: options.client, replaySessionId });
      return await runInSession(open.session, () => answer(open, options, () => handler(...args)));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) return Response.json(refusal.body, { status: refusal.status });
      throw error;
    }
  };
}

async function answer(
  open: OpenSession,
  options: WithNoukaiTraceOptions,
  handle: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return inSession(await handle(), open, options);
  } catch (error) {
    open.close();
    throw error;
  }
}

/** The handler's answer with the session's id. The session lasts as long as its body: it may call flows while it is read. */
function inSession(response: Response, open: OpenSession, options: WithNoukaiTraceOptions): Response {
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  if (open.session.sessionId !== undefined) headers.set(SESSION_HEADER, open.session.sessionId);
  const end = (): void => {
    if (status < 500) endSession(open, options);
    open.close();
  };
  if (!response.body) end();
  return new Response(response.body && readInSession(response.body, open, end), { status, statusText, headers });
}

function readInSession(
  body: ReadableStream<Uint8Array>,
  { session, close }: OpenSession,
  end: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await runInSession(session, () => reader.read()).catch((error: unknown) => {
        close();
        throw error;
      });
      if (!done) return controller.enqueue(value);
      end();
      controller.close();
    },
    cancel(reason) {
      close();
      return reader.cancel(reason);
    },
  });
}
