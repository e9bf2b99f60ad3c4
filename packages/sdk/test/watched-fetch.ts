import type { Fetch } from "../src/index.ts";

/** A request as it was made. */
export interface WatchedRequest {
  /** As `POST /seq/acme/spelling/grade-3/v0/jobs`, without the base. */
  readonly line: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Answers as it is told, and keeps what it was asked. */
export interface WatchedFetch {
  readonly fetch: Fetch;
  readonly requests: readonly WatchedRequest[];
  readonly lines: () => readonly string[];
}

/** A `fetch` for a server of this base whose answers are given by `answer`. */
export function watchedFetch(
  answer: (request: WatchedRequest) => Response | Promise<Response>,
  base = "https://server.test/api/v1",
): WatchedFetch {
  const requests: WatchedRequest[] = [];
  return {
    requests,
    lines: () => requests.map(({ line }) => line),
    fetch: async (request) => {
      const text = await request.clone().text();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const asked = { line: `${request.method} ${request.url.replace(base, "")}`, headers: request.headers, body };
      requests.push(asked);
      return answer(asked);
    },
  };
}

/** An error as the server tells it. */
export function refusal(status: number, code: string): Response {
  return Response.json({ detail: { code, message: "For a reason." } }, { status });
}
