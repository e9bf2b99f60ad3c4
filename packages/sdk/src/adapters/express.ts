import { runInSession } from "../session/ambient.ts";
import { openSession } from "../session/open-session.ts";
import { endSession, refusalOf, REPLAY_HEADER, type RequestSessionOptions, SESSION_HEADER } from "./request-session.ts";

/** How the middleware is made. */
export type NoukaiTraceMiddlewareOptions = RequestSessionOptions;

/** The part of Express's, Connect's and Node's own request that is read. */
export interface ExpressRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The part of Express's, Connect's and Node's own response that is written. */
export interface ExpressResponse {
  statusCode: number;
  readonly writableFinished: boolean;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
  once(event: "close", listener: () => void): unknown;
}

/**
 * Makes each request a session: the flows that its handlers call are recorded together, under the id that the answer's `X-Noukai-Session`
 * tells. A request with `X-Noukai-Replay: <that id>` is answered from the recording, where `NOUKAI_REPLAY_ENABLED` allows it. When that
 * recording cannot be had, the answer is JSON `{error, message}` (400, 403, 404, 409, 410); other errors go to `next`.
 */
export function noukaiTraceMiddleware(
  options: NoukaiTraceMiddlewareOptions,
): (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    begin(request, response, { ...options, next }).catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (!refusal) return next(error);
      response.statusCode = refusal.status;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(refusal.body));
    });
  };
}

async function begin(
  { headers }: ExpressRequest,
  response: ExpressResponse,
  { next, ...options }: NoukaiTraceMiddlewareOptions & { readonly next: () => void },
): Promise<void> {
  const replaySessionId = [headers[REPLAY_HEADER]].flat()[0];
  const open = await openSession({ client: options.client, replaySessionId });
  const { sessionId } = open.session;
  // Before any handler runs, so that an answer in pieces has it too.
  if (sessionId !== undefined) response.setHeader(SESSION_HEADER, sessionId);
  response.once("close", () => {
    if (response.writableFinished && response.statusCode < 500) endSession(open, options);
    open.close();
  });
  runInSession(open.session, () => next());
}
