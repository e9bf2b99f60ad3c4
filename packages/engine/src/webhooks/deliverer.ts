import { type Egress, EgressError } from "../egress/egress.ts";
import { EngineError, StoreUnavailableError } from "../errors.ts";
import type { Projects } from "../projects.ts";
import type { Delivery, DeliveryEnd, Store } from "../store/store.ts";
import { type DescribeEnd, messageBody, messageId } from "./message.ts";
import { retryInMs } from "./retries.ts";
import { signedHeaders } from "./signature.ts";

export interface DelivererOptions {
  readonly store: Pick<Store, "claimDeliveries" | "settleDelivery" | "run" | "eventsAfter">;
  readonly projects: Pick<Projects, "webhookSecret" | "signingProjects">;
  readonly egress: Pick<Egress, "request">;
  readonly describe: DescribeEnd;
  readonly now: () => number;
  readonly random: () => number;
  /** Lets time pass. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: { readonly runId?: string; readonly error: unknown }) => void;
}

/** How attempts to deliver webhooks have ended here, and those under way. */
export interface DeliveryCounts {
  readonly delivered: number;
  /** To be tried again. */
  readonly failed: number;
  readonly givenUp: number;
  readonly underWay: number;
}

/** A webhook that nobody will be told any more; the log of the server has it, with why. */
export class WebhookGivenUpError extends EngineError {
  override readonly name: string = "WebhookGivenUpError";
}

/** How long one attempt may take, and after how long without a word another process takes it over, in milliseconds. */
const timeoutMs = 15_000;
const leaseMs = 30_000;

/** Time between two looks when there was nothing to send, in milliseconds. */
const lookEveryMs = 1_000;

/** Attempts at once; what one look brings; and from how many on a host, or a project, is passed over. */
const maxUnderWay = 64;
const lookFor = 4;
const perHost = 4;
const perProject = 24;

/** What came of one attempt; `reason` says why it was not delivered. */
type Attempt =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly isFinal?: boolean; readonly reason: string };

/** Sends webhooks that are due: at least once each, a bounded number at a time, so that whoever answers slowly delays nobody else. */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #underWay = new Map<Delivery, Promise<void>>();
  readonly #halting = new AbortController();
  readonly #counts = { delivered: 0, failed: 0, givenUp: 0 };
  #roomMade = Promise.withResolvers<void>();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  get counts(): DeliveryCounts {
    return { ...this.#counts, underWay: this.#underWay.size };
  }

  /** Sends what is due until `signal` aborts. To be called once. */
  start(signal: AbortSignal): void {
    this.#looking = this.#look(signal);
  }

  /** Lets attempts under way end within `timeoutMs`, then breaks them off: they are due again at once, for the next process. To be called once nothing more is looked for. */
  async drain(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#halting.abort(), timeoutMs);
    await this.#looking;
    await Promise.all(this.#underWay.values());
    clearTimeout(timer);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { onFault } = this.#options;
    while (!signal.aborted) {
      const room = this.#roomMade.promise;
      const claimed = await this.#claim().catch((error: unknown) => {
        if (!signal.aborted) onFault({ error });
        return [];
      });
      for (const delivery of claimed) this.#begin(delivery);
      if (claimed.length === 0) await this.#untilNextLook(room, signal);
    }
  }

  async #claim(): Promise<readonly Delivery[]> {
    const { store, projects } = this.#options;
    const [hosts, busyProjects] = [new Map<string, number>(), new Map<string, number>()];
    for (const { host, projectId } of this.#underWay.keys()) {
      hosts.set(host, (hosts.get(host) ?? 0) + 1);
      busyProjects.set(projectId, (busyProjects.get(projectId) ?? 0) + 1);
    }
    const exceptHosts = [...hosts].flatMap(([host, count]) => (count < perHost ? [] : [host]));
    const projectIds = projects.signingProjects().filter((id) => (busyProjects.get(id) ?? 0) < perProject);
    const limit = Math.min(lookFor, maxUnderWay - this.#underWay.size);
    if (limit === 0 || projectIds.length === 0) return [];
    return store.claimDeliveries({ projectIds, exceptHosts, limit, leaseMs });
  }

  async #untilNextLook(room: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const due = this.#options.rest(lookEveryMs, AbortSignal.any([over.signal, signal]));
    await Promise.race([room, due.catch(() => undefined)]);
    over.abort();
  }

  #begin(delivery: Delivery): void {
    const work = this.#deliver(delivery)
      // The store is gone: the webhook is due again when its lease is over.
      .catch((error: unknown) => this.#options.onFault({ runId: delivery.runId, error }))
      .finally(() => {
        this.#underWay.delete(delivery);
        this.#roomMade.resolve();
        this.#roomMade = Promise.withResolvers<void>();
      });
    this.#underWay.set(delivery, work);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const attempt = await this.#attempt(delivery).catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) throw error;
      this.#options.onFault({ runId: delivery.runId, error });
      return { isDone: false, reason: "the server failed for a reason of its own." } as const;
    });
    const end = this.#endOf(delivery, attempt);
    if (!(await this.#options.store.settleDelivery(delivery, end))) return;
    this.#counts[end.end] += 1;
    if (end.end !== "givenUp" || attempt.isDone) return;
    const times = delivery.attempt === 1 ? "1 attempt" : `${delivery.attempt} attempts`;
    const error = new WebhookGivenUpError(
      "WEBHOOK_GIVEN_UP",
      `The webhook was given up after ${times}: ${attempt.reason}`,
    );
    this.#options.onFault({ runId: delivery.runId, error });
  }

  #endOf({ attempt }: Delivery, result: Attempt): DeliveryEnd {
    if (result.isDone) return { end: "delivered" };
    if (this.#halting.signal.aborted) return { end: "failed", retryInMs: 0 };
    const waitMs = result.isFinal === true ? undefined : retryInMs(attempt, this.#options.random);
    return waitMs === undefined ? { end: "givenUp" } : { end: "failed", retryInMs: waitMs };
  }

  async #attempt({ runId, projectId, url }: Delivery): Promise<Attempt> {
    const { store, projects, describe } = this.#options;
    const body = await messageBody(store, runId, describe);
    if (body === undefined) return { isDone: false, isFinal: true, reason: "its run was deleted." };
    // The project's file was loaded again meanwhile.
    const secret = projects.webhookSecret(projectId);
    if (secret === undefined) return { isDone: false, reason: "the project has no webhookSecret any more." };
    return this.#post(url, { id: messageId(runId), body, secret });
  }

  async #post(
    url: string,
    message: { readonly id: string; readonly body: string; readonly secret: string },
  ): Promise<Attempt> {
    const { egress, now } = this.#options;
    try {
      const { status } = await egress.request({
        url,
        method: "POST",
        headers: { "content-type": "application/json", ...signedHeaders({ ...message, at: now() }) },
        body: message.body,
        timeoutMs,
        maxResponseBytes: 0,
        signal: this.#halting.signal,
      });
      if (status >= 200 && status < 300) return { isDone: true };
      // 410: the receiver wants no more. Source: Standard Webhooks 1.0.0.
      return { isDone: false, isFinal: status === 410, reason: `it was answered with ${status}.` };
    } catch (error) {
      if (error instanceof EgressError) return { isDone: false, reason: error.message };
      if (this.#halting.signal.aborted) return { isDone: false, reason: "the server stopped." };
      throw error;
    }
  }
}
