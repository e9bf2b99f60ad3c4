import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallScope, type Clock, type Fetch, makeConfig, Transport } from "@noukai/core";

const CALLS = 10_000;
const FLOW = { org: "acme", project: "spelling", flow: "grade-3" };
const atOnce: Clock = { now: () => 0, random: () => 0, sleep: async () => {} };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function events(): Response {
  return new Response("data: 1\n\ndata: 2\n\n", { headers: { "content-type": "text/event-stream" } });
}

const AT_A_TIME = 100;

/** Turns away the first request of each call, which are made a hundred at a time. */
function atSecond(answer: () => Response): Fetch {
  let requests = 0;
  return () => (requests++ % (2 * AT_A_TIME) < AT_A_TIME ? new Response(null, { status: 503 }) : answer());
}

async function json(transport: Transport, scope: CallScope): Promise<void> {
  const send = { params: { path: FLOW }, body: {} };
  const call = { scope, headers: { "idempotency-key": "key-1" } };
  await transport
    .json(call, (client, init) => client.POST("/seq/{org}/{project}/{flow}/execute", { ...init, ...send }))
    .finally(() => scope.close());
}

async function stream(transport: Transport, scope: CallScope, isRead = true): Promise<void> {
  const send = { params: { path: FLOW }, body: {} };
  const call = { scope, headers: { "idempotency-key": "key-1" } };
  try {
    const { frames } = await transport.stream(call, (client, init) =>
      client.POST("/seq/{org}/{project}/{flow}/step", { ...init, ...send }),
    );
    if (isRead) while (await frames.next());
    frames.close();
    expect(getEventListeners(scope.signal, "abort")).toHaveLength(0);
  } finally {
    scope.close();
  }
}

interface Kind {
  readonly name: string;
  readonly fetch: Fetch;
  readonly make: (transport: Transport, scope: CallScope) => Promise<void>;
  readonly fails?: boolean;
}

const deaf: Fetch = () => new Promise(() => {});
const leave = (make: Kind["make"]): Kind["make"] => {
  return async (transport, scope) => {
    const call = make(transport, scope);
    scope.end(new Error("enough"));
    await call;
  };
};

const KINDS: readonly Kind[] = [
  { name: "answered with JSON", fetch: () => Response.json({}), make: json },
  { name: "answered with a stream", fetch: events, make: stream },
  { name: "whose stream is left", fetch: events, make: (transport, scope) => stream(transport, scope, false) },
  { name: "refused", fetch: () => Response.json({}, { status: 404 }), make: json, fails: true },
  { name: "whose stream is refused", fetch: () => Response.json({}, { status: 404 }), make: stream, fails: true },
  { name: "without an answer", fetch: () => Promise.reject(new TypeError("fetch failed")), make: json, fails: true },
  { name: "made again", fetch: atSecond(() => Response.json({})), make: json },
  { name: "whose stream is asked for again", fetch: atSecond(events), make: stream },
  { name: "aborted", fetch: deaf, make: leave(json), fails: true },
  { name: "whose stream is aborted", fetch: deaf, make: leave(stream), fails: true },
];

test.each(KINDS)(
  "ten thousand calls $name leave no listener and no timer",
  async ({ fetch, make, fails = false }) => {
    const [ofCall, ofClient] = [new AbortController().signal, new AbortController().signal];
    const transport = new Transport(makeConfig({ baseUrl: "https://server.test/v" }, { fetch, maxRetries: 1 }), atOnce);
    const once = async (): Promise<boolean> => {
      const scope = new CallScope({
        operation: "a call",
        signals: [ofCall, ofClient],
        timeoutMs: 60_000,
        billed: "possibly",
      });
      return make(transport, scope).then(
        () => false,
        () => true,
      );
    };
    for (let done = 0; done < CALLS; done += AT_A_TIME) {
      const failed = await Promise.all(Array.from({ length: AT_A_TIME }, once));
      expect(failed.every((has) => has === fails)).toBe(true);
    }
    expect(getEventListeners(ofCall, "abort")).toHaveLength(0);
    expect(getEventListeners(ofClient, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  },
  60_000,
);
