import { type Clock, type ConnectionOptions, type Fetch, makeConfig, parseUrl, ValueError } from "@noukai/core";
import { ClientContext } from "../context.ts";
import { Flow } from "../flow.ts";
import { loaded } from "../loaded.ts";
import type { Middleware } from "../middleware.ts";
import type { AnyInput, FlowSchemas, InputOf, OutputOf } from "../typed-flow/flow-schemas.ts";
import { RelayTransport } from "./relay-transport.ts";
import type { Tickets } from "./tickets.ts";

/** How a relay is called. */
export interface RelayOptions extends Omit<ConnectionOptions, "defaultHeaders">, FlowSchemas {
  /** The relay's address for `execute`; its other routes lie beside it, and its query goes with every request. In a page it may be relative, such as `/agent/execute`; elsewhere only while nothing is called, as where a page is rendered. */
  readonly url: string;
  /** Gives the ticket (`nkt_…`) that says who is calling, where the relay asks for one. Asked once, and again when the ticket is refused. */
  readonly getTicket?: (() => string | Promise<string>) | undefined;
  /** Sent with every request. Names that the SDK keeps for itself (`Authorization`, `Cookie` …) are left out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Layers around every operation, the outermost first. */
  readonly middleware?: readonly Middleware[] | undefined;
}

/** The flow behind a relay: what a flow can do, but for naming it. */
export type RelayFlow<Input = AnyInput, Output = unknown> = Pick<
  Flow<Input, Output>,
  "execute" | "events" | "steps" | "executeAsync" | "job" | "run"
>;

/**
 * Calls the one flow that a relay lends, from a browser and without a key: the relay, a route of your own server, adds it. Sends nothing;
 * throws `ValueError` for an address that is none. Which version runs is the relay's to say; it may refuse `version`, `blockOverrides`,
 * `inputOverrides` and `trace`.
 *
 * `clock` is for tests: what retries and reconnects wait by.
 */
export function createRelayFlow<const Options extends RelayOptions>(
  options: Options,
  clock?: Clock,
): RelayFlow<InputOf<Options>, OutputOf<Options>> {
  const { url, getTicket, headers, middleware = [], input, output, ...connection } = options as RelayOptions;
  const address = parseRelayUrl(url);
  const { fetch = globalFetch } = connection;
  const tickets = getTicket && ticketsOf(getTicket, fetch);
  const config = makeConfig(
    { baseUrl: address.origin, authorization: tickets && (async () => (await tickets()).current()) },
    {
      ...connection,
      fetch: tickets ? async (request) => (await tickets()).fetch(request) : fetch,
      defaultHeaders: headers,
    },
  );
  const context = new ClientContext(new RelayTransport(config, address, clock), { middleware });
  // Only messages say it.
  const named = { org: "", project: "", flow: address.pathname.split("/").slice(1, -1).join("/") };
  return new Flow(context, { address: named, defaultVersion: "production", schemas: { input, output } });
}

/** Most relays know their callers by a cookie: what keeps tickets is loaded before the first request that needs one. */
function ticketsOf(getTicket: NonNullable<RelayOptions["getTicket"]>, fetch: Fetch): () => Promise<Tickets> {
  let tickets: Tickets | undefined;
  return async () => {
    const { Tickets } = await loaded(import("./tickets.ts"));
    return (tickets ??= new Tickets(getTicket, fetch));
  };
}

/** Stands in for the page's origin where there is no page; nobody can have this name. */
const NO_PAGE = "https://relay.invalid";

/** Looked up at each call: pages wrap it. */
function globalFetch(request: Request): Promise<Response> {
  if (!request.url.startsWith(NO_PAGE)) return globalThis.fetch(request);
  throw new ValueError("`url` is relative to a page, and there is none here. Give the whole address.");
}

function parseRelayUrl(url: string): URL {
  // A server that renders a page makes its flows, too, and calls none of them; no page says there what a relative address is relative to.
  const isUnplaced = globalThis.location === undefined && url.startsWith("/");
  return parseUrl(isUnplaced ? NO_PAGE + url : url, { name: "`url`", example: "/agent/execute" });
}
