import type { Context } from "hono";
import { RelayRefusal } from "../refusal.ts";
import { grantFor, ticketOf } from "./caller.ts";
import { memoryStore } from "./memory-store.ts";
import { type FlowPath, flowsOf, type Grant, type RelayCall, type RelayOptions } from "./options.ts";
import { ownedBy, type OwnedRun, remember } from "./owners.ts";
import { toExecutionId } from "./paths.ts";
import type { RelayStore } from "./store.ts";
import type { Ticket } from "./tickets.ts";

/** Somebody who may ask, and for which flow. */
export interface Caller {
  readonly c: Context;
  readonly flow: FlowPath;
  readonly ticket: Ticket | undefined;
  readonly grant: Grant;
  readonly store: RelayStore;
}

/** A run that is its caller's. */
export interface FoundRun {
  readonly caller: Caller;
  readonly executionId: string;
  readonly run: OwnedRun;
}

/** Who gets in, and whose a run is. */
export class Admission {
  readonly #options: RelayOptions;
  readonly #flows: ReadonlyMap<string, FlowPath>;
  readonly #memory: RelayStore;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#flows = flowsOf(options);
    this.#memory = memoryStore({ now: options.now });
  }

  /** The flow that the path names. Throws 404 `FLOW_NOT_FOUND`. */
  flowOf(c: Context): FlowPath {
    const flow = this.#flows.get(this.#options.flows ? (c.req.param("flow") ?? "") : "");
    if (flow) return flow;
    throw new RelayRefusal(404, "FLOW_NOT_FOUND");
  }

  async admit(c: Context, asked: Pick<RelayCall, "operation"> & Partial<RelayCall>): Promise<Caller> {
    const flow = this.flowOf(c);
    const ticket = await ticketOf(c, this.#options);
    const known = { flow: flow.name, version: flow.version, input: undefined, executionId: undefined, ticket };
    const grant = await grantFor(c, { ...known, ...asked }, this.#options);
    const { store = this.#memory } = this.#options;
    return { c, flow, ticket, grant, store: typeof store === "function" ? store(c) : store };
  }

  /** The run that the path names. Throws 404 `RUN_NOT_FOUND`, for another's as for none. */
  async findRun(c: Context, operation: "read" | "cancel"): Promise<FoundRun> {
    const executionId = toExecutionId(c.req.param("executionId"));
    const caller = await this.admit(c, { operation, executionId });
    const run = await this.owned(caller, executionId);
    if (run && executionId !== undefined) return { caller, executionId, run };
    throw new RelayRefusal(404, "RUN_NOT_FOUND");
  }

  /** The run, when it is the caller's: begun here, or named by its ticket. */
  async owned({ store, grant, ticket }: Caller, executionId: string | undefined): Promise<OwnedRun | undefined> {
    if (executionId === undefined) return undefined;
    const run = await ownedBy(store, executionId, grant.user);
    const isLent = ticket?.user === grant.user && ticket.runs?.includes(executionId) === true;
    return run ?? (isLent ? this.unknownRun(grant) : undefined);
  }

  /** Remembers the run that an answer names. To be done before the caller learns of it: it may ask for it at once. */
  async claim({ store, grant }: Caller, executionId: string | undefined, run: OwnedRun): Promise<OwnedRun> {
    const held = executionId === undefined ? run : await remember(store, executionId, run);
    if (held.user === grant.user) return held;
    throw new RelayRefusal(404, "RUN_NOT_FOUND");
  }

  /** What is known of a run that the relay has not begun. */
  unknownRun({ user }: Grant): OwnedRun {
    return { user, hidden: Object.keys(this.#options.parameters ?? {}) };
  }
}
