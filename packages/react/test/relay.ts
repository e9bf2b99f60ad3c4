import type { Fetch } from "@noukai/sdk";
import type { TestServer } from "@noukai/sdk/testing";

/** What a page's server does for it: a relay at `/agent/…`, as a `fetch`, that sends what it gets to one flow, with a key. */
export function relayTo({ fetch, baseUrl, apiKey }: TestServer, flow: string): Fetch {
  return async (request) => {
    const path = new URL(request.url).pathname.replace("/agent", `/seq/${flow}`);
    const { method, signal } = request;
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${apiKey}`);
    const body = method === "GET" ? null : await request.text();
    return fetch(new Request(`${baseUrl}${path}`, { method, headers, body, signal }));
  };
}
