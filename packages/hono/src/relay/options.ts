import { type Fetch, type FlowVersion, type NoukaiOptions, ValueError } from "@noukai/sdk";
import type { Context, Env } from "hono";
import type { RelayInput } from "./input.ts";
import type { RelayLimits } from "./limits.ts";
import type { RelayStore } from "./store.ts";
import type { Ticket, TicketSecret } from "./tickets.ts";

/** A flow, and which version of it runs. */
export interface PinnedFlow {
  /** As `acme/demo/spelling-grader`. */
  readonly flow: string;
  /** Default `"production"`. */
  readonly version?: FlowVersion | undefined;
}

/** What a caller asks a relay for. */
export interface RelayCall {
  /** The flow: its name in `flows`, or as `flow` has it. */
  readonly flow: string;
  /** The version that would run. */
  readonly version: FlowVersion;
  /** `read`: a run, a job or a trace. */
  readonly operation: "execute" | "step" | "jobs" | "read" | "cancel";
  /** What the flow would be called with; `undefined` for `read` and `cancel`, and what goes on with a run may bring nothing. */
  readonly input: RelayInput | undefined;
  /** The run that this is about, once there is one: it may be someone else's, which is then refused. */
  readonly executionId: string | undefined;
  /** What the caller's ticket says, where the relay has a `ticketSecret` and one came. */
  readonly ticket: Ticket | undefined;
}

/** What a caller may do. */
export interface Grant {
  /** Who calls: runs are this user's, and limits count for it. Never empty. */
  readonly user: string;
  /** Added to what the caller gives, and winning over it. Callers neither set nor see them. They must not differ when a request is repeated. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Runs with this instead of what the caller gave. */
  readonly input?: RelayInput | undefined;
  /** Runs this version instead. */
  readonly version?: FlowVersion | undefined;
}

/** What browsers may send only where a relay says so. `inputs` lets them see what each step was given. */
export type Permission =
  | "blockOverrides"
  | "inputOverrides"
  | "trace"
  | "version"
  | "priority"
  | "startAfter"
  | "webhookUrl"
  | "inputs";

/** What a page may send. */
export interface RelayBounds {
  /** Default 262 144. */
  readonly maxBodyBytes?: number | undefined;
  /** Of `messages` and of `toolCallMessages`, each. Default 40. */
  readonly maxMessages?: number | undefined;
  /** Milliseconds in which a body must be there. Default 30 000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Default: none. */
  readonly allow?: readonly Permission[] | undefined;
}

/** What a relay of one flow and one of several have in common. */
export interface RelayCommonOptions<E extends Env> extends Pick<
  NoukaiOptions,
  "apiKey" | "baseUrl" | "env" | "allowInsecureBaseUrl"
> {
  /**
   * Says who calls, and may refuse by throwing: `RelayRefusal`, or anything with a numeric `status` and a text `detail`. Of other errors the
   * caller learns only 403 `FORBIDDEN`. It is asked for every request. Default, with a `ticketSecret`: whoever the ticket names.
   */
  readonly authorize?: ((c: Context<E>, call: RelayCall) => Grant | Promise<Grant>) | undefined;
  /** What `signTicket` signs with. A request with a ticket that is not ours, or has expired, is answered with 401. */
  readonly ticketSecret?: TicketSecret | ((c: Context<E>) => TicketSecret) | undefined;
  /** Added to every call, as a grant's are. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly bounds?: RelayBounds | undefined;
  readonly limits?: RelayLimits | undefined;
  /** What the relay remembers between requests; a function where it is in `c.env`. Default: `memoryStore()`, for a relay that is one process. */
  readonly store?: RelayStore | ((c: Context<E>) => RelayStore) | undefined;
  /** Makes the requests to the server. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** A relay of one flow: `/execute`, `/step` … */
export interface OneFlowOptions<E extends Env = Env> extends RelayCommonOptions<E>, PinnedFlow {
  readonly flows?: undefined;
}

/** A relay of several: `/{name}/execute`, `/{name}/step` … */
export interface ManyFlowsOptions<E extends Env = Env> extends RelayCommonOptions<E> {
  /** Name in the path → flow. No other flow can be reached. */
  readonly flows: Readonly<Record<string, string | PinnedFlow>>;
  readonly flow?: undefined;
  readonly version?: undefined;
}

/** How a relay is made. */
export type RelayOptions<E extends Env = Env> = OneFlowOptions<E> | ManyFlowsOptions<E>;

/** A flow as its server's paths have it. */
export interface FlowPath {
  readonly name: string;
  /** As `/seq/acme/demo/spelling-grader`. */
  readonly path: string;
  readonly version: FlowVersion;
}

const SLUG = "[a-z0-9][a-z0-9-]{0,48}[a-z0-9]";
const REFERENCE = new RegExp(`^${SLUG}/${SLUG}/${SLUG}$`);

/** Name in the path → flow; a relay's one flow has none. Throws `ValueError` for what cannot be a flow or a version. */
export function flowsOf({ flow, version, flows }: RelayOptions): ReadonlyMap<string, FlowPath> {
  if (flow !== undefined) return new Map([["", toPath(flow, { flow, version })]]);
  const entries = Object.entries(flows ?? {});
  if (entries.length === 0) throw new ValueError("The relay has no flow. Give `flow`, or `flows` by their names.");
  return new Map(
    entries.map(([name, pinned]) => [name, toPath(name, typeof pinned === "string" ? { flow: pinned } : pinned)]),
  );
}

function toPath(name: string, { flow, version = "production" }: PinnedFlow): FlowPath {
  if (!REFERENCE.test(flow)) {
    throw new ValueError(`"${flow}" does not name a flow. Write "org/project/slug": a relay is not told more.`);
  }
  versionSegment(version);
  return { name, path: `/seq/${flow}`, version };
}

/** As it stands in the path (contract §1). Throws `ValueError`. */
export function versionSegment(version: FlowVersion): string {
  if (!isVersion(version))
    throw new ValueError('`version` is "draft", "production", or a published version\'s number.');
  if (version === "production") return "";
  return `/v${version === "draft" ? 0 : version}`;
}

export function isVersion(version: unknown): version is FlowVersion {
  const isNumber = typeof version === "number" && Number.isSafeInteger(version) && version >= 1;
  return isNumber || version === "draft" || version === "production";
}
