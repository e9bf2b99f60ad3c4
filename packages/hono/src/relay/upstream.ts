import { resolveConfig } from "@noukai/core";
import { type Fetch, VERSION } from "@noukai/sdk";
import type { Context } from "hono";
import { RelayRefusal } from "../refusal.ts";
import { readSetting } from "../settings.ts";
import type { RelayOptions } from "./options.ts";

/** Where a relay's requests go, and the key that they go with. */
export interface Upstream {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: Fetch;
}

export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  /** Below the base, with its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly accept: "application/json" | "text/event-stream";
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Ends the request: the caller has gone. The run is told nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Read per request, as a client is made. Throws `ValueError` when there is no key, or the address is one that a key must not be sent to. */
export function upstreamOf(c: Context, options: RelayOptions): Upstream {
  const { apiKey, baseUrl: address, env, allowInsecureBaseUrl, fetch: given } = options;
  const config = { apiKey, baseUrl: address, env, allowInsecureBaseUrl, fetch: given };
  const { baseUrl, fetch } = resolveConfig(config, (name) => readSetting(c, name)); // which throws when there is no key
  return { baseUrl, key: (apiKey ?? readSetting(c, "NOUKAI_API_KEY") ?? "").trim(), fetch };
}

/** One request, never repeated: that is the caller's to do, who knows its idempotency key. Throws 502 `UPSTREAM_UNAVAILABLE`. */
export async function send(upstream: Upstream, request: UpstreamRequest): Promise<Response> {
  const { method, path, body, accept, headers = {}, signal } = request;
  const sent = new Headers({
    accept,
    authorization: `Bearer ${upstream.key}`,
    "user-agent": `noukai-hono/${VERSION}`,
    "x-noukai-on-disconnect": "continue",
  });
  if (body !== undefined) sent.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent.set(name, value);
  // A redirect would take the key along.
  const init = { method, headers: sent, redirect: "manual", ...(body !== undefined && { body }) } as const;
  try {
    return await upstream.fetch(new Request(upstream.baseUrl + path, { ...init, ...(signal && { signal }) }));
  } catch {
    throw new RelayRefusal(502, "UPSTREAM_UNAVAILABLE");
  }
}
