import { request as requestHttp, Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps, type RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { EngineError } from "../errors.ts";
import { isPublicAddress } from "./addresses.ts";
import { allowsAddress, allowsHost, type Destination, type EgressRule } from "./allow-list.ts";
import { resolveByDns, resolveBySystem, type ResolveHost } from "./resolve.ts";
import { checkUrl, notPublic } from "./url.ts";

/** `EGRESS_REFUSED`: the guard does not let it go. `EGRESS_FAILED`: it went, or tried to, and nothing came back. Names no more than a host. */
export class EgressError extends EngineError {
  override readonly name: string = "EgressError";
  declare readonly code: "EGRESS_REFUSED" | "EGRESS_FAILED";
}

export interface EgressRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it: names, connection, answer. */
  readonly timeoutMs: number;
  /** What is read of the answer's body; the rest is left. */
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal;
}

export interface EgressResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Was there more than `maxResponseBytes`? */
  readonly isCut: boolean;
}

/** The only way out for every address that comes from a tenant or a caller. */
export interface Egress {
  /** Why the address will be refused, without asking anybody; undefined when it may be let go. Completes "webhookUrl …". */
  fault(url: string): string | undefined;
  /**
   * Sends one request. The name is looked up once, each of its addresses is checked, and the connection is made to one of these. Redirects are
   * not followed: their answer is the answer, and whoever goes on to `location` comes through here again. Uses no proxy, keeps no connection
   * and no cookie, unpacks nothing. Rejects with `EgressError`, and with the signal's reason.
   */
  request(request: EgressRequest): Promise<EgressResponse>;
}

export interface EgressOptions {
  /** Default: none. */
  readonly allow?: readonly EgressRule[];
  /** How names become addresses. Default: by DNS; for names in `allow`, as the system does it. */
  readonly resolve?: ResolveHost;
}

export function createEgress({ allow = [], resolve }: EgressOptions = {}): Egress {
  async function addressesOf(to: Destination, signal: AbortSignal): Promise<readonly string[]> {
    if (isIP(to.host) !== 0) return [to.host];
    const isListed = allowsHost(allow, to);
    const find = resolve ?? (isListed ? resolveBySystem : resolveByDns);
    const addresses = await orAborted(() => find(to.host, signal), signal).catch((cause: unknown) => {
      throw new EgressError("EGRESS_FAILED", `${to.host} has no address${codeOf(cause)}.`, { cause });
    });
    const isFit = (address: string): boolean => isIP(address) !== 0 && (isListed || isFitAddress(to, address));
    // One that is not fit spoils them all: nobody means to be found half inside.
    if (addresses.length === 0 || !addresses.every(isFit))
      throw new EgressError("EGRESS_REFUSED", `${to.host}: the address ${notPublic}.`);
    return addresses;
  }

  function isFitAddress(to: Destination, address: string): boolean {
    return allowsAddress(allow, to, address) || (to.protocol === "https:" && isPublicAddress(address));
  }

  return {
    fault: (text) => {
      const check = checkUrl(text, allow);
      return check.ok ? undefined : check.reason;
    },

    async request(request) {
      const check = checkUrl(request.url, allow);
      if (!check.ok) throw new EgressError("EGRESS_REFUSED", `The address ${check.reason}.`);
      const { url, to } = check;
      const timeout = AbortSignal.timeout(request.timeoutMs);
      const signal = AbortSignal.any([request.signal, timeout]);
      try {
        return await send(url, { ...request, signal, addresses: await addressesOf(to, signal) });
      } catch (error) {
        request.signal.throwIfAborted();
        if (timeout.aborted)
          throw new EgressError("EGRESS_FAILED", `${to.host} did not answer within ${request.timeoutMs} ms.`);
        if (error instanceof EgressError) throw error;
        throw new EgressError("EGRESS_FAILED", `${to.host} did not answer${codeOf(error)}.`, { cause: error });
      }
    },
  };
}

/** Of our own, so that neither a proxy that the process's other requests go through nor a connection to elsewhere is ever used. */
const agents = {
  https: new HttpsAgent({ keepAlive: false, maxCachedSessions: 0 }),
  http: new HttpAgent({ keepAlive: false }),
};

interface Sending extends Omit<EgressRequest, "url" | "timeoutMs"> {
  readonly addresses: readonly string[];
}

/** The name stays what the other side is asked for and has to prove; only where it is looked for is decided. */
async function send(
  url: URL,
  { addresses, method, headers, body, maxResponseBytes, signal }: Sending,
): Promise<EgressResponse> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options: RequestOptions = {
    method,
    headers: { "user-agent": "Noukai", ...headers },
    lookup: pinned(addresses),
    signal,
  };
  const outgoing =
    url.protocol === "https:"
      ? requestHttps(url, { ...options, agent: agents.https })
      : requestHttp(url, { ...options, agent: agents.http });
  outgoing.on("response", resolve).on("error", reject);
  outgoing.on("close", () => reject(new Error("The connection was closed without an answer.")));
  outgoing.end(body);
  try {
    const incoming = await promise;
    const { statusCode: status = 0, headers: answered } = incoming;
    // It wants to speak another protocol from here on.
    if (status < 200) throw new Error(`The answer's status is ${status}.`);
    return { status, headers: answered, ...(await readUpTo(incoming, maxResponseBytes)) };
  } finally {
    outgoing.destroy();
  }
}

/** Gives the checked addresses in place of a look-up, so that there is no second answer to get. */
function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, callback) => {
    const [first] = answers;
    if (all === true) callback(null, answers);
    else callback(null, first?.address ?? "", first?.family);
  };
}

async function readUpTo(incoming: IncomingMessage, limit: number): Promise<Pick<EgressResponse, "body" | "isCut">> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (limit === 0) return { body: Buffer.alloc(0), isCut: false };
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), isCut: size > limit };
}

/** Settles as `work` does, or rejects as soon as the signal aborts. */
async function orAborted<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** ` (ECONNREFUSED)`: what the system calls it, and nothing that the other side has written. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
}
