import { createRelayFlow, type Fetch, type RelayFlow } from "@noukai/sdk";
import { Hono } from "hono";
import { startTestServer, type TestServer } from "../../../apps/server/test/harness.ts";
import { flowRelay, type OneFlowOptions } from "../src/index.ts";

/** A key that stands nowhere else. */
export const KEY = "nk_test_canary00_0123456789abcdef0123456789abcdef";

/** What the relay asked its server for. */
export interface Asked {
  readonly line: string;
  readonly headers: Headers;
  readonly text: string;
}

export interface RelaySetup {
  readonly app: Hono;
  /** In their order. */
  readonly asked: readonly Asked[];
  readonly lines: () => readonly string[];
  /** The flow as a page of that user's has it. */
  readonly flowFor: (user: string, fetch?: (ours: Fetch) => Fetch) => RelayFlow;
  /** A request as anything may send it, from that user. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>;
}

export interface CallOptions {
  /** Default `ann`. */
  readonly user?: string;
  /** Sent as JSON; text and bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An app with a relay at `/agent` whose server is `answer`; users say who they are in `x-user`. */
export function relayTo(answer: Fetch, options: Partial<OneFlowOptions> = {}): RelaySetup {
  const asked: Asked[] = [];
  const fetch: Fetch = async (request) => {
    const line = `${request.method} ${new URL(request.url).pathname.replace("/api/v1/seq/acme/spelling", "")}${new URL(request.url).search}`;
    asked.push({ line, headers: request.headers, text: await request.clone().text() });
    return answer(request);
  };
  const relay = flowRelay({
    flow: "acme/spelling/grade-3",
    apiKey: KEY,
    baseUrl: "https://server.invalid/api/v1",
    authorize: (c) => ({ user: c.req.header("x-user") ?? "" }),
    fetch,
    ...options,
  });
  const app = new Hono().route("/agent", relay) as unknown as Hono; // its routes' types are another test's
  return {
    app,
    asked,
    lines: () => asked.map(({ line }) => line),
    flowFor: (user, wrap = (ours) => ours) =>
      createRelayFlow({
        url: "https://app.test/agent/execute",
        headers: { "x-user": user },
        fetch: wrap((request) => app.fetch(request)),
      }),
    call: async (method, path, call) => app.fetch(requestOf(method, path, call)),
  };
}

function requestOf(method: string, path: string, { user = "ann", body, headers, signal }: CallOptions = {}): Request {
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const init = {
    method,
    headers: { "x-user": user, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body), duplex: "half" }),
    ...(signal && { signal }),
  };
  return new Request(`https://app.test/agent${path}`, init as RequestInit); // its type has no bytes of every memory, and no `duplex`
}

/** A real server behind a relay, in one process. */
export async function relayToServer(
  options: Partial<OneFlowOptions> = {},
  flows?: Readonly<Record<string, string>>,
): Promise<RelaySetup & { readonly server: TestServer }> {
  const server = await startTestServer({ apiKey: KEY, ...(flows && { flows }) });
  return { ...relayTo(async (request) => server.app.fetch(request), options), server };
}

/** `403 FORBIDDEN` */
export async function refusal(response: Response): Promise<string> {
  const { detail } = (await response.json()) as { readonly detail: unknown };
  return `${response.status} ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
}

/** Everything that an answer tells: its head, and as much of its body as comes before it ends or breaks off. */
export async function bytesOf(response: Response): Promise<string> {
  const head = `${response.status} ${JSON.stringify([...response.headers])}\n`;
  if (!response.body) return head;
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    text += String(error instanceof Error ? error.stack : error);
  }
  return head + text;
}
