import {
  type Call,
  type Clock,
  type Config,
  type Exchange,
  type JsonAnswer,
  type StreamAnswer,
  Transport,
  type WireClient,
  type WireInit,
} from "@noukai/core";

/** Where the flow of a path is. A relay has one flow, and knows itself which. */
const FLOW = /^\/seq\/\{org\}\/\{project\}\/\{flow\}(\/v\{version\})?/;

interface Init {
  readonly params?: { readonly path?: { readonly version?: number }; readonly query?: object };
  readonly body?: object;
}

type Send = (path: string, init: Init) => unknown;

/** Speaks to a relay: the contract's routes below a flow, beside the relay's route for `execute`. Everything else is as with the server. */
export class RelayTransport extends Transport {
  readonly #executePath: string;
  /** What every request carries, each name with its values. */
  readonly #query: Readonly<Record<string, readonly string[]>>;

  /** The address that the relay executes at, such as `/agent/execute`, perhaps with a query of its own. */
  constructor(config: Config, { pathname, searchParams }: URL, clock?: Clock) {
    super(config, clock);
    this.#executePath = pathname;
    this.#query = Object.fromEntries(Array.from(searchParams.keys(), (name) => [name, searchParams.getAll(name)]));
  }

  override json<Data>(
    call: Call,
    send: (client: WireClient, init: WireInit) => Promise<Exchange<Data>>,
  ): Promise<JsonAnswer<Data>> {
    return super.json(call, (client, init) => send(this.#beside(client), init));
  }

  override stream(
    call: Call,
    send: (client: WireClient, init: WireInit & { readonly parseAs: "stream" }) => Promise<Exchange<unknown>>,
  ): Promise<StreamAnswer> {
    return super.stream(call, (client, init) => send(this.#beside(client), init));
  }

  #beside(client: WireClient): WireClient {
    const { GET, POST } = client as unknown as { readonly GET: Send; readonly POST: Send }; // the contract's types know no relay
    const get: Send = (path, init) => GET(this.#pathOf(path), this.#withQuery(init));
    const post: Send = (path, init) => POST(this.#pathOf(path), this.#withQuery(withVersion(init)));
    return { GET: get, POST: post } as unknown as WireClient; // as above; below a flow there is nothing else
  }

  #withQuery(init: Init): Init {
    return { ...init, params: { ...init.params, query: { ...this.#query, ...init.params?.query } } };
  }

  #pathOf(path: string): string {
    const route = path.replace(FLOW, "");
    return route === "/execute" ? this.#executePath : this.#executePath.replace(/\/[^/]*$/, route);
  }
}

/** A version travels in the body: the path is the relay's, which pins the flow and may refuse to be asked for another version. */
function withVersion(init: Init): Init {
  const version = init.params?.path?.version;
  return version === undefined ? init : { ...init, body: { ...init.body, version: version === 0 ? "draft" : version } };
}
