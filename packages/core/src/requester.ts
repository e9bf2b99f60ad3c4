import type { Client } from "openapi-fetch";
import type { paths } from "./schema.ts";

const METHODS = ["GET", "PUT", "POST", "DELETE"] as const;

/**
 * The contract's paths and shapes, as methods. The types are openapi-fetch's; what is sent is up to us. So of its options only those do
 * something that the contract needs: `params`, `body`, `headers`, `signal`, `fetch` and `parseAs: "stream"`.
 */
export type WireClient = Pick<Client<paths>, (typeof METHODS)[number]>;

type Scalar = string | number | boolean | null | undefined;

/** What a path of the contract is called with. */
interface Init {
  readonly params?: {
    readonly path?: Readonly<Record<string, Scalar>>;
    readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
    readonly header?: Readonly<Record<string, string>>;
  };
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly parseAs?: "stream";
}

/** Makes requests below a base address; their answers come back as data, or as an error's body, by the status. */
export function createRequester(baseUrl: string): WireClient {
  const call =
    (method: string) =>
    async (path: string, init: Init): Promise<object> => {
      const response = await init.fetch(requestOf(baseUrl + fill(path, init.params?.path), method, init));
      return response.ok
        ? { response, data: init.parseAs === "stream" ? response.body : parse(await response.text()) }
        : { response, error: parseIfJson(await response.text()) };
    };
  // The types, which know each path's own shapes, are openapi-fetch's: see docs/decisions.
  return Object.fromEntries(METHODS.map((method) => [method, call(method)])) as unknown as WireClient;
}

function requestOf(url: string, method: string, { params, body, headers, signal }: Init): Request {
  const query = queryOf(params?.query ?? {});
  return new Request(query === "" ? url : `${url}?${query}`, {
    method,
    signal,
    // Redirects are not followed: they would turn a POST into a GET, and may lead to where the key must not go.
    redirect: "manual",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers, ...params?.header },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Fills the parameters into `/seq/{org}/…`. A value that would change the path is refused: `..` is resolved before anything is sent. */
function fill(path: string, values: Readonly<Record<string, Scalar>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? "");
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`\`${name}\` cannot be "${value}".`);
    return encodeURIComponent(value);
  });
}

/** `undefined` and `null` are left out; each member of an array is a pair of its own. */
function queryOf(values: Readonly<Record<string, Scalar | readonly Scalar[]>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const each of [value].flat()) {
      if (each != null) query.append(name, String(each));
    }
  }
  return query.toString();
}

/** An empty body is no data, such as that of a 204. */
function parse(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

function parseIfJson(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text; // a proxy's page
  }
}
